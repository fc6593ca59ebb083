import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  afterReassignment,
  canComplete,
  completed,
  isBeingReassigned,
  leavesNobodyInSync,
  originReplicas,
  reassignTo,
  targetReplicas,
  whyInvalid,
} from './reassignment'
import { assignmentOf, LeaderRecoveryState, NO_LEADER, type PartitionState } from './types'

const online =
  (...ids: readonly number[]) =>
  (id: number) =>
    ids.includes(id)
const everybody = () => true

function state(leader: number, isr: readonly number[]): PartitionState {
  return { leader, isr, leaderEpoch: 4, partitionEpoch: 9, leaderRecoveryState: LeaderRecoveryState.RECOVERED }
}

describe('an assignment that goes to another', () => {
  it('is both while the new replicas are not in sync, the new ones first', () => {
    const next = reassignTo(assignmentOf([1, 2, 3]), [4, 2])
    expect(next).toEqual({ replicas: [4, 2, 1, 3], addingReplicas: [4], removingReplicas: [1, 3], strayReplicas: [] })
    expect(originReplicas(next)).toEqual([2, 1, 3])
    expect(targetReplicas(next)).toEqual([4, 2])
  })

  it('is not in progress where only the order changes', () => {
    const next = reassignTo(assignmentOf([1, 2, 3]), [3, 1, 2])
    expect(next.replicas).toEqual([3, 1, 2])
    expect(isBeingReassigned(next)).toBe(false)
  })

  it('that is changed on its way gives up what is not wanted any more, and keeps those of before', () => {
    const first = reassignTo(assignmentOf([1, 2]), [3, 4])
    expect(reassignTo(first, [4, 5])).toEqual({
      replicas: [4, 5, 1, 2],
      addingReplicas: [4, 5],
      removingReplicas: [1, 2],
      strayReplicas: [3],
    })
  })

  it('goes back to where it was', () => {
    const first = reassignTo(assignmentOf([1, 2]), [3, 2])
    expect(reassignTo(first, originReplicas(first))).toEqual({ ...assignmentOf([2, 1]), strayReplicas: [3] })
  })

  it('ends with the target, and what was removed is a stray until it is deleted', () => {
    expect(completed(reassignTo(assignmentOf([1, 2, 3]), [3, 4]))).toEqual({ ...assignmentOf([3, 4]), strayReplicas: [1, 2] })
  })

  it('has a stray for a replica again where it is wanted again', () => {
    const before = { ...assignmentOf([1, 2]), strayReplicas: [3, 4] }
    expect(reassignTo(before, [1, 3])).toMatchObject({ addingReplicas: [3], removingReplicas: [2], strayReplicas: [4] })
  })

  it('keeps every replica in exactly one place, whatever is asked in which order', () => {
    const target = fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 })
    const request = fc.oneof(target, fc.constant(null), fc.constant('complete' as const))
    fc.assert(
      fc.property(target, fc.array(request, { maxLength: 8 }), (first, requests) => {
        let assignment = assignmentOf(first)
        const ever = new Set(first)
        for (const asked of requests) {
          const wanted = asked === null ? originReplicas(assignment) : asked
          assignment = wanted === 'complete' ? completed(assignment) : reassignTo(assignment, wanted)
          if (Array.isArray(asked)) {
            expect(targetReplicas(assignment).toString()).toBe(asked.toString())
            for (const id of asked) ever.add(id)
          }
          const { replicas, addingReplicas, removingReplicas, strayReplicas } = assignment
          expect(new Set([...replicas, ...strayReplicas])).toEqual(ever)
          expect(replicas.length + strayReplicas.length).toBe(ever.size)
          expect([...addingReplicas, ...removingReplicas].every((id) => replicas.includes(id))).toBe(true)
          expect(addingReplicas.some((id) => removingReplicas.includes(id))).toBe(false)
          expect(targetReplicas(assignment).length).toBeGreaterThan(0)
          expect(originReplicas(assignment).length).toBeGreaterThan(0)
        }
      }),
    )
  })
})

describe('a target', () => {
  const current = assignmentOf([1, 2])
  const live = new Set([1, 3])

  it.each([
    ['with nobody', []],
    ['with a broker twice', [1, 3, 1]],
    ['with a broker id below zero', [1, -1]],
    ['with a new replica on a broker that is down', [1, 4]],
  ])('%s is refused', (_what, target) => {
    expect(whyInvalid(current, target, live)).not.toBeNull()
  })

  it('of as many brokers as a request can name is refused at once, in words that fit an answer', () => {
    const many = Array.from({ length: 100_000 }, (_, id) => id + 1)
    for (const target of [many, [...many, 7], [...many, -1]]) {
      const reason = whyInvalid(current, target, live)
      expect(reason).toContain(' and ')
      expect(reason!.length).toBeLessThan(0x7fff)
    }
  })

  it('may keep a replica whose broker is down', () => {
    expect(whyInvalid(current, [2, 3], live)).toBeNull()
  })

  it('that gives up all that is in sync leaves nobody', () => {
    const moving = reassignTo(assignmentOf([1, 2]), [3])
    const back = reassignTo(moving, originReplicas(moving))
    expect(leavesNobodyInSync(state(3, [3]), back)).toBe(true)
    expect(leavesNobodyInSync(state(3, [3, 2]), back)).toBe(false)
    expect(leavesNobodyInSync(null, back)).toBe(false)
  })
})

describe('a reassignment in progress', () => {
  const moving = reassignTo(assignmentOf([1, 2]), [3, 4])

  it('is complete with all of the target in the ISR, and not before', () => {
    expect(canComplete(moving, state(1, [1, 2, 3]), everybody)).toBe(false)
    expect(canComplete(moving, state(1, [1, 2, 3, 4]), everybody)).toBe(true)
    expect(canComplete(moving, state(1, [1, 3, 4]), everybody)).toBe(true)
    expect(canComplete(moving, null, everybody)).toBe(false)
  })

  it('waits for one of the target that can lead', () => {
    expect(canComplete(moving, state(NO_LEADER, [3, 4]), online(1, 2))).toBe(false)
    expect(canComplete(moving, state(NO_LEADER, [3, 4]), online(1, 4))).toBe(true)
  })

  it('with a target of nobody, which an outside writer may have written, never is', () => {
    const empty = { ...assignmentOf([1, 2]), removingReplicas: [1, 2] }
    expect(canComplete(empty, state(1, [1, 2]), everybody)).toBe(false)
  })
})

describe('the state of a partition that moves', () => {
  it('keeps a leader that stays, in a new epoch', () => {
    expect(afterReassignment(state(2, [1, 2, 3]), [3, 2], everybody)).toMatchObject({
      leader: 2,
      isr: [2, 3],
      leaderEpoch: 5,
      partitionEpoch: 10,
    })
  })

  it('has the first of the new list that is online and in sync for its leader where the old one goes', () => {
    expect(afterReassignment(state(1, [1, 4, 5]), [3, 4, 5], online(1, 3, 5))).toMatchObject({ leader: 5, isr: [4, 5] })
  })

  it('has no leader rather than one that is not in sync', () => {
    expect(afterReassignment(state(1, [1, 4]), [3, 4], online(1, 3))).toMatchObject({ leader: NO_LEADER, isr: [4] })
  })

  it('does not move where nobody in sync would be left', () => {
    expect(afterReassignment(state(1, [1]), [2, 3], everybody)).toBeNull()
  })
})
