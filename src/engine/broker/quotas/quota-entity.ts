/**
 * Whom a quota is for, and which quotas there are: users, client ids, both together, addresses, each by name or as the default of all that have none of
 * their own (KIP-257, KIP-546, KIP-599, KIP-612). Also where they stand in the coordination service, as Kafka has them. Pure.
 */
export type EntityType = 'user' | 'client-id' | 'ip'

/** Null: the default. */
export type EntityName = string | null

/** At least one; an address alone. */
export interface QuotaEntity {
  readonly user?: EntityName
  readonly 'client-id'?: EntityName
  readonly ip?: EntityName
}

export const ENTITY_TYPES: readonly EntityType[] = ['user', 'client-id', 'ip']

type QuotaNumber = 'long' | 'double' | 'int'

const CLIENT_QUOTAS: ReadonlyMap<string, QuotaNumber> = new Map([
  ['producer_byte_rate', 'long'],
  ['consumer_byte_rate', 'long'],
  ['request_percentage', 'double'],
  ['controller_mutation_rate', 'double'],
])
const ADDRESS_QUOTAS: ReadonlyMap<string, QuotaNumber> = new Map([['connection_creation_rate', 'int']])

/** Of the numbers that such an entity can have. */
export function quotasOf(entity: QuotaEntity): ReadonlyMap<string, QuotaNumber> {
  return entity.ip === undefined ? CLIENT_QUOTAS : ADDRESS_QUOTAS
}

/** Null where the quota may be set, else a sentence. */
export function whyQuotaInvalid(entity: QuotaEntity, key: string, value: number): string | null {
  const type = quotasOf(entity).get(key)
  if (type === undefined) return `Invalid configuration key ${key}`
  if (!Number.isFinite(value) || value <= 0) return `Quota ${key} must be greater than 0`
  if (type === 'double') return null
  if (Math.abs(value - Math.round(value)) > 1e-6) return `Configuration ${key} must be a Long value`
  return type === 'int' && value > 0x7fffffff ? `Configuration ${key} cannot exceed 2147483647` : null
}

/** As Kafka writes it among other settings. */
export function encodeQuota(entity: QuotaEntity, key: string, value: number): string {
  if (quotasOf(entity).get(key) === 'double') return Number.isInteger(value) ? `${value}.0` : String(value)
  return BigInt(Math.round(value)).toString()
}

/** Those of an entity's settings that are quotas; a user has passwords there, too. */
export function decodeQuotas(entity: QuotaEntity, settings: Readonly<Record<string, string>>): Map<string, number> {
  const quotas = new Map<string, number>()
  for (const key of quotasOf(entity).keys()) {
    const value = Number(settings[key])
    if (settings[key] !== undefined && Number.isFinite(value) && value > 0) quotas.set(key, value)
  }
  return quotas
}

const DEFAULT = '<default>'

/** Below /config, and what an announcement of a change says: `users/alice/clients/%3Cbatch%3E`. */
export function entityPath(entity: QuotaEntity): string {
  if (entity.ip !== undefined) return `ips/${nodeName(entity.ip)}`
  const client = entity['client-id']
  if (entity.user === undefined) return `clients/${nodeName(client ?? null)}`
  return client === undefined ? `users/${nodeName(entity.user)}` : `users/${nodeName(entity.user)}/clients/${nodeName(client)}`
}

/** Null for what is no such path. */
export function entityAt(path: string): QuotaEntity | null {
  const match = /^(?:users\/([^/]+)(?:\/clients\/([^/]+))?|clients\/([^/]+)|ips\/([^/]+))$/.exec(path)
  if (match === null) return null
  const [, user, userClient, client, ip] = match.map((part) => (part === undefined ? undefined : nameOf(part)))
  if ([user, userClient, client, ip].includes(INVALID)) return null
  if (ip !== undefined) return { ip }
  const clientId = userClient ?? client
  const isClientNamed = match[2] !== undefined || match[3] !== undefined
  return {
    ...(match[1] === undefined ? {} : { user: user ?? null }),
    ...(isClientNamed ? { 'client-id': clientId ?? null } : {}),
  }
}

const INVALID = '\0'

function nodeName(name: EntityName): string {
  return name === null ? DEFAULT : sanitize(name)
}

function nameOf(node: string): EntityName {
  if (node === DEFAULT) return null
  try {
    return decodeURIComponent(node)
  } catch {
    return INVALID
  }
}

/** Kafka's Sanitizer: a name may hold what a path may not. */
function sanitize(name: string): string {
  return encodeURIComponent(name).replace(/[!'()*~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}
