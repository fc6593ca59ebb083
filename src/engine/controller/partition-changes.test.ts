import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { electForReassignment, electOffline, electPreferred } from './elections'
import {
  type Availability,
  afterAvailabilityChange,
  afterControlledShutdown,
  afterIsrChange,
  afterPreferredElection,
  afterUncleanElection,
  afterUnseenRestarts,
  initialState,
} from './partition-changes'
import { LeaderRecoveryState, NO_LEADER, type PartitionState } from './types'

const state = (leader: number, isr: number[], leaderEpoch = 5, partitionEpoch = 9): PartitionState => ({
  leader,
  leaderEpoch,
  isr,
  leaderRecoveryState: LeaderRecoveryState.RECOVERED,
  partitionEpoch,
})

const online =
  (...ids: number[]) =>
  (id: number) =>
    ids.includes(id)
const available = (...ids: number[]): Availability => ({ isOnline: online(...ids), isServing: online(...ids) })

describe('elections', () => {
  it('take the first in assignment order that is online and in sync', () => {
    expect(electOffline([3, 1, 2], [1, 2, 3], online(1, 2), false)).toEqual({ leader: 1, isUnclean: false })
    expect(electForReassignment([4, 5], [1, 5], online(4, 5))).toBe(5)
  })

  it('take nobody from outside the ISR, unless unclean election is allowed and the ISR is gone', () => {
    expect(electOffline([1, 2, 3], [1], online(2, 3), false)).toBe(null)
    expect(electOffline([1, 2, 3], [1], online(2, 3), true)).toEqual({ leader: 2, isUnclean: true })
    expect(electOffline([1, 2, 3], [3], online(2, 3), true)).toEqual({ leader: 3, isUnclean: false })
    expect(electOffline([1], [1], online(), true)).toBe(null)
  })

  it('prefer the first of the assignment only while it is online and in sync', () => {
    expect(electPreferred([1, 2], [2, 1], online(1, 2))).toBe(1)
    expect(electPreferred([1, 2], [2], online(1, 2))).toBe(null)
    expect(electPreferred([1, 2], [1, 2], online(2))).toBe(null)
  })
})

describe('a new partition', () => {
  it('is led by its first online replica, with all online ones in sync', () => {
    expect(initialState([3, 1, 2], online(1, 2))).toEqual(state(1, [1, 2], 0, 0))
  })

  it('has no state while no replica is online', () => {
    expect(initialState([3], online(1))).toBe(null)
  })
})

describe('after brokers came or went', () => {
  it('nothing changes while all of the ISR is online', () => {
    expect(afterAvailabilityChange(state(1, [1, 2]), [1, 2, 3], available(1, 2), false)).toBe(null)
  })

  it('the ISR alone shrinks while the leader is online: the leader epoch stays', () => {
    expect(afterAvailabilityChange(state(1, [1, 2, 3]), [1, 2, 3], available(1, 3), false)).toEqual(state(1, [1, 3], 5, 10))
  })

  it('the next in-sync replica leads, in the next leader epoch', () => {
    expect(afterAvailabilityChange(state(1, [1, 2, 3]), [1, 2, 3], available(2, 3), false)).toEqual(state(2, [2, 3], 6, 10))
  })

  it('the last in-sync replica stays in the ISR when it goes, and there is no leader', () => {
    const offline = afterAvailabilityChange(state(1, [1]), [1, 2], available(2), false)
    expect(offline).toEqual(state(NO_LEADER, [1], 6, 10))
    expect(afterAvailabilityChange(offline!, [1, 2], available(2), false)).toBe(null)
    expect(afterAvailabilityChange(offline!, [1, 2], available(1, 2), false)).toEqual(state(1, [1], 7, 11))
  })

  it('of in-sync replicas that go together each may lead when it is back', () => {
    const offline = afterAvailabilityChange(state(1, [1, 2]), [1, 2, 3], available(3), false)
    expect(offline).toEqual(state(NO_LEADER, [1, 2], 6, 10))
    expect(afterAvailabilityChange(offline!, [1, 2, 3], available(2, 3), false)).toEqual(state(2, [2], 7, 11))
  })

  it('a leader from outside the ISR is recovering, and alone in sync', () => {
    expect(afterAvailabilityChange(state(1, [1]), [1, 2, 3], available(2, 3), true)).toEqual({
      ...state(2, [2], 6, 10),
      leaderRecoveryState: LeaderRecoveryState.RECOVERING,
    })
  })

  it('a leader that is shutting down stays while it serves, or gives way to who is in sync', () => {
    const availability = { isOnline: online(2), isServing: online(1, 2) }
    expect(afterAvailabilityChange(state(1, [1]), [1, 2], availability, true)).toBe(null)
    expect(afterAvailabilityChange(state(1, [1, 3]), [1, 2, 3], availability, false)).toEqual(state(1, [1], 5, 10))
    expect(afterAvailabilityChange(state(1, [1, 2]), [1, 2], availability, false)).toEqual(state(2, [2], 6, 10))
  })
})

describe('a controlled shutdown', () => {
  it('moves the leader and takes the broker from the ISR', () => {
    expect(afterControlledShutdown(state(1, [1, 2]), [1, 2], 1, online(2))).toEqual(state(2, [2], 6, 10))
    expect(afterControlledShutdown(state(2, [1, 2]), [1, 2], 1, online(2))).toEqual(state(2, [2], 5, 10))
  })

  it('leaves what nobody else can lead, and the last of an ISR', () => {
    expect(afterControlledShutdown(state(1, [1]), [1, 2], 1, online(2))).toBe(null)
    expect(afterControlledShutdown(state(NO_LEADER, [1]), [1, 2], 1, online(2))).toBe(null)
    expect(afterControlledShutdown(state(2, [2]), [1, 2], 1, online(2))).toBe(null)
  })
})

describe('elections on request', () => {
  it('give a partition back to its preferred leader and keep the ISR', () => {
    expect(afterPreferredElection(state(2, [2, 1]), [1, 2], online(1, 2))).toEqual(state(1, [2, 1], 6, 10))
    expect(afterPreferredElection(state(1, [2, 1]), [1, 2], online(1, 2))).toBe(null)
  })

  it('elect uncleanly only where there is no leader', () => {
    expect(afterUncleanElection(state(1, [1]), [1, 2], online(1, 2))).toBe(null)
    expect(afterUncleanElection(state(NO_LEADER, [1]), [1, 2], online(2))?.leader).toBe(2)
    expect(afterUncleanElection(state(NO_LEADER, [1]), [1, 2], online(1, 2))).toEqual(state(1, [1], 6, 10))
  })
})

describe('brokers that came back as other processes while there was no controller', () => {
  const restarted = online

  it('lose leadership and their place in the ISR to members that stayed', () => {
    const after = afterUnseenRestarts(state(3, [3, 2, 1]), [3, 2, 1], available(1, 2, 3), restarted(3, 1))
    expect(after).toEqual(state(2, [2], 6, 10))
    expect(afterUnseenRestarts(state(3, [3, 2]), [3, 2], available(2, 3), restarted(2))).toEqual(state(3, [3], 5, 10))
  })

  it('lead on in a new epoch where nobody has stayed, so that no two histories share one', () => {
    expect(afterUnseenRestarts(state(3, [3, 2]), [1, 2, 3], available(1, 2, 3), restarted(2, 3))).toEqual(state(3, [3, 2], 6, 10))
    expect(afterUnseenRestarts(state(3, [3, 2]), [1, 2, 3], available(1, 2), restarted(2))).toEqual(state(2, [2], 6, 10))
  })

  it('change nothing where they are not in the ISR, or are not back', () => {
    expect(afterUnseenRestarts(state(3, [3]), [1, 2, 3], available(1, 2, 3), restarted(1, 2))).toBe(null)
    expect(afterUnseenRestarts(state(3, [3]), [1, 2, 3], available(1, 2), restarted(3))).toBe(null)
  })
})

/**
 * Over any history of brokers coming, going and shutting down, and of ISRs growing and shrinking:
 * the ISR is never empty and within the assignment; a leader is in it; partitionEpoch rises by one and leaderEpoch with the leader;
 * with unclean election forbidden, every leader was in the ISR before.
 */
describe('any history', () => {
  const replicas = [1, 2, 3, 4]
  const steps = fc.array(
    fc.record({
      kind: fc.constantFrom('availability' as const, 'shutdown' as const, 'preferred' as const, 'isr' as const),
      onlineIds: fc.subarray(replicas),
      brokerId: fc.constantFrom(...replicas),
      mayBeUnclean: fc.boolean(),
    }),
    { maxLength: 40 },
  )

  it('keeps the invariants of a partition', () => {
    fc.assert(
      fc.property(steps, (history) => {
        let current = initialState(replicas, online(...replicas))!
        for (const { kind, onlineIds, brokerId, mayBeUnclean } of history) {
          const isOnline = online(...onlineIds)
          const isServing = (id: number) => isOnline(id) || (kind === 'shutdown' && id === brokerId)
          const next =
            kind === 'availability'
              ? afterAvailabilityChange(current, replicas, { isOnline, isServing }, mayBeUnclean)
              : kind === 'shutdown'
                ? afterControlledShutdown(current, replicas, brokerId, (id) => isOnline(id) && id !== brokerId)
                : kind === 'preferred'
                  ? afterPreferredElection(current, replicas, isOnline)
                  : current.leader === NO_LEADER
                    ? null
                    : afterIsrChange(current, [...new Set([current.leader, ...onlineIds])], LeaderRecoveryState.RECOVERED)
          if (next === null) continue
          expect(next.isr.length).toBeGreaterThan(0)
          expect(next.isr.every((id) => replicas.includes(id))).toBe(true)
          if (next.leader !== NO_LEADER) expect(next.isr).toContain(next.leader)
          expect(next.partitionEpoch).toBe(current.partitionEpoch + 1)
          expect(next.leaderEpoch).toBe(current.leaderEpoch + (next.leader === current.leader ? 0 : 1))
          const isClean = kind !== 'availability' || !mayBeUnclean
          if (isClean && next.leader !== current.leader && next.leader !== NO_LEADER) expect(current.isr).toContain(next.leader)
          if (kind === 'availability' && next.leader !== NO_LEADER) expect(isServing(next.leader)).toBe(true)
          current = next
        }
      }),
    )
  })
})
