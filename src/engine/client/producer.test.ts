import { beforeEach, describe, expect, it } from 'vitest'
import { type ProduceAttempt, ProducerKit } from '../testing/producer-kit'
import { ErrorCode } from '../wire/errors'
import type { ClientError } from './errors'
import type { KafkaClient } from './kafka-client'
import { type Delivery, Producer, type ProducerOptions } from './producer'

let kit: ProducerKit
let client: KafkaClient
let retries: ClientError[]

beforeEach(async () => {
  kit = new ProducerKit()
  client = await kit.start()
  retries = []
  script()
})

const open = (options: Partial<ProducerOptions> = {}) =>
  new Producer({ client, acks: -1, isIdempotent: true, onRetry: (error) => retries.push(error), ...options })

/** The outcomes in the order in which they were told: an offset, or an error. */
function sendAll(producer: Producer, values: readonly string[], partition = 0): (number | ClientError)[] {
  const outcomes: (number | ClientError)[] = []
  const onDelivered = (delivery: Delivery | null, error: ClientError | null) => outcomes.push(delivery?.offset ?? error!)
  for (const value of values) producer.append(kit.record(value, partition), onDelivered)
  return outcomes
}

/** What happens to the produces one after the other; afterwards everything succeeds at offset 50. */
function script(...acts: ((attempt: ProduceAttempt) => void)[]): void {
  kit.onProduce = (attempt) => (acts.shift() ?? ((last) => last.answer(0, 50)))(attempt)
}

const answers = (errorCode: number) => (attempt: ProduceAttempt) => attempt.answer(errorCode)
const cuts = (attempt: ProduceAttempt) => attempt.cut()
const silent = () => undefined
const places = () =>
  kit.attempts.map(({ header: { producerId, producerEpoch, baseSequence } }) => [Number(producerId), producerEpoch, baseSequence])

describe('Producer', () => {
  it('tells every record where it is, in order, and resolves flush then', async () => {
    script((attempt) => attempt.answer(0, 10))
    const outcomes = sendAll(open({ isIdempotent: false }), ['a', 'b'])
    await kit.run(50)
    expect(outcomes).toEqual([10, 11])
    expect(places()).toEqual([[-1, -1, -1]])
    expect(kit.idsGiven).toBe(0)
  })

  it('calls a callback that throws once, logs it, and tells the others', async () => {
    const producer = open({
      isIdempotent: false,
      onRetry: () => {
        throw new Error('and this too')
      },
    })
    let calls = 0
    script(answers(ErrorCode.NOT_LEADER_OR_FOLLOWER))
    producer.append(kit.record('a'), () => {
      calls++
      throw new Error('mine')
    })
    const others = sendAll(producer, ['b'])
    await kit.run(200)
    expect([calls, others, producer.outstandingCount, kit.attempts.length]).toEqual([1, [51], 0, 2])
    expect(kit.logger.problems.map(({ message }) => message)).toEqual([
      "A producer's onRetry has thrown",
      "A producer's onDelivered has thrown",
    ])
    expect(kit.logger.problems[1]!.fields?.['error']).toContain('Error: mine')
  })

  it('says that a record is not in the log where nothing left this client, or a leader refused it', async () => {
    script(answers(ErrorCode.MESSAGE_TOO_LARGE))
    const producer = open({ isIdempotent: false, deliveryTimeoutMs: 300 })
    const refused = sendAll(producer, ['a'])
    await kit.run(100)
    expect(refused).toMatchObject([{ code: ErrorCode.MESSAGE_TOO_LARGE, isUnknownOutcome: false }])
    kit.hasLeader = false
    await Promise.all([client.refresh(), kit.run(50)])
    const unsent = sendAll(producer, ['b'])
    await kit.run(500)
    expect(unsent).toMatchObject([{ code: ErrorCode.LEADER_NOT_AVAILABLE, isUnknownOutcome: false }])
  })

  it.each([
    ['a lost connection', cuts, { kind: 'connection' }],
    ['no answer', silent, { kind: 'timeout' }],
    ['too few replicas after the append', answers(ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND), { code: 20 }],
    ['a leader that is none any more', answers(ErrorCode.NOT_LEADER_OR_FOLLOWER), { code: 6 }],
    ['an error that says nothing', answers(ErrorCode.UNKNOWN_SERVER_ERROR), { code: -1, retriable: false }],
  ])('says that a record may be in the log after %s', async (_what, act, expected) => {
    kit.onProduce = act
    const outcomes = sendAll(open({ isIdempotent: false, requestTimeoutMs: 100, deliveryTimeoutMs: 300 }), ['a'])
    await kit.run(3_000)
    expect(outcomes).toMatchObject([{ ...expected, isUnknownOutcome: true }])
  })

  it('keeps the unknown outcome of an earlier attempt where the last one was refused', async () => {
    script(cuts, answers(ErrorCode.MESSAGE_TOO_LARGE))
    const outcomes = sendAll(open({ isIdempotent: false }), ['a'])
    await kit.run(500)
    expect(outcomes).toMatchObject([{ code: ErrorCode.MESSAGE_TOO_LARGE, isUnknownOutcome: true }])
  })
})

describe('an idempotent Producer', () => {
  it('waits for all in-sync replicas and for nothing less', () => {
    expect(() => open({ acks: 1 })).toThrow(/acks -1, not 1/)
    expect(() => open({ acks: 0 })).toThrow(/acks -1, not 0/)
  })

  it('gives each partition its own sequence under one producer id', async () => {
    const producer = open()
    sendAll(producer, ['a', 'b'])
    sendAll(producer, ['x'], 1)
    await kit.run(50)
    sendAll(producer, ['c'])
    sendAll(producer, ['y'], 1)
    await kit.run(50)
    expect(kit.attempts.map(({ partition, values }) => [partition, values.join('')])).toEqual([
      [0, 'ab'],
      [1, 'x'],
      [0, 'c'],
      [1, 'y'],
    ])
    expect(places()).toEqual([
      [1000, 0, 0],
      [1000, 0, 0],
      [1000, 0, 2],
      [1000, 0, 1],
    ])
    expect(kit.idsGiven).toBe(1)
  })

  it('asks for its id until it gets one, and sends nothing before', async () => {
    kit.idErrors.push(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, ErrorCode.COORDINATOR_NOT_AVAILABLE)
    const outcomes = sendAll(open(), ['a'])
    await kit.run(500)
    expect([outcomes, retries.length, places()]).toEqual([[50], 2, [[1000, 0, 0]]])
  })

  it('fails what it has no id for, certain that it is not in the log, and goes on when there is one', async () => {
    kit.idErrors.push(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    const producer = open()
    const refused = sendAll(producer, ['a'])
    await kit.run(100)
    expect(refused).toMatchObject([{ code: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, isUnknownOutcome: false }])
    const outcomes = sendAll(producer, ['b'])
    await kit.run(100)
    expect(outcomes).toEqual([50])
  })

  it.each([
    ['a lost connection', cuts],
    ['no answer', silent],
    ['an election', answers(ErrorCode.NOT_LEADER_OR_FOLLOWER)],
    ['a time-out of the replication', answers(ErrorCode.REQUEST_TIMED_OUT)],
  ])('sends the same bytes again after %s, whatever was handed over meanwhile', async (_what, act) => {
    script(act, act)
    const producer = open({ requestTimeoutMs: 100 })
    sendAll(producer, ['a', 'b'])
    await kit.run(50)
    const later = sendAll(producer, ['c'])
    await kit.run(4_000)
    expect(kit.attempts.map(({ values }) => values.join(''))).toEqual(['ab', 'ab', 'ab', 'c'])
    expect(kit.attempts[1]!.bytes.equals(kit.attempts[0]!.bytes) && kit.attempts[2]!.bytes.equals(kit.attempts[0]!.bytes)).toBe(
      true,
    )
    expect(places()[3]).toEqual([1000, 0, 2])
    expect(later).toEqual([50])
  })

  it('takes DUPLICATE_SEQUENCE_NUMBER for a success of unknown offset, once the batch can have been written', async () => {
    script(cuts, answers(ErrorCode.DUPLICATE_SEQUENCE_NUMBER))
    const producer = open()
    const outcomes = sendAll(producer, ['a', 'b'])
    await kit.run(300)
    expect(outcomes).toEqual([-1, -1])
    sendAll(producer, ['c'])
    await kit.run(100)
    expect(places()[2]).toEqual([1000, 0, 2])
  })

  it('does not take it for one where the batch was never sent before: that would lose it', async () => {
    script(answers(ErrorCode.DUPLICATE_SEQUENCE_NUMBER))
    const outcomes = sendAll(open(), ['a'])
    await kit.run(300)
    expect(outcomes).toEqual([50])
    expect(places()).toEqual([
      [1000, 0, 0],
      [1001, 0, 0],
    ])
  })

  it.each([
    ['OUT_OF_ORDER_SEQUENCE_NUMBER', ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER],
    ['UNKNOWN_PRODUCER_ID', ErrorCode.UNKNOWN_PRODUCER_ID],
  ])("begins a new epoch on %s: all before was acknowledged, so the gap is the leader's", async (_name, code) => {
    const producer = open()
    sendAll(producer, ['a'])
    sendAll(producer, ['x'], 1)
    await kit.run(50)
    kit.attempts.length = 0
    script(answers(code))
    const outcomes = sendAll(producer, ['b', 'c'])
    await kit.run(300)
    sendAll(producer, ['d'])
    sendAll(producer, ['y'], 1)
    await kit.run(100)
    expect(outcomes).toEqual([50, 51])
    expect(kit.attempts.map(({ partition, values }) => `${partition} ${values.join('')}`)).toEqual(['0 bc', '0 bc', '0 d', '1 y'])
    expect(places()).toEqual([
      [1000, 0, 1],
      [1000, 1, 0],
      [1000, 1, 2],
      [1000, 0, 1],
    ])
  })

  it('writes nothing anew on OUT_OF_ORDER_SEQUENCE_NUMBER while an earlier attempt may be in a log that this leader has not', async () => {
    const outOfOrder = answers(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    script(cuts, outOfOrder, outOfOrder)
    const producer = open()
    const outcomes = sendAll(producer, ['a'])
    await kit.run(2_000)
    expect(outcomes).toEqual([50])
    expect(places()).toEqual(Array(4).fill([1000, 0, 0]))
  })

  it('fails such a batch with an unknown outcome when its time is over, and goes on in a new epoch', async () => {
    script(cuts)
    const rest = kit.onProduce
    kit.onProduce = (attempt) =>
      kit.attempts.length === 1 ? rest(attempt) : attempt.answer(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    const producer = open({ deliveryTimeoutMs: 500 })
    const outcomes = sendAll(producer, ['a'])
    await kit.run(1_000)
    expect(outcomes).toMatchObject([{ code: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, isUnknownOutcome: true }])
    script()
    sendAll(producer, ['b'])
    await kit.run(100)
    expect(places().at(-1)).toEqual([1000, 1, 0])
  })

  it('begins a new epoch after a batch whose time ran out unanswered: neither its sequence nor the next may be used', async () => {
    kit.onProduce = cuts
    const producer = open({ deliveryTimeoutMs: 300 })
    const outcomes = sendAll(producer, ['a', 'b'])
    await kit.run(500)
    expect(outcomes).toMatchObject([{ isUnknownOutcome: true }, { isUnknownOutcome: true }])
    script()
    const later = sendAll(producer, ['c'])
    await kit.run(100)
    expect([places().at(-1), later]).toEqual([[1000, 1, 0], [50]])
  })

  it('uses a sequence again that no log has seen', async () => {
    script(answers(ErrorCode.MESSAGE_TOO_LARGE))
    const producer = open()
    const outcomes = sendAll(producer, ['a', 'b'])
    await kit.run(100)
    expect(outcomes).toMatchObject([{ isUnknownOutcome: false }, { isUnknownOutcome: false }])
    sendAll(producer, ['c'])
    await kit.run(100)
    expect(places()).toEqual([
      [1000, 0, 0],
      [1000, 0, 0],
    ])
  })

  it('takes another id where a later epoch of its own has been here', async () => {
    script(answers(ErrorCode.INVALID_PRODUCER_EPOCH))
    const producer = open()
    const outcomes = sendAll(producer, ['a'])
    await kit.run(300)
    sendAll(producer, ['x'], 1)
    await kit.run(100)
    expect(outcomes).toEqual([50])
    expect(places()).toEqual([
      [1000, 0, 0],
      [1001, 0, 0],
      [1001, 0, 0],
    ])
  })

  it('fails a batch that was fenced and may be in the log', async () => {
    script(cuts, answers(ErrorCode.INVALID_PRODUCER_EPOCH), answers(ErrorCode.INVALID_PRODUCER_EPOCH))
    const producer = open()
    const outcomes = sendAll(producer, ['a'])
    await kit.run(300)
    expect(outcomes).toMatchObject([{ code: ErrorCode.INVALID_PRODUCER_EPOCH, isUnknownOutcome: true }])
    const later = sendAll(producer, ['b'])
    await kit.run(300)
    expect([later, places().at(-1)]).toEqual([[50], [1001, 0, 0]])
  })

  it('fails what was not sent when it is closed, and still tells what comes of the rest', async () => {
    const held: ProduceAttempt[] = []
    kit.onProduce = (attempt) => held.push(attempt)
    const producer = open()
    const sent = sendAll(producer, ['a'])
    await kit.run(50)
    const unsent = sendAll(producer, ['b'])
    producer.close()
    expect(unsent).toMatchObject([{ kind: 'closed', isUnknownOutcome: false }])
    held[0]!.answer(0, 10)
    await kit.run(50)
    expect(sent).toEqual([10])
  })

  it('does not try again once it is closed', async () => {
    kit.onProduce = cuts
    const producer = open()
    const outcomes = sendAll(producer, ['a'])
    await kit.run(20)
    producer.close()
    await kit.run(1_000)
    expect([outcomes.length, kit.attempts.length]).toEqual([1, 1])
    expect(outcomes).toMatchObject([{ kind: 'connection', isUnknownOutcome: true }])
  })
})
