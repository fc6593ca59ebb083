import { describe, expect, it } from 'vitest'
import { GroupKit, subscription } from '../../testing/group-kit'
import { ErrorCode } from '../../wire/errors'
import { GroupMetadataValue, OffsetCommitValue, offsetRecord, readGroupRecordKey, readOffset } from './group-records'
import { subscribedTopics } from './subscription'

const DAY_MS = 24 * 60 * 60 * 1000

describe('committing offsets', () => {
  it('keeps offset, epoch and metadata, over a move as well', () => {
    const kit = new GroupKit()
    const partitions = [{ partition: 3, offset: 2n ** 60n, leaderEpoch: 7, metadata: 'größe' }]
    expect(kit.commit({}, { topics: [{ topic: 'orders', partitions }] }).topics[0]!.partitions).toEqual([
      { partition: 3, errorCode: 0 },
    ])
    kit.moveCoordinator()
    const asked = { groupId: 'group', memberId: null, memberEpoch: -1, topics: [{ topic: 'orders', partitions: [3, 4] }] }
    expect(kit.ask((shard) => shard.fetch(asked, false)).topics[0]!.partitions).toEqual([
      { partition: 3, offset: 2n ** 60n, leaderEpoch: 7, metadata: 'größe', errorCode: 0 },
      { partition: 4, offset: -1n, leaderEpoch: -1, metadata: '', errorCode: 0 },
    ])
  })

  it('is for members of the present generation, where there are members', () => {
    const kit = new GroupKit()
    const { ids, generationId } = kit.stable(1)
    const by = (memberId: string, generation: number) => kit.commit({ 0: 1 }, { memberId, generationId: generation }).errorCode
    expect(by(ids[0]!, generationId)).toBe(0)
    expect(by(ids[0]!, generationId - 1)).toBe(ErrorCode.ILLEGAL_GENERATION)
    expect(by('nobody', generationId)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    expect(by('', -1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    expect(kit.commit({ 0: 1 }, { memberId: ids[0]!, generationId, groupInstanceId: 'other' }).errorCode).toBe(
      ErrorCode.UNKNOWN_MEMBER_ID,
    )
    kit.join()
    expect(by(ids[0]!, generationId)).toBe(0)
    kit.join({ memberId: ids[0]! })
    expect(by(ids[0]!, generationId + 1)).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
  })

  it('lets those commit who are in no group, where nobody is; a generation that nobody has given is refused', () => {
    const kit = new GroupKit()
    expect(kit.commit({ 0: 5 }, { generationId: 3, memberId: 'late' }).errorCode).toBe(ErrorCode.ILLEGAL_GENERATION)
    expect(kit.commit({ 0: 5 }).errorCode).toBe(0)
    expect(kit.group).toMatchObject({ state: 'Empty', protocolType: '' })
    const { ids } = kit.stable(1)
    kit.leave(...ids)
    expect(kit.commit({ 0: 6 }).errorCode).toBe(0)
    // A client of the new protocol has an id for itself before it joins, and tells it also where its partitions are assigned by hand.
    expect(kit.commit({ 0: 7 }, { memberId: 'of no group' }).errorCode).toBe(0)
    expect(kit.committed()).toEqual({ 0: 7 })
  })

  it('keeps a member alive', () => {
    const kit = new GroupKit()
    const { ids, generationId } = kit.stable(1)
    for (let offset = 1; offset < 4; offset++) {
      kit.clock.advance(9_000)
      expect(kit.commit({ 0: offset }, { memberId: ids[0]!, generationId }).errorCode).toBe(0)
    }
  })

  it('refuses metadata that is too long, and keeps what came beside it', () => {
    const kit = new GroupKit({ offsetMetadataMaxBytes: 4 })
    const of = (partition: number, metadata: string) => ({ partition, offset: 1n, leaderEpoch: -1, metadata })
    const { topics } = kit.commit(
      {},
      { topics: [{ topic: 'orders', partitions: [of(0, 'abcd'), of(1, 'abcde'), of(2, 'äöü')] }] },
    )
    expect(topics[0]!.partitions.map(({ errorCode }) => errorCode)).toEqual([
      0,
      ErrorCode.OFFSET_METADATA_TOO_LARGE,
      ErrorCode.OFFSET_METADATA_TOO_LARGE,
    ])
    expect(kit.committed()).toEqual({ 0: 1 })
  })
})

describe('offsets of a transaction', () => {
  it('count when it commits, and make readers who ask for stability wait', () => {
    const kit = new GroupKit()
    kit.commit({ 0: 1 })
    kit.commit({ 0: 2, 1: 2 }, { producerId: 7n })
    expect(kit.committed()).toEqual({ 0: 1 })
    expect(kit.committed(true, [0, 1, 2])).toEqual({ 0: 'error 88', 1: 'error 88', 2: -1 })
    void kit.runtime.endTransaction(0, { producerId: 7n, producerEpoch: 0, coordinatorEpoch: 1, result: 'commit' })
    expect(kit.committed(true)).toEqual({ 0: 2, 1: 2 })
  })

  it('are found pending by the next coordinator, and dropped when it aborts', () => {
    const kit = new GroupKit()
    kit.commit({ 0: 1 })
    kit.commit({ 0: 2 }, { producerId: 7n })
    kit.commit({ 0: 3 }, { producerId: 8n })
    kit.moveCoordinator()
    expect(kit.committed(true, [0])).toEqual({ 0: 'error 88' })
    void kit.runtime.endTransaction(0, { producerId: 7n, producerEpoch: 0, coordinatorEpoch: 1, result: 'abort' })
    expect(kit.committed(true, [0])).toEqual({ 0: 'error 88' })
    void kit.runtime.endTransaction(0, { producerId: 8n, producerEpoch: 0, coordinatorEpoch: 1, result: 'commit' })
    kit.moveCoordinator()
    expect(kit.committed(true, [0])).toEqual({ 0: 3 })
  })

  it('do not undo what was committed after them', () => {
    const kit = new GroupKit()
    kit.commit({ 0: 2 }, { producerId: 7n })
    kit.commit({ 0: 9 })
    void kit.runtime.endTransaction(0, { producerId: 7n, producerEpoch: 0, coordinatorEpoch: 1, result: 'commit' })
    expect(kit.committed()).toEqual({ 0: 9 })
    kit.moveCoordinator()
    expect(kit.committed()).toEqual({ 0: 9 })
  })

  it('may be committed without a member id into a group that reads, as clients of old do', () => {
    const kit = new GroupKit()
    const { ids, generationId } = kit.stable(1)
    expect(kit.commit({ 0: 1 }, { producerId: 7n }).errorCode).toBe(0)
    expect(kit.commit({ 0: 1 }, { producerId: 7n, memberId: ids[0]!, generationId: generationId + 1 }).errorCode).toBe(
      ErrorCode.ILLEGAL_GENERATION,
    )
  })
})

describe('deleting', () => {
  it('forgets a group without members, with all of its offsets, for good', () => {
    const kit = new GroupKit()
    const { ids } = kit.stable(1)
    const remove = () => kit.ask((shard, step) => shard.deleteGroup('group', step))
    expect(remove()).toBe(ErrorCode.NON_EMPTY_GROUP)
    kit.leave(...ids)
    kit.commit({ 0: 1, 1: 2 })
    kit.commit({ 2: 3 }, { producerId: 7n })
    expect(remove()).toBe(0)
    expect(kit.group).toBeNull()
    kit.moveCoordinator()
    void kit.runtime.endTransaction(0, { producerId: 7n, producerEpoch: 0, coordinatorEpoch: 1, result: 'commit' })
    expect(kit.committed()).toEqual({})
    expect(remove()).toBe(ErrorCode.GROUP_ID_NOT_FOUND)
  })

  it('finds a group that was about to change its protocol when its coordinator moved', () => {
    const kit = new GroupKit()
    kit.haveTopic('orders', 1)
    kit.consumerHeartbeat('a', 0)
    kit.commit({ 0: 5 }, { memberId: 'a', generationId: 1 })
    kit.consumerHeartbeat('a', -1)
    expect(kit.join({ requiresKnownMemberId: true }).answer?.errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED)
    kit.moveCoordinator()
    expect(kit.group).toMatchObject({ state: 'Empty' })
    expect(kit.committed()).toEqual({ 0: 5 })
    expect(kit.ask((shard, step) => shard.deleteGroup('group', step))).toBe(0)
    expect([kit.committed(), kit.group]).toEqual([{}, null])
  })

  it('forgets single offsets, but for topics that the members read', () => {
    const kit = new GroupKit()
    const { ids, generationId } = kit.stable(1, { protocols: { range: subscription('orders') } })
    const partitions = [{ partition: 0, offset: 1n, leaderEpoch: -1, metadata: null }]
    const topics = ['orders', 'bills'].map((topic) => ({ topic, partitions }))
    kit.commit({}, { topics, memberId: ids[0]!, generationId })
    const asked = ['orders', 'bills'].map((topic) => ({ topic, partitions: [0] }))
    const remove = () => kit.ask((shard, step) => shard.deleteOffsets('group', asked, step))
    expect(remove().topics.map((topic) => topic.partitions[0]!.errorCode)).toEqual([ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC, 0])
    expect(kit.committed()).toEqual({ 0: 1 })
    kit.leave(...ids)
    expect(remove().topics[0]!.partitions[0]!.errorCode).toBe(0)
    kit.moveCoordinator()
    expect(kit.committed()).toEqual({})
  })

  it('is not for members of other kinds, nor for groups that there are not', () => {
    const kit = new GroupKit()
    const remove = () => kit.ask((shard, step) => shard.deleteOffsets('group', [], step)).errorCode
    expect(remove()).toBe(ErrorCode.GROUP_ID_NOT_FOUND)
    kit.stable(1, { protocolType: 'connect' })
    expect(remove()).toBe(ErrorCode.NON_EMPTY_GROUP)
  })

  it('forgets what was committed of a topic that is no more', () => {
    const kit = new GroupKit()
    kit.commit({ 0: 1 })
    kit.ask((shard, step) => shard.forgetTopics(new Set(['orders']), step))
    kit.moveCoordinator()
    expect(kit.committed()).toEqual({})
  })
})

describe('expiry', () => {
  it('counts from the last commit where nobody ever joined, and forgets the group with its last offset', () => {
    const kit = new GroupKit()
    kit.commit({ 0: 1 })
    kit.clock.advance(6 * DAY_MS)
    kit.commit({ 1: 1 })
    kit.clock.advance(DAY_MS + 600_000)
    expect(kit.committed()).toEqual({ 1: 1 })
    kit.clock.advance(6 * DAY_MS + 1_200_000)
    expect(kit.group).toBeNull()
  })

  it('counts from when the last member left where members were, and never while they read', () => {
    const kit = new GroupKit({ offsetsRetentionMs: 60_000, offsetsRetentionCheckIntervalMs: 1_000 })
    const { ids, generationId } = kit.stable(1, { sessionTimeoutMs: 1_800_000 })
    kit.commit({ 0: 1 }, { memberId: ids[0]!, generationId })
    kit.clock.advance(600_000)
    expect(kit.committed()).toEqual({ 0: 1 })
    kit.leave(...ids)
    kit.moveCoordinator()
    kit.clock.advance(59_000)
    expect(kit.committed()).toEqual({ 0: 1 })
    kit.clock.advance(2_000)
    expect(kit.committed()).toEqual({})
    kit.moveCoordinator()
    expect(kit.group).toBeNull()
  })

  it('forgets of a group that reads what it does not read any more', () => {
    const kit = new GroupKit({ offsetsRetentionMs: 60_000, offsetsRetentionCheckIntervalMs: 1_000 })
    const { ids, generationId } = kit.stable(1, { protocols: { range: subscription('bills') }, sessionTimeoutMs: 1_800_000 })
    kit.commit({ 0: 1 }, { memberId: ids[0]!, generationId })
    kit.clock.advance(61_000)
    expect(kit.committed()).toEqual({})
  })

  it('goes by the retention time of the client where it gives one', () => {
    const kit = new GroupKit({ offsetsRetentionCheckIntervalMs: 1_000 })
    kit.commit({ 0: 1 }, { retentionTimeMs: 5_000n })
    kit.clock.advance(4_000)
    expect(kit.committed()).toEqual({ 0: 1 })
    kit.clock.advance(2_000)
    expect(kit.committed()).toEqual({})
  })

  it('keeps for ever what is to be kept for as long as a number can say', () => {
    const kit = new GroupKit({ offsetsRetentionCheckIntervalMs: 1_000 })
    kit.commit({ 0: 1 }, { retentionTimeMs: (1n << 63n) - 1n })
    kit.clock.advance(30_000)
    kit.moveCoordinator()
    expect(kit.committed()).toEqual({ 0: 1 })
  })

  it('takes many in more than one batch', () => {
    const kit = new GroupKit({ offsetsRetentionMs: 1_000, offsetsRetentionCheckIntervalMs: 10_000 })
    for (let from = 0; from < 1_200; from += 400) {
      kit.commit(Object.fromEntries(Array.from({ length: 400 }, (_, index) => [from + index, 1])))
    }
    kit.clock.advance(10_010)
    expect(kit.committed()).toEqual({})
    kit.clock.advance(10_000)
    expect(kit.group).toBeNull()
  })
})

describe('records of offsets', () => {
  const value = { offset: 5n, leaderEpoch: 3, metadata: 'm', commitTimestampMs: 99, expireTimestampMs: null }

  it('are laid out as Kafka 3.9 writes them', () => {
    const record = offsetRecord('g', 't', 2, value)
    expect(Buffer.from(record.key).toString('hex')).toBe('0001' + '000167' + '000174' + '00000002')
    expect(Buffer.from(record.value!).toString('hex')).toBe(
      '0003' + '0000000000000005' + '00000003' + '00016d' + '0000000000000063',
    )
    expect(readGroupRecordKey(record.key)).toMatchObject({ kind: 'offset', group: 'g', topic: 't', partition: 2 })
  })

  it('are read in all versions that there have been', () => {
    for (let version = 0; version <= 4; version++) {
      const bytes = OffsetCommitValue.encode(
        { offset: 5n, leaderEpoch: 3, metadata: 'm', commitTimestamp: 99, expireTimestamp: 7n },
        version,
      )
      expect(readOffset(bytes)).toEqual({
        ...value,
        leaderEpoch: version >= 3 ? 3 : -1,
        expireTimestampMs: version === 1 ? 7n : null,
      })
    }
    const group = { protocolType: 'consumer', generation: 4, protocol: null, leader: null, currentStateTimestamp: 9, members: [] }
    for (let version = 0; version <= 4; version++) {
      expect(GroupMetadataValue.decode(GroupMetadataValue.encode(group, version))).toMatchObject({
        ...group,
        currentStateTimestamp: version >= 2 ? 9 : -1,
      })
    }
  })

  it('passes over kinds of later versions of Kafka', () => {
    expect(readGroupRecordKey(Buffer.from([0, 17, 1, 2, 3]))).toBeNull()
  })
})

describe('what a member subscribes to', () => {
  it('is read from its metadata, or not at all', () => {
    expect(subscribedTopics(Buffer.from(subscription('a', 'bc'), 'latin1'))).toEqual(['a', 'bc'])
    expect(subscribedTopics(Buffer.from(subscription('a', 'bc'), 'latin1').subarray(0, 9))).toBeNull()
    expect(subscribedTopics(Buffer.alloc(0))).toBeNull()
    expect(subscribedTopics(Buffer.from('ffff00000000', 'hex'))).toBeNull()
  })
})
