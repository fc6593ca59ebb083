/**
 * How coordinators hang in a broker: each on the partitions of its internal topic that this broker leads. Tells their runtimes of leaderships and high
 * watermarks, gives them the log, and says where a group's coordinator is. Made by assembleBroker; handlers reach the runtimes through it.
 */
import { type CoordinatorLog, CoordinatorRuntime, GroupShard, type Shard } from '../coordinator'
import type { OnDidRebalance } from '../coordinator/group/classic-rebalance'
import type { TopicsView } from '../coordinator/group/consumer/consumer-groups'
import { type GroupConfig, migrationPolicies } from '../coordinator/group/group-config'
import { type Clock, DiskError, type Logger, type Random } from '../platform'
import type { ReplicaManager } from '../replication/replica-manager'
import type { ConfigStore } from './config-store'
import { CONSUMER_HEARTBEAT_INTERVAL, CONSUMER_SESSION_TIMEOUT } from './group-configs'
import { CONSUMER_OFFSETS } from './internal-topics'
import type { BrokerEndpoint, MetadataCache } from './metadata-cache'

export interface CoordinatorsOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly random: Random
  readonly replicas: Pick<ReplicaManager, 'led' | 'readLed' | 'append' | 'onLogFailure'>
  readonly metadata: MetadataCache
  readonly configs: Pick<ConfigStore, 'brokerNumber' | 'brokerValue' | 'groupNumber'>
  readonly onDidRebalance?: OnDidRebalance
}

/** Of whatever kind, as leadership sees it. */
type Runtime = Pick<CoordinatorRuntime<Shard>, 'onDidChangeRole' | 'onDidAdvanceHighWatermark' | 'close' | 'abandon'>

export class Coordinators {
  readonly groups: CoordinatorRuntime<GroupShard>
  private readonly runtimes = new Map<string, Runtime>()

  constructor(private readonly options: CoordinatorsOptions) {
    const { clock, logger, configs } = options
    // None of them changes while a broker runs, but what a group sets for itself does.
    const config = groupConfig(configs)
    this.groups = new CoordinatorRuntime<GroupShard>({
      topic: CONSUMER_OFFSETS,
      clock,
      logger,
      log: coordinatorLog(CONSUMER_OFFSETS, options.replicas),
      commitTimeoutMs: configs.brokerNumber('offsets.commit.timeout.ms'),
      partitionCount: () => this.partitionCount(CONSUMER_OFFSETS, 'offsets.topic.num.partitions'),
      createShard: (_partition, timers) => {
        const ofGroup = (groupId?: string) => configOfGroup(config, configs, groupId)
        return new GroupShard(timers, ofGroup, topicsOf(options.metadata), options.onDidRebalance)
      },
    })
    this.add(CONSUMER_OFFSETS, this.groups)
  }

  /** Leaderships of `topic` are told to `runtime` from now on. */
  add(topic: string, runtime: Runtime): void {
    this.runtimes.set(topic, runtime)
  }

  onDidChangeRole(topic: string, partition: number): void {
    this.runtimes.get(topic)?.onDidChangeRole(partition)
  }

  onDidAdvanceHighWatermark(topic: string, partition: number): void {
    this.runtimes.get(topic)?.onDidAdvanceHighWatermark(partition)
  }

  /** What groups have committed of topics that are no more is of no use to topics of the same name. */
  onDidDeleteTopics(topics: ReadonlySet<string>): void {
    for (const partition of this.groups.partitions) {
      void this.groups.write(partition, (shard, step) => shard.forgetTopics(topics, step))
    }
  }

  /** As the topic is, or will be. */
  partitionCount(topic: string, config: string): number {
    return this.options.metadata.topic(topic)?.partitions.size ?? this.options.configs.brokerNumber(config)
  }

  /** Null while nobody coordinates the partition, so far as this broker knows. */
  brokerOf(topic: string, partition: number): BrokerEndpoint | null {
    const { metadata } = this.options
    return metadata.broker(metadata.partition(topic, partition)?.leader ?? -1) ?? null
  }

  /** A random UUID, for the id of a member. */
  uniqueId(): string {
    const bytes = this.options.random.bytes(16)
    bytes[6] = (bytes[6]! & 0x0f) | 0x40
    bytes[8] = (bytes[8]! & 0x3f) | 0x80
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  }

  close(): void {
    for (const runtime of this.runtimes.values()) runtime.close()
  }

  /** As a killed process leaves it. */
  abandon(): void {
    for (const runtime of this.runtimes.values()) runtime.abandon()
  }
}

export function coordinatorLog(topic: string, replicas: CoordinatorsOptions['replicas']): CoordinatorLog {
  return {
    led: (partition) => replicas.led(topic, partition),
    append(partition, batch, guard) {
      const options = { origin: 'coordinator', ...(guard === undefined ? {} : { guard }) } as const
      const { errorCode, requiredOffset = -1 } = replicas.append(topic, partition, batch, -1, options)
      return { errorCode, requiredOffset }
    },
    read(partition, offset, maxBytes) {
      const slice = replicas.readLed(topic, partition, offset, maxBytes)
      if (slice === null) return null
      const bytes = Buffer.allocUnsafe(slice.sizeInBytes)
      try {
        slice.readInto(bytes)
      } catch (error) {
        if (!(error instanceof DiskError)) throw error
        replicas.onLogFailure(topic, partition, error)
        return null
      }
      return bytes
    },
  }
}

/** As the controller has told this broker of them. */
function topicsOf(metadata: MetadataCache): TopicsView {
  return {
    find(name) {
      const topic = metadata.topic(name)
      return topic === undefined ? undefined : { name, topicId: topic.topicId, partitionCount: topic.partitions.size }
    },
    // The internal ones as well: whether its expression is to match them is for the client to say, as with Kafka.
    *names() {
      for (const { name } of metadata.allTopics()) yield name
    },
  }
}

const MINUTE_MS = 60_000

function groupConfig(configs: Pick<ConfigStore, 'brokerNumber' | 'brokerValue'>): GroupConfig {
  const policy = configs.brokerValue('group.consumer.migration.policy')
  return {
    minSessionTimeoutMs: configs.brokerNumber('group.min.session.timeout.ms'),
    maxSessionTimeoutMs: configs.brokerNumber('group.max.session.timeout.ms'),
    initialRebalanceDelayMs: configs.brokerNumber('group.initial.rebalance.delay.ms'),
    maxSize: configs.brokerNumber('group.max.size'),
    offsetMetadataMaxBytes: configs.brokerNumber('offset.metadata.max.bytes'),
    offsetsRetentionMs: configs.brokerNumber('offsets.retention.minutes') * MINUTE_MS,
    offsetsRetentionCheckIntervalMs: configs.brokerNumber('offsets.retention.check.interval.ms'),
    consumerSessionTimeoutMs: configs.brokerNumber('group.consumer.session.timeout.ms'),
    consumerHeartbeatIntervalMs: configs.brokerNumber('group.consumer.heartbeat.interval.ms'),
    migrationPolicy: migrationPolicies.find((name) => name === policy) ?? 'bidirectional',
  }
}

/** What the broker says of all groups, and over it what this one has set for itself. */
function configOfGroup(config: GroupConfig, configs: Pick<ConfigStore, 'groupNumber'>, groupId: string | undefined): GroupConfig {
  if (groupId === undefined) return config
  return {
    ...config,
    consumerSessionTimeoutMs: configs.groupNumber(groupId, CONSUMER_SESSION_TIMEOUT),
    consumerHeartbeatIntervalMs: configs.groupNumber(groupId, CONSUMER_HEARTBEAT_INTERVAL),
  }
}
