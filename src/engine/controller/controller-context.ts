/**
 * What the active controller knows: live brokers, topics, partitions and their states, as last read from or written to the znodes.
 * Mutable, of one term of office, changed only by handlers in the event queue; does no I/O.
 */
import { assert } from '../../shared/lang/assert'
import type { IsOnline } from './elections'
import type { Availability } from './partition-changes'
import { type LiveBroker, NO_LEADER, type PartitionState, partitionKey, type ReplicaAssignment } from './types'

/** One partition. `state` is null from its creation until the first time that one of its replicas is online. */
export interface PartitionContext {
  readonly topic: TopicContext
  readonly partition: number
  readonly key: string
  assignment: ReplicaAssignment
  state: PartitionState | null
  /** Of the controller that wrote `state`. */
  controllerEpoch: number
  /** The transaction that had written `state` when this term read it; what this term writes is not counted. */
  loadedZxid: number
}

export interface TopicContext {
  readonly name: string
  readonly topicId: string
  readonly partitions: Map<number, PartitionContext>
  /** Of the topic's znode, for changes of the assignment. */
  znodeVersion: number
}

export class ControllerContext {
  /** Registered, shutting down or not. */
  readonly brokers = new Map<number, LiveBroker>()
  readonly shuttingDown = new Set<number>()
  readonly topics = new Map<string, TopicContext>()
  readonly topicNameById = new Map<string, string>()
  /** Topics whose deletion was asked for: no elections, no ISR changes, gone from the metadata. */
  readonly deleting = new Set<string>()
  /** Partitions whose replica on that broker cannot be read (KAFKA_STORAGE_ERROR), by broker. */
  private readonly failedReplicas = new Map<number, Set<string>>()

  constructor(
    readonly controllerId: number,
    readonly epoch: number,
  ) {}

  liveBrokerIds(): Set<number> {
    return new Set([...this.brokers.keys()].filter((id) => !this.shuttingDown.has(id)))
  }

  brokerIds(): number[] {
    return [...this.brokers.keys()]
  }

  /** The epoch of a broker that may be in an ISR; null for one that is gone or shutting down. */
  eligibleBrokerEpoch(id: number): number | null {
    return this.shuttingDown.has(id) ? null : (this.brokers.get(id)?.epoch ?? null)
  }

  addBroker(broker: LiveBroker): void {
    this.brokers.set(broker.id, broker)
  }

  removeBroker(id: number): void {
    this.brokers.delete(id)
    this.shuttingDown.delete(id)
    this.failedReplicas.delete(id)
  }

  availabilityOf(partition: PartitionContext): Availability {
    const isServing: IsOnline = (id) => this.brokers.has(id) && !this.failedReplicas.get(id)?.has(partition.key)
    return { isServing, isOnline: (id) => isServing(id) && !this.shuttingDown.has(id) }
  }

  isReplicaFailed(brokerId: number, partition: PartitionContext): boolean {
    return this.failedReplicas.get(brokerId)?.has(partition.key) ?? false
  }

  /** Answers whether that is news. */
  setReplicaFailed(brokerId: number, partition: PartitionContext, hasFailed: boolean): boolean {
    const failed = this.failedReplicas.get(brokerId) ?? new Set()
    if (failed.has(partition.key) === hasFailed) return false
    if (hasFailed) failed.add(partition.key)
    else failed.delete(partition.key)
    this.failedReplicas.set(brokerId, failed)
    return true
  }

  addTopic(name: string, topicId: string, znodeVersion: number): TopicContext {
    assert(!this.topics.has(name), 'a topic is added once')
    const topic: TopicContext = { name, topicId, partitions: new Map(), znodeVersion }
    this.topics.set(name, topic)
    this.topicNameById.set(topicId, name)
    return topic
  }

  addPartition(topic: TopicContext, partition: number, assignment: ReplicaAssignment): PartitionContext {
    assert(!topic.partitions.has(partition), 'a partition is added once')
    const added = {
      topic,
      partition,
      key: partitionKey(topic.name, partition),
      assignment,
      state: null,
      controllerEpoch: 0,
      loadedZxid: 0,
    }
    topic.partitions.set(partition, added)
    return added
  }

  removeTopic(name: string): void {
    const topic = this.topics.get(name)
    if (topic === undefined) return
    this.topics.delete(name)
    this.topicNameById.delete(topic.topicId)
    this.deleting.delete(name)
  }

  partition(topic: string, partition: number): PartitionContext | undefined {
    return this.topics.get(topic)?.partitions.get(partition)
  }

  /** Of topics that are not being deleted. */
  *livePartitions(): Iterable<PartitionContext> {
    for (const topic of this.topics.values()) {
      if (!this.deleting.has(topic.name)) yield* topic.partitions.values()
    }
  }

  /** Those with a replica on one of `brokerIds`, of topics that are not being deleted. */
  partitionsOn(brokerIds: ReadonlySet<number>): PartitionContext[] {
    return [...this.livePartitions()].filter(({ assignment }) => assignment.replicas.some((id) => brokerIds.has(id)))
  }

  /** Those that no running broker leads, though they have had a state. */
  partitionsWithoutLeader(): PartitionContext[] {
    return [...this.livePartitions()].filter(
      ({ state }) => state !== null && (state.leader === NO_LEADER || !this.brokers.has(state.leader)),
    )
  }

  /** Those that `brokerId` leads and that have other replicas: what a controlled shutdown must move. */
  partitionsLedBy(brokerId: number): PartitionContext[] {
    return [...this.livePartitions()].filter(
      ({ state, assignment }) => state?.leader === brokerId && assignment.replicas.length > 1,
    )
  }
}
