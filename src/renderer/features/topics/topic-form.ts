/** What the create form checks before it asks the cluster: Kafka's own rules, so that most refusals never happen. Pure. */
import type { ConfigDefinitionView, CreateTopicSpec } from '../../../shared/model/topics'
import { formatAge, formatBytes, formatCount, plural } from '../../ui'

export interface TopicForm {
  readonly name: string
  readonly partitionCount: string
  readonly replicationFactor: string
  /** Only what differs from the default; an empty text is the default. */
  readonly configs: Readonly<Record<string, string>>
}

export interface TopicFormErrors {
  readonly name: string | null
  readonly partitionCount: string | null
  readonly replicationFactor: string | null
  readonly configs: Readonly<Record<string, string>>
}

export interface FormSurroundings {
  readonly topicNames: ReadonlySet<string>
  readonly liveBrokerCount: number
  readonly definitions: readonly ConfigDefinitionView[]
}

const nameMax = 249
const partitionsMax = 10_000

export function checkTopicForm(form: TopicForm, around: FormSurroundings): TopicFormErrors {
  return {
    name: checkName(form.name, around.topicNames),
    partitionCount: checkWhole(form.partitionCount, partitionsMax, 'partitions'),
    replicationFactor: checkReplicationFactor(form.replicationFactor, around.liveBrokerCount),
    configs: checkConfigs(form.configs, around.definitions),
  }
}

export const isFormRight = (errors: TopicFormErrors): boolean =>
  !errors.name && !errors.partitionCount && !errors.replicationFactor && Object.keys(errors.configs).length === 0

export function specOf(form: TopicForm): CreateTopicSpec {
  return {
    name: form.name,
    partitionCount: Number(form.partitionCount),
    replicationFactor: Number(form.replicationFactor),
    configs: Object.fromEntries(
      Object.entries(form.configs).flatMap(([name, value]) => (value.trim() === '' ? [] : [[name, value.trim()]])),
    ),
  }
}

/** Kafka's Topic.validate: letters, digits, dot, underscore and hyphen, 249 at most, and neither `.` nor `..`. */
export function checkName(name: string, existing: ReadonlySet<string>): string | null {
  if (name === '') return 'A topic needs a name.'
  if (name === '.' || name === '..') return 'A topic cannot be called “.” or “..”.'
  const bad = /[^A-Za-z0-9._-]/u.exec(name)
  if (bad)
    return `${bad[0] === ' ' ? 'A space' : `“${bad[0]}”`} cannot stand in a topic name. Letters, digits, dot, underscore and hyphen can.`
  if (name.length > nameMax) return `The name has ${name.length} characters. Kafka takes ${nameMax} at most.`
  if (existing.has(name)) return `${name} exists already.`
  return null
}

/** Names that differ only in `.` and `_` share their metric names, and Kafka refuses the second. */
export function collidingName(name: string, existing: ReadonlySet<string>): string | null {
  const folded = name.replaceAll('.', '_')
  for (const other of existing) if (other !== name && other.replaceAll('.', '_') === folded) return other
  return null
}

function checkWhole(text: string, max: number, what: string): string | null {
  if (!/^\d+$/.test(text.trim())) return `A whole number of ${what}, 1 or more.`
  const value = Number(text)
  if (value < 1) return `At least 1.`
  if (value > max) return `At most ${formatCount(max)}.`
  return null
}

function checkReplicationFactor(text: string, liveBrokerCount: number): string | null {
  const error = checkWhole(text, 64, 'replicas')
  if (error) return error
  if (Number(text) > liveBrokerCount)
    return `Only ${plural(liveBrokerCount, 'broker')} ${liveBrokerCount === 1 ? 'is' : 'are'} up. Each replica needs its own.`
  return null
}

function checkConfigs(
  configs: Readonly<Record<string, string>>,
  definitions: readonly ConfigDefinitionView[],
): Record<string, string> {
  const errors: Record<string, string> = {}
  for (const definition of definitions) {
    const text = configs[definition.name]?.trim() ?? ''
    const error = text === '' ? null : checkConfig(text, definition)
    if (error) errors[definition.name] = error
  }
  return errors
}

const intMax = { int: 2_147_483_647n, long: 9_223_372_036_854_775_807n }

export function checkConfig(text: string, definition: ConfigDefinitionView): string | null {
  const { type, validValues, min, max } = definition
  if (type === 'boolean') return text === 'true' || text === 'false' ? null : 'true or false.'
  if (type === 'int' || type === 'long') {
    if (!/^-?\d+$/.test(text)) return 'A whole number.'
    // 64-bit values never go through a double.
    const value = BigInt(text)
    if (min !== null && value < BigInt(min)) return `At least ${min}.`
    const most = max === null ? intMax[type] : BigInt(max)
    if (value > most) return `At most ${most}.`
    if (value < -intMax[type] - 1n) return `Too small for ${type}.`
    return null
  }
  if (type === 'double') {
    const value = Number(text)
    if (text === '' || !Number.isFinite(value)) return 'A number.'
    if (min !== null && value < Number(min)) return `At least ${min}.`
    if (max !== null && value > Number(max)) return `At most ${max}.`
    return null
  }
  if (validValues && type === 'list') {
    const unknown = text.split(',').find((part) => !validValues.includes(part.trim()) && !validValues.includes(text))
    return unknown === undefined ? null : `“${unknown.trim()}” is not among ${validValues.join(', ')}.`
  }
  return validValues && !validValues.includes(text) ? `One of ${validValues.join(', ')}.` : null
}

/** What a raw value means, for beside it: `7 d 0 h`, `1.00 GiB`, `no limit`. */
export function meaningOf(name: string, value: string | null): string | null {
  if (value === null || !/^-?\d{1,15}$/.test(value)) return null
  const number = Number(value)
  if (/\.ms$|ms$/.test(name)) return number === -1 ? 'for ever' : number < 1000 ? null : shortAge(number)
  if (/bytes$/.test(name)) return number === -1 ? 'no limit' : number < 1024 ? null : formatBytes(number)
  return null
}

/** `delete after 7 d 0 h`, `compact`: what becomes of old records. */
export function retentionWords(cleanupPolicy: string, retentionMs: string): string {
  if (!cleanupPolicy.includes('delete')) return cleanupPolicy
  const age =
    retentionMs === '-1'
      ? 'keep for ever'
      : `${cleanupPolicy === 'delete' ? 'delete' : cleanupPolicy} after ${shortAge(Number(retentionMs))}`
  return age
}

function shortAge(ms: number): string {
  const days = ms / 86_400_000
  if (Number.isInteger(days)) return `${days} d`
  const hours = ms / 3_600_000
  return Number.isInteger(hours) ? `${hours} h` : formatAge(ms)
}
