/**
 * What the host knows of its cluster: the model as it is now, its history in this session, and the timeline. Takes every message of the workers that
 * says something about them, and tells which views have changed. Used by Cluster only; it starts and ends nothing.
 */
import type {
  BrokerMoment,
  ClusterMoment,
  ControllerView,
  PartitionView,
  TimelineEvent,
  TopicsSnapshot,
} from '../shared/model/cluster'
import type { TopicsDelta, TopicView } from '../shared/model/topics'
import { type ChangeTracker, ClusterModel, isUnderReplicated } from './cluster-model'
import { ModelHistory } from './model-history'
import { Timeline, timelineEventsMax } from './timeline'
import { TimelineFile } from './timeline-file'
import type { BrokerReport, EngineEvent, MetadataReport } from './worker-protocol'

/** Log ends move all the time: the history takes them once a second. */
const offsetsIntervalMs = 1_000

export interface ClusterRecordOptions {
  readonly timelinePath: string
  readonly onTimeline: (events: readonly TimelineEvent[]) => void
  readonly onTimelineLost: (error: Error) => void
  readonly brokers: () => readonly BrokerMoment[]
}

export class ClusterRecord {
  readonly timeline: Timeline
  private readonly model = new ClusterModel()
  private readonly history = new ModelHistory()
  private readonly untold: ChangeTracker = this.model.track()
  private readonly unrecorded: ChangeTracker = this.model.track()
  private revision = 0
  private recordedAtMs = 0

  constructor(private readonly options: ClusterRecordOptions) {
    this.timeline = new Timeline(
      options.onTimeline,
      new TimelineFile(options.timelinePath, timelineEventsMax, options.onTimelineLost),
    )
  }

  get clusterId(): string | null {
    return this.model.clusterId
  }

  isRegistered(brokerId: number): boolean {
    return this.model.isRegistered(brokerId)
  }

  partitions(topic: string | null = null): readonly PartitionView[] {
    return this.model.partitions(topic)
  }

  topics(): TopicView[] {
    return this.model.topics()
  }

  /** For a window that comes: what later deltas build on. */
  snapshot(): TopicsSnapshot {
    return { revision: this.revision, topics: this.model.topics(), partitions: this.model.partitions() }
  }

  counts(): { topicCount: number; partitionCount: number; underReplicatedCount: number; offlineCount: number } {
    const partitions = this.model.partitions()
    let underReplicatedCount = 0
    let offlineCount = 0
    for (const partition of partitions) {
      if (isUnderReplicated(partition)) underReplicatedCount++
      if (partition.leader === null) offlineCount++
    }
    return { topicCount: this.model.topicCount, partitionCount: partitions.length, underReplicatedCount, offlineCount }
  }

  /** null: nothing is recorded yet. */
  moment(atMs: number): ClusterMoment | null {
    this.record(Date.now())
    return this.history.at(atMs)
  }

  controllerView(brokerId: number | null, epoch: number): ControllerView | null {
    if (brokerId === null) return null
    const change = this.timeline.controller
    const isKnown = change?.brokerId === brokerId
    return {
      brokerId,
      epoch,
      sinceMs: isKnown ? change.sinceMs : null,
      after: isKnown ? change.after : null,
      eventId: isKnown ? change.eventId : null,
    }
  }

  onBrokerState(brokerId: number, isRunning: boolean): void {
    this.model.setOnline(brokerId, isRunning)
    this.record(Date.now())
  }

  onReport(brokerId: number, report: BrokerReport): void {
    this.model.applyReplicas(brokerId, report.replicas, report.removed, Date.now())
  }

  onMetadata(metadata: MetadataReport): void {
    const nowMs = Date.now()
    this.model.applyMetadata(metadata, nowMs)
    this.record(Math.min(nowMs, metadata.changedAtMs ?? nowMs))
  }

  onSessionEnd(brokerId: number): void {
    this.model.applySessionEnd(brokerId)
    this.record(Date.now())
  }

  onEngineEvent(event: EngineEvent): void {
    this.timeline.engineEvent(event)
  }

  /** What changed since the last time; null: nothing. */
  takeDelta(): TopicsDelta | null {
    const nowMs = Date.now()
    if (nowMs - this.recordedAtMs >= offsetsIntervalMs) this.record(nowMs)
    if (this.untold.isEmpty) return null
    const { topics, partitions, removedTopics } = this.untold.take()
    return { revision: ++this.revision, topics, partitions, removed: removedTopics }
  }

  close(): void {
    this.timeline.close()
  }

  private record(atMs: number): void {
    this.recordedAtMs = Date.now()
    this.history.record(atMs, this.unrecorded.take(), this.options.brokers())
  }
}
