/**
 * Messages of a schema to begin with: realistic by the names of fields, the same for the same seed, and each proven to be one of the schema. Called
 * by the service behind the window. Texts are lossless JSON in the form that the codecs read and show.
 */
import type { ReferencedTexts, SchemaType } from '../format'
import { type JsonValue, printJson, printJsonPretty } from '../serde/json-value'
import type { MessageIndexes } from '../serde/wire-format'
import { avroSampler } from './sample-avro'
import { jsonSchemaSampler } from './sample-json-schema'
import { protobufSampler } from './sample-protobuf'

export { SampleError } from './sample-limits'

export interface SampleSchema {
  readonly type: SchemaType
  readonly text: string
  readonly references: ReferencedTexts
  /** Protobuf: which message of the file; the first one where absent. */
  readonly messageIndexes?: MessageIndexes
}

export interface SampleOptions {
  /** Any int32. The same seed gives the same messages. */
  readonly seed: number
  readonly count: number
  /** With line breaks, for an editor; compact where absent. */
  readonly pretty?: boolean
}

/** Throws CodecSchemaError's causes (AvroSchemaError, JsonSchemaError, ProtoSchemaError) for what is no schema, SampleError where no message can be of it. */
export function sampleMessages(schema: SampleSchema, options: SampleOptions): readonly string[] {
  const sample = samplerOf(schema)
  const print = options.pretty === true ? (value: JsonValue) => printJsonPretty(value) : printJson
  return Array.from({ length: options.count }, (_, index) => print(sample(options.seed, index)))
}

function samplerOf({ type, text, references, messageIndexes }: SampleSchema): (seed: number, index: number) => JsonValue {
  switch (type) {
    case 'AVRO':
      return avroSampler(text, references)
    case 'JSON':
      return jsonSchemaSampler(text, references)
    case 'PROTOBUF':
      return protobufSampler(text, references, messageIndexes ?? [0])
  }
}
