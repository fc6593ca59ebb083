/**
 * What a leader answers to an idempotent producer without appending anything (UnifiedLog.analyzeAndValidateProducerState). Called by
 * PartitionLog.appendAsLeader, with records that are sound in themselves. Changes nothing.
 */
import { err, ok, type Result } from '../../shared/lang/result'
import { ErrorCode } from '../wire/errors'
import { batchSizeAt, hasProducerIdAt } from './batch-fields'
import type { AppendError, AppendOrigin } from './batch-validation'
import type { AppendInfo } from './log-options'
import type { ProducerState } from './producer-state'
import type { VerificationGuard } from './transaction-verifications'

/**
 * The answer to batches that are not to be appended: sent before, or not what their producer has to write next. Null: append them. `guard` undefined:
 * whether a transaction that they open was verified is not asked.
 */
export function answerFromProducers(
  producers: ProducerState,
  records: Uint8Array,
  origin: AppendOrigin,
  guard?: VerificationGuard | null,
): Result<AppendInfo, AppendError> | null {
  for (let at = 0; at < records.byteLength; at += batchSizeAt(records, at)) {
    if (!hasProducerIdAt(records, at)) continue
    const duplicate = origin === 'client' ? producers.findDuplicate(records, at) : null
    if (duplicate !== null) {
      const { lastOffset, offsetDelta, timestamp } = duplicate
      const place = { firstOffset: lastOffset - offsetDelta, lastOffset, logAppendTimeMs: timestamp }
      return ok({ ...place, recordCount: offsetDelta + 1, sizeInBytes: batchSizeAt(records, at), isDuplicate: true })
    }
    if (guard !== undefined && producers.isUnverified(records, at, guard)) {
      return err({ code: ErrorCode.INVALID_TXN_STATE, message: 'Record was not part of an ongoing transaction' })
    }
    const error = producers.findError(records, at, origin)
    if (error !== null) return err(error)
  }
  return null
}
