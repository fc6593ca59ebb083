import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SessionExpiry } from './session-expiry'

describe('session expiry', () => {
  it('never expires a session before its time-out, and at the latest one tick after it', () => {
    const touches = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 100, max: 3000 }), fc.integer({ min: 0, max: 500 })),
      { minLength: 1 },
    )
    fc.assert(
      fc.property(touches, fc.integer({ min: 1, max: 400 }), (steps, tickMs) => {
        const expiry = new SessionExpiry(tickMs)
        const ends = new Map<bigint, number>()
        let now = 0
        const expireAt = (nowMs: number): void => {
          for (const id of expiry.expire(nowMs)) {
            expect(nowMs).toBeGreaterThanOrEqual(ends.get(id) as number)
            ends.delete(id)
          }
          for (const end of ends.values()) expect(nowMs).toBeLessThanOrEqual(end + tickMs)
        }
        for (const [session, timeoutMs, passedMs] of steps) {
          expiry.touch(BigInt(session), timeoutMs, now)
          ends.set(BigInt(session), now + timeoutMs)
          const later = now + passedMs
          for (; now < later; now++) expireAt(now)
        }
        expect(expiry.size).toBe(ends.size)
      }),
      { numRuns: 50 },
    )
  })

  it('gives back the time in which the server stood still', () => {
    const expiry = new SessionExpiry(100)
    expiry.touch(1n, 1000, 0)
    expiry.postponeAll(5000)
    expect(expiry.expire(5999)).toEqual([])
    expect(expiry.expire(6100)).toEqual([1n])
  })

  it('does not expire a session that was removed', () => {
    const expiry = new SessionExpiry(100)
    expiry.touch(1n, 1000, 0)
    expiry.remove(1n)
    expect(expiry.has(1n)).toBe(false)
    expect(expiry.expire(10_000)).toEqual([])
    expect(expiry.dueBuckets()).toEqual([])
  })
})
