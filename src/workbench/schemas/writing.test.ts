import { describe, expect, it } from 'vitest'
import { StillClock } from '../../engine/testing/storage-kit'
import { RegistryRefusal } from './registry-http'
import { writing } from './writing'

const never = () => new Promise<never>(() => undefined)

describe('a write to the registry', () => {
  it('is not begun where the registry has said that it cannot write, and says why and what to do', async () => {
    let isAsked = false
    const write = writing(
      new StillClock(),
      () => 'The registry cannot read _schemas now: no broker answered.',
      async () => {
        isAsked = true
      },
    )
    await expect(write).rejects.toMatchObject({
      code: 'REGISTRY_CANNOT_WRITE',
      message: expect.stringMatching(
        /^The registry cannot read _schemas now: no broker answered. Look .*start one, then try again/,
      ),
    })
    expect(isAsked).toBe(false)
  })

  it('ends for whoever waits while the registry goes on waiting for brokers, with what is known by then', async () => {
    const clock = new StillClock()
    let problem: string | null = null
    const write = writing(clock, () => problem, never)
    problem = 'No broker answers.'
    clock.advance(12_001)
    await expect(write).rejects.toMatchObject({ message: expect.stringMatching(/within 12 s. No broker answers. It may still/) })
  })

  it('says of the registry’s own words whether it was done, and leaves other refusals as they are', async () => {
    const refused = (code: number) =>
      writing(
        new StillClock(),
        () => null,
        () => Promise.reject(new RegistryRefusal(code, Math.floor(code / 100), 'no broker answered')),
      )
    await expect(refused(50001)).rejects.toMatchObject({ message: expect.stringContaining('Nothing was written: no broker') })
    await expect(refused(50002)).rejects.toMatchObject({ message: expect.stringContaining('is not known: no broker') })
    await expect(refused(40901)).rejects.toMatchObject({ code: 'INCOMPATIBLE_SCHEMA', message: 'no broker answered.' })
  })

  it('leaves no timer behind', async () => {
    const clock = new StillClock()
    const answer = await writing(
      clock,
      () => null,
      async () => 3,
    )
    expect([answer, clock.timerCount]).toEqual([3, 0])
  })
})
