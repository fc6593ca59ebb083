/** Avro's own attributes, and which of them a misspelt one may mean: nobody reads "defualt", and nobody says so. */
import type { SourceRange } from '../../format'
import { type JsonObject, memberOf } from '../../json-text'
import { editDistance } from '../names'
import type { ProblemList } from './problems'

/** What Schema.Parser of Avro takes for its own and does not keep among the attributes of a type (SCHEMA_RESERVED). */
const reservedOfTypes = ['doc', 'fields', 'items', 'name', 'namespace', 'size', 'symbols', 'values', 'type', 'aliases']
export const reservedAttributes: Readonly<Record<'type' | 'enum' | 'field', ReadonlySet<string>>> = {
  type: new Set(reservedOfTypes),
  enum: new Set([...reservedOfTypes, 'default']),
  field: new Set(['default', 'doc', 'name', 'order', 'type', 'aliases']),
}

/** What each kind of object reads, the required ones first. */
const known: Readonly<Record<string, readonly string[]>> = {
  field: ['name', 'type', 'default', 'doc', 'order', 'aliases'],
  record: ['type', 'name', 'fields', 'namespace', 'doc', 'aliases'],
  error: ['type', 'name', 'fields', 'namespace', 'doc', 'aliases'],
  enum: ['type', 'name', 'symbols', 'namespace', 'doc', 'aliases', 'default'],
  fixed: ['type', 'name', 'size', 'namespace', 'doc', 'aliases', 'logicalType', 'precision', 'scale'],
  array: ['type', 'items'],
  map: ['type', 'values'],
}
const knownOfPrimitives = ['type', 'logicalType', 'precision', 'scale']

/** Warns of attributes that look like a known one which is not there. `owner` is 'field', 'record', … or a primitive. */
export function warnOfMisspeltAttributes(object: JsonObject, owner: string, path: string, problems: ProblemList): void {
  const attributes = known[owner] ?? knownOfPrimitives
  const absent = attributes.filter((attribute) => !memberOf(object, attribute))
  for (const { key } of object.members) {
    if (attributes.includes(key.value)) continue
    const meant = absent.find((attribute) => isMisspelling(key.value, attribute))
    if (!meant) continue
    problems.warning(key, path, `Nobody reads the attribute "${key.value}".`, {
      hint: `"${meant}" may be meant.`,
      fixes: [{ label: `Change to ${meant}`, edits: [{ ...rangeOf(key), insert: JSON.stringify(meant) }] }],
    })
  }
}

/** One edit, or two in long words, or another letter case or hyphen: "defualt", "logical-type", "Doc". */
function isMisspelling(written: string, attribute: string): boolean {
  const bare = (word: string): string => word.toLowerCase().replace(/[-_]/g, '')
  if (bare(written) === bare(attribute)) return true
  const limit = attribute.length >= 7 ? 2 : 1
  return attribute.length >= 4 && editDistance(bare(written), bare(attribute), limit) <= limit
}

export const rangeOf = ({ from, to }: SourceRange): SourceRange => ({ from, to })
