import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { metricTable, parseSeries, seriesOf } from '../shared/model/metric-table'
import type { BrokerMetricsReport } from './metrics-protocol'
import { type ClusterFacts, MetricsRecorder } from './metrics-recorder'

let directory: string
let recorder: MetricsRecorder
let up: Set<number>
const startMs = 1_760_000_400_000

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'metrics-'))
  up = new Set([1, 2])
  recorder = open()
})
afterEach(() => {
  recorder.close()
  rmSync(directory, { recursive: true, force: true })
})

const open = () => new MetricsRecorder(directory, facts)
const facts = (): ClusterFacts => ({
  brokers: [1, 2].map((id) => ({ id, isUp: up.has(id), diskBytes: id * 1000 })),
  partitionCount: 6,
  underReplicatedCount: 2 - up.size,
  offlineCount: 0,
  coordination: { sessionCount: 2, znodeCount: 40 },
  registry: null,
})

function report(part: Partial<BrokerMetricsReport> = {}): BrokerMetricsReport {
  return {
    elapsedMs: 1000,
    messagesIn: 0,
    bytesIn: 0,
    batchesIn: 0,
    bytesOut: 0,
    replicationBytesOut: 0,
    failedProduceCount: 0,
    failedFetchCount: 0,
    isrShrinkCount: 0,
    isrExpandCount: 0,
    waitingProduceCount: 0,
    waitingFetchCount: 0,
    connectionCount: 0,
    heapBytes: 1,
    loopDelayMsMax: 0,
    apis: [],
    errors: [],
    topics: [],
    ...part,
  }
}

const produce = (cells: number[], responseCount: number) => ({
  api: 'Produce',
  responseCount,
  queueMs: responseCount,
  localMs: 2 * responseCount,
  remoteMs: 0,
  sendMs: 0,
  latencyMsMax: 1e9,
  latencyCells: Float64Array.from(cells),
})

/** A second of both brokers, those that are up. */
function second(index: number, part: (broker: number) => Partial<BrokerMetricsReport> = () => ({})): void {
  const nowMs = startMs + index * 1000
  for (const id of up) recorder.onBrokerReport(id, report(part(id)), nowMs)
  recorder.sample(nowMs)
}

const values = (series: string, from: number, to: number, pointCount = 2000) => {
  const answer = recorder.query({ series: [series], fromMs: startMs + from * 1000, toMs: startMs + to * 1000, pointCount })
  return [...answer.series[0]!.values]
}

describe('figures over time', () => {
  it('are zero where nothing happened, and unknown where the broker was down', () => {
    second(0, () => ({ messagesIn: 10 }))
    second(1)
    up.delete(2)
    recorder.onBrokerGone(2)
    second(2, () => ({ messagesIn: 30 }))
    expect(values('broker/1/messages-in', 0, 3)).toEqual([10, 0, 30, Number.NaN])
    expect(values('broker/2/messages-in', 0, 3)).toEqual([10, 0, Number.NaN, Number.NaN])
    expect(values('cluster/under-replicated', 0, 2)).toEqual([0, 0, 1])
    expect(values('broker/1/request/Produce/p99', 0, 2)).toEqual([Number.NaN, Number.NaN, Number.NaN])
    expect(values('no such thing', 0, 0)).toEqual([Number.NaN])
  })

  it('bridge a report that comes late, and no more', () => {
    second(0, () => ({ messagesIn: 10 }))
    recorder.sample(startMs + 1000)
    recorder.sample(startMs + 2000)
    // Two at once are one second to the host, of two seconds at the broker.
    recorder.onBrokerReport(1, report({ messagesIn: 5 }), startMs + 3000)
    recorder.onBrokerReport(1, report({ messagesIn: 7 }), startMs + 3000)
    recorder.sample(startMs + 3000)
    expect(values('broker/1/messages-in', 0, 3)).toEqual([10, 10, Number.NaN, 6])
  })

  it('of a topic are those of all its brokers', () => {
    const topics = [{ topic: 'orders', messagesIn: 4, bytesIn: 400, batchesIn: 2, bytesOut: 0, failedProduceCount: 0 }]
    second(0, () => ({ topics }))
    second(1)
    expect(values('topic/orders/messages-in', 0, 1)).toEqual([8, 0])
    expect(values('topic/orders/batch-bytes', 0, 1)).toEqual([200, Number.NaN])
  })

  it('keep smallest and largest, in their order, where there are more than points', () => {
    for (let index = 0; index < 40; index++) second(index, () => ({ messagesIn: index === 13 ? 500 : index === 17 ? 1 : 100 }))
    const answer = recorder.query({ series: ['broker/1/messages-in'], fromMs: startMs, toMs: startMs + 40_000, pointCount: 8 })
    expect(answer.stepMs).toBe(10_000)
    expect([...answer.series[0]!.values].slice(0, 8)).toEqual([100, 100, 500, 1, 100, 100, 100, 100])
    expect([...answer.series[0]!.atMs].slice(0, 3)).toEqual([startMs, startMs + 5000, startMs + 10_000])
  })

  it('add up what is counted, as elections are', () => {
    for (let index = 0; index < 40; index++) {
      if (index === 3 || index === 4) recorder.onElections(8)
      second(index)
    }
    expect(values('cluster/elections', 0, 9).slice(0, 6)).toEqual([0, 0, 0, 8, 8, 0])
    expect(values('cluster/elections', 0, 39, 4).slice(0, 2)).toEqual([16, 16])
  })

  it('go on over a restart, with a gap between', () => {
    second(0, () => ({ messagesIn: 10 }))
    recorder.close()
    recorder = open()
    second(5, () => ({ messagesIn: 20 }))
    expect(values('broker/1/messages-in', 0, 5)).toEqual([10, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 20])
  })

  it('of hours are read from what was put together of them, up to this second', () => {
    for (let index = 0; index < 3000; index++) {
      // 99 quick requests in a second and a slow one in the next: of both, 99 of 100 were quick.
      const apis = index === 0 ? [produce([10, 99], 99)] : index === 1 ? [produce([200, 1], 1)] : []
      second(index, () => ({ messagesIn: index % 2 === 0 ? 0 : 20, apis }))
    }
    const answer = recorder.query({
      series: ['broker/1/messages-in', 'broker/1/disk', 'broker/1/request/Produce/p99'],
      fromMs: startMs,
      toMs: startMs + 2999_000,
      pointCount: 600,
    })
    expect(answer.sampleMs).toBe(10_000)
    const known = [...answer.series[0]!.values].filter((value) => !Number.isNaN(value))
    // Half of all seconds had none: that counts.
    expect(known.slice(0, 290).every((value) => value === 10)).toBe(true)
    expect(known.length).toBeGreaterThanOrEqual(299)
    expect(answer.series[1]!.values.at(-1)).toBe(1000)
    expect(answer.series[2]!.values[0]).toBeCloseTo(0.01 * 2 ** (10 / 8))
  })

  it('are told by what there is', () => {
    recorder.onLags([{ group: 'billing/eu', lag: 12 }], startMs)
    second(0, () => ({
      apis: [produce([10, 2], 2)],
      errors: [{ error: 'NOT_LEADER_OR_FOLLOWER', count: 3 }],
      topics: [{ topic: 'orders', messagesIn: 1, bytesIn: 1, batchesIn: 1, bytesOut: 0, failedProduceCount: 0 }],
    }))
    expect(recorder.catalog()).toMatchObject({
      brokers: [1, 2],
      topics: ['orders'],
      apis: ['Produce'],
      errors: ['NOT_LEADER_OR_FOLLOWER'],
      groups: ['billing/eu'],
      notices: [],
    })
    expect(values('group/billing/eu/lag', 0, 0)).toEqual([12])
    expect(values('broker/2/error/NOT_LEADER_OR_FOLLOWER/count', 0, 0)).toEqual([3])
  })
})

it('finds every figure of the table by the name of its series', () => {
  for (const { scope, name } of metricTable) {
    const series =
      scope === 'broker'
        ? seriesOf.broker(3, name)
        : scope === 'request'
          ? seriesOf.request(3, 'Fetch', name)
          : scope === 'error'
            ? seriesOf.error(3, 'X')
            : scope === 'topic' || scope === 'group'
              ? seriesOf[scope]('some', name)
              : seriesOf[scope](name)
    expect(parseSeries(series)?.definition).toMatchObject({ scope, name })
  }
  expect([parseSeries('broker/x/up'), parseSeries('nothing'), parseSeries('topic/a/b/none')]).toEqual([null, null, null])
})
