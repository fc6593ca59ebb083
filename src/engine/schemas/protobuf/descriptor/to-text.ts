/** A FileDescriptorProto as a .proto text: serializers of other languages register descriptors, and what is stored is a text. */
import type {
  EnumDescriptor,
  FieldDescriptor,
  FileDescriptor,
  MessageDescriptor,
  MethodDescriptor,
  OptionsMessage,
  RangeDescriptor,
} from './messages'
import { optionTexts } from './options'
import { GROUP, REPEATED, REQUIRED, scalarOf } from './type-words'

export function textOfDescriptor(file: FileDescriptor): string {
  const isProto3 = file.syntax === 'proto3'
  const modifier = (index: number): string =>
    file.publicDependency?.includes(index) ? 'public ' : file.weakDependency?.includes(index) ? 'weak ' : ''
  const writer = new DescriptorWriter(isProto3)
  return [
    file.syntax ? `syntax = "${file.syntax}";` : '',
    file.package ? `package ${file.package};` : '',
    ...(file.dependency ?? []).map((path, index) => `import ${modifier(index)}${JSON.stringify(path)};`),
    ...statements(file.options),
    ...(file.messageType ?? []).map((message) => writer.message(message)),
    ...(file.enumType ?? []).map((one) => writer.enum(one)),
    ...writer.extensions(file.extension ?? [], file.messageType ?? []),
    ...(file.service ?? []).map(
      (service) =>
        `service ${service.name} {\n${[...statements(service.options), ...(service.method ?? []).map(methodText)].join('\n')}\n}`,
    ),
  ]
    .filter((line) => line !== '')
    .join('\n')
}

const statements = (options: OptionsMessage | undefined): readonly string[] =>
  optionTexts(options).map((text) => `option ${text};`)

class DescriptorWriter {
  constructor(private readonly isProto3: boolean) {}

  message(message: MessageDescriptor): string {
    return `message ${message.name} {\n${this.body(message)}\n}`
  }

  private body(message: MessageDescriptor): string {
    const fields = message.field ?? []
    const nested = message.nestedType ?? []
    const groups = new Set(
      [...fields, ...(message.extension ?? [])].filter(({ type }) => type === GROUP).map(({ typeName }) => lastOf(typeName)),
    )
    const oneofs = message.oneofDecl ?? []
    const inOneof = (field: FieldDescriptor): boolean => field.oneofIndex !== undefined && field.proto3Optional !== true
    const done = new Set<number>()
    const members = fields.map((field) => {
      if (!inOneof(field)) return this.field(field, nested, false)
      const index = field.oneofIndex!
      if (done.has(index)) return ''
      done.add(index)
      const own = fields.filter((one) => inOneof(one) && one.oneofIndex === index).map((one) => this.field(one, nested, true))
      return `oneof ${oneofs[index]?.name ?? `oneof_${index}`} {\n${[...statements(oneofs[index]?.options), ...own].join('\n')}\n}`
    })
    return [
      ...reserved(message.reservedRange, message.reservedName, 1, 536_870_911),
      ...statements(message.options),
      ...members,
      ...(message.extensionRange ?? []).map((range) => `extensions ${rangeText(range, 1, 536_870_911)};`),
      ...this.extensions(message.extension ?? [], nested),
      ...nested.filter(({ name, options }) => options?.mapEntry !== true && !groups.has(name)).map((one) => this.message(one)),
      ...(message.enumType ?? []).map((one) => this.enum(one)),
    ]
      .filter((line) => line !== '')
      .join('\n')
  }

  /** Those of one message together. */
  extensions(list: readonly FieldDescriptor[], nested: readonly MessageDescriptor[]): readonly string[] {
    const extended = [...new Set(list.map(({ extendee }) => extendee ?? ''))]
    return extended.map((name) => {
      const fields = list.filter(({ extendee }) => extendee === name).map((field) => this.field(field, nested, false))
      return `extend ${name} {\n${fields.join('\n')}\n}`
    })
  }

  enum(one: EnumDescriptor): string {
    const values = (one.value ?? []).map(
      ({ name, number, options }) => `${name} = ${number ?? 0}${brackets(optionTexts(options))};`,
    )
    return `enum ${one.name} {\n${[...reserved(one.reservedRange, one.reservedName, 0, 2_147_483_647), ...statements(one.options), ...values].join('\n')}\n}`
  }

  private field(field: FieldDescriptor, nested: readonly MessageDescriptor[], isInOneof: boolean): string {
    const entry =
      field.label === REPEATED
        ? nested.find(({ name, options }) => options?.mapEntry === true && name === lastOf(field.typeName))
        : undefined
    const options = brackets([...optionTexts(field.options), ...specialOptions(field)])
    if (entry !== undefined) {
      const [key, value] = [...(entry.field ?? [])].sort((a, b) => a.number - b.number)
      return `map<${key === undefined ? 'string' : typeText(key)}, ${value === undefined ? 'string' : typeText(value)}> ${field.name} = ${field.number}${options};`
    }
    const label = this.label(field, isInOneof)
    if (field.type === GROUP) {
      const group = nested.find(({ name }) => name === lastOf(field.typeName))
      return `${label}group ${lastOf(field.typeName)} = ${field.number}${options} {\n${group === undefined ? '' : this.body(group)}\n}`
    }
    return `${label}${typeText(field)} ${field.name} = ${field.number}${options};`
  }

  private label(field: FieldDescriptor, isInOneof: boolean): string {
    if (isInOneof) return ''
    if (field.label === REPEATED) return 'repeated '
    if (field.label === REQUIRED) return 'required '
    return this.isProto3 && field.proto3Optional !== true ? '' : 'optional '
  }
}

const lastOf = (name: string | undefined): string => name?.slice(name.lastIndexOf('.') + 1) ?? ''
const typeText = (field: FieldDescriptor): string => field.typeName || (scalarOf(field.type) ?? 'bytes')
const brackets = (texts: readonly string[]): string => (texts.length === 0 ? '' : ` [${texts.join(', ')}]`)

function specialOptions({ name, type, defaultValue, jsonName }: FieldDescriptor): readonly string[] {
  const texts: string[] = []
  if (defaultValue !== undefined) {
    const scalar = scalarOf(type)
    // Bytes come escaped already.
    const text = scalar === 'bytes' ? `"${defaultValue}"` : scalar === 'string' ? JSON.stringify(defaultValue) : defaultValue
    texts.push(`default = ${text}`)
  }
  if (jsonName !== undefined && jsonName !== defaultJsonName(name)) texts.push(`json_name = ${JSON.stringify(jsonName)}`)
  return texts
}

/** As protoc makes it. */
export const defaultJsonName = (name: string): string =>
  name.replace(/_+([a-zA-Z0-9])?/g, (_match, next: string | undefined) => next?.toUpperCase() ?? '')

/** `past`: by how much the end of a range is behind its last number. */
function reserved(
  ranges: readonly RangeDescriptor[] | undefined,
  names: readonly string[] | undefined,
  past: number,
  max: number,
): readonly string[] {
  return [
    ...(ranges ?? []).map((range) => `reserved ${rangeText(range, past, max)};`),
    ...(names ?? []).map((name) => `reserved ${JSON.stringify(name)};`),
  ]
}

function rangeText({ start, end }: RangeDescriptor, past: number, max: number): string {
  const last = end - past
  return last === start ? String(start) : `${start} to ${last >= max ? 'max' : last}`
}

function methodText({ name, inputType, outputType, clientStreaming, serverStreaming, options }: MethodDescriptor): string {
  const side = (isStream: boolean | undefined, type: string): string => `(${isStream === true ? 'stream ' : ''}${type})`
  const body = statements(options)
  return `rpc ${name} ${side(clientStreaming, inputType)} returns ${side(serverStreaming, outputType)}${body.length === 0 ? ';' : ` {\n${body.join('\n')}\n}`}`
}
