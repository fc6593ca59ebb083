import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { ClassicClient } from '../../testing/classic-client'
import { GroupKit } from '../../testing/group-kit'
import { ErrorCode } from '../../wire/errors'
import { type Assignment, each, NO_PARTITIONS } from './consumer/assignment'

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
    { numRuns: 60 },
  )
}, 60_000)
