/** What a broker's configs say about groups, under names of our own; Kafka's are in brackets. Read anew by each operation, so that some can change. */
/** Which ways a living group may go (ConsumerGroupMigrationPolicy). */
export const migrationPolicies = ['bidirectional', 'upgrade', 'downgrade', 'disabled'] as const
export type MigrationPolicy = (typeof migrationPolicies)[number]

export interface GroupConfig {
  /** [group.min.session.timeout.ms] */
  readonly minSessionTimeoutMs: number
  /** [group.max.session.timeout.ms] */
  readonly maxSessionTimeoutMs: number
  /** [group.initial.rebalance.delay.ms] How long a group that was empty waits for more members. */
  readonly initialRebalanceDelayMs: number
  /** [group.max.size] */
  readonly maxSize: number
  /** [offset.metadata.max.bytes] */
  readonly offsetMetadataMaxBytes: number
  /** [offsets.retention.minutes] */
  readonly offsetsRetentionMs: number
  /** [offsets.retention.check.interval.ms] */
  readonly offsetsRetentionCheckIntervalMs: number
  /** [group.consumer.session.timeout.ms, consumer.session.timeout.ms of a group] Of the new protocol: the broker's to say. */
  readonly consumerSessionTimeoutMs: number
  /** [group.consumer.heartbeat.interval.ms] librdkafka waits twice as long for the answer, so that it must not be too short either. */
  readonly consumerHeartbeatIntervalMs: number
  /** [group.consumer.migration.policy] Which way a living group may go from one protocol to the other. An empty one goes either way. */
  readonly migrationPolicy: MigrationPolicy
}

/** Kafka's defaults, but for the initial delay (3 s there) and the heartbeats of the new protocol (5 s): a person who starts a consumer wants to see it read. */
export const DEFAULT_GROUP_CONFIG: GroupConfig = {
  minSessionTimeoutMs: 6_000,
  maxSessionTimeoutMs: 1_800_000,
  initialRebalanceDelayMs: 0,
  maxSize: 0x7fffffff,
  offsetMetadataMaxBytes: 4096,
  offsetsRetentionMs: 7 * 24 * 60 * 60 * 1000,
  offsetsRetentionCheckIntervalMs: 600_000,
  consumerSessionTimeoutMs: 45_000,
  consumerHeartbeatIntervalMs: 1_000,
  migrationPolicy: 'bidirectional',
}
