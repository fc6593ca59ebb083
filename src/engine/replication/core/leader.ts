/**
 * What a leader answers: to a producer's append, to the question whether that append is committed, and to fetches of consumers and
 * followers. The driver appends and reads; this file says whether it may, how far, and what follows from it.
 */
import { assert } from '../../../shared/lang/assert'
import { effectiveMinIsr, isUnderMinIsr, maximalIsrSize, maybeIncrementHighWatermark } from './high-watermark'
import { maybeExpandIsr } from './isr'
import { recordFetch } from './progress'
import { findDivergence } from './truncation'
import {
  type Effect,
  type EpochEndOffset,
  type FollowerProgress,
  type LeaderEnvironment,
  type LeaderState,
  type LogView,
  NO_EFFECTS,
  NO_EPOCH,
  type ReplicaState,
  type ReplicationError,
  UNKNOWN_BROKER_EPOCH,
} from './types'

/** Whether a request that names a leader epoch (-1: names none) speaks of the same leadership as this replica knows (KIP-320). */
export function checkLeaderEpoch(state: ReplicaState, currentLeaderEpoch: number): ReplicationError | null {
  if (currentLeaderEpoch === NO_EPOCH || currentLeaderEpoch === state.leaderEpoch) return null
  return currentLeaderEpoch < state.leaderEpoch ? 'FENCED_LEADER_EPOCH' : 'UNKNOWN_LEADER_EPOCH'
}

/** Whether a producer may append: acks=all needs min.insync.replicas in the committed ISR beforehand. */
export function checkAppend(state: LeaderState, acks: number, env: LeaderEnvironment): ReplicationError | null {
  return acks === -1 && isUnderMinIsr(state, env) ? 'NOT_ENOUGH_REPLICAS' : null
}

/** After an append: with nobody else in the ISR it is committed at once. Changes `state` in place. */
export function onAppended(state: LeaderState, log: LogView, nowMs: number, env: LeaderEnvironment): readonly Effect[] {
  assert(log.latestEpoch === state.leaderEpoch, 'a leader appends in its own epoch')
  return advance(state, log.logEndOffset, nowMs, env)
}

/**
 * Is what was appended below `requiredOffset`, in an epoch of this leadership, committed? 'NONE' is success.
 *
 * An append of an earlier leadership may have been truncated in between, even where the high watermark is past it now.
 */
export function checkProduce(
  state: ReplicaState,
  requiredOffset: number,
  leaderEpochAtAppend: number,
  env: LeaderEnvironment,
): 'pending' | 'NONE' | ReplicationError {
  if (state.role === 'offline') return 'KAFKA_STORAGE_ERROR'
  if (state.role !== 'leader' || leaderEpochAtAppend < state.leadsSinceEpoch) return 'NOT_LEADER_OR_FOLLOWER'
  if (state.highWatermark < requiredOffset) return 'pending'
  assert(requiredOffset <= state.highWatermark, 'an acknowledged acks=all batch is below the high watermark')
  return maximalIsrSize(state.isr) < effectiveMinIsr(state, env) ? 'NOT_ENOUGH_REPLICAS_AFTER_APPEND' : 'NONE'
}

/** What a fetch of one partition asks. `replicaId` is -1 for a consumer. */
export interface FetchQuestion {
  readonly replicaId: number
  readonly brokerEpoch: number
  readonly fetchOffset: number
  readonly currentLeaderEpoch: number
  readonly lastFetchedEpoch: number
  /** A consumer that may read from a follower (KIP-392). */
  readonly allowFollower: boolean
}

export type FetchDecision =
  | { readonly kind: 'error'; readonly error: ReplicationError }
  | { readonly kind: 'diverging'; readonly divergingEpoch: EpochEndOffset }
  /** Read up to `maxOffset`, exclusive. */
  | { readonly kind: 'read'; readonly maxOffset: number; readonly follower: FollowerProgress | null }

/** Whether and how far this replica lets itself be read. Changes nothing. */
export function decideFetch(state: ReplicaState, question: FetchQuestion, log: LogView): FetchDecision {
  if (state.role === 'offline') return refuse('KAFKA_STORAGE_ERROR')
  const epochError = checkLeaderEpoch(state, question.currentLeaderEpoch)
  if (epochError) return refuse(epochError)
  const isFromFollower = question.replicaId >= 0
  let follower: FollowerProgress | null = null
  if (state.role !== 'leader') {
    if (isFromFollower || !question.allowFollower) return refuse('NOT_LEADER_OR_FOLLOWER')
  } else if (isFromFollower) {
    follower = state.followers.get(question.replicaId) ?? null
    // Not (yet) an assigned replica here: one of the two has not heard of a change, and the follower should try again.
    if (!follower) return refuse(question.currentLeaderEpoch === NO_EPOCH ? 'NOT_LEADER_OR_FOLLOWER' : 'UNKNOWN_LEADER_EPOCH')
    // A fetch from before the follower's broker registered anew, overtaken by one from after it (KIP-903).
    if (question.brokerEpoch !== UNKNOWN_BROKER_EPOCH && question.brokerEpoch < follower.brokerEpoch) {
      return refuse('NOT_LEADER_OR_FOLLOWER')
    }
  }
  if (question.lastFetchedEpoch !== NO_EPOCH) {
    const divergence = findDivergence(log, question.lastFetchedEpoch, question.fetchOffset)
    if (divergence === 'OFFSET_OUT_OF_RANGE') return refuse('OFFSET_OUT_OF_RANGE')
    if (divergence) return { kind: 'diverging', divergingEpoch: divergence }
  }
  if (question.fetchOffset < log.logStartOffset || question.fetchOffset > log.logEndOffset) return refuse('OFFSET_OUT_OF_RANGE')
  return { kind: 'read', maxOffset: isFromFollower ? log.logEndOffset : state.highWatermark, follower }
}

/**
 * A follower's fetch proves that it has everything below `fetchOffset`: it may join the ISR, and the high watermark may move.
 * `logEndOffset` is the leader's from before the read. Changes `state` in place.
 */
export function onFollowerFetch(
  state: LeaderState,
  follower: FollowerProgress,
  fetchOffset: number,
  followerStartOffset: number,
  brokerEpoch: number,
  logEndOffset: number,
  nowMs: number,
  env: LeaderEnvironment,
): readonly Effect[] {
  const previousEndOffset = follower.logEndOffset
  recordFetch(follower, fetchOffset, followerStartOffset, logEndOffset, nowMs, brokerEpoch)
  const expansion = maybeExpandIsr(state, follower, env)
  // A fetch that moved nothing still looks again where something is uncommitted: since the last look a replica outside the ISR may have
  // died or fallen behind by time alone, and it must not hold the others back (Kafka waits for the next append or progress there).
  if (previousEndOffset === fetchOffset && state.highWatermark === logEndOffset) return expansion
  const advanced = advance(state, logEndOffset, nowMs, env)
  if (expansion.length === 0) return advanced
  return advanced.length === 0 ? expansion : [...expansion, ...advanced]
}

/**
 * The newest offset of ListOffsets. Right after an election the high watermark may lie behind the start of the epoch: a consumer
 * that had seen more must not be told less, so the answer waits (KAFKA-7610's OFFSET_NOT_AVAILABLE).
 */
export function isHighWatermarkBehindEpochStart(state: LeaderState): boolean {
  return state.leaderEpochStartOffset > state.highWatermark
}

/**
 * Moves the high watermark where it may move. After whatever moves a log end, and where brokers have come or gone or time has passed, for a replica
 * outside the ISR that was waited for may be waited for no more. Changes `state` in place.
 */
export function advance(state: LeaderState, logEndOffset: number, nowMs: number, env: LeaderEnvironment): readonly Effect[] {
  if (!maybeIncrementHighWatermark(state, logEndOffset, nowMs, env)) return NO_EFFECTS
  return [{ kind: 'high-watermark-advanced', highWatermark: state.highWatermark }]
}

function refuse(error: ReplicationError): FetchDecision {
  return { kind: 'error', error }
}
