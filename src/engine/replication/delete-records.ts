/**
 * DeleteRecords for one partition: moves the leader's log start, which followers take over with their next fetch, and tells how far all of them
 * have come. Called by the ReplicaManager.
 */
import { ErrorCode } from '../wire/errors'
import type { Replica } from './replica'

export interface DeleteRecordsOutcome {
  readonly errorCode: number
  /** Done when the low watermark has reached it. */
  readonly requiredOffset: number
}

/** "All there is": up to the high watermark. */
const HIGH_WATERMARK = -1

export function deleteRecords(replica: Replica, offset: number): DeleteRecordsOutcome {
  const error = replica.checkLeader(-1)
  const state = replica.leaderState
  if (error || !state) return { errorCode: ErrorCode[error ?? 'NOT_LEADER_OR_FOLLOWER'], requiredOffset: -1 }
  const requiredOffset = offset === HIGH_WATERMARK ? state.highWatermark : offset
  if (requiredOffset < 0 || requiredOffset > state.highWatermark)
    return { errorCode: ErrorCode.OFFSET_OUT_OF_RANGE, requiredOffset: -1 }
  return replica.moveLogStart(requiredOffset)
    ? { errorCode: ErrorCode.NONE, requiredOffset }
    : { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, requiredOffset: -1 }
}

/** The lowest log start of the leader and its live followers; null where this broker does not lead. */
export function lowWatermark(replica: Replica, isLive: (brokerId: number) => boolean): number | null {
  const state = replica.leaderState
  if (!state) return null
  let lowest = replica.log.logStartOffset
  for (const { replicaId, logStartOffset } of state.followers.values()) {
    if (isLive(replicaId)) lowest = Math.min(lowest, logStartOffset)
  }
  return lowest
}
