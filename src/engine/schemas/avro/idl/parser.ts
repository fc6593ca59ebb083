/**
 * Reads Avro IDL (Idl.g4 of Avro 1.12: protocols, and the bare syntax with namespace and schema) to declarations as JSON nodes with the places
 * of the IDL. Goes on behind errors at the next field or declaration. Names are left as written: assemble.ts resolves them, and the Avro parser
 * judges what they stand for.
 */
import type { SourceRange } from '../../format'
import type { JsonMember, JsonNode, JsonObject } from '../../json-text'
import type { TypeName } from '../model'
import { qualify } from '../names'
import type { ProblemList } from '../parse/problems'
import { type Annotation, IdlFault } from './cursor'
import { listNode, memberNode, objectNode, place, textNode } from './nodes'
import { type DocComment, type Token, tokenize } from './tokens'
import { IdlTypeReader, typeForDefault } from './types'

export interface IdlDeclaration {
  readonly name: TypeName
  readonly node: JsonObject
  readonly nameRange: SourceRange
}

export interface IdlDocument {
  readonly namespace: string | null
  readonly declarations: readonly IdlDeclaration[]
  /** What `schema …;` names; null where nothing does. */
  readonly main: JsonNode | null
  readonly isProtocol: boolean
}

/** Words that begin a declaration: where one stands, something before it was not closed. */
const declarators = new Set(['record', 'error', 'enum', 'fixed', 'import', 'protocol', 'namespace', 'schema'])

export function readIdl(text: string, problems: ProblemList): IdlDocument {
  return new IdlReader(tokenize(text, problems), problems).document()
}

class IdlReader extends IdlTypeReader {
  private namespace: string | null = null
  private main: JsonNode | null = null
  private readonly declarations: IdlDeclaration[] = []

  document(): IdlDocument {
    const start = this.at
    const annotations = this.guarded(() => this.annotations()) ?? []
    const isProtocol = this.isWord('protocol')
    if (isProtocol) this.guarded(() => this.protocol(annotations))
    else {
      this.at = start
      while (this.peek().kind !== 'end') this.topLevel()
    }
    while (this.peek().kind !== 'end') {
      const from = this.peek()
      this.problems.error(
        { from: from.from, to: this.tokens[this.tokens.length - 1]!.to },
        '',
        'There is text behind the end of the protocol.',
      )
      this.at = this.tokens.length - 1
    }
    return { namespace: this.namespace, declarations: this.declarations, main: this.main, isProtocol }
  }

  private protocol(annotations: readonly Annotation[]): void {
    this.next()
    const name = this.identifier('The protocol has no name.')
    const own = annotations.find((annotation) => annotation.name === 'namespace')
    this.namespace = qualify(name.value, own?.value.kind === 'string' ? own.value.value : null).namespace
    const open = this.expect('{')
    while (!this.isSymbol('}')) {
      if (this.peek().kind === 'end') {
        this.problems.error(place(open), '', 'This protocol is not closed: its } is missing.')
        return
      }
      this.topLevel()
    }
    this.next()
  }

  private topLevel(): void {
    const start = this.at
    const done = this.guarded(() => {
      if (this.isWord('import')) return this.importStatement()
      if (this.isWord('namespace')) return this.namespaceStatement()
      if (this.isWord('schema')) return this.schemaStatement()
      const { doc } = this.peek()
      const annotations = this.annotations()
      if (this.isWord('record') || this.isWord('error')) this.record(annotations, doc)
      else if (this.isWord('enum')) this.enumeration(annotations, doc)
      else if (this.isWord('fixed')) this.fixed(annotations, doc)
      else this.message()
      return true
    })
    if (done === undefined && this.at === start) this.next()
  }

  private importStatement(): true {
    const word = this.next()
    let last = word
    while (!this.isSymbol(';') && this.peek().kind !== 'end' && !this.isSymbol('}')) last = this.next()
    if (this.isSymbol(';')) last = this.next()
    this.problems.error({ from: word.from, to: last.to }, '', 'Imports are not followed: a schema of a registry stands alone.', {
      hint: 'Register what is imported as a subject of its own and add a reference to it, or copy its types into this text.',
    })
    return true
  }

  private namespaceStatement(): true {
    this.next()
    this.namespace = this.identifier('The namespace is missing.').value
    this.expect(';')
    return true
  }

  private schemaStatement(): true {
    const word = this.next()
    const main = this.type()
    if (this.main) this.problems.error(place(word), '', 'A text has one schema: this is a second.')
    else this.main = main
    this.expect(';')
    return true
  }

  /** Of a protocol; no part of a schema. Its types are read, so that what is wrong with them is told. */
  private message(): void {
    if (this.isWord('void')) this.next()
    else this.type()
    this.identifier('A declaration or a message is expected here: record, enum, fixed, error.')
    this.expect('(')
    while (!this.isSymbol(')')) {
      this.type()
      this.variable(null)
      if (!this.isSymbol(',')) break
      this.next()
    }
    this.expect(')')
    if (this.isWord('oneway')) this.next()
    else if (this.isWord('throws')) {
      do {
        this.next()
        this.identifier('The name of an error is missing.')
      } while (this.isSymbol(','))
    }
    this.expect(';')
  }

  private record(annotations: readonly Annotation[], doc: DocComment | null): void {
    const kind = this.next()
    const name = this.identifier(`This ${kind.value} has no name.`)
    const open = this.expect('{')
    const fields: JsonNode[] = []
    while (!this.isSymbol('}')) {
      const { kind: nextKind } = this.peek()
      if (nextKind === 'end' || this.beginsDeclaration()) {
        this.problems.error(place(open), '', `The ${kind.value} ${name.value} is not closed: its } is missing.`)
        break
      }
      const start = this.at
      const read = this.guarded(() => this.fields())
      if (read) fields.push(...read)
      else if (this.at === start) this.next()
    }
    const close = this.isSymbol('}') ? this.next() : open
    this.declare(kind, name, annotations, doc, close, [
      memberNode('fields', listNode(fields, { from: open.from, to: close.to }), name),
    ])
  }

  /** record and enum could be types of fields only in backticks, so that a name behind them begins a declaration. */
  private beginsDeclaration(): boolean {
    const [first, second, third] = [this.peek(), this.tokens[this.at + 1], this.tokens[this.at + 2]]
    if (first.kind !== 'identifier' || first.isQuoted || !declarators.has(first.value)) return false
    return second?.kind === 'identifier' && (third?.value === '{' || third?.value === '(')
  }

  private fields(): readonly JsonNode[] {
    const { doc } = this.peek()
    const type = this.type()
    const fields = [this.field(type, doc)]
    while (this.isSymbol(',')) {
      this.next()
      fields.push(this.field(type, doc))
    }
    this.expect(';')
    return fields
  }

  private field(type: JsonNode, doc: DocComment | null): JsonNode {
    const { name, annotations, value, ownDoc } = this.variable(doc)
    const members: JsonMember[] = [
      memberNode('name', textNode(name.value, name)),
      memberNode('type', typeForDefault(type, value), type),
    ]
    if (ownDoc) members.push(memberNode('doc', textNode(ownDoc.text, ownDoc)))
    if (value) members.push(memberNode('default', value))
    members.push(...annotations.map((annotation) => memberNode(annotation.name, annotation.value, annotation.nameRange)))
    this.reserved(annotations, ['name', 'type', 'doc', 'default'])
    return objectNode(members, { from: Math.min(type.from, name.from), to: (value ?? name).to })
  }

  private variable(doc: DocComment | null) {
    const ownDoc = this.peek().doc ?? doc
    const annotations = this.annotations()
    const name = this.identifier('The name of a field is missing here.')
    if (!this.isSymbol('=')) return { name, annotations, value: null, ownDoc }
    this.next()
    return { name, annotations, value: this.json(), ownDoc }
  }

  private enumeration(annotations: readonly Annotation[], doc: DocComment | null): void {
    const kind = this.next()
    const name = this.identifier('This enum has no name.')
    const open = this.expect('{')
    const symbols: JsonNode[] = []
    while (!this.isSymbol('}')) {
      this.annotations()
      const symbol = this.identifier('A symbol is expected here.')
      symbols.push(textNode(symbol.value, symbol))
      if (this.isSymbol(',')) this.next()
      else if (this.peek().kind === 'identifier' && !this.beginsDeclaration())
        this.report(this.peek(), 'A comma is missing before this symbol.', ',')
      else if (!this.isSymbol('}')) this.fail(open, `The enum ${name.value} is not closed: its } is missing.`)
    }
    const close = this.next()
    const members = [memberNode('symbols', listNode(symbols, { from: open.from, to: close.to }), name)]
    if (this.isSymbol('=')) {
      this.next()
      const fallback = this.identifier('The default symbol is missing.')
      members.push(memberNode('default', textNode(fallback.value, fallback)))
      this.expect(';')
    }
    this.declare(kind, name, annotations, doc, close, members)
  }

  private fixed(annotations: readonly Annotation[], doc: DocComment | null): void {
    const kind = this.next()
    const name = this.identifier('This fixed has no name.')
    this.expect('(')
    const size = this.json()
    const close = this.expect(')')
    this.expect(';')
    this.declare(kind, name, annotations, doc, close, [memberNode('size', size)])
  }

  private declare(
    kind: Token,
    name: Token,
    annotations: readonly Annotation[],
    doc: DocComment | null,
    last: SourceRange,
    body: readonly JsonMember[],
  ): void {
    const own = annotations.find((annotation) => annotation.name === 'namespace')
    const namespace = own?.value.kind === 'string' ? own.value.value : this.namespace
    const members = [memberNode('type', textNode(kind.value, kind)), memberNode('name', textNode(name.value, name))]
    if (doc) members.push(memberNode('doc', textNode(doc.text, doc)))
    members.push(...body)
    for (const { name: key, value, nameRange } of annotations)
      if (key !== 'namespace') members.push(memberNode(key, value, nameRange))
    this.reserved(annotations, ['type', 'name', 'doc', 'fields', 'symbols', 'size'])
    this.declarations.push({
      name: qualify(name.value, namespace),
      node: objectNode(members, { from: kind.from, to: last.to }),
      nameRange: place(name),
    })
  }

  /** Behind a fault reading goes on at the next field or declaration. */
  private guarded<T>(read: () => T): T | undefined {
    try {
      return read()
    } catch (fault) {
      if (!(fault instanceof IdlFault)) throw fault
      let depth = 0
      for (;;) {
        const token = this.peek()
        if (token.kind === 'end') return undefined
        if (depth === 0 && (this.isSymbol('}') || this.beginsDeclaration())) return undefined
        this.next()
        if (token.kind === 'symbol' && token.value === '{') depth++
        if (token.kind === 'symbol' && token.value === '}') depth--
        if (depth === 0 && token.kind === 'symbol' && (token.value === ';' || token.value === '}')) return undefined
      }
    }
  }
}
