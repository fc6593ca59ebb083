/**
 * A cluster that only exists in the window's process: brokers that can be killed, sessions that expire, leaders that are elected, followers
 * that catch up. It follows Kafka's rules closely enough that every state the window draws can be reached. Used by FakeHost; never shipped.
 */
import type { BrokerState, ClusterView, PartitionView, TimelineEvent } from '../../../shared/model/cluster'
import type { TopicsDelta, TopicView } from '../../../shared/model/topics'
import { type FakeTopicSeed, fakeTopics } from './fake-data'
import { FakeReplicas } from './fake-replicas'
import type { FakeBroker, FakePartition, FakeTopic } from './fake-state'
import { clusterView, configOf, partitionViews, topicViews } from './fake-views'

export interface FakeClusterOptions {
  readonly now: () => number
  readonly topics?: readonly FakeTopicSeed[]
  readonly brokerCount?: number
  readonly sessionTimeoutMs?: number
  readonly notices?: readonly string[]
}

const base = 19092

export class FakeCluster {
  readonly brokers: FakeBroker[] = []
  readonly topics = new Map<string, FakeTopic>()
  readonly timeline: TimelineEvent[] = []
  state: ClusterView['state'] = 'running'
  reason: string | null = null
  notices: string[]
  controllerId: number | null = 1
  controllerEpoch = 4
  /** Since when there is this controller, and after what; null: it was when the window came. */
  controllerChange: { readonly sinceMs: number; readonly after: string | null; readonly eventId: number } | null = null
  readonly replicas: FakeReplicas
  private lastTickMs: number
  private nextEventId = 1
  private unsent: TimelineEvent[] = []
  private readonly now: () => number
  private readonly sessionTimeoutMs: number

  constructor(options: FakeClusterOptions) {
    this.now = options.now
    this.sessionTimeoutMs = options.sessionTimeoutMs ?? 1500
    this.notices = [...(options.notices ?? [])]
    this.lastTickMs = this.now()
    for (let id = 1; id <= (options.brokerCount ?? 3); id++)
      this.brokers.push(this.newBroker(id, this.now() - 8_040_000 + id * 1000))
    for (const seed of options.topics ?? fakeTopics) this.addTopic(seed)
    this.replicas = new FakeReplicas(this, this.now)
  }

  takeDelta(): TopicsDelta | null {
    return this.replicas.takeDelta()
  }

  /** Moves the cluster on to now: appends, fetches, expiries, elections. Answers what happened, for `timeline.appended`. */
  tick(): readonly TimelineEvent[] {
    const now = this.now()
    const elapsedMs = Math.max(0, now - this.lastTickMs)
    this.lastTickMs = now
    for (const broker of this.brokers) {
      if (broker.state === 'starting' && now - broker.stateSinceMs > 600) this.finishStart(broker)
      if (broker.state === 'stopping' && now - broker.stateSinceMs > 500) this.set(broker, 'stopped')
      if (broker.expiresAtMs !== null && now >= broker.expiresAtMs) this.expire(broker)
    }
    for (const topic of this.topics.values())
      for (const partition of topic.partitions) this.tickPartition(partition, elapsedMs, now)
    const sent = this.unsent
    this.unsent = []
    return sent
  }

  kill(id: number): void {
    const broker = this.broker(id)
    const causeId = this.cause('broker-killed', 'error', id, `Broker ${id} killed`)
    this.set(broker, 'killed')
    broker.expiresAtMs = this.now() + this.sessionTimeoutMs
    broker.causeId = causeId
  }

  crash(id: number, reason: string): void {
    const broker = this.broker(id)
    const causeId = this.cause('broker-crashed', 'error', id, `Broker ${id} crashed`, reason, 'auto')
    this.set(broker, 'crashed', reason)
    broker.expiresAtMs = this.now() + this.sessionTimeoutMs
    broker.causeId = causeId
  }

  stop(id: number): void {
    const broker = this.broker(id)
    const causeId = this.cause(
      'broker-stopped',
      'warn',
      id,
      `Broker ${id} stopped`,
      'Controlled shutdown: its leaders move first.',
    )
    this.set(broker, 'stopping')
    broker.causeId = causeId
    broker.isRegistered = false
    this.takeDown(broker, causeId)
  }

  freeze(id: number): void {
    const broker = this.broker(id)
    const causeId = this.cause('broker-frozen', 'warn', id, `Broker ${id} frozen`, 'Its sockets stay open, nothing is answered.')
    this.set(broker, 'frozen')
    broker.expiresAtMs = this.now() + this.sessionTimeoutMs
    broker.causeId = causeId
  }

  resume(id: number): void {
    const broker = this.broker(id)
    broker.causeId = this.cause('broker-resumed', 'info', id, `Broker ${id} unfrozen`)
    this.finishStart(broker)
  }

  start(id: number): void {
    const broker = this.broker(id)
    broker.causeId = this.cause('broker-started', 'info', id, `Broker ${id} started`)
    this.set(broker, 'starting')
  }

  addBroker(): number {
    const id = Math.max(0, ...this.brokers.map((broker) => broker.id)) + 1
    const broker = this.newBroker(id, this.now())
    this.brokers.push(broker)
    broker.isRegistered = false
    broker.causeId = this.cause('broker-added', 'info', id, `Broker ${id} added`)
    this.set(broker, 'starting')
    return id
  }

  removeBroker(id: number): void {
    const broker = this.broker(id)
    const causeId = this.cause('broker-removed', 'warn', id, `Broker ${id} removed`, 'Its data folder is deleted.')
    this.set(broker, 'stopped')
    broker.isRegistered = false
    this.takeDown(broker, causeId)
    this.brokers.splice(this.brokers.indexOf(broker), 1)
  }

  addTopic(seed: FakeTopicSeed, isLogged = false): void {
    const live = this.brokers.filter((broker) => broker.state === 'running')
    const topic: FakeTopic = {
      seed,
      topicId: `Fk${seed.name
        .replace(/[^A-Za-z0-9]/g, '')
        .padEnd(18, 'x')
        .slice(0, 18)}Q0`,
      partitions: [],
    }
    const offset = this.topics.size
    for (let index = 0; index < seed.partitionCount; index++) {
      const replicas = Array.from(
        { length: seed.replicationFactor },
        (_, copy) => live[(index + offset + copy) % live.length]?.id ?? 1,
      )
      const end = seed.logEndOffset === 0 ? 0 : seed.logEndOffset + ((index * 7919) % 331)
      topic.partitions.push({
        topic,
        partition: index,
        leader: replicas[0] ?? null,
        leaderEpoch: isLogged ? 0 : 5 + ((index * 3 + offset) % 5),
        partitionEpoch: isLogged ? 0 : 11,
        replicas: replicas.map((brokerId) => ({ brokerId, logEndOffset: end, caughtUpAtMs: this.now() })),
        isr: [...replicas],
        logStartOffset: 0,
        leaderChangedAtMs: null,
        previousLeader: null,
        fraction: 0,
      })
    }
    this.topics.set(seed.name, topic)
    if (isLogged) {
      this.log({
        kind: 'cause',
        severity: 'info',
        type: 'topic-created',
        actor: 'you',
        title: `${seed.name} created`,
        detail: `${seed.partitionCount} partitions, replication factor ${seed.replicationFactor}`,
        topic: seed.name,
      })
    }
  }

  deleteTopic(name: string): void {
    this.topics.delete(name)
    this.log({
      kind: 'cause',
      severity: 'warn',
      type: 'topic-deleted',
      actor: 'you',
      title: `${name} deleted`,
      detail: null,
      topic: name,
    })
  }

  partition(topic: string, partition: number): FakePartition | undefined {
    return this.topics.get(topic)?.partitions[partition]
  }

  clusterView(): ClusterView {
    return clusterView(this, this.now())
  }

  topicViews(): TopicView[] {
    return topicViews(this)
  }

  partitionViews(topic: string | null): PartitionView[] {
    return partitionViews(this, topic)
  }

  configOf(topic: string, name: string): string {
    return configOf(this, topic, name)
  }

  private tickPartition(partition: FakePartition, elapsedMs: number, now: number): void {
    const { seed } = partition.topic
    const leader = partition.replicas.find((replica) => replica.brokerId === partition.leader)
    const isServed = leader !== undefined && this.broker(leader.brokerId).state === 'running'
    if (isServed) {
      partition.fraction += (seed.messagesPerSecond / seed.partitionCount) * (elapsedMs / 1000)
      const whole = Math.floor(partition.fraction)
      partition.fraction -= whole
      leader.logEndOffset += whole
      leader.caughtUpAtMs = now
    }
    for (const replica of partition.replicas) {
      if (replica === leader || !isServed || !leader) continue
      if (!this.isUp(replica.brokerId)) {
        if (partition.isr.includes(replica.brokerId) && now - replica.caughtUpAtMs > 10_000)
          this.shrink(partition, replica.brokerId)
        continue
      }
      const behind = leader.logEndOffset - replica.logEndOffset
      if (behind > 0)
        replica.logEndOffset += Math.min(behind, Math.max(1, Math.ceil((elapsedMs / 1000) * Math.max(2900, behind / 6))))
      else if (behind < 0) replica.logEndOffset = leader.logEndOffset
      if (leader.logEndOffset - replica.logEndOffset < 3) {
        replica.caughtUpAtMs = now
        if (!partition.isr.includes(replica.brokerId)) {
          partition.isr = partition.replicas
            .map((each) => each.brokerId)
            .filter((id) => partition.isr.includes(id) || id === replica.brokerId)
          partition.partitionEpoch++
        }
      }
    }
  }

  private shrink(partition: FakePartition, brokerId: number): void {
    if (partition.isr.length <= 1) return
    partition.isr = partition.isr.filter((id) => id !== brokerId)
    partition.partitionEpoch++
  }

  private expire(broker: FakeBroker): void {
    broker.expiresAtMs = null
    broker.isRegistered = false
    this.log({
      kind: 'effect',
      severity: 'info',
      type: 'session-expired',
      actor: 'auto',
      causeId: broker.causeId,
      title: `Session of broker ${broker.id} expired`,
      detail: `0x1000a3f000${broker.id}, timeout ${this.sessionTimeoutMs.toLocaleString('en-US')} ms`,
      brokerId: broker.id,
    })
    this.takeDown(broker, broker.causeId)
  }

  /** What the controller does once it learns that a broker is gone. */
  private takeDown(broker: FakeBroker, causeId: number | null): void {
    const live = this.brokers.filter((other) => other.state === 'running' && other !== broker)
    if (this.controllerId === broker.id) {
      this.controllerId = live[0]?.id ?? null
      this.controllerEpoch++
      if (this.controllerId !== null)
        this.controllerElected(causeId, {
          kind: 'effect',
          severity: 'info',
          type: 'controller-elected',
          actor: 'auto',
          causeId,
          title: `Controller moved to broker ${this.controllerId}`,
          detail: `epoch ${this.controllerEpoch - 1} → ${this.controllerEpoch}`,
          brokerId: this.controllerId,
        })
    }
    const moved = new Map<number, number>()
    const shrunk: FakePartition[] = []
    for (const topic of this.topics.values()) {
      for (const partition of topic.partitions) {
        const wasIn = partition.isr.includes(broker.id)
        if (partition.leader === broker.id) {
          const next = partition.isr.find((id) => id !== broker.id && this.isUp(id)) ?? null
          partition.previousLeader = broker.id
          partition.leader = next
          partition.leaderEpoch++
          partition.leaderChangedAtMs = this.now()
          if (next === null) {
            this.log({
              kind: 'effect',
              severity: 'error',
              type: 'partition-offline',
              actor: 'auto',
              causeId,
              title: `${topic.seed.name}-${partition.partition} is offline`,
              detail: `${partition.replicas.length === 1 ? 'Its only replica is' : 'Its last in-sync replica is'} on broker ${broker.id}. Start broker ${broker.id}.`,
              brokerId: broker.id,
              topic: topic.seed.name,
              partition: partition.partition,
            })
          } else moved.set(next, (moved.get(next) ?? 0) + 1)
        }
        if (wasIn && partition.leader !== null) {
          this.shrink(partition, broker.id)
          shrunk.push(partition)
        }
      }
    }
    const movedCount = [...moved.values()].reduce((sum, count) => sum + count, 0)
    if (movedCount > 0)
      this.log({
        kind: 'effect',
        severity: 'ok',
        type: 'leaders-elected',
        actor: 'auto',
        causeId,
        title: `${movedCount} partitions elected new leaders`,
        detail: [...moved].map(([id, count]) => `${count} to broker ${id}`).join(', '),
        brokerId: null,
      })
    if (shrunk.length > 0)
      this.log({
        kind: 'effect',
        severity: 'warn',
        type: 'isr-shrunk',
        actor: 'auto',
        causeId,
        title: `ISR shrank on ${shrunk.length} partitions`,
        detail: `below min.insync.replicas: ${shrunk.filter((partition) => partition.isr.length < Number(this.configOf(partition.topic.seed.name, 'min.insync.replicas'))).length || 'none'}`,
        brokerId: broker.id,
      })
  }

  private finishStart(broker: FakeBroker): void {
    this.set(broker, 'running')
    broker.expiresAtMs = null
    if (!broker.isRegistered)
      this.log({
        kind: 'effect',
        severity: 'info',
        type: 'session-opened',
        actor: 'auto',
        causeId: broker.causeId,
        title: `New session of broker ${broker.id}`,
        detail: null,
        brokerId: broker.id,
      })
    broker.isRegistered = true
    if (this.controllerId === null) {
      this.controllerId = broker.id
      this.controllerEpoch++
    }
    for (const topic of this.topics.values()) {
      for (const partition of topic.partitions) {
        if (partition.leader !== null || !partition.isr.includes(broker.id)) continue
        partition.previousLeader = null
        partition.leader = broker.id
        partition.leaderEpoch++
        partition.leaderChangedAtMs = this.now()
      }
    }
  }

  private newBroker(id: number, since: number): FakeBroker {
    return {
      id,
      state: 'running',
      stateSinceMs: since,
      reason: null,
      port: base + id - 1,
      isRegistered: true,
      expiresAtMs: null,
      causeId: null,
    }
  }

  broker(id: number): FakeBroker {
    const found = this.brokers.find((broker) => broker.id === id)
    if (!found) throw new Error(`no broker ${id}`)
    return found
  }

  isUp(id: number): boolean {
    return this.brokers.some((broker) => broker.id === id && broker.state === 'running')
  }

  private set(broker: FakeBroker, state: BrokerState, reason: string | null = null): void {
    broker.state = state
    broker.stateSinceMs = this.now()
    broker.reason = reason
  }

  private controllerElected(causeId: number | null, event: Parameters<FakeCluster['log']>[0]): void {
    const eventId = this.log(event)
    this.controllerChange = {
      sinceMs: this.now(),
      after: this.timeline.find((each) => each.id === causeId)?.title ?? null,
      eventId,
    }
  }

  /** What was done to a broker, or befell it: later effects name it as their cause. */
  private cause(
    type: string,
    severity: TimelineEvent['severity'],
    brokerId: number,
    title: string,
    detail: string | null = null,
    actor: TimelineEvent['actor'] = 'you',
  ): number {
    return this.log({ kind: 'cause', severity, type, actor, title, detail, brokerId })
  }

  log(event: Pick<TimelineEvent, 'kind' | 'severity' | 'type' | 'actor' | 'title' | 'detail'> & Partial<TimelineEvent>): number {
    const full: TimelineEvent = {
      causeId: null,
      brokerId: null,
      topic: null,
      partition: null,
      ...event,
      id: this.nextEventId++,
      atMs: this.now(),
    }
    this.timeline.push(full)
    this.unsent.push(full)
    return full.id
  }
}
