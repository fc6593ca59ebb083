/** Avro's codec: schema texts in, a pair of functions out. Only codec.ts and tests come here. */
import type { ReferencedTexts } from '../../format'
import { parseJson } from '../json-value'
import { avroDecoder } from './avro-decoder'
import { avroEncoder } from './avro-encoder'
import { AvroReader } from './avro-reader'
import { readAvroType } from './avro-type'

export interface AvroCodec {
  /** JSON text in the reader's shape. */
  decode(payload: Uint8Array): string
  /** Of the writer's schema. */
  encode(json: string): Buffer
}

/** Compiles the writer's schema, and the reader's where it is another. Throws AvroSchemaError. */
export function avroCodec(
  writer: { readonly text: string; readonly references: ReferencedTexts },
  reader: { readonly text: string; readonly references: ReferencedTexts } | null,
): AvroCodec {
  const writerType = readAvroType(writer.text, writer.references)
  const decode = avroDecoder(writerType, reader === null ? writerType : readAvroType(reader.text, reader.references))
  const encode = avroEncoder(writerType)
  return {
    decode(payload) {
      const source = new AvroReader(payload)
      const json = decode(source)
      source.end()
      return json
    },
    encode: (json) => encode(parseJson(json)),
  }
}
