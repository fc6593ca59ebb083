/**
 * From JSON to Protobuf's bytes by its JSON mapping. Names as in JSON or as in the file; null stands for a field that is not there. Defaults of fields
 * without presence are left out, as every writer of Protobuf does. A name that is no field is an error, since it would be lost.
 */
import { excerpt, isJsonArray, isJsonObject, JsonNumber, type JsonValue } from '../json-value'
import { rethrowWithin, SerdeError } from '../serde-error'
import { wireOf } from './proto-decoder'
import type { ProtoEnum, ProtoField, ProtoFile, ProtoMessage, ProtoType } from './proto-model'
import { isDefault, parseScalar, wireTypeOf, writeScalar } from './proto-scalar'
import { ProtoWriter, WireType } from './proto-wire'
import { takesNull, wellKnownFields } from './well-known'

/** Throws SerdeError with path and value. */
export function encodeMessage(message: ProtoMessage, json: JsonValue, file: ProtoFile): Buffer {
  const fields = wellKnownFields(message.name, json, (name, inner) => {
    const type = file.find(name)
    if (type === null)
      throw new SerdeError(`the type ${name} is neither in the schema nor in its imports`, JSON.stringify(name)).within('@type')
    return encodeMessage(type, inner, file)
  })
  if (!isJsonObject(fields)) throw new SerdeError(`expected message ${message.name}, found ${excerpt(json)}`, excerpt(json))
  const values = new Map<number, JsonValue>()
  for (const [name, value] of fields) {
    const field = message.byName.get(name)
    if (field === undefined) throw unknownField(message, name, value)
    if (value === null && !isNullValue(field.type)) continue
    if (values.has(field.id))
      throw new SerdeError(`'${field.name}' is there twice, under both of its names`, excerpt(value)).within(name)
    values.set(field.id, value)
  }
  checkOneofs(message, values)
  const writer = new ProtoWriter()
  for (const field of message.fields) {
    const value = values.get(field.id)
    try {
      if (value !== undefined) writeField(field, value, writer, file)
      else if (field.isRequired) throw new SerdeError(`the field is missing, and message ${message.name} requires it`)
    } catch (error) {
      rethrowWithin(error, field.jsonName)
    }
  }
  return writer.finish()
}

function writeField(field: ProtoField, value: JsonValue, writer: ProtoWriter, file: ProtoFile): void {
  if (field.mapKey !== null) return writeMap(field, value, writer, file)
  if (!field.isRepeated) return writeValue(field.type, field.id, value, writer, file, !field.hasPresence)
  if (!isJsonArray(value)) throw new SerdeError(`expected a list, found ${excerpt(value)}`, excerpt(value))
  const packed = field.isPacked && value.length > 0 ? new ProtoWriter() : null
  for (const [index, item] of value.entries()) {
    try {
      if (packed === null) writeValue(field.type, field.id, item, writer, file, false)
      else if (field.type.kind === 'scalar') writeScalar(field.type.scalar, parseScalar(field.type.scalar, item), packed)
      else if (field.type.kind === 'enum') packed.varint(parseEnum(field.type.enum, item))
    } catch (error) {
      rethrowWithin(error, index)
    }
  }
  if (packed === null) return
  writer.tag(field.id, WireType.bytes)
  writer.bytes(packed.finish())
}

function writeMap(field: ProtoField, value: JsonValue, writer: ProtoWriter, file: ProtoFile): void {
  if (!isJsonObject(value)) throw new SerdeError(`expected an object, found ${excerpt(value)}`, excerpt(value))
  for (const [key, item] of value) {
    try {
      const entry = new ProtoWriter()
      const keyKind = field.mapKey!
      entry.tag(1, wireTypeOf(keyKind))
      writeScalar(keyKind, parseScalar(keyKind, keyKind === 'bool' ? boolKey(key) : key), entry)
      writeValue(field.type, 2, item, entry, file, false)
      writer.tag(field.id, WireType.bytes)
      writer.bytes(entry.finish())
    } catch (error) {
      rethrowWithin(error, key)
    }
  }
}

function boolKey(key: string): JsonValue {
  return key === 'true' ? true : key === 'false' ? false : key
}

function writeValue(
  type: ProtoType,
  id: number,
  json: JsonValue,
  writer: ProtoWriter,
  file: ProtoFile,
  skipsDefault: boolean,
): void {
  if (type.kind === 'message') {
    const bytes = encodeMessage(type.message, json, file)
    writer.tag(id, wireOf(type))
    if (!type.isGroup) return writer.bytes(bytes)
    writer.raw(bytes)
    return writer.tag(id, WireType.endGroup)
  }
  if (type.kind === 'enum') {
    const number = parseEnum(type.enum, json)
    if (skipsDefault && number === 0n) return
    writer.tag(id, WireType.varint)
    return writer.varint(number)
  }
  const value = parseScalar(type.scalar, json)
  if (skipsDefault && isDefault(value)) return
  writer.tag(id, wireTypeOf(type.scalar))
  writeScalar(type.scalar, value, writer)
}

/** A name, or a number where the name is not known; sign-extended as Protobuf writes negative ones. */
function parseEnum(type: ProtoEnum, json: JsonValue): bigint {
  if (json === null && type.name === 'google.protobuf.NullValue') return 0n
  if (json instanceof JsonNumber) return parseScalar('int32', json) as bigint
  const number = typeof json === 'string' ? type.numbers.get(json) : undefined
  if (number !== undefined) return BigInt(number)
  const names = [...type.numbers.keys()]
  const shown = names.slice(0, 12).join(', ') + (names.length > 12 ? ', …' : '')
  throw new SerdeError(`${excerpt(json)} is no value of enum ${type.name}: ${shown}`, excerpt(json))
}

function checkOneofs(message: ProtoMessage, values: ReadonlyMap<number, JsonValue>): void {
  const taken = new Map<string, ProtoField>()
  for (const field of message.fields) {
    if (field.oneof === null || !values.has(field.id)) continue
    const other = taken.get(field.oneof)
    if (other === undefined) taken.set(field.oneof, field)
    else
      throw new SerdeError(`only one of oneof ${field.oneof} may be there, and '${other.jsonName}' is as well`).within(
        field.jsonName,
      )
  }
}

const isNullValue = (type: ProtoType): boolean =>
  (type.kind === 'message' && takesNull(type.message.name)) ||
  (type.kind === 'enum' && type.enum.name === 'google.protobuf.NullValue')

function unknownField(message: ProtoMessage, name: string, value: JsonValue): SerdeError {
  const names = message.fields.map(({ jsonName }) => jsonName)
  const near = names.find((known) => known.toLowerCase() === name.toLowerCase())
  const hint =
    near === undefined
      ? `its fields are ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}`
      : `did you mean '${near}'?`
  return new SerdeError(`message ${message.name} has no such field: ${hint}`, excerpt(value)).within(name)
}
