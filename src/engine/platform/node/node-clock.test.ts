import { expect, it, vi } from 'vitest'
import { NodeClock } from './node-clock'
import { NodeRandom } from './node-random'

it('runs a deferred callback before a timer that is due later', async () => {
  const clock = new NodeClock()
  const order: string[] = []
  await new Promise<void>((resolve) => {
    clock.setTimer(2, () => {
      order.push('timer')
      resolve()
    })
    clock.defer(() => order.push('deferred'))
  })
  expect(order).toEqual(['deferred', 'timer'])
})

it('runs a timer once, a ticker until cancelled, and neither after cancel', () => {
  vi.useFakeTimers()
  try {
    const clock = new NodeClock()
    let timers = 0
    let ticks = 0
    clock.setTimer(10, () => timers++)
    clock.setTimer(10, () => timers++).cancel()
    const ticker = clock.setTicker(10, () => ticks++)
    vi.advanceTimersByTime(35)
    ticker.cancel()
    ticker.cancel()
    vi.advanceTimersByTime(100)
    expect({ timers, ticks }).toEqual({ timers: 1, ticks: 3 })
  } finally {
    vi.useRealTimers()
  }
})

it('waits out a delay that is longer than a Node timer can be', () => {
  vi.useFakeTimers()
  try {
    const clock = new NodeClock()
    let ran = 0
    const delayMs = 0x7fffffff * 2 + 500
    clock.setTimer(delayMs, () => ran++)
    clock.setTimer(delayMs, () => ran++).cancel()
    vi.advanceTimersByTime(delayMs - 1)
    expect(ran).toBe(0)
    vi.advanceTimersByTime(1)
    expect(ran).toBe(1)
  } finally {
    vi.useRealTimers()
  }
})

it('draws whole numbers below the bound', () => {
  const random = new NodeRandom()
  const drawn = Array.from({ length: 200 }, () => random.below(3))
  expect(new Set(drawn)).toEqual(new Set([0, 1, 2]))
  expect(random.below(1)).toBe(0)
  expect(random.below(2 ** 32)).toBeLessThan(2 ** 32)
  expect(random.bytes(16)).toHaveLength(16)
})
