import { beforeEach, describe, expect, it } from 'vitest'
import { claimRules, GroupClaims } from './group-claims'

class Broken extends Error {}

let nowMs: number
let excuse: string | null
let claims: GroupClaims

const until = (untilMs: number, coordinatorId = 1) => ({ coordinatorId, untilMs, spanMs: 100 })

beforeEach(() => {
  nowMs = 10
  excuse = null
  claims = new GroupClaims({
    nowMs: () => nowMs,
    committedEnd: () => 5,
    ledSinceMs: (_group, brokerId) => (brokerId === 2 ? 1_000 : null),
    excuse: () => excuse,
    violate: ({ rule }) => {
      throw new Broken(rule)
    },
    count: () => undefined,
  })
})

describe('the claims of group members', () => {
  it('are one for each partition, until it is given up', () => {
    claims.onTold('g', 'a', [0, 1], until(500))
    claims.onTold('other', 'b', [0, 1], until(500))
    expect(() => claims.onTold('g', 'b', [1], until(500))).toThrow(claimRules.ownedByOne)
    claims.onTold('g', 'a', [0], until(500))
    expect(() => claims.onTold('g', 'b', [1], until(500))).toThrow(claimRules.ownedByOne)
    claims.onGivesUpAllBut('g', 'a', new Set([0]))
    claims.onTold('g', 'b', [1], until(500))
    expect(claims.isSure('g', 'a', 0, 1)).toBe(true)
    expect(claims.isSure('g', 'a', 1, 1)).toBe(false)
  })

  it('do not come to life again with a member that its coordinator may have taken for somebody new', () => {
    claims.onTold('g', 'a', [0, 1], until(50))
    claims.onMayHaveBegunAnew('g', 'a', new Set([0]), 1)
    expect(() => claims.onTold('g', 'b', [1], until(500))).toThrow(claimRules.ownedByOne)
    nowMs = 60
    claims.onMayHaveBegunAnew('g', 'a', new Set([0]), 1)
    claims.onTold('g', 'a', [0], until(500))
    claims.onTold('g', 'b', [1], until(500))
    expect(() => claims.onTold('g', 'b', [0], until(500))).toThrow(claimRules.ownedByOne)
  })

  it('end where the coordinator may have ended them, and not before', () => {
    claims.onTold('g', 'a', [0], until(500))
    claims.onRenewed('g', 'a', until(900))
    nowMs = 899
    expect(() => claims.onTold('g', 'b', [0], until(2_000))).toThrow(claimRules.ownedByOne)
    claims.limit('g', 'a', 850)
    claims.onTold('g', 'b', [0], until(2_000))
  })

  it('begin anew with a coordinator that has taken over, as far as that is known', () => {
    claims.onTold('g', 'a', [0, 1], until(1_001))
    claims.onTold('g', 'gone', [2], until(999))
    nowMs = 1_050
    claims.onTold('g', 'b', [2], until(2_000, 2))
    expect(claims.isSure('g', 'a', 0, 2)).toBe(true)
    expect(() => claims.onTold('g', 'b', [0], until(2_000, 2))).toThrow(claimRules.ownedByOne)
    nowMs = 1_101
    claims.onTold('g', 'b', [0], until(2_000, 2))
    claims.onTold('g', 'b', [1], until(2_000, 3))
  })

  it('are not made by an answer that came too late to be true', () => {
    claims.onTold('g', 'a', [0], until(500))
    claims.onTold('g', 'b', [0], until(9))
    expect(claims.isSure('g', 'b', 0, 1)).toBe(false)
  })

  it('are let go where the rules let go of what was written', () => {
    claims.onTold('g', 'a', [0], until(500))
    excuse = 'an unclean election'
    claims.onTold('g', 'b', [0], until(500))
    excuse = null
    expect(() => claims.onTold('g', 'c', [0], until(500))).toThrow(claimRules.ownedByOne)
  })
})
