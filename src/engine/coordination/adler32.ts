/** The checksum of ZooKeeper's transaction logs and snapshots. node:zlib has it inside only. */
const MODULUS = 65_521
/** As many sums as cannot exceed 2^32 between two reductions. */
const STRIDE = 3800

export function adler32(bytes: Uint8Array): bigint {
  let low = 1
  let high = 0
  for (let start = 0; start < bytes.length; start += STRIDE) {
    const end = Math.min(start + STRIDE, bytes.length)
    for (let index = start; index < end; index++) {
      low += bytes[index] as number
      high += low
    }
    low %= MODULUS
    high %= MODULUS
  }
  return BigInt(high * 0x10000 + low)
}
