/**
 * A .proto file as the codec sees it: messages with their fields, types resolved through imports. Parsed by protobufjs; what protobufjs would generate
 * code for is done by our own reader and writer, which keep 64 bits, name the field and the byte, and need no `new Function`.
 */
import protobuf from 'protobufjs'
import descriptor from 'protobufjs/google/protobuf/descriptor.json'
import type { ReferencedTexts } from '../../format'
import { messageAtIndexes } from '../../protobuf/message-indexes'
import { readProto } from '../../protobuf/syntax/parser'
import { commonTypes } from '../../protobuf/well-known/google-type'
import type { MessageIndexes } from '../wire-format'

type Whole32Kind = 'int32' | 'uint32' | 'sint32' | 'fixed32' | 'sfixed32'
type Whole64Kind = 'int64' | 'uint64' | 'sint64' | 'fixed64' | 'sfixed64'
export type ScalarKind = Whole32Kind | Whole64Kind | 'double' | 'float' | 'bool' | 'string' | 'bytes'

export interface ProtoEnum {
  readonly name: string
  /** The first name of a number is the one shown. */
  readonly names: ReadonlyMap<number, string>
  readonly numbers: ReadonlyMap<string, number>
}

export type ProtoType =
  | { readonly kind: 'scalar'; readonly scalar: ScalarKind }
  | { readonly kind: 'enum'; readonly enum: ProtoEnum }
  | { readonly kind: 'message'; readonly message: ProtoMessage; readonly isGroup: boolean }

export interface ProtoField {
  readonly id: number
  /** As in the file, and as in JSON. */
  readonly name: string
  readonly jsonName: string
  readonly type: ProtoType
  readonly isRepeated: boolean
  readonly isPacked: boolean
  readonly isRequired: boolean
  /** Whether "not there" and "the default" are two things. */
  readonly hasPresence: boolean
  /** Of a map; the field's type is that of the values. */
  readonly mapKey: ScalarKind | null
  /** The oneof that it belongs to, null for none (an `optional` of proto3 is none). */
  readonly oneof: string | null
}

export interface ProtoMessage {
  /** Without a dot in front. */
  readonly name: string
  readonly fields: readonly ProtoField[]
  readonly byId: ReadonlyMap<number, ProtoField>
  /** Under both spellings. */
  readonly byName: ReadonlyMap<string, ProtoField>
}

/** The text is no .proto file, an import is missing, or the indexes lead to no message. */
export class ProtoSchemaError extends Error {
  override readonly name = 'ProtoSchemaError'
}

export interface ProtoFile {
  message(indexes: MessageIndexes): ProtoMessage
  /** By full name, for Any; null where it is not among the file and its imports. */
  find(name: string): ProtoMessage | null
}

/** Throws {@link ProtoSchemaError}. */
export function readProtoFile(text: string, references: ReferencedTexts): ProtoFile {
  try {
    const root = new protobuf.Root()
    addImports(root, text, references, new Set())
    protobuf.parse(text, root, { keepCase: true })
    root.resolveAll()
    const models = new Models()
    return {
      message: (indexes) => models.message(root.lookupType(messageName(text, indexes))),
      find(name) {
        const found = root.lookup(name)
        return found instanceof protobuf.Type ? models.message(found) : null
      },
    }
  } catch (error) {
    if (error instanceof ProtoSchemaError) throw error
    throw new ProtoSchemaError(error instanceof Error ? error.message : String(error))
  }
}

/** The file on its own has its messages in order; in the root they stand among those of imports of the same package. */
function messageName(text: string, indexes: MessageIndexes): string {
  const own = protobuf.parse(text, new protobuf.Root(), { keepCase: true })
  let parent: protobuf.NamespaceBase = own.package === undefined ? own.root : (own.root.lookup(own.package) as protobuf.Namespace)
  for (const index of indexes) {
    const message = parent.nestedArray.filter((entry) => entry instanceof protobuf.Type)[index]
    if (message === undefined) return messageNameWithMapEntries(text, indexes)
    parent = message
  }
  return parent.fullName
}

/** Python and Go count the entries of maps as well, where they stand; protobufjs does not keep that order. */
function messageNameWithMapEntries(text: string, indexes: MessageIndexes): string {
  const { file } = readProto(text)
  const found = messageAtIndexes(file, indexes)
  if (found === null) throw new ProtoSchemaError(`the schema has no message at index [${indexes.join(', ')}]`)
  return file.package === null ? `.${found.name}` : `.${file.package.name}.${found.name}`
}

function addImports(root: protobuf.Root, text: string, references: ReferencedTexts, seen: Set<string>): void {
  const { imports = [], weakImports = [] } = protobuf.parse(text, new protobuf.Root(), { keepCase: true })
  for (const name of [...imports, ...weakImports]) {
    if (seen.has(name)) continue
    seen.add(name)
    const referenced = references.get(name) ?? (Object.hasOwn(commonTypes, name) ? commonTypes[name] : undefined)
    if (referenced !== undefined) {
      addImports(root, referenced, references, seen)
      protobuf.parse(referenced, root, { keepCase: true })
      continue
    }
    const common =
      name === 'google/protobuf/descriptor.proto' ? descriptor.nested : (protobuf.common.get(name)?.nested as object | undefined)
    if (common === undefined)
      throw new ProtoSchemaError(`the import '${name}' is neither a reference of the schema nor well known`)
    root.addJSON(common as Parameters<protobuf.Root['addJSON']>[0])
  }
}

class Models {
  private readonly messages = new Map<protobuf.Type, ProtoMessage>()
  private readonly enums = new Map<protobuf.Enum, ProtoEnum>()

  message(type: protobuf.Type): ProtoMessage {
    const known = this.messages.get(type)
    if (known !== undefined) return known
    const fields: ProtoField[] = []
    const byId = new Map<number, ProtoField>()
    const byName = new Map<string, ProtoField>()
    const message: ProtoMessage = { name: type.fullName.replace(/^\./, ''), fields, byId, byName }
    this.messages.set(type, message)
    for (const field of [...type.fieldsArray].sort((a, b) => a.id - b.id)) {
      const model = this.field(field)
      fields.push(model)
      byId.set(model.id, model)
      byName.set(model.name, model)
      byName.set(model.jsonName, model)
    }
    return message
  }

  private field(field: protobuf.Field): ProtoField {
    field.resolve()
    const type = this.type(field)
    const { partOf } = field
    const isOptional3 = field.options?.['proto3_optional'] === true
    const key = field instanceof protobuf.MapField ? field.keyType : null
    return {
      id: field.id,
      name: field.name,
      jsonName: typeof field.options?.['json_name'] === 'string' ? field.options['json_name'] : camelCase(field.name),
      type,
      isRepeated: field.repeated,
      isPacked: field.repeated && field.packed && isPackable(type),
      isRequired: field.required,
      hasPresence:
        !field.repeated &&
        key === null &&
        (type.kind === 'message' || partOf !== null || field.required || Boolean(field.hasPresence)),
      mapKey: key as ScalarKind | null,
      oneof: partOf === null || isOptional3 ? null : partOf.name,
    }
  }

  private type(field: protobuf.Field): ProtoType {
    const { resolvedType } = field
    if (resolvedType instanceof protobuf.Enum) return { kind: 'enum', enum: this.enum(resolvedType) }
    if (resolvedType instanceof protobuf.Type) {
      return {
        kind: 'message',
        message: this.message(resolvedType),
        isGroup: Boolean((field as { delimited?: unknown }).delimited),
      }
    }
    return { kind: 'scalar', scalar: field.type as ScalarKind }
  }

  private enum(type: protobuf.Enum): ProtoEnum {
    const known = this.enums.get(type)
    if (known !== undefined) return known
    const names = new Map<number, string>()
    for (const [name, number] of Object.entries(type.values)) if (!names.has(number)) names.set(number, name)
    const model = { name: type.fullName.replace(/^\./, ''), names, numbers: new Map(Object.entries(type.values)) }
    this.enums.set(type, model)
    return model
  }
}

const isPackable = (type: ProtoType): boolean =>
  type.kind === 'enum' || (type.kind === 'scalar' && type.scalar !== 'string' && type.scalar !== 'bytes')

/** As protoc makes json_name: letters behind underscores become capitals, the rest stays. */
const camelCase = (name: string): string => name.replace(/_+([a-z0-9]?)/gi, (_, letter: string) => letter.toUpperCase())
