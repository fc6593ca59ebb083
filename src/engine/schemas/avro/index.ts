/** Avro as a schema format: what the registry and the studio ask of it. The parsed form is public: codecs, samples and code generators walk it. */
import type { SchemaFormat } from '../format'
import { canonicalText, normalizedText, recordNameOf, resolvedText } from './canonical'
import { avroChanges } from './changes/breaks'
import { avroIncompatibilities } from './compatibility'
import { avroFixes } from './fixes'
import { locateInAvro } from './locate'
import type { AvroSchema } from './model'
import { outlineOfAvro } from './outline'
import { parseAvro } from './parse/parse'
import { formatAvro } from './pretty'

export { textOfType } from './canonical'
export { type AvroIdl, fixesOfIdl, formatAvroIdl, outlineOfIdl, parseAvroIdl, printAvroIdl } from './idl'
export * from './model'
export { parseAvro } from './parse/parse'
export { type FingerprintAlgorithm, fingerprint, parsingCanonicalForm } from './parsing-form'

export const avroFormat: SchemaFormat<AvroSchema> = {
  type: 'AVRO',
  parse: parseAvro,
  warnings: (text, schema) => {
    if (schema.text === text) return schema.warnings
    const parsed = parseAvro(text, new Map(), { isNew: true })
    return parsed.ok ? parsed.value.warnings : []
  },
  canonicalText,
  normalizedText,
  resolvedText,
  recordName: recordNameOf,
  incompatibilities: avroIncompatibilities,
  fixes: avroFixes,
  changes: avroChanges,
  format: formatAvro,
  outline: outlineOfAvro,
  locate: locateInAvro,
}
