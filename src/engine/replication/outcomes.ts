/**
 * What the ReplicaManager answers to the broker's handlers, and what they ask of it. Codes are Kafka's, from wire/errors.
 */
import type { AbortedTransaction, AppendInfo, AppendOrigin, LogSlice, ProducerView, VerificationGuard } from './ports'

export interface AppendOptions {
  /** 'client' unless said otherwise. */
  readonly origin?: AppendOrigin
  /** Where it is there, null included, a batch that opens a transaction must have been verified (KIP-890). */
  readonly guard?: VerificationGuard | null
}

export interface AppendOutcome {
  readonly errorCode: number
  /** Where the log has something to say that the code does not. */
  readonly errorMessage?: string
  /** Which records are to blame, where it is not the whole batch. */
  readonly recordErrors?: readonly { readonly batchIndex: number; readonly message: string }[]
  readonly appendInfo?: AppendInfo
  /** For acks=all: committed when the high watermark reaches it. */
  readonly requiredOffset?: number
  readonly logStartOffset: number
  readonly leaderEpoch: number
}

/** A partition that this broker leads, as it is now. */
export interface LedPartition {
  readonly leaderEpoch: number
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly highWatermark: number
}

export interface ReadOptions {
  /** -1: a consumer. */
  readonly replicaId: number
  /** The follower's registration, -1 where the fetch does not say. */
  readonly brokerEpoch?: number
  readonly fetchOffset: number
  /** -1: not checked. */
  readonly currentLeaderEpoch: number
  /** -1: not checked. */
  readonly lastFetchedEpoch: number
  readonly followerLogStartOffset?: number
  readonly maxBytes: number
  readonly minOneMessage: boolean
  readonly isolation: 'read_uncommitted' | 'read_committed'
  /** Monotonic. */
  readonly nowMs: number
  /** A consumer that a follower may serve (Fetch 11 and on, KIP-392). */
  readonly allowFollower?: boolean
  /** Where that consumer stands; '' or absent: it does not say. The leader may send it to a follower in the same rack. */
  readonly clientRack?: string
  /** A parked fetch that is tried once more: the follower's position was recorded when it came. */
  readonly isReread?: boolean
}

export interface ReadResult {
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  /** Those that the slice has records of, by first offset; null for whoever reads uncommitted records too. */
  readonly abortedTransactions: readonly AbortedTransaction[] | null
  readonly logStartOffset: number
  readonly divergingEpoch: { readonly epoch: number; readonly endOffset: number } | null
  /** Valid until the log is written to or truncated; null: no records. */
  readonly slice: LogSlice | null
  readonly preferredReadReplica: number
  /** What counts towards min_bytes. */
  readonly availableBytes: number
  /** The follower has not been told this high watermark yet: answer now, do not let it wait for records. */
  readonly followerNeedsHighWatermark: boolean
}

export function readFailure(errorCode: number, logStartOffset: number): ReadResult {
  return {
    errorCode,
    highWatermark: -1,
    lastStableOffset: -1,
    abortedTransactions: null,
    logStartOffset,
    divergingEpoch: null,
    slice: null,
    preferredReadReplica: -1,
    availableBytes: 0,
    followerNeedsHighWatermark: false,
  }
}

export interface ProducersAnswer {
  readonly errorCode: number
  readonly producers: Iterable<ProducerView>
}

export interface EpochEndAnswer {
  readonly errorCode: number
  /** -1 unknown. */
  readonly leaderEpoch: number
  readonly endOffset: number
}

export interface ListOffsetAnswer {
  readonly errorCode: number
  readonly timestamp: number
  /** -1 where no record fits. */
  readonly offset: number
  readonly leaderEpoch: number
}

/** One replica, for statistics. A snapshot. */
export interface PartitionStatus {
  readonly topic: string
  readonly partition: number
  readonly topicId: string | null
  readonly role: 'leader' | 'follower' | 'offline'
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly replicas: readonly number[]
  /** As committed; known to the leader only. */
  readonly isr: readonly number[]
  readonly isIsrChangePending: boolean
  readonly isUnderMinIsr: boolean
  readonly logStartOffset: number
  readonly highWatermark: number
  readonly logEndOffset: number
  readonly sizeInBytes: number
  /** What the leader knows of the others. */
  readonly followers: readonly FollowerStatus[]
  readonly offlineReason: string | null
}

export interface FollowerStatus {
  readonly replicaId: number
  /** -1 until it has fetched. */
  readonly logEndOffset: number
  /** For how long it has not been caught up; 0 while it is, null if it never was. */
  readonly lagMs: number | null
  readonly isInSync: boolean
}
