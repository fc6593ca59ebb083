/** Compiled codecs of whole schemas, one a message of a Protobuf file, and their failures in words with path, value and byte. */

import { formatOf } from '../../engine/schemas/formats'
import { joined, messageAtIndexes, type ProtobufSchema, packageOf } from '../../engine/schemas/protobuf'
import { compileCodec, type MessageIndexes, type PayloadCodec, SerdeError } from '../../engine/schemas/serde'
import type { WholeSchema } from './schema-texts'

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

  encode(json: string): Uint8Array {
    return this.codec(null).encode(json)
  }

  private knowsMessage(indexes: MessageIndexes): boolean {
    if (this.file === null) {
      const { type, text, referencedTexts } = this.schema
      const parsed = formatOf(type).parse(text, referencedTexts, { isNew: false })
      // The codec says what is wrong with the text.
      if (!parsed.ok) return true
      this.file = (parsed.value as ProtobufSchema).file
    }
    return messageAtIndexes(this.file, indexes) !== null
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
