/**
 * AddOffsetsToTxn (key 25), versions 0–4: a transaction is going to commit offsets of a group. The group's partition of `__consumer_offsets` becomes part of
 * the transaction, like any other that it writes to.
 */
import { ErrorCode } from '../../wire/errors'
import { AddOffsetsToTxn } from '../../wire/messages/25-add-offsets-to-txn'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { CONSUMER_OFFSETS } from '../internal-topics'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'
import { fencedBefore } from './transaction-requests'

type Services = Pick<BrokerServices, 'transactions' | 'coordinators' | 'metadata' | 'autoCreateTopic'>

const FENCED_VERSION = 2

export function addOffsetsToTxnHandler({
  transactions,
  coordinators,
  metadata,
  autoCreateTopic,
}: Services): Handler<RequestOf<typeof AddOffsetsToTxn>, ResponseOf<typeof AddOffsetsToTxn>> {
  return {
    api: AddOffsetsToTxn,
    minVersion: 0,
    maxVersion: 4,
    async handle(context) {
      const { transactionalId, producerId, producerEpoch, groupId } = context.request
      if (transactionalId === '') return context.respond({ throttleTimeMs: 0, errorCode: ErrorCode.INVALID_REQUEST })
      // Nobody has looked for a group's coordinator yet: the number of partitions is not certain before the topic is there.
      if (metadata.topic(CONSUMER_OFFSETS) === undefined) {
        autoCreateTopic(CONSUMER_OFFSETS)
        return context.respond({ throttleTimeMs: 0, errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE })
      }
      const partitions = new Map([[CONSUMER_OFFSETS, new Set([coordinators.groups.partitionFor(groupId)])]])
      const request = { producerId, producerEpoch, partitions, clientVersion: 0 }
      const errorCode = await transactions.coordinator.addPartitions(transactionalId, request)
      return context.respond({ throttleTimeMs: 0, errorCode: fencedBefore(FENCED_VERSION, context.version, errorCode) })
    },
  }
}
