import { describe, expect, it } from 'vitest'
import { ModelLog, recordsOf } from '../../testing/golden/model-log'
import { decideAnswer, type FetchAnswer, onFetched, onTruncated } from './follower'
import { initialHighWatermark } from './high-watermark'
import { becomeFollower, newReplica } from './transitions'
import { findDivergence, remedyOutOfRange, truncationOffset } from './truncation'
import type { FollowerState } from './types'

const answer = (overrides: Partial<FetchAnswer> = {}): FetchAnswer => ({
  error: 'NONE',
  highWatermark: 0,
  logStartOffset: 0,
  divergingEpoch: null,
  ...overrides,
})

/** A log with `counts[epoch]` records of each epoch. */
function logOf(counts: Readonly<Record<number, number>>): ModelLog {
  const log = new ModelLog()
  for (const [epoch, count] of Object.entries(counts)) {
    log.assignEpochStart(Number(epoch), log.logEndOffset)
    log.appendAsLeader(recordsOf(Array.from({ length: count }, (_, index) => Number(epoch) * 100 + index)), Number(epoch))
  }
  return log
}

function setUp(counts: Readonly<Record<number, number>> = { 1: 4 }) {
  const command = {
    controllerEpoch: 1,
    leaderId: 2,
    leaderEpoch: 5,
    partitionEpoch: 1,
    isr: [1, 2],
    replicas: [1, 2],
    addingReplicas: [],
    removingReplicas: [],
  }
  const state = becomeFollower(newReplica(1, 0), command).state as FollowerState
  return { state, log: logOf(counts) }
}

describe('a follower', () => {
  it('ignores an answer to what it does not ask any more', () => {
    const { state, log } = setUp()
    expect(decideAnswer(state, { leaderEpoch: 4, fetchOffset: 4 }, answer(), log)).toEqual({ kind: 'ignore' })
    expect(decideAnswer(state, { leaderEpoch: 5, fetchOffset: 3 }, answer(), log)).toEqual({ kind: 'ignore' })
    expect(decideAnswer(state, { leaderEpoch: 5, fetchOffset: 4 }, answer(), log)).toEqual({ kind: 'append' })
  })

  it.each([
    ['OFFSET_OUT_OF_RANGE', 'ask-offsets'],
    ['FENCED_LEADER_EPOCH', 'await-command'],
    ['UNKNOWN_LEADER_EPOCH', 'back-off'],
    ['NOT_LEADER_OR_FOLLOWER', 'back-off'],
    ['KAFKA_STORAGE_ERROR', 'back-off'],
  ])('told %s does %s', (error, kind) => {
    const { state, log } = setUp()
    expect(decideAnswer(state, { leaderEpoch: 5, fetchOffset: 4 }, answer({ error }), log)).toEqual({ kind })
  })

  it('claims no more than it has, and keeps what it knew when a new leader knows less', () => {
    const { state, log } = setUp()
    expect(onFetched(state, answer({ highWatermark: 9 }), log)).toEqual([{ kind: 'high-watermark-advanced', highWatermark: 4 }])
    expect(onFetched(state, answer({ highWatermark: 2 }), log)).toEqual([])
    expect(state.highWatermark).toBe(4)
  })

  it('deletes what the leader has deleted, up to its own high watermark', () => {
    const { state, log } = setUp()
    const effects = onFetched(state, answer({ highWatermark: 2, logStartOffset: 3 }), log)
    expect(effects).toEqual([
      { kind: 'increment-log-start', offset: 2 },
      { kind: 'high-watermark-advanced', highWatermark: 2 },
    ])
  })

  it('lowers its high watermark with a truncation below it', () => {
    const { state, log } = setUp()
    state.highWatermark = 4
    log.truncateTo(2)
    onTruncated(state, log)
    expect(state.highWatermark).toBe(2)
  })

  it('starts with the checkpoint, inside of its log', () => {
    expect(initialHighWatermark(7, 0, 5)).toBe(5)
    expect(initialHighWatermark(3, 0, 5)).toBe(3)
    expect(initialHighWatermark(0, 2, 5)).toBe(2)
  })
})

describe('where two histories part', () => {
  it('is nowhere when the follower’s place is in the leader’s history', () => {
    const leader = logOf({ 1: 3, 2: 2 })
    expect(findDivergence(leader, 1, 3)).toBeNull()
    expect(findDivergence(leader, 2, 5)).toBeNull()
    expect(findDivergence(leader, 2, 4)).toBeNull()
  })

  it('is the end of the largest epoch that both may share', () => {
    const leader = logOf({ 1: 3, 4: 2 })
    expect(findDivergence(leader, 1, 5)).toEqual({ leaderEpoch: 1, endOffset: 3 })
    expect(findDivergence(leader, 2, 3)).toEqual({ leaderEpoch: 1, endOffset: 3 })
    expect(findDivergence(leader, 4, 6)).toEqual({ leaderEpoch: 4, endOffset: 5 })
  })

  it('cannot be told beyond the leader’s epochs, nor before its start', () => {
    const leader = logOf({ 1: 3, 4: 2 })
    expect(findDivergence(leader, 5, 5)).toBe('OFFSET_OUT_OF_RANGE')
    leader.setLogStartOffset(2)
    expect(findDivergence(leader, 1, 1)).toBe('OFFSET_OUT_OF_RANGE')
  })

  it('is cut to at the smaller end of a shared epoch, and else at the end of the follower’s own epoch below', () => {
    expect(truncationOffset({ leaderEpoch: 1, endOffset: 3 }, logOf({ 1: 5 }))).toBe(3)
    expect(truncationOffset({ leaderEpoch: 1, endOffset: 9 }, logOf({ 1: 2, 2: 3 }))).toBe(2)
    expect(truncationOffset({ leaderEpoch: 3, endOffset: 5 }, logOf({ 1: 2, 2: 2, 4: 1 }))).toBe(4)
  })

  it('beyond the leader’s log is settled by cutting, starting over, or trying again', () => {
    const log = logOf({ 1: 5 })
    expect(remedyOutOfRange(log, 0, 3)).toEqual({ kind: 'truncate', offset: 3 })
    expect(remedyOutOfRange(log, 7, 9)).toEqual({ kind: 'restart-log', offset: 7 })
    expect(remedyOutOfRange(log, 4, 9)).toEqual({ kind: 'fetch-again' })
  })
})
