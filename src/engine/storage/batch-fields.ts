/**
 * Single fields of a record batch v2 header, read straight from bytes: what appends, scans and indexes need on hot paths, without
 * an object a batch. The layout is Kafka's (DefaultRecordBatch.java); wire/records owns everything that changes a batch or looks inside it.
 *
 * `at` is the batch's first byte; callers have made sure that the whole header is there.
 */

/** Base offset and batch length: what must be read to know how long a batch is. */
export const logOverhead = 12
/** The whole header, and so the least size of a batch. */
export const batchOverhead = 61

export function readInt32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}

export function readInt16(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) >> 16) | bytes[at + 1]!
}

/** An int64 as a double: exact below 2^53, rounded above, where no offset of ours can be. */
export function readInt64(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at) * 0x1_0000_0000 + (readInt32(bytes, at + 4) >>> 0)
}

export function baseOffsetAt(bytes: Uint8Array, at: number): number {
  return readInt64(bytes, at)
}

/** The batch's size with the 12 bytes that its length does not count; below batchOverhead for a damaged one. */
export function batchSizeAt(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at + 8) + logOverhead
}

export function leaderEpochAt(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at + 12)
}

export function magicAt(bytes: Uint8Array, at: number): number {
  return bytes[at + 16]!
}

export function attributesAt(bytes: Uint8Array, at: number): number {
  return readInt16(bytes, at + 21)
}

export function lastOffsetDeltaAt(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at + 23)
}

export function lastOffsetAt(bytes: Uint8Array, at: number): number {
  return readInt64(bytes, at) + readInt32(bytes, at + 23)
}

export function baseTimestampAt(bytes: Uint8Array, at: number): number {
  return readInt64(bytes, at + 27)
}

/** Clamped to what a double holds exactly, so that an absurd timestamp of a client cannot leave the time index out of order. */
export function maxTimestampAt(bytes: Uint8Array, at: number): number {
  return Math.min(readInt64(bytes, at + 35), Number.MAX_SAFE_INTEGER)
}

export function hasProducerIdAt(bytes: Uint8Array, at: number): boolean {
  return readInt32(bytes, at + 43) >= 0
}

/** Chosen by the client, so any int64: a number where that is exact, which all are that brokers give out. Equal ids are equal keys of a Map. */
export function producerIdAt(bytes: Uint8Array, at: number): number | bigint {
  const high = readInt32(bytes, at + 43)
  const low = readInt32(bytes, at + 47) >>> 0
  return high >= 0 && high < 0x20_0000 ? high * 0x1_0000_0000 + low : (BigInt(high) << 32n) | BigInt(low)
}

export function producerEpochAt(bytes: Uint8Array, at: number): number {
  return readInt16(bytes, at + 51)
}

export function baseSequenceAt(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at + 53)
}

export function recordCountAt(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at + 57)
}

export const isTransactional = (attributes: number): boolean => (attributes & 0x10) !== 0
export const isControl = (attributes: number): boolean => (attributes & 0x20) !== 0
export const isLogAppendTime = (attributes: number): boolean => (attributes & 0x08) !== 0
