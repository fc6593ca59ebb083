/**
 * Turns a declaration into the function that writes it in one version. A value that the version cannot carry throws EncodeError: null
 * where it must not be, an integer out of range, and, in a request, a field that the version lacks and that must not be dropped. What a
 * response cannot say in the version that the client chose is left out: the handler writes the newest form for everybody.
 */
import { EncodeError, within } from '../wire-error'
import type { RecordsSource, Writer } from '../writer'
import { isInBody, isTagged } from './compile-decoder'
import { type AnyStruct, defaultOf, isDefault } from './defaults'
import type { FieldDeclaration, Fields, ScalarType, UnknownTaggedField } from './fields'
import { includesVersion } from './versions'

export type Direction = 'request' | 'response'
type Write = (writer: Writer, value: unknown) => void

function integer(type: string, lowest: number, highest: number, write: (writer: Writer, value: number) => void): Write {
  return (writer, value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < lowest || value > highest) {
      throw new EncodeError(`${String(value)} is not of type ${type}`)
    }
    write(writer, value)
  }
}

function typed<T>(type: string, is: (value: unknown) => value is T, write: (writer: Writer, value: T) => void): Write {
  return (writer, value) => {
    if (!is(value)) throw new EncodeError(`${String(value)} is not of type ${type}`)
    write(writer, value)
  }
}

const isString = (value: unknown): value is string => typeof value === 'string'
const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array
const isRecords = (value: unknown): value is Uint8Array | RecordsSource =>
  value instanceof Uint8Array || (typeof value === 'object' && value !== null && 'readInto' in value)

function scalarWriter(type: ScalarType, flexible: boolean): Write {
  switch (type) {
    case 'bool':
      return typed(
        type,
        (value) => typeof value === 'boolean',
        (writer, value) => writer.bool(value),
      )
    case 'int8':
      return integer(type, -0x80, 0x7f, (writer, value) => writer.int8(value))
    case 'int16':
      return integer(type, -0x8000, 0x7fff, (writer, value) => writer.int16(value))
    case 'uint16':
      return integer(type, 0, 0xffff, (writer, value) => writer.int16(value))
    case 'int32':
      return integer(type, -0x80000000, 0x7fffffff, (writer, value) => writer.int32(value))
    case 'uint32':
      return integer(type, 0, 0xffffffff, (writer, value) => writer.int32(value | 0))
    case 'int64n':
      return integer(type, -(2 ** 63), 2 ** 63, (writer, value) => writer.int64n(value))
    case 'int64':
      return typed(
        type,
        (value): value is bigint => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
        (writer, value) => writer.int64(value),
      )
    case 'float64':
      return typed(
        type,
        (value) => typeof value === 'number',
        (writer, value) => writer.float64(value),
      )
    case 'uuid':
      return typed(type, isString, (writer, value) => writer.uuid(value))
    case 'string':
      return typed(type, isString, (writer, value) => writer.string(value, flexible))
    case 'bytes':
      return typed(type, isBytes, (writer, value) => writer.data(value, flexible))
    case 'records':
      return typed(type, isRecords, (writer, value) => writer.records(value, flexible))
  }
}

function writeNull(field: FieldDeclaration, flexible: boolean): (writer: Writer) => void {
  if (field.type === 'struct') return (writer) => writer.int8(-1)
  if (field.type === 'string') return (writer) => writer.string(null, flexible)
  return (writer) => writer.dataLength(-1, flexible)
}

function arrayWriter(element: ScalarType | Fields, version: number, flexible: boolean, direction: Direction): Write {
  const write =
    typeof element === 'string' ? scalarWriter(element, flexible) : compileEncoder(element, version, flexible, direction)
  return (writer, value) => {
    if (!Array.isArray(value)) throw new EncodeError(`${String(value)} is not an array`)
    writer.dataLength(value.length, flexible)
    let index = 0
    try {
      for (; index < value.length; index++) write(writer, value[index])
    } catch (error) {
      throw within(error, `[${index}]`)
    }
  }
}

function fieldWriter(field: FieldDeclaration, version: number, flexible: boolean, direction: Direction): Write {
  const nullable = includesVersion(field.options.nullable, version)
  const write = notNullWriter(field, nullable, version, flexible, direction)
  if (!nullable) return write
  const writeAbsent = writeNull(field, flexible)
  return (writer, value) => (value === null ? writeAbsent(writer) : write(writer, value))
}

function notNullWriter(
  field: FieldDeclaration,
  nullable: boolean,
  version: number,
  flexible: boolean,
  direction: Direction,
): Write {
  if (field.type === 'array') return arrayWriter(field.element ?? 'int8', version, flexible, direction)
  if (field.type !== 'struct') return scalarWriter(field.type, flexible)
  const write = compileEncoder(field.element as Fields, version, flexible, direction)
  if (!nullable) return write
  return (writer, value) => {
    writer.int8(1)
    write(writer, value)
  }
}

/** The type checker holds required fields; this holds them for values that come around it. */
function isRequired(field: FieldDeclaration): boolean {
  const { default: fallback, ignorable, tag } = field.options
  return field.versions === '0+' && fallback === undefined && ignorable === undefined && tag === undefined
}

function bodyWriter(field: FieldDeclaration, version: number, flexible: boolean, direction: Direction): Write | null {
  if (isTagged(field, version)) return null
  const fallback = defaultOf(field)
  if (isInBody(field, version)) {
    const write = fieldWriter(field, version, flexible, direction)
    if (isRequired(field)) return write
    return (writer, value) => write(writer, value === undefined ? fallback : value)
  }
  if (direction === 'response' || field.options.ignorable === true) return null
  return (_writer, value) => {
    if (!isDefault(value, fallback)) throw new EncodeError(`cannot be said in version ${version}`)
  }
}

/** The writer of a whole struct, tags included. */
export function compileEncoder(fields: Fields, version: number, flexible: boolean, direction: Direction): Write {
  const names: string[] = []
  const writes: Write[] = []
  for (const [name, field] of Object.entries(fields)) {
    const write = bodyWriter(field, version, flexible, direction)
    if (write === null) continue
    names.push(name)
    writes.push(write)
  }
  const writeTags = flexible ? tagsWriter(fields, version, direction) : null
  const count = names.length
  return (writer, input) => {
    if (typeof input !== 'object' || input === null) throw new EncodeError(`${String(input)} is not a struct`)
    const value = input as AnyStruct
    let index = 0
    try {
      for (; index < count; index++) writes[index]!(writer, value[names[index]!])
    } catch (error) {
      throw within(error, names[index]!)
    }
    if (writeTags !== null) writeTags(writer, value)
  }
}

interface TaggedWriter {
  readonly tag: number
  readonly name: string
  readonly fallback: unknown
  readonly write: Write
}

function tagsWriter(fields: Fields, version: number, direction: Direction): (writer: Writer, value: AnyStruct) => void {
  const known: TaggedWriter[] = Object.entries(fields)
    .filter(([, field]) => isTagged(field, version))
    .map(([name, field]) => ({
      tag: field.options.tag ?? -1,
      name,
      fallback: defaultOf(field),
      write: fieldWriter(field, version, true, direction),
    }))
    .sort((left, right) => left.tag - right.tag)
  return (writer, value) => {
    const unknown = value['unknownTaggedFields'] as readonly UnknownTaggedField[] | undefined
    const present = known.filter((field) => !isDefault(value[field.name], field.fallback))
    if (present.length === 0 && unknown === undefined) {
      writer.int8(0)
      return
    }
    writer.unsignedVarint(present.length + (unknown?.length ?? 0))
    for (const field of present) {
      writer.unsignedVarint(field.tag)
      try {
        writer.sized(() => field.write(writer, value[field.name]))
      } catch (error) {
        throw within(error, field.name)
      }
    }
    for (const { tag, data } of [...(unknown ?? [])].sort((left, right) => left.tag - right.tag)) {
      writer.unsignedVarint(tag)
      writer.unsignedVarint(data.length)
      writer.raw(data)
    }
  }
}
