/**
 * What the cluster looked like at any moment of this session, in bounded memory: a base, and what changed since, oldest first. Leaders, epochs,
 * ISRs and broker states keep their own times; log ends, which move all the time, are kept once a second and, when older than two minutes, once
 * in ten. When there is still too much, the oldest changes go into the base, and the session is known from a later moment on. Fed by the host,
 * pure otherwise: views are kept as they are, since they never change.
 */
import type { BrokerMoment, ClusterMoment, PartitionView } from '../shared/model/cluster'
import type { ModelChanges } from './cluster-model'

/** With three replicas each a view is some 600 bytes. */
const defaultViewsMax = 60_000
const thinAfterMs = 120_000
const thinnedMs = 10_000
const thinEvery = 32

interface Change {
  atMs: number
  /** Something other than log ends moved: its time is kept. */
  readonly isStructural: boolean
  partitions: readonly PartitionView[]
  readonly removedTopics: readonly string[]
  /** null: as before. */
  readonly brokers: readonly BrokerMoment[] | null
}

export class ModelHistory {
  private readonly base = new Map<string, PartitionView>()
  private baseBrokers: readonly BrokerMoment[] = []
  private baseAtMs: number | null = null
  private changes: Change[] = []
  private readonly latest = new Map<string, PartitionView>()
  private latestBrokers: readonly BrokerMoment[] = []
  private viewCount = 0
  private sinceThinned = 0

  constructor(private readonly viewsMax: number = defaultViewsMax) {}

  /** From when on `at` answers; null while nothing was recorded. */
  get fromMs(): number | null {
    return this.baseAtMs ?? this.changes[0]?.atMs ?? null
  }

  /** How many views are kept for the past; for tests and statistics. */
  get size(): number {
    return this.viewCount
  }

  record(atMs: number, changes: ModelChanges, brokers: readonly BrokerMoment[]): void {
    const haveBrokersChanged = !areSame(brokers, this.latestBrokers)
    const { partitions, removedTopics } = changes
    if (partitions.length === 0 && removedTopics.length === 0 && !haveBrokersChanged) return
    let isStructural = haveBrokersChanged || removedTopics.length > 0
    if (removedTopics.length > 0) forgetTopics(this.latest, removedTopics)
    for (const view of partitions) {
      const key = keyOf(view)
      isStructural ||= !isSameStructure(this.latest.get(key), view)
      this.latest.set(key, view)
    }
    this.latestBrokers = brokers
    // Told late, but it cannot lie before what is known already.
    const last = this.changes[this.changes.length - 1]
    this.changes.push({
      atMs: Math.max(atMs, last?.atMs ?? 0),
      isStructural,
      partitions,
      removedTopics,
      brokers: haveBrokersChanged ? brokers : null,
    })
    this.viewCount += partitions.length
    if (++this.sinceThinned >= thinEvery || this.viewCount > this.viewsMax) this.thin(atMs)
    while (this.viewCount > this.viewsMax && this.changes.length > 1) this.foldOldest()
  }

  /** The cluster as it was then; before the first record, as it was first. null: nothing is recorded yet. */
  at(atMs: number): ClusterMoment | null {
    const { fromMs } = this
    if (fromMs === null) return null
    const moment = Math.max(atMs, fromMs)
    const views = new Map(this.base)
    let brokers = this.baseBrokers
    for (const change of this.changes) {
      if (change.atMs > moment) break
      forgetTopics(views, change.removedTopics)
      for (const view of change.partitions) views.set(keyOf(view), view)
      brokers = change.brokers ?? brokers
    }
    return { atMs: moment, fromMs, brokers, partitions: [...views.values()].sort(byName) }
  }

  private foldOldest(): void {
    const oldest = this.changes.shift()
    if (oldest === undefined) return
    forgetTopics(this.base, oldest.removedTopics)
    for (const view of oldest.partitions) this.base.set(keyOf(view), view)
    this.baseBrokers = oldest.brokers ?? this.baseBrokers
    this.baseAtMs = oldest.atMs
    this.viewCount -= oldest.partitions.length
  }

  /** Neighbours that hold nothing but log ends become one, with the later time. */
  private thin(nowMs: number): void {
    this.sinceThinned = 0
    const kept: Change[] = []
    let runFromMs = 0
    for (const change of this.changes) {
      const last = kept[kept.length - 1]
      const isMergeable =
        last !== undefined &&
        !last.isStructural &&
        !change.isStructural &&
        nowMs - change.atMs > thinAfterMs &&
        change.atMs - runFromMs <= thinnedMs
      if (!isMergeable) {
        kept.push(change)
        runFromMs = change.atMs
        continue
      }
      const merged = new Map(last.partitions.map((view) => [keyOf(view), view]))
      for (const view of change.partitions) merged.set(keyOf(view), view)
      last.partitions = [...merged.values()]
      last.atMs = change.atMs
    }
    this.changes = kept
    this.viewCount = kept.reduce((sum, { partitions }) => sum + partitions.length, 0)
  }
}

const keyOf = ({ topic, partition }: PartitionView): string => `${topic}/${partition}`

const byName = (left: PartitionView, right: PartitionView): number =>
  left.topic < right.topic ? -1 : left.topic > right.topic ? 1 : left.partition - right.partition

function forgetTopics(views: Map<string, PartitionView>, topics: readonly string[]): void {
  if (topics.length === 0) return
  const gone = new Set(topics)
  for (const [key, { topic }] of views) if (gone.has(topic)) views.delete(key)
}

function isSameStructure(before: PartitionView | undefined, after: PartitionView): boolean {
  return (
    before !== undefined &&
    before.leader === after.leader &&
    before.leaderEpoch === after.leaderEpoch &&
    before.partitionEpoch === after.partitionEpoch &&
    before.isr.join() === after.isr.join() &&
    before.replicas.length === after.replicas.length &&
    before.replicas.every(({ brokerId, isOnline }, index) => {
      const other = after.replicas[index]
      return other?.brokerId === brokerId && other.isOnline === isOnline
    })
  )
}

function areSame(left: readonly BrokerMoment[], right: readonly BrokerMoment[]): boolean {
  return (
    left.length === right.length &&
    left.every((broker, index) => {
      const other = right[index]
      return (
        other !== undefined &&
        broker.id === other.id &&
        broker.state === other.state &&
        broker.isController === other.isController &&
        broker.isRegistered === other.isRegistered
      )
    })
  )
}
