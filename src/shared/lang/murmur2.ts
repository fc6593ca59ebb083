/** Kafka's hash of keys. Used by the producer to choose a partition, and by the window to say beforehand which one it will be. */

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
