/**
 * The header of a record batch, format 2, the only one that brokers of ours take:
 *
 *     0 baseOffset 8 · 8 batchLength 4 · 12 partitionLeaderEpoch 4 · 16 magic 1 · 17 crc 4 · 21 attributes 2 · 23 lastOffsetDelta 4
 *     27 baseTimestamp 8 · 35 maxTimestamp 8 · 43 producerId 8 · 51 producerEpoch 2 · 53 baseSequence 4 · 57 recordCount 4 · 61 records
 *
 * batchLength counts what follows it; the CRC covers everything from the attributes on. So a leader can set base offset and leader epoch
 * without touching the CRC, and needs a new one to set the append time (Kafka, DefaultRecordBatch).
 */
import { DecodeError } from '../wire-error'
import { crc32c } from './crc32c'

/** Base offset and batch length: what must be there to know how long a batch is. */
export const LOG_OVERHEAD = 12
/** The whole header, and so the least size of a batch. */
export const BATCH_OVERHEAD = 61
export const MAGIC = 2

const LEADER_EPOCH_AT = 12
const MAGIC_AT = 16
const CRC_AT = 17
const ATTRIBUTES_AT = 21
const MAX_TIMESTAMP_AT = 35

export const COMPRESSION_MASK = 0x07
export const LOG_APPEND_TIME_BIT = 0x08
export const TRANSACTIONAL_BIT = 0x10
export const CONTROL_BIT = 0x20

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type Compression = (typeof COMPRESSIONS)[number]
export type TimestampType = 'CreateTime' | 'LogAppendTime'

export interface BatchHeader {
  readonly baseOffset: number
  readonly batchLength: number
  /** Of the whole batch, LOG_OVERHEAD included. */
  readonly sizeInBytes: number
  readonly partitionLeaderEpoch: number
  readonly magic: number
  readonly crc: number
  readonly attributes: number
  /** Null: one of the three codes that stand for nothing. */
  readonly compression: Compression | null
  readonly timestampType: TimestampType
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly lastOffsetDelta: number
  readonly lastOffset: number
  /** Rounded where a client has chosen a time beyond 2^53; records have it exactly. */
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly baseSequence: number
  /** -1 without sequences; goes round from 2^31-1 to 0. */
  readonly lastSequence: number
  readonly recordCount: number
}

export function compressionCode(compression: Compression): number {
  return COMPRESSIONS.indexOf(compression)
}

export function compressionOf(attributes: number): Compression | null {
  return COMPRESSIONS[attributes & COMPRESSION_MASK] ?? null
}

function int16(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) >> 16) | bytes[at + 1]!
}

function int32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}

function int64n(bytes: Uint8Array, at: number): number {
  return int32(bytes, at) * 0x100000000 + (int32(bytes, at + 4) >>> 0)
}

export function int64(bytes: Uint8Array, at: number): bigint {
  return (BigInt(int32(bytes, at)) << 32n) | BigInt(int32(bytes, at + 4) >>> 0)
}

function putInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 24
  bytes[at + 1] = value >> 16
  bytes[at + 2] = value >> 8
  bytes[at + 3] = value
}

function putInt64n(bytes: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / 0x100000000)
  putInt32(bytes, at, high)
  putInt32(bytes, at + 4, value - high * 0x100000000)
}

/** Sequences go round from 2^31-1 to 0 (DefaultRecordBatch.incrementSequence). */
export function sequenceAfter(sequence: number, count: number): number {
  const next = sequence + count
  return next > 0x7fffffff ? next - 0x80000000 : next
}

/** The caller has made sure that BATCH_OVERHEAD bytes are there. Reads whatever stands there: nothing is checked. */
export function readBatchHeader(bytes: Uint8Array, position = 0): BatchHeader {
  const baseOffset = int64n(bytes, position)
  const batchLength = int32(bytes, position + 8)
  const attributes = int16(bytes, position + ATTRIBUTES_AT)
  const lastOffsetDelta = int32(bytes, position + 23)
  const baseSequence = int32(bytes, position + 53)
  return {
    baseOffset,
    batchLength,
    sizeInBytes: batchLength + LOG_OVERHEAD,
    partitionLeaderEpoch: int32(bytes, position + LEADER_EPOCH_AT),
    magic: bytes[position + MAGIC_AT]!,
    crc: int32(bytes, position + CRC_AT) >>> 0,
    attributes,
    compression: compressionOf(attributes),
    timestampType: (attributes & LOG_APPEND_TIME_BIT) === 0 ? 'CreateTime' : 'LogAppendTime',
    isTransactional: (attributes & TRANSACTIONAL_BIT) !== 0,
    isControl: (attributes & CONTROL_BIT) !== 0,
    lastOffsetDelta,
    lastOffset: baseOffset + lastOffsetDelta,
    baseTimestamp: int64n(bytes, position + 27),
    maxTimestamp: int64n(bytes, position + MAX_TIMESTAMP_AT),
    producerId: int64(bytes, position + 43),
    producerEpoch: int16(bytes, position + 51),
    baseSequence,
    lastSequence: baseSequence < 0 ? -1 : sequenceAfter(baseSequence, lastOffsetDelta),
    recordCount: int32(bytes, position + 57),
  }
}

/**
 * Visits the whole batches of `bytes` in order, until `visit` answers false or only part of a batch is left, as at the end of a fetch
 * response. Answers where it stopped. Throws DecodeError on a length that no batch can have, since nothing behind it can be found.
 */
export function forEachBatch(bytes: Uint8Array, visit: (header: BatchHeader, position: number) => boolean | undefined): number {
  let position = 0
  while (bytes.length - position >= LOG_OVERHEAD) {
    const size = int32(bytes, position + 8) + LOG_OVERHEAD
    if (size < BATCH_OVERHEAD) throw new DecodeError(`record batch has length ${size - LOG_OVERHEAD}`, position + 8)
    if (size > bytes.length - position) break
    if (visit(readBatchHeader(bytes, position), position) === false) break
    position += size
  }
  return position
}

export function setBaseOffset(bytes: Uint8Array, position: number, offset: number): void {
  putInt64n(bytes, position, offset)
}

export function setPartitionLeaderEpoch(bytes: Uint8Array, position: number, epoch: number): void {
  putInt32(bytes, position + LEADER_EPOCH_AT, epoch)
}

/** Makes the broker's time that of every record in the batch: sets the type bit and the largest timestamp, and the CRC anew. */
export function setLogAppendTime(bytes: Uint8Array, position: number, timestampMs: number): void {
  bytes[position + ATTRIBUTES_AT + 1] = bytes[position + ATTRIBUTES_AT + 1]! | LOG_APPEND_TIME_BIT
  putInt64n(bytes, position + MAX_TIMESTAMP_AT, timestampMs)
  updateCrc(bytes, position)
}

export function updateCrc(bytes: Uint8Array, position: number): void {
  putInt32(bytes, position + CRC_AT, crcOf(bytes, position))
}

/** Of the batch at `position`, all of which must be there. */
export function isCrcValid(bytes: Uint8Array, position: number): boolean {
  return int32(bytes, position + CRC_AT) >>> 0 === crcOf(bytes, position)
}

function crcOf(bytes: Uint8Array, position: number): number {
  return crc32c(bytes, position + ATTRIBUTES_AT, position + LOG_OVERHEAD + int32(bytes, position + 8))
}
