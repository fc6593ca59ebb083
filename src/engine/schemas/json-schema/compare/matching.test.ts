import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maximumMatching } from './matching'

/** The greatest number of pairs, by trying everything. */
function greatest(edges: readonly (readonly boolean[])[], left = 0, taken: ReadonlySet<number> = new Set()): number {
  const row = edges[left]
  if (row === undefined) return 0
  let best = greatest(edges, left + 1, taken)
  for (const [right, fits] of row.entries()) {
    if (fits && !taken.has(right)) best = Math.max(best, 1 + greatest(edges, left + 1, new Set([...taken, right])))
  }
  return best
}

describe('the matching of branches', () => {
  it('is as great as any, takes only pairs that fit, and nobody twice', () => {
    const graphs = fc
      .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
      .chain(([left, right]) =>
        fc.array(fc.array(fc.boolean(), { minLength: right, maxLength: right }), { minLength: left, maxLength: left }),
      )
    fc.assert(
      fc.property(graphs, (edges) => {
        const matching = maximumMatching(edges.length, edges[0]!.length, (left, right) => edges[left]![right]!)
        const pairs = matching.flatMap((right, left) => (right === null ? [] : [[left, right] as const]))
        expect(pairs.length).toBe(greatest(edges))
        expect(pairs.every(([left, right]) => edges[left]![right])).toBe(true)
        expect(new Set(pairs.map(([, right]) => right)).size).toBe(pairs.length)
      }),
    )
  })

  it('asks of no pair twice, and of few where both sides are in the same order', () => {
    let asked = 0
    maximumMatching(50, 50, (left, right) => {
      asked++
      return left === right
    })
    expect(asked).toBe(50)
  })
})
