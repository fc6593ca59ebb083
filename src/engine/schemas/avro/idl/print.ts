/**
 * Prints an Avro schema as IDL (the bare syntax of Avro 1.12: namespace, schema, declarations in the order of their first use), so that reading
 * it back gives an equal schema. What IDL has no words for stands in comments at the top. Pure.
 */
import { type JsonNode, writeJson } from '../../json-text'
import { javaNumber } from '../canonical'
import {
  type AvroSchema,
  type AvroType,
  type EnumType,
  isNamed,
  type NamedType,
  type RecordField,
  type RecordType,
  type TypeName,
} from '../model'

/** Words that IDL reads as its own where a name could stand. */
const keywords = new Set(
  (
    'protocol namespace import idl schema enum fixed error record array map union boolean int long float double string bytes null true false decimal ' +
    'date time_ms timestamp_ms local_timestamp_ms uuid void oneway throws'
  ).split(' '),
)

const words: Readonly<Record<string, string>> = {
  'int date': 'date',
  'int time-millis': 'time_ms',
  'long timestamp-millis': 'timestamp_ms',
  'long local-timestamp-millis': 'local_timestamp_ms',
  'string uuid': 'uuid',
}

export function printAvroIdl(schema: AvroSchema): string {
  return new IdlPrinter(schema).print()
}

/** A declaration as it would be printed, whole and its fields one by one. */
export interface IdlPart {
  readonly type: NamedType
  readonly text: string
  /** By name; `line` without indentation and semicolon. Empty for what is no record. */
  readonly fields: ReadonlyMap<string, { readonly doc: string; readonly line: string }>
}

/** By full name, in the order of their first use: for edits of a text that is to stay as its author laid it out. */
export function printIdlParts(schema: AvroSchema): ReadonlyMap<string, IdlPart> {
  return new IdlPrinter(schema).parts()
}

class IdlPrinter {
  private readonly namespace: string | null
  private readonly losses: string[] = []
  private readonly pending: NamedType[] = []
  private readonly queued = new Set<NamedType>()

  constructor(private readonly schema: AvroSchema) {
    this.namespace = isNamed(schema.root) ? schema.root.name.namespace : null
  }

  print(): string {
    const main = this.type(this.schema.root, this.namespace)
    const declarations: string[] = []
    for (let next = this.pending.shift(); next; next = this.pending.shift()) declarations.push(this.declaration(next))
    const head = this.namespace === null ? [] : [`namespace ${dotted(this.namespace)};`]
    const lost = this.losses.map((loss) => `// IDL cannot say: ${loss}`)
    return `${[[...lost, ...head, `schema ${main};`].join('\n'), ...declarations].join('\n\n')}\n`
  }

  parts(): ReadonlyMap<string, IdlPart> {
    this.type(this.schema.root, this.namespace)
    const parts = new Map<string, IdlPart>()
    for (let next = this.pending.shift(); next; next = this.pending.shift()) {
      const { name } = next
      const text = this.declaration(next)
      const fields = next.kind === 'record' ? next.fields : []
      parts.set(name.fullName, {
        type: next,
        text,
        fields: new Map(
          fields.map((field) => [field.name, { doc: doc(field.doc, '  '), line: this.fieldLine(field, name) }] as const),
        ),
      })
    }
    return parts
  }

  private declaration(type: NamedType): string {
    const { name } = type
    const props = [...type.props].map(([key, value]) => this.annotation(key, value, name.fullName))
    if (name.namespace !== this.namespace) props.unshift(`@namespace(${JSON.stringify(name.namespace ?? '')})`)
    if (type.aliases.length > 0)
      props.push(
        `@aliases([${type.aliases.map((alias) => JSON.stringify(alias.namespace === name.namespace ? alias.name : alias.fullName)).join(', ')}])`,
      )
    const head = `${doc(type.doc, '')}${props
      .filter(Boolean)
      .map((prop) => `${prop}\n`)
      .join('')}`
    if (type.kind === 'fixed') return `${head}fixed ${word(name.name)}(${type.size});`
    return head + (type.kind === 'enum' ? this.enumeration(type) : this.record(type))
  }

  private enumeration(type: EnumType): string {
    const fallback = type.default === null ? '' : ` = ${word(type.default)};`
    const symbols = type.symbols.map(word)
    const line = `enum ${word(type.name.name)} { ${symbols.join(', ')} }${fallback}`
    return line.length <= 100 ? line : `enum ${word(type.name.name)} {\n  ${symbols.join(',\n  ')}\n}${fallback}`
  }

  private record(type: RecordType): string {
    const kind = type.isError ? 'error' : 'record'
    if (type.fields.length === 0) return `${kind} ${word(type.name.name)} {\n}`
    return `${kind} ${word(type.name.name)} {\n${type.fields.map((field) => this.field(field, type.name)).join('\n')}\n}`
  }

  private field(field: RecordField, owner: TypeName): string {
    return `${doc(field.doc, '  ')}  ${this.fieldLine(field, owner)};`
  }

  private fieldLine(field: RecordField, owner: TypeName): string {
    const where = `${owner.fullName}.${field.name}`
    const annotations = [...field.props].map(([key, value]) => this.annotation(key, value, where))
    if (field.order !== 'ascending') annotations.unshift(`@order("${field.order}")`)
    if (field.aliases.length > 0)
      annotations.unshift(`@aliases([${field.aliases.map((alias) => JSON.stringify(alias)).join(', ')}])`)
    const value = field.default ? ` = ${json(field.default)}` : ''
    const type = this.fieldType(field, owner.namespace)
    return `${[type, ...annotations.filter(Boolean), word(field.name)].join(' ')}${value}`
  }

  /** T? where it reads back the same: null first, or second with a default of T. */
  private fieldType({ type, default: value }: RecordField, namespace: string | null): string {
    if (type.kind !== 'union' || type.branches.length !== 2) return this.type(type, namespace)
    const nullIndex = value && value.kind !== 'null' ? 1 : 0
    const other = type.branches[1 - nullIndex]!
    if (type.branches[nullIndex]!.kind !== 'null' || other.kind === 'array' || other.kind === 'map' || other.kind === 'null')
      return this.type(type, namespace)
    const written = this.type(other, namespace)
    return written.includes('@') ? this.type(type, namespace) : `${written}?`
  }

  private type(type: AvroType, namespace: string | null): string {
    if (isNamed(type)) {
      if (type.reference === null && !this.queued.has(type)) {
        this.queued.add(type)
        this.pending.push(type)
      }
      return type.name.namespace === namespace ? word(type.name.name) : dotted(type.name.fullName)
    }
    if (type.kind === 'union') return `union { ${type.branches.map((branch) => this.type(branch, namespace)).join(', ')} }`
    const props = new Map(type.props)
    let written: string
    if (type.kind === 'array') written = `array<${this.type(type.items, namespace)}>`
    else if (type.kind === 'map') written = `map<${this.type(type.values, namespace)}>`
    else written = this.primitive(type, props)
    const annotations = [...props].map(([key, value]) => this.annotation(key, value, `a type ${type.kind}`)).filter(Boolean)
    return [...annotations, written].join(' ')
  }

  /** With the word of its logical type, whose attributes are then taken out of `props`. */
  private primitive(type: AvroType, props: Map<string, JsonNode>): string {
    const { logicalType } = type
    const known = logicalType && words[`${type.kind} ${logicalType.name}`]
    if (known) {
      props.delete('logicalType')
      return known
    }
    if (logicalType?.name !== 'decimal') return type.kind
    const scale = props.has('scale') ? `, ${logicalType.scale}` : ''
    for (const key of ['logicalType', 'precision', 'scale']) props.delete(key)
    return `decimal(${logicalType.precision}${scale})`
  }

  private annotation(key: string, value: JsonNode, where: string): string {
    if (/^[\p{XID_Start}_]\p{XID_Continue}*(?:[.-][\p{XID_Start}_]\p{XID_Continue}*)*$/u.test(key) && !reserved.has(key))
      return `@${key}(${json(value)})`
    this.losses.push(`attribute ${JSON.stringify(key)} of ${where}`)
    return ''
  }
}

/** Attributes that IDL writes in another way, or that it takes for the namespace, order and aliases of what follows. */
const reserved = new Set([
  'type',
  'name',
  'doc',
  'fields',
  'symbols',
  'size',
  'items',
  'values',
  'default',
  'namespace',
  'aliases',
  'order',
])

const word = (name: string): string => (keywords.has(name) ? `\`${name}\`` : name)

const dotted = (name: string): string => name.split('.').map(word).join('.')

const json = (node: JsonNode): string => writeJson(node, { number: (text) => (/^-?\d+$/.test(text) ? javaNumber(text) : text) })

/** A comment cannot hold its own end: a space is put into it. */
function doc(text: string | null, indent: string): string {
  if (text === null) return ''
  const lines = text.replace(/\*\//g, '* /').split('\n')
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`
}
