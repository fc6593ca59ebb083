/**
 * Payloads of any schema type as JSON text and back: what the window reads messages with and writes them by, and what the evolution check runs
 * over a topic. Compiling costs, using does not: keep a codec as long as its schema is looked at. Payloads carry no prefix here (wire-format.ts).
 * JSON is without loss both ways; nothing passes through a double that is none.
 */
import type { ReferencedTexts, SchemaType } from '../format'
import { avroCodec } from './avro'
import { AvroSchemaError } from './avro/avro-type'
import { jsonSchemaCodec } from './json-schema'
import { JsonSchemaError } from './json-schema/compile-validator'
import { JsonSyntaxError } from './json-value'
import { protobufCodec } from './protobuf'
import { ProtoSchemaError } from './protobuf/proto-model'
import { SerdeError } from './serde-error'
import type { MessageIndexes } from './wire-format'

export interface CodecSchema {
  readonly type: SchemaType
  /** What the payload was, or is to be, written with. */
  readonly text: string
  readonly references: ReferencedTexts
  /** Shows payloads as a reader with this schema of the same type sees them: a newer version, a draft. */
  readonly readerText?: string
  /** Of `readerText`; those of `text` where absent. */
  readonly readerReferences?: ReferencedTexts
  /** Protobuf: which message of the file; the first one where absent. */
  readonly messageIndexes?: MessageIndexes
}

export interface PayloadCodec {
  /** Throws SerdeError. */
  decode(payload: Uint8Array): { readonly json: string }
  /** Throws SerdeError; a text that is no JSON is one as well. */
  encode(json: string): Uint8Array
}

/** The schema's own text cannot be used; `message` says why. */
export class CodecSchemaError extends Error {
  override readonly name = 'CodecSchemaError'
}

/** Throws {@link CodecSchemaError}. */
export function compileCodec(schema: CodecSchema): PayloadCodec {
  const codec = compile(schema)
  return {
    decode: (payload) => ({ json: guarded(() => codec.decode(payload)) }),
    encode: (json) => guarded(() => codec.encode(json)),
  }
}

interface AnyCodec {
  decode(payload: Uint8Array): string
  encode(json: string): Uint8Array
}

function compile(schema: CodecSchema): AnyCodec {
  const reader =
    schema.readerText === undefined ? null : { text: schema.readerText, references: schema.readerReferences ?? schema.references }
  try {
    switch (schema.type) {
      case 'AVRO':
        return avroCodec(schema, reader)
      case 'JSON': {
        const writer = jsonSchemaCodec(schema)
        return reader === null ? writer : { encode: writer.encode, decode: jsonSchemaCodec(reader).decode }
      }
      case 'PROTOBUF':
        return protobufCodec(schema, reader, schema.messageIndexes ?? [0])
    }
  } catch (error) {
    if (error instanceof AvroSchemaError || error instanceof JsonSchemaError || error instanceof ProtoSchemaError)
      throw new CodecSchemaError(error.message)
    throw error
  }
}

function guarded<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new SerdeError(`no JSON: ${error.message}, at character ${error.offset}`)
    throw error
  }
}
