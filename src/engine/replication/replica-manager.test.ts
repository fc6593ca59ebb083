import { describe, expect, it } from 'vitest'
import { DiskError } from '../platform'
import { ClusterKit, type PartitionSpec, TOPIC, TOPIC_ID } from '../testing/golden/manager-kit'
import { batchOf } from '../testing/storage-kit'
import { ErrorCode } from '../wire/errors'
import { StopReplica } from '../wire/messages'
import type { Encodable, RequestOf } from '../wire/schema'

const CONSUMER = {
  replicaId: -1,
  currentLeaderEpoch: -1,
  lastFetchedEpoch: -1,
  maxBytes: 1_000_000,
  minOneMessage: true,
  isolation: 'read_uncommitted',
  nowMs: 0,
} as const

const stopOf = (partition: number, leaderEpoch: number, deletePartition: boolean, controllerEpoch = 1) => {
  const body: Encodable<RequestOf<typeof StopReplica>> = {
    controllerId: 9,
    controllerEpoch,
    topicStates: [{ topicName: TOPIC, partitionStates: [{ partitionIndex: partition, leaderEpoch, deletePartition }] }],
  }
  return StopReplica.request.complete(body, 4)
}

describe('ReplicaManager', () => {
  it('commits what all in-sync replicas have fetched, byte for byte', async () => {
    const cluster = new ClusterKit([1, 2, 3])
    cluster.announce([{ partition: 0, leader: 1 }])
    await cluster.settle()
    const leader = cluster.broker(1)
    const outcome = leader.append(0, batchOf(['a', 'b', 'c']))
    expect(outcome).toMatchObject({ errorCode: ErrorCode.NONE, requiredOffset: 3, leaderEpoch: 1 })
    expect(leader.replicas.checkProduce(TOPIC, 0, 3, 1)).toBe('pending')
    await cluster.settle()
    expect(leader.replicas.checkProduce(TOPIC, 0, 3, 1)).toBe(ErrorCode.NONE)
    const bytes = cluster.ids.map((id) => {
      const slice = cluster.broker(id).replicas.read(TOPIC, 0, { ...CONSUMER, fetchOffset: 0, allowFollower: true }).slice
      const target = new Uint8Array(slice?.sizeInBytes ?? 0)
      slice?.readInto(target)
      return Buffer.from(target).toString('hex')
    })
    expect(new Set(bytes).size).toBe(1)
    expect(bytes[0]?.length).toBeGreaterThan(122)
  })

  it('refuses acks=all, and lets nothing be read, while the ISR is below min.insync.replicas', async () => {
    const cluster = new ClusterKit([1, 2])
    cluster.minInSyncReplicas = 2
    cluster.announce([{ partition: 0, leader: 1, isr: [1] }])
    const { replicas } = cluster.broker(1)
    expect(replicas.append(TOPIC, 0, batchOf(['a']), -1).errorCode).toBe(ErrorCode.NOT_ENOUGH_REPLICAS)
    expect(replicas.append(TOPIC, 0, batchOf(['a']), 1).errorCode).toBe(ErrorCode.NONE)
    expect(replicas.read(TOPIC, 0, { ...CONSUMER, fetchOffset: 0 })).toMatchObject({
      errorCode: 0,
      highWatermark: 0,
      slice: null,
    })
    await cluster.settle()
    expect(cluster.broker(1).status(0)).toMatchObject({ isr: [1, 2], highWatermark: 1 })
  })

  it('obeys no controller that was succeeded, and nothing meant for an earlier registration', () => {
    const broker = new ClusterKit([1]).broker(1)
    expect(broker.obey([{ partition: 0, leader: 1 }], { controllerEpoch: 5 }).errorCode).toBe(ErrorCode.NONE)
    expect(broker.obey([{ partition: 0, leader: 1, leaderEpoch: 2 }], { controllerEpoch: 4 }).errorCode).toBe(
      ErrorCode.STALE_CONTROLLER_EPOCH,
    )
    expect(broker.replicas.stopReplicas(stopOf(0, 1, true, 4)).errorCode).toBe(ErrorCode.STALE_CONTROLLER_EPOCH)
    const update = { controllerId: 2, controllerEpoch: 4, brokerEpoch: -1 }
    expect(broker.replicas.admitController(update)).toBe(ErrorCode.STALE_CONTROLLER_EPOCH)
    const brokerEpoch = 9
    expect(broker.obey([{ partition: 0, leader: 1, leaderEpoch: 2 }], { controllerEpoch: 5, brokerEpoch }).errorCode).toBe(
      ErrorCode.STALE_BROKER_EPOCH,
    )
    expect(broker.status(0)?.leaderEpoch).toBe(1)
  })

  it('obeys no controller any more once another has introduced itself with metadata', () => {
    const broker = new ClusterKit([1]).broker(1)
    expect(broker.obey([{ partition: 0, leader: 1 }], { controllerEpoch: 5 }).errorCode).toBe(ErrorCode.NONE)
    expect(broker.replicas.admitController({ controllerId: 2, controllerEpoch: 6, brokerEpoch: -1 })).toBe(ErrorCode.NONE)
    expect(broker.obey([{ partition: 0, leader: 1, leaderEpoch: 2 }], { controllerEpoch: 5 }).errorCode).toBe(
      ErrorCode.STALE_CONTROLLER_EPOCH,
    )
    expect(broker.status(0)?.leaderEpoch).toBe(1)
  })

  it('obeys no second leader of an epoch, and no epoch that its log is past, which only a znode written by hand can say: it refuses and lives', () => {
    const broker = new ClusterKit([1, 2]).broker(1)
    const answerTo = (spec: PartitionSpec) => broker.obey([spec]).topics[0]?.partitionErrors[0]?.errorCode
    expect(answerTo({ partition: 0, leader: 1, leaderEpoch: 5 })).toBe(ErrorCode.NONE)
    expect(answerTo({ partition: 0, leader: 2, leaderEpoch: 5, partitionEpoch: 9 })).toBe(ErrorCode.STALE_CONTROLLER_EPOCH)
    expect(broker.append(0, batchOf(['a']), 1).errorCode).toBe(ErrorCode.NONE)
    expect(broker.status(0)).toMatchObject({ role: 'leader', leaderEpoch: 5 })
    broker.restart(false)
    expect(answerTo({ partition: 0, leader: 1, leaderEpoch: 4 })).toBe(ErrorCode.STALE_CONTROLLER_EPOCH)
    expect(broker.append(0, batchOf(['b']), 1).errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  })

  it('begins a new partition with nothing, where a log of its name has lost its topic with the power', () => {
    const broker = new ClusterKit([1]).broker(1)
    broker.obey([{ partition: 0, leader: 1, leaderEpoch: 5 }])
    broker.append(0, batchOf(['a']), 1)
    broker.disk.removeFile(`/data/${TOPIC}-0/partition.metadata`)
    broker.restart(false)
    broker.obey([{ partition: 0, leader: 1, leaderEpoch: 0, isNew: true }])
    expect(broker.append(0, batchOf(['b']), 1)).toMatchObject({ errorCode: ErrorCode.NONE, appendInfo: { firstOffset: 0 } })
  })

  it('decides each partition of a LeaderAndIsr by its own epoch, assignment and topic id', () => {
    const cluster = new ClusterKit([1, 2])
    const broker = cluster.broker(1)
    const errorsOf = (response: ReturnType<typeof broker.obey>) =>
      response.topics[0]?.partitionErrors.map((error) => error.errorCode)
    expect(errorsOf(broker.obey([{ partition: 0, leader: 1, leaderEpoch: 3 }]))).toEqual([ErrorCode.NONE])
    const mixed = broker.obey([
      { partition: 0, leader: 2, leaderEpoch: 2 },
      { partition: 1, leader: 2, replicas: [2] },
      { partition: 2, leader: 2 },
    ])
    expect(errorsOf(mixed)).toEqual([ErrorCode.STALE_CONTROLLER_EPOCH, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.NONE])
    expect([...broker.replicas.partitionStates()].map((status) => `${status.partition} ${status.role}`)).toEqual([
      '0 leader',
      '2 follower',
    ])
    const other = broker.obey([], {
      topicStates: [
        {
          topicName: TOPIC,
          topicId: 'YW5vdGhlci10b3BpYy1pZA',
          partitionStates: [
            { partitionIndex: 0, controllerEpoch: 1, leader: 1, leaderEpoch: 9, isr: [1], partitionEpoch: 9, replicas: [1] },
          ],
        },
      ],
    })
    expect(errorsOf(other)).toEqual([ErrorCode.INCONSISTENT_TOPIC_ID])
  })

  it('stops a replica only for an epoch that is not past, and deletes its log when told', () => {
    const broker = new ClusterKit([1]).broker(1)
    broker.obey([{ partition: 0, leader: 1, leaderEpoch: 5 }])
    const errorOf = (leaderEpoch: number, isDelete: boolean) =>
      broker.replicas.stopReplicas(stopOf(0, leaderEpoch, isDelete)).partitionErrors[0]?.errorCode
    expect(errorOf(4, true)).toBe(ErrorCode.FENCED_LEADER_EPOCH)
    expect(broker.status(0)?.role).toBe('leader')
    expect(errorOf(5, false)).toBe(ErrorCode.NONE)
    expect(broker.status(0)).toBeUndefined()
    expect(broker.logManager.get(TOPIC, 0)).toBeDefined()
    expect(broker.append(0, batchOf(['a'])).errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    expect(errorOf(-2, true)).toBe(ErrorCode.NONE)
    expect(broker.logManager.get(TOPIC, 0)).toBeUndefined()
    expect(broker.roles).toEqual(['0 leader', '0 none'])
  })

  it('takes a partition whose log fails offline, and goes on with the others', () => {
    const broker = new ClusterKit([1]).broker(1)
    broker.obey([
      { partition: 0, leader: 1 },
      { partition: 1, leader: 1 },
    ])
    broker.disk.fail = (operation, path) => (operation === 'write' && path.includes(`${TOPIC}-0`) ? 'io' : null)
    expect(broker.append(0, batchOf(['a'])).errorCode).toBe(ErrorCode.KAFKA_STORAGE_ERROR)
    expect(broker.append(1, batchOf(['a'])).errorCode).toBe(ErrorCode.NONE)
    broker.disk.fail = null
    expect(broker.append(0, batchOf(['a'])).errorCode).toBe(ErrorCode.KAFKA_STORAGE_ERROR)
    expect(broker.replicas.read(TOPIC, 0, { ...CONSUMER, fetchOffset: 0 }).errorCode).toBe(ErrorCode.KAFKA_STORAGE_ERROR)
    expect(broker.obey([{ partition: 0, leader: 1, leaderEpoch: 2 }]).topics[0]?.partitionErrors[0]?.errorCode).toBe(
      ErrorCode.KAFKA_STORAGE_ERROR,
    )
    expect(broker.status(0)).toMatchObject({ role: 'offline' })
    expect(broker.roles).toContain('0 offline')
    broker.replicas.onLogFailure(TOPIC, 1, new DiskError('io', '/data', 'a response could not be read'))
    expect(broker.status(1)).toMatchObject({ role: 'offline', offlineReason: 'a response could not be read' })
  })

  it('takes a partition whose log cannot be searched for a timestamp offline, instead of ending the broker', () => {
    const broker = new ClusterKit([1]).broker(1)
    broker.obey([{ partition: 0, leader: 1 }])
    broker.append(0, batchOf(['a']))
    broker.disk.fail = (operation) => (operation === 'read' ? 'io' : null)
    expect(broker.replicas.listOffset(TOPIC, 0, 0, 'read_uncommitted', -1)).toMatchObject({
      errorCode: ErrorCode.KAFKA_STORAGE_ERROR,
      offset: -1,
    })
    expect(broker.status(0)).toMatchObject({ role: 'offline' })
  })

  it('fails a produce that waits when leadership is lost, and does not take a later leadership for the same', async () => {
    const cluster = new ClusterKit([1, 2])
    cluster.unreachable.add('2>1')
    cluster.announce([{ partition: 0, leader: 1 }])
    const { replicas } = cluster.broker(1)
    cluster.broker(1).append(0, batchOf(['a']))
    cluster.broker(1).obey([{ partition: 0, leader: 2, leaderEpoch: 2 }])
    expect(replicas.checkProduce(TOPIC, 0, 1, 1)).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    cluster.broker(1).obey([{ partition: 0, leader: 1, leaderEpoch: 3, isr: [1] }])
    expect(cluster.broker(1).status(0)?.highWatermark).toBe(1)
    expect(replicas.checkProduce(TOPIC, 0, 1, 1)).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    await cluster.settle()
  })

  it('knows an idempotent producer’s batch again after its leader has died, and answers once it is committed', async () => {
    const cluster = new ClusterKit([1, 2])
    cluster.announce([{ partition: 0, leader: 1 }])
    await cluster.settle()
    const numbered = (baseSequence: number) =>
      batchOf([`${baseSequence}`, `${baseSequence + 1}`], undefined, { producerId: 9n, producerEpoch: 0, baseSequence })
    cluster.broker(1).append(0, numbered(0))
    cluster.broker(1).append(0, numbered(2))
    await cluster.settle()
    cluster.broker(1).append(0, numbered(4))
    // The answers to all three were lost with the leader, and the follower has the first two.
    cluster.unreachable.add('2>1').add('1>2')
    cluster.cut(1)
    const next = cluster.broker(2)
    next.obey([{ partition: 0, leader: 2, leaderEpoch: 2, isr: [1, 2] }])
    const retried = next.append(0, numbered(0))
    expect(retried).toMatchObject({
      errorCode: ErrorCode.NONE,
      appendInfo: { firstOffset: 0, isDuplicate: true },
      requiredOffset: 2,
    })
    expect(next.append(0, numbered(6)).errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    expect(next.append(0, numbered(2))).toMatchObject({ appendInfo: { firstOffset: 2, isDuplicate: true }, requiredOffset: 4 })
    expect(next.append(0, numbered(4)).appendInfo).toMatchObject({ firstOffset: 4, lastOffset: 5 })
    expect(next.status(0)?.logEndOffset).toBe(6)
    expect(next.append(0, numbered(4))).toMatchObject({ appendInfo: { isDuplicate: true }, requiredOffset: 6 })
    expect(next.replicas.checkProduce(TOPIC, 0, 6, 2)).toBe('pending')
    next.obey([{ partition: 0, leader: 2, leaderEpoch: 2, isr: [2], partitionEpoch: 3 }])
    cluster.dead.add(1)
    next.replicas.onBrokersChanged()
    expect(next.replicas.checkProduce(TOPIC, 0, 6, 2)).toBe(ErrorCode.NONE)
  })

  it('removes a follower that stopped fetching from the ISR, asking the controller until it answers', async () => {
    const cluster = new ClusterKit([1, 2])
    cluster.broker(1).replicas.startTickers()
    cluster.announce([{ partition: 0, leader: 1 }])
    await cluster.settle()
    cluster.unreachable.add('2>1')
    cluster.cut(2)
    cluster.broker(1).append(0, batchOf(['a']))
    cluster.onAlterPartition = () => ({ throttleTimeMs: 0, errorCode: ErrorCode.NOT_CONTROLLER, topics: [] })
    await cluster.wait(9_000)
    expect(cluster.alterRequests).toEqual([])
    await cluster.wait(7_000)
    await cluster.wait(100)
    expect(cluster.alterRequests.length).toBeGreaterThan(1)
    expect(cluster.broker(1).status(0)).toMatchObject({ isr: [1, 2], isIsrChangePending: true, highWatermark: 0 })
    cluster.onAlterPartition = null
    await cluster.wait(100)
    expect(cluster.broker(1).status(0)).toMatchObject({ isr: [1], isIsrChangePending: false, highWatermark: 1 })
    expect(cluster.broker(1).status(0)?.followers[0]).toMatchObject({ replicaId: 2, logEndOffset: 0, isInSync: false })
    cluster.broker(1).replicas.close()
  })

  it('starts with the high watermarks of the checkpoint, those that nobody has spoken of yet included', async () => {
    const cluster = new ClusterKit([1])
    const broker = cluster.broker(1)
    broker.obey([
      { partition: 0, leader: 1 },
      { partition: 1, leader: 1 },
    ])
    for (const partition of [0, 1]) broker.append(partition, batchOf(['a', 'b']))
    broker.restart(true)
    expect(broker.logManager.highWatermarkCheckpoint(TOPIC, 1)).toBe(2)
    broker.obey([{ partition: 0, leader: 1, leaderEpoch: 2 }])
    broker.append(0, batchOf(['c']))
    broker.restart(true)
    expect([0, 1].map((partition) => broker.logManager.highWatermarkCheckpoint(TOPIC, partition))).toEqual([3, 2])
    await cluster.settle()
  })

  it('answers ListOffsets by what a consumer may read, and not at all right after an election', async () => {
    const cluster = new ClusterKit([1, 2])
    cluster.announce([{ partition: 0, leader: 1 }])
    await cluster.settle()
    cluster.broker(1).append(0, batchOf(['a', 'b'], 5_000))
    await cluster.settle()
    const { replicas } = cluster.broker(1)
    expect(replicas.listOffset(TOPIC, 0, -1, 'read_uncommitted', 1)).toMatchObject({ errorCode: 0, offset: 2 })
    expect(replicas.listOffset(TOPIC, 0, -2, 'read_uncommitted', 1)).toMatchObject({ errorCode: 0, offset: 0, leaderEpoch: 1 })
    expect(replicas.listOffset(TOPIC, 0, 5_001, 'read_uncommitted', 1)).toMatchObject({ offset: 1, timestamp: 5_001 })
    expect(replicas.listOffset(TOPIC, 0, 6_000, 'read_uncommitted', 1)).toMatchObject({ errorCode: 0, offset: -1 })
    expect(replicas.listOffset(TOPIC, 0, -1, 'read_uncommitted', 0).errorCode).toBe(ErrorCode.FENCED_LEADER_EPOCH)
    expect(replicas.listOffset(TOPIC, 0, -1, 'read_uncommitted', 2).errorCode).toBe(ErrorCode.UNKNOWN_LEADER_EPOCH)
    cluster.unreachable.add('2>1').add('1>2')
    cluster.broker(1).append(0, batchOf(['c']), 1)
    cluster.broker(1).obey([{ partition: 0, leader: 1, leaderEpoch: 2 }])
    expect(replicas.listOffset(TOPIC, 0, -1, 'read_uncommitted', 2).errorCode).toBe(ErrorCode.OFFSET_NOT_AVAILABLE)
    expect(replicas.listOffset(TOPIC, 0, -1, null, 2)).toMatchObject({ errorCode: 0, offset: 3 })
  })

  it.each(['by the news itself', 'at the next fetch'])(
    'waits no longer for a caught-up replica that left the ISR once its broker is known to be dead: %s',
    async (how) => {
      const cluster = new ClusterKit([1, 2, 3])
      cluster.announce([{ partition: 0, leader: 1 }])
      await cluster.settle()
      cluster.unreachable.add('3>1')
      cluster.broker(1).append(0, batchOf(['a']))
      await cluster.settle()
      // LeaderAndIsr says that 3 is out before UpdateMetadata says that it is dead: until then it counts as caught up and eligible.
      for (const id of [1, 2]) cluster.broker(id).obey([{ partition: 0, leader: 1, isr: [1, 2], partitionEpoch: 2 }])
      await cluster.settle()
      expect(cluster.broker(1).replicas.checkProduce(TOPIC, 0, 1, 1)).toBe('pending')
      cluster.dead.add(3)
      if (how === 'at the next fetch') await cluster.wait(500)
      else cluster.broker(1).replicas.onBrokersChanged()
      expect(cluster.broker(1).replicas.checkProduce(TOPIC, 0, 1, 1)).toBe(ErrorCode.NONE)
    },
  )

  it('waits no longer than the lag time for a silent replica out of the ISR whose broker lives, though nothing is appended', async () => {
    const cluster = new ClusterKit([1, 2])
    cluster.broker(1).replicas.startTickers()
    cluster.announce([{ partition: 0, leader: 1 }])
    await cluster.settle()
    cluster.unreachable.add('2>1')
    cluster.cut(2)
    // Its log failed, say: the controller has taken it out, its broker goes on, and it was caught up a moment ago.
    cluster.broker(1).obey([{ partition: 0, leader: 1, isr: [1], partitionEpoch: 2 }])
    cluster.broker(1).append(0, batchOf(['a']))
    expect(cluster.broker(1).replicas.checkProduce(TOPIC, 0, 1, 1)).toBe('pending')
    await cluster.wait(9_000)
    expect(cluster.broker(1).replicas.checkProduce(TOPIC, 0, 1, 1)).toBe('pending')
    await cluster.wait(7_000)
    expect(cluster.broker(1).replicas.checkProduce(TOPIC, 0, 1, 1)).toBe(ErrorCode.NONE)
    cluster.broker(1).replicas.close()
  })

  it('removes the log of an earlier topic of the same name', () => {
    const broker = new ClusterKit([1]).broker(1)
    broker.obey([{ partition: 0, leader: 1 }])
    broker.append(0, batchOf(['a']))
    broker.restart(true)
    const partitionStates = [
      { partitionIndex: 0, controllerEpoch: 1, leader: 1, leaderEpoch: 0, isr: [1], partitionEpoch: 0, replicas: [1] },
    ]
    broker.obey([], { topicStates: [{ topicName: TOPIC, topicId: 'YW5vdGhlci10b3BpYy1pZA', partitionStates }] })
    expect(broker.status(0)).toMatchObject({ logEndOffset: 0, topicId: 'YW5vdGhlci10b3BpYy1pZA' })
    expect(TOPIC_ID).not.toBe(broker.status(0)?.topicId)
  })
})
