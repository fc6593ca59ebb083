import { describe, expect, it } from 'vitest'
import { type SimResult, simulate } from './simulate'
import { simulateTraced } from './simulate-traced'

/** Shorter than what `npm run sim` makes of the seed, and with faults in it all the same. */
const optionsOf = (seed: number) => ({ seed, config: { safetyMs: 5_000, faultsPerMinute: 60 } })

async function run(seed: number): Promise<{ lines: string[]; result: SimResult }> {
  const lines: string[] = []
  const result = await simulateTraced(optionsOf(seed), (line) => lines.push(line))
  return { lines, result }
}

describe('a simulated run', () => {
  it('is the same, line by line, when its seed comes again after another, and also without its trace', {
    timeout: 60_000,
  }, async () => {
    const before = await run(7)
    const between = await run(12)
    const after = await run(7)
    expect(before.lines.length).toBeGreaterThan(1_000)
    expect(before.result.faults.length).toBeGreaterThan(3)
    expect(after.lines).toEqual(before.lines)
    expect(after.result).toEqual(before.result)
    expect(between.lines).not.toEqual(before.lines)
    expect(await simulate(optionsOf(7))).toEqual(before.result)
  })
})
