/** Tells the supervisor once a second what a broker counted since the last time: for the figures over time, and for nobody who serves. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { type Broker, type BrokerEvent, errorName } from '../../engine'
import type { Clock } from '../../engine/platform'
import type { ApiMetricsReport, BrokerMetricsReport, TopicMetricsReport } from '../metrics-protocol'
import type { FromWorker } from '../worker-protocol'

const reportIntervalMs = 1_000
const loopResolutionMs = 20

type ApiTotals = Pick<ApiMetricsReport, 'responseCount' | 'queueMs' | 'localMs' | 'remoteMs' | 'sendMs'> & {
  readonly cells: Float64Array
  readonly errors: ReadonlyMap<number, number>
}
type TopicTotals = Omit<TopicMetricsReport, 'topic'>

const nothing = {
  messagesIn: 0,
  bytesIn: 0,
  batchesIn: 0,
  bytesOut: 0,
  replicationBytesOut: 0,
  failedProduceCount: 0,
  failedFetchCount: 0,
}
const noTopic: TopicTotals = { messagesIn: 0, bytesIn: 0, batchesIn: 0, bytesOut: 0, failedProduceCount: 0 }

export class MetricsReporter {
  private totals = nothing
  private readonly apis = new Map<string, ApiTotals>()
  private topics = new Map<string, TopicTotals>()
  private readonly isrSizes = new Map<string, number>()
  private isrShrinkCount = 0
  private isrExpandCount = 0
  private lastMs: number
  private readonly loop = monitorEventLoopDelay({ resolution: loopResolutionMs })

  constructor(
    private readonly broker: Broker,
    private readonly clock: Clock,
    post: (message: FromWorker) => void,
  ) {
    this.lastMs = clock.monotonicMs()
    this.loop.enable()
    broker.onDidEvent((event) => this.onEvent(event))
    clock.setTicker(reportIntervalMs, () => post({ type: 'broker-metrics', report: this.take() }))
  }

  private take(): BrokerMetricsReport {
    const nowMs = this.clock.monotonicMs()
    const statistics = this.broker.statistics()
    const { batchesIn, apis, topics } = this.broker.measurements()
    const totals = { ...pick(statistics), batchesIn }
    const before = this.totals
    this.totals = totals
    const errors: { error: string; count: number }[] = []
    const report: BrokerMetricsReport = {
      elapsedMs: Math.max(1, nowMs - this.lastMs),
      messagesIn: totals.messagesIn - before.messagesIn,
      bytesIn: totals.bytesIn - before.bytesIn,
      batchesIn: totals.batchesIn - before.batchesIn,
      bytesOut: totals.bytesOut - before.bytesOut,
      replicationBytesOut: totals.replicationBytesOut - before.replicationBytesOut,
      failedProduceCount: totals.failedProduceCount - before.failedProduceCount,
      failedFetchCount: totals.failedFetchCount - before.failedFetchCount,
      isrShrinkCount: this.isrShrinkCount,
      isrExpandCount: this.isrExpandCount,
      waitingProduceCount: statistics.waitingProduceCount,
      waitingFetchCount: statistics.waitingFetchCount,
      connectionCount: statistics.connectionCount,
      heapBytes: getHeapStatistics().used_heap_size,
      // It measures from one of its ticks to the next; what is over the distance of two is delay.
      loopDelayMsMax: Math.max(0, this.loop.max / 1e6 - loopResolutionMs),
      apis: apis.flatMap((api) => this.apiSince(api, errors)),
      errors,
      topics: this.topicsSince(topics),
    }
    this.lastMs = nowMs
    this.isrShrinkCount = 0
    this.isrExpandCount = 0
    this.loop.reset()
    return report
  }

  private apiSince(
    api: ReturnType<Broker['measurements']>['apis'][number],
    errors: { error: string; count: number }[],
  ): ApiMetricsReport[] {
    const { name, responseCount, queueMs, localMs, remoteMs, sendMs, latencyCounts, recentLatencyMsMax } = api
    const before = this.apis.get(name)
    if (before !== undefined && before.responseCount === responseCount && before.sendMs === sendMs) return []
    for (const [code, count] of api.errors) {
      const more = count - (before?.errors.get(code) ?? 0)
      if (more > 0) errors.push({ error: errorName(code), count: more })
    }
    const cells: number[] = []
    for (let cell = 0; cell < latencyCounts.length; cell++) {
      const more = latencyCounts[cell]! - (before?.cells[cell] ?? 0)
      if (more > 0) cells.push(cell, more)
    }
    const kept = before?.cells ?? new Float64Array(latencyCounts.length)
    kept.set(latencyCounts)
    this.apis.set(name, { responseCount, queueMs, localMs, remoteMs, sendMs, cells: kept, errors: new Map(api.errors) })
    return [
      {
        api: name,
        responseCount: responseCount - (before?.responseCount ?? 0),
        queueMs: queueMs - (before?.queueMs ?? 0),
        localMs: localMs - (before?.localMs ?? 0),
        remoteMs: remoteMs - (before?.remoteMs ?? 0),
        sendMs: sendMs - (before?.sendMs ?? 0),
        latencyMsMax: recentLatencyMsMax,
        latencyCells: Float64Array.from(cells),
      },
    ]
  }

  private topicsSince(topics: ReturnType<Broker['measurements']>['topics']): TopicMetricsReport[] {
    const now = new Map<string, TopicTotals>()
    const found: TopicMetricsReport[] = []
    for (const [topic, totals] of topics) {
      const before = this.topics.get(topic) ?? noTopic
      now.set(topic, { ...totals })
      const more = {
        topic,
        messagesIn: totals.messagesIn - before.messagesIn,
        bytesIn: totals.bytesIn - before.bytesIn,
        batchesIn: totals.batchesIn - before.batchesIn,
        bytesOut: totals.bytesOut - before.bytesOut,
        failedProduceCount: totals.failedProduceCount - before.failedProduceCount,
      }
      // A topic of the same name that came after it counts from zero again.
      if (more.messagesIn < 0 || more.bytesOut < 0) found.push({ topic, ...totals })
      else if (more.messagesIn > 0 || more.bytesOut > 0 || more.failedProduceCount > 0) found.push(more)
    }
    this.topics = now
    return found
  }

  private onEvent(event: BrokerEvent): void {
    if (event.type !== 'isr-changed-here') return
    const key = `${event.topic}/${event.partition}`
    // The first time: what the controller had told, which the leader's change is ahead of.
    const before =
      this.isrSizes.get(key) ?? this.broker.metadata.partition(event.topic, event.partition)?.isr.length ?? event.isr.length
    if (event.isr.length < before) this.isrShrinkCount++
    else if (event.isr.length > before) this.isrExpandCount++
    this.isrSizes.set(key, event.isr.length)
  }
}

function pick({
  messagesIn,
  bytesIn,
  bytesOut,
  replicationBytesOut,
  failedProduceCount,
  failedFetchCount,
}: Omit<typeof nothing, 'batchesIn'>) {
  return { messagesIn, bytesIn, bytesOut, replicationBytesOut, failedProduceCount, failedFetchCount }
}
