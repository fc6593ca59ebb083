import { describe, expect, it } from 'vitest'
import { verify } from './history'

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
