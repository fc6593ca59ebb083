/**
 * Elections and reassignments of the fake cluster, what it tells of changes, and its past: what the replica map and its actions need beyond the
 * cluster itself. Owned by FakeCluster.
 */
import type {
  ClusterMoment,
  PartitionsOutcome,
  PartitionView,
  ReassignmentView,
  TopicsSnapshot,
} from '../../../shared/model/cluster'
import type { TopicsDelta, TopicView } from '../../../shared/model/topics'
import type { Handlers } from './fake-host'
import type { FakeBroker, FakePartition } from './fake-state'

interface Moving {
  readonly partition: FakePartition
  readonly before: readonly number[]
  readonly target: readonly number[]
}

interface Remembered {
  readonly atMs: number
  readonly brokers: ClusterMoment['brokers']
  readonly partitions: readonly PartitionView[]
}

/** What of the cluster this needs; FakeCluster has it. */
export interface ReplicaOwner {
  readonly brokers: readonly FakeBroker[]
  readonly controllerId: number | null
  partition(topic: string, partition: number): FakePartition | undefined
  isUp(id: number): boolean
  partitionViews(topic: string | null): PartitionView[]
  topicViews(): TopicView[]
  log(event: {
    kind: 'cause' | 'effect'
    severity: 'info' | 'ok' | 'warn' | 'error'
    type: string
    actor: 'you' | 'auto' | 'client'
    title: string
    detail: string | null
    causeId?: number | null
    topic?: string | null
    partition?: number | null
    partitions?: readonly { topic: string; partition: number; note: string | null }[]
  }): number
}

/** Of a small cluster a few minutes, of a large one a few seconds. */
const rememberedViewsMax = 60_000

export class FakeReplicas {
  private readonly moving = new Map<string, Moving>()
  private movingCauseId: number | null = null
  private told = '[]'
  private revision = 0
  private readonly signatures = new Map<string, string>()
  private readonly topicSignatures = new Map<string, string>()
  private past: Remembered[] = []

  constructor(
    private readonly owner: ReplicaOwner,
    private readonly now: () => number,
  ) {}

  /** What changed since it was last asked for; null: nothing. */
  takeDelta(): TopicsDelta | null {
    const partitions = this.owner.partitionViews(null)
    this.remember(partitions)
    const changed = partitions.filter((view) => isNew(this.signatures, `${view.topic}-${view.partition}`, signatureOf(view)))
    const topics = this.owner.topicViews()
    const changedTopics = topics.filter((view) => isNew(this.topicSignatures, view.name, JSON.stringify(view)))
    const names = new Set(topics.map((view) => view.name))
    const removed = [...this.topicSignatures.keys()].filter((name) => !names.has(name))
    for (const name of removed) {
      this.topicSignatures.delete(name)
      for (const key of this.signatures.keys()) if (key.startsWith(`${name}-`)) this.signatures.delete(key)
    }
    if (changed.length === 0 && changedTopics.length === 0 && removed.length === 0) return null
    return { revision: ++this.revision, topics: changedTopics, partitions: changed, removed }
  }

  /** Whole, for a window that comes: what it is told here counts as known. */
  snapshot(): TopicsSnapshot {
    const topics = this.owner.topicViews()
    for (const view of topics) if (!this.topicSignatures.has(view.name)) this.topicSignatures.set(view.name, '')
    return { revision: this.revision, topics, partitions: this.owner.partitionViews(null) }
  }

  moment(atMs: number): ClusterMoment | null {
    const first = this.past[0]
    if (!first) return null
    const found = this.past.filter((each) => each.atMs <= atMs)
    const { brokers, partitions } = found[found.length - 1] ?? first
    return { atMs: Math.max(atMs, first.atMs), fromMs: first.atMs, brokers, partitions }
  }

  elect(wanted: readonly { topic: string; partition: number }[] | null): PartitionsOutcome {
    const names = wanted ?? this.owner.partitionViews(null)
    const moved: { topic: string; partition: number; note: string }[] = []
    const failures: { topic: string; partition: number; code: string; message: string }[] = []
    for (const { topic, partition: number } of names) {
      const partition = this.owner.partition(topic, number)
      const preferred = partition?.replicas[0]?.brokerId
      if (!partition || preferred === undefined || partition.leader === preferred) continue
      if (!partition.isr.includes(preferred) || !this.owner.isUp(preferred)) {
        const message = `The preferred leader was not available.`
        failures.push({ topic, partition: number, code: 'PREFERRED_LEADER_NOT_AVAILABLE', message })
        continue
      }
      moved.push({ topic, partition: number, note: `${partition.leader} → ${preferred}` })
      this.lead(partition, preferred)
    }
    if (moved.length > 0)
      this.owner.log({
        kind: 'cause',
        severity: 'info',
        type: 'preferred-election',
        actor: 'you',
        title: `${moved.length === 1 ? '1 partition' : `${moved.length} partitions`} went back to ${moved.length === 1 ? 'its preferred leader' : 'their preferred leaders'}`,
        detail: null,
        partitions: moved,
      })
    return { doneCount: names.length - failures.length, failures }
  }

  reassign(moves: readonly { topic: string; partition: number; replicas: readonly number[] }[]): PartitionsOutcome {
    for (const { topic, partition: number, replicas } of moves) {
      const partition = this.owner.partition(topic, number)
      if (!partition) continue
      const before = partition.replicas.map((replica) => replica.brokerId)
      this.moving.set(`${topic}-${number}`, { partition, before, target: replicas })
      const added = replicas
        .filter((id) => !before.includes(id))
        .map((brokerId) => ({ brokerId, logEndOffset: 0, caughtUpAtMs: 0 }))
      const all = [...partition.replicas, ...added]
      const order = [...replicas, ...before.filter((id) => !replicas.includes(id))]
      partition.replicas = order.flatMap((id) => all.find((replica) => replica.brokerId === id) ?? [])
    }
    if (moves.some(({ topic, partition }) => this.viewOf(`${topic}-${partition}`)?.adding.length))
      this.movingCauseId = this.owner.log({
        kind: 'cause',
        severity: 'info',
        type: 'reassignment-begun',
        actor: 'you',
        title: `${moves.length === 1 ? '1 partition' : `${moves.length} partitions`} being moved to other brokers`,
        detail: null,
        partitions: moves.map(({ topic, partition, replicas }) => ({ topic, partition, note: `on ${replicas.join(', ')}` })),
      })
    this.advance()
    return { doneCount: moves.length, failures: [] }
  }

  cancel(wanted: readonly { topic: string; partition: number }[] | null): PartitionsOutcome {
    const keys = wanted?.map(({ topic, partition }) => `${topic}-${partition}`) ?? [...this.moving.keys()]
    for (const key of keys) {
      const moving = this.moving.get(key)
      if (moving) this.settle(key, moving, moving.before)
    }
    return { doneCount: keys.length, failures: [] }
  }

  /** New replicas that are in sync take over from the old ones. */
  advance(): void {
    for (const [key, moving] of this.moving)
      if (moving.target.every((id) => moving.partition.isr.includes(id))) this.settle(key, moving, moving.target)
  }

  reassignments(): ReassignmentView[] {
    return [...this.moving.keys()].flatMap((key) => this.viewOf(key) ?? [])
  }

  /** Whenever it has changed; null: it has not. */
  takeReassigning(): readonly ReassignmentView[] | null {
    this.advance()
    const now = this.reassignments()
    const text = JSON.stringify(now)
    if (text === this.told) return null
    this.told = text
    return now
  }

  private settle(key: string, { partition, target }: Moving, replicas: readonly number[]): void {
    this.moving.delete(key)
    partition.replicas = replicas.flatMap((id) => partition.replicas.find((replica) => replica.brokerId === id) ?? [])
    partition.isr = partition.isr.filter((id) => replicas.includes(id))
    const first = partition.isr[0]
    if (partition.leader !== null && !replicas.includes(partition.leader) && first !== undefined) this.lead(partition, first)
    partition.partitionEpoch++
    if (this.moving.size > 0 || this.movingCauseId === null) return
    this.owner.log({
      kind: 'effect',
      severity: 'ok',
      type: 'reassignment-ended',
      actor: 'auto',
      causeId: this.movingCauseId,
      title: replicas === target ? 'All partitions moved as asked' : 'All partitions moved back',
      detail: null,
    })
    this.movingCauseId = null
  }

  private lead(partition: FakePartition, leader: number): void {
    partition.previousLeader = partition.leader
    partition.leader = leader
    partition.leaderEpoch++
    partition.leaderChangedAtMs = this.now()
  }

  private viewOf(key: string): ReassignmentView | null {
    const moving = this.moving.get(key)
    if (!moving) return null
    const { partition, before, target } = moving
    return {
      topic: partition.topic.seed.name,
      partition: partition.partition,
      replicas: partition.replicas.map((replica) => replica.brokerId),
      adding: target.filter((id) => !before.includes(id)),
      removing: before.filter((id) => !target.includes(id)),
    }
  }

  private remember(partitions: readonly PartitionView[]): void {
    const { brokers, controllerId } = this.owner
    this.past.push({
      atMs: this.now(),
      partitions: [...partitions].sort((left, right) =>
        left.topic === right.topic ? left.partition - right.partition : left.topic < right.topic ? -1 : 1,
      ),
      brokers: brokers.map(({ id, state, stateSinceMs, isRegistered }) => ({
        id,
        state,
        stateSinceMs,
        isRegistered,
        isController: id === controllerId,
      })),
    })
    const most = Math.max(8, Math.floor(rememberedViewsMax / Math.max(1, partitions.length)))
    if (this.past.length > most) this.past.splice(0, this.past.length - most)
  }
}

/** The calls about replicas, and those of the window that need the cluster's past. */
export function replicaHandlers(
  replicas: FakeReplicas,
  owner: ReplicaOwner,
  tick: () => void,
): Pick<Handlers, Extract<keyof Handlers, `replicas.${string}`> | 'cluster.topics' | 'cluster.moment'> {
  const acted = <T>(result: T): T => {
    tick()
    return result
  }
  return {
    'cluster.topics': () => replicas.snapshot(),
    'cluster.moment': ({ atMs }) => replicas.moment(atMs),
    'replicas.elect': ({ partitions }) => acted(replicas.elect(partitions)),
    'replicas.moveLeadership': ({ topic, partition, brokerId }) => {
      const found = owner.partition(topic, partition)
      if (!found) return undefined
      const others = found.replicas.map((replica) => replica.brokerId).filter((id) => id !== brokerId)
      replicas.reassign([{ topic, partition, replicas: [brokerId, ...others] }])
      replicas.elect([{ topic, partition }])
      return acted(undefined)
    },
    'replicas.reassign': ({ moves }) => acted(replicas.reassign(moves)),
    'replicas.reassignments': () => replicas.reassignments(),
    'replicas.cancelReassignments': ({ partitions }) => acted(replicas.cancel(partitions)),
  }
}

function isNew(known: Map<string, string>, key: string, signature: string): boolean {
  if (known.get(key) === signature) return false
  known.set(key, signature)
  return true
}

function signatureOf(view: PartitionView): string {
  let text = `${view.leader} ${view.leaderEpoch} ${view.partitionEpoch} ${view.isr}`
  for (const replica of view.replicas) text += ` ${replica.brokerId}:${replica.logEndOffset}${replica.isOnline}`
  return text
}
