/**
 * Looks inside one record batch: decompresses it and reads its records. What a consumer does, and a broker only where it must (a look-up
 * by timestamp, compaction). Does not check the CRC: whoever has not checked it yet calls isCrcValid first.
 */
import { Reader } from '../reader'
import { DecodeError, within } from '../wire-error'
import { BATCH_OVERHEAD, int64, MAGIC, readBatchHeader } from './batch-header'
import { decompress } from './compression'

export interface RecordHeader {
  readonly key: string
  /** The key as it stands in the record: text by convention, any bytes in fact. */
  readonly keyBytes: Uint8Array
  readonly value: Uint8Array | null
}

export interface DecodedRecord {
  readonly offset: number
  readonly timestamp: bigint
  /** Views on the batch, or on what it was decompressed to. */
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly RecordHeader[]
  readonly attributes: number
}

/** Length, attributes, two deltas, key length, value length and header count, a byte each. */
const RECORD_SIZE_MIN = 7

/**
 * Records and headers of one batch together. A few kilobytes decompress to as much as DECOMPRESSED_SIZE_MAX, and that to twenty million records:
 * gigabytes of objects, where Kafka's own brokers and consumers go through them one by one.
 */
export const RECORD_ELEMENTS_MAX = 1_000_000

/** `batch` is one whole batch. Throws DecodeError where it is not, or cannot be read. */
export function decodeRecords(batch: Uint8Array): readonly DecodedRecord[] {
  if (batch.length < BATCH_OVERHEAD) throw new DecodeError(`record batch of ${batch.length} bytes`, 0)
  const header = readBatchHeader(batch)
  if (header.sizeInBytes !== batch.length) {
    throw new DecodeError(`record batch has length ${header.batchLength}, ${batch.length - 12} bytes are there`, 8)
  }
  if (header.magic !== MAGIC) throw new DecodeError(`record batch has magic ${header.magic}`, 16)
  if (header.compression === null) throw new DecodeError('record batch has an unknown compression', 21)
  const isCompressed = header.compression !== 'none'
  const reader = isCompressed
    ? new Reader(decompress(header.compression, batch.subarray(BATCH_OVERHEAD)))
    : new Reader(batch, BATCH_OVERHEAD)
  const { recordCount, baseOffset } = header
  if (recordCount < 0 || recordCount * RECORD_SIZE_MIN > reader.remaining) {
    throw new DecodeError(`record batch of ${reader.remaining} bytes cannot hold ${recordCount} records`, 57)
  }
  if (recordCount > RECORD_ELEMENTS_MAX) {
    throw new DecodeError(`record batch of ${recordCount} records, ${RECORD_ELEMENTS_MAX} are the most`, 57)
  }
  const baseTimestamp = int64(batch, 27)
  const logAppendTime = header.timestampType === 'LogAppendTime' ? int64(batch, 35) : null
  const records: DecodedRecord[] = []
  let elements = recordCount
  for (let index = 0; index < recordCount; index++) {
    try {
      const record = readRecord(reader, baseOffset, baseTimestamp, logAppendTime, RECORD_ELEMENTS_MAX - elements)
      elements += record.headers.length
      records.push(record)
    } catch (error) {
      throw within(error, `records[${index}]`)
    }
  }
  if (reader.remaining > 0) reader.fail(`${reader.remaining} bytes are left after ${recordCount} records`)
  return records
}

function readRecord(
  reader: Reader,
  baseOffset: number,
  baseTimestamp: bigint,
  logAppendTime: bigint | null,
  headersMax: number,
): DecodedRecord {
  const size = reader.varint()
  const start = reader.position
  if (size < 0 || size > reader.remaining) reader.fail(`record has size ${size}, ${reader.remaining} bytes are left`)
  const attributes = reader.int8()
  const timestampDelta = reader.varlong()
  const offsetDelta = reader.varint()
  const key = readData(reader)
  const value = readData(reader)
  const headers = readHeaders(reader, headersMax)
  if (reader.position !== start + size) reader.fail(`record took ${reader.position - start} bytes of ${size}`, start)
  return {
    offset: baseOffset + offsetDelta,
    timestamp: logAppendTime ?? BigInt.asIntN(64, baseTimestamp + timestampDelta),
    key,
    value,
    headers,
    attributes,
  }
}

function readData(reader: Reader): Uint8Array | null {
  const length = reader.varint()
  if (length < 0) return length === -1 ? null : reader.fail(`bytes have length ${length}`)
  return reader.view(length)
}

const NO_HEADERS: readonly RecordHeader[] = Object.freeze([])

function readHeaders(reader: Reader, countMax: number): readonly RecordHeader[] {
  const count = reader.varint()
  if (count === 0) return NO_HEADERS
  if (count < 0 || count * 2 > reader.remaining || count > countMax) reader.fail(`record has ${count} headers`)
  const headers: RecordHeader[] = []
  for (let index = 0; index < count; index++) {
    const keyBytes = readData(reader) ?? reader.fail('header key is null')
    headers.push({
      key: Buffer.from(keyBytes.buffer, keyBytes.byteOffset, keyBytes.length).toString('utf8'),
      keyBytes,
      value: readData(reader),
    })
  }
  return headers
}
