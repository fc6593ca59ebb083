/**
 * Reads a .proto text, proto2 and proto3, to a tree, with every syntax error at its place: a statement that cannot be read is left out and
 * reading goes on behind it. An own parser because protobufjs' keeps neither places nor comments nor all options, and stops at the first error.
 */
import type { SchemaProblem } from '../../format'
import { bodyOf, enumOf, extendOf, messageOf } from './body-parser'
import type { ProtoExtend, ProtoFile, ProtoImport, ProtoMethod, ProtoOption, ProtoService, ProtoType, TypeUse } from './nodes'
import { dottedName, option, strings } from './option-parser'
import { SyntaxFailure, TokenStream } from './token-stream'
import { unquote } from './tokens'

export interface ReadProto {
  readonly file: ProtoFile
  /** Syntax only. The tree has what could be read. */
  readonly problems: readonly SchemaProblem[]
}

export function readProto(text: string): ReadProto {
  const reader = new FileReader(text)
  const file = reader.file()
  return { file, problems: reader.stream.problems }
}

class FileReader {
  readonly stream: TokenStream
  private syntax: ProtoFile['syntax'] = null
  private package: ProtoFile['package'] = null
  private readonly imports: ProtoImport[] = []
  private readonly options: ProtoOption[] = []
  private readonly types: ProtoType[] = []
  private readonly extends: ProtoExtend[] = []
  private readonly services: ProtoService[] = []

  constructor(private readonly text: string) {
    this.stream = new TokenStream(text)
  }

  file(): ProtoFile {
    const { stream } = this
    while (!stream.isAtEnd) {
      if (stream.maybe(';')) continue
      if (stream.is('}')) {
        stream.report(stream.take(), "A '}' too many.", 'Remove it.')
        continue
      }
      try {
        this.statement()
      } catch (error) {
        if (!(error instanceof SyntaxFailure)) throw error
        stream.skipStatement()
      }
    }
    const { text, syntax, imports, options, types, services } = this
    return { text, syntax, package: this.package, imports, options, types, extends: this.extends, services }
  }

  private statement(): void {
    const { stream } = this
    switch (stream.next.kind === 'word' ? stream.next.text : '') {
      case 'syntax':
      case 'edition':
        return this.syntaxStatement()
      case 'package':
        return this.packageStatement()
      case 'import':
        return this.importStatement()
      case 'option':
        stream.take()
        this.options.push(option(stream))
        return stream.semicolon('the option')
      case 'message':
        this.types.push(messageOf(stream))
        return
      case 'enum':
        this.types.push(enumOf(stream))
        return
      case 'extend':
        this.extends.push(extendOf(stream, this.types))
        return
      case 'service':
        this.services.push(this.service())
        return
      default:
        throw stream.unexpected(
          "a statement of a .proto file ('message', 'enum', 'import', 'package', 'option', 'service' or 'extend')",
        )
    }
  }

  private syntaxStatement(): void {
    const { stream } = this
    const { from, text } = stream.take()
    stream.expect('=', `behind '${text}'`)
    if (stream.next.kind !== 'string' || stream.next.isOpen) throw stream.unexpected(`'"proto3"' or '"proto2"'`)
    const nameRange = { from: stream.next.from, to: stream.next.to }
    const name = unquote(stream.take().text)
    if (this.syntax !== null) stream.report({ from, to: stream.end }, 'The syntax is stated twice.', 'Remove one of the two.')
    stream.semicolon('the syntax')
    this.syntax ??= { name, nameRange, isEdition: text === 'edition', from, to: stream.end }
  }

  private packageStatement(): void {
    const { stream } = this
    const { from } = stream.take()
    const nameFrom = stream.next.from
    const name = dottedName(stream, 'the name of the package')
    const nameRange = { from: nameFrom, to: stream.end }
    stream.semicolon('the package')
    if (this.package !== null) stream.report({ from, to: stream.end }, 'The package is stated twice.', 'Remove one of the two.')
    this.package ??= { name, nameRange, from, to: stream.end }
  }

  private importStatement(): void {
    const { stream } = this
    const { from } = stream.take()
    const modifier = stream.maybe('public') ? 'public' : stream.maybe('weak') ? 'weak' : null
    if (stream.next.kind !== 'string') throw stream.unexpected('the path of a file, in quotes')
    const pathFrom = stream.next.from
    const path = strings(stream)
    const pathRange = { from: pathFrom, to: stream.end }
    stream.semicolon('the import')
    this.imports.push({ path, pathRange, modifier, from, to: stream.end })
  }

  private service(): ProtoService {
    const { stream } = this
    const doc = stream.docBefore()
    const { from } = stream.take()
    const { text: name, ...nameRange } = stream.word('the name of the service')
    const methods: ProtoMethod[] = []
    const options: ProtoOption[] = []
    bodyOf(stream, 'the service', () => {
      if (stream.is('option')) {
        stream.take()
        options.push(option(stream))
        stream.semicolon('the option')
      } else if (stream.is('rpc')) methods.push(this.method())
      else throw stream.unexpected("'rpc' or 'option'")
    })
    return { kind: 'service', name, nameRange, doc, methods, options, from, to: stream.end }
  }

  private method(): ProtoMethod {
    const { stream } = this
    const doc = stream.docBefore()
    const { from } = stream.take()
    const { text: name, ...nameRange } = stream.word('the name of the method')
    const request = this.messageOfMethod()
    stream.expect('returns', 'and the type of the answer')
    const response = this.messageOfMethod()
    const options: ProtoOption[] = []
    if (stream.is('{')) {
      bodyOf(stream, 'the method', () => {
        stream.expect('option', 'in a method')
        options.push(option(stream))
        stream.semicolon('the option')
      })
      stream.maybe(';')
    } else stream.semicolon('the method')
    return {
      kind: 'method',
      name,
      nameRange,
      doc,
      request: request.type,
      isRequestStream: request.isStream,
      response: response.type,
      isResponseStream: response.isStream,
      options,
      from,
      to: stream.end,
    }
  }

  private messageOfMethod(): { readonly type: TypeUse; readonly isStream: boolean } {
    const { stream } = this
    stream.expect('(', 'and the name of a message')
    // A message may be named 'stream' itself.
    const { next, afterNext } = stream
    const isName = afterNext.text === ')' || (afterNext.text === '.' && afterNext.from === next.to)
    const isStream = next.text === 'stream' && !isName
    if (isStream) stream.take()
    const { from } = stream.next
    const name = dottedName(stream, 'the name of a message')
    const type = { name, from, to: stream.end }
    stream.expect(')', 'behind the name of the message')
    return { type, isStream }
  }
}
