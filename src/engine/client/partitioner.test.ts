import { describe, expect, it } from 'vitest'
import { murmur2, partitionForKey, StickyPartitioner } from './partitioner'

describe('murmur2', () => {
  // The vectors of Kafka's own UtilsTest.testMurmur2.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as Java clients do', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash)
  })

  it('gives a partition within range for any key', () => {
    for (let i = 0; i < 500; i++) expect(partitionForKey(Buffer.from(`key-${i}`), 7)).toBeLessThan(7)
  })
})

describe('StickyPartitioner', () => {
  it('stays for a turn, then moves on to another partition', () => {
    const sticky = new StickyPartitioner({ below: () => 0, bytes: (length) => Buffer.alloc(length) }, 3)
    expect([1, 2, 3, 4, 5, 6].map(() => sticky.next(4))).toEqual([0, 0, 0, 1, 1, 1])
  })
})
