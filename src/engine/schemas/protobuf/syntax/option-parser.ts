/** Options of .proto files, in statements and in brackets, with values in text format where they are messages. For parser.ts. */
import type { OptionValue, ProtoOption } from './nodes'
import type { TokenStream } from './token-stream'
import { unquote } from './tokens'

/** `[a = 1, (b).c = "x"]`, where it stands; else none. */
export function compactOptions(stream: TokenStream): readonly ProtoOption[] {
  if (!stream.maybe('[')) return []
  const options: ProtoOption[] = []
  do options.push(option(stream))
  while (stream.maybe(','))
  stream.expect(']', 'at the end of the options')
  return options
}

/** `name = value`, without the word option and the ';'. */
export function option(stream: TokenStream): ProtoOption {
  const { from } = stream.next
  const parts: { name: string; isExtension: boolean }[] = []
  do {
    if (stream.maybe('(')) {
      parts.push({ name: dottedName(stream, 'the name of an option'), isExtension: true })
      stream.expect(')', 'behind the name of the option')
    } else parts.push({ name: stream.word('the name of an option').text, isExtension: false })
  } while (stream.maybe('.'))
  stream.expect('=', 'and a value behind the name of the option')
  const valueFrom = stream.next.from
  const value = optionValue(stream)
  return { parts, value, from, to: stream.end, valueRange: { from: valueFrom, to: stream.end } }
}

/** `.a.b.C`, as written. */
export function dottedName(stream: TokenStream, what: string): string {
  let name = stream.maybe('.') ? '.' : ''
  name += stream.word(what).text
  while (stream.is('.') && stream.afterNext.kind === 'word') {
    stream.take()
    name += `.${stream.take().text}`
  }
  return name
}

/** Values in each other deeper than this are nobody's, and each is a level of the stack here. */
const depthMax = 64

function optionValue(stream: TokenStream, depth = 0): OptionValue {
  const { next } = stream
  if (depth > depthMax) throw stream.unexpected(`no more than ${depthMax} values in each other`)
  if (stream.is('{')) return messageValue(stream, '}', depth)
  if (stream.is('<')) return messageValue(stream, '>', depth)
  if (stream.is('[')) return listValue(stream, depth)
  if (next.kind === 'string') return { kind: 'string', value: strings(stream) }
  if (stream.is('-') || stream.is('+')) {
    const sign = stream.take().text
    if (stream.next.kind !== 'number' && stream.next.kind !== 'word') throw stream.unexpected('a number behind the sign')
    return { kind: 'number', text: (sign === '-' ? '-' : '') + stream.take().text }
  }
  if (next.kind === 'number') return { kind: 'number', text: stream.take().text }
  if (next.kind === 'word') return { kind: 'identifier', name: dottedName(stream, 'a value') }
  throw stream.unexpected('a value of the option')
}

/** Strings beside each other are one. */
export function strings(stream: TokenStream): string {
  let value = ''
  while (stream.next.kind === 'string') {
    if (stream.next.isOpen) throw stream.unexpected('a string')
    value += unquote(stream.take().text)
  }
  return value
}

function messageValue(stream: TokenStream, close: '}' | '>', depth: number): OptionValue {
  stream.take()
  const entries: { name: string; value: OptionValue }[] = []
  while (!stream.is(close)) {
    const name = entryName(stream)
    const isMessage = stream.is('{') || stream.is('<')
    if (!isMessage) stream.expect(':', `behind '${name}'`)
    entries.push({ name, value: optionValue(stream, depth + 1) })
    if (!stream.maybe(',')) stream.maybe(';')
  }
  stream.take()
  return { kind: 'message', entries }
}

function entryName(stream: TokenStream): string {
  if (!stream.maybe('[')) return stream.word("the name of a field, or '}'").text
  let name = dottedName(stream, 'the name of an extension')
  if (stream.maybe('/')) name += `/${dottedName(stream, 'the name of a type')}`
  stream.expect(']', 'behind the name of the extension')
  return `[${name}]`
}

function listValue(stream: TokenStream, depth: number): OptionValue {
  stream.take()
  const items: OptionValue[] = []
  if (!stream.is(']')) {
    do items.push(optionValue(stream, depth + 1))
    while (stream.maybe(','))
  }
  stream.expect(']', 'at the end of the list')
  return { kind: 'list', items }
}
