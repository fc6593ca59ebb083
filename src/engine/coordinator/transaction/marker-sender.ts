/**
 * Has the leaders of a decided transaction's partitions write how it ended, and goes on until all have (TransactionMarkerChannelManager): one
 * WriteTxnMarkers a broker at a time, with everything that waits for that broker. Leaders that move are followed; what fails is tried again after a
 * pause; a partition that is no more has nothing to be told. Owned by TransactionCoordinator, which gives only what is committed as decided.
 */
import type { Clock, Logger, Timer } from '../../platform'
import { ErrorCode, errorName } from '../../wire/errors'
import type { WriteTxnMarkers } from '../../wire/messages'
import type { Encodable, RequestOf, ResponseOf } from '../../wire/schema'
import type { TransactionPartitions } from './transaction-metadata'
import type { DecidedTransaction } from './transaction-shard'

export type MarkersRequest = Encodable<RequestOf<typeof WriteTxnMarkers>>
export type MarkersResponse = ResponseOf<typeof WriteTxnMarkers>

export interface MarkerPorts {
  readonly clock: Clock
  readonly logger: Logger
  /** Null while nobody leads it; 'gone' where the cluster has no such partition, so far as this broker knows. */
  leaderOf(topic: string, partition: number): number | null | 'gone'
  /** Rejects where no answer came: some of it may have been done. */
  write(brokerId: number, request: MarkersRequest): Promise<MarkersResponse>
  /** All partitions have it. */
  onWritten(transaction: DecidedTransaction, statePartition: number): void
}

interface Pending {
  readonly transaction: DecidedTransaction
  readonly statePartition: number
  /** Those without a marker yet. */
  readonly remaining: Map<string, Set<number>>
  /** Since when its topics were not known to be there. */
  readonly goneSinceMs: Map<string, number>
}

const RETRY_MS = 50
/**
 * A broker that has just started, or missed the word of a controller that died, is told of its leaderships before it is told of all topics. Whoever took one of
 * them for deleted would call a transaction complete that one of its partitions takes for open, for ever.
 */
const GONE_AFTER_MS = 5_000

export class MarkerSender {
  private readonly pending = new Map<string, Pending>()
  /** Brokers with a request under way. */
  private readonly asked = new Set<number>()
  private retryTimer: Timer | null = null
  private isPumpDue = false
  private isClosed = false

  constructor(private readonly ports: MarkerPorts) {}

  get size(): number {
    return this.pending.size
  }

  /** What is still to be written of the transaction; null where this does not know of it. */
  remaining(transactionalId: string): TransactionPartitions | null {
    return this.pending.get(transactionalId)?.remaining ?? null
  }

  isSending({ transactionalId, producerId, producerEpoch, coordinatorEpoch }: DecidedTransaction): boolean {
    const known = this.pending.get(transactionalId)?.transaction
    return (
      known !== undefined &&
      known.producerId === producerId &&
      known.producerEpoch === producerEpoch &&
      known.coordinatorEpoch === coordinatorEpoch
    )
  }

  /** `statePartition`: where in the coordinator's topic the transaction stands. */
  send(transaction: DecidedTransaction, statePartition: number): void {
    if (this.isClosed || this.isSending(transaction)) return
    const remaining = new Map(Array.from(transaction.partitions, ([topic, indexes]) => [topic, new Set(indexes)] as const))
    this.pending.set(transaction.transactionalId, { transaction, statePartition, remaining, goneSinceMs: new Map() })
    this.pumpSoon()
  }

  /** This broker does not coordinate them any more. */
  drop(statePartition: number): void {
    for (const [transactionalId, pending] of this.pending) {
      if (pending.statePartition === statePartition) this.pending.delete(transactionalId)
    }
  }

  close(): void {
    this.isClosed = true
    this.retryTimer?.cancel()
    this.pending.clear()
  }

  /** What one event has decided goes out together. */
  private pumpSoon(): void {
    if (this.isPumpDue) return
    this.isPumpDue = true
    this.ports.clock.defer(() => {
      this.isPumpDue = false
      this.pump()
    })
  }

  private pump(): void {
    if (this.isClosed) return
    const byBroker = new Map<number, Map<Pending, [topic: string, partition: number][]>>()
    let isAnyWithoutLeader = false
    for (const pending of [...this.pending.values()]) {
      for (const [topic, partitions] of pending.remaining) {
        for (const partition of [...partitions]) {
          const leader = this.ports.leaderOf(topic, partition)
          if (leader !== 'gone') pending.goneSinceMs.delete(topic)
          if (leader === 'gone' && this.isGoneForGood(pending, topic)) this.conclude(pending, topic, partition)
          else if (leader === 'gone' || leader === null) isAnyWithoutLeader = true
          else if (!this.asked.has(leader)) {
            const share = byBroker.get(leader) ?? new Map<Pending, [string, number][]>()
            byBroker.set(leader, share)
            const own = share.get(pending) ?? []
            share.set(pending, own)
            own.push([topic, partition])
          }
        }
      }
      this.lookAtEnd(pending)
    }
    for (const [brokerId, share] of byBroker) void this.ask(brokerId, share)
    if (isAnyWithoutLeader) this.retryLater()
  }

  private async ask(brokerId: number, share: ReadonlyMap<Pending, readonly (readonly [string, number])[]>): Promise<void> {
    this.asked.add(brokerId)
    const asked = [...share]
    let mustRetry = true
    try {
      const response = await this.ports.write(brokerId, { markers: asked.map(([pending, places]) => markerOf(pending, places)) })
      mustRetry = this.receive(
        asked.map(([pending]) => pending),
        response,
      )
    } catch (error) {
      this.ports.logger.debug('Markers of transactions were not answered and will be sent again', {
        brokerId,
        error: String(error),
      })
    }
    this.asked.delete(brokerId)
    if (this.isClosed) return
    if (mustRetry) this.retryLater()
    else if (this.pending.size > 0) this.pumpSoon()
  }

  /** Answers whether something has to be sent again. */
  private receive(asked: readonly Pending[], { markers }: MarkersResponse): boolean {
    let mustRetry = false
    for (const [index, { producerId, topics }] of markers.entries()) {
      const pending = asked[index]
      // In the order of the request, as Kafka's: several transactions of one producer id do not happen.
      if (pending === undefined || pending.transaction.producerId !== producerId) {
        mustRetry = true
        continue
      }
      for (const { name, partitions } of topics) {
        for (const { partitionIndex, errorCode } of partitions) {
          const verdict = verdictOf(errorCode)
          if (verdict === 'written') this.conclude(pending, name, partitionIndex)
          else if (verdict === 'again') mustRetry = true
          else this.giveUp(pending, errorCode)
        }
      }
      this.lookAtEnd(pending)
    }
    return mustRetry
  }

  private isGoneForGood({ goneSinceMs }: Pending, topic: string): boolean {
    const nowMs = this.ports.clock.monotonicMs()
    const sinceMs = goneSinceMs.get(topic) ?? nowMs
    goneSinceMs.set(topic, sinceMs)
    return nowMs - sinceMs >= GONE_AFTER_MS
  }

  private conclude(pending: Pending, topic: string, partition: number): void {
    const partitions = pending.remaining.get(topic)
    partitions?.delete(partition)
    if (partitions?.size === 0) pending.remaining.delete(topic)
  }

  private lookAtEnd(pending: Pending): void {
    const { transaction, statePartition, remaining } = pending
    if (remaining.size > 0 || this.pending.get(transaction.transactionalId) !== pending) return
    this.pending.delete(transaction.transactionalId)
    this.ports.onWritten(transaction, statePartition)
  }

  /** Another coordinator has taken over, or will be heard of: this one ends nothing more. */
  private giveUp(pending: Pending, errorCode: number): void {
    const { transactionalId } = pending.transaction
    if (this.pending.get(transactionalId) !== pending) return
    this.ports.logger.info('A transaction is left to another coordinator', { transactionalId, error: errorName(errorCode) })
    this.pending.delete(transactionalId)
  }

  private retryLater(): void {
    this.retryTimer ??= this.ports.clock.setTimer(RETRY_MS, () => {
      this.retryTimer = null
      this.pump()
    })
  }
}

function markerOf({ transaction }: Pending, places: readonly (readonly [string, number])[]) {
  const topics = new Map<string, number[]>()
  for (const [topic, partition] of places) topics.set(topic, [...(topics.get(topic) ?? []), partition])
  return {
    producerId: transaction.producerId,
    producerEpoch: transaction.producerEpoch,
    transactionResult: transaction.isCommit,
    topics: [...topics].map(([name, partitionIndexes]) => ({ name, partitionIndexes })),
    coordinatorEpoch: transaction.coordinatorEpoch,
    transactionVersion: transaction.clientVersion,
  }
}

function verdictOf(errorCode: number): 'written' | 'again' | 'fenced' {
  switch (errorCode) {
    case ErrorCode.NONE:
    // The partition has heard of a later epoch of the producer, or of its next transaction, which began after this one had ended there.
    case ErrorCode.INVALID_PRODUCER_EPOCH:
      return 'written'
    case ErrorCode.TRANSACTION_COORDINATOR_FENCED:
      return 'fenced'
    default:
      return 'again'
  }
}
