import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { append, createKit, type Kit, logDirectory, readAll, readBytes } from '../testing/storage-kit'
import { baseOffsetAt, batchSizeAt } from './batch-fields'
import type { PartitionLog } from './partition-log'

const config = { segmentBytes: 1000, indexIntervalBytes: 150 }

/** Several small segments, closed cleanly; two epochs. */
function closedLog(batches = 30): { kit: Kit; wanted: ReturnType<typeof readAll>; logs: string[] } {
  const kit = createKit(11)
  const log = kit.open({ config })
  for (let i = 0; i < batches; i++) append(log, [`value ${i}`, `more ${i}`], i < batches / 2 ? 0 : 1)
  const wanted = readAll(log)
  log.close()
  return { kit, wanted, logs: kit.disk.paths.filter((path) => path.endsWith('.log')) }
}

/** Flips bits in the byte at `at`, counted around the file's end. Offset and epoch of a batch are left alone: Kafka's CRC does not cover them. */
function flip(kit: Kit, path: string, at: number, bits: number): void {
  kit.disk.corrupt(path, (bytes) => {
    const target = bytes.byteLength === 0 ? 0 : at % bytes.byteLength
    let batchStart = 0
    while (path.endsWith('.log') && batchStart + batchSizeAt(bytes, batchStart) <= target)
      batchStart += batchSizeAt(bytes, batchStart)
    const isCovered =
      !path.endsWith('.log') || (target - batchStart >= 8 && target - batchStart < 12) || target - batchStart >= 16
    if (isCovered && target < bytes.byteLength) bytes[target] = bytes[target]! ^ bits
    return bytes
  })
}

const reopen = (
  kit: Kit,
  options: { recoveryPoint?: number; wasCleanShutdown?: boolean; logStartOffset?: number } = {},
): PartitionLog => kit.open({ config, wasCleanShutdown: false, ...options })

describe('recovery', () => {
  it('finds everything after a kill, and reports no loss', () => {
    const { kit, wanted } = closedLog()
    const log = reopen(kit)
    expect(readAll(log)).toEqual(wanted)
    expect(log.recoveryReport).toBeNull()
  })

  it('cuts at the first bad batch, deletes later segments, and says what it cut', () => {
    const { kit, wanted, logs } = closedLog()
    const sizes = logs.map((path) => kit.disk.readFile(path)!.byteLength)
    flip(kit, logs[1]!, 70, 1)
    const log = reopen(kit)
    const firstBad = Number(logs[1]!.slice(-24, -4))
    expect(log.logEndOffset).toBe(firstBad)
    expect(readAll(log)).toEqual(wanted.slice(0, firstBad))
    expect(log.recoveryReport).toEqual({
      truncatedBytes: sizes.slice(1).reduce((a, b) => a + b),
      message: expect.stringContaining(`does not match its CRC; cut at offset ${firstBad}; later segments are deleted`),
    })
    append(log, ['on'])
    log.close()
    expect(readAll(kit.open({ config }))).toHaveLength(firstBad + 1)
  })

  it('does not read below the recovery point', () => {
    const { kit, logs, wanted } = closedLog()
    flip(kit, logs[0]!, 70, 1)
    expect(reopen(kit, { recoveryPoint: wanted.length }).logEndOffset).toBe(wanted.length)
  })

  it.each([
    ['garbage', Buffer.alloc(500, 0xa5)],
    ["the zeros of Kafka's preallocation", Buffer.alloc(500)],
    ['a part of a header', Buffer.alloc(7, 1)],
  ])('cuts off %s behind the last batch', (_, tail) => {
    const { kit, wanted, logs } = closedLog()
    kit.disk.corrupt(logs.at(-1)!, (bytes) => Buffer.concat([bytes, tail]))
    const log = reopen(kit)
    expect(readAll(log)).toEqual(wanted)
    expect(log.recoveryReport?.truncatedBytes).toBe(tail.byteLength)
  })

  it('looks behind a clean shutdown too where the end of the log is no batch', () => {
    const { kit, wanted, logs } = closedLog()
    kit.disk.corrupt(logs.at(-1)!, (bytes) => Buffer.concat([bytes, Buffer.alloc(300, 7)]))
    const log = reopen(kit, { wasCleanShutdown: true })
    expect(readAll(log)).toEqual(wanted)
    expect(log.recoveryReport?.truncatedBytes).toBe(300)
  })

  it('ends the log where a segment lost its tail at a batch boundary, where no CRC shows it', () => {
    const { kit, logs } = closedLog()
    kit.disk.corrupt(logs[1]!, () => new Uint8Array(0))
    const log = reopen(kit)
    expect(log.logEndOffset).toBe(Number(logs[1]!.slice(-24, -4)))
    expect(log.recoveryReport?.message).toContain('its next segment starts at')
  })

  it('refuses batches that go back in offsets', () => {
    const { kit, logs } = closedLog()
    kit.disk.corrupt(logs[0]!, (bytes) => Buffer.concat([bytes, bytes]))
    expect(reopen(kit).logEndOffset).toBe(Number(logs[1]!.slice(-24, -4)))
  })

  it.each([true, false])('rebuilds missing indexes and epochs (clean shutdown: %s)', (wasCleanShutdown) => {
    const { kit, wanted } = closedLog()
    const epochs = kit.open({ config }).epochEntries
    for (const path of kit.disk.paths) if (!path.endsWith('.log')) kit.disk.removeFile(path)
    const log = reopen(kit, { wasCleanShutdown })
    expect(readAll(log)).toEqual(wanted)
    for (const { offset } of wanted) expect(readAll(log, offset)[0]!.offset).toBe(offset - (offset % 2))
    expect(log.epochEntries).toEqual(epochs)
    expect(log.maxTimestamp()).not.toBeNull()
  })

  it('takes indexes that Kafka padded with zeros for what they hold', () => {
    const { kit, wanted } = closedLog()
    for (const path of kit.disk.paths.filter((name) => name.endsWith('index'))) {
      kit.disk.corrupt(path, (bytes) => Buffer.concat([bytes, Buffer.alloc(1200)]))
    }
    for (const wasCleanShutdown of [true, false]) {
      const log = reopen(kit, { wasCleanShutdown })
      expect(readAll(log)).toEqual(wanted)
      expect(log.maxTimestamp()).toMatchObject({ timestamp: 1_700_000_000_001 })
      kit.disk.kill()
    }
  })

  it.each([
    [true, 5],
    [false, 5],
    [true, 10],
  ])(
    'knows the epochs of records that are back since the log start was not noted (clean shutdown: %s, it was offset %i of 10)',
    (wasCleanShutdown, startOffset) => {
      const kit = createKit(12)
      const log = kit.open({ config: { segmentBytes: 1_000_000 } })
      for (const epoch of [0, 0, 1, 1, 2]) append(log, ['a', 'b'], epoch)
      const before = log.epochEntries
      log.setLogStartOffset(startOffset)
      log.close()
      const again = kit.open({ config, wasCleanShutdown, logStartOffset: 0 })
      expect(again.logStartOffset).toBe(0)
      expect(again.epochEntries).toEqual(before)
    },
  )

  it('starts anew where the log ends before its recorded start', () => {
    const { kit } = closedLog()
    const log = reopen(kit, { logStartOffset: 500 })
    expect([log.logStartOffset, log.logEndOffset, log.sizeInBytes]).toEqual([500, 500, 0])
    expect(append(log, ['a']).firstOffset).toBe(500)
    expect(log.recoveryReport?.message).toContain('it starts anew there')
  })

  it('removes what a deletion or a cleaning left half done, and indexes without a log', () => {
    const { kit, wanted } = closedLog()
    for (const name of [
      '00000000000000000000.log.deleted',
      '00000000000000000000.log.cleaned',
      '00000000000000007777.index',
      'x.tmp',
    ]) {
      kit.disk.writeFileAtomic(`${logDirectory}/${name}`, Buffer.from('left'))
    }
    expect(readAll(reopen(kit, { wasCleanShutdown: true }))).toEqual(wanted)
    expect(
      kit.disk.paths.filter((path) => !/\d{20}\.(log|index|timeindex|snapshot)$|leader-epoch-checkpoint$/.test(path)),
    ).toEqual([])
  })
})

describe('damaged files', () => {
  // Whatever bytes of whatever files are changed: opening ends and does not throw, and what recovery leaves is a prefix of what was written.
  it('leave a prefix of the log and never a crash or a loop', () => {
    const flips = fc.array(fc.record({ file: fc.nat(), at: fc.nat(), value: fc.integer({ min: 1, max: 255 }) }), {
      minLength: 1,
      maxLength: 6,
    })
    fc.assert(
      fc.property(flips, (changes) => {
        const { kit, wanted } = closedLog()
        const paths = kit.disk.paths.filter((path) => !path.endsWith('leader-epoch-checkpoint'))
        for (const { file, at, value } of changes) {
          flip(kit, paths[file % paths.length]!, at, value)
        }
        const log = reopen(kit)
        const found = readAll(log)
        expect(found).toEqual(wanted.slice(0, log.logEndOffset))
        for (const { offset } of found) expect(baseOffsetAt(readBytes(log, offset, 1), 0)).toBe(offset - (offset % 2))
      }),
      { numRuns: 60 },
    )
  })

  it('whose indexes lie are found out at the first look-up after a clean shutdown', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 }),
        (flips) => {
          const { kit, wanted } = closedLog()
          const paths = kit.disk.paths.filter((path) => path.endsWith('.index'))
          for (const [file, at, value] of flips) {
            flip(kit, paths[file % paths.length]!, at, value)
          }
          const log = reopen(kit, { wasCleanShutdown: true })
          for (const { offset } of wanted.filter(({ offset }) => offset % 5 === 0)) {
            expect(baseOffsetAt(readBytes(log, offset, 1), 0)).toBe(offset - (offset % 2))
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('full of anything are opened as an empty log or a prefix', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, wasCleanShutdown) => {
        const kit = createKit()
        kit.disk.makeDirectory(logDirectory)
        for (const suffix of ['log', 'index', 'timeindex'])
          kit.disk.writeFileAtomic(`${logDirectory}/00000000000000000000.${suffix}`, bytes)
        const log = reopen(kit, { wasCleanShutdown })
        expect(log.logEndOffset).toBe(0)
        expect(append(log, ['a']).firstOffset).toBe(0)
      }),
    )
  })
})
