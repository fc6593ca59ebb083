import { describe, expect, it } from 'vitest'
import { HistoryFixture, type SendOptions } from './history-fixture'
import { rules } from './rules'
import type { SentRecord } from './sent-record'

/** Sends `count` records, all acknowledged in order, then reads them as `order` says: the counter at each offset. */
function reading(
  order: readonly number[],
  options: SendOptions & { isRetried?: boolean; failed?: readonly number[] } = {},
): string | null {
  const it = new HistoryFixture()
  const records: SentRecord[] = []
  for (let counter = 0; counter <= Math.max(...order); counter++) {
    const sent = it.send('p', options)
    if (options.isRetried === true) it.retried('p')
    if (options.failed?.includes(counter) === true) it.failed(sent, true)
    // Without an offset: these tests are about order alone.
    else it.history.onDelivered(sent, -1)
    records.push(sent)
  }
  return it.broken(() => {
    for (const [offset, counter] of order.entries()) it.read('c', offset, records[counter]!)
  })
}

describe('records of an idempotent producer', () => {
  const options = { isIdempotent: true, isRetried: true }
  it('stand once, in the order sent, whatever was retried', () => {
    expect(reading([0, 1, 2], options)).toBeNull()
    expect(reading([0, 1, 1, 2], options)).toBe(rules.idempotentOnce)
    expect(reading([0, 2, 1], options)).toBe(rules.idempotentInOrder)
  })

  it('that failed may be missing, but not come late', () => {
    expect(reading([0, 2], { ...options, failed: [1] })).toBeNull()
    expect(reading([0, 2, 1], { ...options, failed: [1] })).toBe(rules.idempotentInOrder)
  })
})

describe('records of a producer without idempotence', () => {
  it('may be repeated where an attempt was left open, also behind later ones', () => {
    expect(reading([0, 0, 1], { isRetried: true })).toBeNull()
    expect(reading([0, 1, 2, 1], { isRetried: true })).toBeNull()
    expect(reading([0, 0, 1])).toBe(rules.unrepeatedOnce)
  })

  it('first stand in the order sent', () => {
    expect(reading([0, 2, 1], { isRetried: true })).toBe(rules.inOrder)
    expect(reading([0, 2, 1])).toBe(rules.inOrder)
  })

  it('may turn up late where they failed at the client', () => {
    expect(reading([0, 2, 1], { isRetried: true, failed: [1] })).toBeNull()
  })

  it('with acks=1 keep their order only where nothing was retried', () => {
    expect(reading([0, 2, 1], { acks: 1, isRetried: true })).toBeNull()
    expect(reading([0, 2, 1], { acks: 1 })).toBe(rules.inOrder)
  })

  it('with acks=0 stand once at most, in any order', () => {
    expect(reading([0, 2, 1], { acks: 0 })).toBeNull()
    expect(reading([0, 1, 1], { acks: 0 })).toBe(rules.unrepeatedOnce)
  })
})
