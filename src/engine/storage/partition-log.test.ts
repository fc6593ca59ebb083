import { describe, expect, it } from 'vitest'
import { DiskError } from '../platform/disk'
import { append, batchOf, createKit, logDirectory, readAll, readBytes } from '../testing/storage-kit'
import { ErrorCode } from '../wire/errors'
import { decodeRecords, encodeBatch, isCrcValid, readBatchHeader, updateCrc } from '../wire/records'
import { CorruptRecordsError } from './follower-records'
import type { LogConfig } from './log-config'
import type { PartitionLog } from './partition-log'

const hour = 3_600_000
const everything = { maxBytes: Number.MAX_SAFE_INTEGER, maxOffset: Number.MAX_SAFE_INTEGER, minOneMessage: true }

function sliceOf(log: PartitionLog, offset: number, options: Partial<typeof everything> = {}) {
  const slice = log.read(offset, { ...everything, ...options })
  if (!slice.ok) throw new Error(slice.error)
  return slice.value
}

/** A log with `count` batches of two records each, over several small segments. */
function longLog(count: number, config: Partial<LogConfig> = { segmentBytes: 1000, indexIntervalBytes: 200 }) {
  const kit = createKit()
  const log = kit.open({ config })
  for (let i = 0; i < count; i++) append(log, [`value ${i}`, `more ${i}`], 0, 1_700_000_000_000 + i * 10)
  return { kit, log }
}

describe('PartitionLog.appendAsLeader', () => {
  it('gives offsets without a gap and reads back what was appended', () => {
    const log = createKit().open()
    expect(append(log, ['a', 'b'])).toMatchObject({ firstOffset: 0, lastOffset: 1, recordCount: 2, logAppendTimeMs: -1 })
    expect(append(log, ['c'])).toMatchObject({ firstOffset: 2, lastOffset: 2 })
    expect(log.logEndOffset).toBe(3)
    expect(readAll(log).map(({ offset, value }) => `${offset} ${value}`)).toEqual(['0 a', '1 b', '2 c'])
  })

  it('stamps offset and leader epoch into the batch without touching its CRC', () => {
    const log = createKit().open()
    append(log, ['a'], 4)
    append(log, ['b'], 5)
    const bytes = readBytes(log, 1)
    expect(readBatchHeader(bytes, 0)).toMatchObject({ baseOffset: 1, partitionLeaderEpoch: 5 })
    expect(isCrcValid(bytes, 0)).toBe(true)
    expect(log.epochEntries).toEqual([
      { epoch: 4, startOffset: 0 },
      { epoch: 5, startOffset: 1 },
    ])
  })

  it('stamps its own time where the topic says LogAppendTime, with a new CRC', () => {
    const kit = createKit()
    const log = kit.open({ config: { messageTimestampType: 'LogAppendTime' } })
    const result = log.appendAsLeader(batchOf(['a', 'b'], 1), 0)
    expect(result).toMatchObject({ ok: true, value: { logAppendTimeMs: kit.clock.now } })
    const bytes = readBytes(log, 0)
    expect(readBatchHeader(bytes, 0)).toMatchObject({ timestampType: 'LogAppendTime', maxTimestamp: kit.clock.now })
    expect(isCrcValid(bytes, 0)).toBe(true)
    expect(log.offsetForTimestamp(kit.clock.now)).toMatchObject({ offset: 0, timestamp: kit.clock.now })
  })

  const patched = (change: (batch: Buffer) => void): Uint8Array => {
    const batch = Buffer.from(batchOf(['a', 'b']))
    change(batch)
    return batch
  }
  const resealed = (change: (batch: Buffer) => void): Uint8Array => {
    const batch = Buffer.from(batchOf(['a', 'b']))
    change(batch)
    updateCrc(batch, 0)
    return batch
  }

  it.each<[string, Uint8Array, ErrorCode, Partial<LogConfig>?]>([
    ['no batch at all', new Uint8Array(0), ErrorCode.INVALID_RECORD],
    ['two batches', Buffer.concat([batchOf(['a']), batchOf(['b'])]), ErrorCode.INVALID_RECORD],
    ['an old message format', patched((batch) => batch.writeInt8(1, 16)), ErrorCode.INVALID_RECORD],
    ['a flipped bit', patched((batch) => batch.writeUInt8(batch[70]! ^ 1, 70)), ErrorCode.CORRUPT_MESSAGE],
    ['a length beyond its bytes', patched((batch) => batch.writeInt32BE(10_000, 8)), ErrorCode.CORRUPT_MESSAGE],
    ['a negative length', patched((batch) => batch.writeInt32BE(-5, 8)), ErrorCode.CORRUPT_MESSAGE],
    ['half a header', batchOf(['a']).subarray(0, 30), ErrorCode.CORRUPT_MESSAGE],
    ['a base offset', patched((batch) => batch.writeInt32BE(7, 4)), ErrorCode.INVALID_RECORD],
    ['a batch over max.message.bytes', batchOf(['x'.repeat(200)]), ErrorCode.MESSAGE_TOO_LARGE, { maxMessageBytes: 150 }],
    ['a batch over segment.bytes', batchOf(['x'.repeat(200)]), ErrorCode.RECORD_LIST_TOO_LARGE, { segmentBytes: 150 }],
    ['more offsets than records', resealed((batch) => batch.writeInt32BE(5, 23)), ErrorCode.INVALID_RECORD],
    ['no records', resealed((batch) => batch.writeInt32BE(0, 57)), ErrorCode.INVALID_RECORD],
    ['a control batch', batchOf(['a'], undefined, { isControl: true }), ErrorCode.INVALID_RECORD],
    [
      'a producer id without sequence',
      batchOf(['a'], undefined, { producerId: 5n, producerEpoch: 0, baseSequence: -1 }),
      ErrorCode.INVALID_RECORD,
    ],
    ['a timestamp two hours ahead', batchOf(['a'], 1_700_000_000_000 + 2 * hour), ErrorCode.INVALID_TIMESTAMP],
    [
      'a timestamp too far back',
      batchOf(['a'], 1_700_000_000_000 - 2 * hour),
      ErrorCode.INVALID_TIMESTAMP,
      { messageTimestampBeforeMaxMs: hour },
    ],
    ['a record without key on a compacted topic', batchOf(['a']), ErrorCode.INVALID_RECORD, { cleanupPolicy: 'compact' }],
  ])('refuses %s and appends nothing', (_, records, code, config = {}) => {
    const log = createKit().open({ config })
    const result = log.appendAsLeader(records, 0)
    expect(result).toMatchObject({ ok: false, error: { code } })
    expect([log.logEndOffset, log.sizeInBytes, log.latestEpoch]).toEqual([0, 0, -1])
  })

  it('names the records that are to blame: those without key, and those of another time', () => {
    const now = BigInt(1_700_000_000_000)
    const records = [
      { key: Buffer.from('a'), timestamp: now },
      { key: null, timestamp: now },
      { key: Buffer.from('b'), timestamp: now - BigInt(2 * hour) },
    ].map((record) => ({ ...record, value: Buffer.from('x'), headers: [] }))
    const compacted = createKit().open({ config: { cleanupPolicy: 'compact' } })
    expect(compacted.appendAsLeader(encodeBatch({ records }), 0)).toMatchObject({
      ok: false,
      error: {
        code: ErrorCode.INVALID_RECORD,
        recordErrors: [{ batchIndex: 1, message: expect.stringContaining('without key') }],
      },
    })
    const both = createKit().open({ config: { cleanupPolicy: 'compact', messageTimestampBeforeMaxMs: hour } })
    const refused = both.appendAsLeader(encodeBatch({ records }), 0)
    expect(refused).toMatchObject({ ok: false, error: { code: ErrorCode.INVALID_TIMESTAMP } })
    expect(refused.ok || refused.error.recordErrors?.map(({ batchIndex }) => batchIndex)).toEqual([1, 2])
  })

  it('takes the leader epoch that clients leave in a batch for what it is: nothing', () => {
    const log = createKit().open()
    expect(
      log.appendAsLeader(
        patched((batch) => batch.writeInt32BE(99, 12)),
        1,
      ).ok,
    ).toBe(true)
    expect(log.latestEpoch).toBe(1)
  })

  it('lets a coordinator write control batches', () => {
    const log = createKit().open()
    expect(log.appendAsLeader(batchOf(['a'], undefined, { isControl: true }), 0, 'coordinator').ok).toBe(true)
  })
})

describe('PartitionLog when the disk fails', () => {
  it.each(['no-space', 'io'] as const)('is as before after a write that failed with %s, and goes on when it can', (kind) => {
    const kit = createKit(5)
    const log = kit.open()
    append(log, ['a'])
    const size = log.sizeInBytes
    kit.disk.fail = (operation) => (operation === 'write' ? kind : null)
    expect(() => append(log, ['lost'])).toThrow(DiskError)
    expect([log.logEndOffset, log.sizeInBytes]).toEqual([1, size])
    expect(kit.disk.readFile(`${logDirectory}/00000000000000000000.log`)).toHaveLength(size)
    kit.disk.fail = null
    append(log, ['b'])
    expect(readAll(log).map((record) => record.value)).toEqual(['a', 'b'])
  })

  it('writes nothing behind a torn write that it could not take back', () => {
    const kit = createKit(5)
    const log = kit.open()
    append(log, ['a'])
    kit.disk.fail = (operation) => (operation === 'write' || operation === 'truncate' ? 'io' : null)
    expect(() => append(log, ['lost'])).toThrow(DiskError)
    kit.disk.fail = (operation) => (operation === 'truncate' ? 'io' : null)
    expect(() => append(log, ['lost too'])).toThrow(DiskError)
    kit.disk.fail = null
    append(log, ['b'])
    log.close()
    expect(readAll(kit.open()).map((record) => record.value)).toEqual(['a', 'b'])
  })

  it('fills a disk to the last byte and keeps what was acknowledged', () => {
    const kit = createKit()
    const log = kit.open({ config: { segmentBytes: 500 } })
    kit.disk.capacityBytes = 2_000
    let appended = 0
    expect(() => {
      for (; appended < 1000; appended++) append(log, [`value ${appended}`])
    }).toThrow(DiskError)
    expect(appended).toBeGreaterThan(10)
    expect(readAll(log)).toHaveLength(appended)
    kit.disk.kill()
    kit.disk.capacityBytes = Number.POSITIVE_INFINITY
    expect(readAll(kit.open({ wasCleanShutdown: false }))).toHaveLength(appended)
  })

  it('takes no appends after a failed fsync, because what was lost then cannot be known', () => {
    const kit = createKit()
    const log = kit.open()
    append(log, ['a'])
    kit.disk.fail = (operation) => (operation === 'sync' ? 'io' : null)
    expect(() => log.flush()).toThrow(DiskError)
    kit.disk.fail = null
    expect(() => append(log, ['b'])).toThrow(DiskError)
    expect(log.recoveryPoint).toBe(0)
  })
})

describe('PartitionLog.appendAsFollower', () => {
  const leaderBatch = (baseOffset: number, values: string[], partitionLeaderEpoch = 0) =>
    batchOf(values, undefined, { baseOffset, partitionLeaderEpoch })

  it('keeps the bytes as the leader has them and takes the epochs from the batches', () => {
    const log = createKit().open()
    const records = Buffer.concat([leaderBatch(0, ['a', 'b'], 1), leaderBatch(2, ['c'], 1), leaderBatch(3, ['d'], 6)])
    expect(log.appendAsFollower(records)).toMatchObject({
      firstOffset: 0,
      lastOffset: 3,
      recordCount: 4,
      sizeInBytes: records.length,
    })
    expect(Buffer.from(readBytes(log, 0))).toEqual(records)
    expect(log.epochEntries).toEqual([
      { epoch: 1, startOffset: 0 },
      { epoch: 6, startOffset: 3 },
    ])
  })

  it('leaves out an incomplete batch at the end', () => {
    const log = createKit().open()
    const whole = leaderBatch(0, ['a'])
    expect(log.appendAsFollower(Buffer.concat([whole, leaderBatch(1, ['b']).subarray(0, 50)]))).toMatchObject({ lastOffset: 0 })
    expect(log.appendAsFollower(leaderBatch(1, ['b']).subarray(0, 50))).toBeNull()
    expect(log.logEndOffset).toBe(1)
  })

  it('refuses damage and offsets that go back', () => {
    const log = createKit().open()
    log.appendAsFollower(leaderBatch(0, ['a', 'b']))
    const damaged = Buffer.from(leaderBatch(2, ['c']))
    damaged.writeUInt8(damaged[65]! ^ 0xff, 65)
    expect(() => log.appendAsFollower(damaged)).toThrow(CorruptRecordsError)
    expect(() => log.appendAsFollower(leaderBatch(1, ['x']))).toThrow(CorruptRecordsError)
    expect(log.logEndOffset).toBe(2)
  })

  it('goes over the gaps that compaction leaves', () => {
    const log = createKit().open()
    log.appendAsFollower(Buffer.concat([leaderBatch(5, ['a']), leaderBatch(9, ['b'])]))
    expect(readAll(log)).toEqual([
      { offset: 5, value: 'a' },
      { offset: 9, value: 'b' },
    ])
    expect(sliceOf(log, 6).nextOffset).toBe(10)
  })

  it("starts where a batch starts that holds the leader's log start", () => {
    const log = createKit().open()
    log.truncateFullyAndStartAt(12)
    log.appendAsFollower(leaderBatch(10, ['a', 'b', 'c', 'd']))
    expect([log.logStartOffset, log.logEndOffset]).toEqual([10, 14])
  })

  it("drops what lies below the leader's log start, where the leader has it in another batch", () => {
    const log = createKit().open()
    for (const value of ['a', 'b', 'c']) log.appendAsFollower(leaderBatch(log.logEndOffset, [value]))
    const spanning = leaderBatch(1, ['x', 'y', 'z', 'on'])
    expect(() => log.appendAsFollower(spanning, 2)).toThrow(CorruptRecordsError)
    log.appendAsFollower(spanning, 3)
    expect([log.logStartOffset, log.logEndOffset]).toEqual([1, 5])
    expect(readAll(log, 3).map(({ value }) => value)).toEqual(['x', 'y', 'z', 'on'])
  })
})

describe('PartitionLog.read', () => {
  it('answers the whole batch for an offset within it', () => {
    const log = createKit().open()
    append(log, ['a', 'b', 'c'])
    append(log, ['d'])
    expect(readAll(log, 2).map((record) => record.offset)).toEqual([0, 1, 2, 3])
  })

  it('finds every offset, by index and by tail, before and after a restart', () => {
    const { kit, log } = longLog(150)
    expect(log.segmentCount).toBeGreaterThan(5)
    const check = (subject: PartitionLog) => {
      for (let offset = 0; offset < 300; offset++) {
        const [first] = decodeRecords(firstBatch(readBytes(subject, offset)))
        expect(first!.offset).toBe(offset - (offset % 2))
      }
    }
    check(log)
    log.close()
    check(kit.open())
  })

  it('keeps to maxBytes at batch boundaries, but for one batch where asked', () => {
    const { log } = longLog(40, { indexIntervalBytes: 200 })
    const size = batchOf(['value 10', 'more 10']).byteLength
    for (const batches of [1, 2, 7]) {
      expect(sliceOf(log, 20, { maxBytes: size * batches }).sizeInBytes).toBe(size * batches)
      expect(sliceOf(log, 20, { maxBytes: size * batches + size - 1 })).toMatchObject({
        sizeInBytes: size * batches,
        nextOffset: 20 + batches * 2,
      })
    }
    expect(sliceOf(log, 20, { maxBytes: 1 }).sizeInBytes).toBe(size)
    expect(sliceOf(log, 20, { maxBytes: 1, minOneMessage: false })).toMatchObject({ sizeInBytes: 0, nextOffset: 20 })
    expect(sliceOf(log, 20, { maxBytes: 0 }).sizeInBytes).toBe(size)
  })

  it('stops before the batch that reaches maxOffset', () => {
    const { log } = longLog(40)
    expect(sliceOf(log, 6, { maxOffset: 10 }).nextOffset).toBe(10)
    expect(sliceOf(log, 6, { maxOffset: 9 }).nextOffset).toBe(8)
    expect(sliceOf(log, 6, { maxOffset: 7 }).sizeInBytes).toBe(0)
    expect(sliceOf(log, 6, { maxOffset: 6 }).sizeInBytes).toBe(0)
  })

  it('answers nothing at the end and refuses what lies outside', () => {
    const { log } = longLog(10)
    expect(sliceOf(log, 20).sizeInBytes).toBe(0)
    expect(log.read(21, everything)).toEqual({ ok: false, error: 'OFFSET_OUT_OF_RANGE' })
    log.setLogStartOffset(5)
    expect(log.read(4, everything)).toEqual({ ok: false, error: 'OFFSET_OUT_OF_RANGE' })
  })

  it('needs no file for reads at the tail', () => {
    const { kit, log } = longLog(40)
    const before = kit.disk.counts.read
    sliceOf(log, 78)
    sliceOf(log, 76, { maxOffset: 78 })
    expect(kit.disk.counts.read).toBe(before)
  })
})

describe('LogSlice', () => {
  const bytesOf = (slice: { sizeInBytes: number; readInto(target: Uint8Array): void }, length = slice.sizeInBytes) => {
    const target = new Uint8Array(length).fill(0xee)
    slice.readInto(target)
    return target
  }

  it('reads the same bytes after appends and rolls', () => {
    const { log } = longLog(10)
    const slice = sliceOf(log, 2)
    const before = bytesOf(slice)
    append(log, ['later'])
    log.roll()
    expect(bytesOf(slice)).toEqual(before)
  })

  it('is empty once its segment was truncated, and never shows what took its place', () => {
    const { log } = longLog(4, {})
    const slice = sliceOf(log, 4)
    const { sizeInBytes } = slice
    log.truncateTo(6)
    append(log, ['something quite different'])
    expect(slice.sizeInBytes).toBe(0)
    expect(bytesOf(slice, sizeInBytes)).toEqual(new Uint8Array(sizeInBytes))
  })

  it.each<[string, (log: PartitionLog) => void]>([
    ['the log starts anew', (log) => log.truncateFullyAndStartAt(0)],
    ['its segment is deleted behind the log start', (log) => log.setLogStartOffset(39)],
    ['the partition is deleted', (log) => log.delete()],
  ])('is empty once %s', (_, act) => {
    const { log } = longLog(20)
    const slice = sliceOf(log, 0)
    const { sizeInBytes } = slice
    expect(sizeInBytes).toBeGreaterThan(0)
    act(log)
    expect(slice.sizeInBytes).toBe(0)
    expect(bytesOf(slice, sizeInBytes)).toEqual(new Uint8Array(sizeInBytes))
  })
})

describe('PartitionLog look-ups by timestamp', () => {
  it('finds the first record at or behind a time, within a batch and over segments, with the epoch of that record', () => {
    const kit = createKit()
    const log = kit.open({
      config: { segmentBytes: 1000, indexIntervalBytes: 100, messageTimestampAfterMaxMs: Number.POSITIVE_INFINITY },
    })
    for (let i = 0; i < 60; i++) append(log, ['a', 'b', 'c'], Math.floor(i / 20), 1000 + i * 10)
    const check = (subject: PartitionLog) => {
      expect(subject.offsetForTimestamp(0)).toEqual({ offset: 0, timestamp: 1000, leaderEpoch: 0 })
      for (let i = 0; i < 60; i++) {
        const leaderEpoch = Math.floor(i / 20)
        expect(subject.offsetForTimestamp(1000 + i * 10)).toEqual({ offset: i * 3, timestamp: 1000 + i * 10, leaderEpoch })
        expect(subject.offsetForTimestamp(1002 + i * 10)).toEqual({ offset: i * 3 + 2, timestamp: 1002 + i * 10, leaderEpoch })
      }
      expect(subject.offsetForTimestamp(1003 + 59 * 10)).toBeNull()
      expect(subject.maxTimestamp()).toEqual({ offset: 179, timestamp: 1592, leaderEpoch: 2 })
    }
    check(log)
    log.close()
    check(kit.open())
  })

  it('answers from compressed batches too', () => {
    const log = createKit().open()
    log.appendAsLeader(batchOf(['a', 'b', 'c'], 1000, { compression: 'gzip' }), 2)
    expect(log.offsetForTimestamp(1001)).toEqual({ offset: 1, timestamp: 1001, leaderEpoch: 2 })
  })

  it('finds the largest timestamp wherever it stands, and again after it was cut off', () => {
    const log = createKit().open()
    append(log, ['a'], 0, 5000)
    append(log, ['b', 'late', 'c'], 0, 9000)
    append(log, ['d'], 0, 7000)
    expect(log.maxTimestamp()).toEqual({ offset: 3, timestamp: 9002, leaderEpoch: 0 })
    log.truncateTo(1)
    expect(log.maxTimestamp()).toEqual({ offset: 0, timestamp: 5000, leaderEpoch: 0 })
  })

  it('knows none in an empty log', () => {
    const log = createKit().open()
    expect(log.offsetForTimestamp(0)).toBeNull()
    expect(log.maxTimestamp()).toBeNull()
  })

  it('does not go before the log start', () => {
    const log = createKit().open()
    append(log, ['a', 'b', 'c'], 0, 1000)
    log.setLogStartOffset(2)
    expect(log.offsetForTimestamp(0)).toMatchObject({ offset: 2, timestamp: 1002 })
  })
})

describe('PartitionLog segments', () => {
  it('rolls when a segment is full, when it is old and when an index is full', () => {
    const full = createKit().open({ config: { segmentBytes: 200 } })
    append(full, ['x'.repeat(60)])
    append(full, ['x'.repeat(60)])
    expect(full.segmentCount).toBe(2)

    const old = createKit().open({ config: { segmentMs: 1000 } })
    append(old, ['a'], 0, 1_700_000_000_000)
    append(old, ['b'], 0, 1_700_000_001_000)
    expect(old.segmentCount).toBe(1)
    append(old, ['c'], 0, 1_700_000_001_001)
    expect(old.segmentCount).toBe(2)

    const indexed = createKit().open({ config: { segmentIndexBytes: 36, indexIntervalBytes: 1 } })
    for (let i = 0; i < 10; i++) append(indexed, ['a'], 0, 1_700_000_000_000 + i)
    expect(indexed.segmentCount).toBeGreaterThan(2)
  })

  it('rolls before an offset no longer fits the index', () => {
    const log = createKit().open()
    log.appendAsFollower(batchOf(['a'], undefined, { baseOffset: 0, partitionLeaderEpoch: 0 }))
    log.appendAsFollower(batchOf(['b'], undefined, { baseOffset: 2 ** 31 + 5, partitionLeaderEpoch: 0 }))
    expect(log.segmentCount).toBe(2)
    expect(readAll(log).map((record) => record.offset)).toEqual([0, 2 ** 31 + 5])
  })

  it('syncs a rolled segment in the background and moves the recovery point to its end', async () => {
    const kit = createKit()
    const log = kit.open()
    append(log, ['a', 'b'])
    log.roll()
    append(log, ['c'])
    expect(log.recoveryPoint).toBe(0)
    await log.flushInBackground()
    expect(log.recoveryPoint).toBe(2)
  })

  it('flushes after flush.messages records', () => {
    const log = createKit().open({ config: { flushMessages: 3 } })
    append(log, ['a', 'b'])
    expect(log.recoveryPoint).toBe(0)
    append(log, ['c'])
    expect(log.recoveryPoint).toBe(3)
  })

  it('deletes whole segments behind the log start and no others', () => {
    const { kit, log } = longLog(40)
    const [second] = kit.disk.paths
      .filter((path) => path.endsWith('.log'))
      .map((path) => Number(path.slice(-24, -4)))
      .slice(1)
    log.setLogStartOffset(second! - 1)
    expect(log.firstSegmentOffset).toBe(0)
    log.setLogStartOffset(second!)
    expect(log.firstSegmentOffset).toBe(second)
    expect(readAll(log)[0]!.offset).toBe(second)
    log.setLogStartOffset(3)
    expect(log.logStartOffset).toBe(second)
  })
})

describe('PartitionLog.truncateTo', () => {
  it('cuts segments, indexes and epochs, and appends go on from there', () => {
    const kit = createKit()
    const log = kit.open({ config: { segmentBytes: 1000, indexIntervalBytes: 150 } })
    for (let i = 0; i < 60; i++) append(log, ['a', 'b'], Math.floor(i / 10))
    log.truncateTo(50)
    expect([log.logEndOffset, log.latestEpoch]).toEqual([50, 2])
    append(log, ['new'], 9)
    expect(
      readAll(log)
        .slice(-2)
        .map(({ offset, value }) => `${offset} ${value}`),
    ).toEqual(['49 b', '50 new'])
    expect(log.endOffsetForEpoch(2)).toEqual({ leaderEpoch: 2, endOffset: 50 })
    kit.disk.kill()
    expect(readAll(kit.open({ wasCleanShutdown: false }))).toHaveLength(51)
  })

  it('drops the whole batch where the offset lies within one', () => {
    const log = createKit().open()
    append(log, ['a', 'b'])
    append(log, ['c', 'd', 'e'])
    log.truncateTo(3)
    expect(log.logEndOffset).toBe(2)
  })

  it('does nothing beyond the end', () => {
    const { log } = longLog(3)
    log.truncateTo(100)
    expect(log.logEndOffset).toBe(6)
  })

  it('lowers the recovery point, and says so before anything is cut', () => {
    const kit = createKit()
    const lowered: number[] = []
    const log: PartitionLog = kit.open({ onDidLowerRecoveryPoint: () => lowered.push(log.recoveryPoint, log.logEndOffset) })
    for (let i = 0; i < 5; i++) append(log, ['a'])
    log.flush()
    log.truncateTo(2)
    expect(lowered).toEqual([2, 5])
  })
})

describe('PartitionLog.delete', () => {
  it('leaves nothing of the partition', () => {
    const { kit, log } = longLog(20)
    log.delete()
    expect(kit.disk.list('/data')).toEqual([])
    expect(kit.disk.openFiles).toBe(0)
  })

  it('has the partition gone for good even where the removal fails half-way', () => {
    const { kit, log } = longLog(5)
    kit.disk.fail = (operation) => (operation === 'remove' ? 'io' : null)
    expect(() => log.delete()).toThrow(DiskError)
    kit.disk.fail = null
    kit.disk.crash()
    expect(kit.disk.list('/data').map((entry) => entry.name)).toEqual([expect.stringMatching(/^orders-0\.[0-9a-f]{32}-delete$/)])
  })
})

function firstBatch(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, readBatchHeader(bytes, 0).sizeInBytes)
}
