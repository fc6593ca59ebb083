/**
 * CreatePartitions (key 37), versions 0–3: more partitions for topics, `count` being the new total. Only the controller does it.
 */
import { ErrorCode, errorMessage } from '../../wire/errors'
import { CreatePartitions } from '../../wire/messages/37-create-partitions'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

export function createPartitionsHandler({
  controller,
}: Pick<BrokerServices, 'controller'>): Handler<RequestOf<typeof CreatePartitions>, ResponseOf<typeof CreatePartitions>> {
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
      const outcomes = await controller.createPartitions(
        topics.map(({ name, count, assignments }) => ({
          topic: name,
          totalCount: count,
          assignments: assignments?.map(({ brokerIds }) => brokerIds) ?? null,
        })),
        timeoutMs,
        validateOnly,
      )
      return context.respond({
        throttleTimeMs: 0,
        results: outcomes.map(({ topic, errorCode, errorMessage: message }) => ({
          name: topic,
          errorCode,
          errorMessage: message,
        })),
      })
    },
  }
}
