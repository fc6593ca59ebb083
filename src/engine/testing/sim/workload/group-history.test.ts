import { beforeEach, describe, expect, it } from 'vitest'
import { GroupHistory, groupRules } from './group-history'

class Broken extends Error {}

let excuse: string | null
let asked: unknown[]
let history: GroupHistory

/** Dealt by the leader, and told to the member. */
const assign = (group: string, generationId: number, memberId: string, partitions: readonly number[], era = 0) => {
  history.onDealt(group, generationId, new Map([[memberId, partitions]]), era)
  history.onAssigned(group, generationId, memberId, partitions, era)
}
const reader = (acknowledgedBefore: number) => ({ acknowledgedBefore, who: 'b' })

beforeEach(() => {
  excuse = null
  asked = []
  history = new GroupHistory({
    nowMs: () => 7,
    committedEnd: () => 40,
    excuse: ({ promised }) => {
      asked.push(promised)
      return excuse
    },
    violate: ({ rule }) => {
      throw new Broken(rule)
    },
    count: () => undefined,
  })
})

describe('the history of groups', () => {
  it('lets a partition be owned once in a generation, and by another in the next', () => {
    assign('g', 1, 'a', [0, 1])
    assign('g', 1, 'a', [0, 1])
    assign('g', 2, 'b', [0, 1])
    expect(() => assign('g', 2, 'c', [1])).toThrow(groupRules.ownedOnce)
    expect(() => assign('g', 1, 'a', [0])).toThrow(groupRules.oneAssignment)
    expect(asked).toContainEqual({ atMs: 7, offset: 39 })
  })

  it('takes no assignment for one that was not the leader’s', () => {
    history.onDealt('g', 1, new Map([['a', [0]]]))
    history.onDealt('g', 1, new Map([['a', [0, 1]]]))
    history.onAssigned('g', 1, 'a', [0, 1])
    expect(() => history.onAssigned('g', 1, 'b', [])).toThrow(groupRules.asDealt)
    expect(() => history.onAssigned('g', 2, 'a', [0])).toThrow(groupRules.asDealt)
  })

  it('wants what was acknowledged, or what was tried after it', () => {
    history.onCommitSent('g', 0, 5)
    history.onFetched('g', 0, -1, reader(history.acknowledged('g', 0)))
    history.onCommitted('g', 0, 5)
    history.onCommitSent('g', 0, 8)
    const before = history.acknowledged('g', 0)
    for (const offset of [5, 8]) history.onFetched('g', 0, offset, reader(before))
    expect(() => history.onFetched('g', 0, 4, reader(before))).toThrow(groupRules.committedIsRead)
    expect(() => history.onFetched('g', 0, 9, reader(before))).toThrow(groupRules.nothingInvented)
  })

  it('lets generations count from the beginning where the group has spoken the other protocol meanwhile', () => {
    const before = history.era('g')
    assign('g', 1, 'a', [0], before)
    expect(history.newestGeneration('g')).toBe(1)
    history.onConsumerTold('g', true)
    assign('g', 1, 'late', [0], before)
    expect(history.newestGeneration('g')).toBe(0)
    assign('g', 1, 'b', [0], history.era('g'))
    expect(() => assign('g', 1, 'c', [0], history.era('g'))).toThrow(groupRules.ownedOnce)
  })

  describe('of a group that was asked to go over', () => {
    it('lets generations count from the beginning, once and among strangers, where nobody knows whether it has', () => {
      assign('g', 1, 'a', [0])
      const era = history.era('g')
      history.onConsumerJoins('g')
      history.onDealt(
        'g',
        1,
        new Map([
          ['b', [0]],
          ['c', [1]],
        ]),
        era,
      )
      history.onAssigned('g', 1, 'b', [0], era)
      // It had asked before anybody knew.
      history.onAssigned('g', 1, 'c', [1], era)
      expect(() => assign('g', 1, 'd', [1], history.era('g'))).toThrow(groupRules.ownedOnce)
    })

    it('wants generations to go on with those who were there before', () => {
      assign('g', 1, 'a', [0])
      history.onConsumerJoins('g')
      history.onDealt(
        'g',
        1,
        new Map([
          ['a', [1]],
          ['b', [0]],
        ]),
      )
      expect(() => history.onAssigned('g', 1, 'b', [0])).toThrow(groupRules.ownedOnce)
    })

    it('wants generations to go on where that was refused', () => {
      assign('g', 1, 'a', [0])
      const onKnown = history.onConsumerJoins('g')
      onKnown()
      expect(() => assign('g', 1, 'b', [0])).toThrow(groupRules.ownedOnce)
    })
  })

  it('wants everything refused that comes in a generation that is over', () => {
    assign('g', 2, 'a', [0])
    history.onZombieAnswered('g', { memberId: 'a', generationId: 1 }, false)
    expect(() => history.onZombieAnswered('g', { memberId: 'a', generationId: 1 }, true)).toThrow(groupRules.zombiesAreRefused)
    excuse = 'an unclean election'
    history.onZombieAnswered('g', { memberId: 'a', generationId: 1 }, true)
  })

  it('goes on from what is left, where the rules let something go', () => {
    history.onCommitSent('g', 0, 5)
    history.onCommitted('g', 0, 5)
    excuse = 'an unclean election'
    history.onFetched('g', 0, 3, reader(5))
    excuse = null
    history.onFetched('g', 0, 3, reader(history.acknowledged('g', 0)))
  })
})
