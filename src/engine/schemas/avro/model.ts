/**
 * Avro schemas as a graph: a name stands for its definition itself, so recursive types are cycles. Made by parse/, read by everything else in
 * this folder and by codecs, samples and generators; immutable once it has been handed out. Data and small look-ups only.
 */
import type { SchemaProblem } from '../format'
import type { JsonNode } from '../json-text'

export const primitiveKinds = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const
export type PrimitiveKind = (typeof primitiveKinds)[number]

export const isPrimitiveKind = (name: string): name is PrimitiveKind => (primitiveKinds as readonly string[]).includes(name)

/** A logical type that is known and fits what it stands on; every other one is ignored by readers, and stays among the attributes. */
export type LogicalType =
  | { readonly name: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly name: Exclude<LogicalTypeName, 'decimal'> }

export type LogicalTypeName =
  | 'decimal'
  | 'big-decimal'
  | 'uuid'
  | 'date'
  | 'time-millis'
  | 'time-micros'
  | 'timestamp-millis'
  | 'timestamp-micros'
  | 'timestamp-nanos'
  | 'local-timestamp-millis'
  | 'local-timestamp-micros'
  | 'local-timestamp-nanos'
  | 'duration'

interface TypeBase {
  /** Where it is defined: a JSON pointer into the text that it stands in. */
  readonly path: string
  /** null: in the schema's own text. Else the name of the reference in whose text it stands. */
  readonly reference: string | null
  /** Attributes that are none of Avro's own, logicalType among them, in the order of the text. */
  readonly props: ReadonlyMap<string, JsonNode>
  readonly logicalType: LogicalType | null
}

export interface PrimitiveType extends TypeBase {
  readonly kind: PrimitiveKind
}

export interface ArrayType extends TypeBase {
  readonly kind: 'array'
  readonly items: AvroType
}

export interface MapType extends TypeBase {
  readonly kind: 'map'
  readonly values: AvroType
}

export interface UnionType extends TypeBase {
  readonly kind: 'union'
  readonly branches: readonly AvroType[]
}

export interface TypeName {
  /** Without namespace. */
  readonly name: string
  /** null: none. */
  readonly namespace: string | null
  readonly fullName: string
}

interface NamedBase extends TypeBase {
  readonly name: TypeName
  readonly doc: string | null
  readonly aliases: readonly TypeName[]
}

export interface RecordType extends NamedBase {
  readonly kind: 'record'
  /** Declared as "error", which protocols throw. */
  readonly isError: boolean
  readonly fields: readonly RecordField[]
}

export interface EnumType extends NamedBase {
  readonly kind: 'enum'
  readonly symbols: readonly string[]
  /** What a reader takes for a symbol that it does not know. */
  readonly default: string | null
}

export interface FixedType extends NamedBase {
  readonly kind: 'fixed'
  /** In bytes. */
  readonly size: number
}

export type FieldOrder = 'ascending' | 'descending' | 'ignore'

export interface RecordField {
  readonly name: string
  readonly path: string
  readonly type: AvroType
  readonly doc: string | null
  /** undefined: it has none. A JSON null is a default. */
  readonly default: JsonNode | undefined
  readonly order: FieldOrder
  readonly aliases: readonly string[]
  readonly props: ReadonlyMap<string, JsonNode>
}

export type NamedType = RecordType | EnumType | FixedType
export type AvroType = PrimitiveType | ArrayType | MapType | UnionType | NamedType
export type AvroKind = AvroType['kind']

/** The parsed form of this format. */
export interface AvroSchema {
  readonly root: AvroType
  readonly text: string
  /** All named types by full name, those of referenced texts included. */
  readonly names: ReadonlyMap<string, NamedType>
  /** Full names of the referenced texts' own types: canonical text names them, and does not write them out. */
  readonly referencedNames: readonly string[]
  /** What is odd but allowed, with places in `text`. */
  readonly warnings: readonly SchemaProblem[]
}

export const isNamed = (type: AvroType): type is NamedType =>
  type.kind === 'record' || type.kind === 'enum' || type.kind === 'fixed'

/** The branch's name in a union, its tag in Avro's JSON: the full name of named types, else the kind. */
export const branchName = (type: AvroType): string => (isNamed(type) ? type.name.fullName : type.kind)

export const nullBranchIndex = (type: AvroType): number =>
  type.kind === 'union' ? type.branches.findIndex((branch) => branch.kind === 'null') : -1

/** For people: 'string', 'Order', 'timestamp-millis', 'array of Line', 'union of null, long', 'Money?'. Names without their namespaces. */
export function typeInWords(type: AvroType): string {
  switch (type.kind) {
    case 'array':
      return `array of ${typeInWords(type.items)}`
    case 'map':
      return `map of ${typeInWords(type.values)}`
    case 'union': {
      const rest = type.branches.filter((branch) => branch.kind !== 'null')
      if (rest.length === 1 && type.branches.length === 2) return `${typeInWords(rest[0]!)}?`
      return type.branches.length === 0 ? 'empty union' : `union of ${type.branches.map(typeInWords).join(', ')}`
    }
    case 'record':
    case 'enum':
    case 'fixed':
      return type.logicalType ? logicalTypeInWords(type.logicalType) : type.name.name
    default:
      return type.logicalType ? logicalTypeInWords(type.logicalType) : type.kind
  }
}

const logicalTypeInWords = (type: LogicalType): string =>
  type.name === 'decimal' ? `decimal(${type.precision}, ${type.scale})` : type.name
