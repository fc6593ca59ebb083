/**
 * DescribeTransactions (key 65), version 0: the transactions of these transactional ids, by whom coordinates them (KIP-664). One that is ending shows the
 * partitions without a marker.
 */
import type { Outcome } from '../../coordinator'
import type { TransactionMetadata } from '../../coordinator/transaction/transaction-metadata'
import { ErrorCode } from '../../wire/errors'
import { DescribeTransactions } from '../../wire/messages/65-describe-transactions'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

export function describeTransactionsHandler({
  transactions,
}: Pick<BrokerServices, 'transactions'>): Handler<
  RequestOf<typeof DescribeTransactions>,
  ResponseOf<typeof DescribeTransactions>
> {
  return {
    api: DescribeTransactions,
    minVersion: 0,
    maxVersion: 0,
    async handle(context) {
      const transactionStates = await Promise.all(
        context.request.transactionalIds.map(async (transactionalId) => {
          if (transactionalId === '') return described(transactionalId, { errorCode: ErrorCode.INVALID_REQUEST, answer: null })
          return described(transactionalId, await transactions.coordinator.describe(transactionalId))
        }),
      )
      context.respond({ throttleTimeMs: 0, transactionStates })
    },
  }
}

function described(transactionalId: string, { errorCode, answer }: Outcome<TransactionMetadata | null>) {
  if (answer === null) {
    return {
      errorCode: errorCode === ErrorCode.NONE ? ErrorCode.TRANSACTIONAL_ID_NOT_FOUND : errorCode,
      transactionalId,
      transactionState: '',
      transactionTimeoutMs: 0,
      transactionStartTimeMs: 0,
      producerId: 0n,
      producerEpoch: 0,
      topics: [],
    }
  }
  return {
    errorCode: ErrorCode.NONE,
    transactionalId,
    transactionState: answer.state,
    transactionTimeoutMs: answer.timeoutMs,
    transactionStartTimeMs: answer.startMs,
    producerId: answer.producerId,
    producerEpoch: answer.producerEpoch,
    topics: Array.from(answer.partitions, ([topic, partitions]) => ({
      topic,
      partitions: [...partitions].sort((a, b) => a - b),
    })),
  }
}
