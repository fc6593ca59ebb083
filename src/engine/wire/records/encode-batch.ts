/** Builds one record batch, as a producer sends it and a log stores it. Brokers build none but control batches: they store what they get. */
import { assert } from '../../../shared/lang/assert'
import { Writer } from '../writer'
import {
  BATCH_OVERHEAD,
  CONTROL_BIT,
  type Compression,
  compressionCode,
  LOG_APPEND_TIME_BIT,
  LOG_OVERHEAD,
  MAGIC,
  type TimestampType,
  TRANSACTIONAL_BIT,
  updateCrc,
} from './batch-header'
import { compress } from './compression'

export interface RecordToEncode {
  readonly timestamp: bigint
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly HeaderToEncode[]
}

export interface HeaderToEncode {
  readonly key: string
  /** Instead of `key`, where that is not text. */
  readonly keyBytes?: Uint8Array
  readonly value: Uint8Array | null
}

export interface BatchOptions {
  readonly records: readonly RecordToEncode[]
  readonly baseOffset?: number
  readonly compression?: Compression
  readonly producerId?: bigint
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly partitionLeaderEpoch?: number
  readonly timestampType?: TimestampType
  readonly isTransactional?: boolean
  readonly isControl?: boolean
}

/** Used for one call after the other: encoding is synchronous, and what it gives is copied out. */
const body = new Writer(64 * 1024)

export function encodeBatch(options: BatchOptions): Uint8Array {
  const { records, compression = 'none' } = options
  assert(records.length > 0, 'a batch that is built has at least one record')
  const baseTimestamp = records[0]!.timestamp
  let maxTimestamp = baseTimestamp
  body.reset()
  for (const [offsetDelta, record] of records.entries()) {
    if (record.timestamp > maxTimestamp) maxTimestamp = record.timestamp
    // The delta of two absurd timestamps goes round as Java's long does, and so comes back right.
    writeRecord(body, record, offsetDelta, BigInt.asIntN(64, record.timestamp - baseTimestamp))
  }
  const content = compression === 'none' ? body.bytes() : compress(compression, body.bytes())
  const header = new Writer(BATCH_OVERHEAD + content.length)
  header.int64n(options.baseOffset ?? 0)
  header.int32(BATCH_OVERHEAD - LOG_OVERHEAD + content.length)
  header.int32(options.partitionLeaderEpoch ?? -1)
  header.int8(MAGIC)
  header.int32(0)
  header.int16(
    compressionCode(compression) |
      (options.timestampType === 'LogAppendTime' ? LOG_APPEND_TIME_BIT : 0) |
      (options.isTransactional === true ? TRANSACTIONAL_BIT : 0) |
      (options.isControl === true ? CONTROL_BIT : 0),
  )
  header.int32(records.length - 1)
  header.int64(baseTimestamp)
  header.int64(maxTimestamp)
  header.int64(options.producerId ?? -1n)
  header.int16(options.producerEpoch ?? -1)
  header.int32(options.baseSequence ?? -1)
  header.int32(records.length)
  header.raw(content)
  const batch = header.bytes()
  updateCrc(batch, 0)
  return batch
}

function writeRecord(writer: Writer, record: RecordToEncode, offsetDelta: number, timestampDelta: bigint): void {
  const headers = record.headers.map(({ key, keyBytes, value }) => ({ key: keyBytes ?? Buffer.from(key), value }))
  let size = 1 + varlongSize(timestampDelta) + varintSize(offsetDelta) + dataSize(record.key) + dataSize(record.value)
  size += varintSize(headers.length)
  for (const header of headers) size += dataSize(header.key) + dataSize(header.value)
  writer.varint(size)
  writer.int8(0)
  writer.varlong(timestampDelta)
  writer.varint(offsetDelta)
  writeData(writer, record.key)
  writeData(writer, record.value)
  writer.varint(headers.length)
  for (const header of headers) {
    writeData(writer, header.key)
    writeData(writer, header.value)
  }
}

function writeData(writer: Writer, data: Uint8Array | null): void {
  if (data === null) {
    writer.varint(-1)
    return
  }
  writer.varint(data.length)
  writer.raw(data)
}

function dataSize(data: Uint8Array | null): number {
  return data === null ? 1 : varintSize(data.length) + data.length
}

function varintSize(value: number): number {
  let size = 1
  for (let rest = ((value << 1) ^ (value >> 31)) >>> 7; rest > 0; rest >>>= 7) size++
  return size
}

function varlongSize(value: bigint): number {
  if (value >= -0x40000000n && value < 0x40000000n) return varintSize(Number(value))
  let size = 1
  for (let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)) >> 7n; rest > 0n; rest >>= 7n) size++
  return size
}
