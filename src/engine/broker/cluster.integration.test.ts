/** Three brokers and coordination in one thread, over real sockets and files: the parts of the engine meet here. */
import { afterEach, describe, expect, it } from 'vitest'
import { BrokerConnection } from '../client/broker-connection'
import { TestCluster } from '../testing/cluster-kit'
import { ErrorCode } from '../wire/errors'
import {
  CreateTopics,
  DeleteRecords,
  DeleteTopics,
  Fetch,
  IncrementalAlterConfigs,
  Metadata,
  Produce,
  UpdateMetadata,
} from '../wire/messages'
import { decodeRecords, encodeBatch, forEachBatch } from '../wire/records'

let cluster: TestCluster
afterEach(() => cluster.close())

async function createTopic(
  name: string,
  partitionCount: number,
  replicationFactor: number,
  configs: Record<string, string> = {},
) {
  const connection = cluster.connect(cluster.controller().brokerId)
  const { topics } = await connection.request(CreateTopics, {
    topics: [
      {
        name,
        numPartitions: partitionCount,
        replicationFactor,
        assignments: [],
        configs: Object.entries(configs).map(([config, value]) => ({ name: config, value })),
      },
    ],
    timeoutMs: 10_000,
  })
  return topics[0]!
}

function produceBody(topic: string, values: readonly string[], acks: number) {
  const records = values.map((value) => ({ timestamp: BigInt(Date.now()), key: null, value: Buffer.from(value), headers: [] }))
  return {
    transactionalId: null,
    acks,
    timeoutMs: 10_000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records: encodeBatch({ records }) }] }],
  }
}

async function produce(connection: BrokerConnection, topic: string, values: readonly string[], acks = -1) {
  const answer = await connection.request(Produce, produceBody(topic, values, acks))
  return answer.responses[0]!.partitionResponses[0]!
}

async function leaderOf(topic: string, other = -1): Promise<number> {
  return cluster.until(`a leader of ${topic} other than ${other}`, async () => {
    const partition = (await cluster.topic(topic)).partitions[0]
    return partition !== undefined && partition.leaderId >= 0 && partition.leaderId !== other ? partition.leaderId : false
  })
}

async function readAll(topic: string): Promise<string[]> {
  const leader = await leaderOf(topic)
  const connection = cluster.connect(leader)
  const values: string[] = []
  for (let offset = 0; ; ) {
    const answer = await connection.request(
      Fetch,
      {
        maxWaitMs: 100,
        minBytes: 1,
        topics: [{ topic, partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 1024 * 1024 }] }],
      },
      { version: 12 },
    )
    const partition = answer.responses[0]!.partitions[0]!
    expect(partition.errorCode).toBe(ErrorCode.NONE)
    const records = partition.records as Uint8Array
    if (records.length === 0) return values
    forEachBatch(records, (header, position) => {
      for (const record of decodeRecords(records.subarray(position, position + header.sizeInBytes)))
        values.push(Buffer.from(record.value!).toString())
      offset = header.lastOffset + 1
    })
  }
}

async function untilInSync(topic: string, count: number): Promise<void> {
  await cluster.until(
    `${count} replicas of ${topic} in sync`,
    async () => (await cluster.topic(topic)).partitions[0]?.isrNodes.length === count,
  )
}

describe('three brokers', () => {
  it('lose nothing that was acknowledged when the leader dies, and take it back', async () => {
    cluster = await TestCluster.start(3)
    expect(await createTopic('orders', 1, 3)).toMatchObject({ errorCode: ErrorCode.NONE, numPartitions: 1, replicationFactor: 3 })
    const first = await leaderOf('orders')
    const produced = Array.from({ length: 50 }, (_, index) => `before-${index}`)
    expect(await produce(cluster.connect(first), 'orders', produced)).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 0 })

    await cluster.killBroker(first)
    const second = await leaderOf('orders', first)
    expect(await produce(cluster.connect(second), 'orders', ['while it is away'])).toMatchObject({
      errorCode: ErrorCode.NONE,
      baseOffset: 50,
    })
    expect(await readAll('orders')).toEqual([...produced, 'while it is away'])

    await cluster.startBroker(first)
    await untilInSync('orders', 3)
    expect(await produce(cluster.connect(await leaderOf('orders')), 'orders', ['after'])).toMatchObject({
      errorCode: ErrorCode.NONE,
    })
    expect(await readAll('orders')).toEqual([...produced, 'while it is away', 'after'])
  })

  it('hand leaderships over when one is stopped, so that no producer waits for a session to end', async () => {
    cluster = await TestCluster.start(3)
    await createTopic('orders', 1, 3)
    const first = await leaderOf('orders')
    await produce(cluster.connect(first), 'orders', ['one'])
    await cluster.stopBroker(first)
    // No until: the new leader was elected before the old one ended.
    const partition = (await cluster.topic('orders')).partitions[0]!
    expect(partition.leaderId).not.toBe(first)
    expect(await produce(cluster.connect(partition.leaderId), 'orders', ['two'])).toMatchObject({ errorCode: ErrorCode.NONE })
    await cluster.startBroker(first)
    await untilInSync('orders', 3)
    expect(await readAll('orders')).toEqual(['one', 'two'])
  })

  it('keep what was acknowledged when all are killed at once', async () => {
    cluster = await TestCluster.start(3)
    await createTopic('orders', 1, 3)
    const values = Array.from({ length: 20 }, (_, index) => `value-${index}`)
    const connection = cluster.connect(await leaderOf('orders'))
    for (const value of values) expect(await produce(connection, 'orders', [value])).toMatchObject({ errorCode: ErrorCode.NONE })
    await Promise.all([1, 2, 3].map((id) => cluster.killBroker(id)))
    await cluster.stopCoordination()
    await cluster.startCoordination()
    await Promise.all([1, 2, 3].map((id) => cluster.startBroker(id)))
    await untilInSync('orders', 3)
    expect(await readAll('orders')).toEqual(values)
  })

  it('elect another controller when the controller dies', async () => {
    cluster = await TestCluster.start(3)
    await createTopic('orders', 3, 3)
    const controller = cluster.controller().brokerId
    await cluster.killBroker(controller)
    await cluster.until('another controller', () =>
      [...cluster.brokers.values()].find((broker) => broker.statistics().isController),
    )
    await cluster.until('all partitions led', async () =>
      (await cluster.topic('orders')).partitions.every(({ leaderId }) => leaderId >= 0 && leaderId !== controller),
    )
    expect(await createTopic('payments', 1, 2)).toMatchObject({ errorCode: ErrorCode.NONE })
    expect(await createTopic('too-many', 1, 3)).toMatchObject({ errorCode: ErrorCode.INVALID_REPLICATION_FACTOR })
  })

  it('forget a topic that was deleted', async () => {
    cluster = await TestCluster.start(3)
    await createTopic('orders', 1, 3)
    const connection = cluster.connect(cluster.controller().brokerId)
    const { responses } = await connection.request(DeleteTopics, {
      topics: [{ name: 'orders', topicId: 'AAAAAAAAAAAAAAAAAAAAAA' }],
      timeoutMs: 5_000,
    })
    expect(responses[0]).toMatchObject({ name: 'orders', errorCode: ErrorCode.NONE })
    for (const id of cluster.brokers.keys()) {
      const answer = await cluster.connect(id).request(Metadata, { topics: [{ name: 'orders' }], allowAutoTopicCreation: false })
      expect(answer.topics[0]!.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
      expect([...cluster.broker(id).partitionStates()]).toEqual([])
    }
  })

  it('give up records that a client deletes, on every replica', async () => {
    cluster = await TestCluster.start(3)
    await createTopic('orders', 1, 3)
    const connection = cluster.connect(await leaderOf('orders'))
    for (const value of ['one', 'two', 'three']) await produce(connection, 'orders', [value])
    const askFor = async (offset: number) => {
      const { topics } = await connection.request(DeleteRecords, {
        topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, offset }] }],
        timeoutMs: 5_000,
      })
      return topics[0]!.partitions[0]!
    }
    expect(await askFor(2)).toEqual({ partitionIndex: 0, errorCode: ErrorCode.NONE, lowWatermark: 2 })
    for (const broker of cluster.brokers.values())
      expect([...broker.partitionStates()]).toMatchObject([{ logStartOffset: 2, logEndOffset: 3 }])
    expect(await askFor(4)).toMatchObject({ errorCode: ErrorCode.OFFSET_OUT_OF_RANGE })
    expect(await askFor(-1)).toMatchObject({ errorCode: ErrorCode.NONE, lowWatermark: 3 })
  })

  it('act on a config that any of them was told, and drop what retention no longer keeps', async () => {
    cluster = await TestCluster.start(3, { configs: { 'log.retention.check.interval.ms': '50' } })
    await createTopic('orders', 1, 3)
    const leader = await leaderOf('orders')
    await produce(cluster.connect(leader), 'orders', ['one', 'two'])
    const other = [...cluster.brokers.keys()].find((id) => id !== leader)!
    const configs = [
      { name: 'max.message.bytes', configOperation: 0, value: '100' },
      { name: 'retention.ms', configOperation: 0, value: '1' },
    ]
    const { responses } = await cluster.connect(other).request(IncrementalAlterConfigs, {
      resources: [{ resourceType: 2, resourceName: 'orders', configs }],
      validateOnly: false,
    })
    expect(responses).toMatchObject([{ errorCode: ErrorCode.NONE, errorMessage: null }])
    await cluster.until('the records dropped everywhere', () =>
      [...cluster.brokers.values()].every((broker) =>
        [...broker.partitionStates()].every(({ logStartOffset }) => logStartOffset === 2),
      ),
    )
    const connection = cluster.connect(leader)
    expect(await produce(connection, 'orders', ['x'.repeat(100)])).toMatchObject({ errorCode: ErrorCode.MESSAGE_TOO_LARGE })
    expect(await produce(connection, 'orders', ['three'])).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 2 })
  })

  it('take no orders that were meant for their life before, which is still registered when they start again', async () => {
    cluster = await TestCluster.start(2)
    // So that nothing the controller itself has to say comes in between.
    const killed = cluster.brokers.get(1) === cluster.controller() ? 2 : 1
    const { brokerEpoch } = cluster.broker(killed).statistics()
    const { port } = cluster.broker(killed)
    const controllerEpoch = cluster.controller().statistics().controllerEpoch
    await cluster.killBroker(killed)
    const starting = cluster.startBroker(killed)
    const connection = new BrokerConnection({ platform: cluster.platform, host: '127.0.0.1', port, clientId: 'late' })
    try {
      // It listens before it is registered.
      const answer = await cluster.until('an answer', () =>
        connection
          .request(UpdateMetadata, { controllerId: 3 - killed, controllerEpoch, brokerEpoch, topicStates: [], liveBrokers: [] })
          .catch(() => null),
      )
      expect(answer.errorCode).toBe(ErrorCode.STALE_BROKER_EPOCH)
    } finally {
      connection.close()
      await starting
    }
    expect(cluster.broker(killed).statistics().brokerEpoch).toBeGreaterThan(brokerEpoch)
  })

  it('come back with new registrations when they have lost their sessions', async () => {
    cluster = await TestCluster.start(3)
    await createTopic('orders', 1, 3)
    await produce(cluster.connect(await leaderOf('orders')), 'orders', ['one'])
    const epochs = [...cluster.brokers.values()].map((broker) => broker.statistics().brokerEpoch)
    await cluster.stopCoordination()
    await cluster.until(
      'the sessions given up',
      () => cluster.events.filter(({ type }) => type === 'session-expired').length === 3,
    )
    await cluster.startCoordination()
    await cluster.until('all registered again', () =>
      [...cluster.brokers.values()].every((broker, index) => broker.statistics().brokerEpoch > epochs[index]!),
    )
    await untilInSync('orders', 3)
    expect(await produce(cluster.connect(await leaderOf('orders')), 'orders', ['two'])).toMatchObject({
      errorCode: ErrorCode.NONE,
    })
    expect(await readAll('orders')).toEqual(['one', 'two'])
  })
})
