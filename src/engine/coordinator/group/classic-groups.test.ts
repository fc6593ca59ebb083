import { describe, expect, it } from 'vitest'
import { GroupKit, subscription } from '../../testing/group-kit'
import { ErrorCode } from '../../wire/errors'

const text = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : Buffer.from(bytes).toString())

describe('joining a classic group', () => {
  it('begins generation 1 with the first member, which leads', () => {
    const kit = new GroupKit()
    const { answer } = kit.join()
    expect(answer).toMatchObject({
      errorCode: 0,
      generationId: 1,
      protocolName: 'range',
      leader: 'client-1',
      memberId: 'client-1',
    })
    expect(answer!.members.map(({ memberId }) => memberId)).toEqual(['client-1'])
    expect(kit.group?.state).toBe('CompletingRebalance')
  })

  it('gives a dynamic member its id first, where the client knows how to come back with it', () => {
    const kit = new GroupKit()
    const { answer } = kit.join({ requiresKnownMemberId: true })
    expect(answer).toMatchObject({ errorCode: ErrorCode.MEMBER_ID_REQUIRED, memberId: 'client-1', generationId: -1 })
    expect(kit.group?.members).toEqual([])
    expect(kit.join({ memberId: 'client-1', requiresKnownMemberId: true }).answer).toMatchObject({
      errorCode: 0,
      generationId: 1,
    })
  })

  it('waits for those who have been given an id, no longer than their session', () => {
    const kit = new GroupKit()
    kit.join({ requiresKnownMemberId: true })
    const first = kit.join({ requiresKnownMemberId: true })
    const joined = kit.join({ memberId: first.answer!.memberId })
    expect(joined.answer).toBeNull()
    kit.clock.advance(9_999)
    expect(joined.answer).toBeNull()
    kit.clock.advance(1)
    expect(joined.answer).toMatchObject({ errorCode: 0, generationId: 1 })
  })

  it('rebalances when another joins, and tells those who are there by their heartbeats', () => {
    const kit = new GroupKit()
    const { ids } = kit.stable(1)
    const second = kit.join()
    expect(kit.heartbeat(ids[0]!, 1)).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
    expect(second.answer).toBeNull()
    const again = kit.join({ memberId: ids[0]! })
    expect(again.answer).toMatchObject({
      generationId: 2,
      leader: ids[0],
      members: [{ memberId: ids[0] }, { memberId: 'client-2' }],
    })
    expect(second.answer).toMatchObject({ generationId: 2, leader: ids[0], members: [] })
  })

  it('goes on without those who do not join again within the rebalance time-out', () => {
    const kit = new GroupKit()
    kit.stable(1, { rebalanceTimeoutMs: 5_000 })
    const second = kit.join({ rebalanceTimeoutMs: 5_000 })
    kit.clock.advance(4_999)
    expect(second.answer).toBeNull()
    kit.clock.advance(1)
    expect(second.answer).toMatchObject({ generationId: 2, leader: 'client-2' })
    expect(second.answer!.members).toHaveLength(1)
  })

  it('puts a first generation off for more members, as long as more come and there is time', () => {
    const kit = new GroupKit({ initialRebalanceDelayMs: 1_000 })
    const first = kit.join({ rebalanceTimeoutMs: 10_000 })
    kit.clock.advance(900)
    const second = kit.join({ rebalanceTimeoutMs: 10_000 })
    kit.clock.advance(100)
    expect(first.answer).toBeNull()
    kit.clock.advance(1_000)
    expect(first.answer?.members).toHaveLength(2)
    expect(second.answer?.generationId).toBe(1)
  })

  it('answers a repeated join of the same generation with that generation', () => {
    const kit = new GroupKit()
    const { ids } = kit.stable(2)
    expect(kit.join({ memberId: ids[1]! }).answer).toMatchObject({ errorCode: 0, generationId: 2, members: [] })
    expect(kit.group?.state).toBe('Stable')
    const changed = kit.join({ memberId: ids[1]!, protocols: { range: subscription('orders', 'bills') } })
    expect(changed.answer).toBeNull()
    expect(kit.group?.state).toBe('PreparingRebalance')
  })

  it('begins anew where the leader joins again', () => {
    const kit = new GroupKit()
    const { ids } = kit.stable(1)
    expect(kit.join({ memberId: ids[0]! }).answer).toMatchObject({ generationId: 2 })
  })

  it('takes the protocol that most like best among those that all have', () => {
    const kit = new GroupKit()
    const a = kit.join({ protocols: { sticky: 'a', range: 'a', mine: 'a' } }).answer!
    kit.join({ protocols: { range: 'b', sticky: 'b' } })
    kit.join({ protocols: { range: 'c', sticky: 'c', other: 'c' } })
    expect(kit.join({ memberId: a.memberId, protocols: { sticky: 'a', range: 'a' } }).answer).toMatchObject({
      protocolName: 'range',
    })
    expect(kit.join({ protocols: { mine: 'd' } }).answer?.errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    expect(kit.join({ protocolType: 'connect', protocols: { range: '' } }).answer?.errorCode).toBe(
      ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    )
  })

  it('refuses what cannot be: sessions out of range, ids that it never gave, no protocol, no room', () => {
    const kit = new GroupKit({ maxSize: 1 })
    expect(kit.join({ sessionTimeoutMs: 5_999 }).answer?.errorCode).toBe(ErrorCode.INVALID_SESSION_TIMEOUT)
    expect(kit.join({ sessionTimeoutMs: 1_800_001 }).answer?.errorCode).toBe(ErrorCode.INVALID_SESSION_TIMEOUT)
    expect(kit.join({ memberId: 'me' }).answer?.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    expect(kit.join({ protocols: {} }).answer?.errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    kit.stable(1)
    expect(kit.join().answer?.errorCode).toBe(ErrorCode.GROUP_MAX_SIZE_REACHED)
  })
})

describe('syncing', () => {
  it('gives everybody what the leader assigned, once it is committed', () => {
    const kit = new GroupKit()
    const a = kit.join().answer!
    const b = kit.join()
    const again = kit.join({ memberId: a.memberId }).answer!
    const waiting = kit.sync(b.answer!)
    expect(waiting.answer).toBeNull()
    kit.log.isCommitting = false
    const leaders = kit.sync(again, { [a.memberId]: 'left', [b.answer!.memberId]: 'right' })
    expect([leaders.answer, waiting.answer]).toEqual([null, null])
    kit.commitLog()
    expect(text(leaders.answer?.assignment)).toBe('left')
    expect(text(waiting.answer?.assignment)).toBe('right')
    expect(kit.group?.state).toBe('Stable')
  })

  it('sends everybody back to joining where the assignment cannot be written', () => {
    const kit = new GroupKit()
    const a = kit.join().answer!
    kit.log.appendErrorCode = ErrorCode.NOT_ENOUGH_REPLICAS
    expect(kit.sync(a, { [a.memberId]: 'all' }).answer?.errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    kit.log.appendErrorCode = 0
    expect(kit.group?.state).toBe('PreparingRebalance')
    expect(kit.join({ memberId: a.memberId }).answer).toMatchObject({ generationId: 2 })
  })

  it('refuses another generation, and one that is over', () => {
    const kit = new GroupKit()
    const a = kit.join().answer!
    expect(kit.sync({ ...a, generationId: 7 }).answer?.errorCode).toBe(ErrorCode.ILLEGAL_GENERATION)
    expect(kit.sync({ memberId: 'nobody', generationId: 1 }).answer?.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    kit.join()
    expect(kit.sync(a).answer?.errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
  })

  it('tells those who wait for the leader that somebody else has joined', () => {
    const kit = new GroupKit()
    const a = kit.join().answer!
    const b = kit.join()
    kit.join({ memberId: a.memberId })
    const waiting = kit.sync(b.answer!)
    kit.join()
    expect(waiting.answer?.errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
  })

  it('drops those who have joined and never sync', () => {
    const kit = new GroupKit()
    const options = { rebalanceTimeoutMs: 20_000, sessionTimeoutMs: 60_000 }
    const a = kit.join(options).answer!
    kit.join(options)
    const again = kit.join({ ...options, memberId: a.memberId }).answer!
    kit.sync(again, {})
    expect(kit.group?.members).toHaveLength(2)
    kit.clock.advance(20_000)
    expect(kit.group).toMatchObject({ state: 'PreparingRebalance', members: [{ memberId: a.memberId }] })
  })
})

describe('living and leaving', () => {
  it('takes a member that is silent for its session for dead', () => {
    const kit = new GroupKit()
    const { ids, generationId } = kit.stable(2)
    kit.clock.advance(6_000)
    expect(kit.heartbeat(ids[0]!, generationId)).toBe(0)
    kit.clock.advance(4_000)
    expect(kit.heartbeat(ids[1]!, generationId)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    expect(kit.heartbeat(ids[0]!, generationId)).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
    expect(kit.join({ memberId: ids[0]! }).answer?.members).toHaveLength(1)
  })

  it('lets members leave one by one, those that have not quite joined too', () => {
    const kit = new GroupKit()
    const { ids } = kit.stable(2)
    const pending = kit.join({ requiresKnownMemberId: true }).answer!.memberId
    expect(kit.leave(ids[1]!, 'nobody', pending)).toEqual([0, ErrorCode.UNKNOWN_MEMBER_ID, 0])
    expect(kit.group).toMatchObject({ state: 'PreparingRebalance', members: [{ memberId: ids[0] }] })
    expect(kit.leave(ids[0]!)).toEqual([0])
    expect(kit.group).toMatchObject({ state: 'Empty', members: [] })
  })

  it('is empty, and says so after a move, when the last has left', () => {
    const kit = new GroupKit()
    const { ids } = kit.stable(2)
    kit.leave(...ids)
    kit.moveCoordinator()
    expect(kit.group).toMatchObject({ state: 'Empty', protocolType: 'consumer', members: [] })
    expect(kit.join().answer).toMatchObject({ generationId: 4 })
  })

  it('refuses heartbeats of another generation', () => {
    const kit = new GroupKit()
    const { ids } = kit.stable(1)
    expect(kit.heartbeat(ids[0]!, 0)).toBe(ErrorCode.ILLEGAL_GENERATION)
    expect(kit.heartbeat('nobody', 1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  })
})

describe('static members', () => {
  const options = { groupInstanceId: 'instance', supportsSkippingAssignment: true, requiresKnownMemberId: false }

  it('come back under another id without a rebalance, and fence who goes by the old one', () => {
    const kit = new GroupKit()
    const { ids } = kit.stable(1, options)
    const back = kit.join(options).answer!
    expect(back).toMatchObject({ errorCode: 0, generationId: 1, skipAssignment: true, leader: back.memberId })
    expect(back.memberId).not.toBe(ids[0])
    expect(kit.group?.state).toBe('Stable')
    expect(kit.heartbeat(ids[0]!, 1, 'instance')).toBe(ErrorCode.FENCED_INSTANCE_ID)
    expect(kit.heartbeat(back.memberId, 1, 'instance')).toBe(0)
    expect(text(kit.sync(back, {}, 'instance').answer?.assignment)).toBe('part 0')
    kit.moveCoordinator()
    expect(kit.group?.members).toMatchObject([{ memberId: back.memberId, groupInstanceId: 'instance' }])
  })

  it('are told of the leader that they were, where they do not know of skipping', () => {
    const kit = new GroupKit()
    const { ids } = kit.stable(1, options)
    const back = kit.join({ ...options, supportsSkippingAssignment: false }).answer!
    expect(back).toMatchObject({ skipAssignment: false, leader: ids[0], members: [] })
  })

  it('rebalance where they come back with other protocols', () => {
    const kit = new GroupKit()
    kit.stable(1, { ...options, protocols: { range: 'x', sticky: 'x' } })
    expect(kit.join({ ...options, protocols: { sticky: 'x' } }).answer).toMatchObject({ generationId: 2, protocolName: 'sticky' })
  })

  it('keep their old id where the new one could not be written', () => {
    const kit = new GroupKit()
    const { ids } = kit.stable(1, options)
    kit.log.appendErrorCode = ErrorCode.NOT_ENOUGH_REPLICAS
    expect(kit.join(options).errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    expect(kit.heartbeat(ids[0]!, 1, 'instance')).toBe(0)
  })

  it('stay members while they are away for less than their session, and are removed by their instance id', () => {
    const kit = new GroupKit()
    kit.stable(1, { ...options, rebalanceTimeoutMs: 2_000, sessionTimeoutMs: 30_000 })
    const other = kit.join({ rebalanceTimeoutMs: 2_000 })
    kit.clock.advance(2_000)
    expect(other.answer?.members).toHaveLength(2)
    const left = kit.ask((shard, step, at) => shard.leave('group', [{ memberId: '', groupInstanceId: 'instance' }], step, at))
    expect(left).toEqual([0])
    expect(kit.group?.members).toHaveLength(1)
  })
})

describe('a coordinator that moves', () => {
  it('finds a stable group as it was, and counts sessions from then', () => {
    const kit = new GroupKit()
    const { ids, generationId } = kit.stable(3)
    kit.moveCoordinator()
    expect(kit.group).toMatchObject({ state: 'Stable', protocolType: 'consumer', protocolName: 'range' })
    for (const id of ids) expect(kit.heartbeat(id, generationId)).toBe(0)
    expect(kit.group?.members.map(({ assignment }) => text(assignment)).sort()).toEqual(['part 0', 'part 1', 'part 2'])
    kit.clock.advance(10_000)
    expect(kit.group?.members).toEqual([])
  })

  it('goes back to the last generation that was written where a rebalance was under way', () => {
    const kit = new GroupKit()
    const { ids, generationId } = kit.stable(1)
    const second = kit.join()
    const again = kit.join({ memberId: ids[0]! }).answer!
    kit.moveCoordinator()
    expect(kit.sync(again, {}).answer?.errorCode).toBe(ErrorCode.ILLEGAL_GENERATION)
    expect(kit.sync(second.answer!).answer?.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    expect(kit.heartbeat(ids[0]!, generationId)).toBe(0)
    const joined = kit.join()
    expect(kit.join({ memberId: ids[0]! }).answer?.generationId).toBe(generationId + 1)
    expect(joined.answer?.generationId).toBe(generationId + 1)
  })

  it('tells those who wait in a join to look for the new one', () => {
    const kit = new GroupKit()
    kit.stable(1)
    const waiting = kit.join()
    kit.moveCoordinator()
    expect(waiting.errorCode).toBe(ErrorCode.NOT_COORDINATOR)
  })
})
