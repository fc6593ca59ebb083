/**
 * What the cluster looks like, put together from what the reporting broker's metadata cache says and from what each broker says of its own
 * replicas. Pure bookkeeping: fed by the host, read as the views that the window shows. A view is made anew only when something of it changed
 * and never changes itself, so that with 20,000 partitions a quiet cluster costs nothing, and a history may keep old views as they are.
 */
import type { PartitionView, ReplicaView } from '../shared/model/cluster'
import type { TopicView } from '../shared/model/topics'
import type { MetadataReport, MetadataTopic, ReplicaReport } from './worker-protocol'

type MetadataPartition = MetadataTopic['partitions'][number]

/** What changed since it was last taken, newest views whole. */
export interface ModelChanges {
  readonly topics: readonly TopicView[]
  readonly partitions: readonly PartitionView[]
  /** Gone, or made again under the same name: these go before what `partitions` brings. */
  readonly removedTopics: readonly string[]
}

interface Replica {
  report: ReplicaReport
  /** When its log end last moved; null: not since the host first heard of it. */
  grewAtMs: number | null
}

interface Entry {
  readonly topic: string
  metadata: MetadataPartition
  readonly replicas: Map<number, Replica>
  leader: number
  leaderEpoch: number
  changedAtMs: number | null
  previousLeader: number | null
  /** null: to be made again. */
  view: PartitionView | null
}

interface Topic {
  metadata: MetadataTopic
  readonly entries: Map<number, Entry>
  view: TopicView | null
}

/** Collects for one reader what changed since it last took it. */
export class ChangeTracker {
  private entries = new Set<Entry>()
  private topics = new Set<string>()
  private removedTopics = new Set<string>()

  constructor(private readonly model: ClusterModel) {}

  get isEmpty(): boolean {
    return this.entries.size === 0 && this.topics.size === 0 && this.removedTopics.size === 0
  }

  take(): ModelChanges {
    const { entries, topics, removedTopics } = this
    this.entries = new Set()
    this.topics = new Set()
    this.removedTopics = new Set()
    return {
      topics: [...topics].flatMap((name) => this.model.topic(name) ?? []),
      partitions: [...entries].map((entry) => this.model.viewOf(entry)),
      removedTopics: [...removedTopics],
    }
  }

  onPartition(entry: Entry): void {
    this.entries.add(entry)
    this.topics.add(entry.topic)
  }

  onTopic(name: string): void {
    this.topics.add(name)
  }

  onRemoved(name: string): void {
    this.removedTopics.add(name)
    this.topics.delete(name)
    for (const entry of this.entries) if (entry.topic === name) this.entries.delete(entry)
  }
}

export class ClusterModel {
  private metadata: MetadataReport | null = null
  private readonly byName = new Map<string, Topic>()
  /** Reports that came before the metadata that names their partition. */
  private readonly early = new Map<string, Map<number, Replica>>()
  private readonly online = new Set<number>()
  private readonly trackers = new Set<ChangeTracker>()
  private all: readonly PartitionView[] | null = null

  get clusterId(): string | null {
    return this.metadata?.clusterId ?? null
  }

  get controllerId(): number | null {
    return this.metadata?.controllerId ?? null
  }

  get topicCount(): number {
    return this.byName.size
  }

  isRegistered(brokerId: number): boolean {
    return this.metadata?.liveBrokers.includes(brokerId) ?? false
  }

  track(): ChangeTracker {
    const tracker = new ChangeTracker(this)
    this.trackers.add(tracker)
    return tracker
  }

  /** Whether it runs, which the reports themselves cannot say. */
  setOnline(brokerId: number, isOnline: boolean): void {
    if (this.online.has(brokerId) === isOnline) return
    if (isOnline) this.online.add(brokerId)
    else this.online.delete(brokerId)
    for (const topic of this.byName.values())
      for (const entry of topic.entries.values()) if (entry.metadata.replicas.includes(brokerId)) this.changed(topic, entry)
  }

  applyMetadata(report: MetadataReport, nowMs: number): void {
    const isFirst = this.metadata === null
    this.metadata = report
    const known = new Set<string>()
    for (const metadata of report.topics) {
      known.add(metadata.name)
      let topic = this.byName.get(metadata.name)
      if (topic !== undefined && topic.metadata.topicId !== metadata.topicId) {
        // What brokers said of the new one may have come already, and is not said twice.
        for (const { metadata: old, replicas } of topic.entries.values())
          this.early.set(keyOf(metadata.name, old.partition), replicas)
        this.forget(metadata.name)
        topic = undefined
      }
      if (topic === undefined) {
        topic = { metadata, entries: new Map(), view: null }
        this.byName.set(metadata.name, topic)
        this.topicChanged(metadata.name)
      } else {
        const { cleanupPolicy, retentionMs } = topic.metadata
        topic.metadata = metadata
        if (cleanupPolicy !== metadata.cleanupPolicy || retentionMs !== metadata.retentionMs) this.topicChanged(metadata.name)
      }
      for (const partition of metadata.partitions) this.applyPartition(topic, partition, isFirst ? null : nowMs, nowMs)
    }
    for (const name of [...this.byName.keys()]) if (!known.has(name)) this.forget(name)
  }

  /** A session ended and no broker is left to tell what follows: what it led has no leader until another one says otherwise. */
  applySessionEnd(brokerId: number): void {
    if (this.metadata === null) return
    this.metadata = { ...this.metadata, liveBrokers: this.metadata.liveBrokers.filter((id) => id !== brokerId) }
    for (const topic of this.byName.values()) {
      for (const entry of topic.entries.values()) {
        if (entry.metadata.leader !== brokerId) continue
        entry.metadata = { ...entry.metadata, leader: -1 }
        this.changed(topic, entry)
      }
    }
  }

  applyReplicas(
    brokerId: number,
    changed: readonly ReplicaReport[],
    removed: readonly { readonly topic: string; readonly partition: number }[],
    nowMs: number = Date.now(),
  ): void {
    for (const report of changed) {
      const topic = this.byName.get(report.topic)
      const entry = topic?.entries.get(report.partition)
      const replicas = entry?.replicas ?? this.earlyOf(report.topic, report.partition)
      const before = replicas.get(brokerId)
      const hasGrown = before !== undefined && before.report.logEndOffset !== report.logEndOffset
      replicas.set(brokerId, { report, grewAtMs: hasGrown ? nowMs : (before?.grewAtMs ?? null) })
      if (topic !== undefined && entry !== undefined) this.changed(topic, entry)
    }
    for (const { topic: name, partition } of removed) {
      this.early.get(keyOf(name, partition))?.delete(brokerId)
      const topic = this.byName.get(name)
      const entry = topic?.entries.get(partition)
      if (topic !== undefined && entry?.replicas.delete(brokerId)) this.changed(topic, entry)
    }
  }

  /** Those of one topic, or all, in name and partition order. */
  partitions(topicName: string | null = null): readonly PartitionView[] {
    if (topicName !== null) return this.partitionsOf(topicName)
    this.all ??= this.names().flatMap((name) => this.partitionsOf(name))
    return this.all
  }

  topics(): TopicView[] {
    return this.names().flatMap((name) => this.topic(name) ?? [])
  }

  topic(name: string): TopicView | undefined {
    const topic = this.byName.get(name)
    if (topic === undefined) return undefined
    topic.view ??= topicView(topic.metadata, this.partitionsOf(name))
    return topic.view
  }

  /** For trackers. */
  viewOf(entry: Entry): PartitionView {
    entry.view ??= partitionView(entry, this.online)
    return entry.view
  }

  private names(): string[] {
    return (this.metadata?.topics ?? []).map(({ name }) => name)
  }

  private partitionsOf(name: string): PartitionView[] {
    return [...(this.byName.get(name)?.entries.values() ?? [])].map((entry) => this.viewOf(entry))
  }

  private applyPartition(topic: Topic, metadata: MetadataPartition, firstSeenMs: number | null, nowMs: number): void {
    const { name } = topic.metadata
    const entry = topic.entries.get(metadata.partition)
    if (entry === undefined) {
      const { leader, leaderEpoch, partition } = metadata
      const replicas = this.early.get(keyOf(name, partition)) ?? new Map<number, Replica>()
      this.early.delete(keyOf(name, partition))
      const created: Entry = {
        topic: name,
        metadata,
        replicas,
        leader,
        leaderEpoch,
        changedAtMs: firstSeenMs,
        previousLeader: null,
        view: null,
      }
      topic.entries.set(partition, created)
      this.changed(topic, created)
      return
    }
    if (isSame(entry.metadata, metadata)) return
    entry.metadata = metadata
    if (metadata.leaderEpoch > entry.leaderEpoch) {
      // A partition that lost its leader keeps naming the one it lost.
      if (entry.leader !== -1 && entry.leader !== metadata.leader) entry.previousLeader = entry.leader
      if (entry.leader !== metadata.leader) entry.changedAtMs = nowMs
      entry.leader = metadata.leader
      entry.leaderEpoch = metadata.leaderEpoch
    }
    this.changed(topic, entry)
  }

  private changed(topic: Topic, entry: Entry): void {
    entry.view = null
    topic.view = null
    this.all = null
    for (const tracker of this.trackers) tracker.onPartition(entry)
  }

  private topicChanged(name: string): void {
    const topic = this.byName.get(name)
    if (topic !== undefined) topic.view = null
    for (const tracker of this.trackers) tracker.onTopic(name)
  }

  private forget(name: string): void {
    this.byName.delete(name)
    this.all = null
    for (const tracker of this.trackers) tracker.onRemoved(name)
  }

  private earlyOf(topic: string, partition: number): Map<number, Replica> {
    const key = keyOf(topic, partition)
    let byBroker = this.early.get(key)
    if (byBroker === undefined) {
      byBroker = new Map()
      this.early.set(key, byBroker)
    }
    return byBroker
  }
}

export function isUnderReplicated(partition: PartitionView): boolean {
  return partition.isr.length < partition.replicas.length
}

function partitionView(
  { topic, metadata, replicas: reports, changedAtMs, previousLeader }: Entry,
  online: ReadonlySet<number>,
): PartitionView {
  let minInSyncReplicas = 1
  for (const { report } of reports.values()) minInSyncReplicas = Math.max(minInSyncReplicas, report.minInSyncReplicas)
  const replicas = metadata.replicas.map((brokerId): ReplicaView => {
    const replica = reports.get(brokerId)
    const report = replica?.report
    return {
      brokerId,
      isLeader: metadata.leader === brokerId,
      isInSync: metadata.isr.includes(brokerId),
      isOnline: online.has(brokerId) && report?.role !== 'offline',
      logStartOffset: report?.logStartOffset ?? 0,
      logEndOffset: report?.logEndOffset ?? 0,
      highWatermark: report?.highWatermark ?? 0,
      logBytes: report?.logBytes ?? 0,
      grewAtMs: replica?.grewAtMs ?? null,
    }
  })
  const spokesman = replicas.find((replica) => replica.isLeader) ?? furthest(replicas)
  return {
    topic,
    partition: metadata.partition,
    leader: metadata.leader === -1 ? null : metadata.leader,
    preferredLeader: metadata.replicas[0] ?? -1,
    leaderEpoch: metadata.leaderEpoch,
    partitionEpoch: metadata.partitionEpoch,
    replicas,
    isr: metadata.isr,
    logStartOffset: spokesman?.logStartOffset ?? 0,
    highWatermark: spokesman?.highWatermark ?? 0,
    logEndOffset: spokesman?.logEndOffset ?? 0,
    minInSyncReplicas,
    leaderChangedAtMs: changedAtMs,
    previousLeader,
  }
}

function furthest(replicas: readonly ReplicaView[]): ReplicaView | undefined {
  return replicas.reduce<ReplicaView | undefined>(
    (best, replica) => (best === undefined || replica.logEndOffset > best.logEndOffset ? replica : best),
    undefined,
  )
}

function topicView(topic: MetadataTopic, partitions: readonly PartitionView[]): TopicView {
  let messageCount = 0
  let logBytes = 0
  for (const partition of partitions) {
    messageCount += Math.max(0, partition.highWatermark - partition.logStartOffset)
    for (const replica of partition.replicas) logBytes += replica.logBytes
  }
  return {
    name: topic.name,
    topicId: topic.topicId,
    isInternal: topic.isInternal,
    partitionCount: partitions.length,
    replicationFactor: partitions[0]?.replicas.length ?? 0,
    messageCount,
    logBytes,
    underReplicatedCount: partitions.filter(isUnderReplicated).length,
    offlineCount: partitions.filter((partition) => partition.leader === null).length,
    cleanupPolicy: topic.cleanupPolicy,
    retentionMs: topic.retentionMs,
  }
}

function isSame(left: MetadataPartition, right: MetadataPartition): boolean {
  return (
    left.leader === right.leader &&
    left.leaderEpoch === right.leaderEpoch &&
    left.partitionEpoch === right.partitionEpoch &&
    isSameList(left.isr, right.isr) &&
    isSameList(left.replicas, right.replicas)
  )
}

const isSameList = (left: readonly number[], right: readonly number[]): boolean =>
  left.length === right.length && left.every((id, index) => id === right[index])

const keyOf = (topic: string, partition: number): string => `${topic}-${partition}`
