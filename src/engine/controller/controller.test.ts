import { afterEach, describe, expect, it } from 'vitest'
import { FakeCluster, type FakeClusterOptions, manualTopic as manual, type StateJson } from '../testing/controller-kit'
import { ErrorCode } from '../wire/errors'
import { configNotification } from './topic-configs'
import { CONTROLLER, CONTROLLER_EPOCH, encodeConfigs, statePath, TOPICS, topicConfigPath } from './znodes'

let cluster: FakeCluster

afterEach(() => cluster.stop())

async function start(brokerCount: number, options?: FakeClusterOptions): Promise<FakeCluster> {
  cluster = await FakeCluster.start(brokerCount, options)
  return cluster
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
    const data = encodeConfigs({ 'unclean.leader.election.enable': 'true' })
    await cluster
      .session(1)
      .multi([{ type: 'create', path: topicConfigPath('strict'), data }, configNotification('topics/strict')])
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

  it('loses against an outside writer who was faster, and tells the replicas, whose leader waits for it, what he wrote', async () => {
    await start(3)
    await cluster.active.createTopics([manual('t', [1, 2, 3])], 1000)
    await cluster.session(2).setData(statePath('t', 0), JSON.stringify({ ...stateOf('t', 0), isr: [1, 3] }))
    expect(errorIn(await proposeIsr('t', 0, [1, 2], { partitionEpoch: 0 }))).toBe(ErrorCode.INVALID_UPDATE_VERSION)
    await cluster.quiet()
    expect(cluster.broker(2).lastMetadata('t', 0)).toMatchObject({ isr: [1, 3], zkVersion: 1 })
    expect(cluster.broker(1).lastLeaderAndIsr('t', 0)).toMatchObject({ leader: 1, isr: [1, 3], partitionEpoch: 1 })
  })
})

describe('a broker that comes back as another process while there is no controller', () => {
  it('has lost its leaderships and its place in the ISRs, although the next controller never missed it', async () => {
    await start(3)
    await cluster.active.createTopics([manual('t', [2, 3]), manual('alone', [2])], 1000)
    cluster.session(3).disconnect()
    cluster.kill(1)
    cluster.kill(2)
    await cluster.startBroker(2)
    await cluster.untilEvent((event) => event.type === 'controller-elected' && event.controllerId === 2)
    expect(stateOf('t', 0)).toMatchObject({ leader: 3, leader_epoch: 1, isr: [3] })
    expect(stateOf('alone', 0)).toMatchObject({ leader: 2, leader_epoch: 1, isr: [2] })
    cluster.session(3).reconnect()
    await cluster.quiet()
  })

  it('is left alone where its states were written after it had come', async () => {
    await start(3)
    await cluster.active.createTopics([manual('t', [2, 3])], 1000)
    cluster.kill(1)
    await cluster.untilEvent((event) => event.type === 'controller-elected' && event.controllerEpoch === 2)
    await cluster.quiet()
    expect(stateOf('t', 0)).toMatchObject({ leader: 2, leader_epoch: 0, isr: [2, 3] })
  })
})

describe('a partition state that somebody has written by hand', () => {
  it.each([
    { replicas: [1, 2, 3], edited: { isr: [] } },
    { replicas: [2, 3, 1], edited: { isr: [3] } },
    { replicas: [2, 3, 1], edited: { leader: -1, isr: [] } },
  ])('with $edited ends no term of office', async ({ replicas, edited }) => {
    await start(3)
    await cluster.active.createTopics([manual('t', replicas), manual('u', [2, 3, 1])], 1000)
    await cluster.session(1).setData(statePath('t', 0), JSON.stringify({ ...stateOf('t', 0), ...edited }))
    cluster.kill(1)
    await cluster.untilEvent((event) => event.type === 'controller-elected' && event.controllerEpoch === 2)
    await cluster.quiet()
    cluster.kill([2, 3].find((id) => id !== cluster.active.controllerId)!)
    await cluster.quiet()
    expect(cluster.coordination.json(CONTROLLER_EPOCH)).toBe(2)
    expect(stateOf('u', 0)).toMatchObject({ leader: cluster.active.controllerId, isr: [cluster.active.controllerId] })
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
