/**
 * Turns a declaration into the function that reads it in one version. All decisions about versions, nullability and flexible encoding
 * are taken here, once; what runs for a message is a list of closures.
 */
import type { Reader } from '../reader'
import { within } from '../wire-error'
import { type AnyStruct, structDefaults } from './defaults'
import type { FieldDeclaration, Fields, ScalarType, UnknownTaggedField } from './fields'
import { includesVersion } from './versions'

export type Read = (reader: Reader) => unknown

const FIXED: { readonly [S in ScalarType]?: { readonly size: number; readonly read: Read } } = {
  bool: { size: 1, read: (reader) => reader.bool() },
  int8: { size: 1, read: (reader) => reader.int8() },
  int16: { size: 2, read: (reader) => reader.int16() },
  uint16: { size: 2, read: (reader) => reader.uint16() },
  int32: { size: 4, read: (reader) => reader.int32() },
  uint32: { size: 4, read: (reader) => reader.uint32() },
  int64: { size: 8, read: (reader) => reader.int64() },
  int64n: { size: 8, read: (reader) => reader.int64n() },
  float64: { size: 8, read: (reader) => reader.float64() },
  uuid: { size: 16, read: (reader) => reader.uuid() },
}

function scalarReader(type: ScalarType, nullable: boolean, flexible: boolean): Read {
  const fixed = FIXED[type]
  if (fixed !== undefined) return fixed.read
  const read: Read = type === 'string' ? (reader) => reader.string(flexible) : (reader) => reader.data(flexible)
  return nullable ? read : (reader) => read(reader) ?? reader.fail('is null')
}

function scalarSize(type: ScalarType, flexible: boolean): number {
  const fixed = FIXED[type]
  if (fixed !== undefined) return fixed.size
  if (flexible) return 1
  return type === 'string' ? 2 : 4
}

/** The least bytes that a field takes: what bounds the length of an array before anything is allocated for it. */
function fieldSizeMin(field: FieldDeclaration, version: number, flexible: boolean): number {
  if (!isInBody(field, version)) return 0
  if (field.type === 'array') return flexible ? 1 : 4
  if (field.type === 'struct') return field.options.nullable ? 1 : structSizeMin(field.element as Fields, version, flexible)
  return scalarSize(field.type, flexible)
}

function structSizeMin(fields: Fields, version: number, flexible: boolean): number {
  return Object.values(fields).reduce((sum, field) => sum + fieldSizeMin(field, version, flexible), flexible ? 1 : 0)
}

/** Whether a field stands in the body of its struct, and not among its tags. */
export function isInBody(field: FieldDeclaration, version: number): boolean {
  return includesVersion(field.versions, version) && !includesVersion(field.options.tagged, version)
}

export function isTagged(field: FieldDeclaration, version: number): boolean {
  return includesVersion(field.versions, version) && includesVersion(field.options.tagged, version)
}

function arrayReader(element: ScalarType | Fields, nullable: boolean, version: number, flexible: boolean): Read {
  const isScalar = typeof element === 'string'
  const readElement = isScalar ? scalarReader(element, false, flexible) : compileDecoder(element, version, flexible)
  const size = Math.max(1, isScalar ? scalarSize(element, flexible) : structSizeMin(element, version, flexible))
  return (reader) => {
    const length = reader.arrayLength(flexible, size)
    if (length === -1) return nullable ? null : reader.fail('is null')
    const values: unknown[] = []
    let index = 0
    try {
      for (; index < length; index++) values.push(readElement(reader))
    } catch (error) {
      throw within(error, `[${index}]`)
    }
    return values
  }
}

function fieldReader(field: FieldDeclaration, version: number, flexible: boolean): Read {
  const nullable = includesVersion(field.options.nullable, version)
  if (field.type === 'array') return arrayReader(field.element ?? 'int8', nullable, version, flexible)
  if (field.type !== 'struct') return scalarReader(field.type, nullable, flexible)
  const read = compileDecoder(field.element as Fields, version, flexible)
  if (!nullable) return read
  return (reader) => (reader.int8() < 0 ? null : read(reader))
}

/** The reader of a whole struct, tags included. */
export function compileDecoder(fields: Fields, version: number, flexible: boolean): (reader: Reader) => AnyStruct {
  // Every field in declared order, from the bytes or at its default: a template that is copied and then written over costs half as much again.
  const template = structDefaults(fields)
  const names = Object.keys(fields)
  const reads = Object.entries(fields).map(([name, field]): Read => {
    const fallback = template[name]
    return isInBody(field, version) ? fieldReader(field, version, flexible) : () => fallback
  })
  const readTags = flexible ? tagsReader(fields, version) : null
  const count = names.length
  return (reader) => {
    const value: AnyStruct = {}
    let index = 0
    try {
      for (; index < count; index++) value[names[index]!] = reads[index]!(reader)
    } catch (error) {
      throw within(error, names[index]!)
    }
    if (readTags !== null) readTags(reader, value)
    return value
  }
}

function tagsReader(fields: Fields, version: number): (reader: Reader, value: AnyStruct) => void {
  const known = new Map<number, { readonly name: string; readonly read: Read }>()
  for (const [name, field] of Object.entries(fields)) {
    if (isTagged(field, version)) known.set(field.options.tag ?? -1, { name, read: fieldReader(field, version, true) })
  }
  return (reader, value) => {
    const count = reader.unsignedVarint()
    if (count === 0) return
    if (count * 2 > reader.remaining) reader.fail(`${count} tagged fields do not fit the ${reader.remaining} bytes left`)
    const unknown: UnknownTaggedField[] = []
    for (let index = 0; index < count; index++) {
      const tag = reader.unsignedVarint()
      const size = reader.unsignedVarint()
      const start = reader.position
      const field = known.get(tag)
      if (field === undefined) {
        unknown.push({ tag, data: reader.view(size) })
        continue
      }
      try {
        value[field.name] = field.read(reader)
        if (reader.position !== start + size) reader.fail(`tagged field took ${reader.position - start} bytes of ${size}`, start)
      } catch (error) {
        throw within(error, field.name)
      }
    }
    if (unknown.length > 0) value['unknownTaggedFields'] = unknown
  }
}
