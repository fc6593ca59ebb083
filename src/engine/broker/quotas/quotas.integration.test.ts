/** Quotas on real sockets: a client that has had enough is told so at once, and nothing of it is read until its time is over. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../../testing/cluster-kit'
import { ErrorCode } from '../../wire/errors'
import { AlterClientQuotas, CreateTopics, DescribeLogDirs, Fetch, Metadata, Produce } from '../../wire/messages'
import { encodeBatch } from '../../wire/records'

const topic = 'orders'
let cluster: TestCluster
beforeAll(async () => {
  // A window of two samples: silences are short here.
  cluster = await TestCluster.start(2, { configs: { 'quota.window.num': '2' } })
  await cluster.connect(cluster.controller().brokerId).request(CreateTopics, {
    topics: [
      {
        name: topic,
        numPartitions: -1,
        replicationFactor: -1,
        configs: [],
        assignments: [{ partitionIndex: 0, brokerIds: [1, 2] }],
      },
    ],
    timeoutMs: 10_000,
  })
  await cluster.until('the topic is led', async () => (await cluster.topic(topic)).partitions[0]?.leaderId === 1)
})
afterAll(() => cluster.close())

const records = encodeBatch({ records: [{ timestamp: 1n, key: null, value: Buffer.alloc(3_000), headers: [] }] })
const produce = { acks: -1, timeoutMs: 5_000, topicData: [{ name: topic, partitionData: [{ index: 0, records }] }] }

/** Asked of broker 2, so that broker 1 has to hear of it. */
async function limit(key: string, value: number | null): Promise<void> {
  const ops = [{ key, value: value ?? 0, remove: value === null }]
  const entries = [{ entity: [{ entityType: 'client-id', entityName: 'test' }], ops }]
  const answer = await cluster.connect(2).request(AlterClientQuotas, { entries, validateOnly: false })
  expect(answer.entries[0]).toMatchObject({ errorCode: ErrorCode.NONE, errorMessage: null })
}

const elapsed = async (action: () => Promise<unknown>): Promise<number> => {
  const { clock } = cluster.platform
  const startMs = clock.monotonicMs()
  await action()
  return clock.monotonicMs() - startMs
}

describe('a client with a quota', () => {
  it('has its produce done and answered at once, and is not read from for as long as the answer says', async () => {
    await limit('producer_byte_rate', 10_000)
    const connection = cluster.connect(1)
    const { clock } = cluster.platform
    const [sentAtMs, throttleMs] = await cluster.until('broker 1 has heard of it', async () => {
      const beforeMs = clock.monotonicMs()
      const { throttleTimeMs, responses } = await connection.request(Produce, produce)
      expect(responses[0]!.partitionResponses[0]!.errorCode).toBe(ErrorCode.NONE)
      return throttleTimeMs > 0 && ([beforeMs, throttleTimeMs] as const)
    })
    await connection.request(Metadata, { topics: [] })
    expect(clock.monotonicMs() - sentAtMs).toBeGreaterThanOrEqual(throttleMs - 1)
    await limit('producer_byte_rate', null)
  })

  it('has its requests taken one by one also where it sends many ahead and replicas are waited for', async () => {
    await limit('producer_byte_rate', 10_000)
    const connection = cluster.connect(1)
    await cluster.until('broker 1 has heard of it', async () => (await connection.request(Produce, produce)).throttleTimeMs > 0)
    await connection.request(Metadata, { topics: [] })
    // Ten batches of 3 KB, of which the window lets less than half through.
    const all = () => Promise.all(Array.from({ length: 10 }, () => connection.request(Produce, produce)))
    expect(await elapsed(all)).toBeGreaterThan(900)
    await limit('producer_byte_rate', null)
  })

  it('that has read enough is answered without records, and then with them', async () => {
    await limit('consumer_byte_rate', 5_000)
    const { topicId } = await cluster.topic(topic)
    const connection = cluster.connect(1)
    const fetch = async () => {
      const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 4_000 }]
      const answer = await connection.request(Fetch, { maxWaitMs: 0, minBytes: 1, topics: [{ topicId, partitions }] })
      return { throttleTimeMs: answer.throttleTimeMs, bytes: answer.responses[0]?.partitions[0]?.records?.length ?? 0 }
    }
    const throttled = await cluster.until('a fetch is held back', async () => {
      const answer = await fetch()
      expect(answer.bytes > 0).toBe(answer.throttleTimeMs === 0)
      return answer.throttleTimeMs > 0 && answer
    })
    const next = await cluster.until('it gets records again', async () => {
      const answer = await fetch()
      return answer.bytes > 0 && answer
    })
    expect([throttled.bytes, next.throttleTimeMs]).toEqual([0, 0])
    await limit('consumer_byte_rate', null)
  })

  it('of changes is refused a topic of too many partitions after one', async () => {
    const controller = cluster.controller().brokerId
    await limit('controller_mutation_rate', 1)
    const create = (name: string, numPartitions: number) =>
      cluster.connect(controller).request(CreateTopics, {
        topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }],
        timeoutMs: 10_000,
      })
    await cluster.until('the controller has heard of it', async () => {
      const { topics, throttleTimeMs } = await create(`many-${cluster.platform.random.below(2 ** 31)}`, 9)
      if (topics[0]!.errorCode === ErrorCode.NONE) return false
      expect(topics[0]!.errorCode).toBe(ErrorCode.THROTTLING_QUOTA_EXCEEDED)
      return throttleTimeMs > 0
    })
    await limit('controller_mutation_rate', null)
  })
})

it('a broker tells what its log folder holds, and what the volume does', async () => {
  const ask = (topics: { topic: string; partitions: number[] }[] | null) =>
    cluster.connect(1).request(DescribeLogDirs, { topics })
  const { errorCode, results } = await ask([{ topic, partitions: [0, 7] }])
  expect(errorCode).toBe(ErrorCode.NONE)
  expect(results).toHaveLength(1)
  const [{ logDir, topics, totalBytes, usableBytes } = results[0]!] = results
  expect(logDir).toMatch(/broker-1$/)
  expect(topics.map(({ name, partitions }) => [name, partitions.map(({ partitionIndex }) => partitionIndex)])).toEqual([
    [topic, [0]],
  ])
  expect(topics[0]!.partitions[0]).toMatchObject({ offsetLag: 0, isFutureKey: false })
  expect(topics[0]!.partitions[0]!.partitionSize).toBeGreaterThan(3_000)
  expect(totalBytes).toBeGreaterThan(usableBytes)
  expect((await ask([]))!.results[0]!.topics).toEqual([])
})
