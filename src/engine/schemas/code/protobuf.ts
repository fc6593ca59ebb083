/**
 * TypeScript of a Protobuf schema: messages as Protobuf-ES, which Confluent's own client for JavaScript builds on, holds them in memory. 64-bit
 * integers are bigints, names are those of JSON, a oneof is one property that says which of its fields is set.
 */
import {
  enumsOf,
  fieldsOf,
  findType,
  isProto3,
  isScalar,
  joined,
  messagesOf,
  type ProtobufSchema,
  type ProtoEnum,
  type ProtoField,
  type ProtoFile,
  type ProtoMessage,
  type ProtoOneof,
  type ProtoType,
  packageOf,
  type ScalarName,
  type TypeEntry,
} from '../protobuf'
import { arrayOf, comment, interfaceOf, lines, objectOf, type Property, propertyName } from './layout'
import { pascalCase, TypeNames } from './names'

export const typescriptOfProtobuf = (schema: ProtobufSchema): string => new ProtobufWriter(schema).file()

const scalarTypes: Readonly<Record<ScalarName, string>> = {
  double: 'number',
  float: 'number',
  int32: 'number',
  uint32: 'number',
  sint32: 'number',
  fixed32: 'number',
  sfixed32: 'number',
  int64: 'bigint',
  uint64: 'bigint',
  sint64: 'bigint',
  fixed64: 'bigint',
  sfixed64: 'bigint',
  bool: 'boolean',
  string: 'string',
  bytes: 'Uint8Array',
}

class ProtobufWriter {
  private readonly names = new TypeNames<string>()
  private readonly waiting: TypeEntry[] = []
  private readonly declared: string[] = []

  constructor(private readonly schema: ProtobufSchema) {}

  file(): string {
    this.ask(this.schema.file.types, packageOf(this.schema.file))
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift())
      this.declared.push(next.node.kind === 'enum' ? this.enum(next, next.node) : this.message(next, next.node))
    return this.declared.join('\n')
  }

  /** All types of the file in its order; imported ones follow where they are used. */
  private ask(types: readonly ProtoType[], scope: string): void {
    for (const type of [...messagesOf(types), ...enumsOf(types)]) {
      const fullName = joined(scope, type.name)
      const entry = this.schema.types.get(fullName)
      if (entry !== undefined) this.nameOf(entry)
      if (type.kind === 'message') this.ask(type.types, fullName)
    }
  }

  private nameOf(entry: TypeEntry): string {
    if (!this.names.has(entry.fullName)) this.waiting.push(entry)
    return this.names.of(entry.fullName, [entry.localName.replaceAll('.', '_'), pascalCase(entry.fullName)])
  }

  private enum(entry: TypeEntry, { values, doc }: ProtoEnum): string {
    const name = this.nameOf(entry)
    const constants = values
      .map((value) => `${comment(value.doc, '  ')}  ${propertyName(value.name)}: ${value.number},\n`)
      .join('')
    return `${comment(lines(doc, `Protobuf: ${entry.fullName}`))}export const ${name} = {\n${constants}} as const\nexport type ${name} = (typeof ${name})[keyof typeof ${name}]\n`
  }

  private message(entry: TypeEntry, message: ProtoMessage): string {
    const file = this.fileOf(entry)
    const properties = fieldsOf(message)
      .filter(({ oneof }) => oneof === null)
      .map(({ field }) => ({ at: field.from, property: this.property(field, entry, file) }))
    const oneofs = message.oneofs.map((oneof) => ({ at: oneof.from, property: this.oneof(oneof, entry) }))
    const all = [...properties, ...oneofs].sort((a, b) => a.at - b.at).map(({ property }) => property)
    return interfaceOf(this.nameOf(entry), all, lines(message.doc, `Protobuf: ${entry.fullName}`))
  }

  private property(field: ProtoField, entry: TypeEntry, file: ProtoFile): Property {
    const { label, mapKey } = field
    const isMessage = mapKey === null && label !== 'repeated' && this.isMessage(field, entry)
    const hasPresence =
      label === 'optional' || (label === null && isMessage) || (!isProto3(file) && label !== 'required' && label !== 'repeated')
    const isOptional = hasPresence && mapKey === null
    return { name: jsonName(field), type: this.typeOf(field, entry), isOptional, doc: lines(field.doc, notes(field)) }
  }

  private oneof(oneof: ProtoOneof, entry: TypeEntry): Property {
    const cases = oneof.fields.map((field) =>
      objectOf(
        [
          { name: 'case', type: `'${jsonName(field)}'` },
          { name: 'value', type: this.typeOf(field, entry), doc: field.doc },
        ],
        '',
      ),
    )
    const none = '{ readonly case: undefined; readonly value?: undefined }'
    return { name: camelCase(oneof.name), type: [...cases, none].map((one) => `\n| ${one}`).join(''), doc: oneof.doc }
  }

  private typeOf(field: ProtoField, entry: TypeEntry): string {
    const value = this.named(field.type.name, entry)
    if (field.mapKey !== null) return `Readonly<Record<${keyType(field.mapKey.name)}, ${value}>>`
    return field.label === 'repeated' ? arrayOf(value) : value
  }

  private named(name: string, entry: TypeEntry): string {
    if (isScalar(name)) return scalarTypes[name]
    const found = findType(this.schema.types, name, entry.fullName)
    return found === null ? 'unknown' : this.nameOf(found)
  }

  private isMessage(field: ProtoField, entry: TypeEntry): boolean {
    return !isScalar(field.type.name) && findType(this.schema.types, field.type.name, entry.fullName)?.node.kind === 'message'
  }

  private fileOf({ path }: TypeEntry): ProtoFile {
    return path === '' ? this.schema.file : (this.schema.imported.get(path) ?? this.schema.file)
  }
}

/** Keys of objects are texts, whatever they were. */
const keyType = (name: string): string => (/32$/.test(name) ? 'number' : 'string')

/** What JSON calls it: its json_name, else the name in camel case as protoc makes it. */
function jsonName(field: ProtoField): string {
  const named = field.options.find(({ parts }) => parts.length === 1 && !parts[0]!.isExtension && parts[0]!.name === 'json_name')
  return named?.value.kind === 'string' ? named.value.value : camelCase(field.name)
}

const camelCase = (name: string): string =>
  name.replace(/_+([a-zA-Z0-9])?/g, (_match, next: string | undefined) => next?.toUpperCase() ?? '')

function notes(field: ProtoField): string | null {
  const isDeprecated = field.options.some(
    ({ parts, value }) => parts[0]?.name === 'deprecated' && value.kind === 'identifier' && value.name === 'true',
  )
  return isDeprecated ? '@deprecated' : null
}
