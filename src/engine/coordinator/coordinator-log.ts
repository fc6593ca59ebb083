/**
 * The partitions of one internal topic, as the runtime sees them. The broker's adapter over ReplicaManager implements it; tests bring their own.
 */
import type { TransactionResult, VerificationGuard } from './shard'

export interface LedPartition {
  readonly leaderEpoch: number
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly highWatermark: number
}

export interface EndTransactionMarker {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  readonly result: TransactionResult
}

export interface AppendAnswer {
  readonly errorCode: number
  /** The first offset behind what was appended: committed when the high watermark reaches it. */
  readonly requiredOffset: number
}

export interface CoordinatorLog {
  /** Null where this broker does not lead the partition. */
  led(partition: number): LedPartition | null
  /** One batch, with acks=all: refused where the in-sync replicas are too few. Offsets and leader epoch are set in place. */
  append(partition: number, batch: Uint8Array, guard?: VerificationGuard | null): AppendAnswer
  /** Whole batches from the one that holds `offset`, also above the high watermark; valid until the next call. Null where they cannot be read. */
  read(partition: number, offset: number, maxBytes: number): Uint8Array | null
}
