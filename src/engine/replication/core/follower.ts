/**
 * What a follower makes of the answers to its fetches. The driver fetches, appends and truncates; this file says which of these, and
 * keeps the high watermark.
 */
import { assert } from '../../../shared/lang/assert'
import { followerHighWatermark } from './high-watermark'
import { truncationOffset } from './truncation'
import { type Effect, type EpochEndOffset, type FollowerState, type LogView, NO_EFFECTS } from './types'

/** The leader's answer for one partition; `error` by its name in Kafka's table. */
export interface FetchAnswer {
  readonly error: string
  readonly highWatermark: number
  readonly logStartOffset: number
  readonly divergingEpoch: EpochEndOffset | null
}

/** What was asked: an answer counts only if nothing has changed since. */
export interface FetchPosition {
  readonly leaderEpoch: number
  readonly fetchOffset: number
}

export type AnswerDecision =
  | { readonly kind: 'append' }
  | { readonly kind: 'truncate'; readonly offset: number }
  /** Ask the leader where its log begins and ends, then see remedyOutOfRange. */
  | { readonly kind: 'ask-offsets' }
  /** The leader knows a later epoch: the controller's word of it is on the way, and fetching on makes no sense before. */
  | { readonly kind: 'await-command' }
  | { readonly kind: 'back-off' }
  | { readonly kind: 'ignore' }

const APPEND: AnswerDecision = { kind: 'append' }
const ASK_OFFSETS: AnswerDecision = { kind: 'ask-offsets' }
const AWAIT_COMMAND: AnswerDecision = { kind: 'await-command' }
const BACK_OFF: AnswerDecision = { kind: 'back-off' }
const IGNORE: AnswerDecision = { kind: 'ignore' }

/** Changes nothing. */
export function decideAnswer(state: FollowerState, position: FetchPosition, answer: FetchAnswer, log: LogView): AnswerDecision {
  if (position.leaderEpoch !== state.leaderEpoch || position.fetchOffset !== log.logEndOffset) return IGNORE
  switch (answer.error) {
    case 'NONE':
      return answer.divergingEpoch ? { kind: 'truncate', offset: truncationOffset(answer.divergingEpoch, log) } : APPEND
    case 'OFFSET_OUT_OF_RANGE':
      return ASK_OFFSETS
    case 'FENCED_LEADER_EPOCH':
      return AWAIT_COMMAND
    default:
      // UNKNOWN_LEADER_EPOCH, NOT_LEADER_OR_FOLLOWER, UNKNOWN_TOPIC_OR_PARTITION, …: the leader has not heard of its election yet.
      return BACK_OFF
  }
}

/** After the answer's records, none perhaps, were appended. Changes `state` in place. */
export function onFetched(state: FollowerState, answer: FetchAnswer, log: LogView): readonly Effect[] {
  const previous = state.highWatermark
  // A new leader may know less than this follower was told by the old one: what is committed stays so.
  state.highWatermark = Math.max(previous, log.logStartOffset, followerHighWatermark(answer.highWatermark, log.logEndOffset))
  assert(state.highWatermark <= log.logEndOffset, 'logStartOffset <= highWatermark <= logEndOffset')
  // Records that the leader has deleted are deleted here, but never any above the high watermark.
  const logStartOffset = Math.min(answer.logStartOffset, state.highWatermark)
  if (state.highWatermark <= previous && logStartOffset <= log.logStartOffset) return NO_EFFECTS
  const effects: Effect[] = []
  if (logStartOffset > log.logStartOffset) effects.push({ kind: 'increment-log-start', offset: logStartOffset })
  if (state.highWatermark > previous) effects.push({ kind: 'high-watermark-advanced', highWatermark: state.highWatermark })
  return effects
}

/** After a truncation to `logEndOffset`, or a restart of the log there. Changes `state` in place. */
export function onTruncated(state: FollowerState, log: LogView): void {
  // Below the high watermark only after an unclean election, or where the ISR's records were lost: the driver warns.
  state.highWatermark = Math.max(log.logStartOffset, Math.min(state.highWatermark, log.logEndOffset))
}
