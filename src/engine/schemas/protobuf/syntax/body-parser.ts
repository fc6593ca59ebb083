/** What stands between braces in a .proto file: messages, enums, oneofs, groups, extensions and their fields. For parser.ts. */
import type {
  FieldLabel,
  NumberRange,
  ProtoEnum,
  ProtoEnumValue,
  ProtoExtend,
  ProtoExtensions,
  ProtoField,
  ProtoMessage,
  ProtoOneof,
  ProtoOption,
  ProtoReserved,
  ProtoType,
  TypeUse,
} from './nodes'
import { compactOptions, dottedName, option } from './option-parser'
import { SyntaxFailure, type TokenStream } from './token-stream'
import { unquote } from './tokens'

/** The most that a field's number may be. */
export const fieldNumberMax = 536_870_911
const enumNumberMax = 2_147_483_647
/** Deeper than this nobody nests messages; protoc stops far earlier, and each level is one of the stack here. */
const depthMax = 64

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer I)[] ? I[] : T[K] }
type MessageParts = Mutable<Pick<ProtoMessage, 'fields' | 'oneofs' | 'reserved' | 'extensions' | 'options' | 'types' | 'extends'>>

/** The statements between braces; one that cannot be read is left out. Answers where the body begins. */
export function bodyOf(stream: TokenStream, what: string, statement: () => void): number {
  const bodyFrom = stream.expect('{', `at the beginning of ${what}`).to
  while (!stream.is('}')) {
    if (stream.isAtEnd) {
      stream.unexpected(`'}' at the end of ${what}`)
      return bodyFrom
    }
    if (stream.maybe(';')) continue
    try {
      statement()
    } catch (error) {
      if (!(error instanceof SyntaxFailure)) throw error
      stream.skipStatement()
    }
  }
  stream.take()
  return bodyFrom
}

export function messageOf(stream: TokenStream, depth = 0): ProtoMessage {
  const doc = stream.docBefore()
  const { from } = stream.take()
  const { text: name, ...nameRange } = stream.word('the name of the message')
  const parts = emptyParts()
  const bodyFrom = messageBody(stream, parts, depth)
  return { kind: 'message', name, nameRange: place(nameRange), doc, bodyFrom, ...parts, from, to: stream.end }
}

const emptyParts = (): MessageParts => ({
  fields: [],
  oneofs: [],
  reserved: [],
  extensions: [],
  options: [],
  types: [],
  extends: [],
})
const place = ({ from, to }: { from: number; to: number }) => ({ from, to })

function messageBody(stream: TokenStream, parts: MessageParts, depth: number): number {
  if (depth > depthMax) throw stream.unexpected(`no more than ${depthMax} messages in each other`)
  return bodyOf(stream, 'the message', () => {
    // Words of the language are names of types and fields as well: what follows tells.
    const { next, afterNext } = stream
    const opens = next.kind === 'word' && afterNext.kind === 'word'
    if (next.text === 'message' && opens) parts.types.push(messageOf(stream, depth + 1))
    else if (next.text === 'enum' && opens) parts.types.push(enumOf(stream))
    else if (next.text === 'oneof' && opens) parts.oneofs.push(oneofOf(stream, parts.types, depth))
    else if (next.text === 'extend' && (opens || afterNext.text === '.')) parts.extends.push(extendOf(stream, parts.types, depth))
    else if (next.text === 'option' && (opens || afterNext.text === '(')) {
      stream.take()
      parts.options.push(option(stream))
      stream.semicolon('the option')
    } else if (next.text === 'reserved' && (afterNext.kind === 'number' || afterNext.kind === 'string'))
      parts.reserved.push(reservedOf(stream, fieldNumberMax))
    else if (next.text === 'extensions' && afterNext.kind === 'number') parts.extensions.push(extensionsOf(stream))
    else parts.fields.push(fieldOf(stream, parts.types, depth))
  })
}

export function enumOf(stream: TokenStream): ProtoEnum {
  const doc = stream.docBefore()
  const { from } = stream.take()
  const { text: name, ...nameRange } = stream.word('the name of the enum')
  const values: ProtoEnumValue[] = []
  const reserved: ProtoReserved[] = []
  const options: ProtoOption[] = []
  const bodyFrom = bodyOf(stream, 'the enum', () => {
    const { afterNext } = stream
    if (stream.is('option') && afterNext.text !== '=') {
      stream.take()
      options.push(option(stream))
      stream.semicolon('the option')
    } else if (stream.is('reserved') && afterNext.text !== '=') reserved.push(reservedOf(stream, enumNumberMax))
    else values.push(enumValue(stream))
  })
  return { kind: 'enum', name, nameRange: place(nameRange), doc, bodyFrom, values, reserved, options, from, to: stream.end }
}

function enumValue(stream: TokenStream): ProtoEnumValue {
  const before = stream.docBefore()
  const { text: name, from, ...rest } = stream.word('the name of a value of the enum')
  stream.expect('=', `and a number behind '${name}'`)
  const { number, range } = integer(stream, `the number of '${name}'`)
  const options = compactOptions(stream)
  stream.semicolon(`'${name}'`)
  const doc = before ?? stream.docBehind()
  return { kind: 'value', name, nameRange: { from, to: rest.to }, number, numberRange: range, options, doc, from, to: stream.end }
}

function oneofOf(stream: TokenStream, types: ProtoType[], depth: number): ProtoOneof {
  const doc = stream.docBefore()
  const { from } = stream.take()
  const { text: name, ...nameRange } = stream.word('the name of the oneof')
  const fields: ProtoField[] = []
  const options: ProtoOption[] = []
  bodyOf(stream, 'the oneof', () => {
    if (stream.is('option') && (stream.afterNext.kind === 'word' || stream.afterNext.text === '(')) {
      stream.take()
      options.push(option(stream))
      stream.semicolon('the option')
    } else fields.push(fieldOf(stream, types, depth))
  })
  return { kind: 'oneof', name, nameRange: place(nameRange), doc, fields, options, from, to: stream.end }
}

/** `types`: of the message around, where messages of groups belong. */
export function extendOf(stream: TokenStream, types: ProtoType[], depth = 0): ProtoExtend {
  const { from } = stream.take()
  const extended = typeUse(stream)
  const fields: ProtoField[] = []
  bodyOf(stream, 'the extension', () => {
    fields.push(fieldOf(stream, types, depth))
  })
  return { extended, fields, from, to: stream.end }
}

const labels: ReadonlySet<string> = new Set(['optional', 'required', 'repeated'])

function fieldOf(stream: TokenStream, types: ProtoType[], depth: number): ProtoField {
  const before = stream.docBefore()
  const { from } = stream.next
  let label: FieldLabel | null = null
  let labelRange = null
  if (labels.has(stream.next.text) && (stream.afterNext.kind === 'word' || stream.afterNext.text === '.')) {
    const token = stream.take()
    label = token.text as FieldLabel
    labelRange = place(token)
  }
  const typeFrom = stream.next.from
  if (stream.is('group') && stream.afterNext.kind === 'word')
    return groupOf(stream, { before, from, label, labelRange, typeFrom }, types, depth)
  const { type, mapKey } = fieldType(stream)
  const { text: name, ...nameRange } = stream.word(`the name of a field behind its type '${type.name}'`)
  stream.expect('=', `and a number behind '${name}'`)
  const { number, range } = integer(stream, `the number of '${name}'`)
  const options = compactOptions(stream)
  stream.semicolon(`the field '${name}'`)
  const doc = before ?? stream.docBehind()
  return {
    kind: 'field',
    name,
    nameRange: place(nameRange),
    doc,
    label,
    labelRange,
    typeFrom,
    type,
    mapKey,
    number,
    numberRange: range,
    options,
    group: null,
    from,
    to: stream.end,
  }
}

function fieldType(stream: TokenStream): { readonly type: TypeUse; readonly mapKey: TypeUse | null } {
  if (!stream.is('map') || stream.afterNext.text !== '<') return { type: typeUse(stream), mapKey: null }
  stream.take()
  stream.take()
  const mapKey = typeUse(stream)
  stream.expect(',', 'and the type of the values')
  const type = typeUse(stream)
  stream.expect('>', 'behind the type of the values')
  return { type, mapKey }
}

function typeUse(stream: TokenStream): TypeUse {
  const { from } = stream.next
  const name = dottedName(stream, 'the name of a type')
  return { name, from, to: stream.end }
}

interface FieldHead {
  readonly before: string | null
  readonly from: number
  readonly label: FieldLabel | null
  readonly labelRange: { readonly from: number; readonly to: number } | null
  readonly typeFrom: number
}

/** A group is a message and a field of it, named as the message in small letters. */
function groupOf(
  stream: TokenStream,
  { before, from, label, labelRange, typeFrom }: FieldHead,
  types: ProtoType[],
  depth: number,
): ProtoField {
  stream.take()
  const { text: name, ...named } = stream.word('the name of the group')
  const nameRange = place(named)
  stream.expect('=', `and a number behind '${name}'`)
  const { number, range } = integer(stream, `the number of '${name}'`)
  const options = compactOptions(stream)
  const parts = emptyParts()
  const bodyFrom = messageBody(stream, parts, depth + 1)
  const group: ProtoMessage = { kind: 'message', name, nameRange, doc: before, bodyFrom, ...parts, from, to: stream.end }
  types.push(group)
  return {
    kind: 'field',
    name: name.toLowerCase(),
    nameRange,
    doc: before,
    label,
    labelRange,
    typeFrom,
    type: { name, ...nameRange },
    mapKey: null,
    number,
    numberRange: range,
    options,
    group,
    from,
    to: stream.end,
  }
}

function integer(stream: TokenStream, what: string) {
  const { from } = stream.next
  const isNegative = stream.maybe('-')
  const { text } = stream.next
  if (stream.next.kind !== 'number' || !/^(?:0[xX][0-9a-fA-F]+|[0-9]+)$/.test(text)) throw stream.unexpected(what)
  stream.take()
  const isOctal = /^0[0-7]+$/.test(text)
  const value = isOctal ? Number.parseInt(text, 8) : Number(text)
  return { number: isNegative ? -value : value, range: { from, to: stream.end } }
}

function reservedOf(stream: TokenStream, max: number): ProtoReserved {
  const { from } = stream.take()
  const ranges: NumberRange[] = []
  const names: { name: string; from: number; to: number }[] = []
  do {
    if (stream.next.kind === 'string' && !stream.next.isOpen) {
      const token = stream.take()
      names.push({ name: unquote(token.text), ...place(token) })
    } else ranges.push(numberRange(stream, max))
  } while (stream.maybe(','))
  stream.semicolon('what is reserved')
  return { ranges, names, from, to: stream.end }
}

function extensionsOf(stream: TokenStream): ProtoExtensions {
  const { from } = stream.take()
  const ranges: NumberRange[] = []
  do ranges.push(numberRange(stream, fieldNumberMax))
  while (stream.maybe(','))
  const options = compactOptions(stream)
  stream.semicolon('the numbers of extensions')
  return { ranges, options, from, to: stream.end }
}

function numberRange(stream: TokenStream, max: number): NumberRange {
  const { from } = stream.next
  const { number: start } = integer(stream, 'a number, or a name in quotes')
  const isSpan = stream.maybe('to')
  if (!isSpan) return { start, end: start, isSpan, isMax: false, from, to: stream.end }
  const isMax = stream.maybe('max')
  const end = isMax ? max : integer(stream, "the last number, or 'max'").number
  return { start, end, isSpan, isMax, from, to: stream.end }
}
