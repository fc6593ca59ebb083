import { describe, expect, it } from 'vitest'
import { Pacer } from './pacer'

describe('Pacer', () => {
  it('has the first due at once and each next by its time, however late it is asked', () => {
    const pacer = new Pacer(40, 1_000)
    expect([1_000, 1_024, 1_025, 2_000, 61_000].map((nowMs) => pacer.dueCount(nowMs))).toEqual([1, 1, 2, 41, 2_401])
    expect(pacer.waitMs(1, 1_000)).toBe(25)
    expect(pacer.waitMs(1, 9_000)).toBe(1)
  })

  it('does not count the time that it was paused, nor what was before a round', () => {
    const pacer = new Pacer(10, 0)
    pacer.pause(1_000)
    pacer.resume(51_000)
    expect(pacer.dueCount(51_000)).toBe(11)
    pacer.beginRound(60_000)
    expect(pacer.dueCount(60_100)).toBe(2)
  })

  it('has all due where there is no rate', () => {
    expect(new Pacer(null, 0).dueCount(0)).toBe(Number.POSITIVE_INFINITY)
  })
})
