/**
 * What this broker tells clients about the cluster: live brokers, topics, and who leads what. Fed by the controller's UpdateMetadata and by
 * nothing else, so it may be behind; a request of a controller that has been replaced is refused by its epoch. Read by Metadata and by
 * whoever needs a broker's address.
 */
import { INTER_BROKER_LISTENER } from '../controller/types'
import { ErrorCode } from '../wire/errors'
import type { UpdateMetadata } from '../wire/messages/06-update-metadata'
import type { RequestOf } from '../wire/schema'
import { ZERO_UUID } from '../wire/uuid'

/** The controller's word for "this topic is being deleted". */
const LEADER_DURING_DELETE = -2

/** AbstractControlRequest.Type.FULL: tells of all topics there are, also where there are none. */
export const UPDATE_OF_EVERYTHING = 2

export interface BrokerEndpoint {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
  /** Where other brokers go, where that is not where clients go. */
  readonly interBroker?: { readonly host: string; readonly port: number }
}

/** The address of a broker for brokers. */
export function interBrokerAddress(broker: BrokerEndpoint): { readonly host: string; readonly port: number } {
  return broker.interBroker ?? broker
}

export interface PartitionMetadata {
  readonly partition: number
  /** -1: none. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly controllerEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
}

export interface TopicMetadata {
  readonly name: string
  readonly topicId: string
  /** By partition number, ascending. */
  readonly partitions: ReadonlyMap<number, PartitionMetadata>
}

export class MetadataCache {
  controllerId: number | null = null
  /** Of the last UpdateMetadata; -1 before the first. */
  controllerEpoch = -1
  private brokers = new Map<number, BrokerEndpoint>()
  private readonly topics = new Map<string, TopicMetadata>()
  private readonly namesById = new Map<string, string>()
  private readonly listeners = new Set<() => void>()
  private waiting: (() => void)[] | null = []
  /** The registration of this broker for which the last UpdateMetadata was meant. */
  private brokerEpoch = -1
  /** Topics from before that, which nobody has named since. */
  private unconfirmed = new Set<string>()

  /** `listener` is called after every update that was taken. */
  onDidChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Runs `callback` once there is something to tell: at once, or after the first update. A broker that has just started knows of no topic yet. */
  whenReady(callback: () => void): void {
    if (this.waiting === null) callback()
    else this.waiting.push(callback)
  }

  /** Nobody shall wait any longer, update or not. */
  becomeReady(): void {
    const waiting = this.waiting ?? []
    this.waiting = null
    for (const callback of waiting) callback()
  }

  /**
   * The whole list of live brokers is replaced; partitions are added to, changed, or dropped where their topic is being deleted. A controller that
   * has just taken office, or to which this broker is new, tells of all topics there are: those that it does not name were deleted while
   * nobody could tell us, and `onDidForget` hears of them.
   */
  update(request: RequestOf<typeof UpdateMetadata>, onDidForget: (topic: string) => void = () => undefined): number {
    if (request.controllerEpoch < this.controllerEpoch) return ErrorCode.STALE_CONTROLLER_EPOCH
    if (request.controllerEpoch > this.controllerEpoch || request.brokerEpoch > this.brokerEpoch) {
      this.unconfirmed = new Set(this.topics.keys())
    }
    this.brokerEpoch = Math.max(this.brokerEpoch, request.brokerEpoch)
    this.controllerId = request.controllerId < 0 ? null : request.controllerId
    this.controllerEpoch = request.controllerEpoch
    const brokers = new Map<number, BrokerEndpoint>()
    for (const { id, endpoints, rack } of request.liveBrokers) {
      const endpoint = endpoints[0]
      if (endpoint === undefined) continue
      const own = endpoints.find(({ listener }) => listener === INTER_BROKER_LISTENER)
      const interBroker = own === undefined ? {} : { interBroker: { host: own.host, port: own.port } }
      brokers.set(id, { id, host: endpoint.host, port: endpoint.port, rack, ...interBroker })
    }
    this.brokers = brokers
    for (const { topicName, topicId, partitionStates } of request.topicStates)
      this.updateTopic(topicName, topicId, partitionStates)
    // A controller introduces the brokers first, perhaps more than once where an answer was lost, and tells of the topics next.
    const isWhole = request.type === UPDATE_OF_EVERYTHING || request.topicStates.length > 0
    if (isWhole) this.forgetUnconfirmed(onDidForget)
    for (const listener of [...this.listeners]) listener()
    // Not by two that each began and died: clients would be told that their topics do not exist.
    if (isWhole) this.becomeReady()
    return ErrorCode.NONE
  }

  isLive(brokerId: number): boolean {
    return this.brokers.has(brokerId)
  }

  broker(brokerId: number): BrokerEndpoint | undefined {
    return this.brokers.get(brokerId)
  }

  /** By id, ascending. */
  liveBrokers(): BrokerEndpoint[] {
    return [...this.brokers.values()].sort((a, b) => a.id - b.id)
  }

  controller(): BrokerEndpoint | null {
    return this.controllerId === null ? null : (this.brokers.get(this.controllerId) ?? null)
  }

  topic(name: string): TopicMetadata | undefined {
    return this.topics.get(name)
  }

  topicName(topicId: string): string | undefined {
    return this.namesById.get(topicId)
  }

  partition(topic: string, partition: number): PartitionMetadata | undefined {
    return this.topics.get(topic)?.partitions.get(partition)
  }

  /** LeaderAndIsr names a topic before UpdateMetadata does; a follower that asks for it by id meanwhile must find it. */
  learnTopicId(name: string, topicId: string): void {
    if (topicId !== ZERO_UUID) this.namesById.set(topicId, name)
  }

  /** By name, ascending. */
  allTopics(): TopicMetadata[] {
    return [...this.topics.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  }

  private forgetUnconfirmed(onDidForget: (topic: string) => void): void {
    for (const name of this.unconfirmed) {
      const topic = this.topics.get(name)
      if (topic === undefined) continue
      this.topics.delete(name)
      this.namesById.delete(topic.topicId)
      onDidForget(name)
    }
    this.unconfirmed.clear()
  }

  private updateTopic(
    name: string,
    topicId: string,
    states: RequestOf<typeof UpdateMetadata>['topicStates'][number]['partitionStates'],
  ): void {
    this.unconfirmed.delete(name)
    const before = this.topics.get(name)
    // A topic of the same name with another id is another topic: nothing of the old one may shine through.
    const isSame = before !== undefined && (topicId === ZERO_UUID || before.topicId === ZERO_UUID || before.topicId === topicId)
    const partitions = new Map(isSame ? before.partitions : [])
    for (const state of states) {
      if (state.leader === LEADER_DURING_DELETE) partitions.delete(state.partitionIndex)
      else {
        partitions.set(state.partitionIndex, {
          partition: state.partitionIndex,
          leader: state.leader,
          leaderEpoch: state.leaderEpoch,
          partitionEpoch: state.zkVersion,
          controllerEpoch: state.controllerEpoch,
          replicas: state.replicas,
          isr: state.isr,
        })
      }
    }
    if (before !== undefined) this.namesById.delete(before.topicId)
    if (partitions.size === 0) {
      this.topics.delete(name)
      return
    }
    const id = topicId !== ZERO_UUID ? topicId : isSame ? before.topicId : ZERO_UUID
    const sorted = new Map([...partitions].sort(([a], [b]) => a - b))
    this.topics.set(name, { name, topicId: id, partitions: sorted })
    if (id !== ZERO_UUID) this.namesById.set(id, name)
  }
}
