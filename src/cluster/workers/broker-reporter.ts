/** Tells the supervisor four times a second what changed: totals, replicas, and, where this broker is the reporter, the cluster's metadata. */
import type { Broker, PartitionStatus } from '../../engine'
import type { Clock } from '../../engine/platform'
import type { FromWorker, MetadataReport, ReplicaReport } from '../worker-protocol'
import { ReplicaChanges } from './replica-changes'

const reportIntervalMs = 250

export class BrokerReporter {
  private readonly changes = new ReplicaChanges()
  private isMetadataReporter = false
  private isMetadataDue = true
  private metadataChangedAtMs: number

  constructor(
    private readonly broker: Broker,
    private readonly clock: Clock,
    private readonly post: (message: FromWorker) => void,
  ) {
    this.metadataChangedAtMs = clock.nowMs()
    broker.metadata.onDidChange(() => {
      this.isMetadataDue = true
      this.metadataChangedAtMs = clock.nowMs()
    })
    clock.setTicker(reportIntervalMs, () => this.report())
    this.report()
  }

  setMetadataReporter(isReporter: boolean): void {
    this.isMetadataReporter = isReporter
    if (!isReporter) return
    // Whole again even if it was the reporter before: what it said while it was frozen out may not have been heard.
    this.isMetadataDue = true
    this.reportMetadata()
  }

  private report(): void {
    const { bytesIn, bytesOut, messagesIn, connectionCount, isController, controllerEpoch } = this.broker.statistics()
    const { changed, removed } = this.changes.take(this.broker.partitionStates())
    this.post({
      type: 'broker-report',
      report: {
        atMs: this.clock.nowMs(),
        bytesIn,
        bytesOut,
        messagesIn,
        connectionCount,
        isController,
        controllerEpoch,
        replicas: changed.map((status) => this.toReport(status)),
        removed,
      },
    })
    this.reportMetadata()
  }

  private toReport({
    topic,
    partition,
    role,
    leaderEpoch,
    logStartOffset,
    highWatermark,
    logEndOffset,
    sizeInBytes,
  }: PartitionStatus): ReplicaReport {
    const minInSyncReplicas = Number(this.broker.topicConfig(topic, 'min.insync.replicas'))
    return {
      topic,
      partition,
      role,
      leaderEpoch,
      logStartOffset,
      highWatermark,
      logEndOffset,
      logBytes: sizeInBytes,
      minInSyncReplicas,
    }
  }

  private reportMetadata(): void {
    if (!this.isMetadataReporter || !this.isMetadataDue) return
    this.isMetadataDue = false
    this.post({ type: 'metadata', metadata: this.metadataReport() })
  }

  private metadataReport(): MetadataReport {
    const { metadata } = this.broker
    return {
      changedAtMs: this.metadataChangedAtMs,
      clusterId: this.broker.clusterId,
      controllerId: metadata.controllerId,
      liveBrokers: metadata.liveBrokers().map(({ id }) => id),
      topics: [...metadata.allTopics()]
        .map(({ name, topicId, partitions }) => ({
          name,
          topicId,
          isInternal: name.startsWith('__'),
          cleanupPolicy: this.broker.topicConfig(name, 'cleanup.policy'),
          retentionMs: this.broker.topicConfig(name, 'retention.ms'),
          partitions: [...partitions.values()].map(({ partition, leader, leaderEpoch, partitionEpoch, replicas, isr }) => ({
            partition,
            leader,
            leaderEpoch,
            partitionEpoch,
            replicas,
            isr,
          })),
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    }
  }
}
