/** What the window knows of the cluster. Everything here crosses a thread or process by structured clone: plain data only. */
import type { TopicView } from './topics'

export type BrokerState =
  | 'starting'
  | 'running'
  | 'stopping'
  /** Controlled shutdown has ended. */
  | 'stopped'
  /** Ended by the user without a word to anybody. */
  | 'killed'
  /** Its thread stands still; sockets are open, nothing is answered. */
  | 'frozen'
  /** Its worker died by itself; `reason` says why. */
  | 'crashed'

export interface BrokerView {
  readonly id: number
  readonly state: BrokerState
  /** Since when it is in that state, ms since the epoch. */
  readonly stateSinceMs: number
  /** Why it crashed or could not start, in a sentence; null otherwise. */
  readonly reason: string | null
  readonly host: string
  readonly port: number
  readonly isController: boolean
  /** Whether the coordination service has a live session of it: false for some 1.5 s after a kill it still is true. */
  readonly isRegistered: boolean
  readonly leaderCount: number
  readonly replicaCount: number
  /** Bytes of its log segments. */
  readonly logBytes: number
  readonly bytesInPerSecond: number
  readonly bytesOutPerSecond: number
  readonly messagesInPerSecond: number
  readonly connectionCount: number
}

export interface CoordinationView {
  readonly state: 'starting' | 'running' | 'crashed' | 'stopped'
  readonly host: string
  readonly port: number
  readonly sessionCount: number
  readonly znodeCount: number
  readonly reason: string | null
}

/** The schema registry's worker. What it knows of schemas is asked of itself. */
export interface RegistryProcessView {
  readonly state: 'starting' | 'running' | 'crashed' | 'killed' | 'stopped'
  readonly host: string
  /** Kept over restarts. */
  readonly port: number
  /** null: it is not up. */
  readonly url: string | null
  /** Why it is not up, or why it cannot read or write schemas now, in a sentence. */
  readonly problem: string | null
  readonly subjectCount: number
  /** Moves with every write. */
  readonly revision: number
  /** The global ones. */
  readonly level: string
  readonly mode: string
}

export interface ClusterView {
  readonly state: 'starting' | 'running' | 'stopping' | 'stopped' | 'failed'
  /** Why it failed, in a sentence. */
  readonly reason: string | null
  readonly clusterId: string | null
  readonly workspaceName: string
  readonly dataDirectory: string
  /** `127.0.0.1:9092,127.0.0.1:9093`, of all brokers of the cluster, live or not. */
  readonly bootstrapServers: string
  readonly controllerId: number | null
  readonly controllerEpoch: number
  /** null: nobody is, or nobody is known to be. */
  readonly controller: ControllerView | null
  readonly brokers: readonly BrokerView[]
  readonly coordination: CoordinationView
  /** null: the cluster was started without one. */
  readonly registry: RegistryProcessView | null
  readonly topicCount: number
  readonly partitionCount: number
  readonly underReplicatedCount: number
  readonly offlineCount: number
  /** What the user should know about this start: a port that was taken and moved, a recovery that cut a log. */
  readonly notices: readonly string[]
}

/** One replica of a partition as its own broker last reported it. */
export interface ReplicaView {
  readonly brokerId: number
  readonly isLeader: boolean
  readonly isInSync: boolean
  /** Its broker runs and has said something in the last seconds. */
  readonly isOnline: boolean
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly highWatermark: number
  readonly logBytes: number
  /** When its log end was last seen to move, ms since the epoch; null: not since the app saw it first. */
  readonly grewAtMs: number | null
}

export interface PartitionView {
  readonly topic: string
  readonly partition: number
  /** null: no leader, the partition is offline. */
  readonly leader: number | null
  /** The first of the assignment. */
  readonly preferredLeader: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  /** Assignment order. */
  readonly replicas: readonly ReplicaView[]
  readonly isr: readonly number[]
  /** Of the leader, or the last known. */
  readonly logStartOffset: number
  readonly highWatermark: number
  readonly logEndOffset: number
  readonly minInSyncReplicas: number
  /** When the leader or its epoch last changed, ms since the epoch, or null if not since the app saw it first. */
  readonly leaderChangedAtMs: number | null
  /** The broker that led before the last change. */
  readonly previousLeader: number | null
}

/** A broker as the past knows it: what the replica map needs to be drawn. */
export type BrokerMoment = Pick<BrokerView, 'id' | 'state' | 'stateSinceMs' | 'isController' | 'isRegistered'>

/** The cluster as it was at a moment of this session. */
export interface ClusterMoment {
  readonly atMs: number
  /** From when on the past is known. */
  readonly fromMs: number
  readonly brokers: readonly BrokerMoment[]
  /** In name and partition order. */
  readonly partitions: readonly PartitionView[]
}

/** All topics and partitions, as of a revision: deltas with a later one build on it. */
export interface TopicsSnapshot {
  readonly revision: number
  readonly topics: readonly TopicView[]
  readonly partitions: readonly PartitionView[]
}

/** Whose controller this is, and how it came to be. */
export interface ControllerView {
  readonly brokerId: number
  readonly epoch: number
  /** ms since the epoch; null: it was when the app came. */
  readonly sinceMs: number | null
  /** In words: 'broker 2 was killed'; null: it was the first, or nobody knows. */
  readonly after: string | null
  /** The event of its election, or of what led to it. */
  readonly eventId: number | null
}

/** One partition being moved to other brokers. */
export interface ReassignmentView {
  readonly topic: string
  readonly partition: number
  /** All it has now, old and new. */
  readonly replicas: readonly number[]
  readonly adding: readonly number[]
  readonly removing: readonly number[]
}

/** What came of a request about many partitions: Kafka answers each for itself. */
export interface PartitionsOutcome {
  readonly doneCount: number
  readonly failures: readonly {
    readonly topic: string
    readonly partition: number
    readonly code: string
    readonly message: string
  }[]
}

export type TimelineKind = 'cause' | 'effect'
export type TimelineSeverity = 'info' | 'ok' | 'warn' | 'error'

/** One thing that happened to the cluster, newest last. */
export interface TimelineEvent {
  readonly id: number
  readonly atMs: number
  readonly kind: TimelineKind
  /** The event that this one follows from, where that is known. */
  readonly causeId: number | null
  readonly severity: TimelineSeverity
  /** 'broker-killed', 'session-expired', 'controller-elected', 'leaders-elected', 'isr-shrunk', 'isr-expanded', 'topic-created', … */
  readonly type: string
  /** Who: 'you', 'auto' (the cluster), 'client'. */
  readonly actor: 'you' | 'auto' | 'client'
  readonly title: string
  readonly detail: string | null
  readonly brokerId: number | null
  readonly topic: string | null
  readonly partition: number | null
  /** The consumer group it is about. */
  readonly group?: string | null
  /** Those it is about, where the engine names them: at most 200, the title has their whole number. */
  readonly partitions?: readonly NamedPartition[]
}

export interface NamedPartition {
  readonly topic: string
  readonly partition: number
  /** What became of it, short: '2 → 1'. */
  readonly note: string | null
}
