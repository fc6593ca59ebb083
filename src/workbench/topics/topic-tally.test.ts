import { describe, expect, it } from 'vitest'
import type { DecodedRecord } from '../../engine/wire/records'
import { TopicTally } from './topic-tally'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const record = (key: string | null, value: string | Uint8Array | null, timestampMs = 1_000): DecodedRecord => ({
  offset: 0,
  timestamp: BigInt(timestampMs),
  key: key === null ? null : bytes(key),
  value: typeof value === 'string' ? bytes(value) : value,
  headers: [],
  attributes: 0,
})

describe('what a topic holds, counted', () => {
  it('tells null, empty, JSON, text and binary values apart', () => {
    const tally = new TopicTally()
    for (const value of [
      null,
      '',
      '{"a":1}',
      '{"a":',
      'plain',
      '42',
      new Uint8Array([0xff, 0x00]),
      new Uint8Array([0, 0, 0, 0, 7, 2]),
    ])
      tally.addRecord(0, record(null, value))
    const { values, keys, recordCount } = tally.analysis()
    expect(recordCount).toBe(8)
    expect(values).toMatchObject({ nullCount: 1, emptyCount: 1, jsonCount: 1, textCount: 3, binaryCount: 2 })
    expect(values.schemaIds).toEqual([{ id: 7, count: 1 }])
    expect(keys.nullCount).toBe(8)
  })

  it('counts keys, names the most frequent, and those that stand in several partitions', () => {
    const tally = new TopicTally()
    for (let index = 0; index < 300; index++) tally.addRecord(index % 3, record(`key-${index % 3}`, 'x'))
    for (let index = 0; index < 50; index++) tally.addRecord(index % 2, record('wanders', 'x'))
    const { keys } = tally.analysis()
    expect(keys).toMatchObject({ distinctCount: 4, isDistinctExact: true, scatteredCount: 1 })
    expect(keys.top[3]).toEqual({ key: 'wanders', isBinary: false, count: 50 })
    expect(keys.top[0]?.count).toBe(100)
  })

  it('gives sizes with percentiles that are never over the largest nor under the smallest', () => {
    const tally = new TopicTally()
    for (let size = 1; size <= 1_000; size++) tally.addRecord(0, record(null, new Uint8Array(size).fill(97)))
    const sizes = tally.analysis().values.sizes
    expect(sizes).toMatchObject({ min: 1, max: 1_000, total: 500_500 })
    // To 1 in 64.
    expect(sizes?.p50).toBeGreaterThan(490)
    expect(sizes?.p50).toBeLessThanOrEqual(500)
    expect(sizes?.p99).toBeGreaterThan(970)
    expect(sizes?.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(1_000)
    expect(sizes?.histogram.from).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
  })

  it('spreads any span of time over few buckets and loses no record', () => {
    const tally = new TopicTally()
    const day = 86_400_000
    for (let index = 0; index < 20_000; index++) tally.addRecord(0, record(null, 'x', 1_700_000_000_000 + index * day))
    tally.addRecord(0, record(null, 'x', 1_700_000_000_000))
    const time = tally.analysis().time
    expect(time?.histogram.counts.length).toBeLessThanOrEqual(60)
    expect(time?.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(20_001)
    expect(time?.outOfOrderCount).toBe(1)
    expect(time?.histogram.from[0]).toBeLessThanOrEqual(1_700_000_000_000)
  })

  it('keeps every byte of a key that is no text', () => {
    const tally = new TopicTally()
    tally.addRecord(0, { ...record(null, 'x'), key: new Uint8Array([0, 0xff, 0x10]) })
    expect(tally.analysis().keys.top).toEqual([{ key: '00ff10', isBinary: true, count: 1 }])
  })
})
