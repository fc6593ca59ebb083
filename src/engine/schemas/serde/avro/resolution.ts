/** The rules of Avro's schema resolution as questions of two types: do names match, which branch, which field, which promotion. Pure. */
import { type AvroField, type AvroNamed, type AvroRecord, type AvroType, type AvroUnion, simpleName } from './avro-type'
import type { Raw } from './scalar'

/** Without their namespaces, or the writer's full name among the reader's aliases. */
export function namesMatch(writer: AvroNamed, reader: AvroNamed): boolean {
  return simpleName(writer.name) === simpleName(reader.name) || reader.aliases.includes(writer.name)
}

/** The writer's field that a reader's field is read from, by name and then by alias; -1 where there is none. */
export function matchWriterField(writer: AvroRecord, field: AvroField): number {
  const named = writer.fields.findIndex(({ name }) => name === field.name)
  return named >= 0 ? named : writer.fields.findIndex(({ name }) => field.aliases.includes(name))
}

/**
 * What turns a raw value of the writer's scalar type into one of the reader's: identity, or a promotion (int to long, float, double; long to
 * float, double; float to double; string and bytes to one another). null: there is none.
 */
export function promotion(writer: AvroType, reader: AvroType): ((raw: Raw) => Raw) | null {
  if (writer.kind === 'fixed' && reader.kind === 'fixed')
    return namesMatch(writer, reader) && writer.size === reader.size ? same : null
  if (writer.kind === 'record' || writer.kind === 'enum' || writer.kind === 'fixed') return null
  if (writer.kind === 'array' || writer.kind === 'map' || writer.kind === 'union') return null
  if (writer.kind === reader.kind) return same
  switch (`${writer.kind}>${reader.kind}`) {
    case 'int>long':
    case 'float>double':
      return same
    case 'int>float':
    case 'long>float':
      return (raw) => Math.fround(Number(raw))
    case 'int>double':
    case 'long>double':
      return (raw) => Number(raw)
    case 'string>bytes':
      return (raw) => Buffer.from(raw as string, 'utf8')
    case 'bytes>string':
      return (raw) => Buffer.from(raw as Uint8Array).toString('utf8')
    default:
      return null
  }
}

const same = (raw: Raw): Raw => raw

/**
 * The branch of a reader's union for a writer's type that is none: the same type and full name first, then the same name without namespace or
 * by alias, then the first promotion. -1: none reads it.
 */
export function matchBranch(writer: AvroType, union: AvroUnion): number {
  const exact = union.branches.findIndex(
    (branch) => branch.kind === writer.kind && (!('name' in branch) || branch.name === (writer as AvroNamed).name),
  )
  if (exact >= 0) return exact
  if (writer.kind === 'record' || writer.kind === 'enum' || writer.kind === 'fixed') {
    return union.branches.findIndex((branch) => branch.kind === writer.kind && namesMatch(writer, branch))
  }
  return union.branches.findIndex((branch) => promotion(writer, branch) !== null)
}
