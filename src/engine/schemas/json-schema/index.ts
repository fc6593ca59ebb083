/**
 * JSON Schema as the registry and the studio know it: drafts 4, 6, 7, 2019-09 and 2020-12, `$schema` decides, absent is draft 7. References are
 * found in the text and among the registered ones; nothing is fetched, ever. Each part is a file beside this one.
 */

import { err, ok } from '../../../shared/lang/result'
import type { SchemaFormat } from '../format'
import { layOut, readJson, writeJson } from '../json-text'
import { changes } from './changes'
import { fixes } from './fixes'
import { incompatibilities } from './incompatibilities'
import { stringMember } from './json'
import { locate } from './locate'
import { outline } from './outline'
import { type JsonSchema, jsonSchemaWarnings, parseJsonSchema } from './parse'
import { resolvedText } from './resolved'

export { reservedIncompatibilities, reservedMetadataProperty, reservedNames } from './compare'
export type { JsonSchema } from './parse'

/** Maps of schemas are read line by line, however short. */
const spread = new Set(['properties', 'patternProperties', 'definitions', '$defs'])

export const jsonSchemaFormat: SchemaFormat<JsonSchema> = {
  type: 'JSON',
  parse: parseJsonSchema,
  warnings: (_text, schema) => jsonSchemaWarnings(schema),
  canonicalText: (schema) => writeJson(schema.root),
  normalizedText: (schema) => writeJson(schema.root, { sortKeys: true }),
  resolvedText: (schema) => resolvedText(schema.graph),
  recordName: (schema) => stringMember(schema.root, 'title'),
  incompatibilities,
  fixes,
  changes,
  format: (text) => {
    const { root, problems } = readJson(text)
    return root === null || problems.length > 0 ? err(problems) : ok(layOut(text, root, { expands: (key) => spread.has(key) }))
  },
  outline,
  locate,
}
