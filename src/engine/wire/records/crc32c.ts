/**
 * CRC-32C, the checksum of record batches. The native module where it loads, else plain TypeScript, sixteen bytes a step: the two give
 * the same numbers, so which one runs is a matter of speed only.
 */
import { createRequire } from 'node:module'

type NativeCrc32c = (input: Uint8Array, initial?: number) => number

/** Below this a call into native code costs more than it saves. */
const NATIVE_SIZE_MIN = 128

const POLYNOMIAL_REVERSED = 0x82f63b78

function makeTables(): readonly Int32Array[] {
  const first = new Int32Array(256)
  for (let index = 0; index < 256; index++) {
    let crc = index
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL_REVERSED : crc >>> 1
    first[index] = crc
  }
  const tables = [first]
  for (let depth = 1; depth < 16; depth++) {
    const previous = tables[depth - 1]!
    tables.push(Int32Array.from(previous, (crc) => (crc >>> 8) ^ first[crc & 0xff]!))
  }
  return tables
}

const [T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15] = makeTables()

const native = loadNative()

function loadNative(): NativeCrc32c | null {
  try {
    const require = createRequire(import.meta.url)
    const module = require('@node-rs/crc32') as { crc32c?: NativeCrc32c }
    return module.crc32c ?? null
  } catch {
    // No build for this platform, or left out of the package: the TypeScript version is as right.
    return null
  }
}

/** Whether the native version is in use. */
export const isCrc32cNative = native !== null

/** Of `bytes` from `start` to `end` (exclusive), as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  if (native === null || end - start < NATIVE_SIZE_MIN) return crc32cPortable(bytes, start, end)
  return native(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end))
}

export function crc32cPortable(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = -1
  let at = start
  for (; at + 16 <= end; at += 16) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    crc =
      T15![crc & 0xff]! ^
      T14![(crc >>> 8) & 0xff]! ^
      T13![(crc >>> 16) & 0xff]! ^
      T12![crc >>> 24]! ^
      T11![bytes[at + 4]!]! ^
      T10![bytes[at + 5]!]! ^
      T9![bytes[at + 6]!]! ^
      T8![bytes[at + 7]!]! ^
      T7![bytes[at + 8]!]! ^
      T6![bytes[at + 9]!]! ^
      T5![bytes[at + 10]!]! ^
      T4![bytes[at + 11]!]! ^
      T3![bytes[at + 12]!]! ^
      T2![bytes[at + 13]!]! ^
      T1![bytes[at + 14]!]! ^
      T0![bytes[at + 15]!]!
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ T0![(crc ^ bytes[at]!) & 0xff]!
  return (crc ^ -1) >>> 0
}
