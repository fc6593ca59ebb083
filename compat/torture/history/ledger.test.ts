import { describe, expect, it } from 'vitest'
import { Ledger, type PartitionContents, type Stream } from './ledger'

function contents(...records: readonly (readonly [Stream, number])[]): PartitionContents {
  return {
    offsets: records.map((_, offset) => offset),
    streams: records.map(([stream]) => stream.id),
    sequences: records.map(([, sequence]) => sequence),
  }
}

function ledgerWith(isIdempotent: boolean, ...offsets: readonly number[]): { ledger: Ledger; stream: Stream } {
  const ledger = new Ledger()
  const stream = ledger.open('a producer', isIdempotent, 't', 0)
  offsets.forEach((offset, sequence) => {
    ledger.acknowledge(stream.id, sequence, offset, -1, 0)
  })
  return { ledger, stream }
}

const kinds = (ledger: Ledger) => ledger.violations.map(({ kind }) => kind)

describe('Ledger', () => {
  it('finds nothing where all stands as acknowledged, records that were never acknowledged among it', () => {
    const { ledger, stream } = ledgerWith(true, 0, 1)
    const other = ledger.open('another', false, 't', 0)
    ledger.verify('t', 0, contents([stream, 0], [stream, 1], [other, 0], [stream, 2]), 'test')
    expect(ledger.violations).toEqual([])
  })

  it('misses a record that was acknowledged, and tells of it once however often it looks', () => {
    const { ledger, stream } = ledgerWith(true, 0, 1)
    ledger.verify('t', 0, contents([stream, 0]), 'one reader')
    ledger.verify('t', 0, contents([stream, 0]), 'another')
    expect(kinds(ledger)).toEqual(['lost'])
    expect(ledger.violations[0]?.text).toContain('record 1 of a producer')
  })

  it('takes a record that stands at another offset than was acknowledged for lost', () => {
    const { ledger, stream } = ledgerWith(false, 1)
    ledger.verify('t', 0, contents([stream, 0], [stream, 1]), 'test')
    expect(kinds(ledger)).toEqual(['lost'])
  })

  it('does not ask where a record stands whose client was not told', () => {
    const { ledger, stream } = ledgerWith(true, -1)
    ledger.verify('t', 0, contents([stream, 0]), 'test')
    expect(ledger.violations).toEqual([])
  })

  it('forbids duplicates to idempotent producers and counts those of others', () => {
    const strict = ledgerWith(true, 0)
    strict.ledger.verify('t', 0, contents([strict.stream, 0], [strict.stream, 0]), 'test')
    expect(kinds(strict.ledger)).toEqual(['duplicated'])
    // The second copy is the one that was acknowledged.
    const plain = ledgerWith(false, 1)
    plain.ledger.verify('t', 0, contents([plain.stream, 0], [plain.stream, 0]), 'test')
    expect(plain.ledger.violations).toEqual([])
    expect(plain.ledger.permittedDuplicates()).toEqual(new Map([['a producer', 1]]))
  })

  it('forbids any disorder to idempotent producers', () => {
    const { ledger, stream } = ledgerWith(true)
    ledger.verify('t', 0, contents([stream, 1], [stream, 0]), 'test')
    expect(kinds(ledger)).toEqual(['reordered'])
  })

  it('forbids to every producer that a record stands before one that was acknowledged when it was handed over', () => {
    const { ledger, stream } = ledgerWith(false, 7)
    expect(ledger.floorOf(stream.id)).toBe(7)
    ledger.acknowledge(stream.id, 1, 3, 7, 0)
    expect(kinds(ledger)).toEqual(['reordered'])
    // Both on their way at once: the client's affair.
    const { ledger: free, stream: own } = ledgerWith(false, 1, 0)
    free.verify('t', 0, contents([own, 1], [own, 0]), 'test')
    expect(free.violations).toEqual([])
    expect(free.permittedPasses()).toEqual(new Map([['a producer', 1]]))
  })

  it('finds holes in the offsets and records that nobody wrote', () => {
    const { ledger, stream } = ledgerWith(true)
    ledger.verify('t', 0, { offsets: [0, 2], streams: [stream.id, stream.id], sequences: [0, 1] }, 'test')
    ledger.verify('t', 1, contents([stream, 0]), 'test')
    expect(kinds(ledger)).toEqual(['hole', 'foreign'])
  })
})
