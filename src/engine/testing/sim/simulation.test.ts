import { describe, expect, it } from 'vitest'
import type { SimResult } from './simulate'
import { simulateTraced } from './simulate-traced'

/** Short ones, of one broker and of several. */
const SEEDS = [2, 3] as const

async function run(seed: number): Promise<{ lines: string[]; result: SimResult }> {
  const lines: string[] = []
  const result = await simulateTraced({ seed }, (line) => lines.push(line))
  return { lines, result }
}

describe('a simulated run', () => {
  it('is the same, line by line, when its seed comes again after another', async () => {
    const [first, other] = SEEDS
    const before = await run(first)
    const between = await run(other)
    const after = await run(first)
    expect(before.lines.length).toBeGreaterThan(1_000)
    expect(after.lines).toEqual(before.lines)
    expect(after.result).toEqual(before.result)
    expect(between.lines).not.toEqual(before.lines)
  })

  it('is the same without its trace', async () => {
    const [seed] = SEEDS
    const { simulate } = await import('./simulate')
    const traced = await run(seed)
    expect(await simulate({ seed })).toEqual(traced.result)
  })
})
