/**
 * Which brokers are told what after an event: one LeaderAndIsr, one UpdateMetadata and one StopReplica a broker at the most, however many partitions
 * changed (Kafka's ControllerBrokerRequestBatch). Pure: collects, and builds the bodies from the context; request-sender.ts sends them.
 *
 * The order for one broker: the list of live brokers where it or they are new, so that a follower can reach its leaders; then
 * LeaderAndIsr before UpdateMetadata, so that no client is sent to a leader that does not know yet; then StopReplica.
 */
import type { LeaderAndIsr } from '../wire/messages/04-leader-and-isr'
import type { StopReplica } from '../wire/messages/05-stop-replica'
import type { UpdateMetadata } from '../wire/messages/06-update-metadata'
import type { Encodable, RequestOf } from '../wire/schema'
import type { ControllerContext, PartitionContext } from './controller-context'
import {
  addressesOf,
  EPOCH_DURING_DELETE,
  interBrokerAddressOf,
  LEADER_DURING_DELETE,
  type LiveBroker,
  SecurityProtocol,
} from './types'

export type LeaderAndIsrBody = Encodable<RequestOf<typeof LeaderAndIsr>>
export type UpdateMetadataBody = Encodable<RequestOf<typeof UpdateMetadata>>
export type StopReplicaBody = Encodable<RequestOf<typeof StopReplica>>

export type ControlRequest =
  | { readonly kind: 'leader-and-isr'; readonly body: LeaderAndIsrBody }
  | { readonly kind: 'update-metadata'; readonly body: UpdateMetadataBody }
  | { readonly kind: 'stop-replica'; readonly body: StopReplicaBody }

type LeaderAndIsrTopic = LeaderAndIsrBody['topicStates'] extends readonly (infer T)[] | undefined ? T : never
type UpdateMetadataTopic = UpdateMetadataBody['topicStates'] extends readonly (infer T)[] | undefined ? T : never
type StopReplicaTopic = StopReplicaBody['topicStates'] extends readonly (infer T)[] | undefined ? T : never

/** "Incremental": it names what changed; what it does not name stays. */
const TYPE_INCREMENTAL = 1
const TYPE_FULL = 2

export class RequestBatch {
  /** Broker -> partition -> whether the partition is new. */
  private readonly leaderAndIsr = new Map<number, Map<PartitionContext, boolean>>()
  /** Broker -> partition -> whether to delete the replica. */
  private readonly stopReplica = new Map<number, Map<PartitionContext, boolean>>()
  private readonly changedMetadata = new Set<PartitionContext>()
  private readonly introduced = new Set<number>()
  private readonly fullMetadata = new Set<number>()
  private brokersChanged = false

  constructor(private readonly context: ControllerContext) {}

  /** To `brokerIds`: the state of a partition that they lead or follow; to everybody, its metadata. */
  addLeaderAndIsr(brokerIds: Iterable<number>, partition: PartitionContext, isNew = false): void {
    for (const id of brokerIds) {
      const partitions = entriesOf(this.leaderAndIsr, id)
      partitions.set(partition, isNew || partitions.get(partition) === true)
    }
    this.changedMetadata.add(partition)
  }

  /** To everybody: the metadata of a partition. */
  addMetadata(partition: PartitionContext): void {
    this.changedMetadata.add(partition)
  }

  /** To everybody: the list of live brokers. */
  addBrokers(): void {
    this.brokersChanged = true
  }

  /** To a broker that knows nothing: who the others are, before anything else, and the metadata of all there is. */
  addIntroduction(brokerId: number): void {
    this.introduced.add(brokerId)
    this.fullMetadata.add(brokerId)
  }

  addStopReplica(brokerIds: Iterable<number>, partition: PartitionContext, deletesReplica: boolean): void {
    for (const id of brokerIds) {
      const partitions = entriesOf(this.stopReplica, id)
      partitions.set(partition, deletesReplica || partitions.get(partition) === true)
    }
  }

  /** What each live broker gets, in order. Brokers that get nothing are left out. */
  build(): Map<number, ControlRequest[]> {
    const built = new Map<number, ControlRequest[]>()
    const changed = this.metadataTopics(this.changedMetadata)
    const all = this.fullMetadata.size === 0 ? changed : this.metadataTopics(this.allPartitions())
    const liveBrokers = [...this.context.brokers.values()].map(describeBroker)
    // Whoever is told to follow a broker that has just joined must be able to reach it.
    const introducesAll = this.introduced.size > 0
    for (const broker of this.context.brokers.values()) {
      const requests: ControlRequest[] = []
      const replicas = this.leaderAndIsr.get(broker.id)
      const isFull = this.fullMetadata.has(broker.id)
      if (this.introduced.has(broker.id) || (introducesAll && replicas !== undefined)) {
        requests.push({ kind: 'update-metadata', body: { ...this.header(broker), topicStates: [], liveBrokers } })
      }
      if (replicas !== undefined) requests.push({ kind: 'leader-and-isr', body: this.leaderAndIsrBody(broker, replicas) })
      if (isFull || changed.length > 0 || this.brokersChanged) {
        const topicStates = isFull ? all : changed
        const type = isFull ? { type: TYPE_FULL } : {}
        requests.push({ kind: 'update-metadata', body: { ...this.header(broker), ...type, topicStates, liveBrokers } })
      }
      const stopped = this.stopReplica.get(broker.id)
      if (stopped !== undefined) requests.push({ kind: 'stop-replica', body: this.stopReplicaBody(broker, stopped) })
      if (requests.length > 0) built.set(broker.id, requests)
    }
    return built
  }

  private header(broker: LiveBroker) {
    return { controllerId: this.context.controllerId, controllerEpoch: this.context.epoch, brokerEpoch: broker.epoch }
  }

  private *allPartitions(): Iterable<PartitionContext> {
    yield* this.context.livePartitions()
    yield* this.changedMetadata
  }

  private leaderAndIsrBody(broker: LiveBroker, partitions: ReadonlyMap<PartitionContext, boolean>): LeaderAndIsrBody {
    const topics = new TopicGroups<LeaderAndIsrTopic>()
    const leaders = new Set<number>()
    for (const [context, isNew] of partitions) {
      const { state, assignment } = context
      if (state === null) continue
      leaders.add(state.leader)
      topics.add(
        context,
        (partitionStates) => ({ topicName: context.topic.name, topicId: context.topic.topicId, partitionStates }),
        {
          partitionIndex: context.partition,
          controllerEpoch: context.controllerEpoch,
          leader: state.leader,
          leaderEpoch: state.leaderEpoch,
          isr: [...state.isr],
          partitionEpoch: state.partitionEpoch,
          replicas: [...assignment.replicas],
          addingReplicas: [...assignment.addingReplicas],
          removingReplicas: [...assignment.removingReplicas],
          isNew,
          leaderRecoveryState: state.leaderRecoveryState,
        },
      )
    }
    const liveLeaders = [...leaders]
      .map((id) => this.context.brokers.get(id))
      .filter((leader) => leader !== undefined)
      .map((leader) => {
        const { host, port } = interBrokerAddressOf(leader)
        return { brokerId: leader.id, hostName: host, port }
      })
    return { ...this.header(broker), type: TYPE_INCREMENTAL, topicStates: topics.list(), liveLeaders }
  }

  private metadataTopics(partitions: Iterable<PartitionContext>): UpdateMetadataTopic[] {
    const topics = new TopicGroups<UpdateMetadataTopic>()
    for (const context of new Set(partitions)) {
      const { state, assignment } = context
      if (state === null) continue
      const { isOnline } = this.context.availabilityOf(context)
      topics.add(
        context,
        (partitionStates) => ({ topicName: context.topic.name, topicId: context.topic.topicId, partitionStates }),
        {
          partitionIndex: context.partition,
          controllerEpoch: context.controllerEpoch,
          leader: this.context.deleting.has(context.topic.name) ? LEADER_DURING_DELETE : state.leader,
          leaderEpoch: state.leaderEpoch,
          isr: [...state.isr],
          zkVersion: state.partitionEpoch,
          replicas: [...assignment.replicas],
          offlineReplicas: assignment.replicas.filter((id) => !isOnline(id)),
        },
      )
    }
    return topics.list()
  }

  private stopReplicaBody(broker: LiveBroker, partitions: ReadonlyMap<PartitionContext, boolean>): StopReplicaBody {
    const topics = new TopicGroups<StopReplicaTopic>()
    for (const [context, deletePartition] of partitions) {
      const isDeleting = this.context.deleting.has(context.topic.name)
      topics.add(context, (partitionStates) => ({ topicName: context.topic.name, partitionStates }), {
        partitionIndex: context.partition,
        leaderEpoch: isDeleting ? EPOCH_DURING_DELETE : (context.state?.leaderEpoch ?? -1),
        deletePartition,
      })
    }
    return { ...this.header(broker), topicStates: topics.list() }
  }
}

/** Collects partition states under their topics, in the order in which topics first come. */
class TopicGroups<Topic extends { readonly partitionStates?: readonly unknown[] | undefined }> {
  private readonly topics: Topic[] = []
  private readonly statesByTopic = new Map<string, PartitionStateOf<Topic>[]>()

  add(context: PartitionContext, start: (states: PartitionStateOf<Topic>[]) => Topic, state: PartitionStateOf<Topic>): void {
    const states = this.statesByTopic.get(context.topic.name)
    if (states !== undefined) {
      states.push(state)
      return
    }
    const started = [state]
    this.statesByTopic.set(context.topic.name, started)
    this.topics.push(start(started))
  }

  list(): Topic[] {
    return this.topics
  }
}

type PartitionStateOf<Topic> = Topic extends { readonly partitionStates?: readonly (infer State)[] | undefined } ? State : never

function describeBroker(broker: LiveBroker) {
  const endpoints = addressesOf(broker).map(({ host, port, listener, protocol }) => ({
    port,
    host,
    listener,
    securityProtocol: SecurityProtocol[protocol],
  }))
  return { id: broker.id, endpoints, rack: broker.rack }
}

function entriesOf(map: Map<number, Map<PartitionContext, boolean>>, brokerId: number): Map<PartitionContext, boolean> {
  const existing = map.get(brokerId)
  if (existing !== undefined) return existing
  const created = new Map<PartitionContext, boolean>()
  map.set(brokerId, created)
  return created
}
