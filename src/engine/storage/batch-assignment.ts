/**
 * What a leader writes into the batches of an append before they go to disk: offsets, its epoch, and the time where the topic says so. All of it lies
 * outside a batch's CRC, but the time. Called by PartitionLog.appendAsLeader, with records that were validated.
 */
import { setBaseOffset, setLogAppendTime, setPartitionLeaderEpoch } from '../wire/records'
import { batchSizeAt, lastOffsetAt, maxTimestampAt } from './batch-fields'

export interface AssignedRecords {
  readonly nextOffset: number
  readonly maxTimestamp: number
}

/** `logAppendTimeMs` null: the records keep their own times. */
export function assignOffsets(
  records: Uint8Array,
  firstOffset: number,
  leaderEpoch: number,
  logAppendTimeMs: number | null,
): AssignedRecords {
  let nextOffset = firstOffset
  let maxTimestamp = -1
  for (let at = 0; at < records.byteLength; at += batchSizeAt(records, at)) {
    setBaseOffset(records, at, nextOffset)
    setPartitionLeaderEpoch(records, at, leaderEpoch)
    if (logAppendTimeMs !== null) setLogAppendTime(records, at, logAppendTimeMs)
    maxTimestamp = Math.max(maxTimestamp, maxTimestampAt(records, at))
    nextOffset = lastOffsetAt(records, at) + 1
  }
  return { nextOffset, maxTimestamp }
}
