/** Protobuf's codec: a .proto text in, a pair of functions out. Only codec.ts, samples and tests come here. */
import type { ReferencedTexts } from '../../format'
import { parseJson } from '../json-value'
import type { MessageIndexes } from '../wire-format'
import { decodeMessage } from './proto-decoder'
import { encodeMessage } from './proto-encoder'
import { readProtoFile } from './proto-model'

export interface ProtobufCodec {
  decode(payload: Uint8Array): string
  encode(json: string): Buffer
}

/** Of the message that the indexes lead to; with a reader's schema, the same indexes in that. Throws ProtoSchemaError. */
export function protobufCodec(
  writer: { readonly text: string; readonly references: ReferencedTexts },
  reader: { readonly text: string; readonly references: ReferencedTexts } | null,
  messageIndexes: MessageIndexes,
): ProtobufCodec {
  const file = readProtoFile(writer.text, writer.references)
  const message = file.message(messageIndexes)
  const readerFile = reader === null ? file : readProtoFile(reader.text, reader.references)
  const readerMessage = reader === null ? message : readerFile.message(messageIndexes)
  return {
    decode: (payload) => decodeMessage(readerMessage, payload, readerFile),
    encode: (json) => encodeMessage(message, parseJson(json), file),
  }
}
