/** `format=` of the calls that answer schemas: `resolved` writes references out. Formats that are not known are ignored, as by Confluent's. */
import type { StoredSchema } from '../model'
import type { OperationContext } from '../operations/operation'

export function inFormat({ state, schemas }: OperationContext, schema: StoredSchema, format: string | null): string {
  if (format === null || format.toLowerCase() !== 'resolved') return schema.text
  const parsed = schemas.stored(state, schema)
  return parsed.format.resolvedText(parsed.schema)
}
