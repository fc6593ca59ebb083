/** Which key of a set a message gets: evenly, or by Zipf's law, where the first is twice as frequent as the second and k times as the k-th. */
import type { KeySet } from '../../../shared/model/producing'
import { SeededRandom, seedOf } from './random'

export function keyDraw(set: KeySet | null, seed: number): (index: number) => number {
  if (set === null) return (index) => index
  const { count, skew } = set
  const chance = (index: number): number => new SeededRandom(seedOf(seed, index, 'key of the set')).next()
  if (skew === 'even') return (index) => Math.floor(chance(index) * count)
  const upTo = new Float64Array(count)
  let sum = 0
  for (let k = 0; k < count; k++) {
    sum += 1 / (k + 1)
    upTo[k] = sum
  }
  return (index) => {
    const drawn = chance(index) * sum
    let [low, high] = [0, count - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (upTo[middle]! < drawn) low = middle + 1
      else high = middle
    }
    return low
  }
}
