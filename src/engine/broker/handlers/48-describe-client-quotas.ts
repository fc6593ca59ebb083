/**
 * DescribeClientQuotas (key 48), versions 0–1: what was set for the users, client ids and addresses that fit. A component of the filter asks for a name (0), for the
 * default (1) or for any (2); strict leaves out entities with more than the filter names. Any broker answers, from what it has in memory.
 */
import { ErrorCode } from '../../wire/errors'
import { DescribeClientQuotas } from '../../wire/messages/48-describe-client-quotas'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { ENTITY_TYPES, type EntityType, type QuotaEntity } from '../quotas/quota-entity'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

type Request = RequestOf<typeof DescribeClientQuotas>

const [EXACT, DEFAULT, SPECIFIED] = [0, 1, 2]

export function describeClientQuotasHandler({
  quotaStore,
}: Pick<BrokerServices, 'quotaStore'>): Handler<Request, ResponseOf<typeof DescribeClientQuotas>> {
  return {
    api: DescribeClientQuotas,
    minVersion: 0,
    maxVersion: 1,
    handle(context) {
      const { request } = context
      const refusal = whyRefused(request)
      if (refusal !== null) return context.respond({ throttleTimeMs: 0, ...refusal, entries: null })
      const entries = [...quotaStore.all()]
        .filter(({ entity }) => fits(request, entity))
        .map(({ entity, values }) => ({
          entity: partsOf(entity).map((entityType) => ({ entityType, entityName: entity[entityType] ?? null })),
          values: [...values].map(([key, value]) => ({ key, value })),
        }))
      context.respond({ throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null, entries })
    },
  }
}

function partsOf(entity: QuotaEntity): EntityType[] {
  return ENTITY_TYPES.filter((type) => entity[type] !== undefined)
}

function whyRefused({ components }: Request): { errorCode: number; errorMessage: string } | null {
  const invalid = (errorMessage: string) => ({ errorCode: ErrorCode.INVALID_REQUEST, errorMessage })
  const seen = new Set<string>()
  for (const { entityType, matchType, match } of components) {
    if (entityType === '') return invalid('Unexpected empty filter component entity type')
    if (!ENTITY_TYPES.some((type) => type === entityType)) {
      return { errorCode: ErrorCode.UNSUPPORTED_VERSION, errorMessage: `Custom entity type '${entityType}' not supported` }
    }
    if (seen.has(entityType)) return invalid(`Duplicate ${entityType} filter component entity type`)
    seen.add(entityType)
    if (matchType < EXACT! || matchType > SPECIFIED!) return invalid(`Unknown match type ${matchType}`)
    if (matchType === EXACT && match === null) return invalid(`Request specified MATCH_TYPE_EXACT, but null match string.`)
    if (matchType !== EXACT && match !== null) return invalid(`Request specified no exact match, but a match string.`)
  }
  if (seen.has('ip') && seen.size > 1)
    return invalid(
      'Invalid entity filter component combination, IP filter component should not be used with user or clientId filter component.',
    )
  return null
}

function fits({ components, strict }: Request, entity: QuotaEntity): boolean {
  if (strict && partsOf(entity).some((type) => !components.some(({ entityType }) => entityType === type))) return false
  return components.every(({ entityType, matchType, match }) => {
    const name = entity[entityType as EntityType]
    if (name === undefined) return false
    return matchType === SPECIFIED || (matchType === DEFAULT ? name === null : name === match)
  })
}
