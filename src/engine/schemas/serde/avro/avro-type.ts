/**
 * An Avro schema as its codec sees it: names resolved to nodes (recursive types are cycles), defaults kept as JSON, logical types that are
 * valid. Reads what the registry stores, so it checks no more than encoding needs: names and defaults are the schema format's business.
 */
import type { ReferencedTexts } from '../../format'
import {
  excerpt,
  isJsonArray,
  isJsonObject,
  JsonNumber,
  type JsonObject,
  JsonSyntaxError,
  type JsonValue,
  parseJson,
} from '../json-value'
import { type LogicalType, readLogicalType } from './logical-type'

export const primitiveNames = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const
export type PrimitiveName = (typeof primitiveNames)[number]

export interface AvroPrimitive {
  readonly kind: PrimitiveName
  readonly logical: LogicalType | null
}
export interface AvroFixed {
  readonly kind: 'fixed'
  /** Full name. */
  readonly name: string
  readonly aliases: readonly string[]
  readonly size: number
  readonly logical: LogicalType | null
}
export interface AvroEnum {
  readonly kind: 'enum'
  readonly name: string
  readonly aliases: readonly string[]
  readonly symbols: readonly string[]
  readonly default: string | null
}
export interface AvroField {
  readonly name: string
  readonly aliases: readonly string[]
  readonly type: AvroType
  /** undefined: has none. */
  readonly default: JsonValue | undefined
  readonly doc: string | null
}
export interface AvroRecord {
  readonly kind: 'record'
  readonly name: string
  readonly aliases: readonly string[]
  /** Filled while the schema is read, since a field may name the record itself. */
  readonly fields: readonly AvroField[]
}
export interface AvroArray {
  readonly kind: 'array'
  readonly items: AvroType
}
export interface AvroMap {
  readonly kind: 'map'
  readonly values: AvroType
}
export interface AvroUnion {
  readonly kind: 'union'
  readonly branches: readonly AvroType[]
}
export type AvroNamed = AvroFixed | AvroEnum | AvroRecord
export type AvroType = AvroPrimitive | AvroNamed | AvroArray | AvroMap | AvroUnion

/** The text is no Avro schema. `message` says where by name. */
export class AvroSchemaError extends Error {
  override readonly name = 'AvroSchemaError'
}

/** Reads a schema and, before it, everything that it refers to. Throws {@link AvroSchemaError}. */
export function readAvroType(text: string, references: ReferencedTexts): AvroType {
  const names = new Map<string, AvroNamed>()
  for (const [name, referenced] of references) readText(referenced, names, `the referenced schema '${name}'`)
  return readText(text, names, 'the schema')
}

/** How the branch of a union is named in the tagged JSON form: the full name of named types, the type's name otherwise. */
export function branchTag(type: AvroType): string {
  return 'name' in type ? type.name : type.kind
}

/** In a few words, for messages. */
export function describeType(type: AvroType): string {
  switch (type.kind) {
    case 'record':
    case 'enum':
    case 'fixed':
      return `${type.kind} ${type.name}`
    case 'array':
      return `array of ${describeType(type.items)}`
    case 'map':
      return `map of ${describeType(type.values)}`
    case 'union':
      return `union of ${type.branches.map(branchTag).join(', ')}`
    default:
      return type.logical === null ? type.kind : `${type.kind} (${type.logical.name})`
  }
}

/** The least number of bytes that a value takes: what a block's count is checked against. */
export function minimumBytes(type: AvroType, known = new Map<AvroType, number>()): number {
  switch (type.kind) {
    case 'null':
      return 0
    case 'float':
      return 4
    case 'double':
      return 8
    case 'fixed':
      return type.size
    case 'record': {
      const size = known.get(type)
      if (size !== undefined) return size
      // While it is looked at: a record that must hold itself has no value at all, so that any answer is right.
      known.set(type, 1)
      const sum = type.fields.reduce((total, field) => total + minimumBytes(field.type, known), 0)
      known.set(type, sum)
      return sum
    }
    default:
      return 1
  }
}

export const simpleName = (name: string): string => name.slice(name.lastIndexOf('.') + 1)

function readText(text: string, names: Map<string, AvroNamed>, what: string): AvroType {
  let json: JsonValue
  try {
    json = parseJson(text)
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new AvroSchemaError(`${what} is no JSON: ${error.message}, at ${error.offset}`)
    throw error
  }
  return readType(json, '', names)
}

function readType(json: JsonValue, namespace: string, names: Map<string, AvroNamed>): AvroType {
  if (typeof json === 'string') return readName(json, namespace, names)
  if (json === null || typeof json === 'boolean' || json instanceof JsonNumber)
    throw new AvroSchemaError(`${excerpt(json)} is no type`)
  if (isJsonArray(json)) return { kind: 'union', branches: json.map((branch) => readType(branch, namespace, names)) }
  if (!isJsonObject(json)) throw new AvroSchemaError(`${excerpt(json)} is no type`)
  const type = json.get('type')
  if (type === undefined) throw new AvroSchemaError(`${excerpt(json)} has no 'type'`)
  switch (type) {
    case 'record':
    case 'error':
      return readRecord(json, namespace, names)
    case 'enum':
      return readEnum(json, namespace, names)
    case 'fixed':
      return readFixed(json, namespace, names)
    case 'array':
      return { kind: 'array', items: readType(required(json, 'items'), namespace, names) }
    case 'map':
      return { kind: 'map', values: readType(required(json, 'values'), namespace, names) }
    default:
      if (typeof type === 'string' && isPrimitiveName(type)) return { kind: type, logical: readLogicalType(json, type, 0) }
      return readType(type, namespace, names)
  }
}

function readName(name: string, namespace: string, names: Map<string, AvroNamed>): AvroType {
  if (isPrimitiveName(name)) return { kind: name, logical: null }
  const found = names.get(qualify(name, namespace)) ?? names.get(name)
  if (found === undefined)
    throw new AvroSchemaError(`the type '${qualify(name, namespace)}' is not known: neither defined before nor in a reference`)
  return found
}

function readRecord(json: JsonObject, namespace: string, names: Map<string, AvroNamed>): AvroRecord {
  const fields: AvroField[] = []
  const head = readHead(json, namespace)
  const record: AvroRecord = { kind: 'record', name: head.name, aliases: head.aliases, fields }
  names.set(head.name, record)
  const list = required(json, 'fields')
  if (!isJsonArray(list)) throw new AvroSchemaError(`the fields of record ${head.name} are no list`)
  for (const entry of list) {
    if (!isJsonObject(entry)) throw new AvroSchemaError(`${excerpt(entry)} is no field of record ${head.name}`)
    const name = entry.get('name')
    if (typeof name !== 'string') throw new AvroSchemaError(`a field of record ${head.name} has no name`)
    const doc = entry.get('doc')
    fields.push({
      name,
      aliases: textList(entry.get('aliases')),
      type: readType(required(entry, 'type'), head.namespace, names),
      default: entry.get('default'),
      doc: typeof doc === 'string' ? doc : null,
    })
  }
  return record
}

function readEnum(json: JsonObject, namespace: string, names: Map<string, AvroNamed>): AvroEnum {
  const { name, aliases } = readHead(json, namespace)
  const fallback = json.get('default')
  const type: AvroEnum = {
    kind: 'enum',
    name,
    aliases,
    symbols: textList(required(json, 'symbols')),
    default: typeof fallback === 'string' ? fallback : null,
  }
  names.set(name, type)
  return type
}

function readFixed(json: JsonObject, namespace: string, names: Map<string, AvroNamed>): AvroFixed {
  const { name, aliases } = readHead(json, namespace)
  const text = required(json, 'size')
  const size = text instanceof JsonNumber ? text.toDouble() : Number.NaN
  if (!Number.isInteger(size) || size < 0 || size > 0x7fffffff)
    throw new AvroSchemaError(`fixed ${name} has no size: ${excerpt(text)}`)
  const type: AvroFixed = { kind: 'fixed', name, aliases, size, logical: readLogicalType(json, 'fixed', size) }
  names.set(name, type)
  return type
}

function readHead(json: JsonObject, enclosing: string): { name: string; namespace: string; aliases: readonly string[] } {
  const name = json.get('name')
  if (typeof name !== 'string') throw new AvroSchemaError(`${excerpt(json)} has no name`)
  const own = json.get('namespace')
  const full = qualify(name, typeof own === 'string' ? own : enclosing)
  const namespace = full.includes('.') ? full.slice(0, full.lastIndexOf('.')) : ''
  return { name: full, namespace, aliases: textList(json.get('aliases')).map((alias) => qualify(alias, namespace)) }
}

const qualify = (name: string, namespace: string): string =>
  name.includes('.') || namespace === '' ? name : `${namespace}.${name}`

function required(json: JsonObject, attribute: string): JsonValue {
  const value = json.get(attribute)
  if (value === undefined) throw new AvroSchemaError(`${excerpt(json)} has no '${attribute}'`)
  return value
}

const textList = (json: JsonValue | undefined): readonly string[] =>
  json !== undefined && isJsonArray(json) ? json.filter((item) => typeof item === 'string') : []

const isPrimitiveName = (name: string): name is PrimitiveName => (primitiveNames as readonly string[]).includes(name)
