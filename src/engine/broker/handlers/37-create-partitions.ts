/**
 * CreatePartitions (key 37), versions 0–3: more partitions for topics, `count` being the new total. Only the controller does it.
 */
import { ErrorCode, errorMessage } from '../../wire/errors'
import { CreatePartitions } from '../../wire/messages/37-create-partitions'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { mutationLimit } from '../quotas/mutation-limit'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

/** From which clients know THROTTLING_QUOTA_EXCEEDED (KIP-599). */
const THROTTLING_VERSION = 3

export function createPartitionsHandler({
  controller,
  metadata,
  quotas,
}: Pick<BrokerServices, 'controller' | 'metadata' | 'quotas'>): Handler<
  RequestOf<typeof CreatePartitions>,
  ResponseOf<typeof CreatePartitions>
> {
  return {
    api: CreatePartitions,
    minVersion: 0,
    maxVersion: 3,
    async handle(context) {
      const { topics, timeoutMs, validateOnly } = context.request
      if (!controller.isActive) {
        const refused = { errorCode: ErrorCode.NOT_CONTROLLER, errorMessage: errorMessage(ErrorCode.NOT_CONTROLLER) }
        return context.respond({ throttleTimeMs: 0, results: topics.map(({ name }) => ({ name, ...refused })) })
      }
      const limit = mutationLimit(quotas, context, context.version >= THROTTLING_VERSION, validateOnly)
      const refusals: { name: string; errorCode: number; errorMessage: string }[] = []
      const accepted = topics.filter(({ name, count }) => {
        const refusal = limit.refusalOf(Math.max(0, count - (metadata.topic(name)?.partitions.size ?? count)))
        if (refusal !== null) refusals.push({ name, ...refusal })
        return refusal === null
      })
      const outcomes = await controller.createPartitions(
        accepted.map(({ name, count, assignments }) => ({
          topic: name,
          totalCount: count,
          assignments: assignments?.map(({ brokerIds }) => brokerIds) ?? null,
        })),
        timeoutMs,
        validateOnly,
      )
      return context.respond({
        throttleTimeMs: 0,
        results: [
          ...outcomes.map(({ topic, errorCode, errorMessage: message }) => ({ name: topic, errorCode, errorMessage: message })),
          ...refusals,
        ],
      })
    },
  }
}
