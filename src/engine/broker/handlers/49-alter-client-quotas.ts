/**
 * AlterClientQuotas (key 49), versions 0–1: each entry for itself, by any broker, in the coordination service; all brokers follow. An entity is a user, a client id,
 * both, or an address; a name that is null means the default of all that have none of their own.
 */
import { ErrorCode } from '../../wire/errors'
import { AlterClientQuotas } from '../../wire/messages/49-alter-client-quotas'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { ENTITY_TYPES, type QuotaEntity, whyQuotaInvalid } from '../quotas/quota-entity'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

type Services = Pick<BrokerServices, 'quotaStore' | 'logger'>
type Entry = RequestOf<typeof AlterClientQuotas>['entries'][number]

export function alterClientQuotasHandler(
  services: Services,
): Handler<RequestOf<typeof AlterClientQuotas>, ResponseOf<typeof AlterClientQuotas>> {
  return {
    api: AlterClientQuotas,
    minVersion: 0,
    maxVersion: 1,
    async handle(context) {
      const { entries, validateOnly } = context.request
      // One after the other: two of them may be about the same entity.
      const outcomes = []
      for (const entry of entries) outcomes.push({ ...(await alter(services, entry, validateOnly)), entity: entry.entity })
      context.respond({ throttleTimeMs: 0, entries: outcomes })
    },
  }
}

async function alter({ quotaStore, logger }: Services, { entity: parts, ops }: Entry, validateOnly: boolean) {
  const entity = entityOf(parts)
  if (typeof entity === 'string') return invalid(entity)
  const changes = new Map<string, number | null>()
  for (const { key, value, remove } of ops) {
    // Taking away asks for nothing but a name that there is.
    const problem = whyQuotaInvalid(entity, key, remove ? 1 : value)
    if (problem !== null) return invalid(problem)
    if (changes.has(key)) return invalid(`Duplicate quota key ${key}`)
    changes.set(key, remove ? null : value)
  }
  if (!validateOnly && changes.size > 0) {
    try {
      await quotaStore.alter(entity, changes)
    } catch (error) {
      logger.error('A quota could not be changed', { entity: JSON.stringify(entity), reason: String(error) })
      return { errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, errorMessage: String(error) }
    }
  }
  return { errorCode: ErrorCode.NONE, errorMessage: null }
}

/** Or what is wrong with it, in Kafka's words. */
function entityOf(parts: Entry['entity']): QuotaEntity | string {
  if (parts.length === 0) return 'Invalid empty client quota entity'
  const entity: { -readonly [K in keyof QuotaEntity]: QuotaEntity[K] } = {}
  for (const { entityType, entityName } of parts) {
    const type = ENTITY_TYPES.find((known) => known === entityType)
    if (type === undefined) return `Unhandled client quota entity type: ${entityType}`
    if (entity[type] !== undefined) return `Duplicate ${entityType} in the entity`
    if (entityName === '') return `Empty ${entityType} not supported`
    entity[type] = entityName
  }
  if (entity.ip !== undefined && parts.length > 1)
    return 'Invalid quota entity combination, IP entity should not be combined with User or ClientId'
  if (typeof entity.ip === 'string' && !/^[0-9a-f.:]+$/i.test(entity.ip)) return `${entity.ip} is not a valid IP address.`
  return entity
}

function invalid(errorMessage: string) {
  return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage }
}
