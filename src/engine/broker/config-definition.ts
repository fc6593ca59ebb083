/**
 * How one config is described and its values judged: type, default, range, and Kafka's own sentences for what is wrong. The tables are
 * topic-configs.ts and broker-configs.ts. Pure; numbers of 64 bits never pass through a double.
 */
export type ConfigType = 'boolean' | 'int' | 'long' | 'double' | 'string' | 'list'

export interface ConfigDefinition {
  readonly name: string
  readonly type: ConfigType
  readonly default: string
  /** One sentence for a person; for a read-only one it says why. */
  readonly documentation: string
  /** For string and list; null: anything. */
  readonly validValues: readonly string[] | null
  readonly min: string | null
  readonly max: string | null
  /** Of a topic config: the broker config that gives its default. */
  readonly brokerSynonym: string | null
  /** Only its present value may be written. */
  readonly isReadOnly: boolean
}

export type ConfigTable = ReadonlyMap<string, ConfigDefinition>

interface Limits {
  readonly validValues?: readonly string[]
  readonly min?: string
  readonly max?: string
  readonly brokerSynonym?: string
  readonly isReadOnly?: boolean
}

export function define(
  name: string,
  type: ConfigType,
  defaultValue: string,
  documentation: string,
  limits: Limits = {},
): ConfigDefinition {
  return {
    name,
    type,
    default: defaultValue,
    documentation,
    validValues: limits.validValues ?? null,
    min: limits.min ?? null,
    max: limits.max ?? null,
    brokerSynonym: limits.brokerSynonym ?? null,
    isReadOnly: limits.isReadOnly ?? false,
  }
}

export function tableOf(definitions: readonly ConfigDefinition[]): ConfigTable {
  return new Map(definitions.map((definition) => [definition.name, definition]))
}

const INTEGER_LIMITS = {
  int: [-(2n ** 31n), 2n ** 31n - 1n],
  long: [-(2n ** 63n), 2n ** 63n - 1n],
} as const

/** Null where `value` may be set, else Kafka's sentence. Whether the config is read-only is not asked here. */
export function whyInvalid(definition: ConfigDefinition, value: string): string | null {
  const reason = reasonOf(definition, value.trim())
  return reason === null ? null : `Invalid value ${value} for configuration ${definition.name}: ${reason}`
}

function reasonOf(definition: ConfigDefinition, value: string): string | null {
  switch (definition.type) {
    case 'boolean':
      return /^(true|false)$/i.test(value) ? null : 'Expected value to be either true or false'
    case 'int':
    case 'long': {
      const [lowest, highest] = INTEGER_LIMITS[definition.type]
      const number = /^[+-]?\d{1,20}$/.test(value) ? BigInt(value.replace(/^\+/, '')) : null
      if (number === null || number < lowest || number > highest) return `Not a number of type ${definition.type.toUpperCase()}`
      if (definition.min !== null && number < BigInt(definition.min)) return `Value must be at least ${definition.min}`
      if (definition.max !== null && number > BigInt(definition.max)) return `Value must be no more than ${definition.max}`
      return null
    }
    case 'double': {
      const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? Number(value) : Number.NaN
      if (!Number.isFinite(number)) return 'Not a number of type DOUBLE'
      if (definition.min !== null && number < Number(definition.min)) return `Value must be at least ${definition.min}`
      if (definition.max !== null && number > Number(definition.max)) return `Value must be no more than ${definition.max}`
      return null
    }
    case 'string':
      return oneOf(definition, [value])
    case 'list':
      return oneOf(definition, listOf(value))
  }
}

function oneOf({ validValues }: ConfigDefinition, values: readonly string[]): string | null {
  if (validValues === null || values.every((value) => validValues.includes(value))) return null
  return `String must be one of: ${validValues.join(', ')}`
}

/** As whyInvalid reads it and as everybody compares it: `TRUE` is true, and blanks around a value are none of it (ConfigDef.parseType). */
export function normalized({ type }: ConfigDefinition, value: string): string {
  const trimmed = value.trim()
  return type === 'boolean' ? trimmed.toLowerCase() : trimmed
}

/** The items of a list config; none for the empty string. */
export function listOf(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
