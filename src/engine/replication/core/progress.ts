/**
 * What a leader records of each follower: Kafka's Replica.scala. Owned by the leader's state; changed in place by its steps only.
 */
import { type FollowerProgress, NEVER_MS, UNKNOWN_BROKER_EPOCH, UNKNOWN_OFFSET } from './types'

/** A follower of which nothing is known yet. */
export function newFollowerProgress(replicaId: number): FollowerProgress {
  return {
    replicaId,
    logEndOffset: UNKNOWN_OFFSET,
    logStartOffset: UNKNOWN_OFFSET,
    lastCaughtUpTimeMs: NEVER_MS,
    lastFetchTimeMs: NEVER_MS,
    lastFetchLeaderLogEndOffset: UNKNOWN_OFFSET,
    lastSentHighWatermark: UNKNOWN_OFFSET,
    brokerEpoch: UNKNOWN_BROKER_EPOCH,
  }
}

/**
 * At the start of a leader epoch. A member of the ISR gets the whole lag time to show itself; another counts as never caught up, so that
 * it does not hold the high watermark back. Positions hold on only from the epoch right before, where this broker led that one too (`isSuccession`):
 * those from an earlier time as leader say nothing, nor do those from before an epoch in which another may have led, and are forgotten.
 */
export function resetProgress(
  progress: FollowerProgress,
  nowMs: number,
  leaderEndOffset: number,
  isSuccession: boolean,
  isInSync: boolean,
) {
  progress.lastCaughtUpTimeMs = isInSync ? nowMs : NEVER_MS
  progress.lastSentHighWatermark = UNKNOWN_OFFSET
  if (!isSuccession) {
    progress.logEndOffset = UNKNOWN_OFFSET
    progress.logStartOffset = UNKNOWN_OFFSET
    progress.lastFetchLeaderLogEndOffset = UNKNOWN_OFFSET
    progress.lastFetchTimeMs = NEVER_MS
    progress.brokerEpoch = UNKNOWN_BROKER_EPOCH
    return
  }
  progress.lastFetchLeaderLogEndOffset = leaderEndOffset
  progress.lastFetchTimeMs = isInSync ? nowMs : NEVER_MS
}

/**
 * A fetch from `fetchOffset` arrived while the leader's log ended at `leaderEndOffset`. Reaching the present end makes the follower caught
 * up now; reaching the end of the previous fetch makes it caught up then: a busy leader's end is never reached, yet such a follower is
 * only one round behind (KAFKA-2476's successor in Replica.updateFetchState).
 */
export function recordFetch(
  progress: FollowerProgress,
  fetchOffset: number,
  followerStartOffset: number,
  leaderEndOffset: number,
  nowMs: number,
  brokerEpoch: number,
) {
  if (fetchOffset >= leaderEndOffset) {
    progress.lastCaughtUpTimeMs = Math.max(progress.lastCaughtUpTimeMs, nowMs)
  } else if (fetchOffset >= progress.lastFetchLeaderLogEndOffset) {
    progress.lastCaughtUpTimeMs = Math.max(progress.lastCaughtUpTimeMs, progress.lastFetchTimeMs)
  }
  progress.logEndOffset = fetchOffset
  progress.logStartOffset = followerStartOffset
  progress.lastFetchLeaderLogEndOffset = leaderEndOffset
  progress.lastFetchTimeMs = nowMs
  progress.brokerEpoch = brokerEpoch
}

/** Is the follower at the leader's end, or was it within the lag time? */
export function isCaughtUp(progress: FollowerProgress, leaderEndOffset: number, nowMs: number, lagTimeMaxMs: number): boolean {
  return progress.logEndOffset === leaderEndOffset || nowMs - progress.lastCaughtUpTimeMs <= lagTimeMaxMs
}
