import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeRecords,
  encodeBatch,
  encodeEndTxnMarker,
  isCrcValid,
  parseEndTxnMarker,
  readBatchHeader,
  readEndTxnMarker,
} from './index'

const marker = { producerId: 9n, producerEpoch: 3, coordinatorEpoch: 12, isCommit: true, timestampMs: 1_700_000_000_000 }

describe('the marker of a transaction', () => {
  it('is a transactional control batch of one record, as Kafka writes it', () => {
    const batch = encodeEndTxnMarker(marker)
    expect(isCrcValid(batch, 0)).toBe(true)
    expect(readBatchHeader(batch)).toMatchObject({
      ...{ isControl: true, isTransactional: true, producerId: 9n, producerEpoch: 3, baseSequence: -1, recordCount: 1 },
    })
    const [record] = decodeRecords(batch)
    expect(Buffer.from(record!.key!).toString('hex')).toBe('00000001')
    expect(Buffer.from(record!.value!).toString('hex')).toBe('00000000000c')
  })

  it.each([true, false])('is read from the batch, and from key and value: commit %s', (isCommit) => {
    const batch = encodeEndTxnMarker({ ...marker, isCommit })
    const padded = Buffer.concat([Buffer.alloc(5), batch])
    expect(readEndTxnMarker(padded, 5)).toEqual({ isCommit, coordinatorEpoch: 12 })
    const [record] = decodeRecords(batch)
    expect(parseEndTxnMarker(record!.key, record!.value)).toEqual({ isCommit, coordinatorEpoch: 12 })
  })

  it('is none where the record is another one', () => {
    const other = encodeBatch({
      records: [{ timestamp: 1n, key: Buffer.from('00000002', 'hex'), value: Buffer.alloc(6), headers: [] }],
      isControl: true,
    })
    expect(readEndTxnMarker(other, 0)).toBe(null)
    expect(parseEndTxnMarker(null, null)).toBe(null)
  })

  it('is none, and no exception, where the bytes are any', () => {
    const batch = encodeEndTxnMarker(marker)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(batch.length - 1), fc.nat(255))), fc.nat(batch.length), (changes, length) => {
        const bytes = Uint8Array.from(batch)
        for (const [at, value] of changes) bytes[at] = value
        readEndTxnMarker(bytes.subarray(0, length), 0)
      }),
    )
  })
})
