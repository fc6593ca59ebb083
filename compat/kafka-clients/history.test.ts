import { describe, expect, it } from 'vitest'
import { broken, Tally, verify } from './history'

const acknowledged = [0, 1, 2].map((sequence) => ({ partition: 0, sequence, atMs: 0 }))

describe('verify', () => {
  it('accepts retries that were written twice', () => {
    expect(verify(acknowledged, new Map([[0, [0, 1, 0, 1, 2]]]))).toMatchObject({ lost: [], reordered: [], duplicates: 2 })
  })

  it('names what is lost', () => {
    expect(verify(acknowledged, new Map([[0, [0, 2]]])).lost).toEqual(['partition 0: 1'])
    expect(verify(acknowledged, new Map()).lost).toHaveLength(3)
  })

  it('names what first appears out of order', () => {
    expect(verify(acknowledged, new Map([[0, [0, 2, 1]]])).reordered).toEqual(['partition 0: 1 after 2'])
  })
})

describe('broken', () => {
  const plain = { isIdempotent: false, keepsOrder: true }
  const verdict = verify(acknowledged, new Map([[0, [0, 1, 1, 2]]]))

  it('allows a repetition to a producer without idempotence only', () => {
    expect(broken(verdict, plain)).toEqual([])
    expect(broken(verdict, { isIdempotent: true, keepsOrder: true })).toEqual(['duplicated: partition 0: 1 again'])
  })

  it('allows no loss to anybody, and another order only to clients that change it themselves', () => {
    expect(broken(verify(acknowledged, new Map([[0, [2, 1]]])), plain)).toEqual([
      'lost: partition 0: 0',
      'reordered: partition 0: 1 after 2',
    ])
    const careless = { isIdempotent: false, keepsOrder: false }
    expect(broken(verify(acknowledged, new Map([[0, [2, 1]]])), careless)).toEqual(['lost: partition 0: 0'])
  })
})

describe('Tally', () => {
  it('adds up by kind of client', () => {
    const tally = new Tally()
    tally.add('a', verify(acknowledged, new Map([[0, [0, 1, 1, 2]]])))
    tally.add('b', verify(acknowledged, new Map([[0, [2, 1]]])))
    tally.add('a', verify(acknowledged, new Map([[0, [0, 0, 1, 2]]])))
    expect(tally.lines()).toEqual([
      'a: 6 acknowledged, 0 lost, 2 duplicated, 0 reordered',
      'b: 3 acknowledged, 1 lost, 0 duplicated, 1 reordered',
    ])
  })
})
