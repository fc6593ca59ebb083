/**
 * From the body of a request to the content that is stored and compared: what is left out is taken from the version before, defaults and
 * overrides of the config are merged in, the text is parsed and brought into its canonical or normal form.
 */
import type { SchemaReference, SchemaType } from '../../format'
import { invalidSchema } from '../errors'
import type { ConfigValue, JsonObject, Metadata, RuleSet, SchemaContent, StoredSchema } from '../model'
import { findReferenced, type ParsedSchema, type ParsedSchemas } from '../parsed-schemas'
import type { RegistryState } from '../state'
import { inContextOf } from '../subject-name'
import { liveVersions } from './lookup'

/** A body of POST …/versions, of a look-up and of a compatibility check. */
export interface SchemaRequest {
  readonly type: SchemaType
  readonly text: string
  readonly references: readonly SchemaReference[]
  /** Null: absent. */
  readonly metadata: Metadata | null
  readonly ruleSet: RuleSet | null
  /** 0: the next one. */
  readonly version: number
  /** -1: to be given by the registry. */
  readonly id: number
}

export interface PrepareOptions {
  readonly normalize: boolean
  readonly isNew: boolean
  readonly config: ConfigValue
}

export interface PreparedSchema {
  readonly content: SchemaContent
  readonly parsed: ParsedSchema
}

/** Throws 42201 where it is no schema, or refers to what is not there. */
export function prepareSchema(
  state: RegistryState,
  schemas: ParsedSchemas,
  subject: string,
  request: SchemaRequest,
  { normalize, isNew, config }: PrepareOptions,
): PreparedSchema {
  const given = request.text.trim() === '' ? previousSchema(state, subject) : request
  const references = given.references.map((reference) => withKnownVersion(state, subject, reference))
  const parsed = schemas.parse(state, subject, { type: given.type, text: given.text, references }, { isNew })
  const isNormal = normalize || config.normalize === true
  const { format, schema } = parsed
  const content: SchemaContent = {
    type: given.type,
    text: isNormal ? format.normalizedText(schema) : format.canonicalText(schema),
    references: isNormal ? normalReferences(references) : references,
    metadata: request.metadata,
    ruleSet: request.ruleSet,
  }
  return { content, parsed }
}

/** Only what a new version gets: a look-up compares with what was stored, where this has been done already. */
export function withInherited(content: SchemaContent, previous: StoredSchema | undefined, config: ConfigValue): SchemaContent {
  const metadata = content.metadata ?? previous?.metadata ?? null
  const ruleSet = content.ruleSet ?? previous?.ruleSet ?? null
  return {
    ...content,
    metadata: mergeMetadata(mergeMetadata(config.defaultMetadata ?? null, metadata), config.overrideMetadata ?? null),
    ruleSet: mergeRuleSets(mergeRuleSets(config.defaultRuleSet ?? null, ruleSet), config.overrideRuleSet ?? null),
  }
}

function previousSchema(state: RegistryState, subject: string): StoredSchema {
  const latest = liveVersions(state, subject).at(-1)
  if (latest === undefined) throw invalidSchema('Empty schema')
  return latest
}

function withKnownVersion(state: RegistryState, subject: string, reference: SchemaReference): SchemaReference {
  if (reference.version !== -1) return reference
  const latest = findReferenced(state, inContextOf(subject, reference.subject), -1)
  return latest === undefined ? reference : { ...reference, version: latest.version }
}

function normalReferences(references: readonly SchemaReference[]): SchemaReference[] {
  const byKey = new Map(
    references.map((reference) => [JSON.stringify([reference.name, reference.subject, reference.version]), reference]),
  )
  return [...byKey.values()].sort((a, b) => compare(a.name, b.name) || compare(a.subject, b.subject) || a.version - b.version)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The second one's word counts. */
export function mergeMetadata(first: Metadata | null, second: Metadata | null): Metadata | null {
  if (first === null || second === null) return second ?? first
  const sensitive = [...new Set([...(first.sensitive ?? []), ...(second.sensitive ?? [])])]
  return {
    ...(first.tags === undefined && second.tags === undefined ? {} : { tags: { ...first.tags, ...second.tags } }),
    ...(first.properties === undefined && second.properties === undefined
      ? {}
      : { properties: { ...first.properties, ...second.properties } }),
    ...(sensitive.length === 0 ? {} : { sensitive }),
  }
}

/** A rule of the second takes the place of one with its name in the first. */
export function mergeRuleSets(first: RuleSet | null, second: RuleSet | null): RuleSet | null {
  if (first === null || second === null) return second ?? first
  const merged = (name: 'migrationRules' | 'domainRules' | 'encodingRules') => {
    const rules = new Map<unknown, JsonObject>()
    for (const rule of [...(first[name] ?? []), ...(second[name] ?? [])]) {
      rules.delete(rule['name'])
      rules.set(rule['name'], rule)
    }
    return rules.size === 0 ? {} : { [name]: [...rules.values()] }
  }
  const enableAt = second.enableAt ?? first.enableAt
  return {
    ...merged('migrationRules'),
    ...merged('domainRules'),
    ...merged('encodingRules'),
    ...(enableAt === undefined ? {} : { enableAt }),
  }
}
