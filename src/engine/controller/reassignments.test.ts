import { afterEach, describe, expect, it } from 'vitest'
import { type FakeBroker, FakeCluster, manualTopic as manual, type StateJson } from '../testing/controller-kit'
import { ErrorCode } from '../wire/errors'
import { statePath, TOPICS } from './znodes'

let cluster: FakeCluster

afterEach(() => cluster.stop())

interface TopicJson {
  readonly topic_id: string
  readonly partitions: Record<string, number[]>
  readonly adding_replicas: Record<string, number[]>
  readonly removing_replicas: Record<string, number[]>
  readonly stray_replicas?: Record<string, number[]>
}

const topicJson = (topic = 't') => cluster.coordination.json(`${TOPICS}/${topic}`) as TopicJson
const stateOf = (partition = 0) => cluster.coordination.json(statePath('t', partition)) as StateJson
const done = (replicas: readonly number[]) => ({ partitions: { 0: replicas }, adding_replicas: {}, removing_replicas: {} })

/** Brokers 1 to `brokerCount`, and topic t with one partition on `replicas`. */
async function start(brokerCount: number, ...replicas: number[]): Promise<void> {
  cluster = await FakeCluster.start(brokerCount)
  await cluster.active.createTopics([manual('t', replicas)], 1000)
  await cluster.quiet()
}

async function reassign(replicas: readonly number[] | null, mayChangeFactor = true) {
  const [result] = await cluster.active.alterPartitionReassignments(
    [{ topic: 't', partition: 0, replicas }],
    1000,
    mayChangeFactor,
  )
  await cluster.quiet()
  return result
}

async function list() {
  const { partitions } = await cluster.active.listPartitionReassignments(null)
  return partitions
}

async function expandIsr(...joining: number[]): Promise<void> {
  expect(await propose(...joining)).toBe(ErrorCode.NONE)
}

/** As the leader does whose follower has caught up. */
async function propose(...joining: number[]): Promise<number | undefined> {
  const { leader, leader_epoch: leaderEpoch, isr } = stateOf()
  const newIsrWithEpochs = [...isr, ...joining].map((brokerId) => ({ brokerId, brokerEpoch: cluster.epoch(brokerId) }))
  const partitionEpoch = cluster.coordination.read(statePath('t', 0))?.stat.version ?? -1
  const partitions = [{ partitionIndex: 0, leaderEpoch, newIsr: [], newIsrWithEpochs, leaderRecoveryState: 0, partitionEpoch }]
  const response = await cluster.active.alterPartition({
    brokerId: leader,
    brokerEpoch: cluster.epoch(leader),
    topics: [{ topicName: '', topicId: topicJson().topic_id, partitions }],
  })
  await cluster.quiet()
  return response.topics[0]?.partitions[0]?.errorCode
}

function stopsOf(broker: FakeBroker) {
  return broker.told
    .filter((told) => told.api === 'StopReplica')
    .flatMap(({ body }) => body.topicStates ?? [])
    .flatMap(({ partitionStates }) => partitionStates ?? [])
}

describe('a reassignment', () => {
  it('has old and new replicas first, told to all of them in a new leader epoch, and stops nobody', async () => {
    await start(4, 1, 2)
    expect(await reassign([3, 4])).toMatchObject({ errorCode: ErrorCode.NONE, errorMessage: null })
    expect(topicJson()).toMatchObject({
      partitions: { 0: [3, 4, 1, 2] },
      adding_replicas: { 0: [3, 4] },
      removing_replicas: { 0: [1, 2] },
    })
    expect(stateOf()).toMatchObject({ leader: 1, leader_epoch: 1, isr: [1, 2] })
    for (const id of [1, 2, 3, 4]) {
      expect(cluster.broker(id).lastLeaderAndIsr('t', 0)).toMatchObject({
        ...{ leader: 1, leaderEpoch: 1, replicas: [3, 4, 1, 2], isNew: id > 2 },
        ...{ addingReplicas: [3, 4], removingReplicas: [1, 2] },
      })
      expect(stopsOf(cluster.broker(id))).toEqual([])
    }
    expect(await list()).toEqual([
      { topic: 't', partition: 0, replicas: [3, 4, 1, 2], addingReplicas: [3, 4], removingReplicas: [1, 2] },
    ])
  })

  it('is complete when all new replicas are in sync: one of them leads, and the old ones are deleted', async () => {
    await start(4, 1, 2)
    await reassign([3, 4])
    await expandIsr(3)
    expect(await list()).toHaveLength(1)
    await expandIsr(4)
    expect(await list()).toEqual([])
    expect(topicJson()).toMatchObject(done([3, 4]))
    expect(stateOf()).toMatchObject({ leader: 3, leader_epoch: 2, isr: [3, 4] })
    for (const id of [3, 4]) {
      const told = { leader: 3, leaderEpoch: 2, replicas: [3, 4], addingReplicas: [], removingReplicas: [] }
      expect(cluster.broker(id).lastLeaderAndIsr('t', 0)).toMatchObject(told)
    }
    for (const id of [1, 2]) {
      expect(stopsOf(cluster.broker(id))).toEqual([{ partitionIndex: 0, leaderEpoch: 2, deletePartition: true }])
      expect(cluster.broker(id).lastMetadata('t', 0)).toMatchObject({ leader: 3, replicas: [3, 4], isr: [3, 4] })
    }
    expect(topicJson().stray_replicas).toBeUndefined()
    expect(cluster.events.map(({ type }) => type)).toEqual(expect.arrayContaining(['reassignment-begun', 'reassignment-ended']))
  })

  it('leaves the leader where it is if that stays', async () => {
    await start(3, 1, 2)
    await reassign([3, 1])
    await expandIsr(3)
    expect(stateOf()).toMatchObject({ leader: 1, leader_epoch: 2, isr: [1, 3] })
    expect(topicJson()).toMatchObject(done([3, 1]))
  })

  it('to fewer replicas, or to another order, is complete at once', async () => {
    await start(3, 1, 2, 3)
    await reassign([3, 1])
    expect(topicJson()).toMatchObject(done([3, 1]))
    expect(stateOf()).toMatchObject({ leader: 1, isr: [1, 3] })
    await reassign([1, 3])
    expect(topicJson()).toMatchObject(done([1, 3]))
    expect(stopsOf(cluster.broker(2))).toHaveLength(1)
    expect([...stopsOf(cluster.broker(1)), ...stopsOf(cluster.broker(3))]).toEqual([])
  })

  it('can be asked for in another way while it is on its way', async () => {
    await start(5, 1, 2)
    await reassign([3, 4])
    await reassign([4, 5])
    expect(topicJson()).toMatchObject({ partitions: { 0: [4, 5, 1, 2] }, adding_replicas: { 0: [4, 5] } })
    expect(stopsOf(cluster.broker(3))).toHaveLength(1)
    await expandIsr(4, 5)
    expect(topicJson()).toMatchObject(done([4, 5]))
    expect(topicJson().stray_replicas).toBeUndefined()
  })

  it('is cancelled: the new replicas leave the ISR, lead no more and are deleted', async () => {
    await start(4, 1, 2)
    await reassign([3, 4])
    await expandIsr(3)
    await cluster.active.electLeaders('preferred', null, 1000)
    expect(stateOf()).toMatchObject({ leader: 3 })
    expect(await reassign(null)).toMatchObject({ errorCode: ErrorCode.NONE })
    expect(topicJson()).toMatchObject(done([1, 2]))
    expect(stateOf()).toMatchObject({ leader: 1, isr: [1, 2] })
    expect([3, 4].map((id) => stopsOf(cluster.broker(id)).length)).toEqual([1, 1])
    expect(await list()).toEqual([])
  })

  it('of a partition that has never been online is done by its znode, and brings it online', async () => {
    cluster = await FakeCluster.start(3)
    const controllerId = cluster.active.controllerId ?? 0
    const [away = 0, target = 0] = [1, 2, 3].filter((id) => id !== controllerId)
    const znode = JSON.stringify({ version: 3, topic_id: 'AAAAAAAAAAAAAAAAAAAAAA', partitions: { 0: [away] } })
    cluster.kill(away)
    await cluster.untilEvent((event) => event.type === 'broker-left')
    await cluster.session(controllerId).create(`${TOPICS}/t`, znode)
    await cluster.quiet()
    await reassign([target])
    expect(stateOf()).toMatchObject({ leader: target, isr: [target] })
    expect(topicJson()).toMatchObject(done([target]))
  })
})

describe('what is asked of a reassignment', () => {
  it('is refused for itself, as Kafka does', async () => {
    await start(3, 1, 2)
    const asked = [
      { topic: 't', partition: 0, replicas: null },
      { topic: 't', partition: 9, replicas: [1] },
      { topic: 'nowhere', partition: 0, replicas: null },
    ]
    const results = await cluster.active.alterPartitionReassignments(asked, 1000)
    expect(new Map(results.map(({ topic, partition, errorCode }) => [`${topic}-${partition}`, errorCode]))).toEqual(
      new Map([
        ['t-0', ErrorCode.NO_REASSIGNMENT_IN_PROGRESS],
        ['t-9', ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
        ['nowhere-0', ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
      ]),
    )
    expect(await reassign([])).toMatchObject({ errorCode: ErrorCode.INVALID_REPLICA_ASSIGNMENT })
    expect(await reassign([1, 7])).toMatchObject({
      errorCode: ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      errorMessage: 'Replica assignment has brokers that are not alive. Replica list: 7, live broker list: 1, 2, 3',
    })
    expect(await reassign([1], false)).toMatchObject({
      errorCode: ErrorCode.INVALID_REPLICATION_FACTOR,
      errorMessage: 'The replication factor is changed from 2 to 1',
    })
    expect(await reassign([3, 1], false)).toMatchObject({ errorCode: ErrorCode.NONE })
    expect(topicJson()).toMatchObject({ partitions: { 0: [3, 1, 2] } })
  })

  it('is refused on a broker that is not the controller', async () => {
    await start(2, 1)
    const other = cluster.controllerOf(2)
    const [result] = await other.alterPartitionReassignments([{ topic: 't', partition: 0, replicas: [2] }], 1000)
    expect(result?.errorCode).toBe(ErrorCode.NOT_CONTROLLER)
    expect((await other.listPartitionReassignments(null)).errorCode).toBe(ErrorCode.NOT_CONTROLLER)
  })

  it('is refused where it would give up everybody in sync', async () => {
    await start(4, 2)
    await reassign([3, 4])
    // 3 alone is in sync: as after the loss of 2.
    const edited = { ...stateOf(), leader: 3, leader_epoch: stateOf().leader_epoch + 1, isr: [3] }
    await cluster.session(1).setData(statePath('t', 0), JSON.stringify(edited))
    cluster.kill(2)
    await cluster.untilEvent((event) => event.type === 'broker-left')
    await cluster.quiet()
    expect(await reassign(null)).toMatchObject({ errorCode: ErrorCode.INVALID_REPLICA_ASSIGNMENT })
    expect(stopsOf(cluster.broker(3))).toEqual([])
    expect(await list()).toMatchObject([{ replicas: [3, 4, 2] }])
  })

  it('keeps more partitions from being added until it is complete', async () => {
    await start(2, 1)
    await reassign([2])
    const more = { topic: 't', totalCount: 2 }
    const [refused] = await cluster.active.createPartitions([more], 1000)
    expect(refused?.errorCode).toBe(ErrorCode.REASSIGNMENT_IN_PROGRESS)
    await expandIsr(2)
    const [added] = await cluster.active.createPartitions([more], 1000)
    expect(added?.errorCode).toBe(ErrorCode.NONE)
  })

  it('is written over a znode that an outside writer has changed meanwhile', async () => {
    await start(2, 1)
    const { topic_id } = topicJson()
    // The controller learns of it by its watch, and that is too late for the write that follows at once.
    const outside = cluster
      .session(2)
      .setData(`${TOPICS}/t`, JSON.stringify({ version: 3, topic_id, partitions: { 0: [1], 1: [2] } }))
    await Promise.all([outside, reassign([2])])
    expect(topicJson()).toMatchObject({ partitions: { 0: [2, 1], 1: [2] }, adding_replicas: { 0: [2] } })
  })

  it('is refused where its topic would not fit into a znode any more, and taken for fewer partitions', async () => {
    await start(3, 1)
    // On brokers that there are not, so that none of them ever comes online.
    const far = [2_000_000_001, 2_000_000_002, 2_000_000_003]
    const partitions = Object.fromEntries(Array.from({ length: 11_000 }, (_, partition) => [partition, far]))
    await cluster.session(2).create(`${TOPICS}/wide`, JSON.stringify({ version: 3, topic_id: 'w'.repeat(22), partitions }))
    await cluster.quiet()
    const ask = (count: number) =>
      cluster.active.alterPartitionReassignments(
        Array.from({ length: count }, (_, partition) => ({ topic: 'wide', partition, replicas: [1, 2, 3] })),
        60_000,
      )
    const all = await ask(11_000)
    expect(new Set(all.map(({ errorCode }) => errorCode))).toEqual(new Set([ErrorCode.POLICY_VIOLATION]))
    expect(topicJson('wide').adding_replicas).toBeUndefined()
    expect(await ask(1)).toMatchObject([{ errorCode: ErrorCode.NONE }])
  })
})

describe('replicas that were removed', () => {
  it('are deleted when their broker comes back', async () => {
    await start(4, 2, 3)
    cluster.kill(3)
    await cluster.untilEvent((event) => event.type === 'broker-left')
    await reassign([2, 4])
    await expandIsr(4)
    expect(topicJson()).toMatchObject({ ...done([2, 4]), stray_replicas: { 0: [3] } })
    const back = await cluster.startBroker(3)
    await back.until(({ api }) => api === 'StopReplica')
    await cluster.quiet()
    expect(stopsOf(back)).toMatchObject([{ partitionIndex: 0, deletePartition: true }])
    expect(topicJson().stray_replicas).toBeUndefined()
  })

  it('stay noted where their broker could not delete them', async () => {
    await start(3, 2, 3)
    cluster.broker(3).partitionErrors.set('t/0', ErrorCode.KAFKA_STORAGE_ERROR)
    await reassign([2])
    expect(topicJson()).toMatchObject({ ...done([2]), stray_replicas: { 0: [3] } })
  })

  it('are no strays once they are wanted again', async () => {
    await start(3, 2, 3)
    cluster.broker(3).partitionErrors.set('t/0', ErrorCode.KAFKA_STORAGE_ERROR)
    await reassign([2])
    await reassign([2, 3])
    expect(topicJson()).toMatchObject({ partitions: { 0: [2, 3] }, adding_replicas: { 0: [3] } })
    expect(topicJson().stray_replicas).toBeUndefined()
  })

  it('do not keep the deletion of their topic waiting for a broker that is down, perhaps for good', async () => {
    await start(4, 2, 3)
    cluster.kill(3)
    await cluster.untilEvent((event) => event.type === 'broker-left')
    await reassign([2])
    await cluster.active.deleteTopics(['t'], 1000)
    await cluster.quiet()
    expect(cluster.coordination.has(`${TOPICS}/t`)).toBe(false)
    const [again] = await cluster.active.createTopics([manual('t', [2])], 1000)
    expect(again?.errorCode).toBe(ErrorCode.NONE)
  })

  it('are deleted with their topic where their broker is up, and waited for', async () => {
    await start(4, 2, 3)
    const broker = cluster.broker(3)
    broker.partitionErrors.set('t/0', ErrorCode.KAFKA_STORAGE_ERROR)
    await reassign([2])
    const before = stopsOf(broker).length
    await cluster.active.deleteTopics(['t'], 1000)
    await cluster.quiet()
    expect(stopsOf(broker).slice(before)).toMatchObject([{ deletePartition: true }])
    expect(cluster.coordination.has(`${TOPICS}/t`)).toBe(false)
  })
})

describe('a topic that is deleted on its way', () => {
  it('goes from all brokers, old and new', async () => {
    await start(3, 1, 2)
    await reassign([3])
    await cluster.active.deleteTopics(['t'], 1000)
    expect([1, 2, 3].map((id) => stopsOf(cluster.broker(id)).length)).toEqual([1, 1, 1])
    expect(cluster.coordination.has(`${TOPICS}/t`)).toBe(false)
    expect(await list()).toEqual([])
  })
})

describe('a reassignment whose controller dies', () => {
  /** State, assignment; the ISR that grows; state, assignment; what two brokers say of their strays. */
  it.each([1, 2, 3, 4, 5, 6])('after its write number %i is ended by the next controller', async (writes) => {
    await start(5, 2, 3)
    expect(cluster.active.controllerId).toBe(1)
    const session = cluster.session(1)
    const multi = session.multi.bind(session)
    let left = writes
    session.multi = async (ops) => {
      const result = await multi(ops)
      if (--left === 0) cluster.kill(1)
      return result
    }
    const untilSteady = async () => {
      if (left <= 0) await cluster.untilEvent((event) => event.type === 'controller-elected' && event.controllerEpoch === 2)
      await cluster.quiet()
    }
    await cluster.active.alterPartitionReassignments([{ topic: 't', partition: 0, replicas: [4, 5] }], 1000)
    await untilSteady()
    // Dead before it was written: nobody has been promised anything, and it is asked again.
    if (writes === 1) expect(topicJson()).toMatchObject(done([2, 3]))
    if (writes === 1) await reassign([4, 5])
    await propose(4, 5)
    await untilSteady()
    expect(left).toBeLessThanOrEqual(0)
    expect(topicJson()).toMatchObject(done([4, 5]))
    expect(topicJson().stray_replicas).toBeUndefined()
    expect(stateOf()).toMatchObject({ leader: 4, isr: [4, 5] })
    for (const id of [2, 3]) expect(stopsOf(cluster.broker(id)).some(({ deletePartition }) => deletePartition)).toBe(true)
  })
})

describe('a broker that dies on the way', () => {
  it('and comes back lets it be completed', async () => {
    await start(4, 2)
    await reassign([3])
    cluster.kill(3)
    await cluster.untilEvent((event) => event.type === 'broker-left')
    expect(await list()).toHaveLength(1)
    const back = await cluster.startBroker(3)
    await back.until(({ api }) => api === 'LeaderAndIsr')
    expect(back.lastLeaderAndIsr('t', 0)).toMatchObject({ leader: 2, addingReplicas: [3] })
    await cluster.quiet()
    await expandIsr(3)
    expect(topicJson()).toMatchObject(done([3]))
  })
})
