import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { ClassicClient } from '../../testing/classic-client'
import { GroupKit } from '../../testing/group-kit'
import { ErrorCode } from '../../wire/errors'
import { type Assignment, each, NO_PARTITIONS } from './consumer/assignment'
import { writeAssignment } from './consumer-protocol'

let kit: GroupKit

beforeEach(() => {
  kit = new GroupKit()
  kit.haveTopic('orders', 4)
})

/** A consumer of the new protocol, which gives up at once what it is told to. */
class NewClient {
  epoch = 0
  assignment: Assignment = NO_PARTITIONS
  lastError: number = ErrorCode.NONE

  constructor(
    readonly id: string,
    readonly instanceId: string | null = null,
  ) {}

  get owned(): number[] {
    return Array.from(each(this.assignment), ([, partition]) => partition)
  }

  step(): void {
    const answer = kit.consumerHeartbeat(this.id, this.epoch, { owned: this.assignment, instanceId: this.instanceId })
    this.lastError = answer.errorCode
    if (answer.errorCode !== ErrorCode.NONE) return this.crash()
    this.epoch = answer.memberEpoch
    if (answer.assignment !== null) this.assignment = GroupKit.owned(answer)
  }

  leave(): void {
    if (this.epoch !== 0) kit.consumerHeartbeat(this.id, -1, { instanceId: this.instanceId })
    this.crash()
  }

  crash(): void {
    this.epoch = 0
    this.assignment = NO_PARTITIONS
  }
}

type Client = ClassicClient | NewClient

const eager = (groupInstanceId: string | null = null) => new ClassicClient(() => kit, { isCooperative: false, groupInstanceId })
const cooperative = () => new ClassicClient(() => kit, { isCooperative: true })

function requireOneOwner(clients: readonly Client[]): void {
  const owned = clients.flatMap((client) => [...client.owned]).sort((a, b) => a - b)
  expect(owned).toEqual([...new Set(owned)])
}

/** Everybody speaks about once a second. */
function settle(clients: readonly Client[], rounds = 16): void {
  for (let round = 0; round < rounds; round++) {
    for (const client of clients) {
      client.step()
      requireOneOwner(clients)
    }
    kit.clock.advance(500)
  }
}

const allOwned = (clients: readonly Client[]) => clients.flatMap((client) => [...client.owned]).sort((a, b) => a - b)

describe.each([
  ['eager', eager],
  ['cooperative', cooperative],
])('a living classic group, %s', (_, classic) => {
  it('goes over when a member of the new protocol comes, member after member, and back', () => {
    const [a, b] = [classic(), classic()]
    settle([a, b])
    expect(kit.group).toMatchObject({ state: 'Stable', protocolType: 'consumer' })
    expect(allOwned([a, b])).toEqual([0, 1, 2, 3])
    const c = new NewClient('c')
    settle([a, b, c])
    expect(kit.group).toBeNull()
    expect(kit.consumerGroup).toMatchObject({ state: 'Stable', members: { length: 3 } })
    expect(allOwned([a, b, c])).toEqual([0, 1, 2, 3])
    expect(c.owned.length).toBeGreaterThan(0)
    a.leave()
    const d = new NewClient('d')
    settle([b, c, d])
    b.leave()
    settle([c, d])
    expect(allOwned([c, d])).toEqual([0, 1, 2, 3])
    // And back.
    const [e, f] = [classic(), classic()]
    settle([c, d, e])
    expect(allOwned([c, d, e])).toEqual([0, 1, 2, 3])
    d.leave()
    settle([c, e, f])
    const { epoch } = kit.consumerGroup!
    c.leave()
    settle([e, f])
    expect(kit.consumerGroup).toBeNull()
    expect(kit.group).toMatchObject({ state: 'Stable', members: { length: 2 } })
    expect(allOwned([e, f])).toEqual([0, 1, 2, 3])
    expect(e.generationId).toBeGreaterThan(epoch)
  })

  it('is found on the side where it was by a coordinator that takes over', () => {
    const [a, b, c] = [classic(), classic(), new NewClient('c')]
    settle([a, b])
    c.step()
    kit.moveCoordinator()
    expect(kit.consumerGroup?.members).toHaveLength(3)
    settle([a, b, c])
    expect(allOwned([a, b, c])).toEqual([0, 1, 2, 3])
    c.leave()
    kit.moveCoordinator()
    expect(kit.group).toMatchObject({ members: { length: 2 } })
    settle([a, b])
    expect(allOwned([a, b])).toEqual([0, 1, 2, 3])
  })
})

describe('a group that goes over', () => {
  const members = () => kit.consumerGroup?.members ?? []

  it('keeps what its members had, said and were in the middle of', () => {
    const [a, b] = [cooperative(), cooperative()]
    settle([a, b])
    const { generationId } = a
    kit.commit({ 0: 7 }, { memberId: a.memberId, generationId })
    const before = new Map([a, b].map(({ memberId, owned }) => [memberId, owned]))
    new NewClient('c').step()
    expect(kit.consumerGroup).toMatchObject({ epoch: generationId + 1, state: 'Reconciling' })
    for (const { memberId, current, classic, ...facts } of members().filter((member) => member.memberId !== 'c')) {
      expect(facts).toMatchObject({ subscribedTopicNames: ['orders'], rebalanceTimeoutMs: 20_000, clientId: 'client' })
      expect(classic).toMatchObject({ sessionTimeoutMs: 10_000, protocols: [{ name: 'cooperative-sticky' }] })
      expect(current.memberEpoch).toBe(generationId)
      expect(Array.from(each(current.assigned), ([, partition]) => partition)).toEqual(before.get(memberId))
    }
    expect(kit.committed()).toEqual({ 0: 7 })
    // Both may still commit what they have worked on, and are told to join again.
    expect(kit.commit({ 0: 8 }, { memberId: a.memberId, generationId }).errorCode).toBe(ErrorCode.NONE)
    expect(kit.heartbeat(a.memberId, generationId)).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
    expect(kit.sync({ memberId: b.memberId, generationId }).answer?.errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
    expect(kit.commit({ 0: 9 }, { memberId: a.memberId, generationId: 9 }).errorCode).toBe(ErrorCode.ILLEGAL_GENERATION)
  })

  it('sends those back who are joining, and takes what they have for theirs until they have joined again', () => {
    const [a, b] = [cooperative(), cooperative()]
    settle([a])
    expect(a.owned).toEqual([0, 1, 2, 3])
    // Asked for an id, and with it to join, for which the other one is waited.
    b.step()
    b.step()
    b.step()
    const c = new NewClient('c')
    c.step()
    expect(c.owned).toEqual([])
    b.step()
    expect(b.lastError).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
    settle([a, b, c])
    expect(allOwned([a, b, c])).toEqual([0, 1, 2, 3])
  })

  it('gives nobody what a cooperative member was not given again and has not given up yet', () => {
    const [a, b] = [cooperative(), cooperative()]
    settle([a])
    // The group deals out anew, without what the first one is to give up, and that one has not heard of it.
    while (kit.group?.members.length !== 2) b.step()
    while (kit.group?.state !== 'CompletingRebalance') a.step()
    b.step()
    const c = new NewClient('c')
    a.owned = [0, 1, 2, 3]
    a.step()
    expect(kit.group?.state).toBe('Stable')
    for (let round = 0; round < 4; round++) c.step()
    requireOneOwner([a, c])
    settle([a, b, c])
    expect(allOwned([a, b, c])).toEqual([0, 1, 2, 3])
  })

  it('takes over no partition that there cannot be, whatever its leader dealt out', () => {
    const { answer } = kit.join()
    const dealt = writeAssignment([{ topic: 'orders', partitions: [-1, 0, 1, 2, 3] }], 0)
    kit.sync(answer!, { [answer!.memberId]: Buffer.from(dealt).toString('latin1') })
    const c = new NewClient('c')
    c.step()
    expect(
      members()
        .flatMap(({ target }) => Array.from(each(target), ([, partition]) => partition))
        .sort(),
    ).toEqual([0, 1, 2, 3])
    kit.leave(answer!.memberId)
    settle([c])
    expect(c.owned).toEqual([0, 1, 2, 3])
  })

  it('puts those out who do not join again in time, do not sync, or are silent', () => {
    const [a, b] = [eager(), eager()]
    settle([a, b])
    const c = new NewClient('c')
    c.step()
    // One joins and never syncs; the other says that it lives, and never joins.
    expect(kit.heartbeat(a.memberId, a.generationId)).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
    a.join()
    for (let second = 0; second < 25; second++) {
      kit.clock.advance(1_000)
      kit.heartbeat(b.memberId, b.generationId)
      c.step()
    }
    expect(members().map(({ memberId }) => memberId)).toEqual(['c'])
    expect(c.owned).toEqual([0, 1, 2, 3])
  })

  it('removes classic members that leave, and raises its epoch once', () => {
    const [a, b] = [eager(), eager()]
    const c = new NewClient('c')
    settle([a, b])
    settle([a, b, c])
    const { epoch } = kit.consumerGroup!
    expect(kit.leave(a.memberId, 'c', b.memberId, b.memberId)).toEqual([0, 25, 0, 25])
    expect(kit.consumerGroup).toMatchObject({ epoch: epoch + 1, members: { length: 1 } })
    expect(kit.heartbeat('c', c.epoch)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  })

  it('does neither where the log refuses it', () => {
    const [a, c] = [eager(), new NewClient('c')]
    settle([a])
    kit.log.appendErrorCode = ErrorCode.NOT_ENOUGH_REPLICAS
    expect(() => c.step()).toThrow(`refused with ${ErrorCode.COORDINATOR_NOT_AVAILABLE}`)
    expect(kit.group).toMatchObject({ state: 'Stable', members: { length: 1 } })
    expect(kit.heartbeat(a.memberId, a.generationId)).toBe(ErrorCode.NONE)
    kit.log.appendErrorCode = 0
    settle([a, c])
    kit.log.appendErrorCode = ErrorCode.NOT_ENOUGH_REPLICAS
    expect(() => kit.consumerHeartbeat('c', -1)).toThrow('refused')
    expect(kit.consumerGroup).toMatchObject({ state: 'Stable', members: { length: 2 } })
    kit.log.appendErrorCode = 0
    settle([a, c])
    expect(allOwned([a, c])).toEqual([0, 1, 2, 3])
  })
})

describe('a group does not go over', () => {
  const refused = (message: string) => {
    expect(kit.consumerHeartbeat('c', 0)).toMatchObject({
      errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
      errorMessage: expect.stringContaining(message),
    })
    expect(kit.group).toMatchObject({ state: 'Stable', members: { length: 1 } })
  }

  it.each(['disabled', 'downgrade'] as const)('where its policy is %s', (migrationPolicy) => {
    kit.config = { ...kit.config, migrationPolicy }
    settle([eager()])
    refused('is not a consumer group')
  })

  it('where its members are no consumers, or write what only they understand', () => {
    kit.stable(1, { protocolType: 'connect' })
    refused('is not a consumer group')
    kit = new GroupKit()
    kit.stable(1)
    refused('malformed')
    kit = new GroupKit()
    const { answer } = kit.join()
    kit.sync(answer!, { [answer!.memberId]: '\0\0\0\0\0\0\0\0\0\x01x' })
    refused('custom assignor')
  })

  it('back where its policy is to upgrade only, and a classic member can join it all the same', () => {
    kit.config = { ...kit.config, migrationPolicy: 'upgrade' }
    const [a, c] = [eager(), new NewClient('c')]
    settle([c])
    settle([a, c])
    expect(allOwned([a, c])).toEqual([0, 1, 2, 3])
    c.leave()
    settle([a])
    expect(kit.consumerGroup).toMatchObject({ state: 'Stable', members: { length: 1 } })
    expect(a.owned).toEqual([0, 1, 2, 3])
    const other = kit.join({ protocols: { other: '\0\0\0\0\0\0\xff\xff\xff\xff' } })
    expect(other.answer?.errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  })
})

describe('a static member', () => {
  it('comes back with the new protocol in the place of its classic self, and the other way round', () => {
    const [a, b] = [eager('one'), eager('two')]
    settle([a, b])
    const { memberId, generationId } = a
    const one = new NewClient('c', 'one')
    settle([b, one])
    expect(kit.consumerGroup?.members).toHaveLength(2)
    expect(allOwned([b, one])).toEqual([0, 1, 2, 3])
    expect(kit.heartbeat(memberId, generationId, 'one')).toBe(ErrorCode.FENCED_INSTANCE_ID)
    // The last of the new protocol: the group goes back with it, and counts on.
    const { epoch } = kit.consumerGroup!
    const again = eager('one')
    settle([b, again])
    expect(kit.group).toMatchObject({ state: 'Stable', members: { length: 2 } })
    expect(allOwned([b, again])).toEqual([0, 1, 2, 3])
    expect(again.generationId).toBeGreaterThan(epoch)
    expect(kit.consumerHeartbeat('c', one.epoch, { instanceId: 'one' }).errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  })

  it('alone takes its group back with it', () => {
    const one = new NewClient('c', 'one')
    settle([one])
    const again = eager('one')
    settle([again])
    expect(kit.group).toMatchObject({ state: 'Stable', members: { length: 1 } })
    expect(again.owned).toEqual([0, 1, 2, 3])
    expect(again.generationId).toBeGreaterThan(one.epoch)
  })

  it('is removed by its instance id, and refused under an id that is another one by now', () => {
    const [a, c] = [eager('one'), new NewClient('c')]
    settle([a])
    settle([a, c])
    const leave = (memberId: string) =>
      kit.ask((shard, step, context) => shard.leave('group', [{ memberId, groupInstanceId: 'one' }], step, context))
    expect(kit.join({ memberId: 'another', groupInstanceId: 'one' }).answer?.errorCode).toBe(ErrorCode.FENCED_INSTANCE_ID)
    expect(leave('another')).toEqual([ErrorCode.FENCED_INSTANCE_ID])
    expect(leave('')).toEqual([ErrorCode.NONE])
    expect(kit.join({ memberId: a.memberId, groupInstanceId: 'one' }).answer?.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  })
})

it('never lets two members own a partition, and comes to rest, whoever comes and goes with whichever protocol', () => {
  const event = fc.record({
    who: fc.nat(5),
    what: fc.constantFrom('step', 'step', 'step', 'step', 'step', 'step', 'leave', 'crash', 'move', 'sleep'),
  })
  fc.assert(
    fc.property(fc.boolean(), fc.array(event, { minLength: 20, maxLength: 120 }), (isCooperative, events) => {
      kit = new GroupKit({ consumerSessionTimeoutMs: 5_000 })
      kit.haveTopic('orders', 5)
      const classic = [0, 1, 2].map(() => (isCooperative ? cooperative() : eager()))
      const modern = ['a', 'b', 'c'].map((id) => new NewClient(id))
      const clients: Client[] = [...classic, ...modern]
      for (const { who, what } of events) {
        const client = clients[who]!
        if (what === 'step') client.step()
        else if (what === 'leave') client.leave()
        else if (what === 'crash') client.crash()
        else if (what === 'move') kit.moveCoordinator()
        else {
          // Whoever has not spoken for its session has given everything up, as clients do.
          kit.clock.advance(10_000)
          for (const each of clients) each.crash()
        }
        requireOneOwner(clients)
      }
      settle(clients, 80)
      expect(allOwned(clients)).toEqual([0, 1, 2, 3, 4])
      expect(kit.consumerGroup).toMatchObject({ state: 'Stable', members: { length: 6 } })
      for (const client of modern) client.leave()
      settle(classic, 40)
      expect(allOwned(classic)).toEqual([0, 1, 2, 3, 4])
      expect(kit.group).toMatchObject({ state: 'Stable', members: { length: 3 } })
    }),
    { numRuns: 30 },
  )
}, 60_000)
