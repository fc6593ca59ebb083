import { describe, expect, it } from 'vitest'
import { ModelLog, recordsOf } from '../../testing/golden/model-log'
import { maybeIncrementHighWatermark } from './high-watermark'
import { isInFlight, maybeExpandIsr, maybeShrinkIsr, onAlterPartitionOutcome } from './isr'
import { decideFetch, onFollowerFetch } from './leader'
import { isCaughtUp, newFollowerProgress, recordFetch } from './progress'
import { becomeFollower, becomeLeader, newReplica } from './transitions'
import { type LeaderEnvironment, type LeaderState, NEVER_MS, type PartitionCommand } from './types'

const LAG_MS = 10_000

function command(overrides: Partial<PartitionCommand> = {}): PartitionCommand {
  return {
    controllerEpoch: 1,
    leaderId: 1,
    leaderEpoch: 1,
    partitionEpoch: 1,
    isr: [1, 2],
    replicas: [1, 2, 3],
    addingReplicas: [],
    removingReplicas: [],
    ...overrides,
  }
}

function setUp(isr: readonly number[] = [1, 2], records = 0) {
  const log = new ModelLog()
  const dead = new Set<number>()
  const env: LeaderEnvironment = { replicaLagTimeMaxMs: LAG_MS, minInSyncReplicas: () => 1, isEligible: (id) => !dead.has(id) }
  const { state } = becomeLeader(newReplica(1, 0), command({ isr }), log, 0, env)
  if (records > 0) log.appendAsLeader(recordsOf(Array.from({ length: records }, (_, index) => index)), 1)
  const leader = state as LeaderState
  const fetch = (id: number, offset: number, nowMs: number, brokerEpoch = -1) =>
    onFollowerFetch(leader, leader.followers.get(id)!, offset, 0, brokerEpoch, log.logEndOffset, nowMs, env)
  return { log, dead, env, leader, fetch }
}

describe('being caught up', () => {
  it('is as of now for a fetch from the log end, and as of the fetch before for one from where the log ended then', () => {
    const follower = newFollowerProgress(2)
    recordFetch(follower, 0, 0, 10, 100, -1)
    expect(follower.lastCaughtUpTimeMs).toBe(NEVER_MS)
    recordFetch(follower, 10, 0, 20, 200, -1)
    expect(follower.lastCaughtUpTimeMs).toBe(100)
    recordFetch(follower, 15, 0, 30, 300, -1)
    expect(follower.lastCaughtUpTimeMs).toBe(100)
    recordFetch(follower, 30, 0, 30, 400, -1)
    expect(follower.lastCaughtUpTimeMs).toBe(400)
  })

  it('lasts for the lag time, and for ever at the log end', () => {
    const follower = newFollowerProgress(2)
    recordFetch(follower, 10, 0, 10, 1_000, -1)
    expect(isCaughtUp(follower, 11, 1_000 + LAG_MS, LAG_MS)).toBe(true)
    expect(isCaughtUp(follower, 11, 1_001 + LAG_MS, LAG_MS)).toBe(false)
    expect(isCaughtUp(follower, 10, 1_001 + LAG_MS, LAG_MS)).toBe(true)
  })
})

describe('the high watermark', () => {
  it('waits for a replica out of the ISR that was caught up within the lag time, while its broker lives', () => {
    const { leader, fetch, log, env, dead } = setUp([1])
    dead.add(2)
    fetch(2, 0, 0)
    dead.delete(2)
    log.appendAsLeader(recordsOf([1, 2]), 1)
    expect(maybeIncrementHighWatermark(leader, 2, LAG_MS, env)).toBe(false)
    expect(isInFlight(leader.isr)).toBe(false)
    dead.add(2)
    expect(maybeIncrementHighWatermark(leader, 2, LAG_MS, env)).toBe(true)
  })

  it('does not wait for one that has not been caught up for longer', () => {
    const { leader, fetch, log, env, dead } = setUp([1])
    dead.add(2)
    fetch(2, 0, 0)
    dead.delete(2)
    log.appendAsLeader(recordsOf([1, 2]), 1)
    expect(maybeIncrementHighWatermark(leader, 2, LAG_MS + 1, env)).toBe(true)
    expect(leader.highWatermark).toBe(2)
  })

  it('never moves back, also when a member of the ISR fetches from below it', () => {
    const { leader, fetch } = setUp([1, 2], 3)
    fetch(2, 3, 0)
    expect(leader.highWatermark).toBe(3)
    fetch(2, 1, 1)
    expect(leader.highWatermark).toBe(3)
  })

  it('asks for no more in-sync replicas than the partition has', () => {
    const { leader, env } = setUp([1], 1)
    leader.followers.clear()
    expect(maybeIncrementHighWatermark(leader, 1, 0, { ...env, minInSyncReplicas: () => 3 })).toBe(true)
  })
})

describe('a LeaderAndIsr to a leader', () => {
  it('is skipped where its partition epoch is past', () => {
    const { leader, log, env } = setUp()
    const { effects } = becomeLeader(leader, command({ partitionEpoch: 0, isr: [1] }), log, 0, env)
    expect(effects).toEqual([])
    expect(leader.isr.isr).toEqual([1, 2])
    expect(becomeFollower(leader, command({ leaderId: 2, partitionEpoch: 0 })).state).toBe(leader)
  })

  it('leaves a proposal in flight where it repeats the known partition epoch, and ends it where it brings a new one', () => {
    const { leader, fetch, log, env } = setUp([1], 1)
    fetch(2, 1, 0)
    expect(leader.isr).toMatchObject({ kind: 'pending-expand', added: 2 })
    becomeLeader(leader, command({ isr: [1] }), log, 0, env)
    expect(leader.isr).toMatchObject({ kind: 'pending-expand', added: 2 })
    becomeLeader(leader, command({ isr: [1], partitionEpoch: 2 }), log, 0, env)
    expect(leader.isr).toEqual({ kind: 'committed', isr: [1] })
  })

  it('forgets the positions of followers from an earlier leadership', () => {
    const { leader, fetch, log, env } = setUp([1, 2], 2)
    fetch(2, 2, 0)
    const follower = becomeFollower(leader, command({ leaderId: 2, leaderEpoch: 2, partitionEpoch: 2 })).state
    const again = becomeLeader(follower, command({ leaderEpoch: 3, partitionEpoch: 3 }), log, 0, env).state as LeaderState
    expect(again.followers.get(2)?.logEndOffset).toBe(-1)
    expect(again).toMatchObject({ leadsSinceEpoch: 3, leaderEpochStartOffset: 2, highWatermark: 2 })
  })

  it('forgets them too where it missed an epoch, in which another may have led: they may have truncated since', () => {
    const { leader, fetch, log, env } = setUp([1, 2, 3], 2)
    fetch(2, 2, 0, 8)
    // 3 led epoch 2 without either record, and 2 followed it. This broker was cut off, and hears of epoch 3 only.
    const { effects } = becomeLeader(leader, command({ leaderEpoch: 3, partitionEpoch: 3, isr: [1, 2] }), log, 5, env)
    expect(effects).not.toContainEqual(expect.objectContaining({ kind: 'high-watermark-advanced' }))
    expect(leader.highWatermark).toBe(0)
    expect(leader.followers.get(2)).toEqual({ ...newFollowerProgress(2), lastCaughtUpTimeMs: 5 })
    fetch(2, 0, 5)
    expect(leader.highWatermark).toBe(0)
    fetch(2, 2, 5)
    expect(leader.highWatermark).toBe(2)
  })

  it('keeps them in the epoch right after its own, in which nobody else can have led', () => {
    const { leader, fetch, log, env } = setUp([1, 2, 3], 2)
    fetch(2, 2, 0)
    const { effects } = becomeLeader(leader, command({ leaderEpoch: 2, partitionEpoch: 2, isr: [1, 2] }), log, LAG_MS + 1, env)
    expect(effects).toContainEqual({ kind: 'high-watermark-advanced', highWatermark: 2 })
  })

  it('keeps counting from the first epoch of an unbroken leadership', () => {
    const { leader, log, env } = setUp()
    becomeLeader(leader, command({ leaderEpoch: 2, partitionEpoch: 2 }), log, 0, env)
    expect(leader).toMatchObject({ leaderEpoch: 2, leadsSinceEpoch: 1 })
  })
})

describe('the ISR', () => {
  it('has one change in flight, and takes only the answer to that', () => {
    const { leader, fetch, env } = setUp([1, 2], 1)
    const shrink = maybeShrinkIsr(leader, 1, LAG_MS + 1, env)
    expect(shrink).toMatchObject([{ kind: 'propose-isr', proposal: { partitionEpoch: 1, newIsr: [{ brokerId: 1 }] } }])
    expect(fetch(3, 1, LAG_MS + 1)).toEqual([])
    expect(maybeShrinkIsr(leader, 1, LAG_MS + 1, env)).toEqual([])
    const answer = { ok: true, leaderId: 1, leaderEpoch: 1, partitionEpoch: 2, isr: [1] } as const
    const other = { leaderEpoch: 1, partitionEpoch: 1, newIsr: [] }
    expect(onAlterPartitionOutcome(leader, other, answer, 1, 0, env).effects).toEqual([])
    if (leader.isr.kind === 'committed') throw new Error('the change is in flight')
    const { proposal } = leader.isr
    expect(onAlterPartitionOutcome(leader, proposal, { ...answer, leaderEpoch: 2 }, 1, 0, env).effects).toEqual([])
    expect(onAlterPartitionOutcome(leader, proposal, { ...answer, partitionEpoch: 0 }, 1, 0, env).effects).toEqual([])
    const step = onAlterPartitionOutcome(leader, proposal, answer, 1, LAG_MS + 1, env)
    expect(step.effects).toEqual([
      { kind: 'isr-changed', isr: [1] },
      { kind: 'high-watermark-advanced', highWatermark: 1 },
    ])
    expect(leader).toMatchObject({ partitionEpoch: 2, isr: { kind: 'committed', isr: [1] } })
  })

  it.each([
    ['INELIGIBLE_REPLICA', false, 'committed'],
    ['OPERATION_NOT_ATTEMPTED', false, 'committed'],
    ['INVALID_UPDATE_VERSION', false, 'pending-expand'],
    ['FENCED_LEADER_EPOCH', false, 'pending-expand'],
    ['UNKNOWN_TOPIC_ID', false, 'pending-expand'],
    ['NEW_LEADER_ELECTED', false, 'pending-expand'],
    ['NOT_CONTROLLER', true, 'pending-expand'],
    ['UNKNOWN_SERVER_ERROR', true, 'pending-expand'],
  ])('after %s retries: %s, and is %s', (error, shouldRetry, kind) => {
    const { leader, fetch, env } = setUp([1], 1)
    fetch(2, 1, 0)
    if (leader.isr.kind === 'committed') throw new Error('the change is in flight')
    const step = onAlterPartitionOutcome(leader, leader.isr.proposal, { ok: false, error }, 1, 0, env)
    expect(step).toEqual({ shouldRetry, effects: [] })
    expect(leader.isr.kind).toBe(kind)
  })

  it('takes nobody whose broker is not alive, and says with which registration a member fetched', () => {
    const { leader, fetch, dead, env } = setUp([1], 1)
    dead.add(2)
    fetch(2, 1, 0)
    expect(leader.isr).toEqual({ kind: 'committed', isr: [1] })
    dead.delete(2)
    expect(fetch(2, 1, 0, 77)).toMatchObject([
      { kind: 'propose-isr', proposal: { newIsr: [{ brokerId: 1 }, { brokerId: 2, brokerEpoch: 77 }] } },
    ])
    expect(maybeExpandIsr(leader, leader.followers.get(3)!, env)).toEqual([])
  })
})

describe('a fetch', () => {
  const question = {
    replicaId: 2,
    brokerEpoch: -1,
    fetchOffset: 0,
    currentLeaderEpoch: 1,
    lastFetchedEpoch: -1,
    allowFollower: false,
  }

  it('of a broker that is no replica is told to try again', () => {
    const { leader, log } = setUp()
    const error = (overrides: object) => decideFetch(leader, { ...question, ...overrides }, log)
    expect(error({ replicaId: 9 })).toMatchObject({ error: 'UNKNOWN_LEADER_EPOCH' })
    expect(error({ replicaId: 9, currentLeaderEpoch: -1 })).toMatchObject({ error: 'NOT_LEADER_OR_FOLLOWER' })
  })

  it('from before a follower registered anew counts no more', () => {
    const { leader, fetch, log } = setUp([1, 2], 1)
    fetch(2, 1, 0, 8)
    expect(decideFetch(leader, { ...question, brokerEpoch: 7 }, log)).toMatchObject({ error: 'NOT_LEADER_OR_FOLLOWER' })
    expect(decideFetch(leader, { ...question, brokerEpoch: 8 }, log)).toMatchObject({ kind: 'read' })
  })

  it('of a consumer ends at the high watermark, of a follower at the log end', () => {
    const { leader, log } = setUp([1, 2], 4)
    expect(decideFetch(leader, question, log)).toMatchObject({ kind: 'read', maxOffset: 4 })
    expect(decideFetch(leader, { ...question, replicaId: -1 }, log)).toMatchObject({ kind: 'read', maxOffset: 0 })
    expect(decideFetch(leader, { ...question, fetchOffset: 5 }, log)).toMatchObject({ error: 'OFFSET_OUT_OF_RANGE' })
  })

  it('of a consumer is served by a follower only where that is allowed', () => {
    const follower = becomeFollower(newReplica(2, 0), command()).state
    const log = new ModelLog()
    expect(decideFetch(follower, { ...question, replicaId: -1 }, log)).toMatchObject({ error: 'NOT_LEADER_OR_FOLLOWER' })
    expect(decideFetch(follower, { ...question, replicaId: -1, allowFollower: true }, log)).toMatchObject({ kind: 'read' })
    expect(decideFetch(follower, { ...question, allowFollower: true }, log)).toMatchObject({ error: 'NOT_LEADER_OR_FOLLOWER' })
  })
})
