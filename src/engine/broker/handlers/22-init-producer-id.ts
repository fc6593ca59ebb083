/**
 * InitProducerId (key 22), versions 0–5: a producer id for an idempotent producer, from blocks that brokers claim in the coordination service.
 *
 * A producer that gives its id and epoch to have the epoch raised (KIP-360) gets a new id, as from Kafka: only the epochs of transactional ids are kept.
 * Deviation: transactional ids are refused with UNSUPPORTED_VERSION, as FindCoordinator refuses them.
 */
import { ErrorCode } from '../../wire/errors'
import { InitProducerId } from '../../wire/messages/22-init-producer-id'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

type Services = Pick<BrokerServices, 'producerIds' | 'logger'>

export function initProducerIdHandler({
  producerIds,
  logger,
}: Services): Handler<RequestOf<typeof InitProducerId>, ResponseOf<typeof InitProducerId>> {
  return {
    api: InitProducerId,
    minVersion: 0,
    maxVersion: 5,
    async handle(context) {
      const { transactionalId, producerId, producerEpoch } = context.request
      const refuse = (errorCode: number) => context.respond({ errorCode, producerId: -1n, producerEpoch: -1 })
      if (transactionalId === '') return refuse(ErrorCode.INVALID_REQUEST)
      if ((producerId === -1n) !== (producerEpoch === -1)) return refuse(ErrorCode.INVALID_REQUEST)
      if (transactionalId !== null) return refuse(ErrorCode.UNSUPPORTED_VERSION)
      try {
        return context.respond({ errorCode: ErrorCode.NONE, producerId: await producerIds.take(), producerEpoch: 0 })
      } catch (error) {
        logger.warn('No producer id could be given out', { reason: String(error) })
        return refuse(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
      }
    },
  }
}
