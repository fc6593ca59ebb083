/**
 * The randomness of one fuzz input, from a seed: the same seed, target and index give the same input on every machine. Cheap to make, for
 * there is one an input. Also a Random, so that the code under test can be given it.
 */
import type { Random } from '../../platform/random'

/** Where parsers break: around zero, around the ends of every width, and around powers of two. */
const EDGES: readonly number[] = [
  ...[0, 1, 2, 3, -1, -2, -3, 7, 8, 15, 16, 31, 32, 63, 64, 126, 127, 128, 129, 255, 256, 257, 1000, 4095, 4096],
  ...[16383, 16384, 32766, 32767, 32768, 65535, 65536, 1048575, 1048576, 1048577, 16777215, 16777216, 2097151, 2097152],
  ...[268435455, 268435456, 1073741823, 1073741824, 2147483646, 2147483647, -2147483648, -2147483647, -1073741824],
  ...[-128, -129, -32768, -32769, -12, -61, 49, 61],
]

export class FuzzRandom implements Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** Independent streams from parts: texts and numbers. */
  static of(...parts: readonly (string | number)[]): FuzzRandom {
    let hash = 0x811c9dc5
    const add = (byte: number) => {
      hash = Math.imul(hash ^ byte, 0x01000193)
    }
    for (const part of parts) {
      if (typeof part === 'string') for (let at = 0; at < part.length; at++) add(part.charCodeAt(at))
      else for (let shift = 0; shift < 32; shift += 8) add((part >>> shift) & 0xff)
      add(0x2f)
    }
    return new FuzzRandom(hash)
  }

  /** 32 random bits, unsigned (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  below(bound: number): number {
    return Math.floor((this.next() / 0x1_0000_0000) * bound)
  }

  /** Both ends included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  chance(probability: number): boolean {
    return this.next() < probability * 0x1_0000_0000
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    let at = 0
    for (; at + 4 <= length; at += 4) bytes.writeUInt32LE(this.next(), at)
    for (; at < length; at++) bytes[at] = this.next()
    return bytes
  }

  /** Small, mostly; now and then large. */
  size(max: number): number {
    return this.chance(0.9) ? this.below(Math.min(max, 24) + 1) : this.below(max + 1)
  }

  /** Often an edge, else anything of 32 bits. */
  int32(): number {
    return this.chance(0.7) ? this.pick(EDGES) : this.next() | 0
  }

  int64(): bigint {
    if (this.chance(0.6)) return BigInt(this.pick(EDGES))
    const edge = this.pick([2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, 2n ** 53n - 1n, -(2n ** 53n), 2n ** 32n, 0n])
    return this.chance(0.5) ? edge : BigInt.asIntN(64, (BigInt(this.next()) << 32n) | BigInt(this.next()))
  }
}
