/** What rules say about requests: which they strike, how often, and what of a request is left to be done. */
import { beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../testing/storage-kit'
import { ErrorCode } from '../../wire/errors'
import { Fetch, findApi, Metadata, Produce } from '../../wire/messages'
import type { ClientIdentity } from '../registry'
import { Interceptor } from './interceptor'
import type { AnyStruct } from './message-shape'
import { type InterceptionAction, type InterceptionRule, parseRule, type RequestPattern } from './rule'

const A_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'
let interceptor: Interceptor
beforeEach(() => {
  interceptor = new Interceptor(seededRandom(3), {
    topicName: (id) => (id === A_ID ? 'a' : undefined),
    allTopics: () => ['a', 'b'],
    beside: () => ({}),
  })
})

const clientOf = (clientId: string | null): ClientIdentity => ({
  connectionId: 1,
  host: 'h',
  port: 1,
  clientId,
  principal: 'User:ANONYMOUS',
})
const NOT_LEADER: InterceptionAction = { kind: 'error', error: 'NOT_LEADER_OR_FOLLOWER' }
const rule = (match: RequestPattern, action: InterceptionAction = NOT_LEADER, rest: Partial<InterceptionRule> = {}) =>
  interceptor.add({ match, action, ...rest })

const produceOf = (places: readonly string[], acks = -1): AnyStruct => {
  const topics = new Map<string, number[]>()
  for (const place of places) {
    const [topic, partition] = place.split('/') as [string, string]
    topics.set(topic, [...(topics.get(topic) ?? []), Number(partition)])
  }
  const topicData = [...topics].map(([name, numbers]) => ({
    name,
    partitionData: numbers.map((index) => ({ index, records: null })),
  }))
  return Produce.request.complete({ acks, timeoutMs: 1, topicData }, 9)
}
const judgeProduce = (places = ['a/0'], clientId = 'app', acks = -1) =>
  interceptor.judge(Produce, 9, produceOf(places, acks), clientOf(clientId))
const placesIn = (request: AnyStruct | null | undefined): string[] =>
  ((request?.['topicData'] ?? []) as { name: string; partitionData: { index: number }[] }[]).flatMap(({ name, partitionData }) =>
    partitionData.map(({ index }) => `${name}/${index}`),
  )

describe('a rule', () => {
  it('strikes only what fits in all that it names', () => {
    rule({ api: 'Produce', clientId: 'app', topic: 'a', partition: 1 })
    expect(judgeProduce(['a/1'])?.answer).not.toBe(null)
    expect([judgeProduce(['a/0']), judgeProduce(['b/1']), judgeProduce(['a/1'], 'other')]).toEqual([null, null, null])
    expect(interceptor.judge(Metadata, 9, Metadata.request.complete({ topics: null }, 9), clientOf('app'))).toBe(null)
    expect(interceptor.list()).toMatchObject([{ matchCount: 1, hitCount: 1, isSpent: false }])
  })

  it('without a pattern strikes every client, and brokers only where it says so', () => {
    const id = rule({}, { kind: 'close', isDone: false })
    expect(judgeProduce()).toEqual({ request: null, answer: null, amend: null, fate: { kind: 'close' } })
    const fromFollower = Fetch.request.complete(
      { replicaState: { replicaId: 2, replicaEpoch: 1 }, maxWaitMs: 1, minBytes: 1, topics: [] },
      16,
    )
    const judgeFollower = () => interceptor.judge(Fetch, 16, fromFollower, clientOf('broker-2-fetcher-1'))
    expect(judgeFollower()).toBe(null)
    interceptor.remove(id)
    rule({ fromBrokers: true }, { kind: 'close', isDone: false })
    expect(judgeFollower()?.fate.kind).toBe('close')
  })

  it('is spent after its times, and stays in the list until it is removed', () => {
    const id = rule({}, { kind: 'drop-answer' }, { times: 2 })
    expect([judgeProduce(), judgeProduce(), judgeProduce()].map((one) => one?.fate.kind)).toEqual(['drop', 'drop', undefined])
    expect(interceptor.list()).toMatchObject([{ id, matchCount: 2, hitCount: 2, isSpent: true }])
    expect([interceptor.remove(id), interceptor.remove(id), interceptor.isActive]).toEqual([true, false, false])
  })

  it('strikes every k-th, or by chance as often as it says', () => {
    const third = rule({}, { kind: 'drop-answer' }, { every: 3 })
    expect(Array.from({ length: 7 }, () => judgeProduce() !== null)).toEqual([false, false, true, false, false, true, false])
    interceptor.remove(third)
    rule({}, { kind: 'drop-answer' }, { probability: 0.3 })
    const hits = Array.from({ length: 2_000 }, () => judgeProduce()).filter((one) => one !== null).length
    expect(hits).toBeGreaterThan(520)
    expect(hits).toBeLessThan(680)
  })

  it('leaves what it is not about to be done, and puts the error into the answer', () => {
    rule({ topic: 'a', partition: 1 })
    const judged = judgeProduce(['a/0', 'a/1', 'b/1'])!
    expect(placesIn(judged.request)).toEqual(['a/0', 'b/1'])
    const done = {
      responses: [
        { name: 'a', partitionResponses: [{ index: 0, errorCode: 0, baseOffset: 7 }] },
        { name: 'b', partitionResponses: [{ index: 1, errorCode: 0, baseOffset: 8 }] },
      ],
      throttleTimeMs: 3,
    }
    expect(judged.amend!(done)).toMatchObject({
      responses: [
        {
          name: 'a',
          partitionResponses: [
            { index: 0, errorCode: 0, baseOffset: 7 },
            { index: 1, errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER, baseOffset: -1 },
          ],
        },
        { name: 'b', partitionResponses: [{ index: 1, errorCode: 0, baseOffset: 8 }] },
      ],
      throttleTimeMs: 3,
    })
  })

  it('works together with others: errors for two topics, a delay for both', () => {
    rule({}, { kind: 'delay', delayMs: 20 })
    rule({ topic: 'a' }, { kind: 'error', error: 'REQUEST_TIMED_OUT' })
    rule({ api: 'Produce' }, { kind: 'delay', delayMs: 5 })
    rule({ topic: 'b' }, { kind: 'error', error: 'MESSAGE_TOO_LARGE' })
    const judged = judgeProduce(['a/0', 'b/0'])!
    expect(judged).toMatchObject({
      request: null,
      fate: { kind: 'delay', delayMs: 25 },
      answer: {
        responses: [
          { name: 'b', partitionResponses: [{ errorCode: ErrorCode.MESSAGE_TOO_LARGE }] },
          { name: 'a', partitionResponses: [{ errorCode: ErrorCode.REQUEST_TIMED_OUT }] },
        ],
      },
    })
  })

  it('closes the connection of a produce that awaits no answer, after what is left of it was done', () => {
    rule({ topic: 'a' })
    const judged = judgeProduce(['a/0', 'b/0'], 'app', 0)!
    expect([placesIn(judged.request), judged.fate.kind]).toEqual([['b/0'], 'close'])
    expect(judgeProduce(['a/0'], 'app', 0)).toMatchObject({ request: null, fate: { kind: 'close' } })
  })

  it('leaves a request that names no topic alone, and refuses all of one where it says so', () => {
    rule({ topic: 'a' })
    const heartbeat = findApi(12)
    const join = heartbeat?.request.complete({ groupId: 'g', generationId: 1, memberId: 'm' }, 3) as AnyStruct | undefined
    if (heartbeat !== undefined && join !== undefined) expect(interceptor.judge(heartbeat, 3, join, clientOf('app'))).toBe(null)
    rule({ api: 'Produce' }, { kind: 'error', error: 'REQUEST_TIMED_OUT', isWhole: true })
    expect(judgeProduce(['b/0', 'c/0'])).toMatchObject({ request: null, answer: { responses: [{ name: 'b' }, { name: 'c' }] } })
  })
})

describe('a rule for a topic of fetches', () => {
  const fetchOf = (sessionId: number, sessionEpoch: number): AnyStruct =>
    Fetch.request.complete(
      {
        ...{ maxWaitMs: 1, minBytes: 1, sessionId, sessionEpoch },
        topics: [{ topicId: A_ID, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 }] }],
      },
      13,
    )

  it('knows topics by their ids, and lets no session hide them', () => {
    rule({ api: 'Fetch', topic: 'a' }, NOT_LEADER, { times: 1 })
    const ended = interceptor.judge(Fetch, 13, fetchOf(5, 2), clientOf('app'))
    expect(ended).toMatchObject({ request: null, answer: { errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND, responses: [] } })
    const struck = interceptor.judge(Fetch, 13, fetchOf(0, 0), clientOf('app'))
    expect(struck?.answer).toMatchObject({
      responses: [{ topicId: A_ID, partitions: [{ partitionIndex: 0, errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER }] }],
    })
    expect(interceptor.judge(Fetch, 13, fetchOf(5, 2), clientOf('app'))).toBe(null)
  })

  it('opens no session meanwhile for a fetch of other topics', () => {
    rule({ api: 'Fetch', topic: 'b' })
    expect(interceptor.judge(Fetch, 13, fetchOf(0, 0), clientOf('app'))).toMatchObject({
      request: { sessionEpoch: -1 },
      answer: null,
    })
  })
})

describe('a rule that somebody types', () => {
  const messageOf = (input: unknown) => {
    const parsed = parseRule(input)
    return parsed.ok ? null : parsed.error
  }

  it('is taken with the API in any case, and with what is left out at its default', () => {
    expect(parseRule({ match: { api: 'produce', topic: 'a' }, action: { kind: 'close' }, probability: 0.5 })).toEqual({
      ok: true,
      value: {
        match: { api: 'Produce', clientId: null, topic: 'a', partition: null, fromBrokers: false },
        action: { kind: 'close', isDone: false },
        ...{ times: null, every: 1, probability: 0.5 },
      },
    })
  })

  it.each([
    [null, 'A rule is an object with "match" and "action"'],
    [{ action: { kind: 'nod' } }, 'The kind of an action is one of error, delay, drop-answer, close'],
    [{ action: { kind: 'constructor' } }, 'The kind of an action is one of error, delay, drop-answer, close'],
    [{ match: { api: 'Prodduce' }, action: { kind: 'close' } }, 'There is no API "Prodduce"'],
    [{ match: { partition: 0 }, action: { kind: 'close' } }, '"partition" needs a "topic"'],
    [{ match: { topics: 'a' }, action: { kind: 'close' } }, '"match" has no "topics"'],
    [{ action: { kind: 'error', error: 'NONE' } }, 'There is no error "NONE"'],
    [{ action: { kind: 'error', error: 'toString' } }, 'There is no error "toString"'],
    [{ action: { kind: 'delay', delayMs: 0 } }, '"delayMs" is a whole number from 1 to 3600000'],
    [{ action: { kind: 'close' }, probability: 0 }, '"probability" lies above 0 and not above 1'],
    [{ action: { kind: 'close' }, times: 1.5 }, '"times" is a whole number from 1, or null for always'],
  ])('is refused with a sentence: %j', (input, message) => {
    expect(messageOf(input)).toBe(message)
  })
})
