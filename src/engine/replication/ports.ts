/**
 * What replication needs of storage and of connections, as narrow as it can be: the real PartitionLog, LogManager and BrokerConnection fit
 * these shapes, and so do the in-memory ones of tests.
 */
import type { Result } from '../../shared/lang/result'
import type { Api, Encodable } from '../wire/schema'
import type { RecordsSource } from '../wire/writer'
import type { LogView } from './core/types'

/** What an append did. */
export interface AppendInfo {
  readonly firstOffset: number
  readonly lastOffset: number
  /** -1 where the producer's own time counts. */
  readonly logAppendTimeMs: number
  readonly recordCount: number
  readonly sizeInBytes: number
  /** An idempotent producer sent it before: nothing was appended, and offsets and time are those of then. */
  readonly isDuplicate?: true
}

export interface AppendRefusal {
  readonly code: number
  readonly message: string
  /** Those of the batch's records that are to blame, where it is not all of it. */
  readonly recordErrors?: readonly { readonly batchIndex: number; readonly message: string }[]
}

/** A range of a log, to be read straight into a response: nothing is copied before. */
export interface LogSlice extends RecordsSource {
  readonly nextOffset: number
}

export interface TimestampedOffset {
  readonly offset: number
  readonly timestamp: number
  readonly leaderEpoch: number
}

/** Who appends: a producer, or one of the broker's own coordinators, which may write control batches. */
export type AppendOrigin = 'client' | 'coordinator'

/** Says that a transaction's coordinator was asked whether a partition is part of it (KIP-890). Of one log, by identity. */
export interface VerificationGuard {
  readonly epoch: number
}

export interface AbortedTransaction {
  readonly producerId: number | bigint
  readonly firstOffset: number
}

/** What a log knows of one producer. */
export interface ProducerView {
  readonly producerId: number | bigint
  readonly epoch: number
  readonly batches: readonly { readonly lastSequence: number }[]
  readonly lastTimestamp: number
  readonly coordinatorEpoch: number
  readonly currentTxnFirstOffset: number
}

export interface ReplicaLog extends LogView {
  readonly topic: string
  readonly partition: number
  readonly topicId: string | null
  readonly sizeInBytes: number
  readonly producers: Iterable<ProducerView>
  /** Assigns offsets and the epoch in place. With a `guard`, null included, a batch that opens a transaction must hold the right one. */
  appendAsLeader(
    records: Uint8Array,
    leaderEpoch: number,
    origin?: AppendOrigin,
    guard?: VerificationGuard | null,
  ): Result<AppendInfo, AppendRefusal>
  /** Null: the producer's transaction is open here, and needs none. */
  startVerification(producerId: number | bigint, epoch: number, sequence: number): VerificationGuard | null
  hasOngoingTransaction(producerId: number | bigint, epoch: number): boolean
  /** As far as those may read who read committed records only. */
  lastStableOffset(highWatermark: number): number
  /** By first offset. */
  abortedTransactions(fromOffset: number, toOffset: number): readonly AbortedTransaction[]
  /**
   * Takes the bytes as they are; null where there is no whole batch. A log that has nothing from the leader's start on may begin inside of the first batch:
   * it then begins where that does.
   */
  appendAsFollower(records: Uint8Array, leaderLogStartOffset: number): AppendInfo | null
  read(
    offset: number,
    options: { readonly maxBytes: number; readonly maxOffset: number; readonly minOneMessage: boolean },
  ): Result<LogSlice, 'OFFSET_OUT_OF_RANGE'>
  offsetForTimestamp(timestampMs: number): TimestampedOffset | null
  maxTimestamp(): TimestampedOffset | null
  assignEpochStart(epoch: number, startOffset: number): void
  /** Drops epoch entries that start at `offset` or later, also where no record is dropped. */
  truncateTo(offset: number): void
  truncateFullyAndStartAt(offset: number): void
  setLogStartOffset(offset: number): void
}

export interface ReplicaLogManager {
  readonly logs: Iterable<ReplicaLog>
  get(topic: string, partition: number): ReplicaLog | undefined
  getOrCreate(topic: string, partition: number, topicId: string | null): ReplicaLog
  delete(topic: string, partition: number): void
  /** As last written, 0 where there is none. */
  highWatermarkCheckpoint(topic: string, partition: number): number
  writeHighWatermarks(entries: Iterable<{ readonly topic: string; readonly partition: number; readonly offset: number }>): void
}

/**
 * A connection to another broker for one lane of a fetcher, which owns it: a fetch that waits at the leader would hold up whatever else
 * were sent on it, so it is shared with nobody.
 */
export interface FetchConnection {
  /** The response is valid during the callback only; null with an error where there is none. */
  requestInPlace<Req, Res>(
    api: Api<Req, Res>,
    body: Encodable<Req>,
    version: number,
    onResponse: (response: Res | null, error: Error | null) => void,
    timeoutMs?: number,
  ): void
  close(): void
}
