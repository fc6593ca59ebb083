/** What the window knows of the cluster. Everything here crosses a thread or process by structured clone: plain data only. */

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
}
