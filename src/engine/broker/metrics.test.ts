import { expect, it } from 'vitest'
import { Fetch, Metadata, Produce } from '../wire/messages'
import { ConnectionActivity } from './connection-activity'
import { LatencyHistogram, latencyCellOf, latencyOfCell, percentileOf } from './latency-histogram'
import { RequestMetrics } from './request-metrics'
import { errorVisitorOf } from './response-errors'
import { Traffic } from './traffic'

it('reads percentiles that are at most a cell too large', () => {
  const histogram = new LatencyHistogram()
  for (let ms = 1; ms <= 1000; ms++) histogram.add(ms)
  expect(percentileOf(histogram.counts, 0.5)).toBeGreaterThanOrEqual(500)
  expect(percentileOf(histogram.counts, 0.5)).toBeLessThan(500 * 1.095)
  expect(percentileOf(histogram.counts, 0.99)).toBeLessThan(990 * 1.095)
  expect(percentileOf(histogram.counts, 1)).toBeGreaterThanOrEqual(1000)
  expect(histogram.maxMs).toBe(1000)
  expect(percentileOf(new Float64Array(4), 0.5)).toBeNull()
})

it('counts what is shorter than the first cell, longer than the last, or no number at all', () => {
  expect([0, -1, Number.NaN, 0.001].map(latencyCellOf)).toEqual([0, 0, 0, 0])
  expect(latencyCellOf(1e12)).toBe(latencyCellOf(1e13))
  for (const ms of [0.02, 0.5, 7, 333]) expect(latencyOfCell(latencyCellOf(ms))).toBeGreaterThanOrEqual(ms)
})

it('divides the time of a request into waiting, working and waiting for others', () => {
  const metrics = new RequestMetrics()
  metrics.onRequest(0, 'Produce', 100)
  metrics.onResponse(0, 'Produce', 40, { receivedAtMs: 10, begunAtMs: 11, handledAtMs: 13, completedAtMs: 20 })
  metrics.onSent(0, 'Produce', 2)
  // Answered within its handler, and before any handler.
  metrics.onResponse(3, 'Metadata', 40, { receivedAtMs: 0, begunAtMs: 1, handledAtMs: -1, completedAtMs: 3 })
  metrics.onResponse(18, 'ApiVersions', 40, { receivedAtMs: 0, begunAtMs: -1, handledAtMs: -1, completedAtMs: 5 })
  const [produce, metadata, versions] = metrics.snapshot()
  expect(produce).toMatchObject({ queueMs: 1, localMs: 2, remoteMs: 7, sendMs: 2, totalLatencyMs: 10, latencyMsMax: 10 })
  expect(metadata).toMatchObject({ queueMs: 1, localMs: 2, remoteMs: 0 })
  expect(versions).toMatchObject({ queueMs: 5, localMs: 0, remoteMs: 0 })
})

it('finds errors however deep in a response', () => {
  const found: number[] = []
  const note = (code: number) => found.push(code)
  errorVisitorOf(Metadata.response.fields)?.(
    {
      topics: [
        { errorCode: 3, partitions: [] },
        { errorCode: 0, partitions: [{ errorCode: 5 }] },
      ],
    },
    note,
  )
  errorVisitorOf(Produce.response.fields)?.({ responses: [{ partitionResponses: [{ errorCode: 6 }, {}] }] }, note)
  errorVisitorOf(Fetch.response.fields)?.({ errorCode: 70, responses: [] }, note)
  expect(found).toEqual([3, 5, 6, 70])
})

it('counts topics that are there, and forgets those that are not', () => {
  const traffic = new Traffic()
  traffic.onFailedProduce('never-there')
  traffic.onAppend('orders', 3, 120)
  traffic.onConsume('orders', 60)
  traffic.onFailedProduce('orders')
  expect([...traffic.topics()]).toEqual([
    ['orders', { messagesIn: 3, bytesIn: 120, batchesIn: 1, bytesOut: 60, failedProduceCount: 1 }],
  ])
  expect([traffic.failedProduceCount, traffic.bytesOut]).toEqual([2, 60])
  traffic.retain(() => false)
  expect(traffic.topics().size).toBe(0)
})

it('remembers of a connection what tells what its client is like', () => {
  let nowMs = 1_000_000
  const activity = new ConnectionActivity({ nowMs: () => nowMs })
  for (let second = 0; second < 30; second++) {
    for (let each = 0; each < 5; each++) activity.onRequest(3, 'Metadata', 12, 20)
    nowMs += 1000
  }
  activity.onRequest(3, 'Metadata', 1, 20)
  activity.onBody(11, { groupId: 'billing' })
  activity.onBody(0, { groupId: 'not asked' })
  activity.onProduce(0, null)
  activity.onProduce(-1, 'tx')
  activity.onBatch('orders', { compression: 'zstd', isIdempotent: true, recordCount: 4, bytes: 100 })
  activity.onFetch(0)
  activity.onError('Produce', 6)
  const view = activity.view()
  expect(view.apis).toEqual([
    expect.objectContaining({ name: 'Metadata', minVersion: 1, maxVersion: 12, count: 151, lastAtMs: nowMs }),
  ])
  expect(view.apis[0]?.perSecond).toBeGreaterThan(4)
  expect(view.apis[0]?.perSecond).toBeLessThan(6)
  expect(view).toMatchObject({
    groups: ['billing'],
    topics: ['orders'],
    produced: { acks: [0, -1], compressions: ['zstd'], isIdempotent: true, transactionalId: 'tx', batchCount: 1, recordCount: 4 },
    fetched: { emptyCount: 1, responseCount: 1 },
    lastError: { errorCode: 6, api: 'Produce', atMs: nowMs },
  })
  nowMs += 60_000
  expect(activity.view().apis[0]?.perSecond).toBe(0)
})
