/**
 * ListOffsets for one partition: the offset for a timestamp, or for one of the special ones. Called by the ReplicaManager.
 */
import { ErrorCode } from '../wire/errors'
import { isHighWatermarkBehindEpochStart } from './core/leader'
import type { LogView } from './core/types'
import type { ListOffsetAnswer } from './outcomes'
import type { Replica } from './replica'

const LATEST_TIMESTAMP = -1
const EARLIEST_TIMESTAMP = -2
const MAX_TIMESTAMP = -3
const EARLIEST_LOCAL_TIMESTAMP = -4
/** Nothing is tiered here, so there is no such offset; Kafka answers the same where tiering is off. */
const LATEST_TIERED_TIMESTAMP = -5

/** `isolation` null: a follower asks, and the newest offset is the log end rather than what consumers may read. */
export function listOffset(
  replica: Replica,
  timestamp: number,
  isolation: 'read_uncommitted' | 'read_committed' | null,
  currentLeaderEpoch: number,
): ListOffsetAnswer {
  const error = replica.checkLeader(currentLeaderEpoch)
  const state = replica.leaderState
  if (error || !state) return noOffset(ErrorCode[error ?? 'NOT_LEADER_OR_FOLLOWER'])
  const { log } = replica
  if (timestamp === EARLIEST_TIMESTAMP || timestamp === EARLIEST_LOCAL_TIMESTAMP) {
    return { errorCode: ErrorCode.NONE, timestamp: -1, offset: log.logStartOffset, leaderEpoch: earliestEpoch(log) }
  }
  if (timestamp === LATEST_TIERED_TIMESTAMP) return noOffset(ErrorCode.NONE)
  // Right after an election a consumer might be told less than it has read already: it shall ask again.
  const notYet = isolation !== null && isHighWatermarkBehindEpochStart(state)
  const lastFetchableOffset =
    isolation === null
      ? log.logEndOffset
      : isolation === 'read_committed'
        ? log.lastStableOffset(state.highWatermark)
        : state.highWatermark
  if (timestamp === LATEST_TIMESTAMP) {
    if (notYet) return noOffset(ErrorCode.OFFSET_NOT_AVAILABLE)
    return { errorCode: ErrorCode.NONE, timestamp: -1, offset: lastFetchableOffset, leaderEpoch: state.leaderEpoch }
  }
  const found = replica.findTimestamp(timestamp === MAX_TIMESTAMP ? 'latest' : timestamp)
  if (found === 'failed') return noOffset(ErrorCode.KAFKA_STORAGE_ERROR)
  if (found && found.offset < lastFetchableOffset) {
    return { errorCode: ErrorCode.NONE, timestamp: found.timestamp, offset: found.offset, leaderEpoch: found.leaderEpoch }
  }
  return noOffset(notYet ? ErrorCode.OFFSET_NOT_AVAILABLE : ErrorCode.NONE)
}

export function noOffset(errorCode: number): ListOffsetAnswer {
  return { errorCode, timestamp: -1, offset: -1, leaderEpoch: -1 }
}

/** The epoch that the log's first record belongs to, -1 where no epoch is known: walks down from the latest. */
function earliestEpoch(log: LogView): number {
  let epoch = log.latestEpoch
  while (epoch > 0) {
    const below = log.endOffsetForEpoch(epoch - 1)
    if (below.leaderEpoch < 0 || below.endOffset <= log.logStartOffset) break
    epoch = below.leaderEpoch
  }
  return epoch
}
