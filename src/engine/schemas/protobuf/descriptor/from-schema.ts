/** A schema as a FileDescriptorProto, names resolved: what clients ask for with `format=serialized`. */
import type { ProtoEnum, ProtoExtend, ProtoField, ProtoMessage, ProtoOption, ProtoReserved } from '../syntax/nodes'
import { enumsOf, fieldsOf, isProto3, messagesOf } from '../syntax/nodes'
import { findType, isScalar, joined, type ProtobufSchema, packageOf } from '../types'
import {
  type EnumDescriptor,
  type FieldDescriptor,
  type FileDescriptor,
  type MessageDescriptor,
  writeFileDescriptor,
} from './messages'
import { optionsMessage } from './options'
import { defaultJsonName } from './to-text'
import { ENUM, GROUP, MESSAGE, OPTIONAL, REPEATED, REQUIRED, wordOfScalar } from './type-words'

/** In base64. */
export const serializedProtobuf = (schema: ProtobufSchema): string =>
  Buffer.from(writeFileDescriptor(fileDescriptor(schema))).toString('base64')

export function fileDescriptor(schema: ProtobufSchema): FileDescriptor {
  const { file } = schema
  const maker = new DescriptorMaker(schema)
  const scope = packageOf(file)
  const indexesOf = (modifier: 'public' | 'weak') =>
    file.imports.flatMap((one, index) => (one.modifier === modifier ? [index] : []))
  return {
    name: 'default.proto',
    ...(file.package === null ? {} : { package: file.package.name }),
    dependency: file.imports.map(({ path }) => path),
    publicDependency: indexesOf('public'),
    weakDependency: indexesOf('weak'),
    messageType: messagesOf(file.types).map((message) => maker.message(message, scope)),
    enumType: enumsOf(file.types).map((one) => maker.enum(one)),
    extension: file.extends.flatMap((one) => maker.extension(one, scope)),
    service: file.services.map(({ name, methods, options }) => ({
      name,
      method: methods.map((method) => ({
        name: method.name,
        inputType: maker.fullName(method.request.name, scope),
        outputType: maker.fullName(method.response.name, scope),
        clientStreaming: method.isRequestStream,
        serverStreaming: method.isResponseStream,
        ...withOptions('MethodOptions', method.options),
      })),
      ...withOptions('ServiceOptions', options),
    })),
    ...withOptions('FileOptions', file.options),
    ...(file.syntax === null || !isProto3(file) ? {} : { syntax: 'proto3' }),
  }
}

const withOptions = (kind: string, options: readonly ProtoOption[]) => {
  const message = optionsMessage(kind, options)
  return message === undefined ? {} : { options: message }
}

class DescriptorMaker {
  private readonly isProto3: boolean

  constructor(private readonly schema: ProtobufSchema) {
    this.isProto3 = isProto3(schema.file)
  }

  fullName(name: string, scope: string): string {
    const found = findType(this.schema.types, name, scope)
    return found === null ? name : `.${found.fullName}`
  }

  message(message: ProtoMessage, outer: string): MessageDescriptor {
    const scope = joined(outer, message.name)
    const all = fieldsOf(message)
    const oneofs: { name: string; options?: object }[] = message.oneofs.map(({ name, options }) => ({
      name,
      ...withOptions('OneofOptions', options),
    }))
    const field = all.map(({ field: one, oneof }) => {
      const made = this.field(one, scope)
      if (oneof !== null) return { ...made, oneofIndex: oneofs.findIndex(({ name }) => name === oneof) }
      if (!this.isProto3 || one.label !== 'optional') return made
      // Presence in proto3 is a oneof of its own, behind the real ones.
      oneofs.push({ name: `_${one.name}` })
      return { ...made, oneofIndex: oneofs.length - 1, proto3Optional: true }
    })
    const entries = all.flatMap(({ field: one }) => (one.mapKey === null ? [] : [this.mapEntry(one, scope)]))
    const { ranges, names } = reserved(message.reserved)
    return {
      name: message.name,
      field,
      oneofDecl: oneofs as NonNullable<MessageDescriptor['oneofDecl']>,
      nestedType: [...messagesOf(message.types).map((one) => this.message(one, scope)), ...entries],
      enumType: enumsOf(message.types).map((one) => this.enum(one)),
      extension: message.extends.flatMap((one) => this.extension(one, scope)),
      extensionRange: message.extensions.flatMap((one) => one.ranges.map(({ start, end }) => ({ start, end: end + 1 }))),
      reservedRange: ranges.map(({ start, end }) => ({ start, end: end + 1 })),
      reservedName: names,
      ...withOptions('MessageOptions', message.options),
    }
  }

  enum(one: ProtoEnum): EnumDescriptor {
    const { ranges, names } = reserved(one.reserved)
    return {
      name: one.name,
      value: one.values.map(({ name, number, options }) => ({ name, number, ...withOptions('EnumValueOptions', options) })),
      reservedRange: ranges,
      reservedName: names,
      ...withOptions('EnumOptions', one.options),
    }
  }

  extension({ extended, fields }: ProtoExtend, scope: string): readonly FieldDescriptor[] {
    return fields.map((field) => ({ ...this.field(field, scope), extendee: this.fullName(extended.name, scope) }))
  }

  private field(field: ProtoField, scope: string): FieldDescriptor {
    const { name, number, label, mapKey, options, type, group } = field
    const special = (wanted: string) =>
      options.find(({ parts }) => parts.length === 1 && !parts[0]!.isExtension && parts[0]!.name === wanted)?.value
    const jsonName = special('json_name')
    const defaults = special('default')
    const named =
      mapKey !== null
        ? { type: MESSAGE, typeName: `.${scope}.${entryName(name)}` }
        : this.type(group === null ? type.name : group.name, scope, group !== null)
    return {
      name,
      number,
      label: mapKey !== null || label === 'repeated' ? REPEATED : label === 'required' ? REQUIRED : OPTIONAL,
      ...named,
      ...(defaults === undefined || defaults.kind === 'message' || defaults.kind === 'list'
        ? {}
        : {
            defaultValue:
              defaults.kind === 'string' ? defaults.value : defaults.kind === 'number' ? defaults.text : defaults.name,
          }),
      jsonName: jsonName?.kind === 'string' ? jsonName.value : defaultJsonName(name),
      ...withOptions('FieldOptions', options),
    }
  }

  private type(name: string, scope: string, isGroup: boolean): Pick<FieldDescriptor, 'type' | 'typeName'> {
    if (isScalar(name)) return { type: wordOfScalar(name) }
    const found = findType(this.schema.types, name, scope)
    return {
      type: isGroup ? GROUP : found?.node.kind === 'enum' ? ENUM : MESSAGE,
      typeName: found === null ? name : `.${found.fullName}`,
    }
  }

  private mapEntry(field: ProtoField, scope: string): MessageDescriptor {
    const part = (name: string, number: number, type: string): FieldDescriptor => ({
      name,
      number,
      label: OPTIONAL,
      jsonName: name,
      ...this.type(type, scope, false),
    })
    return {
      name: entryName(field.name),
      field: [part('key', 1, field.mapKey!.name), part('value', 2, field.type.name)],
      options: { mapEntry: true },
    }
  }
}

/** As protoc names the message of a map's entries. */
function entryName(name: string): string {
  const camel = defaultJsonName(name)
  return `${camel.charAt(0).toUpperCase()}${camel.slice(1)}Entry`
}

const reserved = (list: readonly ProtoReserved[]) => ({
  ranges: list.flatMap(({ ranges }) => ranges.map(({ start, end }) => ({ start, end }))),
  names: list.flatMap(({ names }) => names.map(({ name }) => name)),
})
