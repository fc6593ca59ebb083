/**
 * References, metadata, rule sets and configs out of JSON that somebody else wrote: records of the topic and bodies of requests. What does
 * not belong there is left out; whether that is an error is for the caller to say. Pure.
 */
import type { SchemaReference } from '../format'
import {
  type CompatibilityLevel,
  type ConfigValue,
  compatibilityLevels,
  compatibilityPolicies,
  type JsonObject,
  type Metadata,
  type RuleSet,
} from './model'

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function readReferences(given: unknown): SchemaReference[] {
  if (!Array.isArray(given)) return []
  const references: SchemaReference[] = []
  for (const entry of given as unknown[]) {
    if (!isObject(entry)) continue
    const { name, subject, version } = entry
    if (typeof name === 'string' && typeof subject === 'string' && typeof version === 'number' && Number.isInteger(version))
      references.push({ name, subject, version })
  }
  return references
}

/** Null where nothing is in it: empty metadata and none are the same schema. */
export function readMetadata(given: unknown): Metadata | null {
  if (!isObject(given)) return null
  const tags = mapOf(given['tags'], (value) => (Array.isArray(value) ? stringsOf(value) : undefined))
  const properties = mapOf(given['properties'], textOf)
  const sensitive = stringsOf(given['sensitive'])
  const metadata: Metadata = {
    ...(Object.keys(tags).length === 0 ? {} : { tags }),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(sensitive.length === 0 ? {} : { sensitive }),
  }
  return Object.keys(metadata).length === 0 ? null : metadata
}

export function readRuleSet(given: unknown): RuleSet | null {
  if (!isObject(given)) return null
  const rules = (name: string) => {
    const list = given[name]
    return Array.isArray(list) ? (list as unknown[]).filter((rule): rule is JsonObject => isObject(rule)) : []
  }
  const [migrationRules, domainRules, encodingRules] = [rules('migrationRules'), rules('domainRules'), rules('encodingRules')]
  const { enableAt } = given
  const ruleSet: RuleSet = {
    ...(migrationRules.length === 0 ? {} : { migrationRules }),
    ...(domainRules.length === 0 ? {} : { domainRules }),
    ...(encodingRules.length === 0 ? {} : { encodingRules }),
    ...(typeof enableAt === 'string' ? { enableAt } : {}),
  }
  return Object.keys(ruleSet).length === 0 ? null : ruleSet
}

/** Fields by their name in a record; a level is taken in any letter case. */
export function readConfigValue(given: Record<string, unknown>): ConfigValue {
  const { compatibilityLevel: level, compatibilityPolicy: policy } = given
  const text = (name: 'alias' | 'aliasForDeks' | 'compatibilityGroup') =>
    typeof given[name] === 'string' ? { [name]: given[name] as string } : {}
  const flag = (name: 'normalize' | 'validateFields' | 'validateNewSchemas' | 'validateRules') =>
    typeof given[name] === 'boolean' ? { [name]: given[name] as boolean } : {}
  const metadata = (name: 'defaultMetadata' | 'overrideMetadata') => {
    const value = readMetadata(given[name])
    return value === null ? {} : { [name]: value }
  }
  const rules = (name: 'defaultRuleSet' | 'overrideRuleSet') => {
    const value = readRuleSet(given[name])
    return value === null ? {} : { [name]: value }
  }
  const knownLevel = levelOf(level)
  const knownPolicy = policyOf(policy)
  return {
    ...text('alias'),
    ...text('aliasForDeks'),
    ...flag('normalize'),
    ...flag('validateFields'),
    ...flag('validateNewSchemas'),
    ...flag('validateRules'),
    ...(knownLevel === undefined ? {} : { compatibilityLevel: knownLevel }),
    ...(knownPolicy === undefined ? {} : { compatibilityPolicy: knownPolicy }),
    ...text('compatibilityGroup'),
    ...metadata('defaultMetadata'),
    ...metadata('overrideMetadata'),
    ...rules('defaultRuleSet'),
    ...rules('overrideRuleSet'),
  }
}

export function levelOf(given: unknown): CompatibilityLevel | undefined {
  return typeof given === 'string' ? compatibilityLevels.find((level) => level === given.toUpperCase()) : undefined
}

export function policyOf(given: unknown): ConfigValue['compatibilityPolicy'] | undefined {
  return typeof given === 'string' ? compatibilityPolicies.find((policy) => policy === given.toUpperCase()) : undefined
}

export function stringsOf(given: unknown): string[] {
  return Array.isArray(given) ? (given as unknown[]).filter((entry): entry is string => typeof entry === 'string') : []
}

/** Jackson takes a number or a boolean for its text, where a text is asked for. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

function mapOf<T>(given: unknown, read: (value: unknown) => T | undefined): Record<string, T> {
  const result: Record<string, T> = {}
  if (!isObject(given)) return result
  for (const [name, value] of Object.entries(given)) {
    const kept = read(value)
    if (kept === undefined) continue
    // A property of that name would be the object's prototype.
    if (name === '__proto__')
      Object.defineProperty(result, name, { value: kept, enumerable: true, configurable: true, writable: true })
    else result[name] = kept
  }
  return result
}
