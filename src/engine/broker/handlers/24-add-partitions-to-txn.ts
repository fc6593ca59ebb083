/**
 * AddPartitionsToTxn (key 24), versions 0–5: partitions that a producer is going to write to become part of its transaction, which the first ones begin.
 * Up to version 3 one transaction; from 4 on several, as brokers ask, and perhaps only whether the partitions are part of them (KIP-890). Clients may
 * use those too: platformatic's does.
 *
 * All or nothing for one transaction: where one partition does not exist the others are told OPERATION_NOT_ATTEMPTED.
 */
import { ErrorCode } from '../../wire/errors'
import { AddPartitionsToTxn } from '../../wire/messages/24-add-partitions-to-txn'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'
import { abortableBefore, fencedBefore, toPartitions } from './transaction-requests'

type Services = Pick<BrokerServices, 'transactions' | 'metadata'>

interface Transaction {
  readonly transactionalId: string
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly verifyOnly: boolean
  readonly topics: readonly { readonly name: string; readonly partitions: readonly number[] }[]
}

const BATCHED_VERSION = 4
const FENCED_VERSION = 2
const ABORTABLE_VERSION = 5

export function addPartitionsToTxnHandler(
  services: Services,
): Handler<RequestOf<typeof AddPartitionsToTxn>, ResponseOf<typeof AddPartitionsToTxn>> {
  return {
    api: AddPartitionsToTxn,
    minVersion: 0,
    maxVersion: 5,
    async handle(context) {
      const { request, version } = context
      const told = (errorCode: number) =>
        abortableBefore(ABORTABLE_VERSION, version, fencedBefore(FENCED_VERSION, version, errorCode))
      if (version < BATCHED_VERSION) {
        const transaction = {
          transactionalId: request.v3AndBelowTransactionalId,
          producerId: request.v3AndBelowProducerId,
          producerEpoch: request.v3AndBelowProducerEpoch,
          verifyOnly: false,
          topics: request.v3AndBelowTopics,
        }
        return context.respond({ throttleTimeMs: 0, resultsByTopicV3AndBelow: await resultsOf(services, transaction, 0, told) })
      }
      const resultsByTransaction = await Promise.all(
        request.transactions.map(async (transaction) => ({
          transactionalId: transaction.transactionalId,
          topicResults: await resultsOf(services, transaction, 2, told),
        })),
      )
      return context.respond({ throttleTimeMs: 0, errorCode: ErrorCode.NONE, resultsByTransaction })
    },
  }
}

async function resultsOf(services: Services, transaction: Transaction, clientVersion: number, told: (code: number) => number) {
  const codeOf = await codesOf(services, transaction, clientVersion)
  return transaction.topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex) => ({
      partitionIndex,
      partitionErrorCode: told(codeOf(name, partitionIndex)),
    })),
  }))
}

async function codesOf(
  { transactions, metadata }: Services,
  { transactionalId, producerId, producerEpoch, verifyOnly, topics }: Transaction,
  clientVersion: number,
): Promise<(topic: string, partition: number) => number> {
  if (transactionalId === '') return () => ErrorCode.INVALID_REQUEST
  const isMissing = (topic: string, partition: number) => metadata.partition(topic, partition) === undefined
  if (topics.some(({ name, partitions }) => partitions.some((partition) => isMissing(name, partition)))) {
    return (topic, partition) =>
      isMissing(topic, partition) ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.OPERATION_NOT_ATTEMPTED
  }
  const request = { producerId, producerEpoch, partitions: toPartitions(topics), clientVersion }
  if (verifyOnly) return transactions.coordinator.verifyPartitions(transactionalId, request)
  const errorCode = await transactions.coordinator.addPartitions(transactionalId, request)
  return () => errorCode
}
