import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32c } from '../wire/records'
import { encodeProducerSnapshot, parseProducerSnapshot } from './producer-snapshot-file'
import type { ProducerEntry } from './producer-state'

const offset = 1000

function entryOf(overrides: Partial<ProducerEntry> = {}): ProducerEntry {
  const batch = { lastSequence: 41, lastOffset: 999, offsetDelta: 2, timestamp: 1_700_000_000_000 }
  return {
    producerId: 7,
    epoch: 3,
    batches: [batch],
    lastTimestamp: batch.timestamp,
    coordinatorEpoch: -1,
    currentTxnFirstOffset: -1,
    lastSeenMs: batch.timestamp,
    ...overrides,
  }
}

/** Bytes with the CRC made good, so that what is wrong with them is something else. */
function sealed(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(crc32c(bytes, 6, bytes.byteLength) >>> 0, 2)
  return bytes
}

const reasonFor = (bytes: Buffer, at = offset): string => {
  const parsed = parseProducerSnapshot(bytes, at)
  return parsed.ok ? `taken, with ${parsed.value.length}` : parsed.error
}

const entries = fc.uniqueArray(
  fc.record({
    producerId: fc.oneof(fc.maxSafeNat(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n })),
    epoch: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
    lastSequence: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
    lastOffset: fc.integer({ min: 0, max: offset - 1 }),
    offsetDelta: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    timestamp: fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
    coordinatorEpoch: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
    currentTxnFirstOffset: fc.integer({ min: -1, max: offset - 1 }),
    hasBatch: fc.boolean(),
  }),
  { selector: ({ producerId }) => producerId, maxLength: 20 },
)

describe('a snapshot of producers', () => {
  it('has the bytes that Kafka writes', () => {
    const bytes = encodeProducerSnapshot([entryOf({ producerId: 2n ** 62n, coordinatorEpoch: 5, currentTxnFirstOffset: 12 })], 1)
    const fields =
      '0001 91983c16 00000001 4000000000000000 0003 00000029 00000000000003e7 00000002 0000018bcfe56800 00000005 000000000000000c'
    expect(bytes.toString('hex')).toBe(fields.replaceAll(' ', ''))
  })

  it('reads back what it was made of, but for all batches before the last', () => {
    fc.assert(
      fc.property(entries, (drawn) => {
        const made = drawn.map(({ hasBatch, lastSequence, lastOffset, offsetDelta, timestamp, ...fields }) =>
          entryOf({
            ...fields,
            batches: hasBatch ? [{ lastSequence, lastOffset, offsetDelta, timestamp }] : [],
            lastTimestamp: timestamp,
            lastSeenMs: timestamp,
          }),
        )
        const parsed = parseProducerSnapshot(encodeProducerSnapshot(made, made.length), offset)
        expect(parsed).toEqual({ ok: true, value: made })
      }),
    )
    const earlier = { lastSequence: 1, lastOffset: 1, offsetDelta: 0, timestamp: 1 }
    const [read] = (
      parseProducerSnapshot(encodeProducerSnapshot([entryOf({ batches: [earlier, entryOf().batches[0]!] })], 1), offset) as {
        value: ProducerEntry[]
      }
    ).value
    expect(read).toEqual(entryOf())
  })

  it('is refused with a reason where it is not whole, of another version or does not add up', () => {
    const good = encodeProducerSnapshot([entryOf()], 1)
    expect(reasonFor(good)).toBe('taken, with 1')
    expect(reasonFor(Buffer.alloc(0))).toMatch('0 bytes')
    expect(reasonFor(good.subarray(0, 9))).toMatch('9 bytes')
    expect(reasonFor(good.subarray(0, good.length - 1))).toMatch('CRC')
    expect(reasonFor(Buffer.alloc(good.length))).toMatch('version is 0')
    const withFlip = Buffer.from(good)
    withFlip[20]! ^= 1
    expect(reasonFor(withFlip)).toMatch('CRC')
    const more = Buffer.from(good)
    more.writeInt32BE(2 ** 31 - 1, 6)
    expect(reasonFor(sealed(more))).toMatch('claims to hold 2147483647')
    more.writeInt32BE(-1, 6)
    expect(reasonFor(sealed(more))).toMatch('claims to hold -1')
    expect(reasonFor(good, 999)).toMatch('producer 7 cannot be')
    expect(reasonFor(encodeProducerSnapshot([entryOf({ producerId: -5n })], 1))).toMatch('producer -5 cannot be')
  })

  it('is never more than refused, whatever bytes it has', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, isSealed) => {
        const bytes = Buffer.from(noise)
        if (isSealed && bytes.byteLength >= 10) sealed(bytes).writeInt16BE(1, 0)
        expect(reasonFor(bytes)).toBeTypeOf('string')
      }),
    )
  })
})
