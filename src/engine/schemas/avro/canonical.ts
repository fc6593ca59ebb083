/**
 * The texts by which the registry stores a schema and knows it again: Avro Java's Schema.toString (white space and order of keys vanish; doc,
 * defaults, aliases and attributes stay), the same under normalize=true (AvroSchemaUtils.toNormalizedString, read back), and with references
 * written out. Pure; to be changed with care: a changed text is a changed identity.
 */
import { isIntegral, type JsonNode, nodeOf, writeJson } from '../json-text'
import {
  type AvroSchema,
  type AvroType,
  isNamed,
  type LogicalType,
  type NamedType,
  type RecordField,
  type TypeName,
} from './model'

/** References stay names. */
export const canonicalText = (schema: AvroSchema): string => new CanonicalWriter(schema.referencedNames, false).write(schema.root)

/** References stay names; attributes and aliases are sorted, doubles are written as doubles, empty docs of types are gone. */
export const normalizedText = (schema: AvroSchema): string => new CanonicalWriter(schema.referencedNames, true).write(schema.root)

/** Every definition in place where it is used first. */
export const resolvedText = (schema: AvroSchema): string => new CanonicalWriter([], false).write(schema.root)

/** A type on its own, nothing known before it: for code and samples that need a text of a part. */
export const textOfType = (type: AvroType): string => new CanonicalWriter([], false).write(type)

class CanonicalWriter {
  private readonly written: Set<string>

  constructor(
    known: readonly string[],
    private readonly isNormalized: boolean,
  ) {
    this.written = new Set(known)
  }

  write(type: AvroType, namespace: string | null = null): string {
    switch (type.kind) {
      case 'union':
        return `[${type.branches.map((branch) => this.write(branch, namespace)).join(',')}]`
      case 'array':
        return `{"type":"array","items":${this.write(type.items, namespace)}${this.props(type)}}`
      case 'map':
        return `{"type":"map","values":${this.write(type.values, namespace)}${this.props(type)}}`
      case 'record':
      case 'enum':
      case 'fixed':
        return this.named(type, namespace)
      default: {
        const props = this.props(type)
        return props === '' ? `"${type.kind}"` : `{"type":"${type.kind}"${props}}`
      }
    }
  }

  private named(type: NamedType, namespace: string | null): string {
    if (this.written.has(type.name.fullName)) return javaString(relativeName(type.name, namespace))
    this.written.add(type.name.fullName)
    const kind = type.kind === 'record' && type.isError ? 'error' : type.kind
    let text = `{"type":"${kind}","name":${javaString(type.name.name)}`
    if (type.name.namespace !== namespace) text += `,"namespace":${javaString(type.name.namespace ?? '')}`
    if (type.doc !== null && !(this.isNormalized && type.doc === '')) text += `,"doc":${javaString(type.doc)}`
    if (type.kind === 'record')
      text += `,"fields":[${type.fields.map((field) => this.field(field, type.name.namespace)).join(',')}]`
    if (type.kind === 'enum') text += `,"symbols":[${type.symbols.map(javaString).join(',')}]`
    if (type.kind === 'enum' && type.default !== null) text += `,"default":${javaString(type.default)}`
    if (type.kind === 'fixed') text += `,"size":${type.size}`
    text += this.props(type)
    const aliases = this.isNormalized ? sorted(type.aliases, (alias) => alias.fullName) : type.aliases
    if (aliases.length > 0)
      text += `,"aliases":[${aliases.map((alias) => javaString(relativeName(alias, type.name.namespace))).join(',')}]`
    return `${text}}`
  }

  private field(field: RecordField, namespace: string | null): string {
    let text = `{"name":${javaString(field.name)},"type":${this.write(field.type, namespace)}`
    if (field.doc !== null) text += `,"doc":${javaString(field.doc)}`
    if (field.default) text += `,"default":${this.value(this.defaultOf(field.type, field.default))}`
    if (field.order !== 'ascending') text += `,"order":"${field.order}"`
    const aliases = this.isNormalized ? sorted(field.aliases, (alias) => alias) : field.aliases
    if (aliases.length > 0) text += `,"aliases":[${aliases.map(javaString).join(',')}]`
    return `${text}${this.attributes(this.isNormalized ? sorted([...field.props], ([key]) => key) : [...field.props])}}`
  }

  /** A number in quotes stands for a double; normalized, an integer does too. */
  private defaultOf(type: AvroType, node: JsonNode): JsonNode {
    if (type.kind !== 'float' && type.kind !== 'double') return node
    if (node.kind === 'string') return { ...nodeOf(0), kind: 'number', text: asDouble(node.value) }
    return this.isNormalized && node.kind === 'number' && isIntegral(node) ? { ...node, text: asDouble(node.text) } : node
  }

  private props(type: AvroType): string {
    return this.attributes(this.isNormalized ? normalizedProps(type.props, type.logicalType) : [...type.props])
  }

  private attributes(props: readonly (readonly [string, JsonNode])[]): string {
    return props.map(([key, value]) => `,${javaString(key)}:${this.value(value)}`).join('')
  }

  private value(node: JsonNode): string {
    return writeJson(node, { string: javaString, number: javaNumber, sortKeys: this.isNormalized })
  }
}

/** As Name.getQualified of Avro: short in its own namespace, unless it could be taken for a kind of type. */
function relativeName(name: TypeName, namespace: string | null): string {
  if (name.namespace === null || name.namespace !== namespace) return name.fullName
  return kindNames.has(name.name) ? name.fullName : name.name
}

const kindNames = new Set([
  'record',
  'enum',
  'array',
  'map',
  'union',
  'fixed',
  'string',
  'bytes',
  'int',
  'long',
  'float',
  'double',
  'boolean',
  'null',
])

/** A logical type that counts comes first with what belongs to it, the rest sorted. */
function normalizedProps(props: ReadonlyMap<string, JsonNode>, logicalType: LogicalType | null): (readonly [string, JsonNode])[] {
  const first: string[] = []
  if (logicalType) first.push('logicalType')
  if (logicalType?.name === 'decimal') first.push('precision')
  if (logicalType?.name === 'decimal' && logicalType.scale !== 0) first.push('scale')
  const rest = [...props.keys()].filter((key) => !first.includes(key))
  return [...first, ...sorted(rest, (key) => key)].map((key) => [key, props.get(key)!])
}

function sorted<T>(entries: readonly T[], keyOf: (entry: T) => string): T[] {
  return [...entries].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : keyOf(left) > keyOf(right) ? 1 : 0))
}

/** Jackson escapes control characters with capital digits. Otherwise as JSON.stringify, which also escapes lone surrogates. */
export const javaString = (value: string): string =>
  JSON.stringify(value).replace(/(\\\\)|\\u00([0-9a-f]{2})/g, (whole, backslash: string | undefined, digits: string) =>
    backslash ? whole : `\\u00${digits.toUpperCase()}`,
  )

/** Integers of any size as they are; what has a point or an exponent goes through a double in Jackson, and comes out as Java writes doubles. */
export const javaNumber = (text: string): string => (/^-?\d+$/.test(text) ? BigInt(text).toString() : asDouble(text))

/** Java's Double.toString: 1.0, 0.001, 1.0E10, 1.234E-5. */
function asDouble(text: string): string {
  const value = Number(text)
  if (!Number.isFinite(value)) return /^-?(NaN|Infinity)$/.test(text) ? JSON.stringify(text) : text
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const magnitude = Math.abs(value)
  if (magnitude >= 1e-3 && magnitude < 1e7) {
    const plain = String(value)
    return plain.includes('.') ? plain : `${plain}.0`
  }
  const [digits = '0', exponent = '0'] = value.toExponential().split('e')
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
}

/** The name that RecordNameStrategy takes: of records only, as the registry's AvroSchema.name(). */
export const recordNameOf = (schema: AvroSchema): string | null =>
  schema.root.kind === 'record' ? schema.root.name.fullName : null

export const fullNameOf = (type: AvroType): string | null => (isNamed(type) ? type.name.fullName : null)
