/**
 * JSON Schema as the registry and the studio know it: drafts 4, 6, 7, 2019-09 and 2020-12, `$schema` decides, absent is draft 7. References are
 * found in the text and among the registered ones; nothing is fetched, ever. Each part is a file beside this one.
 */

import type { SchemaFormat } from '../format'
import { writeJson } from '../json-text'
import { incompatibilities } from './incompatibilities'
import { stringMember } from './json'
import { locate } from './locate'
import { type JsonSchema, parseJsonSchema } from './parse'

export type { JsonSchema } from './parse'

export const jsonSchemaFormat: SchemaFormat<JsonSchema> = {
  type: 'JSON',
  parse: parseJsonSchema,
  warnings: () => [],
  canonicalText: (schema) => writeJson(schema.root),
  normalizedText: (schema) => writeJson(schema.root, { sortKeys: true }),
  resolvedText: (schema) => writeJson(schema.root),
  recordName: (schema) => stringMember(schema.root, 'title'),
  incompatibilities,
  fixes: () => [],
  changes: () => [],
  format: (text) => ({ ok: true, value: text }),
  outline: () => [],
  locate,
}
