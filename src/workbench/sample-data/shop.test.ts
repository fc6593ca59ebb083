import { describe, expect, it } from 'vitest'
import { loadFaker } from '../producing/template/faker-source'
import { SeededRandom } from '../producing/template/random'
import { Shop, type ShopRecord } from './shop'

const begin = async () => {
  const random = new SeededRandom(1)
  const shop = new Shop(random, (await loadFaker()).own(random))
  const records = shop.begin(0)
  return { shop, records }
}
const run = (shop: Shop, steps: number, fromMs: number): ShopRecord[] =>
  Array.from({ length: steps }, (_, step) => shop.step(fromMs + step * 2_000)).flat()

describe('the shop', () => {
  it('tells of an order in its order: placed, paid or declined, shipped, each after the other', async () => {
    const { shop } = await begin()
    const records = run(shop, 3_000, 0)
    const ids = [...new Set(records.filter(({ topic }) => topic === 'orders').map(({ key }) => key))]
    expect(ids.length).toBeGreaterThan(300)
    for (const id of ids) {
      const own = records.filter(({ key }) => key === id)
      expect(own.every((record, at) => at === 0 || record.atMs >= own[at - 1]!.atMs)).toBe(true)
      const words = own.filter(({ topic }) => topic === 'orders').map(({ value }) => /"status":"(\w+)"/.exec(value ?? '')?.[1])
      expect(['PLACED', 'PLACED CANCELLED', 'PLACED PAID', 'PLACED PAID SHIPPED']).toContain(words.join(' '))
    }
  })

  it('is the same shop of the same seed, and gives no id twice when it goes on', async () => {
    const [one, two] = [await begin(), await begin()]
    expect(one.records).toEqual(two.records)
    const before = new Set(
      run(one.shop, 500, 0)
        .filter(({ topic }) => topic === 'orders')
        .map(({ key }) => key),
    )
    two.shop.resume(one.shop.position)
    const after = run(two.shop, 500, 10_000_000).filter(({ topic }) => topic === 'orders')
    expect(after.some(({ key }) => before.has(key))).toBe(false)
  })
})
