import { describe, expect, it } from 'vitest'
import { append, batchOf, createKit, readAll, readBytes } from '../testing/storage-kit'

describe('PartitionLog', () => {
  it('gives offsets without a gap and reads back what was appended', () => {
    const log = createKit().open()
    expect(append(log, ['a', 'b'])).toMatchObject({ firstOffset: 0, lastOffset: 1, recordCount: 2, logAppendTimeMs: -1 })
    expect(append(log, ['c'])).toMatchObject({ firstOffset: 2, lastOffset: 2 })
    expect(log.logEndOffset).toBe(3)
    expect(readAll(log)).toEqual([
      { offset: 0, value: 'a' },
      { offset: 1, value: 'b' },
      { offset: 2, value: 'c' },
    ])
  })

  it('answers the whole batch for an offset within it', () => {
    const log = createKit().open()
    append(log, ['a', 'b', 'c'])
    append(log, ['d'])
    expect(readAll(log, 2).map((record) => record.offset)).toEqual([0, 1, 2, 3])
  })

  it('survives a clean restart', () => {
    const kit = createKit()
    const log = kit.open()
    append(log, ['a', 'b'], 3)
    log.close()
    const again = kit.open()
    expect(again.logEndOffset).toBe(2)
    expect(again.latestEpoch).toBe(3)
    expect(readAll(again)).toHaveLength(2)
    expect(readBytes(again, 0)).toEqual(readBytes(again, 1))
    expect(batchOf(['a']).byteLength).toBeGreaterThan(61)
  })
})
