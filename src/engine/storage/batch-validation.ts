/**
 * What a leader checks of records before it appends them, in Kafka's order and with Kafka's answers (ProduceRequest.validateRecords,
 * UnifiedLog.analyzeAndValidateRecords, LogValidator). Called by PartitionLog.appendAsLeader. It looks at batch headers, and at records only
 * where the topic is compacted (keys) or bounds timestamps into the past. It changes nothing and never looks at the leader epoch that came in:
 * clients send what they like there (sarama 0, others -1).
 */
import { err, ok, type Result } from '../../shared/lang/result'
import { ErrorCode } from '../wire/errors'
import { type DecodedRecord, decodeRecords, isCrcValid } from '../wire/records'
import {
  attributesAt,
  baseOffsetAt,
  baseSequenceAt,
  baseTimestampAt,
  batchOverhead,
  batchSizeAt,
  hasProducerIdAt,
  isControl,
  lastOffsetDeltaAt,
  logOverhead,
  magicAt,
  maxTimestampAt,
  recordCountAt,
} from './batch-fields'
import type { LogConfig } from './log-config'

/** Who appends: a producer, or one of the broker's own coordinators, which may write control batches and several batches at once. */
export type AppendOrigin = 'client' | 'coordinator'

export interface AppendError {
  readonly code: ErrorCode
  readonly message: string
}

/** What the append needs of the records: that they are good, and how many. */
export interface ValidatedRecords {
  readonly recordCount: number
}

export function validateRecords(
  records: Uint8Array,
  config: LogConfig,
  origin: AppendOrigin,
  nowMs: number,
): Result<ValidatedRecords, AppendError> {
  if (records.byteLength === 0) return invalid('Produce requests must have at least one record batch per partition')
  let recordCount = 0
  for (let at = 0; at < records.byteLength; ) {
    if (at > 0 && origin === 'client') return invalid('Produce requests must contain exactly one record batch per partition')
    const error = findError(records, at, config, origin, nowMs)
    if (error !== null) return err(error)
    recordCount += recordCountAt(records, at)
    at += batchSizeAt(records, at)
  }
  if (records.byteLength > config.segmentBytes) {
    return fail(
      ErrorCode.RECORD_LIST_TOO_LARGE,
      `The records are ${records.byteLength} bytes, more than the segment size of ${config.segmentBytes}`,
    )
  }
  return ok({ recordCount })
}

function findError(records: Uint8Array, at: number, config: LogConfig, origin: AppendOrigin, nowMs: number): AppendError | null {
  const available = records.byteLength - at
  if (available > logOverhead + 4 && magicAt(records, at) !== 2) {
    return error(ErrorCode.INVALID_RECORD, `Only record batches with magic version 2 are taken, this is ${magicAt(records, at)}`)
  }
  const size = available < logOverhead ? 0 : batchSizeAt(records, at)
  if (size < batchOverhead || size > available)
    return error(ErrorCode.CORRUPT_MESSAGE, 'A record batch does not have the size that it claims')
  if (origin === 'client' && baseOffsetAt(records, at) !== 0) {
    return error(
      ErrorCode.INVALID_RECORD,
      `The base offset of a batch to append should be 0, but it is ${baseOffsetAt(records, at)}`,
    )
  }
  if (size > config.maxMessageBytes) {
    const message = `The record batch size is ${size} bytes, which exceeds the maximum configured value of ${config.maxMessageBytes}`
    return error(ErrorCode.MESSAGE_TOO_LARGE, message)
  }
  if (!isCrcValid(records, at)) return error(ErrorCode.CORRUPT_MESSAGE, 'A record batch does not match its CRC')
  return (
    findHeaderError(records, at, origin) ??
    findTimestampError(records, at, config, nowMs) ??
    findKeyError(records, at, size, config)
  )
}

function findHeaderError(records: Uint8Array, at: number, origin: AppendOrigin): AppendError | null {
  const count = recordCountAt(records, at)
  const offsets = lastOffsetDeltaAt(records, at) + 1
  if (offsets <= 0) return error(ErrorCode.INVALID_RECORD, `A batch has the invalid last offset delta ${offsets - 1}`)
  if (count <= 0) return error(ErrorCode.INVALID_RECORD, `A batch claims to hold ${count} records`)
  if (count !== offsets)
    return error(ErrorCode.INVALID_RECORD, `A batch spans ${offsets} offsets but claims to hold ${count} records`)
  if (origin !== 'client') return null
  if (isControl(attributesAt(records, at)))
    return error(ErrorCode.INVALID_RECORD, 'Clients are not allowed to write control records')
  if (hasProducerIdAt(records, at) && baseSequenceAt(records, at) < 0) {
    return error(
      ErrorCode.INVALID_RECORD,
      `Invalid sequence number ${baseSequenceAt(records, at)} in a record batch with a producer id`,
    )
  }
  return null
}

function findTimestampError(records: Uint8Array, at: number, config: LogConfig, nowMs: number): AppendError | null {
  if (config.messageTimestampType === 'LogAppendTime') return null
  const earliest = nowMs - config.messageTimestampBeforeMaxMs
  const latest = nowMs + config.messageTimestampAfterMaxMs
  const maxTimestamp = maxTimestampAt(records, at)
  // -1 is "no timestamp", and none is not too old.
  const isOutside = (timestamp: number): boolean => timestamp !== -1 && (timestamp < earliest || timestamp > latest)
  if (isOutside(maxTimestamp)) return timestampError(maxTimestamp, earliest, latest)
  if (earliest === Number.NEGATIVE_INFINITY) return null
  const baseTimestamp = baseTimestampAt(records, at)
  if (isOutside(baseTimestamp)) return timestampError(baseTimestamp, earliest, latest)
  const decoded = tryDecode(records, at)
  if (decoded === null) return error(ErrorCode.INVALID_RECORD, 'The records of a batch cannot be read')
  const outside = decoded.find((record) => isOutside(Number(record.timestamp)))
  return outside ? timestampError(Number(outside.timestamp), earliest, latest) : null
}

function timestampError(timestamp: number, earliest: number, latest: number): AppendError {
  // One beyond 2^53 was decoded to the nearest that a number holds, which is not what the client wrote.
  const what = Number.isSafeInteger(timestamp) && timestamp !== Number.MAX_SAFE_INTEGER ? `Timestamp ${timestamp}` : 'A timestamp'
  const range = Number.isFinite(earliest) ? `within [${earliest}, ${latest}]` : `no later than ${latest}`
  return error(ErrorCode.INVALID_TIMESTAMP, `${what} is out of range, it should be ${range}`)
}

function findKeyError(records: Uint8Array, at: number, size: number, config: LogConfig): AppendError | null {
  if (config.cleanupPolicy === 'delete' || isControl(attributesAt(records, at))) return null
  const decoded = tryDecode(records.subarray(at, at + size), 0)
  if (decoded === null) return error(ErrorCode.INVALID_RECORD, 'The records of a batch cannot be read')
  const hasKeys = decoded.every((record) => record.key !== null)
  return hasKeys ? null : error(ErrorCode.INVALID_RECORD, 'Compacted topic cannot accept message without key')
}

function tryDecode(records: Uint8Array, at: number): readonly DecodedRecord[] | null {
  try {
    return decodeRecords(records.subarray(at, at + batchSizeAt(records, at)))
  } catch {
    return null
  }
}

const error = (code: ErrorCode, message: string): AppendError => ({ code, message })
const fail = (code: ErrorCode, message: string): Result<never, AppendError> => err({ code, message })
const invalid = (message: string): Result<never, AppendError> => fail(ErrorCode.INVALID_RECORD, message)
