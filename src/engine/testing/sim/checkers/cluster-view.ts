/**
 * What the brokers of a world are, as seen after each event: reads the one broker that the event was about, compares a few numbers a replica with what it
 * saw last, and tells its listeners of replicas that changed, of logs that a new incarnation recovered, and of the rest. The first checker of the list
 * moves it. It judges nothing itself but what its log views find in the files.
 */
import type { SimEvent } from '../scheduler'
import type { SimBroker, World } from '../world'
import { type EngineSight, type LogSight, type ReplicaSight, sightOf } from './engine-sight'
import { type Batch, type LogMove, LogView } from './log-view'
import { PartitionHistory } from './partition-history'
import { StoredCluster } from './stored-cluster'

/** A replica at the end of an event. */
export interface ReplicaFacts {
  readonly role: 'leader' | 'follower' | 'offline'
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly controllerEpoch: number
  readonly replicas: readonly number[]
  /** As the leader takes it for committed; null for others. */
  readonly isr: readonly number[] | null
  /** A member that the leader has proposed and already counts. */
  readonly joining: number | null
  /** -1 while offline. */
  readonly highWatermark: number
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly recoveryPoint: number
}

export interface ReplicaChange {
  readonly broker: BrokerSeen
  readonly replica: ReplicaSeen
  readonly history: PartitionHistory
  /** Null at first sight in this incarnation. */
  readonly before: ReplicaFacts | null
  readonly now: ReplicaFacts
  readonly move: LogMove
}

/** A log as a new incarnation found it. */
export interface Recovery {
  readonly broker: BrokerSeen
  readonly history: PartitionHistory
  /** What the incarnation before knew. */
  readonly before: {
    readonly batches: readonly Batch[]
    readonly logEndOffset: number
    readonly recoveryPoint: number
    readonly logStartOffset: number
    readonly isOffline: boolean
  }
  /** Null: the log is gone. */
  readonly log: LogSeen | null
  readonly lostPower: boolean
}

export interface LogSeen {
  readonly sight: LogSight
  readonly view: LogView
  readonly history: PartitionHistory
  /** It failed: what it says of itself need not be what is on disk. */
  isOffline: boolean
}

export interface ReplicaSeen {
  readonly sight: ReplicaSight
  readonly log: LogSeen
  facts: ReplicaFacts
  isr: unknown
}

export class BrokerSeen {
  engine: unknown = null
  sight: EngineSight | null = null
  incarnation = 0
  crashCount = 0
  readonly logs = new Map<string, LogSeen>()
  readonly replicas = new Map<string, ReplicaSeen>()
  /** The same by what the engine holds: asked for each replica after each event. */
  readonly bySight = new Map<ReplicaSight, ReplicaSeen>()

  constructor(readonly machine: SimBroker) {}

  get id(): number {
    return this.machine.id
  }

  get isUp(): boolean {
    return this.machine.broker !== null && this.machine.broker === this.engine
  }
}

const NO_MOVE: LogMove = { cut: [], added: [] }

type Listeners<T> = ((item: T) => void)[]

export class ClusterView {
  readonly brokers = new Map<number, BrokerSeen>()
  readonly stored: StoredCluster
  private readonly byProcess = new Map<string, SimBroker>()
  private readonly histories = new Map<string, PartitionHistory>()
  private readonly changeListeners: Listeners<ReplicaChange> = []
  private readonly recoveryListeners: Listeners<Recovery> = []
  private readonly brokerListeners: Listeners<BrokerSeen> = []

  constructor(
    readonly world: World,
    private readonly look: (broker: NonNullable<SimBroker['broker']>) => EngineSight = sightOf,
  ) {
    this.stored = new StoredCluster(world, this)
  }

  onDidChangeReplica(listener: (change: ReplicaChange) => void): void {
    this.changeListeners.push(listener)
  }

  onDidRecover(listener: (recovery: Recovery) => void): void {
    this.recoveryListeners.push(listener)
  }

  /** After an event of a broker, whatever changed. */
  onDidLook(listener: (broker: BrokerSeen) => void): void {
    this.brokerListeners.push(listener)
  }

  afterEvent(event: SimEvent): void {
    const { process } = event
    if (process === null) return
    if (process.name === 'coordination') return this.stored.afterEvent()
    const machine = this.byProcess.get(process.name) ?? this.find(process.name)
    if (machine !== undefined) this.lookAt(machine)
  }

  history(topic: string, partition: number, topicId: string | null): PartitionHistory {
    const key = `${topicId ?? topic}/${partition}`
    let history = this.histories.get(key)
    if (history === undefined) {
      history = new PartitionHistory(topic, partition, topicId)
      this.histories.set(key, history)
    }
    return history
  }

  /** Of all topics that had this name, the last one first. */
  historiesOf(topic: string, partition: number): PartitionHistory[] {
    return this.allHistories()
      .filter((history) => history.topic === topic && history.partition === partition)
      .reverse()
  }

  allHistories(): PartitionHistory[] {
    return [...this.histories.values()]
  }

  /** The log of a partition on a broker, alive or not. */
  log(brokerId: number, history: PartitionHistory): LogSeen | undefined {
    const log = this.brokers.get(brokerId)?.logs.get(history.name)
    return log?.history === history ? log : undefined
  }

  replica(brokerId: number, history: PartitionHistory): ReplicaSeen | undefined {
    const seen = this.brokers.get(brokerId)
    if (seen === undefined || !seen.isUp) return undefined
    const replica = seen.replicas.get(history.name)
    return replica?.log.history === history ? replica : undefined
  }

  lookAt(machine: SimBroker): void {
    const { broker } = machine
    if (broker === null) return
    let seen = this.brokers.get(machine.id)
    if (seen === undefined) {
      seen = new BrokerSeen(machine)
      this.brokers.set(machine.id, seen)
    }
    if (seen.engine !== broker) this.begin(seen, broker)
    const replicas = seen.sight?.replicas
    if (replicas != null) this.lookAtReplicas(seen, replicas)
    for (const listener of this.brokerListeners) listener(seen)
  }

  private find(name: string): SimBroker | undefined {
    for (const machine of this.world.brokers.values()) {
      if (machine.name !== name) continue
      this.byProcess.set(name, machine)
      return machine
    }
    return undefined
  }

  private begin(seen: BrokerSeen, broker: NonNullable<SimBroker['broker']>): void {
    const { disk } = seen.machine
    const lostPower = disk.crashCount > seen.crashCount
    const earlier = new Map(seen.logs)
    const left = new Set<unknown>(seen.sight?.logs)
    const hosted = new Set(seen.replicas.keys())
    seen.engine = broker
    seen.sight = this.look(broker)
    seen.incarnation++
    seen.crashCount = disk.crashCount
    seen.logs.clear()
    seen.replicas.clear()
    seen.bySight.clear()
    for (const sight of seen.sight.logs) this.openLog(seen, sight, earlier.get(`${sight.topic}-${sight.partition}`)?.history)
    for (const [name, { sight, view, history, isOffline }] of earlier) {
      // Deleted by the process before, where no replica was hosted any more: a replica that its broker was told to give up while it was away.
      if (!hosted.has(name) && !left.has(sight)) continue
      const { batches } = view
      const { logEndOffset, recoveryPoint, logStartOffset } = sight
      const found = seen.logs.get(name)
      const log = found?.history === history ? found : null
      const before = { batches, logEndOffset, recoveryPoint, logStartOffset, isOffline }
      const recovery = { broker: seen, history, before, log, lostPower }
      for (const listener of this.recoveryListeners) listener(recovery)
    }
  }

  /** A log may have lost its topic's id with the power, until the controller speaks of it: it is taken for what it was. */
  private openLog(seen: BrokerSeen, sight: LogSight, earlier?: PartitionHistory): LogSeen {
    const name = `${sight.topic}-${sight.partition}`
    const view = new LogView(seen.machine.disk, `${seen.machine.dataDirectory}/${name}`, `${name} on broker ${seen.id}`)
    view.load(sight.logEndOffset)
    // Of a topic that is gone it is not: that one's log was removed, and the next one's not finished when the disk failed.
    const earlierId = earlier !== undefined && earlier.deletedAtMs === null ? earlier.topicId : null
    const log: LogSeen = {
      sight,
      view,
      history: this.history(sight.topic, sight.partition, sight.topicId ?? earlierId),
      isOffline: false,
    }
    seen.logs.set(name, log)
    return log
  }

  private lookAtReplicas(seen: BrokerSeen, topics: NonNullable<EngineSight['replicas']>): void {
    let count = 0
    for (const replicas of topics.values()) {
      for (const sight of replicas.values()) {
        count++
        this.lookAtReplica(seen, sight)
      }
    }
    if (count < seen.replicas.size) this.forgetGone(seen, topics)
  }

  private lookAtReplica(seen: BrokerSeen, sight: ReplicaSight): void {
    const replica = seen.bySight.get(sight)
    if (replica === undefined) return this.meet(seen, `${sight.topic}-${sight.partition}`, sight)
    const { facts } = replica
    const { state, log } = sight
    if (
      state.role === facts.role &&
      log.logEndOffset === facts.logEndOffset &&
      highWatermarkOf(sight) === facts.highWatermark &&
      log.logStartOffset === facts.logStartOffset &&
      log.recoveryPoint === facts.recoveryPoint &&
      state.leaderEpoch === facts.leaderEpoch &&
      state.partitionEpoch === facts.partitionEpoch &&
      state.controllerEpoch === facts.controllerEpoch &&
      leaderOf(sight) === facts.leaderId &&
      isrOf(sight) === replica.isr
    )
      return
    const now = factsOf(sight)
    if (now.role === 'offline') replica.log.isOffline = true
    const moved = log.logEndOffset !== facts.logEndOffset && !replica.log.isOffline
    replica.facts = now
    replica.isr = isrOf(sight)
    const move = moved ? replica.log.view.follow(log.logEndOffset) : NO_MOVE
    this.tell({ broker: seen, replica, history: replica.log.history, before: facts, now, move })
    if (log.logStartOffset !== facts.logStartOffset) replica.log.view.forgetBelow(log.logStartOffset)
  }

  private meet(seen: BrokerSeen, name: string, sight: ReplicaSight): void {
    const known = seen.logs.get(name)
    const isKnown = known?.sight === sight.log && (known.history.topicId === sight.topicId || sight.topicId === null)
    const log = isKnown ? known : this.openLog(seen, sight.log)
    if (isKnown) log.view.follow(sight.log.logEndOffset)
    // All of it: the incarnation before may have appended something in its last event, or when it went offline.
    const move = { cut: [], added: log.view.batches.slice() }
    const now = factsOf(sight)
    const replica: ReplicaSeen = { sight, log, facts: now, isr: isrOf(sight) }
    const earlier = seen.replicas.get(name)
    if (earlier !== undefined) seen.bySight.delete(earlier.sight)
    seen.replicas.set(name, replica)
    seen.bySight.set(sight, replica)
    this.tell({ broker: seen, replica, history: log.history, before: null, now, move })
  }

  private tell(change: ReplicaChange): void {
    for (const listener of this.changeListeners) listener(change)
  }

  private forgetGone(seen: BrokerSeen, topics: NonNullable<EngineSight['replicas']>): void {
    const left = new Set<unknown>()
    for (const sight of seen.sight?.logs ?? []) left.add(sight)
    for (const [name, { sight, log }] of seen.replicas) {
      if (topics.get(sight.topic)?.get(sight.partition) === sight) continue
      seen.replicas.delete(name)
      seen.bySight.delete(sight)
      if (!left.has(log.sight)) seen.logs.delete(name)
    }
  }
}

const views = new WeakMap<World, ClusterView>()

/** The one view of a world, which all of its checkers share. */
export function viewOf(world: World): ClusterView {
  let view = views.get(world)
  if (view === undefined) {
    view = new ClusterView(world)
    views.set(world, view)
  }
  return view
}

/** For test worlds, whose brokers are made by hand. */
export function setView(world: World, view: ClusterView): void {
  views.set(world, view)
}

function leaderOf({ state }: ReplicaSight): number {
  return state.role === 'leader' ? state.localBrokerId : state.role === 'follower' ? state.leaderId : -1
}

function isrOf({ state }: ReplicaSight): unknown {
  return state.role === 'leader' ? state.isr : null
}

function highWatermarkOf({ state }: ReplicaSight): number {
  return state.role === 'offline' ? -1 : state.highWatermark
}

function factsOf(sight: ReplicaSight): ReplicaFacts {
  const { state, log } = sight
  return {
    role: state.role,
    leaderId: leaderOf(sight),
    leaderEpoch: state.leaderEpoch,
    partitionEpoch: state.partitionEpoch,
    controllerEpoch: state.controllerEpoch,
    replicas: state.replicas,
    isr: state.role === 'leader' ? state.isr.isr : null,
    joining: state.role === 'leader' && state.isr.kind === 'pending-expand' ? state.isr.added : null,
    highWatermark: highWatermarkOf(sight),
    logStartOffset: log.logStartOffset,
    logEndOffset: log.logEndOffset,
    recoveryPoint: log.recoveryPoint,
  }
}
