import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { DecodeError } from '../wire-error'
import {
  BATCH_OVERHEAD,
  type Compression,
  decodeRecords,
  encodeBatch,
  forEachBatch,
  initCompression,
  isCrcValid,
  readBatchHeader,
  setBaseOffset,
  setLogAppendTime,
  setPartitionLeaderEpoch,
} from './index'

const COMPRESSIONS: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

const anyData = fc.option(fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)))
const anyRecord = fc.record({
  timestamp: fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 42n }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  key: anyData,
  value: anyData,
  headers: fc.array(fc.record({ key: fc.string({ unit: 'grapheme', maxLength: 8 }), value: anyData }), { maxLength: 3 }),
})
const anyRecords = fc.array(anyRecord, { minLength: 1, maxLength: 8 })

const record = (text: string, timestamp = 1_700_000_000_000n) => ({ timestamp, key: null, value: Buffer.from(text), headers: [] })

beforeAll(() => initCompression())

describe('a batch', () => {
  it.each(COMPRESSIONS)('gives back its records, compressed with %s', (compression) => {
    fc.assert(
      fc.property(anyRecords, fc.nat(1_000_000), (records, baseOffset) => {
        const batch = encodeBatch({ records, baseOffset, compression })
        expect(isCrcValid(batch, 0)).toBe(true)
        const expected = records.map(({ headers, ...rest }, index) => ({
          ...rest,
          offset: baseOffset + index,
          attributes: 0,
          headers: headers.map(({ key, value }) => ({ key, keyBytes: Buffer.from(key), value })),
        }))
        expect(decodeRecords(batch)).toEqual(expected)
      }),
      { numRuns: 40 },
    )
  })

  it('tells in its header what it was built with', () => {
    const batch = encodeBatch({
      records: [record('a', 5000n), record('b', 4000n), record('c', 6000n)],
      baseOffset: 70,
      compression: 'lz4',
      producerId: 2n ** 62n,
      producerEpoch: 3,
      baseSequence: 0x7fffffff,
      partitionLeaderEpoch: 12,
      isTransactional: true,
    })
    expect(readBatchHeader(batch)).toMatchObject({
      baseOffset: 70,
      sizeInBytes: batch.length,
      partitionLeaderEpoch: 12,
      magic: 2,
      compression: 'lz4',
      timestampType: 'CreateTime',
      isTransactional: true,
      isControl: false,
      lastOffsetDelta: 2,
      lastOffset: 72,
      baseTimestamp: 5000,
      maxTimestamp: 6000,
      producerId: 2n ** 62n,
      producerEpoch: 3,
      baseSequence: 0x7fffffff,
      lastSequence: 1,
      recordCount: 3,
    })
  })

  it('has no producer and no sequence unless told', () => {
    expect(readBatchHeader(encodeBatch({ records: [record('a')] }))).toMatchObject({
      producerId: -1n,
      producerEpoch: -1,
      baseSequence: -1,
      lastSequence: -1,
      partitionLeaderEpoch: -1,
    })
  })

  it('keeps its CRC when offset and leader epoch are set, and no longer when a record is changed', () => {
    const batch = encodeBatch({ records: [record('a'), record('b')] })
    setBaseOffset(batch, 0, 2 ** 40 + 5)
    setPartitionLeaderEpoch(batch, 0, 9)
    expect(isCrcValid(batch, 0)).toBe(true)
    expect(readBatchHeader(batch)).toMatchObject({ baseOffset: 2 ** 40 + 5, lastOffset: 2 ** 40 + 6, partitionLeaderEpoch: 9 })
    batch[batch.length - 2]! ^= 1
    expect(isCrcValid(batch, 0)).toBe(false)
  })

  it('gives all its records the append time once that is set, with a new CRC', () => {
    const batch = encodeBatch({ records: [record('a', 1n), record('b', 2n)], compression: 'gzip' })
    setLogAppendTime(batch, 0, 1_800_000_000_123)
    expect(isCrcValid(batch, 0)).toBe(true)
    expect(readBatchHeader(batch)).toMatchObject({
      timestampType: 'LogAppendTime',
      maxTimestamp: 1_800_000_000_123,
      compression: 'gzip',
    })
    expect(decodeRecords(batch).map(({ timestamp }) => timestamp)).toEqual([1_800_000_000_123n, 1_800_000_000_123n])
  })

  it('may stand anywhere in a buffer', () => {
    const batch = encodeBatch({ records: [record('a')], baseOffset: 4 })
    const buffer = Buffer.concat([Buffer.alloc(13), batch, Buffer.alloc(5)])
    expect(isCrcValid(buffer, 13)).toBe(true)
    expect(readBatchHeader(buffer, 13).baseOffset).toBe(4)
  })
})

describe('forEachBatch', () => {
  const batches = [0, 10, 20].map((baseOffset) => encodeBatch({ records: [record('x'), record('y')], baseOffset }))
  const bytes = Buffer.concat(batches)

  it('visits whole batches and stops at a partial one, wherever it is cut', () => {
    for (let length = 0; length <= bytes.length; length++) {
      const offsets: number[] = []
      const end = forEachBatch(bytes.subarray(0, length), (header) => {
        offsets.push(header.baseOffset)
      })
      const whole = Math.floor(length / batches[0]!.length)
      expect(offsets).toEqual([0, 10, 20].slice(0, whole))
      expect(end).toBe(whole * batches[0]!.length)
    }
  })

  it('stops when the visitor says so', () => {
    const offsets: number[] = []
    forEachBatch(bytes, (header) => {
      offsets.push(header.baseOffset)
      return header.baseOffset < 10
    })
    expect(offsets).toEqual([0, 10])
  })

  it('refuses a length that no batch has', () => {
    for (const length of [-1, 0, BATCH_OVERHEAD - 13, -0x80000000]) {
      const damaged = Buffer.from(bytes)
      damaged.writeInt32BE(length, 8)
      expect(() => forEachBatch(damaged, () => true)).toThrow(DecodeError)
    }
  })
})

describe('decodeRecords', () => {
  it('gives records or DecodeError for a batch damaged anywhere', () => {
    const headers = [{ key: 'h', value: Buffer.from('v') }]
    for (const compression of COMPRESSIONS) {
      const intact = encodeBatch({ compression, records: [{ ...record('value'), headers }, record('another value')] })
      const damages = fc.array(fc.tuple(fc.nat(intact.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
      fc.assert(
        fc.property(damages, fc.nat(), (changes, cut) => {
          const bytes = Buffer.from(intact)
          for (const [at, value] of changes) bytes[at] = value
          try {
            decodeRecords(cut % 4 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes)
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError)
          }
        }),
        { numRuns: 150 },
      )
    }
  })

  it.each([
    ['another magic', (batch: Buffer) => batch.writeInt8(1, 16), 'record batch has magic 1'],
    ['a compression that does not exist', (batch: Buffer) => batch.writeInt16BE(5, 21), 'unknown compression'],
    ['more records than it can hold', (batch: Buffer) => batch.writeInt32BE(1000, 57), 'cannot hold 1000 records'],
    ['fewer records than it holds', (batch: Buffer) => batch.writeInt32BE(1, 57), 'bytes are left after 1 records'],
    ['a negative count', (batch: Buffer) => batch.writeInt32BE(-1, 57), 'cannot hold -1 records'],
    [
      'a record that is longer than it says',
      (batch: Buffer) => batch.writeInt8(2 * 6, 61),
      'records[0]: record took 7 bytes of 6',
    ],
  ])('refuses a batch with %s', (_what, damage, message) => {
    const batch = Buffer.from(encodeBatch({ records: [record('a'), record('b')] }))
    damage(batch)
    expect(() => decodeRecords(batch)).toThrow(message)
  })

  it('reads header keys that are not text as bytes', () => {
    const keyBytes = Uint8Array.of(0xff, 0xfe)
    const batch = encodeBatch({ records: [{ ...record('a'), headers: [{ key: '', keyBytes, value: null }] }] })
    expect(decodeRecords(batch)[0]?.headers[0]?.keyBytes).toEqual(Buffer.from(keyBytes))
  })
})
