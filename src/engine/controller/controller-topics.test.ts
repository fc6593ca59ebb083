import { afterEach, describe, expect, it } from 'vitest'
import { FakeCluster, manualTopic as manual, type StateJson } from '../testing/controller-kit'
import { ErrorCode } from '../wire/errors'
import { statePath, TOPICS } from './znodes'

let cluster: FakeCluster

afterEach(() => cluster.stop())

async function start(brokerCount: number): Promise<FakeCluster> {
  cluster = await FakeCluster.start(brokerCount)
  return cluster
}

const stateOf = (topic: string, partition: number) => cluster.coordination.json(statePath(topic, partition)) as StateJson

describe('creating topics', () => {
  it('writes the znodes as Kafka does, elects leaders, and answers when all brokers know', async () => {
    await start(3)
    const [result] = await cluster.active.createTopics(
      [{ name: 'orders', partitionCount: 3, replicationFactor: 3, configs: { 'min.insync.replicas': '2' } }],
      1000,
    )
    expect(result).toMatchObject({ errorCode: ErrorCode.NONE, partitionCount: 3, replicationFactor: 3 })
    const topic = cluster.coordination.json(`${TOPICS}/orders`) as { topic_id: string; partitions: Record<string, number[]> }
    expect(topic).toMatchObject({ version: 3, topic_id: result?.topicId, adding_replicas: {}, removing_replicas: {} })
    expect(cluster.coordination.json('/config/topics/orders')).toEqual({ version: 1, config: { 'min.insync.replicas': '2' } })
    for (const partition of [0, 1, 2]) {
      const replicas = topic.partitions[partition]!
      expect(stateOf('orders', partition)).toEqual({
        controller_epoch: 1,
        leader: replicas[0],
        version: 1,
        leader_epoch: 0,
        isr: replicas,
      })
      for (const id of [1, 2, 3]) {
        const broker = cluster.broker(id)
        expect(broker.lastLeaderAndIsr('orders', partition)).toMatchObject({
          leader: replicas[0],
          leaderEpoch: 0,
          partitionEpoch: 0,
          isNew: true,
          replicas,
        })
        expect(broker.lastMetadata('orders', partition)).toMatchObject({
          leader: replicas[0],
          isr: replicas,
          offlineReplicas: [],
        })
      }
    }
  })

  it('tells a broker of its replicas in one request before the metadata', async () => {
    await start(2)
    const before = cluster.broker(2).told.length
    await cluster.active.createTopics([{ name: 'many', partitionCount: 50, replicationFactor: 2 }], 1000)
    expect(
      cluster
        .broker(2)
        .told.slice(before)
        .map(({ api }) => api),
    ).toEqual(['LeaderAndIsr', 'UpdateMetadata'])
  })

  it('writes nothing when it only validates', async () => {
    await start(1)
    const [result] = await cluster.active.createTopics([{ name: 'dry', partitionCount: 2, replicationFactor: 1 }], 1000, true)
    expect(result).toMatchObject({ errorCode: ErrorCode.NONE, partitionCount: 2 })
    expect(cluster.coordination.has(`${TOPICS}/dry`)).toBe(false)
  })

  it('refuses a name that exists, a name given twice, and too few brokers, each by itself', async () => {
    await start(2)
    await cluster.active.createTopics([manual('there', [1])], 1000)
    const spec = { partitionCount: 1, replicationFactor: 1 }
    const results = await cluster.active.createTopics(
      [
        { name: 'there', ...spec },
        { name: 'twice', ...spec },
        { name: 'twice', ...spec },
        { name: 'wide', partitionCount: 1, replicationFactor: 3 },
        { name: 'fine', ...spec },
      ],
      1000,
    )
    expect(results.map(({ errorCode }) => errorCode)).toEqual([
      ErrorCode.TOPIC_ALREADY_EXISTS,
      ErrorCode.INVALID_REQUEST,
      ErrorCode.INVALID_REQUEST,
      ErrorCode.INVALID_REPLICATION_FACTOR,
      ErrorCode.NONE,
    ])
    expect(results[3]?.errorMessage).toBe('Replication factor: 3 larger than available brokers: 2.')
  })

  it('refuses of two new names that collide the second', async () => {
    await start(1)
    const results = await cluster.active.createTopics([manual('a.b', [1]), manual('a_b', [1])], 1000)
    expect(results.map(({ errorCode }) => errorCode)).toEqual([ErrorCode.NONE, ErrorCode.INVALID_TOPIC_EXCEPTION])
  })

  it('gives a topic only once to two requests at the same time', async () => {
    await start(1)
    const results = await Promise.all([1, 2].map(() => cluster.active.createTopics([manual('race', [1])], 1000)))
    expect(
      results
        .flat()
        .map(({ errorCode }) => errorCode)
        .sort((a, b) => a - b),
    ).toEqual([ErrorCode.NONE, ErrorCode.TOPIC_ALREADY_EXISTS])
  })

  it('answers REQUEST_TIMED_OUT while a broker does not answer, and the topic is there', async () => {
    await start(2)
    cluster.broker(2).isFrozen = true
    const [result] = await cluster.active.createTopics([manual('slow', [1, 2])], 30)
    expect(result?.errorCode).toBe(ErrorCode.REQUEST_TIMED_OUT)
    expect(stateOf('slow', 0)).toMatchObject({ leader: 1, isr: [1, 2] })
  })

  it('goes on once a broker that does not answer is dead', async () => {
    await start(2)
    cluster.broker(2).isFrozen = true
    const asked = cluster.active.createTopics([manual('waiting', [1, 2])], 5000)
    await cluster.broker(2).until(({ api }) => api === 'LeaderAndIsr')
    cluster.kill(2)
    expect((await asked)[0]?.errorCode).toBe(ErrorCode.NONE)
  })

  it('survives the loss of the connection with the reply to the write', async () => {
    await start(1)
    cluster.session(1).loseNextReply()
    const [result] = await cluster.active.createTopics([manual('lossy', [1])], 1000)
    expect(result?.errorCode).toBe(ErrorCode.NONE)
    expect(stateOf('lossy', 0)).toMatchObject({ leader: 1 })
  })

  it('repeats a request whose connection was lost', async () => {
    await start(2)
    cluster.broker(2).connectionLosses = 1
    const [result] = await cluster.active.createTopics([manual('again', [1, 2])], 5000)
    expect(result?.errorCode).toBe(ErrorCode.NONE)
    expect(cluster.broker(2).lastLeaderAndIsr('again', 0)).toMatchObject({ leader: 1 })
  })

  it('takes up a topic that an outside writer has made, and gives it an id', async () => {
    await start(2)
    await cluster.session(2).create(`${TOPICS}/outside`, JSON.stringify({ version: 1, partitions: { '0': [2, 1], '1': [1, 2] } }))
    await cluster.untilEvent((event) => event.type === 'topic-created' && event.topic === 'outside')
    expect(stateOf('outside', 0)).toMatchObject({ leader: 2, isr: [2, 1] })
    expect((cluster.coordination.json(`${TOPICS}/outside`) as { topic_id: string }).topic_id).toHaveLength(22)
  })

  it('initialises a partition whose replicas were all down once one of them is up', async () => {
    await start(1)
    await cluster
      .session(1)
      .create(`${TOPICS}/early`, JSON.stringify({ version: 3, topic_id: 'AAAAAAAAAAAAAAAAAAAAAg', partitions: { '0': [2] } }))
    await cluster.untilEvent((event) => event.type === 'topic-created')
    expect(cluster.coordination.has(statePath('early', 0))).toBe(false)
    const broker = await cluster.startBroker(2)
    await broker.until(({ api }) => api === 'LeaderAndIsr')
    expect(stateOf('early', 0)).toMatchObject({ leader: 2, isr: [2], leader_epoch: 0 })
  })
})

describe('adding partitions', () => {
  it('goes on with the placement and tells the brokers', async () => {
    await start(3)
    await cluster.active.createTopics([{ name: 'grow', partitionCount: 2, replicationFactor: 2 }], 1000)
    const [result] = await cluster.active.createPartitions([{ topic: 'grow', totalCount: 5 }], 1000)
    expect(result?.errorCode).toBe(ErrorCode.NONE)
    const { partitions } = cluster.coordination.json(`${TOPICS}/grow`) as { partitions: Record<string, number[]> }
    expect(Object.keys(partitions)).toHaveLength(5)
    for (const partition of [2, 3, 4]) {
      const replicas = partitions[partition]!
      expect(new Set(replicas).size).toBe(2)
      expect(cluster.broker(replicas[0]!).lastLeaderAndIsr('grow', partition)).toMatchObject({ leader: replicas[0], isNew: true })
    }
  })

  it('sees partitions that an outside writer adds', async () => {
    await start(1)
    await cluster.active.createTopics([manual('outer', [1])], 1000)
    const topic = cluster.coordination.json(`${TOPICS}/outer`) as { partitions: Record<string, number[]> }
    await cluster.session(1).setData(`${TOPICS}/outer`, JSON.stringify({ ...topic, partitions: { '0': [1], '1': [1] } }))
    await cluster.untilEvent((event) => event.type === 'partitions-added')
    expect(stateOf('outer', 1)).toMatchObject({ leader: 1 })
    // And again: the watch was set anew.
    await cluster
      .session(1)
      .setData(`${TOPICS}/outer`, JSON.stringify({ ...topic, partitions: { '0': [1], '1': [1], '2': [1] } }))
    await cluster.untilEvent((event) => event.type === 'partitions-added' && event.to === 3)
  })

  it('refuses fewer partitions, as many as there are, and unknown topics', async () => {
    await start(1)
    await cluster.active.createTopics([manual('fixed', [1], [1])], 1000)
    const results = await cluster.active.createPartitions(
      [
        { topic: 'fixed', totalCount: 1 },
        { topic: 'fixed', totalCount: 2 },
        { topic: 'none', totalCount: 2 },
      ],
      1000,
    )
    expect(results.map(({ errorCode }) => errorCode)).toEqual([
      ErrorCode.INVALID_PARTITIONS,
      ErrorCode.INVALID_PARTITIONS,
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    ])
  })
})

describe('deleting topics', () => {
  it('removes the replicas, the metadata and the znodes, and the name is free again', async () => {
    await start(2)
    const [made] = await cluster.active.createTopics(
      [{ ...manual('t', [1, 2], [2, 1]), configs: { 'cleanup.policy': 'compact' } }],
      1000,
    )
    const [result] = await cluster.active.deleteTopics(['t'], 1000)
    expect(result).toMatchObject({ errorCode: ErrorCode.NONE, topicId: made?.topicId })
    const left = cluster.coordination.paths().filter((path) => path.endsWith('/t') || path.includes('/t/'))
    expect(left).toEqual([])
    for (const id of [1, 2]) {
      expect(cluster.broker(id).lastMetadata('t', 0)).toMatchObject({ leader: -2 })
      const stop = await cluster.broker(id).until(({ api }) => api === 'StopReplica')
      expect(stop.body.topicStates).toMatchObject([
        { topicName: 't', partitionStates: [{ deletePartition: true, leaderEpoch: -2 }, { deletePartition: true }] },
      ])
    }
    expect((await cluster.active.createTopics([manual('t', [1])], 1000))[0]?.errorCode).toBe(ErrorCode.NONE)
  })

  it('waits for replicas on brokers that are down, and finishes when they return', async () => {
    await start(2)
    await cluster.active.createTopics([manual('t', [1, 2])], 1000)
    cluster.kill(2)
    await cluster.untilEvent((event) => event.type === 'broker-left')
    expect((await cluster.active.deleteTopics(['t'], 1000))[0]?.errorCode).toBe(ErrorCode.NONE)
    expect(cluster.coordination.has('/admin/delete_topics/t')).toBe(true)
    expect(cluster.events).toContainEqual({ type: 'topic-deletion-waiting', topic: 't', brokerIds: [2] })
    expect((await cluster.active.createTopics([manual('t', [1])], 1000))[0]).toMatchObject({
      errorCode: ErrorCode.TOPIC_ALREADY_EXISTS,
      errorMessage: "Topic 't' is marked for deletion.",
    })
    const broker = await cluster.startBroker(2)
    await broker.until(({ api }) => api === 'StopReplica')
    await cluster.untilEvent((event) => event.type === 'topic-deleted')
    expect(broker.told.some(({ api }) => api === 'LeaderAndIsr')).toBe(false)
    expect(cluster.coordination.has(`${TOPICS}/t`)).toBe(false)
  })

  it('is taken up by the next controller', async () => {
    await start(3)
    await cluster.active.createTopics([manual('t', [2, 3])], 1000)
    cluster.kill(3)
    await cluster.untilEvent((event) => event.type === 'broker-left')
    await cluster.active.deleteTopics(['t'], 1000)
    cluster.kill(1)
    await cluster.untilEvent((event) => event.type === 'controller-elected' && event.controllerEpoch === 2)
    await cluster.startBroker(3)
    await cluster.untilEvent((event) => event.type === 'topic-deleted')
    expect(cluster.coordination.has(`${TOPICS}/t`)).toBe(false)
  })

  it('is also begun by an outside writer, who may name what does not exist', async () => {
    await start(1)
    await cluster.active.createTopics([manual('t', [1])], 1000)
    await cluster.session(1).create('/admin/delete_topics/none', '')
    await cluster.session(1).create('/admin/delete_topics/t', '')
    await cluster.untilEvent((event) => event.type === 'topic-deleted')
    await cluster.quiet()
    expect(cluster.coordination.childrenOf('/admin/delete_topics')).toEqual([])
  })

  it('says so where the topic does not exist', async () => {
    await start(1)
    expect((await cluster.active.deleteTopics(['none'], 1000))[0]?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  })
})
