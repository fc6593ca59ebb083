/** Kafka's default choice of a partition: murmur2 of the key; without a key one partition for a while, then another (KIP-480, sticky). */
import type { Random } from '../platform'

/** org.apache.kafka.common.utils.Utils.murmur2, as int32. */
export function murmur2(bytes: Uint8Array): number {
  const m = 0x5bd1e995
  const length = bytes.length
  let hash = 0x9747b28c ^ length
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  const words = length >>> 2
  for (let i = 0; i < words; i++) {
    let k = Math.imul(view.getInt32(i * 4, true), m)
    k ^= k >>> 24
    hash = Math.imul(hash, m) ^ Math.imul(k, m)
  }
  const tail = words * 4
  if (words * 4 < length) {
    let rest = 0
    for (let i = length - 1; i >= tail; i--) rest = (rest << 8) | bytes[i]!
    hash = Math.imul(hash ^ rest, m)
  }
  hash ^= hash >>> 13
  hash = Math.imul(hash, m)
  return hash ^ (hash >>> 15)
}

/** The partition of a key, as every Kafka client of Java's family chooses it. */
export function partitionForKey(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount
}

/** For records without a key: stays with a partition for `recordsPerTurn` records, then draws another. */
export class StickyPartitioner {
  private current = -1
  private left = 0

  constructor(
    private readonly random: Random,
    private readonly recordsPerTurn = 64,
  ) {}

  next(partitionCount: number): number {
    if (this.left === 0 || this.current >= partitionCount) {
      const drawn = this.random.below(partitionCount)
      this.current = drawn === this.current ? (drawn + 1) % partitionCount : drawn
      this.left = this.recordsPerTurn
    }
    this.left--
    return this.current
  }
}
