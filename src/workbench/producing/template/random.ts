/** Repeatable chance: the same seed gives the same sequence, on every machine. Not for secrets. */

export class SeededRandom {
  private state: number

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** 32 bits (mulberry32). */
  private bits(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let word = this.state
    word = Math.imul(word ^ (word >>> 15), word | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return (word ^ (word >>> 14)) >>> 0
  }

  /** From 0 up to and without 1, with 53 bits. */
  next(): number {
    return ((this.bits() >>> 5) * 67_108_864 + (this.bits() >>> 6)) / 9_007_199_254_740_992
  }

  /** 0 to `max` - 1. */
  below(max: number): number {
    return Math.floor(this.next() * max)
  }

  /** From `min` to `max`, both included, of any size. */
  between(min: bigint, max: bigint): bigint {
    const span = max - min + 1n
    // Of 128 bits the remainder favours nothing that anybody could see.
    let drawn = 0n
    for (let word = 0; word < 4; word++) drawn = (drawn << 32n) | BigInt(this.bits())
    return min + (drawn % span)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }

  /** Faker's randomizer. */
  seed(seed: number | readonly number[]): void {
    this.state = (typeof seed === 'number' ? seed : hashOf(seed)) >>> 0
  }
}

/** A seed out of several: numbers of any size and texts. */
export function seedOf(...parts: readonly (number | string)[]): number {
  let hash = 0x811c9dc5
  const mix = (byte: number): void => {
    hash = Math.imul(hash ^ byte, 0x01000193)
  }
  for (const part of parts) {
    if (typeof part === 'string') for (let at = 0; at < part.length; at++) mix(part.charCodeAt(at))
    else {
      const high = Math.floor(part / 4_294_967_296)
      for (const word of [part >>> 0, high >>> 0]) for (let shift = 0; shift < 32; shift += 8) mix((word >>> shift) & 0xff)
    }
    mix(0x1f)
  }
  return hash >>> 0
}

const hashOf = (numbers: readonly number[]): number => seedOf(...numbers)
