/**
 * What the cluster looks like, put together from what the reporting broker's metadata cache says and from what each broker says of its own
 * replicas. Pure bookkeeping: fed by the host, read as the views that the window shows.
 */
import type { PartitionView, ReplicaView } from '../shared/model/cluster'
import type { TopicView } from '../shared/model/topics'
import type { MetadataReport, MetadataTopic, ReplicaReport } from './worker-protocol'

interface LeaderHistory {
  leader: number
  leaderEpoch: number
  changedAtMs: number | null
  previousLeader: number | null
}

/** What the model is told of a broker's health, which the reports themselves cannot say. */
export type IsBrokerOnline = (brokerId: number) => boolean

export class ClusterModel {
  private metadata: MetadataReport | null = null
  /** topic-partition -> broker -> its newest report. */
  private readonly replicas = new Map<string, Map<number, ReplicaReport>>()
  private readonly history = new Map<string, LeaderHistory>()

  get clusterId(): string | null {
    return this.metadata?.clusterId ?? null
  }

  get controllerId(): number | null {
    return this.metadata?.controllerId ?? null
  }

  isRegistered(brokerId: number): boolean {
    return this.metadata?.liveBrokers.includes(brokerId) ?? false
  }

  applyMetadata(report: MetadataReport, nowMs: number): void {
    const isFirst = this.metadata === null
    this.metadata = report
    const known = new Set<string>()
    for (const topic of report.topics) {
      for (const partition of topic.partitions) {
        const key = keyOf(topic.name, partition.partition)
        known.add(key)
        const last = this.history.get(key)
        if (last === undefined) {
          const changedAtMs = isFirst ? null : nowMs
          this.history.set(key, {
            leader: partition.leader,
            leaderEpoch: partition.leaderEpoch,
            changedAtMs,
            previousLeader: null,
          })
        } else if (partition.leaderEpoch > last.leaderEpoch) {
          // A partition that lost its leader keeps naming the one it lost.
          if (last.leader !== -1 && last.leader !== partition.leader) last.previousLeader = last.leader
          if (last.leader !== partition.leader) last.changedAtMs = nowMs
          last.leader = partition.leader
          last.leaderEpoch = partition.leaderEpoch
        }
      }
    }
    for (const key of this.history.keys()) if (!known.has(key)) this.history.delete(key)
    for (const key of this.replicas.keys()) if (!known.has(key)) this.replicas.delete(key)
  }

  /** A session ended and no broker is left to tell what follows: what it led has no leader until another one says otherwise. */
  applySessionEnd(brokerId: number): void {
    if (this.metadata === null) return
    const { liveBrokers, topics } = this.metadata
    this.metadata = {
      ...this.metadata,
      liveBrokers: liveBrokers.filter((id) => id !== brokerId),
      topics: topics.map((topic) => ({
        ...topic,
        partitions: topic.partitions.map((partition) =>
          partition.leader === brokerId ? { ...partition, leader: -1 } : partition,
        ),
      })),
    }
  }

  applyReplicas(
    brokerId: number,
    changed: readonly ReplicaReport[],
    removed: readonly { readonly topic: string; readonly partition: number }[],
  ): void {
    for (const report of changed) {
      const key = keyOf(report.topic, report.partition)
      let byBroker = this.replicas.get(key)
      if (byBroker === undefined) {
        byBroker = new Map()
        this.replicas.set(key, byBroker)
      }
      byBroker.set(brokerId, report)
    }
    for (const { topic, partition } of removed) this.replicas.get(keyOf(topic, partition))?.delete(brokerId)
  }

  /** Those of one topic, or all, in name and partition order. */
  partitions(isOnline: IsBrokerOnline, topicName: string | null = null): PartitionView[] {
    const views: PartitionView[] = []
    for (const topic of this.metadata?.topics ?? []) {
      if (topicName !== null && topic.name !== topicName) continue
      for (const partition of topic.partitions) views.push(this.partitionView(topic, partition, isOnline))
    }
    return views
  }

  topics(partitions: readonly PartitionView[]): TopicView[] {
    const byTopic = new Map<string, PartitionView[]>()
    for (const partition of partitions) {
      const list = byTopic.get(partition.topic)
      if (list === undefined) byTopic.set(partition.topic, [partition])
      else list.push(partition)
    }
    return (this.metadata?.topics ?? []).map((topic) => topicView(topic, byTopic.get(topic.name) ?? []))
  }

  private partitionView(
    topic: MetadataTopic,
    partition: MetadataTopic['partitions'][number],
    isOnline: IsBrokerOnline,
  ): PartitionView {
    const key = keyOf(topic.name, partition.partition)
    const reports = this.replicas.get(key)
    const history = this.history.get(key)
    const replicas = partition.replicas.map((brokerId): ReplicaView => {
      const report = reports?.get(brokerId)
      return {
        brokerId,
        isLeader: partition.leader === brokerId,
        isInSync: partition.isr.includes(brokerId),
        isOnline: isOnline(brokerId) && report?.role !== 'offline',
        logStartOffset: report?.logStartOffset ?? 0,
        logEndOffset: report?.logEndOffset ?? 0,
        highWatermark: report?.highWatermark ?? 0,
        logBytes: report?.logBytes ?? 0,
      }
    })
    const spokesman = replicas.find((replica) => replica.isLeader) ?? furthest(replicas)
    return {
      topic: topic.name,
      partition: partition.partition,
      leader: partition.leader === -1 ? null : partition.leader,
      preferredLeader: partition.replicas[0] ?? -1,
      leaderEpoch: partition.leaderEpoch,
      partitionEpoch: partition.partitionEpoch,
      replicas,
      isr: partition.isr,
      logStartOffset: spokesman?.logStartOffset ?? 0,
      highWatermark: spokesman?.highWatermark ?? 0,
      logEndOffset: spokesman?.logEndOffset ?? 0,
      minInSyncReplicas:
        reports === undefined ? 1 : Math.max(1, ...[...reports.values()].map((report) => report.minInSyncReplicas)),
      leaderChangedAtMs: history?.changedAtMs ?? null,
      previousLeader: history?.previousLeader ?? null,
    }
  }
}

export function isUnderReplicated(partition: PartitionView): boolean {
  return partition.isr.length < partition.replicas.length
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

function keyOf(topic: string, partition: number): string {
  return `${topic}-${partition}`
}
