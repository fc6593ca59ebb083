/**
 * InitProducerId (key 22), versions 0–5: an id and epoch for a producer. Without a transactional id, from blocks that brokers claim in the coordination
 * service; with one, from its coordinator, which fences every earlier producer of that id and aborts what it has left open.
 *
 * A producer without a transactional id that gives its id and epoch to have the epoch raised (KIP-360) gets a new id, as from Kafka: only the epochs of
 * transactional ids are kept.
 */
import { ErrorCode } from '../../wire/errors'
import { InitProducerId } from '../../wire/messages/22-init-producer-id'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'
import { fencedBefore } from './transaction-requests'

type Services = Pick<BrokerServices, 'producerIds' | 'logger'> & {
  readonly transactions: { readonly coordinator: Pick<BrokerServices['transactions']['coordinator'], 'initProducerId'> }
}

/** The first that knows PRODUCER_FENCED. */
const FENCED_VERSION = 4

export function initProducerIdHandler({
  producerIds,
  logger,
  transactions,
}: Services): Handler<RequestOf<typeof InitProducerId>, ResponseOf<typeof InitProducerId>> {
  return {
    api: InitProducerId,
    minVersion: 0,
    maxVersion: 5,
    async handle(context) {
      const { transactionalId, transactionTimeoutMs, producerId, producerEpoch } = context.request
      const refuse = (errorCode: number) => context.respond({ errorCode, producerId: -1n, producerEpoch: -1 })
      if (transactionalId === '') return refuse(ErrorCode.INVALID_REQUEST)
      if ((producerId === -1n) !== (producerEpoch === -1)) return refuse(ErrorCode.INVALID_REQUEST)
      if (transactionalId !== null) {
        const expected = producerId === -1n ? null : { producerId, producerEpoch }
        const given = await transactions.coordinator.initProducerId({
          transactionalId,
          timeoutMs: transactionTimeoutMs,
          expected,
        })
        const errorCode = fencedBefore(FENCED_VERSION, context.version, given.errorCode)
        return context.respond({ errorCode, producerId: given.producerId, producerEpoch: given.producerEpoch })
      }
      try {
        return context.respond({ errorCode: ErrorCode.NONE, producerId: await producerIds.take(), producerEpoch: 0 })
      } catch (error) {
        logger.warn('No producer id could be given out', { reason: String(error) })
        return refuse(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
      }
    },
  }
}
