/**
 * The promise of an idempotent producer against a leader that keeps Kafka's rules for sequences, over connections that lose requests, lose answers, and
 * deliver copies late: nothing twice, nothing out of order, nothing acknowledged that is not there, nothing there that was said not to be.
 */
import { describe, expect, it } from 'vitest'
import { type ProduceAttempt, ProducerKit } from '../testing/producer-kit'
import { seededRandom } from '../testing/storage-kit'
import { ErrorCode } from '../wire/errors'
import { Producer } from './producer'

/** One partition's log and what its leader knows of producers: epoch, and the last five batches (ProducerStateManager, ProducerAppendInfo). */
class ModelLog {
  readonly values: string[] = []
  private readonly producers = new Map<bigint, { epoch: number; batches: { first: number; last: number; offset: number }[] }>()

  append({ header, values }: ProduceAttempt): { errorCode: number; offset: number } {
    const { producerId, producerEpoch: epoch, baseSequence: first, lastSequence: last } = header
    const state = this.producers.get(producerId)
    const refuse = (errorCode: number) => ({ errorCode, offset: -1 })
    if (state !== undefined && epoch < state.epoch) return refuse(ErrorCode.INVALID_PRODUCER_EPOCH)
    const isSameEpoch = state !== undefined && epoch === state.epoch
    const repeated = isSameEpoch ? state.batches.find((batch) => batch.first === first && batch.last === last) : undefined
    if (repeated !== undefined) return { errorCode: ErrorCode.NONE, offset: repeated.offset }
    const expected = isSameEpoch ? (state.batches.at(-1)?.last ?? -1) + 1 : 0
    if (state !== undefined && first !== expected) return refuse(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    const offset = this.values.length
    this.values.push(...values)
    const batches = [...(isSameEpoch ? state.batches : []), { first, last, offset }].slice(-5)
    this.producers.set(producerId, { epoch, batches })
    return { errorCode: ErrorCode.NONE, offset }
  }
}

async function play(seed: number) {
  const random = seededRandom(seed)
  const chance = (percent: number) => random.below(100) < percent
  const kit = new ProducerKit(seed)
  const log = new ModelLog()
  const late: ProduceAttempt[] = []
  let isCalm = false
  kit.onProduce = (attempt) => {
    // A copy of an earlier attempt that was thought lost comes through now, before this one: only what the leader refuses keeps it out.
    while (late.length > 0 && chance(40)) log.append(late.shift()!)
    if (isCalm || chance(50)) return settle(attempt)
    switch (random.below(5)) {
      case 0:
        return attempt.cut()
      case 1:
        log.append(attempt)
        return attempt.cut()
      case 2:
        late.push(attempt)
        return attempt.cut()
      case 3:
        // Neither appended in time nor answered.
        return void late.push(attempt)
      default: {
        const codes = [ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.NOT_ENOUGH_REPLICAS, ErrorCode.REQUEST_TIMED_OUT]
        const code = codes[random.below(codes.length)]!
        if (code === ErrorCode.REQUEST_TIMED_OUT) log.append(attempt)
        return attempt.answer(code)
      }
    }
  }
  const settle = (attempt: ProduceAttempt) => {
    const { errorCode, offset } = log.append(attempt)
    attempt.answer(errorCode, offset)
  }
  const client = await kit.start()
  const producer = new Producer({
    client,
    acks: -1,
    isIdempotent: true,
    requestTimeoutMs: 50,
    deliveryTimeoutMs: 1_500,
    batchBytesMax: 300,
  })
  const acknowledged = new Map<string, number>()
  const certainlyLost: string[] = []
  let unknownCount = 0
  let sent = 0
  const sendSome = (count: number) => {
    for (let left = count; left > 0; left--) {
      const value = String(sent++)
      producer.append(kit.record(value), (delivery, error) => {
        if (delivery !== null) acknowledged.set(value, delivery.offset)
        else if (error?.isUnknownOutcome === true) unknownCount++
        else certainlyLost.push(value)
      })
    }
  }
  for (let round = 0; round < 30; round++) {
    sendSome(random.below(8))
    await kit.run(random.below(20) * 10)
  }
  isCalm = true
  while (producer.outstandingCount > 0) await kit.run(100)
  sendSome(3)
  await kit.run(500)
  for (const copy of late.splice(0)) log.append(copy)
  return { log, acknowledged, certainlyLost, unknownCount, sent }
}

describe('an idempotent producer over connections that lose and delay', () => {
  it('writes nothing twice and nothing out of order, and knows what is there', { timeout: 60_000 }, async () => {
    let unknown = 0
    for (let seed = 1; seed <= 25; seed++) {
      const { log, acknowledged, certainlyLost, unknownCount, sent } = await play(seed)
      const where = `seed ${seed}`
      const numbers = log.values.map(Number)
      expect(numbers, where).toEqual([...new Set(numbers)].sort((a, b) => a - b))
      for (const [value, offset] of acknowledged) {
        expect(numbers.includes(Number(value)), `${where}: ${value} was acknowledged`).toBe(true)
        if (offset >= 0) expect(log.values[offset], `${where}: at the offset that was told`).toBe(value)
      }
      expect(
        certainlyLost.filter((value) => log.values.includes(value)),
        where,
      ).toEqual([])
      expect(acknowledged.size + certainlyLost.length + unknownCount, where).toBe(sent)
      unknown += unknownCount
    }
    // Or the worst was never tried.
    expect(unknown).toBeGreaterThan(0)
  })
})
