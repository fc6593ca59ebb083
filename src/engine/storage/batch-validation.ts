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
  /** Which records of the batch are to blame, where it is not the batch as a whole: clients fail those for their own fault and the rest for theirs. */
  readonly recordErrors?: readonly RecordError[]
}

/** A record by its place in the batch, and why it is refused. */
export interface RecordError {
  readonly batchIndex: number
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
  return findHeaderError(records, at, origin) ?? findRecordErrors(records.subarray(at, at + size), config, nowMs)
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

/** Records are looked at only where the header cannot clear them all. Kafka names every record that is bad, and so do we. */
function findRecordErrors(batch: Uint8Array, config: LogConfig, nowMs: number): AppendError | null {
  const needsKeys = config.cleanupPolicy !== 'delete' && !isControl(attributesAt(batch, 0))
  const range = config.messageTimestampType === 'LogAppendTime' ? null : timestampRange(config, nowMs)
  const header = range === null || isHeaderWithin(batch, range) ? null : range
  // The largest of a batch clears the rest of being too late; nothing but the records themselves clears them of being too early.
  const mayBeTooEarly = range !== null && range.earliest !== Number.NEGATIVE_INFINITY
  if (!needsKeys && header === null && !mayBeTooEarly) return null
  const decoded = tryDecode(batch)
  if (decoded === null) return error(ErrorCode.INVALID_RECORD, 'The records of a batch cannot be read')
  const recordErrors: RecordError[] = []
  let isTimestampWrong = header !== null
  for (const [batchIndex, record] of decoded.entries()) {
    if (needsKeys && record.key === null) {
      recordErrors.push({ batchIndex, message: 'Compacted topic cannot accept message without key' })
    } else if (range !== null && isOutside(Number(record.timestamp), range)) {
      isTimestampWrong = true
      recordErrors.push({ batchIndex, message: timestampMessage(Number(record.timestamp), range) })
    }
  }
  const [first] = recordErrors
  if (!isTimestampWrong) {
    if (first === undefined) return null
    return {
      code: ErrorCode.INVALID_RECORD,
      message: `${recordErrors.length} records are refused: ${first.message}`,
      recordErrors,
    }
  }
  // A header may claim a time that no record has.
  const message = first?.message ?? timestampMessage(maxTimestampAt(batch, 0), range!)
  return { code: ErrorCode.INVALID_TIMESTAMP, message, recordErrors }
}

interface TimestampRange {
  readonly earliest: number
  readonly latest: number
}

function timestampRange(config: LogConfig, nowMs: number): TimestampRange {
  return { earliest: nowMs - config.messageTimestampBeforeMaxMs, latest: nowMs + config.messageTimestampAfterMaxMs }
}

// -1 is "no timestamp", and none is not too old.
const isOutside = (timestamp: number, { earliest, latest }: TimestampRange): boolean =>
  timestamp !== -1 && (timestamp < earliest || timestamp > latest)

const isHeaderWithin = (batch: Uint8Array, range: TimestampRange): boolean =>
  !isOutside(maxTimestampAt(batch, 0), range) &&
  (range.earliest === Number.NEGATIVE_INFINITY || !isOutside(baseTimestampAt(batch, 0), range))

function timestampMessage(timestamp: number, { earliest, latest }: TimestampRange): string {
  // One beyond 2^53 was decoded to the nearest that a number holds, which is not what the client wrote.
  const what = Number.isSafeInteger(timestamp) && timestamp !== Number.MAX_SAFE_INTEGER ? `Timestamp ${timestamp}` : 'A timestamp'
  const range = Number.isFinite(earliest) ? `within [${earliest}, ${latest}]` : `no later than ${latest}`
  return `${what} is out of range, it should be ${range}`
}

function tryDecode(batch: Uint8Array): readonly DecodedRecord[] | null {
  try {
    return decodeRecords(batch)
  } catch {
    return null
  }
}

const error = (code: ErrorCode, message: string): AppendError => ({ code, message })
const fail = (code: ErrorCode, message: string): Result<never, AppendError> => err({ code, message })
const invalid = (message: string): Result<never, AppendError> => fail(ErrorCode.INVALID_RECORD, message)
