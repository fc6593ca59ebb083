/**
 * All chance of a simulated run: independent streams by name from one seed, so that a fault left out by the shrinker does not shift what
 * everybody else draws. xoshiro128** (Blackman and Vigna), seeded through a hash of the seed and the stream's name.
 */
import type { Random } from '../../platform/random'

const UINT32 = 2 ** 32

export class SeededRandom implements Random {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: number, stream: string) {
    let state = (seed ^ 0x9e3779b9) >>> 0
    state = mix(state + Math.floor(seed / UINT32))
    for (let index = 0; index < stream.length; index++) state = mix(state ^ (stream.charCodeAt(index) + index * 0x85ebca6b))
    this.#a = state = mix(state + 0x9e3779b9)
    this.#b = state = mix(state + 0x9e3779b9)
    this.#c = state = mix(state + 0x9e3779b9)
    this.#d = mix(state + 0x9e3779b9) | 1
  }

  /** 0 <= n < 2^32. */
  next(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = rotate(this.#d, 11)
    return result
  }

  below(bound: number): number {
    return Math.floor((this.next() / UINT32) * bound)
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    for (let at = 0; at < length; at++) bytes[at] = this.next() & 0xff
    return bytes
  }

  /** True in `probability` of all cases. */
  chance(probability: number): boolean {
    return this.next() < probability * UINT32
  }

  /** A whole number, both ends included. */
  between(lowest: number, highest: number): number {
    return lowest + this.below(highest - lowest + 1)
  }

  /** Any number from `lowest` up to `highest`. */
  within(lowest: number, highest: number): number {
    return lowest + (this.next() / UINT32) * (highest - lowest)
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}

/** The finalizer of MurmurHash3. */
function mix(value: number): number {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
