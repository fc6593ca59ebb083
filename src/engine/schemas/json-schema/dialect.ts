/**
 * The five drafts of JSON Schema that the registry knows, and what each keyword of theirs takes. `$schema` decides, absent means draft 7
 * (registry-and-coordination section 2.2). The table is read by the checks, by the index of sub-schemas and by completion.
 */
import { type JsonNode, membersOf, stringMember } from './json'

/** In the order of their age; draft 4 is 4, the dated ones are 2019 and 2020. */
export type Draft = 4 | 6 | 7 | 2019 | 2020

export const draftNames: Readonly<Record<Draft, string>> = {
  4: 'draft 4',
  6: 'draft 6',
  7: 'draft 7',
  2019: 'draft 2019-09',
  2020: 'draft 2020-12',
}

const draftUris: readonly (readonly [string, Draft])[] = [
  ['json-schema.org/draft-04/schema', 4],
  ['json-schema.org/draft-06/schema', 6],
  ['json-schema.org/draft-07/schema', 7],
  ['json-schema.org/draft/2019-09/schema', 2019],
  ['json-schema.org/draft/2020-12/schema', 2020],
]

/** The draft that a `$schema` names, or null for another one. A trailing `#` and the scheme do not count. */
export function draftOfUri(uri: string): Draft | null {
  const bare = uri
    .trim()
    .replace(/^https?:\/\//, '')
    .replace(/#$/, '')
  return draftUris.find(([known]) => known === bare)?.[1] ?? null
}

/** Of a whole schema; an unknown `$schema` counts as draft 7, as an absent one does. */
export function draftOf(root: JsonNode): Draft {
  const uri = stringMember(root, '$schema')
  return (uri === null ? null : draftOfUri(uri)) ?? 7
}

/** Whether this is the address of a meta-schema itself: the one thing outside of itself that a schema may refer to by address. */
export const isMetaSchemaUri = (uri: string): boolean => draftOfUri(uri) !== null

/** What stands under a keyword. The names that hold schemas steer the index; the others steer the checks. */
export type KeywordValue =
  | 'schema'
  | 'schema-list'
  | 'schema-map'
  | 'schema-or-list'
  | 'dependencies'
  | 'regex-map'
  | 'string'
  | 'reference'
  | 'anchor'
  | 'regex'
  | 'number'
  | 'positive-number'
  | 'count'
  | 'boolean'
  | 'boolean-or-number'
  | 'names'
  | 'names-map'
  | 'types'
  | 'values'
  | 'list'
  | 'any'

/** The type of value that a keyword speaks of: without a `type` it says nothing about others. */
export type KeywordTarget = 'object' | 'array' | 'string' | 'number' | null

export interface Keyword {
  readonly name: string
  readonly value: KeywordValue
  readonly target: KeywordTarget
  readonly since: Draft
  readonly until: Draft
}

const keyword = (
  name: string,
  value: KeywordValue,
  target: KeywordTarget = null,
  since: Draft = 4,
  until: Draft = 2020,
): Keyword => ({
  name,
  value,
  target,
  since,
  until,
})

export const keywords: readonly Keyword[] = [
  keyword('$schema', 'string'),
  keyword('id', 'string', null, 4, 4),
  keyword('$id', 'string', null, 6),
  keyword('$ref', 'reference'),
  keyword('$anchor', 'anchor', null, 2019),
  keyword('$dynamicRef', 'reference', null, 2020),
  keyword('$dynamicAnchor', 'anchor', null, 2020),
  keyword('$recursiveRef', 'reference', null, 2019, 2019),
  keyword('$recursiveAnchor', 'boolean', null, 2019, 2019),
  keyword('$vocabulary', 'any', null, 2019),
  keyword('$comment', 'string', null, 7),
  keyword('$defs', 'schema-map'),
  keyword('definitions', 'schema-map'),
  keyword('title', 'string'),
  keyword('description', 'string'),
  keyword('default', 'any'),
  keyword('examples', 'list', null, 6),
  keyword('deprecated', 'boolean', null, 2019),
  keyword('readOnly', 'boolean', null, 7),
  keyword('writeOnly', 'boolean', null, 7),
  keyword('type', 'types'),
  keyword('enum', 'values'),
  keyword('const', 'any', null, 6),
  keyword('multipleOf', 'positive-number', 'number'),
  keyword('maximum', 'number', 'number'),
  keyword('exclusiveMaximum', 'boolean-or-number', 'number'),
  keyword('minimum', 'number', 'number'),
  keyword('exclusiveMinimum', 'boolean-or-number', 'number'),
  keyword('maxLength', 'count', 'string'),
  keyword('minLength', 'count', 'string'),
  keyword('pattern', 'regex', 'string'),
  keyword('format', 'string', null),
  keyword('contentEncoding', 'string', null, 7),
  keyword('contentMediaType', 'string', null, 7),
  keyword('contentSchema', 'schema', null, 2019),
  keyword('items', 'schema-or-list', 'array'),
  keyword('prefixItems', 'schema-list', 'array', 2020),
  keyword('additionalItems', 'schema', 'array', 4, 2019),
  keyword('unevaluatedItems', 'schema', 'array', 2019),
  keyword('maxItems', 'count', 'array'),
  keyword('minItems', 'count', 'array'),
  keyword('uniqueItems', 'boolean', 'array'),
  keyword('contains', 'schema', 'array', 6),
  keyword('maxContains', 'count', 'array', 2019),
  keyword('minContains', 'count', 'array', 2019),
  keyword('properties', 'schema-map', 'object'),
  keyword('patternProperties', 'regex-map', 'object'),
  keyword('additionalProperties', 'schema', 'object'),
  keyword('unevaluatedProperties', 'schema', 'object', 2019),
  keyword('propertyNames', 'schema', 'object', 6),
  keyword('maxProperties', 'count', 'object'),
  keyword('minProperties', 'count', 'object'),
  keyword('required', 'names', 'object'),
  keyword('dependencies', 'dependencies', 'object'),
  keyword('dependentRequired', 'names-map', 'object', 2019),
  keyword('dependentSchemas', 'schema-map', 'object', 2019),
  keyword('allOf', 'schema-list'),
  keyword('anyOf', 'schema-list'),
  keyword('oneOf', 'schema-list'),
  keyword('not', 'schema'),
  keyword('if', 'schema', null, 7),
  keyword('then', 'schema', null, 7),
  keyword('else', 'schema', null, 7),
]

const byName: ReadonlyMap<string, Keyword> = new Map(keywords.map((entry) => [entry.name, entry]))

/** The keyword of any draft, or undefined. */
export const keywordNamed = (name: string): Keyword | undefined => byName.get(name)

/** The keyword if this draft reads it. `$defs` is read in all of them: it was ever a place to keep schemas in. */
export function keywordOf(name: string, draft: Draft): Keyword | undefined {
  const found = byName.get(name)
  return found !== undefined && found.since <= draft && draft <= found.until ? found : undefined
}

export const simpleTypes = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'] as const
export type SimpleType = (typeof simpleTypes)[number]
export const isSimpleType = (name: string): name is SimpleType => (simpleTypes as readonly string[]).includes(name)

/** Sub-schemas that stand directly under a schema object, with the segments from it to them. */
export function* subschemas(
  node: JsonNode,
  draft: Draft,
): Generator<{ readonly path: readonly string[]; readonly node: JsonNode }> {
  if (node.kind !== 'object') return
  for (const [name, entry] of membersOf(node)) {
    const found = keywordOf(name, draft)
    if (found === undefined) continue
    const { value } = entry
    switch (found.value) {
      case 'schema':
        yield { path: [name], node: value }
        break
      case 'schema-list':
        if (value.kind === 'array')
          for (const [index, item] of value.items.entries()) yield { path: [name, String(index)], node: item }
        break
      case 'schema-or-list':
        if (value.kind === 'array')
          for (const [index, item] of value.items.entries()) yield { path: [name, String(index)], node: item }
        else yield { path: [name], node: value }
        break
      case 'schema-map':
      case 'regex-map':
        if (value.kind === 'object') for (const [key, inner] of membersOf(value)) yield { path: [name, key], node: inner.value }
        break
      case 'dependencies':
        if (value.kind === 'object') {
          for (const [key, inner] of membersOf(value))
            if (inner.value.kind !== 'array') yield { path: [name, key], node: inner.value }
        }
        break
      default:
        break
    }
  }
}
