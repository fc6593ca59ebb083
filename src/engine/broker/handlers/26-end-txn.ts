/**
 * EndTxn (key 26), versions 0–4, and 5 where transaction.version is 2: commits or aborts. Answered when the decision is committed; the partitions are told
 * after that, and until all have been, whoever begins the next transaction is told CONCURRENT_TRANSACTIONS. A client that asks again, since the answer was
 * lost, is answered as before. Version 5 raises the producer's epoch, and answers the new one (KIP-890 part 2).
 */
import { ErrorCode } from '../../wire/errors'
import { EndTxn } from '../../wire/messages/26-end-txn'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { isTransactionVersion2 } from '../features'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'
import { fencedBefore } from './transaction-requests'

type Services = Pick<BrokerServices, 'transactions' | 'configs'>

const FENCED_VERSION = 2
const EPOCH_BUMP_VERSION = 5

export function endTxnHandler({ transactions, configs }: Services): Handler<RequestOf<typeof EndTxn>, ResponseOf<typeof EndTxn>> {
  return {
    api: EndTxn,
    minVersion: 0,
    maxVersion: isTransactionVersion2(configs) ? EPOCH_BUMP_VERSION : EPOCH_BUMP_VERSION - 1,
    async handle(context) {
      const { request, version } = context
      const { transactionalId, producerId, producerEpoch, committed } = request
      if (transactionalId === '') return context.respond({ throttleTimeMs: 0, errorCode: ErrorCode.INVALID_REQUEST })
      const clientVersion = version >= EPOCH_BUMP_VERSION ? 2 : 0
      const asked = { producerId, producerEpoch, isCommit: committed, clientVersion }
      const ended = await transactions.coordinator.endTransaction(transactionalId, asked)
      return context.respond({
        throttleTimeMs: 0,
        errorCode: fencedBefore(FENCED_VERSION, version, ended.errorCode),
        producerId: ended.producerId,
        producerEpoch: ended.producerEpoch,
      })
    },
  }
}
