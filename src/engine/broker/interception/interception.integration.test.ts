/** Rules of interception on real sockets: what a client sees of each action, and an idempotent producer that loses a third of its answers. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Admin } from '../../client/admin'
import { KafkaClient } from '../../client/kafka-client'
import { latestOffset, listOffsets } from '../../client/offsets'
import { Producer } from '../../client/producer'
import { TestCluster } from '../../testing/cluster-kit'
import { ErrorCode } from '../../wire/errors'
import { Fetch, Metadata, Produce } from '../../wire/messages'
import { decodeRecords, encodeBatch, forEachBatch } from '../../wire/records'

const topic = 'orders'
let cluster: TestCluster
let client: KafkaClient
beforeAll(async () => {
  cluster = await TestCluster.start(1)
  const bootstrap = [...cluster.brokers.values()].map(({ port }) => ({ host: '127.0.0.1', port }))
  client = new KafkaClient({ platform: cluster.platform, bootstrap, clientId: 'app' })
  await new Admin(client).createTopic({ name: topic, partitionCount: 2, replicationFactor: 1, configs: {} })
})
beforeEach(() => cluster.broker(1).interceptor.clear())
afterAll(async () => {
  client.close()
  await cluster.close()
})

const endOf = async (partition: number) => (await listOffsets(client, topic, [partition], latestOffset)).get(partition) ?? -1
const records = encodeBatch({ records: [{ timestamp: 1n, key: null, value: Buffer.from('x'), headers: [] }] })
const produceTo = (...partitions: number[]) => ({
  acks: -1,
  timeoutMs: 1_000,
  topicData: [{ name: topic, partitionData: partitions.map((index) => ({ index, records })) }],
})

describe('a rule in force', () => {
  it('answers one partition with an error and has the other done', async () => {
    const ends = [await endOf(0), await endOf(1)]
    cluster.broker(1).interceptor.add({
      match: { api: 'Produce', topic, partition: 1 },
      action: { kind: 'error', error: 'NOT_ENOUGH_REPLICAS' },
      times: 1,
    })
    const connection = cluster.connect(1)
    const answer = await connection.request(Produce, produceTo(0, 1))
    const errorCodes = answer.responses.flatMap(({ partitionResponses }) =>
      partitionResponses.map(({ index, errorCode }) => [index, errorCode]),
    )
    expect(errorCodes).toEqual([
      [0, ErrorCode.NONE],
      [1, ErrorCode.NOT_ENOUGH_REPLICAS],
    ])
    expect([await endOf(0), await endOf(1)]).toEqual([ends[0]! + 1, ends[1]])
    expect((await connection.request(Produce, produceTo(1))).responses[0]!.partitionResponses[0]!.errorCode).toBe(ErrorCode.NONE)
    expect(cluster.broker(1).interceptor.list()).toMatchObject([{ hitCount: 1, isSpent: true }])
  })

  it('holds answers back, and those behind them on the connection', async () => {
    cluster.broker(1).interceptor.add({ match: { api: 'Produce' }, action: { kind: 'delay', delayMs: 120 }, times: 1 })
    const { clock } = cluster.platform
    const connection = cluster.connect(1)
    await connection.request(Metadata, { topics: [] })
    const startMs = clock.monotonicMs()
    const order: string[] = []
    await Promise.all([
      connection.request(Produce, produceTo(0)).then(() => order.push('produce')),
      connection.request(Metadata, { topics: [] }).then(() => order.push('metadata')),
    ])
    expect(order).toEqual(['produce', 'metadata'])
    expect(clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(110)
  })

  it('closes a connection before or after the request is done', async () => {
    const end = await endOf(0)
    const { interceptor } = cluster.broker(1)
    for (const isDone of [false, true]) {
      interceptor.add({ match: { api: 'Produce', clientId: 'test' }, action: { kind: 'close', isDone }, times: 1 })
      await expect(cluster.connect(1).request(Produce, produceTo(0))).rejects.toThrow()
      expect(await endOf(0)).toBe(end + (isDone ? 1 : 0))
    }
  })

  it('loses an answer and all behind it, as a network would, while the requests are done', async () => {
    const end = await endOf(0)
    cluster.broker(1).interceptor.add({ match: { api: 'Produce', clientId: 'test' }, action: { kind: 'drop-answer' }, times: 1 })
    const connection = cluster.connect(1)
    const lost = connection.request(Produce, produceTo(0), { timeoutMs: 300 })
    const behind = connection.request(Metadata, { topics: [] }, { timeoutMs: 300 })
    await expect(lost).rejects.toThrow()
    await expect(behind).rejects.toThrow()
    expect(await endOf(0)).toBe(end + 1)
  })

  it('makes a client of Fetch 16 name its topics again, and tells it of the one that fails', async () => {
    const connection = cluster.connect(1)
    const { topicId } = await cluster.topic(topic)
    const fetch = (sessionId: number, sessionEpoch: number, isNamed: boolean) =>
      connection.request(Fetch, {
        ...{ maxWaitMs: 0, minBytes: 0, sessionId, sessionEpoch },
        topics: isNamed ? [{ topicId, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 100 }] }] : [],
      })
    const { sessionId } = await fetch(0, 0, true)
    expect(sessionId).toBeGreaterThan(0)
    const { interceptor } = cluster.broker(1)
    const id = interceptor.add({ match: { api: 'Fetch', topic }, action: { kind: 'error', error: 'OFFSET_NOT_AVAILABLE' } })
    expect((await fetch(sessionId, 1, false)).errorCode).toBe(ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
    const failed = await fetch(0, 0, true)
    expect([failed.sessionId, failed.responses[0]!.partitions[0]!.errorCode]).toEqual([0, ErrorCode.OFFSET_NOT_AVAILABLE])
    interceptor.remove(id)
    expect((await fetch(0, 0, true)).sessionId).toBeGreaterThan(0)
  })
})

it('an idempotent producer that loses every third answer writes each record once and in order', async () => {
  const count = 80
  await new Admin(client).createTopic({ name: 'lossy', partitionCount: 1, replicationFactor: 1, configs: {} })
  const { interceptor } = cluster.broker(1)
  interceptor.add({ match: { api: 'Produce', topic: 'lossy' }, action: { kind: 'drop-answer' }, every: 3 })
  const producer = new Producer({ client, acks: -1, isIdempotent: true, requestTimeoutMs: 60, batchBytesMax: 700 })
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      producer.send({ topic: 'lossy', partition: 0, key: null, value: Buffer.from(String(index)), headers: [], timestamp: null }),
    ),
  )
  const [{ hitCount, matchCount } = { hitCount: 0, matchCount: 0 }] = interceptor.list()
  interceptor.clear()
  expect(hitCount).toBeGreaterThan(2)
  expect(matchCount).toBeGreaterThan(hitCount)
  const connection = cluster.connect(1)
  const { topicId } = await cluster.topic('lossy')
  const values: string[] = []
  while (values.length < count) {
    const partitions = [{ partition: 0, fetchOffset: values.length, partitionMaxBytes: 1_000_000 }]
    const answer = await connection.request(Fetch, { maxWaitMs: 500, minBytes: 1, topics: [{ topicId, partitions }] })
    const before = values.length
    const bytes = answer.responses[0]!.partitions[0]!.records!
    forEachBatch(bytes, ({ sizeInBytes }, position) => {
      const batch = decodeRecords(bytes.subarray(position, position + sizeInBytes))
      for (const { offset, value } of batch) if (offset === values.length) values.push(Buffer.from(value!).toString())
      return true
    })
    if (values.length === before) break
  }
  expect(values).toEqual(Array.from({ length: count }, (_, index) => String(index)))
  const answer = await connection.request(Metadata, { topics: [{ name: 'lossy' }] })
  expect(answer.topics[0]!.errorCode).toBe(ErrorCode.NONE)
  expect((await listOffsets(client, 'lossy', [0], latestOffset)).get(0)).toBe(count)
})
