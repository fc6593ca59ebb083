/** Compiled codecs of whole schemas, one a message of a Protobuf file, and their failures in words with path, value and byte. */

import { formatOf } from '../../engine/schemas/formats'
import {
  indexesOfMessage,
  joined,
  messageAtIndexes,
  type ProtobufSchema,
  packageOf,
  walkMessages,
} from '../../engine/schemas/protobuf'
import {
  compileCodec,
  type MessageIndexes,
  messageTag,
  type PayloadCodec,
  SerdeError,
  takeMessageTag,
  withMessageTag,
} from '../../engine/schemas/serde'
import type { WholeSchema } from './schema-texts'

const firstMessage: MessageIndexes = [0]

export class SchemaCodec {
  private readonly codecs = new Map<string, PayloadCodec>()
  private readonly names = new Map<string, string | null>()
  private file: ProtobufSchema['file'] | null = null
  /** Whether indexes lead to a message of the file; null for what is not Protobuf. */
  readonly hasMessage: ((indexes: MessageIndexes) => boolean) | null

  /** `reader`: payloads are shown as somebody with that schema sees them. */
  constructor(
    readonly schema: WholeSchema,
    private readonly reader: WholeSchema | null = null,
  ) {
    this.hasMessage = schema.type === 'PROTOBUF' ? (indexes) => this.knowsMessage(indexes) : null
  }

  /** Of the record in an Avro schema, the title of a JSON Schema, the message of a Protobuf file; null where it has none. */
  recordName(messageIndexes: MessageIndexes | null): string | null {
    const key = messageIndexes?.join('.') ?? ''
    const known = this.names.get(key)
    if (known !== undefined) return known
    const { type, text, referencedTexts } = this.schema
    const parsed = formatOf(type).parse(text, referencedTexts, { isNew: false })
    const name = parsed.ok ? nameOf(type, parsed.value, messageIndexes) : null
    this.names.set(key, name)
    return name
  }

  /** `messageIndexes` where the payload is Protobuf. Throws SerdeError or CodecSchemaError: `sayWhy` has the words. */
  decode(payload: Uint8Array, messageIndexes: MessageIndexes | null): string {
    return this.codec(messageIndexes).decode(payload).json
  }

  /** As `decode`, for people and for sending again: of a Protobuf message that is not the file's first, its name stands in it. */
  show(payload: Uint8Array, messageIndexes: MessageIndexes | null): string {
    const json = this.decode(payload, messageIndexes)
    if (messageIndexes === null || (messageIndexes.length === 1 && messageIndexes[0] === 0)) return json
    const name = this.recordName(messageIndexes)
    return name === null ? json : withMessageTag(name, json)
  }

  /** `messageIndexes` is null for what is not Protobuf; else of the message that the text names, or of the file's first. */
  encode(json: string): { readonly payload: Uint8Array; readonly messageIndexes: MessageIndexes | null } {
    if (this.schema.type !== 'PROTOBUF') return { payload: this.codec(null).encode(json), messageIndexes: null }
    const file = this.protobufFile()
    const tag = takeMessageTag(json)
    if (file === null || tag === null) return { payload: this.codec(firstMessage).encode(json), messageIndexes: firstMessage }
    const messageIndexes = indexesOfNamed(file, tag.name)
    return { payload: this.codec(messageIndexes).encode(tag.json), messageIndexes }
  }

  private knowsMessage(indexes: MessageIndexes): boolean {
    const file = this.protobufFile()
    // The codec says what is wrong with the text.
    return file === null || messageAtIndexes(file, indexes) !== null
  }

  private protobufFile(): ProtobufSchema['file'] | null {
    if (this.file === null) {
      const { type, text, referencedTexts } = this.schema
      const parsed = formatOf(type).parse(text, referencedTexts, { isNew: false })
      if (parsed.ok) this.file = (parsed.value as ProtobufSchema).file
    }
    return this.file
  }

  private codec(messageIndexes: MessageIndexes | null): PayloadCodec {
    const key = messageIndexes?.join('.') ?? ''
    const known = this.codecs.get(key)
    if (known !== undefined) return known
    const { type, text, referencedTexts: references } = this.schema
    const codec = compileCodec({
      type,
      text,
      references,
      ...(this.reader === null ? {} : { readerText: this.reader.text, readerReferences: this.reader.referencedTexts }),
      ...(messageIndexes === null ? {} : { messageIndexes }),
    })
    this.codecs.set(key, codec)
    return codec
  }
}

/** With its package, or as it is called in the file. Throws SerdeError where there is none. */
export function indexesOfNamed(file: ProtobufSchema['file'], name: string): MessageIndexes {
  const scope = packageOf(file)
  const inFile = scope !== '' && name.startsWith(`${scope}.`) ? name.slice(scope.length + 1) : name
  const indexes = indexesOfMessage(file, inFile) ?? indexesOfMessage(file, name)
  if (indexes !== null) return indexes
  throw new SerdeError(`the schema has no message ${name}: it has ${messageNames(file).join(', ')}`).at([messageTag])
}

/** With the package. */
export function messageNames(file: ProtobufSchema['file']): readonly string[] {
  return Array.from(walkMessages(file.types), ({ name }) => joined(packageOf(file), name))
}

function nameOf(type: WholeSchema['type'], parsed: unknown, messageIndexes: MessageIndexes | null): string | null {
  if (type !== 'PROTOBUF' || messageIndexes === null) return formatOf(type).recordName(parsed)
  const { file } = parsed as ProtobufSchema
  const found = messageAtIndexes(file, messageIndexes)
  return found === null ? null : joined(packageOf(file), found.name)
}

/** A sentence of what a codec threw: where, which value, at which byte. */
export function sayWhy(error: unknown): string {
  const where = pathOf(error)
  return where === '' ? sentence(reasonOf(error)) : `${where}: ${sentence(reasonOf(error))}`
}

/** The same without its place, for a table that has a column for that. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof SerdeError)) return (error as Error).message
  const value = error.value === null || error.message.includes(error.value) ? '' : ` (the value is ${error.value})`
  const offset =
    error.offset === null || error.message.endsWith(`at byte ${error.offset}`) ? '' : `, at byte ${error.offset} of the payload`
  return `${error.message}${value}${offset}`
}

/** Where in the data; '' for the whole, or for what no place is known of. */
export function pathOf(error: unknown): string {
  return error instanceof SerdeError ? error.path : ''
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
