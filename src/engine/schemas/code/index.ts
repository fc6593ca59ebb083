/**
 * TypeScript types from a schema of any format: what a client declares for the messages that it reads and writes. Everything that is referred
 * to is written out in the same file, which needs no imports and compiles under strict. Called by the service behind the window.
 */

import type { Result } from '../../../shared/lang/result'
import { type AvroSchema, avroFormat } from '../avro'
import type { ReferencedTexts, SchemaProblem, SchemaType } from '../format'
import { type JsonSchema, jsonSchemaFormat } from '../json-schema'
import { type ProtobufSchema, protobufFormat } from '../protobuf'
import { typescriptOfAvro } from './avro'
import { typescriptOfJsonSchema } from './json-schema'
import { typescriptOfProtobuf } from './protobuf'

/** The text is no schema of its type; `message` says why. */
export class CodeError extends Error {
  override readonly name = 'CodeError'
}

/** Throws {@link CodeError}. */
export function typescriptOf(type: SchemaType, text: string, references: ReferencedTexts): string {
  switch (type) {
    case 'AVRO':
      return typescriptOfAvro(good<AvroSchema>(avroFormat.parse(text, references, stored)))
    case 'JSON':
      return typescriptOfJsonSchema(good<JsonSchema>(jsonSchemaFormat.parse(text, references, stored)))
    case 'PROTOBUF':
      return typescriptOfProtobuf(good<ProtobufSchema>(protobufFormat.parse(text, references, stored)))
  }
}

const stored = { isNew: false }

function good<P>(result: Result<P, readonly SchemaProblem[]>): P {
  if (result.ok) return result.value
  throw new CodeError(result.error[0]?.message ?? 'The schema has errors.')
}
