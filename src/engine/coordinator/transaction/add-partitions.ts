/**
 * Which partitions take part in a transaction: the rule for adding some, and for looking whether they do (TransactionCoordinator.
 * handleAddPartitionsToTransaction, handleVerifyPartitionsInTransaction). Pure.
 */
import { ErrorCode } from '../../wire/errors'
import {
  containsAll,
  isNextProducer,
  isPrepared,
  NO_PARTITIONS,
  type TransactionMetadata,
  type TransactionPartitions,
  union,
} from './transaction-metadata'

export interface PartitionsRequest {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly partitions: TransactionPartitions
  /** 2: a partition's leader adds it when the producer writes there. */
  readonly clientVersion: number
}

/** The error that stands in the way of adding, or of knowing. NONE: there is none. */
export function whyNotNow(
  current: TransactionMetadata | undefined,
  { producerId, producerEpoch }: Pick<PartitionsRequest, 'producerId' | 'producerEpoch'>,
): number {
  if (current !== undefined && isNextProducer(current, producerId)) return ErrorCode.CONCURRENT_TRANSACTIONS
  if (current === undefined || current.producerId !== producerId) return ErrorCode.INVALID_PRODUCER_ID_MAPPING
  if (current.producerEpoch !== producerEpoch) return ErrorCode.PRODUCER_FENCED
  return isPrepared(current) ? ErrorCode.CONCURRENT_TRANSACTIONS : ErrorCode.NONE
}

/** The transaction with these partitions; null where they are in it already. The first ones begin it. */
export function withPartitions(
  current: TransactionMetadata,
  { partitions, clientVersion }: PartitionsRequest,
  nowMs: number,
): TransactionMetadata | null {
  const isOngoing = current.state === 'Ongoing'
  if (isOngoing && containsAll(current.partitions, partitions)) return null
  return {
    ...current,
    state: 'Ongoing',
    partitions: union(isOngoing ? current.partitions : NO_PARTITIONS, partitions),
    startMs: isOngoing ? current.startMs : nowMs,
    lastUpdateMs: nowMs,
    clientVersion,
  }
}

export function isInTransaction(current: TransactionMetadata, topic: string, partition: number): boolean {
  return current.state === 'Ongoing' && current.partitions.get(topic)?.has(partition) === true
}
