/** Fetch as the large clients use it, on real sockets: sessions that go on over requests, and consumers that read from the broker in their rack. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../../testing/cluster-kit'
import { ErrorCode } from '../../wire/errors'
import { CreateTopics, Fetch, Produce } from '../../wire/messages'
import { decodeRecords, encodeBatch, forEachBatch } from '../../wire/records'

const topic = 'orders'
let cluster: TestCluster
let topicId: string
beforeAll(async () => {
  cluster = await TestCluster.start(0)
  await Promise.all([1, 2, 3].map((id) => cluster.startBroker(id, { rack: `rack-${id}` })))
  await cluster.connect(cluster.controller().brokerId).request(CreateTopics, {
    topics: [
      {
        name: topic,
        ...{ numPartitions: -1, replicationFactor: -1, configs: [] },
        assignments: [0, 1].map((partitionIndex) => ({ partitionIndex, brokerIds: [1, 2, 3] })),
      },
    ],
    timeoutMs: 10_000,
  })
  topicId = await cluster.until('the topic is led', async () => {
    const found = await cluster.topic(topic)
    return found.errorCode === 0 && found.partitions.every(({ isrNodes }) => isrNodes.length === 3) && found.topicId
  })
  await produce(0, ['a', 'b'])
})
afterAll(() => cluster.close())

async function produce(partition: number, values: readonly string[]): Promise<void> {
  const records = encodeBatch({
    records: values.map((value) => ({ timestamp: 1n, key: null, value: Buffer.from(value), headers: [] })),
  })
  const answer = await cluster.connect(1).request(Produce, {
    acks: -1,
    timeoutMs: 5_000,
    topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
  })
  expect(answer.responses[0]!.partitionResponses[0]!.errorCode).toBe(ErrorCode.NONE)
}

interface Asked {
  broker?: number
  sessionId?: number
  sessionEpoch?: number
  partitions?: readonly { partition: number; fetchOffset: number; currentLeaderEpoch?: number }[]
  rackId?: string
  maxWaitMs?: number
  version?: number
}

function fetch({
  broker = 1,
  sessionId = 0,
  sessionEpoch = -1,
  partitions = [],
  rackId = '',
  maxWaitMs = 0,
  version = 16,
}: Asked) {
  const topics = [{ topic, topicId, partitions: partitions.map((one) => ({ partitionMaxBytes: 1_000, ...one })) }]
  const body = { maxWaitMs, minBytes: 1, sessionId, sessionEpoch, rackId, topics: partitions.length === 0 ? [] : topics }
  return cluster.connect(broker).request(Fetch, body, { version })
}

function valuesOf(answer: Awaited<ReturnType<typeof fetch>>): string[] {
  const values: string[] = []
  for (const { records } of answer.responses.flatMap(({ partitions }) => partitions)) {
    forEachBatch(records!, ({ sizeInBytes }, position) => {
      const batch = decodeRecords(records!.subarray(position, position + sizeInBytes))
      values.push(...batch.map(({ value }) => Buffer.from(value!).toString()))
      return true
    })
  }
  return values
}

describe('a fetch session', () => {
  it('goes on over connections, tells what is new and nothing else, and reads where the client went on', async () => {
    const both = [0, 1].map((partition) => ({ partition, fetchOffset: 0 }))
    const first = await fetch({ sessionEpoch: 0, partitions: both })
    expect([first.errorCode, valuesOf(first), first.responses[0]!.partitions.length]).toEqual([0, ['a', 'b'], 2])
    const { sessionId } = first
    const second = await fetch({ sessionId, sessionEpoch: 1, partitions: [{ partition: 0, fetchOffset: 2 }] })
    expect([second.sessionId, second.responses]).toEqual([sessionId, []])
    const waiting = fetch({ sessionId, sessionEpoch: 2, maxWaitMs: 5_000 })
    await produce(1, ['c'])
    const third = await waiting
    expect(third.responses[0]!.partitions.map(({ partitionIndex }) => partitionIndex)).toEqual([1])
    expect(valuesOf(third)).toEqual(['c'])
    expect((await fetch({ sessionId, sessionEpoch: 2 })).errorCode).toBe(ErrorCode.INVALID_FETCH_SESSION_EPOCH)
    expect((await fetch({ broker: 2, sessionId, sessionEpoch: 3 })).errorCode).toBe(ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
  })
})

describe('a consumer with a rack', () => {
  it('is sent to the follower in its rack, which answers it up to what is committed', async () => {
    const asked = { partitions: [{ partition: 0, fetchOffset: 0 }], rackId: 'rack-2' }
    const sent = await cluster.until('the leader knows how far the follower is', async () => {
      const answer = (await fetch({ ...asked, maxWaitMs: 100 })).responses[0]!.partitions[0]!
      return answer.preferredReadReplica >= 0 && answer
    })
    expect(sent).toMatchObject({ errorCode: ErrorCode.NONE, preferredReadReplica: 2 })
    expect(sent.records).toHaveLength(0)
    const served = await cluster.until('the follower knows that it is committed', async () => {
      const answer = await fetch({ ...asked, broker: 2, maxWaitMs: 100 })
      return valuesOf(answer).length > 0 && answer
    })
    expect([valuesOf(served), served.responses[0]!.partitions[0]!.preferredReadReplica]).toEqual([['a', 'b'], -1])
  })

  it('reads from the leader where no broker or the leader itself stands in its rack, and with versions before 11', async () => {
    for (const rackId of ['', 'rack-1', 'rack-9']) {
      const answer = await fetch({ partitions: [{ partition: 0, fetchOffset: 0 }], rackId })
      expect([valuesOf(answer), answer.responses[0]!.partitions[0]!.preferredReadReplica]).toEqual([['a', 'b'], -1])
    }
    const old = await fetch({ broker: 2, partitions: [{ partition: 0, fetchOffset: 0 }], version: 10 })
    expect(old.responses[0]!.partitions[0]!.errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  })

  it('waits at the follower for what is not there yet, and is refused beyond its log', async () => {
    const waiting = fetch({ broker: 2, partitions: [{ partition: 0, fetchOffset: 2 }], maxWaitMs: 5_000 })
    await produce(0, ['d'])
    expect(valuesOf(await waiting)).toEqual(['d'])
    const beyond = await fetch({ broker: 2, partitions: [{ partition: 0, fetchOffset: 99 }] })
    expect(beyond.responses[0]!.partitions[0]!.errorCode).toBe(ErrorCode.OFFSET_OUT_OF_RANGE)
  })
})

it('a fetch that waits hears at once that its leader has gone, and where to', async () => {
  const { leaderEpoch } = (await cluster.topic(topic)).partitions[1]!
  const waiting = fetch({
    broker: 2,
    partitions: [{ partition: 1, fetchOffset: 1, currentLeaderEpoch: leaderEpoch }],
    maxWaitMs: 30_000,
  })
  await cluster.stopBroker(1)
  const { errorCode, currentLeader } = (await waiting).responses[0]!.partitions[0]!
  expect(errorCode).toBe(ErrorCode.FENCED_LEADER_EPOCH)
  expect(currentLeader.leaderId).toBe(2)
})
