import { describe, expect, it } from 'vitest'
import { Kept } from './kept'

const keysOf = (kept: Kept<string, number>, ...keys: string[]) => keys.filter((key) => kept.get(key) !== undefined).join('')

describe('what is kept', () => {
  it('is given up by use where there is too much of it', () => {
    const kept = new Kept<string, number>({ entriesMax: 2 })
    kept.set('a', 1)
    kept.set('b', 2)
    expect(kept.get('a')).toBe(1)
    kept.set('c', 3)
    expect(keysOf(kept, 'a', 'b', 'c')).toBe('ac')
  })

  it('is given up by weight, until the rest is light enough', () => {
    const kept = new Kept<string, number>({ entriesMax: 10, weightMax: 100 })
    for (const key of ['a', 'b', 'c']) kept.set(key, 1, 30)
    kept.set('d', 1, 60)
    expect(keysOf(kept, 'a', 'b', 'c', 'd')).toBe('cd')
    kept.set('d', 2, 10)
    kept.set('e', 1, 60)
    expect(keysOf(kept, 'c', 'd', 'e')).toBe('cde')
  })

  it('is not given up for one that is too heavy by itself, which is not kept', () => {
    const kept = new Kept<string, number>({ entriesMax: 10, weightMax: 100 })
    kept.set('a', 1, 90)
    kept.set('b', 1, 101)
    expect(keysOf(kept, 'a', 'b')).toBe('a')
    kept.delete('a')
    kept.set('c', 1, 100)
    expect([keysOf(kept, 'a', 'c'), kept.size]).toEqual(['c', 1])
    kept.clear()
    kept.set('d', 1, 100)
    expect(kept.size).toBe(1)
  })
})
