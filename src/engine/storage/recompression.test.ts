import { describe, expect, it } from 'vitest'
import { createKit, readBytes } from '../testing/storage-kit'
import { ErrorCode } from '../wire/errors'
import { type BatchOptions, decodeRecords, encodeBatch, readBatchHeader } from '../wire/records'
import type { LogConfig } from './log-config'

const records = Array.from({ length: 50 }, (_, index) => ({
  timestamp: BigInt(1_700_000_000_000 + index),
  key: index % 2 === 0 ? Buffer.from(`key ${index}`) : null,
  value: Buffer.from('the same again and again'),
  headers: [{ key: 'h', value: null }],
}))
const batchOf = (options: Partial<BatchOptions> = {}) => encodeBatch({ records, ...options })
const logOf = (config: Partial<LogConfig>) => createKit().open({ config })

describe('compression.type of a topic', () => {
  it.each([
    ['producer', 'snappy', 'snappy'],
    ['uncompressed', 'lz4', 'none'],
    ['gzip', 'none', 'gzip'],
    ['lz4', 'gzip', 'lz4'],
    ['snappy', 'snappy', 'snappy'],
  ] as const)('%s stores what came in %s as %s, with the records as they were', (compressionType, came, stored) => {
    const log = logOf({ compressionType })
    const producer = { producerId: 7n, producerEpoch: 2, baseSequence: 0, isTransactional: true }
    expect(log.appendAsLeader(batchOf({ compression: came, ...producer }), 3).ok).toBe(true)
    const batch = readBytes(log, 0)
    expect(readBatchHeader(batch)).toMatchObject({ compression: stored, partitionLeaderEpoch: 3, recordCount: 50, ...producer })
    const said = decodeRecords(batch).map(({ timestamp, key, value, headers }) => ({ timestamp, key, value, headers }))
    expect(said).toEqual(
      records.map((record) => ({ ...record, headers: [{ key: 'h', keyBytes: Buffer.from('h'), value: null }] })),
    )
  })

  it('keeps the sequence: what is sent again is known', () => {
    const log = logOf({ compressionType: 'gzip' })
    const batch = () => batchOf({ producerId: 7n, producerEpoch: 0, baseSequence: 0 })
    log.appendAsLeader(batch(), 0)
    expect(log.appendAsLeader(batch(), 0)).toMatchObject({ ok: true, value: { firstOffset: 0, isDuplicate: true } })
    expect(log.logEndOffset).toBe(50)
  })

  it('refuses what has become too large', () => {
    const log = logOf({ compressionType: 'uncompressed', maxMessageBytes: 500 })
    const result = log.appendAsLeader(batchOf({ compression: 'gzip' }), 0)
    expect(result).toMatchObject({ ok: false, error: { code: ErrorCode.MESSAGE_TOO_LARGE } })
    expect(log.logEndOffset).toBe(0)
  })
})
