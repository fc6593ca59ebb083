/**
 * The words of the replication core: what a replica of one partition is, in each of its roles, and what it asks its driver to do.
 *
 * The core is pure. Its functions take a state (which they may change in place: each says so), an input and the time, and answer with
 * effects; they own no log, no socket and no clock. `replica.ts` beside this folder owns the log and carries the effects out.
 *
 * Rules and names are Kafka's (Partition.scala, Replica.scala, AbstractFetcherThread.scala as of 3.9). Times are monotonic milliseconds.
 */

/** Errors that the core answers with, by the names of Kafka's table; the driver turns them into codes. */
export type ReplicationError =
  | 'FENCED_LEADER_EPOCH'
  | 'INCONSISTENT_TOPIC_ID'
  | 'KAFKA_STORAGE_ERROR'
  | 'NOT_ENOUGH_REPLICAS'
  | 'NOT_ENOUGH_REPLICAS_AFTER_APPEND'
  | 'NOT_LEADER_OR_FOLLOWER'
  | 'OFFSET_NOT_AVAILABLE'
  | 'OFFSET_OUT_OF_RANGE'
  | 'STALE_BROKER_EPOCH'
  | 'STALE_CONTROLLER_EPOCH'
  | 'UNKNOWN_LEADER_EPOCH'
  | 'UNKNOWN_TOPIC_OR_PARTITION'

export const NO_LEADER = -1
export const NO_EPOCH = -1
/** The position of a replica that has not fetched since this broker became leader. */
export const UNKNOWN_OFFSET = -1
/** Broker epoch of a fetch that carries none (below version 15). */
export const UNKNOWN_BROKER_EPOCH = -1
/** A time before all others: "has never been caught up". */
export const NEVER_MS = Number.NEGATIVE_INFINITY

/** What the core may ask of a log while it decides. It never writes through it. */
export interface LogView {
  readonly logStartOffset: number
  readonly logEndOffset: number
  /** Epoch of the last entry of the epoch cache, -1 if there is none. */
  readonly latestEpoch: number
  /** The largest known epoch <= `epoch` and the start of the one after it (the log end offset for the latest); -1/-1 if unknown. */
  endOffsetForEpoch(epoch: number): EpochEndOffset
}

export interface EpochEndOffset {
  readonly leaderEpoch: number
  readonly endOffset: number
}

/** What a leader knows of the brokers around it and of its topic. Read at every decision, so that a changed config counts at once. */
export interface LeaderEnvironment {
  readonly replicaLagTimeMaxMs: number
  minInSyncReplicas(): number
  /** May this broker be in an ISR: is it registered and alive? */
  isEligible(replicaId: number): boolean
}

/** What a leader knows of one follower, from its fetches. */
export interface FollowerProgress {
  readonly replicaId: number
  /** Where its last fetch began: it has everything below. */
  logEndOffset: number
  logStartOffset: number
  /** The latest time at which it had everything that the leader had then. */
  lastCaughtUpTimeMs: number
  lastFetchTimeMs: number
  /** The leader's log end offset at the last fetch. */
  lastFetchLeaderLogEndOffset: number
  /** The high watermark that the last answer to it carried. */
  lastSentHighWatermark: number
  /** Registration epoch of the broker that fetches, UNKNOWN_BROKER_EPOCH where it does not say. */
  brokerEpoch: number
}

/** The ISR, and the change to it that the controller has been asked for. There is one change in flight at most. */
export type IsrState = CommittedIsr | PendingExpandIsr | PendingShrinkIsr

export interface CommittedIsr {
  readonly kind: 'committed'
  readonly isr: readonly number[]
}

export interface PendingExpandIsr {
  readonly kind: 'pending-expand'
  /** As last committed by the controller. */
  readonly isr: readonly number[]
  readonly added: number
  readonly proposal: IsrProposal
}

export interface PendingShrinkIsr {
  readonly kind: 'pending-shrink'
  readonly isr: readonly number[]
  readonly removed: readonly number[]
  readonly proposal: IsrProposal
}

/** One AlterPartition for one partition. Compared by identity: an answer to any other than the pending one is out of date. */
export interface IsrProposal {
  readonly leaderEpoch: number
  /** The epoch that the change applies to: the controller refuses it on any other. */
  readonly partitionEpoch: number
  readonly newIsr: readonly { readonly brokerId: number; readonly brokerEpoch: number }[]
}

interface Assignment {
  readonly localBrokerId: number
  controllerEpoch: number
  leaderEpoch: number
  partitionEpoch: number
  replicas: readonly number[]
}

export interface LeaderState extends Assignment {
  readonly role: 'leader'
  addingReplicas: readonly number[]
  removingReplicas: readonly number[]
  isr: IsrState
  /** The leader epoch in which this unbroken leadership began: what was appended since is still in the log. */
  readonly leadsSinceEpoch: number
  /** The log end offset at which this leader epoch began here. */
  leaderEpochStartOffset: number
  /** Invariant: logStartOffset <= highWatermark <= logEndOffset. Never moves back while this broker leads. */
  highWatermark: number
  /** Every replica but this one. */
  readonly followers: Map<number, FollowerProgress>
}

export interface FollowerState extends Assignment {
  readonly role: 'follower'
  /** NO_LEADER while the partition has none. */
  leaderId: number
  /** Invariant: highWatermark <= logEndOffset. Moves back only with a truncation below it, after an unclean election. */
  highWatermark: number
}

/** The log failed: this replica serves nothing until its broker is started anew. */
export interface OfflineState extends Assignment {
  readonly role: 'offline'
  readonly reason: string
}

export type ReplicaState = LeaderState | FollowerState | OfflineState

/** What the controller says of one partition: a partition of LeaderAndIsr. */
export interface PartitionCommand {
  readonly controllerEpoch: number
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly isr: readonly number[]
  readonly replicas: readonly number[]
  readonly addingReplicas: readonly number[]
  readonly removingReplicas: readonly number[]
}

/** What a step asks the driver to do, in this order. */
export type Effect =
  | { readonly kind: 'assign-epoch-start'; readonly epoch: number; readonly startOffset: number }
  | { readonly kind: 'truncate'; readonly offset: number }
  | { readonly kind: 'restart-log'; readonly offset: number }
  | { readonly kind: 'increment-log-start'; readonly offset: number }
  | { readonly kind: 'propose-isr'; readonly proposal: IsrProposal }
  | { readonly kind: 'start-fetching'; readonly leaderId: number; readonly leaderEpoch: number }
  | { readonly kind: 'stop-fetching' }
  | { readonly kind: 'role-changed' }
  | { readonly kind: 'isr-changed'; readonly isr: readonly number[] }
  | { readonly kind: 'high-watermark-advanced'; readonly highWatermark: number }

/** Shared, so that the hot path allocates nothing where nothing is to be done. */
export const NO_EFFECTS: readonly Effect[] = Object.freeze([])

export interface Step<S extends ReplicaState = ReplicaState> {
  readonly state: S
  readonly effects: readonly Effect[]
}
