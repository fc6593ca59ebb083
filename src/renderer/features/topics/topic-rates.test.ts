import { describe, expect, it } from 'vitest'
import type { PartitionView } from '../../../shared/model/cluster'
import { TopicRates } from './topic-rates'

const at = (partition: number, highWatermark: number, topic = 'orders'): PartitionView =>
  ({ topic, partition, highWatermark }) as PartitionView

describe('messages a second, by high watermarks', () => {
  it('takes what was there before for no rate', () => {
    const rates = new TopicRates()
    rates.observe([at(0, 1_000_000), at(1, 5)], 0)
    expect(rates.perSecond('orders', 1_000)).toBe(0)
    expect(rates.perSecond('unheard-of', 1_000)).toBe(0)
  })

  it('adds partitions up over the last five seconds, and falls to nothing when nothing moves', () => {
    const rates = new TopicRates()
    rates.observe([at(0, 0), at(1, 0)], 0)
    for (let second = 1; second <= 10; second++) rates.observe([at(0, second * 100), at(1, second * 50)], second * 1_000)
    expect(rates.perSecond('orders', 10_000)).toBeCloseTo(150)
    expect(rates.perSecond('orders', 12_000)).toBeCloseTo(90)
    expect(rates.perSecond('orders', 16_000)).toBe(0)
  })

  it('takes a partition that went back for one made anew', () => {
    const rates = new TopicRates()
    rates.observe([at(0, 500)], 0)
    rates.observe([at(0, 0)], 1_000)
    rates.observe([at(0, 10)], 2_000)
    expect(rates.perSecond('orders', 2_000)).toBeCloseTo(5)
    rates.forget(['orders'])
    expect(rates.perSecond('orders', 2_000)).toBe(0)
  })
})
