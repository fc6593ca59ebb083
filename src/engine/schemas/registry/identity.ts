/**
 * The MD5 that is a schema's identity and, written as a UUID, its GUID: over the canonical text, the references, and metadata and rules
 * where there are any (registry-and-coordination section 3.3; the client's entities/Schema.java updateHash, Apache-2.0). The same schema has
 * the same GUID in every registry.
 */
import { createHash, type Hash } from 'node:crypto'
import type { Json, JsonObject, Metadata, RuleSet, SchemaContent } from './model'

const PRESENT = Buffer.from([1])

export function md5Of(content: Omit<SchemaContent, 'type'>): Buffer {
  const hash = createHash('md5')
  hash.update(content.text, 'utf8')
  for (const { name, subject, version } of content.references) {
    hash.update(name, 'utf8')
    hash.update(subject, 'utf8')
    hash.update(int32(version))
  }
  if (content.metadata !== null) {
    hash.update(PRESENT)
    updateMetadata(hash, content.metadata)
  }
  if (content.ruleSet !== null) {
    hash.update(PRESENT)
    updateRuleSet(hash, content.ruleSet)
  }
  return hash.digest()
}

export function guidOf(content: Omit<SchemaContent, 'type'>): string {
  const hex = md5Of(content).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** Maps are sorted there (SortedMap), and so is the set of sensitive names. */
function updateMetadata(hash: Hash, { tags, properties, sensitive }: Metadata): void {
  for (const [path, names] of sortedEntries(tags)) {
    hash.update(path, 'utf8')
    for (const name of [...names].sort()) hash.update(name, 'utf8')
  }
  for (const [name, value] of sortedEntries(properties)) {
    hash.update(name, 'utf8')
    hash.update(value, 'utf8')
  }
  for (const name of [...(sensitive ?? [])].sort()) hash.update(name, 'utf8')
}

function updateRuleSet(hash: Hash, { migrationRules, domainRules, encodingRules, enableAt }: RuleSet): void {
  for (const rules of [migrationRules, domainRules, encodingRules]) for (const rule of rules ?? []) updateRule(hash, rule)
  if (enableAt !== undefined) hash.update(enableAt, 'utf8')
}

function updateRule(hash: Hash, rule: JsonObject): void {
  const text = (value: Json | undefined) => {
    if (typeof value === 'string') hash.update(value, 'utf8')
  }
  for (const name of ['name', 'doc', 'kind', 'mode', 'type']) text(rule[name])
  const { tags, params } = rule
  if (Array.isArray(tags)) for (const tag of [...(tags as readonly Json[])].sort()) text(tag)
  for (const [name, value] of sortedEntries(isObject(params) ? params : undefined)) {
    hash.update(name, 'utf8')
    text(value)
  }
  for (const name of ['expr', 'onSuccess', 'onFailure']) text(rule[name])
  if (rule['disabled'] === true) hash.update(PRESENT)
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sortedEntries<T>(map: Readonly<Record<string, T>> | undefined): [string, T][] {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value | 0)
  return bytes
}
