/**
 * From Protobuf's bytes to JSON by its JSON mapping: names in camel case, fields without presence always shown, those with presence when they are there,
 * of a oneof the last one. Fields that the schema does not know have no place in JSON and are left out, as every reader of Protobuf does.
 */
import { jsonCharactersMax } from '../json-value'
import { rethrowWithin, SerdeError } from '../serde-error'
import type { ProtoField, ProtoFile, ProtoMessage, ProtoType, ScalarKind } from './proto-model'
import { readScalar, scalarText, wireTypeOf } from './proto-scalar'
import { ProtoReader, protoDepthMax, WireType } from './proto-wire'
import { wellKnownText } from './well-known'

/** JSON text of the message in `bytes`. Throws SerdeError. `base` is where they stand in the payload. */
export function decodeMessage(message: ProtoMessage, bytes: Uint8Array, file: ProtoFile, depth = 0, base = 0): string {
  if (depth > protoDepthMax) throw new SerdeError(`nested deeper than ${protoDepthMax} messages, at byte ${base}`, null, base)
  const found = collect(message, bytes, base)
  const below = (inner: ProtoMessage, part: Uint8Array, at: number): string => decodeMessage(inner, part, file, depth + 1, at)
  let json = ''
  for (const field of message.fields) {
    const text = fieldText(field, found.get(field.id), below)
    if (text !== null) json += `${json === '' ? '' : ','}${JSON.stringify(field.jsonName)}:${text}`
  }
  return wellKnownText(message.name, `{${json}}`, (name, bytes) => {
    const inner = file.find(name)
    return inner === null ? null : below(inner, bytes, base)
  })
}

/** A value of a field as it was found: bytes of messages wait until all of them are there, since a message that comes twice is merged. */
export type Found = string | { readonly bytes: Buffer; readonly base: number }

/** All fields of a message by number. */
function collect(message: ProtoMessage, bytes: Uint8Array, base: number): ReadonlyMap<number, Found[]> {
  const reader = new ProtoReader(bytes, base)
  const found = new Map<number, Found[]>()
  while (!reader.isAtEnd) {
    const { id, wire } = reader.tag()
    const field = message.byId.get(id)
    if (field === undefined) {
      reader.skip(id, wire)
      continue
    }
    try {
      const values = readField(field, wire, reader)
      if (field.oneof !== null)
        for (const other of message.fields) if (other.oneof === field.oneof && other !== field) found.delete(other.id)
      const earlier = found.get(id)
      if (earlier === undefined) found.set(id, values)
      else for (const value of values) earlier.push(value)
    } catch (error) {
      rethrowWithin(error, field.jsonName)
    }
  }
  return found
}

function readField(field: ProtoField, wire: WireType, reader: ProtoReader): Found[] {
  const { type } = field
  const expected = field.mapKey !== null ? WireType.bytes : wireOf(type)
  if (wire === WireType.startGroup && expected === WireType.startGroup) {
    const base = reader.position
    return [{ bytes: reader.group(field.id), base }]
  }
  // Both forms of a repeated number are read, whichever the schema asks for.
  if (wire === WireType.bytes && expected !== WireType.bytes && field.isRepeated && type.kind !== 'message') {
    const start = reader.position
    const packed = new ProtoReader(reader.bytes('packed items'), start)
    const values: Found[] = []
    while (!packed.isAtEnd) values.push(readValue(type, packed))
    return values
  }
  if (wire !== expected) throw reader.fail(`written with wire type ${wire}, and the schema's type has ${expected}`)
  if (type.kind === 'message' || field.mapKey !== null) {
    const bytes = reader.bytes('a message')
    return [{ bytes, base: reader.position - bytes.length }]
  }
  return [readValue(type, reader)]
}

function fieldText(field: ProtoField, found: readonly Found[] | undefined, below: Below): string | null {
  try {
    if (field.mapKey !== null) return mapText(field, field.mapKey, found ?? [], below)
    if (field.isRepeated) return listText(field, found ?? [], below)
    if (found === undefined) return field.hasPresence ? null : absentText(field.type)
    if (field.type.kind !== 'message') return found[found.length - 1] as string
    const parts = found as readonly Exclude<Found, string>[]
    return below(
      field.type.message,
      parts.length === 1 ? parts[0]!.bytes : Buffer.concat(parts.map(({ bytes }) => bytes)),
      parts[0]!.base,
    )
  } catch (error) {
    return rethrowWithin(error, field.jsonName)
  }
}

type Below = (message: ProtoMessage, bytes: Uint8Array, base: number) => string

function listText(field: ProtoField, found: readonly Found[], below: Below): string {
  const { type } = field
  if (type.kind !== 'message') return `[${found.join(',')}]`
  let length = 0
  const items = found.map((value, index) => {
    const part = value as Exclude<Found, string>
    try {
      const text = below(type.message, part.bytes, part.base)
      length += text.length
      if (length > jsonCharactersMax) throw new SerdeError(`more than ${jsonCharactersMax} characters of JSON`, null, part.base)
      return text
    } catch (error) {
      return rethrowWithin(error, index)
    }
  })
  return `[${items.join(',')}]`
}

function mapText(field: ProtoField, keyKind: ScalarKind, found: readonly Found[], below: Below): string {
  const entries = new Map<string, string>()
  for (const value of found) {
    const { bytes, base } = value as Exclude<Found, string>
    const reader = new ProtoReader(bytes, base)
    let key = scalarText(keyKind, keyKind === 'string' ? '' : keyKind === 'bool' ? false : 0n)
    let text: string | null = null
    while (!reader.isAtEnd) {
      const { id, wire } = reader.tag()
      if (id === 1 && wire === wireTypeOf(keyKind)) key = scalarText(keyKind, readScalar(keyKind, reader, 'a key'))
      else if (id === 2 && wire === wireOf(field.type)) text = entryText(field.type, reader, below, key)
      else reader.skip(id, wire)
    }
    text ??= field.type.kind === 'message' ? below(field.type.message, Buffer.alloc(0), base) : absentText(field.type)
    entries.set(key.startsWith('"') ? key : `"${key}"`, text)
  }
  return `{${Array.from(entries, ([key, text]) => `${key}:${text}`).join(',')}}`
}

function entryText(type: ProtoType, reader: ProtoReader, below: Below, key: string): string {
  try {
    if (type.kind !== 'message') return readValue(type, reader)
    const bytes = reader.bytes('a message')
    return below(type.message, bytes, reader.position - bytes.length)
  } catch (error) {
    return rethrowWithin(error, key.replace(/^"|"$/g, ''))
  }
}

function readValue(type: ProtoType, reader: ProtoReader): string {
  if (type.kind === 'scalar') return scalarText(type.scalar, readScalar(type.scalar, reader, `a ${type.scalar}`))
  const number = Number(readScalar('int32', reader, 'an enum'))
  return enumText(type, number)
}

function enumText(type: ProtoType, number: number): string {
  if (type.kind !== 'enum') return ''
  if (type.enum.name === 'google.protobuf.NullValue') return 'null'
  const name = type.enum.names.get(number)
  return name === undefined ? String(number) : `"${name}"`
}

function absentText(type: ProtoType): string {
  if (type.kind === 'enum') return enumText(type, 0)
  if (type.kind === 'message') return '{}'
  if (type.scalar === 'string' || type.scalar === 'bytes') return '""'
  if (type.scalar === 'bool') return 'false'
  return scalarText(type.scalar, type.scalar === 'double' || type.scalar === 'float' ? 0 : 0n)
}

export function wireOf(type: ProtoType): WireType {
  if (type.kind === 'message') return type.isGroup ? WireType.startGroup : WireType.bytes
  return type.kind === 'enum' ? WireType.varint : wireTypeOf(type.scalar)
}
