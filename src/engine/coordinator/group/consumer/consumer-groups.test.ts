import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { GroupKit } from '../../../testing/group-kit'
import { ErrorCode } from '../../../wire/errors'
import { type Assignment, each, NO_PARTITIONS } from './assignment'

let kit: GroupKit

beforeEach(() => {
  kit = new GroupKit()
  kit.haveTopic('orders', 4)
})

/** A member as a client is one: it takes what it is told, gives up at once what it is told to, and remembers its epoch. */
class Member {
  epoch = 0
  owned: Assignment = NO_PARTITIONS
  lastError = 0

  constructor(
    readonly id: string,
    private readonly subscription: readonly string[] = ['orders'],
  ) {}

  beat(): void {
    const isJoining = this.epoch === 0
    const answer = kit.consumerHeartbeat(this.id, this.epoch, {
      owned: this.owned,
      ...(isJoining ? { subscribedTopicNames: this.subscription } : {}),
    })
    this.lastError = answer.errorCode
    if (answer.errorCode !== ErrorCode.NONE) {
      this.epoch = 0
      this.owned = NO_PARTITIONS
      return
    }
    this.epoch = answer.memberEpoch
    if (answer.assignment !== null) this.owned = GroupKit.owned(answer)
  }

  get partitions(): string[] {
    return Array.from(each(this.owned), ([topicId, partition]) => `${topicId.replace(/-*A$/, '')}-${partition}`)
  }
}

function settle(...members: Member[]): void {
  for (let round = 0; round < 8; round++) for (const member of members) member.beat()
}

describe('a group of the new protocol', () => {
  it('gives its first member everything at once', () => {
    const member = new Member('a')
    member.beat()
    expect(member.partitions).toEqual(['orders-0', 'orders-1', 'orders-2', 'orders-3'])
    expect(kit.consumerGroup).toMatchObject({ state: 'Stable', epoch: 1, targetEpoch: 1, assignorName: 'uniform' })
  })

  it('takes a member for gone whose session is over, or that leaves, also where that can only be written later', () => {
    const [silent, leaving] = [new Member('silent'), new Member('leaving')]
    settle(silent, leaving)
    kit.log.appendErrorCode = ErrorCode.NOT_ENOUGH_REPLICAS
    expect(() => kit.consumerHeartbeat('leaving', -1)).toThrow(`refused with ${ErrorCode.COORDINATOR_NOT_AVAILABLE}`)
    kit.clock.advance(60_000)
    expect(kit.consumerGroup).toMatchObject({ members: [{ memberId: 'silent' }, { memberId: 'leaving' }] })
    kit.log.appendErrorCode = 0
    kit.clock.advance(1_000)
    expect(kit.consumerGroup).toMatchObject({ state: 'Empty', members: [] })
    const epoch = kit.consumerGroup?.epoch
    kit.clock.advance(60_000)
    expect(kit.consumerGroup?.epoch).toBe(epoch)
  })

  it('makes room for a second one: first it is given up, then it is taken', () => {
    const [a, b] = [new Member('a'), new Member('b')]
    a.beat()
    b.beat()
    expect(b.partitions).toEqual([])
    expect(kit.consumerGroup?.state).toBe('Reconciling')
    const told = kit.consumerHeartbeat('a', 1)
    expect(GroupKit.owned(told).get('orders---------------A')).toHaveLength(2)
    expect(told.memberEpoch).toBe(1)
    b.beat()
    expect(b.partitions).toEqual([])
    a.owned = GroupKit.owned(told)
    a.beat()
    expect(a.epoch).toBe(2)
    b.beat()
    expect([...a.partitions, ...b.partitions].sort()).toEqual(['orders-0', 'orders-1', 'orders-2', 'orders-3'])
    expect(kit.consumerGroup?.state).toBe('Stable')
  })

  it('believes nobody who says that it owns nothing before it was told to give something up', () => {
    const b = new Member('b')
    kit.consumerHeartbeat('a', 0)
    b.beat()
    // It is still about to take what it was told.
    const told = kit.consumerHeartbeat('a', 1, { owned: NO_PARTITIONS })
    expect(told).toMatchObject({ errorCode: 0, memberEpoch: 1 })
    b.beat()
    expect(b.partitions).toEqual([])
    kit.consumerHeartbeat('a', 1, { owned: GroupKit.owned(told) })
    b.beat()
    expect(b.partitions).toHaveLength(2)
  })

  it('says nothing of the assignment where it has not changed', () => {
    const told = kit.consumerHeartbeat('a', 0)
    // It may not have heard of it.
    expect(kit.consumerHeartbeat('a', 1).assignment).toEqual(told.assignment)
    expect(kit.consumerHeartbeat('a', 1, { owned: GroupKit.owned(told) }).assignment).toBeNull()
    expect(kit.consumerHeartbeat('a', 1).assignment).toBeNull()
    expect(kit.consumerHeartbeat('a', 1, { subscribedTopicNames: ['orders'], owned: NO_PARTITIONS }).assignment).not.toBeNull()
    expect(kit.consumerHeartbeat('a', 1).heartbeatIntervalMs).toBe(1_000)
  })

  it('shares what a member had that leaves, and what one had that died', () => {
    const [a, b, c] = [new Member('a'), new Member('b'), new Member('c')]
    settle(a, b, c)
    expect(kit.consumerHeartbeat('c', -1)).toMatchObject({ errorCode: 0, memberId: 'c', memberEpoch: -1 })
    settle(a, b)
    expect([a.owned.size, b.owned.size]).toEqual([1, 1])
    expect(a.partitions).toHaveLength(2)
    kit.clock.advance(44_000)
    a.beat()
    kit.clock.advance(1_000)
    settle(a)
    expect(a.partitions).toHaveLength(4)
    b.beat()
    expect(b.lastError).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  })

  it('does not wait for ever for a member that does not give up what it is told to', () => {
    const [a, b] = [new Member('a'), new Member('b')]
    a.beat()
    b.beat()
    for (let atMs = 0; atMs < 10_500; atMs += 500) {
      kit.consumerHeartbeat('a', 1)
      b.beat()
      kit.clock.advance(500)
    }
    b.beat()
    expect(b.partitions).toHaveLength(4)
    expect(kit.consumerHeartbeat('a', 1).errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  })

  it('goes on where it stood when its coordinator moves', () => {
    const [a, b] = [new Member('a'), new Member('b')]
    a.beat()
    b.beat()
    a.beat()
    const before = kit.consumerGroup
    kit.moveCoordinator()
    expect(kit.consumerGroup).toEqual(before)
    settle(a, b)
    expect([a.partitions.length, b.partitions.length]).toEqual([2, 2])
    kit.clock.advance(45_000)
    expect(kit.consumerGroup).toMatchObject({ state: 'Empty', members: [] })
  })

  it('notices topics that come, grow and go', () => {
    const a = new Member('a', ['orders', 'bills'])
    a.beat()
    kit.haveTopic('bills', 2)
    settle(a)
    expect(a.partitions).toHaveLength(6)
    kit.haveTopic('orders', 6)
    settle(a)
    expect(a.partitions).toHaveLength(8)
    kit.topics.delete('bills')
    settle(a)
    expect(a.partitions).toHaveLength(6)
  })

  it('reads what a regular expression names, the whole name of it', () => {
    kit.haveTopic('orders-eu', 1)
    kit.haveTopic('reorders', 1)
    const options = { subscribedTopicNames: [], subscribedTopicRegex: 'orders.*' }
    const answer = kit.consumerHeartbeat('a', 0, options)
    expect(answer.assignment?.topicPartitions.map(({ partitions }) => partitions.length)).toEqual([4, 1])
  })

  it('takes the assignor that most ask for', () => {
    kit.consumerHeartbeat('a', 0, { serverAssignor: 'range' })
    kit.consumerHeartbeat('b', 0, { serverAssignor: 'range' })
    kit.consumerHeartbeat('c', 0)
    expect(kit.consumerGroup?.assignorName).toBe('range')
  })
})

describe('fencing', () => {
  it('is of epochs that nobody was given, and of those that are over', () => {
    const [a, b] = [new Member('a'), new Member('b')]
    settle(a, b)
    expect(kit.consumerHeartbeat('a', a.epoch + 1).errorCode).toBe(ErrorCode.FENCED_MEMBER_EPOCH)
    const all = new Map([['orders---------------A', [0, 1, 2, 3]]])
    expect(kit.consumerHeartbeat('a', a.epoch - 1, { owned: all }).errorCode).toBe(ErrorCode.FENCED_MEMBER_EPOCH)
    expect(kit.consumerHeartbeat('nobody', 3).errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    expect(new GroupKit().consumerHeartbeat('a', 3).errorCode).toBe(ErrorCode.GROUP_ID_NOT_FOUND)
  })

  it('lets a member go on that has not received its new epoch', () => {
    const [a, b] = [new Member('a'), new Member('b')]
    settle(a, b)
    const epochBefore = b.epoch
    kit.consumerHeartbeat('a', -1)
    kit.consumerHeartbeat('b', epochBefore, { owned: b.owned })
    expect(kit.consumerHeartbeat('b', epochBefore, { owned: b.owned })).toMatchObject({ errorCode: 0 })
  })

  it('lets a member go on whose answers are lost, one after the other, and moves it no further meanwhile', () => {
    const [a, b, c] = [new Member('a'), new Member('b'), new Member('c')]
    settle(a, b)
    const epochBefore = a.epoch
    kit.consumerHeartbeat('b', -1)
    kit.consumerHeartbeat('a', epochBefore, { owned: a.owned })
    c.beat()
    for (let lost = 0; lost < 3; lost++) {
      const told = kit.consumerHeartbeat('a', epochBefore)
      expect(told).toMatchObject({ errorCode: 0, memberEpoch: epochBefore + 1 })
      expect(GroupKit.owned(told).get('orders---------------A')).toHaveLength(4)
    }
    settle(a, c)
    expect([a.partitions.length, c.partitions.length]).toEqual([2, 2])
  })

  it('lets a member begin anew under its old name, when it has heard that it must', () => {
    const [a, b] = [new Member('a'), new Member('b')]
    settle(a, b)
    const again = new Member('a')
    again.beat()
    expect(again.lastError).toBe(ErrorCode.FENCED_MEMBER_EPOCH)
    again.beat()
    expect(again.lastError).toBe(0)
    settle(again, b)
    expect([again.partitions.length, b.partitions.length]).toEqual([2, 2])
  })

  it('takes nothing from a member whose first heartbeat comes a second time, late', () => {
    const [a, b, c] = [new Member('a'), new Member('b'), new Member('c')]
    const late = () => kit.consumerHeartbeat('a', 0, { owned: NO_PARTITIONS, subscribedTopicNames: ['orders'] })
    a.beat()
    b.beat()
    kit.consumerHeartbeat('a', 1, { owned: a.owned })
    // In its first epoch, and asked to give two of them up: it has not said yet that it has.
    expect(late()).toMatchObject({ errorCode: 0, memberEpoch: 1 })
    b.beat()
    expect(b.partitions).toEqual([])
    settle(a, b, c)
    const before = a.partitions
    expect(late().errorCode).toBe(ErrorCode.FENCED_MEMBER_EPOCH)
    settle(a, b, c)
    expect(a.partitions).toEqual(before)
    // And what it says after all is nothing that it was asked for.
    expect(late().errorCode).toBe(ErrorCode.FENCED_MEMBER_EPOCH)
  })
})

describe('static members of the new protocol', () => {
  const instance = { instanceId: 'one' }

  it('keep what they have while they are away for a while, and pass it on to who comes in their place', () => {
    const b = new Member('b')
    kit.consumerHeartbeat('a', 0, instance)
    b.beat()
    kit.consumerHeartbeat('a', 1, { ...instance, owned: new Map([['orders---------------A', [0, 1]]]) })
    settle(b)
    expect(kit.consumerHeartbeat('c', 0, instance).errorCode).toBe(ErrorCode.UNRELEASED_INSTANCE_ID)
    expect(kit.consumerHeartbeat('a', -2, instance).errorCode).toBe(0)
    settle(b)
    expect(b.partitions).toHaveLength(2)
    const epoch = kit.consumerGroup!.epoch
    const answer = kit.consumerHeartbeat('c', 0, instance)
    expect(answer.errorCode).toBe(0)
    expect(GroupKit.owned(answer).get('orders---------------A')).toHaveLength(2)
    expect(kit.consumerGroup).toMatchObject({ epoch, state: 'Stable' })
    expect(kit.consumerHeartbeat('a', 2, instance).errorCode).toBe(ErrorCode.FENCED_INSTANCE_ID)
  })
})

describe('offsets of a group of the new protocol', () => {
  it('are for members of the present epoch', () => {
    const a = new Member('a')
    a.beat()
    const by = (memberId: string, generationId: number) => kit.commit({ 0: 7 }, { memberId, generationId }).errorCode
    expect(by('a', a.epoch)).toBe(0)
    expect(by('a', a.epoch - 1)).toBe(ErrorCode.STALE_MEMBER_EPOCH)
    expect(by('nobody', 1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    expect(by('', -1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    const asked = { groupId: 'group', memberId: 'a', topics: null }
    expect(kit.ask((shard) => shard.fetch({ ...asked, memberEpoch: a.epoch }, false)).topics).toHaveLength(1)
    expect(kit.ask((shard) => shard.fetch({ ...asked, memberEpoch: 9 }, false)).errorCode).toBe(ErrorCode.STALE_MEMBER_EPOCH)
    kit.consumerHeartbeat('a', -1)
    expect(by('', -1)).toBe(0)
  })

  it('stay when the group changes its protocol, which it does when it is empty', () => {
    kit.commit({ 0: 7 })
    const { ids } = kit.stable(1)
    expect(kit.consumerHeartbeat('a', 0).errorCode).toBe(ErrorCode.GROUP_ID_NOT_FOUND)
    kit.leave(...ids)
    expect(kit.consumerHeartbeat('a', 0).errorCode).toBe(0)
    expect(kit.group).toBeNull()
    expect(kit.join({ protocolType: 'connect' }).answer?.errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    kit.moveCoordinator()
    expect(kit.consumerGroup?.members).toHaveLength(1)
    kit.consumerHeartbeat('a', -1)
    expect(kit.join().answer).toMatchObject({ errorCode: 0, generationId: 1 })
    expect(kit.consumerGroup).toBeNull()
    expect(kit.committed()).toEqual({ 0: 7 })
    kit.moveCoordinator()
    expect(kit.committed()).toEqual({ 0: 7 })
  })

  it('go with the group', () => {
    const a = new Member('a')
    a.beat()
    kit.commit({ 0: 7 }, { memberId: 'a', generationId: a.epoch })
    const remove = () => kit.ask((shard, step) => shard.deleteGroup('group', step))
    expect(remove()).toBe(ErrorCode.NON_EMPTY_GROUP)
    kit.consumerHeartbeat('a', -1)
    expect(remove()).toBe(0)
    kit.moveCoordinator()
    expect(kit.consumerGroup).toBeNull()
    expect(kit.committed()).toEqual({})
  })
})

it('forgets a group that nobody is in, with its last offset', () => {
  kit = new GroupKit({ offsetsRetentionMs: 60_000, offsetsRetentionCheckIntervalMs: 1_000 })
  kit.haveTopic('orders', 4)
  const a = new Member('a')
  a.beat()
  kit.commit({ 0: 7 }, { memberId: 'a', generationId: a.epoch })
  for (let beats = 0; beats < 4; beats++) {
    kit.clock.advance(30_000)
    a.beat()
  }
  expect(kit.committed()).toEqual({ 0: 7 })
  kit.consumerHeartbeat('a', -1)
  kit.clock.advance(62_000)
  expect(kit.consumerGroup).toBeNull()
  kit.moveCoordinator()
  expect(kit.consumerGroup).toBeNull()
})

it('never lets two members own a partition, and comes to rest, whatever happens in between', () => {
  const event = fc.record({
    who: fc.nat(3),
    what: fc.constantFrom('beat', 'beat', 'beat', 'beat', 'leave', 'restart', 'lose-answer', 'move', 'grow', 'sleep'),
  })
  fc.assert(
    fc.property(fc.array(event, { minLength: 10, maxLength: 60 }), (events) => {
      kit = new GroupKit({ consumerSessionTimeoutMs: 5_000 })
      kit.haveTopic('orders', 5)
      let partitionCount = 5
      const members = ['a', 'b', 'c', 'd'].map((id) => new Member(id))
      const check = () => {
        const owners = new Map<string, string>()
        for (const { id, partitions } of members) {
          for (const partition of partitions) {
            expect(`${partition}: ${owners.get(partition) ?? id}`).toBe(`${partition}: ${id}`)
            owners.set(partition, id)
          }
        }
      }
      for (const { who, what } of events) {
        const member = members[who]!
        if (what === 'beat') member.beat()
        else if (what === 'move') kit.moveCoordinator()
        else if (what === 'grow' && partitionCount < 12) kit.haveTopic('orders', ++partitionCount)
        else if (what === 'lose-answer' && member.epoch > 0)
          kit.consumerHeartbeat(member.id, member.epoch, { owned: member.owned })
        else if (what === 'leave' || what === 'restart') {
          if (what === 'leave' && member.epoch > 0) kit.consumerHeartbeat(member.id, -1)
          member.epoch = 0
          member.owned = NO_PARTITIONS
        } else if (what === 'sleep') {
          // Whoever has not spoken for its session has given everything up, as clients do.
          kit.clock.advance(5_000)
          for (const each of members) {
            each.epoch = 0
            each.owned = NO_PARTITIONS
          }
        }
        check()
      }
      for (let round = 0; round < 20; round++) {
        for (const member of members) {
          member.beat()
          check()
        }
      }
      expect(kit.consumerGroup?.state).toBe('Stable')
      expect(members.flatMap(({ partitions }) => partitions)).toHaveLength(partitionCount)
    }),
    { numRuns: 40 },
  )
}, 60_000)
