/** Sessions between requests and answers, as KIP-227 has them; the log is made of numbers here. */
import { beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../testing/storage-kit'
import { ErrorCode } from '../../wire/errors'
import { Fetch } from '../../wire/messages/01-fetch'
import { type FetchContext, fetchContext } from './fetch-context'
import type { FetchedPartition } from './fetch-session'
import { FetchSessionCache } from './fetch-session-cache'

const [A, B] = ['AAAAAAAAAAAAAAAAAAAAAA', 'BBBBBBBBBBBBBBBBBBBBBA']
let names: Map<string, string>
let slots: number
let nowMs: number
let sessions: FetchSessionCache
beforeEach(() => {
  names = new Map([
    [A, 'a'],
    [B, 'b'],
  ])
  slots = 3
  nowMs = 1_000
  sessions = new FetchSessionCache(seededRandom(7), () => slots)
})

interface Asked {
  id?: number
  epoch?: number
  /** `a/0@5`: partition 0 of a from offset 5. */
  want?: string[]
  forget?: string[]
  version?: number
  isFollower?: boolean
}

function ask({ id = 0, epoch = 0, want = [], forget = [], version = 16, isFollower = false }: Asked): FetchContext {
  const place = (text: string) => /^(\w)\/(\d)(?:@(\d+))?$/.exec(text)!
  const topicOf = (name: string) => ({ topic: name, topicId: name === 'a' ? A : name === 'b' ? B : 'CCCCCCCCCCCCCCCCCCCCCA' })
  const request = Fetch.request.complete(
    {
      maxWaitMs: 0,
      minBytes: 1,
      sessionId: id,
      sessionEpoch: epoch,
      topics: want.map(place).map(([, name, partition, offset]) => ({
        ...topicOf(name!),
        partitions: [{ partition: Number(partition), fetchOffset: Number(offset ?? 0), partitionMaxBytes: 100 }],
      })),
      forgottenTopicsData: forget
        .map(place)
        .map(([, name, partition]) => ({ ...topicOf(name!), partitions: [Number(partition)] })),
    },
    version,
  )
  return fetchContext(sessions, { request, isFollower, names: version >= 13 ? (topic) => names.get(topic) : null, nowMs })
}

const quiet: FetchedPartition = {
  errorCode: ErrorCode.NONE,
  highWatermark: 10,
  logStartOffset: 0,
  recordBytes: 0,
  isDiverging: false,
  preferredReadReplica: -1,
}

/** What the answer holds, as `a/0`, when each partition's is `quiet` but for what is given. */
function answer(context: FetchContext, given: Record<string, Partial<FetchedPartition>> = {}) {
  if (context.kind === 'refused') return { errorCode: context.errorCode, sessionId: context.sessionId, told: [] }
  const keys = context.partitions.map(({ topic, partition }) => `${topic}/${partition}`)
  const { isTold, ...rest } = context.answer(
    keys.map((key) => ({ ...quiet, ...given[key] })),
    nowMs,
  )
  return { ...rest, told: keys.filter((_, index) => isTold(index)) }
}

const open = (asked: Asked = {}): number => answer(ask({ want: ['a/0', 'a/1', 'b/0'], ...asked })).sessionId

describe('a session', () => {
  it('is opened by epoch 0, and then only told what is new', () => {
    const first = answer(ask({ want: ['a/0', 'a/1', 'b/0'] }))
    expect(first).toMatchObject({ errorCode: ErrorCode.NONE, told: ['a/0', 'a/1', 'b/0'] })
    const id = first.sessionId
    expect(id).toBeGreaterThan(0)
    expect(answer(ask({ id, epoch: 1 }))).toEqual({ errorCode: ErrorCode.NONE, sessionId: id, told: [] })
    expect(answer(ask({ id, epoch: 2 }), { 'a/1': { highWatermark: 11 }, 'b/0': { logStartOffset: 4 } }).told).toEqual([
      'a/1',
      'b/0',
    ])
    expect(answer(ask({ id, epoch: 3 }), { 'a/0': { preferredReadReplica: 2 } }).told).toContain('a/0')
  })

  it('tells a partition anew once its error is gone', () => {
    const id = open()
    const failing = { 'a/0': { errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER, highWatermark: -1 } }
    expect(answer(ask({ id, epoch: 1 }), failing).told).toEqual(['a/0'])
    expect(answer(ask({ id, epoch: 2 }), failing).told).toEqual(['a/0'])
    expect(answer(ask({ id, epoch: 3 })).told).toEqual(['a/0'])
    expect(answer(ask({ id, epoch: 4 })).told).toEqual([])
  })

  it('remembers positions, takes partitions in and drops those that are forgotten', () => {
    const id = open()
    const context = ask({ id, epoch: 1, want: ['a/1@7', 'b/1@3'], forget: ['a/0'] })
    expect(
      context.kind === 'fetch' && context.partitions.map((one) => `${one.topic}/${one.partition}@${one.fetchOffset}`),
    ).toEqual(['a/1@7', 'b/0@0', 'b/1@3'])
    expect(answer(context).told).toEqual(['b/1'])
  })

  it('puts a partition that had records behind the others, so that all get their turn', () => {
    const id = open()
    answer(ask({ id, epoch: 1 }), { 'a/0': { recordBytes: 50 } })
    expect(answer(ask({ id, epoch: 2 }), { 'a/0': { recordBytes: 1 }, 'b/0': { recordBytes: 1 } }).told).toEqual(['b/0', 'a/0'])
  })

  it('ends when nothing is left in it, and when a full fetch names it', () => {
    const [first, second] = [open(), open()]
    const emptied = answer(ask({ id: first, epoch: 1, forget: ['a/0', 'a/1', 'b/0'] }))
    expect([emptied.sessionId, sessions.size]).toEqual([0, 1])
    expect(answer(ask({ id: second, epoch: -1, want: ['a/0'] }))).toEqual({ errorCode: 0, sessionId: 0, told: ['a/0'] })
    expect(sessions.size).toBe(0)
  })

  it('is refused under a wrong number, out of turn, and with names where it has ids', () => {
    const id = open()
    expect(answer(ask({ id: id ^ 1, epoch: 1 }))).toMatchObject({ errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND, sessionId: 0 })
    expect(answer(ask({ id, epoch: 2 }))).toMatchObject({ errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH, sessionId: id })
    expect(answer(ask({ id, epoch: 1, version: 12 })).errorCode).toBe(ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR)
    const named = open({ version: 12 })
    expect(answer(ask({ id: named, epoch: 1, version: 12 }))).toMatchObject({ errorCode: ErrorCode.NONE, sessionId: named })
    expect(answer(ask({ id: named, epoch: 2, version: 13 })).errorCode).toBe(ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR)
  })

  it('answers a fetch that a later one of the same session has overtaken with an error', () => {
    const id = open()
    const [slow, quick] = [ask({ id, epoch: 1 }), ask({ id, epoch: 2 })]
    expect(answer(slow)).toEqual({ errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH, sessionId: id, told: [] })
    expect(answer(quick).errorCode).toBe(ErrorCode.NONE)
  })

  it('finds the name of a topic that became known later, and forgets the one of a topic that was deleted', () => {
    names.delete(B)
    const id = answer(ask({ want: ['a/0', 'b/0'] })).sessionId
    const errors = (context: FetchContext) =>
      context.kind === 'fetch' ? context.partitions.map(({ errorCode }) => errorCode) : []
    names.set(B, 'b').delete(A)
    const context = ask({ id, epoch: 1 })
    expect(errors(context)).toEqual([ErrorCode.UNKNOWN_TOPIC_ID, ErrorCode.NONE])
    expect(context.kind === 'fetch' && context.partitions.map(({ watchKey }) => watchKey)).toEqual(['/0', 'b/0'])
  })

  it('goes on with epoch 1 after the largest', () => {
    const id = open()
    sessions.find(id)!.epoch = 0x7fffffff
    expect(answer(ask({ id, epoch: 0x7fffffff })).errorCode).toBe(ErrorCode.NONE)
    expect(answer(ask({ id, epoch: 1 })).errorCode).toBe(ErrorCode.NONE)
  })
})

describe('a full cache', () => {
  it('gives a newcomer no session, and all the same its whole answer', () => {
    for (let count = 0; count < 3; count++) open()
    expect(answer(ask({ want: ['a/0', 'b/0'] }))).toEqual({ errorCode: ErrorCode.NONE, sessionId: 0, told: ['a/0', 'b/0'] })
    expect([sessions.size, sessions.evictionCount]).toEqual([3, 0])
  })

  it('lets the one go that was silent for two minutes', () => {
    const [idle, busy] = [open(), open(), open()]
    nowMs += 100_000
    answer(ask({ id: busy, epoch: 1 }))
    nowMs += 30_000
    const id = open({ want: ['a/0'] })
    expect([id > 0, sessions.find(idle), sessions.find(busy)?.id, sessions.size]).toEqual([true, undefined, busy, 3])
  })

  it('prefers many partitions to few once those had their two minutes, but not an equal', () => {
    const ids = [open(), open(), open()]
    const keepAlive = (epoch: number) => {
      for (const id of ids) answer(ask({ id, epoch }))
    }
    expect(open({ want: ['a/0', 'a/1', 'b/0', 'b/1'] })).toBe(0)
    nowMs += 70_000
    keepAlive(1)
    nowMs += 70_000
    keepAlive(2)
    expect(open()).toBe(0)
    expect(open({ want: ['a/0', 'a/1', 'b/0', 'b/1'] })).toBeGreaterThan(0)
  })

  it('prefers a follower to a consumer at once, and never the other way', () => {
    slots = 1
    const consumer = open()
    const follower = open({ isFollower: true, want: ['a/0'] })
    expect([follower > 0, sessions.find(consumer)]).toEqual([true, undefined])
    nowMs += 10_000
    expect(open()).toBe(0)
  })
})
