import { describe, expect, it } from 'vitest'
import { shrink } from './shrink'

const plan = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

function run(faults: readonly number[], failsWith: (only: ReadonlySet<number>) => boolean, runsMax?: number) {
  return shrink({ faults, stillFails: async (only) => failsWith(only), ...(runsMax === undefined ? {} : { runsMax }) })
}

describe('the shrinker', () => {
  it('finds that a failure needs no fault at all', async () => {
    expect(await run(plan(20), () => true)).toEqual({ faults: [], runs: 1, isMinimal: true })
  })

  it('finds the one fault that matters among many', async () => {
    const { faults, runs, isMinimal } = await run(plan(64), (only) => only.has(37))
    expect(faults).toEqual([37])
    expect(isMinimal).toBe(true)
    expect(runs).toBeLessThan(20)
  })

  it.each([[[3, 60]], [[1, 2, 3]], [[5, 17, 33, 49]]])('finds that %j matter together, in their order', async (needed) => {
    const { faults, isMinimal } = await run(plan(64), (only) => needed.every((id) => only.has(id)))
    expect(faults).toEqual(needed)
    expect(isMinimal).toBe(true)
  })

  it('keeps one of two faults of which either suffices', async () => {
    const { faults } = await run(plan(30), (only) => only.has(4) || only.has(25))
    expect(faults).toHaveLength(1)
  })

  it('keeps everything where the failure does not come back without it all', async () => {
    const { faults, isMinimal } = await run(plan(7), (only) => only.size === 7)
    expect(faults).toEqual(plan(7))
    expect(isMinimal).toBe(true)
  })

  it('says so where it has run out of runs', async () => {
    const { faults, runs, isMinimal } = await run(plan(64), (only) => [3, 30, 60].every((id) => only.has(id)), 5)
    expect(runs).toBe(5)
    expect(isMinimal).toBe(false)
    expect(faults).toEqual(expect.arrayContaining([3, 30, 60]))
  })
})
