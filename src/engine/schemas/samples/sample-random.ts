/**
 * Chance that repeats: everything of a sample comes from its seed, also what faker makes up. Only samples use it. Faker's generator is one for the
 * process, so a sample is made in one go, from seeding to the end.
 */
import { faker } from '@faker-js/faker/locale/en'

export class SampleRandom {
  private state: number
  readonly faker: typeof faker = faker

  /** `index` numbers the messages of one seed. */
  constructor(seed: number, index: number) {
    this.state = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0
    this.faker.seed(this.next32())
  }

  /** mulberry32. */
  next32(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let mixed = this.state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  /** Whole, both ends included; for safe integers. */
  between(min: number, max: number): number {
    return min + Math.floor((this.next32() / 0x1_0000_0000) * (max - min + 1))
  }

  /** Both ends included, of any size. */
  bigBetween(min: bigint, max: bigint): bigint {
    const span = max - min + 1n
    let value = 0n
    for (let bits = span.toString(2).length + 32; bits > 0; bits -= 32) value = (value << 32n) | BigInt(this.next32())
    return min + (value % span)
  }

  chance(probability: number): boolean {
    return this.next32() / 0x1_0000_0000 < probability
  }

  pick<T>(items: readonly T[]): T {
    return items[this.between(0, items.length - 1)]!
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.next32() & 0xff))
  }

  uuid(): string {
    const hex = this.bytes(16).toString('hex')
    const variant = '89ab'[this.between(0, 3)]
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
  }

  /** Seconds since 1970 within two years that everybody takes for now. */
  epochSeconds(): number {
    return this.between(1_704_067_200, 1_767_225_599)
  }
}
