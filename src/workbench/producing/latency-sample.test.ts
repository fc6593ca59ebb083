import { describe, expect, it } from 'vitest'
import { LatencySample } from './latency-sample'

describe('LatencySample', () => {
  it('has nothing to say before the first measurement', () => {
    expect(new LatencySample().percentiles()).toBeNull()
  })

  it('stays close to the true percentiles of many measurements in bounded memory', () => {
    const sample = new LatencySample()
    for (let i = 0; i < 100_000; i++) sample.add(i % 1_000)
    const { p50, p95, p99, max } = sample.percentiles() ?? { p50: 0, p95: 0, p99: 0, max: 0 }
    expect(p50).toBeGreaterThan(450)
    expect(p50).toBeLessThan(550)
    expect(p95).toBeGreaterThan(920)
    expect(p99).toBeGreaterThan(970)
    expect(max).toBe(999)
  })
})
