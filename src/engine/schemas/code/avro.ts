/**
 * TypeScript of an Avro schema: what its values are once decoded without loss. A long is a bigint; logical types stand under names of their own
 * over what is written; a union whose branches JavaScript cannot tell apart carries the branch's name as its key, as avsc has it.
 */
import { type AvroSchema, type AvroType, branchName, type LogicalTypeName, type NamedType, type RecordField } from '../avro'
import { writeJson } from '../json-text'
import { aliasOf, arrayOf, interfaceOf, lines, literal, objectOf, type Property, unionOf } from './layout'
import { pascalCase, TypeNames } from './names'

export function typescriptOfAvro({ root }: AvroSchema): string {
  return new AvroWriter().file(root)
}

type NamedLogical = Exclude<LogicalTypeName, 'decimal' | 'duration'>

/** Over which type they stand does not change what the value is, but for uuid. */
const logicalAliases: Readonly<Record<NamedLogical, { readonly type: string; readonly doc: string }>> = {
  'big-decimal': { type: 'Uint8Array', doc: 'Avro big-decimal: the unscaled number and its scale, as Avro writes them.' },
  uuid: { type: 'string', doc: 'Avro uuid: 8-4-4-4-12 hexadecimal digits.' },
  date: { type: 'number', doc: 'Avro date: days since 1970-01-01.' },
  'time-millis': { type: 'number', doc: 'Avro time-millis: milliseconds since midnight.' },
  'time-micros': { type: 'bigint', doc: 'Avro time-micros: microseconds since midnight.' },
  'timestamp-millis': { type: 'bigint', doc: 'Avro timestamp-millis: milliseconds since 1970-01-01T00:00:00Z.' },
  'timestamp-micros': { type: 'bigint', doc: 'Avro timestamp-micros: microseconds since 1970-01-01T00:00:00Z.' },
  'timestamp-nanos': { type: 'bigint', doc: 'Avro timestamp-nanos: nanoseconds since 1970-01-01T00:00:00Z.' },
  'local-timestamp-millis': {
    type: 'bigint',
    doc: 'Avro local-timestamp-millis: milliseconds since 1970-01-01T00:00 of no time zone.',
  },
  'local-timestamp-micros': {
    type: 'bigint',
    doc: 'Avro local-timestamp-micros: microseconds since 1970-01-01T00:00 of no time zone.',
  },
  'local-timestamp-nanos': {
    type: 'bigint',
    doc: 'Avro local-timestamp-nanos: nanoseconds since 1970-01-01T00:00 of no time zone.',
  },
}

class AvroWriter {
  private readonly names = new TypeNames<NamedType | string>()
  private readonly logical = new Map<string, string>()
  private readonly declared: string[] = []
  private readonly waiting: NamedType[] = []
  private readonly seen = new Set<NamedType>()

  file(root: AvroType): string {
    const type = this.typeOf(root)
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift())
      this.declared.push(this.declaration(next))
    if (root.kind !== 'record' && root.kind !== 'enum' && root.kind !== 'fixed')
      this.declared.unshift(aliasOf(this.names.of('root', ['Message']), type))
    return [...this.declared, ...this.logical.values()].join('\n')
  }

  private typeOf(type: AvroType): string {
    if (type.logicalType !== null) {
      const logical = this.logicalOf(type)
      if (logical !== null) return logical
    }
    switch (type.kind) {
      case 'null':
        return 'null'
      case 'boolean':
        return 'boolean'
      case 'int':
      case 'float':
      case 'double':
        return 'number'
      case 'long':
        return 'bigint'
      case 'bytes':
        return 'Uint8Array'
      case 'string':
        return 'string'
      case 'array':
        return arrayOf(this.typeOf(type.items))
      case 'map':
        return `Readonly<Record<string, ${this.typeOf(type.values)}>>`
      case 'union':
        return this.unionOf(type.branches)
      default:
        return this.nameOf(type)
    }
  }

  private nameOf(type: NamedType): string {
    if (!this.seen.has(type)) {
      this.seen.add(type)
      this.waiting.push(type)
    }
    return this.names.of(type, [type.name.name, pascalCase(type.name.fullName)])
  }

  private unionOf(branches: readonly AvroType[]): string {
    const values = branches.filter(({ kind }) => kind !== 'null')
    const isClear = new Set(values.map(shapeOf)).size === values.length
    const types = values.map((branch) => {
      const type = this.typeOf(branch)
      return isClear ? type : objectOf([{ name: branchName(branch), type }], '').replace(/\s+/g, ' ')
    })
    return unionOf(branches.length === values.length ? types : ['null', ...types])
  }

  private declaration(type: NamedType): string {
    const name = this.nameOf(type)
    switch (type.kind) {
      case 'record':
        return interfaceOf(
          name,
          type.fields.map((field) => this.property(field)),
          lines(type.doc, fullName(type, name)),
        )
      case 'enum':
        return aliasOf(name, unionOf(type.symbols.map(literal)), lines(type.doc, fullName(type, name)))
      case 'fixed':
        return aliasOf(name, 'Uint8Array', lines(type.doc, `${type.size} bytes.`, fullName(type, name)))
    }
  }

  private property(field: RecordField): Property {
    const { name, type, doc } = field
    const defaults = field.default === undefined ? null : `Default: ${writeJson(field.default)}`
    return { name, type: this.typeOf(type), doc: lines(doc, logicalNote(type), defaults) }
  }

  /** Decimals and durations stand as the type below them, with a note at the field. */
  private logicalOf(type: AvroType): string | null {
    const name = type.logicalType?.name
    if (name === undefined || name === 'decimal' || name === 'duration') return null
    const { type: underlying, doc } = logicalAliases[name]
    const isBytes = type.kind === 'fixed'
    const alias = this.names.of(isBytes ? `${name} bytes` : name, [pascalCase(name), `Avro${pascalCase(name)}`])
    this.logical.set(
      alias,
      aliasOf(alias, isBytes ? 'Uint8Array' : underlying, isBytes ? `Avro ${name} in ${type.size} bytes.` : doc),
    )
    return alias
  }
}

const fullName = (type: NamedType, name: string): string | null =>
  type.name.fullName === name ? null : `Avro: ${type.name.fullName}`

function logicalNote(type: AvroType): string | null {
  const inner = type.kind === 'union' ? (type.branches.find(({ logicalType }) => logicalType !== null) ?? type) : type
  const { logicalType } = inner
  if (logicalType?.name === 'decimal')
    return `Avro decimal(${logicalType.precision}, ${logicalType.scale}): the unscaled number, big-endian two's complement.`
  if (logicalType?.name === 'duration') return 'Avro duration: months, days and milliseconds, each an unsigned little-endian int.'
  return null
}

/** What a program can tell apart at run time. */
function shapeOf(type: AvroType): string {
  switch (type.kind) {
    case 'int':
    case 'float':
    case 'double':
      return 'number'
    case 'long':
      // A date or time-millis never stands on a long.
      return 'bigint'
    case 'string':
    case 'enum':
      return 'string'
    case 'bytes':
    case 'fixed':
      return type.logicalType?.name === 'uuid' && type.kind !== 'fixed' ? 'string' : 'bytes'
    case 'record':
    case 'map':
      return 'object'
    default:
      return type.kind
  }
}
