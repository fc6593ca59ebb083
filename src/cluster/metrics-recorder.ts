/**
 * Makes one sample a second of what workers report and of what the host knows itself, and keeps it. Owned by Cluster, which tells it of reports,
 * of brokers that come and go, and of elections; asked by the window's calls. Nothing here is read by anything that serves.
 */
import { LATENCY_CELL_COUNT } from '../engine'
import { parseSeries, seriesOf } from '../shared/model/metric-table'
import type { MetricAnswer, MetricsCatalog } from '../shared/model/metrics'
import type { BrokerMetricsReport, ServiceMetricsReport, TopicMetricsReport } from './metrics-protocol'
import { SAMPLE_ENTRIES_MAX } from './metrics-ring'
import { MetricsStore } from './metrics-store'

const sampleMs = 1_000
/** A report that comes a little late is not a broker that is away: until then what it said last stands. */
const lateMsMax = 1_900
/** The busiest are kept; a sample is bounded. */
const topicsMax = 180
const groupsMax = 200

/** What the host knows without anybody's report. */
export interface ClusterFacts {
  readonly brokers: readonly { readonly id: number; readonly isUp: boolean; readonly diskBytes: number }[]
  readonly partitionCount: number
  readonly underReplicatedCount: number
  readonly offlineCount: number
  /** null: it is not up. */
  readonly coordination: { readonly sessionCount: number; readonly znodeCount: number } | null
  readonly registry: { readonly subjectCount: number } | null
}

interface Told {
  reports: BrokerMetricsReport[]
  last: BrokerMetricsReport | null
  lastAtMs: number
}

export class MetricsRecorder {
  private readonly store: MetricsStore
  private readonly told = new Map<number, Told>()
  private readonly services = new Map<string, ServiceMetricsReport>()
  private readonly lags = new Map<string, { readonly lag: number; readonly atMs: number }>()
  private electionCount = 0
  private hasTooManyTopics = false
  private timer: NodeJS.Timeout | null = null

  constructor(
    directory: string,
    private readonly facts: () => ClusterFacts,
  ) {
    this.store = new MetricsStore(directory)
    this.timer = setInterval(() => this.sample(Date.now()), sampleMs)
    // What it records is no reason for a process to live on.
    this.timer.unref()
  }

  onBrokerReport(brokerId: number, report: BrokerMetricsReport, nowMs = Date.now()): void {
    const told = this.told.get(brokerId)
    if (told === undefined) this.told.set(brokerId, { reports: [report], last: null, lastAtMs: nowMs })
    else {
      told.reports.push(report)
      told.lastAtMs = nowMs
      // A host that stood still reads many at once: they are one second to it.
      if (told.reports.length > 60) told.reports.shift()
    }
  }

  onServiceReport(report: ServiceMetricsReport): void {
    this.services.set(report.service, report)
  }

  /** It is down, frozen or gone: what it said last stands no longer. */
  onBrokerGone(brokerId: number): void {
    this.told.delete(brokerId)
  }

  onElections(count: number): void {
    this.electionCount += count
  }

  /** Of all groups of which the lag is known. */
  onLags(lags: readonly { readonly group: string; readonly lag: number }[], nowMs = Date.now()): void {
    this.lags.clear()
    for (const { group, lag } of lags.slice(0, groupsMax)) this.lags.set(group, { lag, atMs: nowMs })
  }

  query(question: { series: readonly string[]; fromMs: number; toMs: number; pointCount: number }): MetricAnswer {
    return this.store.query(question)
  }

  catalog(): MetricsCatalog {
    const sets = {
      brokers: new Set<number>(),
      topics: new Set<string>(),
      apis: new Set<string>(),
      errors: new Set<string>(),
      groups: new Set<string>(),
    }
    for (const name of this.store.names()) {
      const named = parseSeries(name)
      if (named === null) continue
      const { scope } = named.definition
      if (named.brokerId !== null) sets.brokers.add(named.brokerId)
      if (scope === 'topic') sets.topics.add(named.subject)
      else if (scope === 'group') sets.groups.add(named.subject)
      else if (scope === 'request') sets.apis.add(named.subject)
      else if (scope === 'error') sets.errors.add(named.subject)
    }
    const sorted = (names: Set<string>): string[] => [...names].sort()
    return {
      brokers: [...sets.brokers].sort((a, b) => a - b),
      topics: sorted(sets.topics),
      apis: sorted(sets.apis),
      errors: sorted(sets.errors),
      groups: sorted(sets.groups),
      resolutions: this.store.resolutions(),
      notices: [
        ...this.store.notices,
        ...(this.hasTooManyTopics ? [`Only the ${topicsMax} busiest topics of each second are kept.`] : []),
      ],
    }
  }

  close(): void {
    if (this.timer !== null) clearInterval(this.timer)
    this.timer = null
    this.store.close()
  }

  /** Public for tests, which have a clock of their own. */
  sample(nowMs: number): void {
    const values = new Map<string, number>()
    const latencies = new Map<string, Float64Array>()
    const put = (name: string, value: number): void => {
      // Nothing happened is said by saying nothing.
      if (value !== 0 || parseSeries(name)?.definition.absent === 'unknown') values.set(name, value)
    }
    const facts = this.facts()
    const topics = new Map<string, Mutable<TopicMetricsReport>>()
    let isrShrinks = 0
    let isrExpands = 0
    for (const { id, isUp, diskBytes } of facts.brokers) {
      const told = this.told.get(id)
      const report = isUp && told !== undefined ? take(told, nowMs) : null
      if (report === null) continue
      const isNew = report !== told?.last
      put(seriesOf.broker(id, 'up'), 1)
      put(seriesOf.broker(id, 'disk'), diskBytes)
      putBroker(id, report, put, latencies)
      if (told !== undefined) told.last = report
      if (isNew) {
        isrShrinks += report.isrShrinkCount
        isrExpands += report.isrExpandCount
      }
      for (const topic of report.topics) addTopic(topics, topic, report.elapsedMs / 1000)
    }
    putTopics(this.busiest(topics), put)
    put(seriesOf.cluster('brokers-up'), facts.brokers.filter(({ isUp }) => isUp).length)
    put(seriesOf.cluster('partitions'), facts.partitionCount)
    put(seriesOf.cluster('under-replicated'), facts.underReplicatedCount)
    put(seriesOf.cluster('offline'), facts.offlineCount)
    put(seriesOf.cluster('elections'), this.electionCount)
    put(seriesOf.cluster('isr-shrinks'), isrShrinks)
    put(seriesOf.cluster('isr-expands'), isrExpands)
    this.electionCount = 0
    this.putServices(facts, put)
    for (const [group, { lag, atMs }] of this.lags) if (nowMs - atMs < 10 * sampleMs) put(seriesOf.group(group, 'lag'), lag)
    this.store.add({ atMs: Math.floor(nowMs / sampleMs) * sampleMs, values: bounded(values), latencies })
  }

  private putServices({ coordination, registry }: ClusterFacts, put: (name: string, value: number) => void): void {
    const ofCoordination = coordination === null ? undefined : this.services.get('coordination')
    if (coordination !== null) {
      put(seriesOf.coordination('sessions'), coordination.sessionCount)
      put(seriesOf.coordination('znodes'), coordination.znodeCount)
    }
    if (ofCoordination !== undefined) putService(ofCoordination, seriesOf.coordination, put)
    const ofRegistry = registry === null ? undefined : this.services.get('registry')
    if (registry !== null) put(seriesOf.registry('subjects'), registry.subjectCount)
    if (ofRegistry !== undefined) {
      putService(ofRegistry, seriesOf.registry, put)
      put(seriesOf.registry('errors'), (ofRegistry.errorCount * 1000) / ofRegistry.elapsedMs)
    }
  }

  private busiest<T extends { readonly bytesIn: number; readonly bytesOut: number }>(
    topics: ReadonlyMap<string, T>,
  ): ReadonlyMap<string, T> {
    if (topics.size <= topicsMax) return topics
    this.hasTooManyTopics = true
    return new Map([...topics].sort(([, a], [, b]) => b.bytesIn + b.bytesOut - a.bytesIn - a.bytesOut).slice(0, topicsMax))
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** All that came since the last sample as one report; the one before where none came, for a moment; null: it is silent. */
function take(told: Told, nowMs: number): BrokerMetricsReport | null {
  const { reports } = told
  if (reports.length === 0) return nowMs - told.lastAtMs < lateMsMax ? told.last : null
  told.reports = []
  return reports.length === 1 ? reports[0]! : reports.reduce(merged)
}

function merged(a: BrokerMetricsReport, b: BrokerMetricsReport): BrokerMetricsReport {
  const sums: Partial<Record<keyof BrokerMetricsReport, number>> = {}
  const summed = [
    'elapsedMs',
    'messagesIn',
    'bytesIn',
    'batchesIn',
    'bytesOut',
    'replicationBytesOut',
    'failedProduceCount',
    'failedFetchCount',
    'isrShrinkCount',
    'isrExpandCount',
  ] as const
  for (const key of summed) sums[key] = a[key] + b[key]
  return {
    ...b,
    ...sums,
    loopDelayMsMax: Math.max(a.loopDelayMsMax, b.loopDelayMsMax),
    // Kept apart: whoever reads them adds them up.
    apis: [...a.apis, ...b.apis],
    errors: [...a.errors, ...b.errors],
    topics: [...a.topics, ...b.topics],
  }
}

function putBroker(
  id: number,
  report: BrokerMetricsReport,
  put: (name: string, value: number) => void,
  latencies: Map<string, Float64Array>,
): void {
  const seconds = Math.max(0.001, report.elapsedMs / 1000)
  const of = (name: string, value: number): void => put(seriesOf.broker(id, name), value)
  of('messages-in', report.messagesIn / seconds)
  of('bytes-in', report.bytesIn / seconds)
  of('bytes-out', report.bytesOut / seconds)
  of('replication-bytes-out', report.replicationBytesOut / seconds)
  of('produce-failures', report.failedProduceCount / seconds)
  of('fetch-failures', report.failedFetchCount / seconds)
  of('waiting-produces', report.waitingProduceCount)
  of('waiting-fetches', report.waitingFetchCount)
  of('connections', report.connectionCount)
  of('heap', report.heapBytes)
  of('loop-delay', report.loopDelayMsMax)
  if (report.batchesIn > 0) {
    of('batch-bytes', report.bytesIn / report.batchesIn)
    of('batch-records', report.messagesIn / report.batchesIn)
  }
  let requests = 0
  for (const [api, sums] of byApi(report)) {
    requests += sums.responseCount
    const ofApi = (name: string, value: number): void => put(seriesOf.request(id, api, name), value)
    ofApi('count', sums.responseCount / seconds)
    ofApi('max', sums.latencyMsMax)
    ofApi('queue', sums.queueMs / sums.responseCount)
    ofApi('local', sums.localMs / sums.responseCount)
    ofApi('remote', sums.remoteMs / sums.responseCount)
    ofApi('send', sums.sendMs / sums.responseCount)
    latencies.set(`broker/${id}/request/${api}`, sums.cells)
  }
  of('requests', requests / seconds)
  const errors = new Map<string, number>()
  for (const { error, count } of report.errors) errors.set(error, (errors.get(error) ?? 0) + count)
  for (const [error, count] of errors) put(seriesOf.error(id, error), count / seconds)
}

function byApi({ apis }: BrokerMetricsReport) {
  const sums = new Map<
    string,
    {
      responseCount: number
      queueMs: number
      localMs: number
      remoteMs: number
      sendMs: number
      latencyMsMax: number
      cells: Float64Array
    }
  >()
  for (const { api, responseCount, queueMs, localMs, remoteMs, sendMs, latencyMsMax, latencyCells } of apis) {
    if (responseCount === 0) continue
    let sum = sums.get(api)
    if (sum === undefined) {
      sum = {
        responseCount: 0,
        queueMs: 0,
        localMs: 0,
        remoteMs: 0,
        sendMs: 0,
        latencyMsMax: 0,
        cells: new Float64Array(LATENCY_CELL_COUNT),
      }
      sums.set(api, sum)
    }
    sum.responseCount += responseCount
    sum.queueMs += queueMs
    sum.localMs += localMs
    sum.remoteMs += remoteMs
    sum.sendMs += sendMs
    sum.latencyMsMax = Math.max(sum.latencyMsMax, latencyMsMax)
    for (let at = 0; at + 1 < latencyCells.length; at += 2) sum.cells[latencyCells[at]!]! += latencyCells[at + 1]!
  }
  return sums
}

/** A topic's are added up over its brokers, each by its own time. */
function addTopic(
  topics: Map<string, Mutable<TopicMetricsReport>>,
  { topic, messagesIn, bytesIn, batchesIn, bytesOut, failedProduceCount }: TopicMetricsReport,
  seconds: number,
): void {
  let sum = topics.get(topic)
  if (sum === undefined) {
    sum = { topic, messagesIn: 0, bytesIn: 0, batchesIn: 0, bytesOut: 0, failedProduceCount: 0 }
    topics.set(topic, sum)
  }
  const per = 1 / Math.max(0.001, seconds)
  sum.messagesIn += messagesIn * per
  sum.bytesIn += bytesIn * per
  sum.batchesIn += batchesIn * per
  sum.bytesOut += bytesOut * per
  sum.failedProduceCount += failedProduceCount * per
}

function putTopics(topics: ReadonlyMap<string, TopicMetricsReport>, put: (name: string, value: number) => void): void {
  for (const [topic, { messagesIn, bytesIn, batchesIn, bytesOut, failedProduceCount }] of topics) {
    const of = (name: string, value: number): void => put(seriesOf.topic(topic, name), value)
    of('messages-in', messagesIn)
    of('bytes-in', bytesIn)
    of('bytes-out', bytesOut)
    of('produce-failures', failedProduceCount)
    if (batchesIn === 0) continue
    of('batch-bytes', bytesIn / batchesIn)
    of('batch-records', messagesIn / batchesIn)
  }
}

function putService(
  report: ServiceMetricsReport,
  name: (name: string) => string,
  put: (name: string, value: number) => void,
): void {
  put(name('requests'), (report.requestCount * 1000) / report.elapsedMs)
  if (report.requestCount === 0) return
  put(name('latency'), report.latencyMs / report.requestCount)
  put(name('latency-max'), report.latencyMsMax)
}

/** Two percentiles of each API are still to come. */
function bounded(values: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const most = SAMPLE_ENTRIES_MAX - 200
  return values.size <= most ? values : new Map([...values].slice(0, most))
}
