import { afterEach, describe, expect, it } from 'vitest'
import { FakeCluster, type FakeClusterOptions } from '../testing/controller-kit'
import { ErrorCode } from '../wire/errors'
import type { NewTopic } from './topic-creation'
import { CONTROLLER, CONTROLLER_EPOCH, statePath, TOPICS } from './znodes'

let cluster: FakeCluster

afterEach(() => cluster.stop())

async function start(brokerCount: number, options?: FakeClusterOptions): Promise<FakeCluster> {
  cluster = await FakeCluster.start(brokerCount, options)
  return cluster
}

function manual(name: string, ...replicas: number[][]): NewTopic {
  const assignments = replicas.map((brokerIds, partition) => ({ partition, brokerIds }))
  return { name, partitionCount: -1, replicationFactor: -1, assignments }
}

interface StateJson {
  leader: number
  leader_epoch: number
  isr: number[]
  controller_epoch: number
}

const stateOf = (topic: string, partition: number) => cluster.coordination.json(statePath(topic, partition)) as StateJson

describe('the election', () => {
  it('makes the first broker the controller, in epoch 1, and tells the others who it is', async () => {
    await start(3)
    expect(cluster.coordination.json(CONTROLLER)).toMatchObject({ version: 2, brokerid: 1 })
    expect(cluster.coordination.json(CONTROLLER_EPOCH)).toBe(1)
    expect([1, 2, 3].map((id) => cluster.controllerOf(id).controllerId)).toEqual([1, 1, 1])
    expect([1, 2, 3].map((id) => cluster.controllerOf(id).isActive)).toEqual([true, false, false])
  })

  it('goes to another broker in a higher epoch when the session of the first expires', async () => {
    await start(3)
    cluster.kill(1)
    await cluster.untilEvent((event) => event.type === 'controller-elected' && event.controllerEpoch === 2)
    expect(cluster.active).not.toBe(undefined)
    expect([2, 3]).toContain(cluster.active.controllerId)
    expect(cluster.coordination.json(CONTROLLER_EPOCH)).toBe(2)
  })

  it('hands over at once when the controller stops, without waiting for its session', async () => {
    await start(2)
    await cluster.controllerOf(1).stop()
    await cluster.untilEvent((event) => event.type === 'controller-elected' && event.controllerId === 2)
    expect(cluster.controllerOf(1).isActive).toBe(false)
  })

  it('takes an office that an outside hand has removed anew, in a higher epoch', async () => {
    await start(1)
    await cluster.session(1).delete(CONTROLLER)
    await cluster.untilEvent((event) => event.type === 'controller-elected' && event.controllerEpoch === 2)
    expect(cluster.active.controllerEpoch).toBe(2)
  })

  it('answers NOT_CONTROLLER where this broker is not the one', async () => {
    await start(2)
    const [result] = await cluster.controllerOf(2).createTopics([manual('t', [1, 2])], 1000)
    expect(result?.errorCode).toBe(ErrorCode.NOT_CONTROLLER)
    expect((await cluster.controllerOf(2).controlledShutdown(1, -1)).errorCode).toBe(ErrorCode.NOT_CONTROLLER)
  })

  it('stops at once when its session is over, without being told', async () => {
    await start(2)
    cluster.session(1).expire()
    expect(cluster.controllerOf(1).isActive).toBe(false)
    await cluster.untilEvent((event) => event.type === 'controller-elected' && event.controllerId === 2)
  })

  it('is not lost with the reply to the multi that won it', async () => {
    cluster = new FakeCluster()
    await cluster.startBroker(1)
    cluster.session(1).loseNextReply()
    await cluster.untilEvent((event) => event.type === 'controller-elected')
    await cluster.quiet()
    expect(cluster.active.controllerId).toBe(1)
  })

  it('fences a controller that does not know that it was replaced', async () => {
    await start(2)
    await cluster.active.createTopics([manual('t', [1, 2])], 1000)
    const old = cluster.controllerOf(1)
    const before = cluster.coordination.read(statePath('t', 0))?.stat.version
    // Another has raised the epoch; the watch on /controller says nothing, for the znode is as it was.
    await cluster.session(2).setData(CONTROLLER_EPOCH, '9')
    const [result] = await old.createTopics([manual('late', [1, 2])], 1000)
    expect(result?.errorCode).toBe(ErrorCode.NOT_CONTROLLER)
    expect(cluster.coordination.has(`${TOPICS}/late`)).toBe(false)
    expect(cluster.coordination.read(statePath('t', 0))?.stat.version).toBe(before)
  })
})

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

describe('a broker that dies', () => {
  it('is followed by the next in-sync replica, and leaves the ISR', async () => {
    await start(3)
    await cluster.active.createTopics([manual('t', [2, 3, 1], [1, 2, 3])], 1000)
    cluster.kill(2)
    await cluster.untilEvent((event) => event.type === 'leaders-elected')
    expect(stateOf('t', 0)).toMatchObject({ leader: 3, leader_epoch: 1, isr: [3, 1] })
    expect(stateOf('t', 1)).toMatchObject({ leader: 1, leader_epoch: 0, isr: [1, 3] })
    await cluster.quiet()
    expect(cluster.broker(3).lastLeaderAndIsr('t', 0)).toMatchObject({
      leader: 3,
      leaderEpoch: 1,
      partitionEpoch: 1,
      isr: [3, 1],
    })
    expect(cluster.broker(1).lastLeaderAndIsr('t', 1)).toMatchObject({
      leader: 1,
      leaderEpoch: 0,
      partitionEpoch: 1,
      isr: [1, 3],
    })
    expect(cluster.broker(1).lastMetadata('t', 0)).toMatchObject({ leader: 3, offlineReplicas: [2] })
  })

  it('leaves its partitions offline if nobody else is in sync, and leads them again when it is back', async () => {
    await start(2)
    await cluster.active.createTopics([manual('single', [2])], 1000)
    cluster.kill(2)
    await cluster.untilEvent((event) => event.type === 'partition-offline')
    expect(stateOf('single', 0)).toMatchObject({ leader: -1, leader_epoch: 1, isr: [2] })
    const broker = await cluster.startBroker(2)
    await broker.until(({ api }) => api === 'LeaderAndIsr')
    expect(stateOf('single', 0)).toMatchObject({ leader: 2, leader_epoch: 2, isr: [2] })
  })

  it('is not followed by a replica that is out of sync, unless the topic allows it', async () => {
    await start(3)
    await cluster.active.createTopics([manual('strict', [2, 3])], 1000)
    cluster.kill(3)
    await cluster.untilEvent((event) => event.type === 'isr-changed')
    await cluster.startBroker(3)
    cluster.kill(2)
    await cluster.untilEvent((event) => event.type === 'partition-offline')
    expect(stateOf('strict', 0)).toMatchObject({ leader: -1, isr: [2] })
    const ops = [{ name: 'unclean.leader.election.enable', kind: 'set' as const, value: 'true' }]
    await cluster.active.alterTopicConfigs([{ topic: 'strict', change: { kind: 'incremental', ops } }])
    await cluster.untilEvent((event) => event.type === 'leaders-elected' && event.changes.some(({ isUnclean }) => isUnclean))
    expect(stateOf('strict', 0)).toMatchObject({ leader: 3, isr: [3], leader_recovery_state: 1 })
  })

  it('moves the leaders of a thousand partitions with few writes and one request a broker', async () => {
    await start(3)
    const replicas = Array.from({ length: 1000 }, () => [2, 3, 1])
    await cluster.active.createTopics([manual('wide', ...replicas)], 5000)
    const multisBefore = cluster.coordination.multiCount
    const toldBefore = cluster.broker(3).told.length
    cluster.kill(2)
    const elected = await cluster.untilEvent((event) => event.type === 'leaders-elected')
    await cluster.quiet()
    expect(elected).toMatchObject({ type: 'leaders-elected', changes: { length: 1000 } })
    expect(cluster.coordination.multiCount - multisBefore).toBe(1)
    expect(
      cluster
        .broker(3)
        .told.slice(toldBefore)
        .map(({ api }) => api),
    ).toEqual(['LeaderAndIsr', 'UpdateMetadata'])
  })

  it('has lost its leaderships if it restarts before anybody has missed it', async () => {
    await start(2)
    await cluster.active.createTopics([manual('t', [2, 1])], 1000)
    // The controller sees the removal and the new registration at once.
    cluster.session(1).disconnect()
    cluster.kill(2)
    const broker = await cluster.startBroker(2)
    cluster.session(1).reconnect()
    await broker.until((told) => told.api === 'LeaderAndIsr')
    expect(stateOf('t', 0)).toMatchObject({ leader: 1, leader_epoch: 1, isr: [1] })
    expect(cluster.events).toContainEqual(expect.objectContaining({ type: 'broker-joined', brokerId: 2, isRestart: true }))
  })

  it('hears of everything when it returns: who lives, its replicas, the metadata', async () => {
    await start(3)
    await cluster.active.createTopics([manual('t', [1, 2], [3, 1])], 1000)
    cluster.kill(2)
    await cluster.untilEvent((event) => event.type === 'broker-left')
    const broker = await cluster.startBroker(2)
    await broker.until((told) => told.api === 'UpdateMetadata' && (told.body.topicStates ?? []).length > 0)
    expect(broker.told.map(({ api }) => api)).toEqual(['UpdateMetadata', 'LeaderAndIsr', 'UpdateMetadata'])
    expect(broker.lastLeaderAndIsr('t', 0)).toMatchObject({ leader: 1, isr: [1], isNew: false })
    expect(broker.lastLeaderAndIsr('t', 1)).toBe(undefined)
    expect(broker.lastMetadata('t', 1)).toMatchObject({ leader: 3 })
  })

  it('may be the controller: the next one finishes what it has left', async () => {
    await start(3)
    await cluster.active.createTopics([manual('t', [1, 2, 3])], 1000)
    cluster.kill(1)
    await cluster.untilEvent((event) => event.type === 'controller-elected' && event.controllerEpoch === 2)
    await cluster.quiet()
    expect(stateOf('t', 0)).toMatchObject({ leader: 2, leader_epoch: 1, isr: [2, 3], controller_epoch: 2 })
    expect(cluster.broker(3).lastLeaderAndIsr('t', 0)).toMatchObject({ leader: 2, controllerEpoch: 2 })
  })

  it('counts as offline for a partition whose log it cannot read', async () => {
    await start(2)
    cluster.broker(2).partitionErrors.set('bad/0', ErrorCode.KAFKA_STORAGE_ERROR)
    await cluster.active.createTopics([manual('bad', [2, 1])], 1000)
    await cluster.untilEvent((event) => event.type === 'leaders-elected')
    expect(stateOf('bad', 0)).toMatchObject({ leader: 1, isr: [1] })
  })
})

describe('controlled shutdown', () => {
  it('moves leaders away, takes the broker from the ISRs, and says what it leads still', async () => {
    await start(3)
    await cluster.active.createTopics([manual('t', [2, 3], [1, 2], [2, 1])], 1000)
    await cluster.active.createTopics([manual('alone', [2])], 1000)
    const response = await cluster.active.controlledShutdown(2, cluster.epoch(2))
    expect(response).toMatchObject({ errorCode: ErrorCode.NONE, remainingPartitions: [] })
    expect([0, 1, 2].map((partition) => stateOf('t', partition))).toMatchObject([
      { leader: 3, isr: [3], leader_epoch: 1 },
      { leader: 1, isr: [1], leader_epoch: 0 },
      { leader: 1, isr: [1], leader_epoch: 1 },
    ])
    expect(cluster.broker(2).lastLeaderAndIsr('t', 0)).toMatchObject({ leader: 3 })
    await cluster.broker(2).until(({ api }) => api === 'StopReplica')
    expect(stateOf('alone', 0)).toMatchObject({ leader: 2 })
  })

  it('is followed by the end of the broker, of which the metadata of all its partitions tells', async () => {
    await start(3)
    await cluster.active.createTopics([manual('t', [2, 3], [1, 3])], 1000)
    await cluster.active.controlledShutdown(2, cluster.epoch(2))
    cluster.kill(2)
    await cluster.untilEvent((event) => event.type === 'broker-left' && event.wasShuttingDown)
    await cluster.quiet()
    expect(cluster.broker(3).lastMetadata('t', 0)).toMatchObject({ leader: 3, offlineReplicas: [2] })
    expect(cluster.broker(3).told.at(-1)?.body).toMatchObject({ liveBrokers: [{ id: 1 }, { id: 3 }] })
  })

  it('says which leaders nobody can take over', async () => {
    await start(2)
    await cluster.active.createTopics([manual('t', [2, 1])], 1000)
    cluster.kill(1)
    await cluster.untilEvent((event) => event.type === 'controller-elected' && event.controllerId === 2)
    const response = await cluster.active.controlledShutdown(2, cluster.epoch(2))
    expect(response.remainingPartitions).toEqual([{ topicName: 't', partitionIndex: 0 }])
    expect(stateOf('t', 0)).toMatchObject({ leader: 2, isr: [2] })
  })

  it('refuses an older self of the broker, and one that is not there', async () => {
    await start(2)
    expect((await cluster.active.controlledShutdown(2, cluster.epoch(2) - 1)).errorCode).toBe(ErrorCode.STALE_BROKER_EPOCH)
    expect((await cluster.active.controlledShutdown(7, -1)).errorCode).toBe(ErrorCode.BROKER_NOT_AVAILABLE)
  })
})

describe('preferred leaders', () => {
  it('are taken back by request, once they are in sync', async () => {
    await start(2)
    await cluster.active.createTopics([manual('t', [2, 1])], 1000)
    cluster.kill(2)
    await cluster.untilEvent((event) => event.type === 'leaders-elected')
    await cluster.startBroker(2)
    const partitions = [{ topic: 't', partition: 0 }]
    expect(await cluster.active.electLeaders('preferred', partitions, 1000)).toMatchObject([
      { errorCode: ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE },
    ])
    await expandIsr('t', 0, [1, 2])
    expect(await cluster.active.electLeaders('preferred', partitions, 1000)).toMatchObject([{ errorCode: ErrorCode.NONE }])
    expect(stateOf('t', 0)).toMatchObject({ leader: 2, isr: [1, 2] })
    expect(await cluster.active.electLeaders('preferred', partitions, 1000)).toMatchObject([
      { errorCode: ErrorCode.ELECTION_NOT_NEEDED },
    ])
    expect(await cluster.active.electLeaders('preferred', null, 1000)).toEqual([])
  })

  it('are taken back by themselves', async () => {
    await start(2, { config: { autoLeaderRebalanceEnable: true, leaderImbalanceCheckIntervalMs: 10 } })
    await cluster.active.createTopics([manual('t', [2, 1])], 1000)
    cluster.kill(2)
    await cluster.untilEvent((event) => event.type === 'leaders-elected')
    await cluster.startBroker(2)
    await cluster.untilEvent((event) => event.type === 'broker-joined' && event.isRestart === false && event.brokerId === 2)
    await cluster.quiet()
    await expandIsr('t', 0, [1, 2])
    await cluster.untilEvent((event) => event.type === 'preferred-election' && event.trigger === 'automatic')
    expect(stateOf('t', 0)).toMatchObject({ leader: 2, leader_epoch: 2 })
  })

  it('are taken back for who writes the znode of the old tools', async () => {
    await start(2)
    await cluster.active.createTopics([manual('t', [2, 1])], 1000)
    cluster.kill(2)
    await cluster.untilEvent((event) => event.type === 'leaders-elected')
    await cluster.startBroker(2)
    await cluster.quiet()
    await expandIsr('t', 0, [1, 2])
    const asked = { version: 1, partitions: [{ topic: 't', partition: 0 }] }
    await cluster.session(1).create('/admin/preferred_replica_election', JSON.stringify(asked))
    await cluster.untilEvent((event) => event.type === 'preferred-election')
    await cluster.quiet()
    expect(cluster.coordination.has('/admin/preferred_replica_election')).toBe(false)
  })
})

describe('AlterPartition', () => {
  it('writes the new ISR with the version as condition, and tells the metadata', async () => {
    await start(3)
    await cluster.active.createTopics([manual('t', [1, 2, 3])], 1000)
    const response = await proposeIsr('t', 0, [1, 2])
    expect(response).toMatchObject({
      errorCode: 0,
      topics: [{ partitions: [{ errorCode: 0, isr: [1, 2], leaderId: 1, leaderEpoch: 0, partitionEpoch: 1 }] }],
    })
    expect(stateOf('t', 0)).toMatchObject({ isr: [1, 2], leader_epoch: 0 })
    await cluster.quiet()
    expect(cluster.broker(3).lastMetadata('t', 0)).toMatchObject({ isr: [1, 2], zkVersion: 1 })
  })

  it('refuses what was proposed before the state changed, and who is not alive', async () => {
    await start(3)
    await cluster.active.createTopics([manual('t', [1, 2, 3])], 1000)
    await proposeIsr('t', 0, [1, 2])
    expect(errorIn(await proposeIsr('t', 0, [1], { partitionEpoch: 0 }))).toBe(ErrorCode.INVALID_UPDATE_VERSION)
    expect(errorIn(await proposeIsr('t', 0, [1, 2, 3], { brokerEpochs: { 3: 1 } }))).toBe(ErrorCode.INELIGIBLE_REPLICA)
    expect((await proposeIsr('t', 0, [1], { ownEpoch: 1 })).errorCode).toBe(ErrorCode.STALE_BROKER_EPOCH)
    expect(stateOf('t', 0)).toMatchObject({ isr: [1, 2] })
  })

  it('loses against an outside writer who was faster, and takes his state over', async () => {
    await start(3)
    await cluster.active.createTopics([manual('t', [1, 2, 3])], 1000)
    await cluster.session(2).setData(statePath('t', 0), JSON.stringify({ ...stateOf('t', 0), isr: [1, 3] }))
    expect(errorIn(await proposeIsr('t', 0, [1, 2], { partitionEpoch: 0 }))).toBe(ErrorCode.INVALID_UPDATE_VERSION)
    await cluster.quiet()
    expect(cluster.broker(2).lastMetadata('t', 0)).toMatchObject({ isr: [1, 3], zkVersion: 1 })
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

describe('topic configuration', () => {
  it('changes what is named and keeps the rest, and is notified', async () => {
    await start(1)
    await cluster.active.createTopics(
      [{ ...manual('t', [1]), configs: { 'retention.ms': '1', 'cleanup.policy': 'delete' } }],
      1000,
    )
    const ops = [
      { name: 'retention.ms', kind: 'delete' as const, value: '' },
      { name: 'cleanup.policy', kind: 'append' as const, value: 'compact' },
    ]
    const [result] = await cluster.active.alterTopicConfigs([{ topic: 't', change: { kind: 'incremental', ops } }])
    expect(result?.errorCode).toBe(ErrorCode.NONE)
    expect(cluster.coordination.json('/config/topics/t')).toEqual({ version: 1, config: { 'cleanup.policy': 'delete,compact' } })
    const [last] = cluster.coordination.childrenOf('/config/changes').slice(-1)
    expect(cluster.coordination.json(`/config/changes/${last}`)).toEqual({ version: 2, entity_path: 'topics/t' })
  })
})

async function proposeIsr(
  topic: string,
  partition: number,
  isr: number[],
  overrides: { partitionEpoch?: number; ownEpoch?: number; brokerEpochs?: Record<number, number> } = {},
) {
  const { leader, leader_epoch: leaderEpoch } = stateOf(topic, partition)
  const partitionEpoch = overrides.partitionEpoch ?? cluster.coordination.read(statePath(topic, partition))?.stat.version ?? -1
  const topicId = (cluster.coordination.json(`${TOPICS}/${topic}`) as { topic_id: string }).topic_id
  const newIsrWithEpochs = isr.map((brokerId) => ({
    brokerId,
    brokerEpoch: overrides.brokerEpochs?.[brokerId] ?? cluster.epoch(brokerId),
  }))
  const proposal = {
    partitionIndex: partition,
    leaderEpoch,
    newIsr: [],
    newIsrWithEpochs,
    leaderRecoveryState: 0,
    partitionEpoch,
  }
  return cluster.active.alterPartition({
    brokerId: leader,
    brokerEpoch: overrides.ownEpoch ?? cluster.epoch(leader),
    topics: [{ topicName: '', topicId, partitions: [proposal] }],
  })
}

async function expandIsr(topic: string, partition: number, isr: number[]): Promise<void> {
  await cluster.quiet()
  expect(errorIn(await proposeIsr(topic, partition, isr))).toBe(ErrorCode.NONE)
}

function errorIn(response: Awaited<ReturnType<typeof proposeIsr>>): number | undefined {
  return response.topics[0]?.partitions[0]?.errorCode
}
