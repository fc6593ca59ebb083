/**
 * What a follower checks of a leader's records before it appends them as they are (UnifiedLog.appendAsFollower). Called by PartitionLog.
 * Sizes, CRCs and the order of offsets, not what a leader has validated already.
 */
import { isCrcValid } from '../wire/records'
import {
  baseOffsetAt,
  batchOverhead,
  batchSizeAt,
  lastOffsetAt,
  lastOffsetDeltaAt,
  logOverhead,
  magicAt,
  maxTimestampAt,
} from './batch-fields'

/** A leader's records that cannot be appended: damaged on the way, or not the continuation of this log. */
export class CorruptRecordsError extends Error {
  override readonly name = 'CorruptRecordsError'
}

export interface FollowerRecords {
  readonly firstOffset: number
  readonly lastOffset: number
  readonly maxTimestamp: number
  /** Of the whole batches. */
  readonly sizeInBytes: number
}

/**
 * Null where there is no whole batch. Offsets go on from `logEndOffset`, gaps allowed (compaction); where the log has nothing that counts its first
 * batch may start before that, if it reaches it.
 */
export function checkFollowerRecords(records: Uint8Array, logEndOffset: number, hasNothing: boolean): FollowerRecords | null {
  let at = 0
  let firstOffset = -1
  let nextOffset = logEndOffset
  let maxTimestamp = -1
  while (at + logOverhead <= records.byteLength) {
    const size = batchSizeAt(records, at)
    if (size < batchOverhead) throw new CorruptRecordsError(`a batch claims ${size} bytes, less than its header has`)
    if (at + size > records.byteLength) break
    const baseOffset = baseOffsetAt(records, at)
    const lastOffset = lastOffsetAt(records, at)
    if (magicAt(records, at) !== 2)
      throw new CorruptRecordsError(`the batch at offset ${baseOffset} has magic ${magicAt(records, at)}`)
    if (!isCrcValid(records, at)) throw new CorruptRecordsError(`the batch at offset ${baseOffset} does not match its CRC`)
    if (!Number.isSafeInteger(lastOffset))
      throw new CorruptRecordsError(`a batch of offsets ${baseOffset} to ${lastOffset} is none`)
    const mayStartEarlier = at === 0 && hasNothing && baseOffset >= 0 && lastOffset >= logEndOffset
    if ((baseOffset < nextOffset && !mayStartEarlier) || lastOffsetDeltaAt(records, at) < 0) {
      throw new CorruptRecordsError(
        `a batch of offsets ${baseOffset} to ${lastOffset} came where the log goes on at ${nextOffset}`,
      )
    }
    if (at === 0) firstOffset = baseOffset
    maxTimestamp = Math.max(maxTimestamp, maxTimestampAt(records, at))
    nextOffset = lastOffset + 1
    at += size
  }
  return at === 0 ? null : { firstOffset, lastOffset: nextOffset - 1, maxTimestamp, sizeInBytes: at }
}
