/**
 * The high watermark: the offset below which every record is on all in-sync replicas, so that an election among them cannot lose it.
 *
 * Called by the leader's steps after every append, follower fetch and ISR change, and by the follower's after every answer.
 */
import { assert } from '../../../shared/lang/assert'
import { isCaughtUp } from './progress'
import type { IsrState, LeaderEnvironment, LeaderState } from './types'

/** min.insync.replicas cannot ask for more replicas than the partition has (KAFKA-15583). */
export function effectiveMinIsr(state: LeaderState, env: LeaderEnvironment): number {
  return Math.min(env.minInSyncReplicas(), state.followers.size + 1)
}

export function isUnderMinIsr(state: LeaderState, env: LeaderEnvironment): boolean {
  return state.isr.isr.length < effectiveMinIsr(state, env)
}

/** Counts a replica whose joining is proposed, and still counts one whose leaving is. */
export function isInMaximalIsr(isr: IsrState, replicaId: number): boolean {
  return (isr.kind === 'pending-expand' && isr.added === replicaId) || isr.isr.includes(replicaId)
}

export function maximalIsrSize(isr: IsrState): number {
  return isr.kind === 'pending-expand' ? isr.isr.length + 1 : isr.isr.length
}

/**
 * Moves `state.highWatermark` up to the lowest log end offset of the maximal ISR, and of the replicas outside of it that are caught up by
 * time and eligible: without these a lone leader would run away from a follower that tries to join. Answers whether it moved.
 *
 * Not while the ISR is smaller than min.insync.replicas (KIP-966's first part, KAFKA-15583: in Kafka since 3.7, with ZooKeeper as with
 * KRaft, eligible leader replicas or not). So what a consumer can read was on min.insync.replicas brokers at that moment.
 */
export function maybeIncrementHighWatermark(
  state: LeaderState,
  logEndOffset: number,
  nowMs: number,
  env: LeaderEnvironment,
): boolean {
  if (isUnderMinIsr(state, env)) return false
  let next = logEndOffset
  for (const follower of state.followers.values()) {
    if (follower.logEndOffset >= next) continue
    if (
      isInMaximalIsr(state.isr, follower.replicaId) ||
      (isCaughtUp(follower, logEndOffset, nowMs, env.replicaLagTimeMaxMs) && env.isEligible(follower.replicaId))
    ) {
      next = follower.logEndOffset
    }
  }
  if (next <= state.highWatermark) return false
  assert(next > state.highWatermark, 'the high watermark of a leader never moves back')
  state.highWatermark = next
  assert(state.highWatermark <= logEndOffset, 'logStartOffset <= highWatermark <= logEndOffset')
  return true
}

/** A follower knows no more than its leader says, and claims no more than it has. */
export function followerHighWatermark(leaderHighWatermark: number, logEndOffset: number): number {
  return Math.min(leaderHighWatermark, logEndOffset)
}

/** Where a replica starts after its broker did: from the checkpoint, inside of what the log has. */
export function initialHighWatermark(checkpoint: number, logStartOffset: number, logEndOffset: number): number {
  return Math.max(logStartOffset, Math.min(checkpoint, logEndOffset))
}
