/** Consumer groups as the window shows them, and the workbench's own consumers. Offsets are decimal texts: a client may commit any 64-bit number. */

export interface GroupSummary {
  readonly groupId: string
  /** Kafka's own words: 'classic' or 'consumer' (KIP-848). */
  readonly type: string
  /** 'Stable', 'PreparingRebalance', 'CompletingRebalance', 'Empty', 'Dead', 'Assigning', 'Reconciling'; '' where nobody could say. */
  readonly state: string
  readonly protocolType: string
  /** 'range', 'cooperative-sticky', 'uniform', …; '' without members. */
  readonly assignor: string
  readonly memberCount: number
  readonly ownMemberCount: number
  /** That it reads or has committed. */
  readonly topics: readonly string[]
  /** Over all partitions with a committed offset whose end is known; null: no such partition. */
  readonly totalLag: number | null
  /** Partitions whose lag is not known now: no leader, or no answer. */
  readonly unknownLagCount: number
  /** Broker id; null: nobody coordinates it now. */
  readonly coordinator: number | null
  /** Why what is shown of it may be old, in a sentence; null: it is what brokers said just now. */
  readonly problem: string | null
  readonly sampledAtMs: number
}

export interface GroupPartition {
  readonly topic: string
  readonly partition: number
  /** Null: no commit, which is not 0. */
  readonly committed: string | null
  readonly leaderEpoch: number | null
  readonly metadata: string
  readonly logStart: string | null
  readonly highWatermark: string | null
  /** How far a reader of committed records can see. */
  readonly lastStableOffset: string | null
  readonly lag: number | null
  /** Broker id; null: there is none now. */
  readonly leader: number | null
  /** The topic, or the partition, is not there any more. */
  readonly isGone: boolean
  readonly memberId: string | null
  /** Committed offsets a second, over the last samples; null: not known yet. */
  readonly rate: number | null
  /** The last samples, oldest first. */
  readonly lagHistory: readonly number[]
}

export interface GroupMember {
  readonly memberId: string
  readonly clientId: string
  readonly host: string
  readonly instanceId: string | null
  readonly subscription: readonly string[]
  readonly assignment: readonly { readonly topic: string; readonly partition: number }[]
  /** Of the new protocol: what it shall own, where that differs. */
  readonly target: readonly { readonly topic: string; readonly partition: number }[] | null
  /** Of the new protocol. */
  readonly epoch: number | null
  readonly lag: number | null
  /** Of the workbench's own consumers. */
  readonly consumerId: number | null
  readonly joinedAtMs: number
}

export interface RebalanceView {
  readonly id: number
  readonly atMs: number
  readonly isOngoing: boolean
  /** How long the group was seen not to be stable; null: it still is not, or it was over between two looks. */
  readonly durationMs: number | null
  /** In words: who came, who went. */
  readonly why: string
  readonly generation: number | null
  readonly moved: readonly {
    readonly topic: string
    readonly partition: number
    readonly from: string | null
    readonly to: string | null
  }[]
}

export interface GroupView extends GroupSummary {
  /** Generation of a classic group, where one of its members is ours; group epoch of the new protocol. */
  readonly generation: number | null
  readonly assignmentEpoch: number | null
  readonly members: readonly GroupMember[]
  readonly partitions: readonly GroupPartition[]
  /** Newest first. */
  readonly rebalances: readonly RebalanceView[]
}

export interface LagSeries {
  readonly topic: string
  /** ms since 1970, ascending. */
  readonly times: Float64Array
  /** Records; NaN where it was not known. */
  readonly values: Float64Array
}

export const resetTargets = ['earliest', 'latest', 'time', 'offset', 'shift', 'group'] as const

export type ResetTarget =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'time'; readonly timestampMs: number }
  | { readonly kind: 'shift'; readonly by: number }
  /** One for all, or one for each partition by `topic/partition`. */
  | { readonly kind: 'offset'; readonly offset: string | null; readonly byPartition: Readonly<Record<string, string>> }
  | { readonly kind: 'group'; readonly groupId: string }

export interface ResetRow {
  readonly topic: string
  readonly partition: number
  readonly committed: string | null
  /** Null: left as it is, and `note` says why. */
  readonly next: string | null
  readonly leaderEpoch: number
  /** Next less committed, where both are known and within what a log holds. */
  readonly change: number | null
  /** When the record there was written, of a reset to a time. */
  readonly recordAtMs: number | null
  /** What a person has to know of this row; '' mostly. */
  readonly note: string
}

export interface ResetPlan {
  readonly rows: readonly ResetRow[]
  /** Why it cannot be carried out now; null: it can. */
  readonly refusal: string | null
  readonly memberCount: number
  readonly ownMemberCount: number
}

export const consumerProtocols = ['classic', 'consumer'] as const
export const classicAssignors = ['cooperative-sticky', 'range', 'roundrobin'] as const
export const serverAssignors = ['uniform', 'range'] as const

export interface ConsumerSpec {
  readonly groupId: string
  readonly topics: readonly string[]
  readonly protocol: (typeof consumerProtocols)[number]
  readonly assignor: string
  /** Each gets it with its number behind; null: dynamic members. */
  readonly instanceId: string | null
  readonly offsetReset: 'earliest' | 'latest' | 'none'
  /** Null: nothing is committed. */
  readonly autoCommitIntervalMs: number | null
  readonly sessionTimeoutMs: number
  readonly processingMs: number
}

export interface OwnConsumer {
  readonly consumerId: number
  readonly clientId: string
  readonly spec: ConsumerSpec
  readonly instanceId: string | null
  readonly state: 'joining' | 'rebalancing' | 'stable' | 'stopped' | 'killed' | 'failed'
  readonly isPaused: boolean
  readonly processingMs: number
  readonly memberId: string
  readonly generation: number
  readonly assignment: readonly {
    readonly topic: string
    readonly partition: number
    readonly position: number | null
    readonly committed: number | null
  }[]
  readonly recordCount: number
  readonly recordsPerSecond: number
  readonly rebalanceCount: number
  readonly lastRebalanceMs: number | null
  readonly error: string | null
  readonly startedAtMs: number
}
