import { describe, expect, it } from 'vitest'
import { append, createKit } from '../testing/storage-kit'
import { expiredSegmentCount, type RetainedSegment } from './retention'

const segments: RetainedSegment[] = [
  { sizeInBytes: 100, largestTimestamp: 1000, endOffset: 10 },
  { sizeInBytes: 100, largestTimestamp: 2000, endOffset: 20 },
  { sizeInBytes: 100, largestTimestamp: 3000, endOffset: 30 },
]
const count = (limits: { retentionMs?: number; retentionBytes?: number }, maxOffset = 30, nowMs = 3100) =>
  expiredSegmentCount(segments, { retentionMs: -1, retentionBytes: -1, ...limits }, maxOffset, nowMs)

describe('retention', () => {
  it('keeps everything without limits', () => expect(count({})).toBe(0))
  it('drops by age, oldest first', () => {
    expect([
      count({ retentionMs: 5000 }),
      count({ retentionMs: 1500 }),
      count({ retentionMs: 500 }),
      count({ retentionMs: 50 }),
    ]).toEqual([0, 1, 2, 3])
  })
  it('drops by size only while what stays is no less than the limit', () => {
    expect([
      count({ retentionBytes: 300 }),
      count({ retentionBytes: 201 }),
      count({ retentionBytes: 200 }),
      count({ retentionBytes: 0 }),
    ]).toEqual([0, 0, 1, 3])
  })
  it('never drops what is not committed', () =>
    expect([count({ retentionMs: 0 }, 19), count({ retentionBytes: 0 }, 9)]).toEqual([1, 0]))
  it('keeps what has no time', () => {
    expect(
      expiredSegmentCount(
        [{ sizeInBytes: 1, largestTimestamp: -1, endOffset: 1 }],
        { retentionMs: 0, retentionBytes: -1 },
        1,
        9999,
      ),
    ).toBe(0)
  })
})

describe('a log', () => {
  it('drops its oldest segments, the active one too once all of it has expired, and goes on at the same offset', async () => {
    const kit = createKit()
    const log = kit.open()
    for (let index = 0; index < 3; index++) {
      append(log, [`value ${index}`])
      log.roll()
    }
    append(log, ['the newest'])
    expect([log.segmentCount, log.logStartOffset, log.logEndOffset]).toEqual([4, 0, 4])
    expect(log.applyRetention({ retentionMs: -1, retentionBytes: log.sizeInBytes - 1 }, 4)).toBe(0)
    expect(log.applyRetention({ retentionMs: -1, retentionBytes: 1 }, 2)).toBe(2)
    expect([log.segmentCount, log.logStartOffset]).toEqual([2, 2])
    kit.clock.advance(60_000_000_000)
    expect(log.applyRetention({ retentionMs: 1000, retentionBytes: -1 }, 4)).toBe(2)
    expect([log.segmentCount, log.logStartOffset, log.logEndOffset, log.sizeInBytes]).toEqual([1, 4, 4, 0])
    // The roll has begun to flush a segment that is gone by now.
    await log.flushInBackground()
    append(log, ['after'])
    expect(log.logEndOffset).toBe(5)
  })
})
