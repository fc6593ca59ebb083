/**
 * Stores a producer's batch in the compression that the topic asks for (`compression.type`), where it came in another one (LogValidator). Called by
 * PartitionLog.appendAsLeader with one valid batch; most topics leave the choice to the producer, and then nothing comes here.
 */
import { err, ok, type Result } from '../../shared/lang/result'
import { ErrorCode } from '../wire/errors'
import { type Compression, decodeRecords, encodeBatch, readBatchHeader } from '../wire/records'
import type { AppendError } from './batch-validation'
import type { LogConfig } from './log-config'

/** The batch as it is where the producer's own choice stands. Everything but the compression stays: who produced it, its sequence, its times. */
export function inCompressionOf(config: LogConfig, batch: Uint8Array): Result<Uint8Array, AppendError> {
  if (config.compressionType === 'producer') return ok(batch)
  const wanted: Compression = config.compressionType === 'uncompressed' ? 'none' : config.compressionType
  const header = readBatchHeader(batch)
  if (header.compression === wanted || header.isControl) return ok(batch)
  const records = readRecords(batch)
  if (records === null) return err({ code: ErrorCode.INVALID_RECORD, message: 'The records of a batch cannot be read' })
  const { baseOffset, producerId, producerEpoch, baseSequence, partitionLeaderEpoch, timestampType, isTransactional } = header
  const same = { baseOffset, producerId, producerEpoch, baseSequence, partitionLeaderEpoch, timestampType, isTransactional }
  const stored = encode({ ...same, records, compression: wanted })
  if (stored === null) {
    return err({ code: ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, message: `This broker cannot compress with ${wanted}` })
  }
  // What was small enough as it came need not be any more.
  if (stored.byteLength > config.maxMessageBytes) {
    const message = `The record batch size with ${wanted} is ${stored.byteLength} bytes, which exceeds the maximum configured value of ${config.maxMessageBytes}`
    return err({ code: ErrorCode.MESSAGE_TOO_LARGE, message })
  }
  return ok(stored)
}

function readRecords(batch: Uint8Array): ReturnType<typeof decodeRecords> | null {
  try {
    return decodeRecords(batch)
  } catch {
    return null
  }
}

/** Null where the codec is not there: zstd is loaded when a broker's worker starts, and may have failed to be. */
function encode(options: Parameters<typeof encodeBatch>[0]): Uint8Array | null {
  try {
    return encodeBatch(options)
  } catch {
    return null
  }
}
