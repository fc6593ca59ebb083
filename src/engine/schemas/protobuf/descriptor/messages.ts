/**
 * google.protobuf.FileDescriptorProto as it goes over the wire, by protobufjs: only what this folder reads and writes of it. Numbers of 64 bits occur
 * in options alone and are texts here.
 */
import protobuf from 'protobufjs'
import descriptorJson from 'protobufjs/google/protobuf/descriptor.json'

export type OptionsMessage = Readonly<Record<string, unknown>> & { readonly uninterpretedOption?: readonly UninterpretedOption[] }

export interface UninterpretedOption {
  readonly name: readonly { readonly namePart: string; readonly isExtension: boolean }[]
  readonly identifierValue?: string
  readonly positiveIntValue?: string
  readonly negativeIntValue?: string
  readonly doubleValue?: number | string
  /** UTF-8. */
  readonly stringValue?: Uint8Array
  readonly aggregateValue?: string
}

export interface FieldDescriptor {
  readonly name: string
  readonly number: number
  /** 'LABEL_REPEATED' and the like. */
  readonly label: string
  /** 'TYPE_INT32' and the like. */
  readonly type: string
  readonly typeName?: string
  readonly extendee?: string
  readonly defaultValue?: string
  readonly oneofIndex?: number
  readonly jsonName?: string
  readonly options?: OptionsMessage
  readonly proto3Optional?: boolean
}

/** `end` is behind the last number in messages, the last one itself in enums. */
export interface RangeDescriptor {
  readonly start: number
  readonly end: number
}

export interface EnumDescriptor {
  readonly name: string
  readonly value?: readonly { readonly name: string; readonly number: number; readonly options?: OptionsMessage }[]
  readonly options?: OptionsMessage
  readonly reservedRange?: readonly RangeDescriptor[]
  readonly reservedName?: readonly string[]
}

export interface MessageDescriptor {
  readonly name: string
  readonly field?: readonly FieldDescriptor[]
  readonly extension?: readonly FieldDescriptor[]
  readonly nestedType?: readonly MessageDescriptor[]
  readonly enumType?: readonly EnumDescriptor[]
  readonly extensionRange?: readonly RangeDescriptor[]
  readonly oneofDecl?: readonly { readonly name: string; readonly options?: OptionsMessage }[]
  readonly options?: OptionsMessage
  readonly reservedRange?: readonly RangeDescriptor[]
  readonly reservedName?: readonly string[]
}

export interface MethodDescriptor {
  readonly name: string
  readonly inputType: string
  readonly outputType: string
  readonly clientStreaming?: boolean
  readonly serverStreaming?: boolean
  readonly options?: OptionsMessage
}

export interface FileDescriptor {
  readonly name?: string
  readonly package?: string
  readonly dependency?: readonly string[]
  readonly publicDependency?: readonly number[]
  readonly weakDependency?: readonly number[]
  readonly messageType?: readonly MessageDescriptor[]
  readonly enumType?: readonly EnumDescriptor[]
  readonly service?: readonly {
    readonly name: string
    readonly method?: readonly MethodDescriptor[]
    readonly options?: OptionsMessage
  }[]
  readonly extension?: readonly FieldDescriptor[]
  readonly options?: OptionsMessage
  readonly syntax?: string
}

let root: protobuf.Root | null = null

function typeNamed(name: string): protobuf.Type {
  root ??= protobuf.Root.fromJSON(descriptorJson)
  return root.lookupType(`google.protobuf.${name}`)
}

/** Throws what protobufjs throws where the bytes are none. */
export function readFileDescriptor(bytes: Uint8Array): FileDescriptor {
  const type = typeNamed('FileDescriptorProto')
  return type.toObject(type.decode(bytes), { enums: String, longs: String }) as FileDescriptor
}

export function writeFileDescriptor(file: FileDescriptor): Uint8Array {
  const type = typeNamed('FileDescriptorProto')
  return type.encode(type.fromObject(file as Record<string, unknown>)).finish()
}

/** Options that descriptor.proto itself has, by camel case, of 'FieldOptions' and the like; with whether each is repeated. */
export const knownOption = (message: string, name: string): boolean => Object.hasOwn(typeNamed(message).fields, name)
