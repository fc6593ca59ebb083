/**
 * `format=` of the calls that answer schemas: `resolved` writes references out, `serialized` gives Protobuf's descriptor in base64, which Confluent's
 * deserializers for Protobuf ask for. Formats that are not known are ignored, as by Confluent's.
 */
import type { StoredSchema } from '../model'
import type { OperationContext } from '../operations/operation'

export function inFormat({ state, schemas }: OperationContext, schema: StoredSchema, format: string | null): string {
  const wanted = format?.toLowerCase()
  if (wanted !== 'resolved' && wanted !== 'serialized') return schema.text
  const parsed = schemas.stored(state, schema)
  if (wanted === 'serialized') return parsed.format.serializedText?.(parsed.schema) ?? schema.text
  return parsed.format.resolvedText(parsed.schema)
}
