/**
 * Where two histories part, and what a follower gives up for it.
 *
 * A high watermark may be old, so truncating to it loses committed records and keeps diverging ones (KIP-101). Leader epochs do not lie:
 * two logs that end an epoch at the same offset are the same up to there. KIP-279 added that an epoch unknown to the other side is
 * answered with the largest one below, and KIP-595 that all this rides on the fetch itself (version 12).
 */
import { assert } from '../../../shared/lang/assert'
import { type EpochEndOffset, type LogView, NO_EPOCH, UNKNOWN_OFFSET } from './types'

/**
 * The leader's side. Is (lastFetchedEpoch, fetchOffset) a place in this log's history? If not, answers with the largest epoch that both may
 * share and where it ends here. 'OFFSET_OUT_OF_RANGE' where the question lies outside of what this log can tell.
 */
export function findDivergence(
  log: LogView,
  lastFetchedEpoch: number,
  fetchOffset: number,
): EpochEndOffset | 'OFFSET_OUT_OF_RANGE' | null {
  const shared = log.endOffsetForEpoch(lastFetchedEpoch)
  if (shared.leaderEpoch === NO_EPOCH || shared.endOffset === UNKNOWN_OFFSET) return 'OFFSET_OUT_OF_RANGE'
  // Below the log start nothing is left to compare with, whatever the epochs say.
  if (fetchOffset < log.logStartOffset) return 'OFFSET_OUT_OF_RANGE'
  if (shared.leaderEpoch < lastFetchedEpoch || shared.endOffset < fetchOffset) return shared
  return null
}

/**
 * The follower's side: where to truncate to. If it does not know the leader's epoch either, it goes back to the end of the largest
 * epoch below and asks again with its next fetch; each round gets below an epoch, so it ends.
 */
export function truncationOffset(diverging: EpochEndOffset, log: LogView): number {
  const own = log.endOffsetForEpoch(diverging.leaderEpoch)
  let offset: number
  if (own.leaderEpoch === NO_EPOCH) {
    offset = diverging.endOffset
  } else if (own.leaderEpoch === diverging.leaderEpoch) {
    offset = Math.min(own.endOffset, diverging.endOffset)
  } else {
    offset = own.endOffset
  }
  const target = Math.min(offset, log.logEndOffset)
  assert(target >= 0, 'a log is truncated to an offset that it has')
  return target
}

/** What a follower does about OFFSET_OUT_OF_RANGE, once it has asked for the leader's offsets. */
export type OutOfRangeRemedy =
  | { readonly kind: 'truncate'; readonly offset: number }
  | { readonly kind: 'restart-log'; readonly offset: number }
  | { readonly kind: 'fetch-again' }

/**
 * Beyond the leader's end (an unclean election): cut to it. Before its start (retention went on while this follower was away): nothing of
 * what is here connects, start over at the leader's start. Otherwise the leader has moved on in between, and the next fetch succeeds.
 */
export function remedyOutOfRange(log: LogView, leaderStartOffset: number, leaderEndOffset: number): OutOfRangeRemedy {
  if (leaderEndOffset < log.logEndOffset) return { kind: 'truncate', offset: Math.max(leaderEndOffset, log.logStartOffset) }
  if (leaderStartOffset > log.logEndOffset) return { kind: 'restart-log', offset: leaderStartOffset }
  return { kind: 'fetch-again' }
}
