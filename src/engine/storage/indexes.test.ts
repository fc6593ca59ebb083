import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryDisk } from '../testing/memory-disk'
import { seededRandom } from '../testing/storage-kit'
import { OffsetIndex } from './offset-index'
import { TailPositions } from './tail-positions'
import { TimeIndex } from './time-index'

function newDisk(): MemoryDisk {
  return new MemoryDisk({ random: seededRandom(3) })
}

describe('OffsetIndex', () => {
  it("writes Kafka's bytes", () => {
    const disk = newDisk()
    const index = OffsetIndex.empty()
    index.append(5, 4100)
    index.append(70_000, 8300)
    index.persist(disk, '/0.index', false)
    expect(disk.readFile('/0.index')?.toString('hex')).toBe('00000005' + '00001004' + '00011170' + '0000206c')
  })

  it('finds the last entry at or below an offset, and at or below a position', () => {
    const index = OffsetIndex.empty()
    for (let i = 1; i <= 100; i++) index.append(i * 10, i * 1000)
    expect(index.slotForOffset(9)).toBe(-1)
    expect(index.relativeOffset(index.slotForOffset(10))).toBe(10)
    expect(index.relativeOffset(index.slotForOffset(19))).toBe(10)
    expect(index.relativeOffset(index.slotForOffset(5000))).toBe(1000)
    expect(index.position(index.slotForPosition(2999))).toBe(2000)
  })

  it('keeps the valid prefix of a file that Kafka padded with zeros, and trims it when written', () => {
    const disk = newDisk()
    const padded = Buffer.alloc(80)
    padded.writeInt32BE(3, 0)
    padded.writeInt32BE(500, 4)
    const index = OffsetIndex.parse(padded, 10_000)
    expect(index.count).toBe(1)
    expect(index.isPersisted).toBe(false)
    disk.writeFileAtomic('/0.index', padded)
    index.persist(disk, '/0.index', false)
    expect(disk.readFile('/0.index')).toHaveLength(8)
  })

  it('does not believe entries beyond the segment or out of order', () => {
    const bytes = Buffer.alloc(24)
    for (const [slot, offset, position] of [
      [0, 3, 500],
      [1, 9, 400],
      [2, 12, 900],
    ] as const) {
      bytes.writeInt32BE(offset, slot * 8)
      bytes.writeInt32BE(position, slot * 8 + 4)
    }
    expect(OffsetIndex.parse(bytes, 10_000).count).toBe(1)
    expect(OffsetIndex.parse(bytes, 500).count).toBe(0)
  })

  it('is the same after any appends, truncations and reloads', () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('append' as const), by: fc.integer({ min: 1, max: 50 }) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('truncate' as const, 'reload' as const), by: fc.nat(400) }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const disk = newDisk()
        let index = OffsetIndex.empty()
        let model: [number, number][] = []
        for (const { kind, by } of steps) {
          if (kind === 'append') {
            const last = model.at(-1) ?? [0, 0]
            model.push([last[0] + by, last[1] + by * 10])
            index.append(last[0] + by, last[1] + by * 10)
          } else if (kind === 'truncate') {
            model = model.filter(([offset]) => offset < by)
            index.truncateTo(by)
          } else {
            index.persist(disk, '/0.index', false)
            index = OffsetIndex.parse(disk.readFile('/0.index')!, 2 ** 31)
          }
          const found = Array.from({ length: index.count }, (_, slot) => [index.relativeOffset(slot), index.position(slot)])
          expect(found).toEqual(model)
        }
      }),
    )
  })
})

describe('TimeIndex', () => {
  it("writes Kafka's bytes", () => {
    const disk = newDisk()
    const index = TimeIndex.empty()
    index.maybeAppend(1_700_000_000_123, 7)
    index.persist(disk, '/0.timeindex', true)
    expect(disk.readFile('/0.timeindex')?.toString('hex')).toBe('0000018bcfe5687b' + '00000007')
    expect(TimeIndex.parse(disk.readFile('/0.timeindex')!).lastTimestamp).toBe(1_700_000_000_123)
  })

  it('takes only larger timestamps', () => {
    const index = TimeIndex.empty()
    index.maybeAppend(100, 3)
    index.maybeAppend(100, 9)
    index.maybeAppend(90, 10)
    index.maybeAppend(120, 11)
    expect([index.count, index.lastTimestamp, index.lastRelativeOffset]).toEqual([2, 120, 11])
    expect(index.slotForTimestamp(99)).toBe(-1)
    expect(index.slotForTimestamp(119)).toBe(0)
    expect(index.slotForTimestamp(120)).toBe(1)
  })

  it('tells padding from a single entry of timestamp 0', () => {
    expect(TimeIndex.parse(Buffer.alloc(12)).count).toBe(1)
    expect(TimeIndex.parse(Buffer.alloc(120)).count).toBe(0)
  })
})

describe('the index parsers', () => {
  // Whatever stands in a file: entries rise strictly, point into the segment, and nothing throws.
  it('keep only entries that can be true', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(1_000_000), (bytes, logBytes) => {
        const offsets = OffsetIndex.parse(bytes, logBytes)
        for (let slot = 0; slot < offsets.count; slot++) {
          expect(offsets.position(slot)).toBeLessThan(logBytes)
          if (slot > 0) expect(offsets.relativeOffset(slot)).toBeGreaterThan(offsets.relativeOffset(slot - 1))
        }
        const times = TimeIndex.parse(bytes)
        for (let slot = 1; slot < times.count; slot++) expect(times.timestamp(slot)).toBeGreaterThan(times.timestamp(slot - 1))
      }),
    )
  })
})

describe('TailPositions', () => {
  it('finds the recent batches and no others', () => {
    const tail = new TailPositions()
    expect(tail.find(0)).toBe(-1)
    for (let batch = 0; batch < 100; batch++) tail.push(batch * 10, batch * 10 + 9, batch * 500)
    for (let offset = 0; offset < 1010; offset++) {
      const index = tail.find(offset)
      if (offset < 680 || offset > 999) expect(index).toBe(-1)
      else expect(tail.position(index)).toBe(Math.floor(offset / 10) * 500)
    }
    tail.clear()
    expect(tail.find(990)).toBe(-1)
  })
})
