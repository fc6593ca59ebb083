/**
 * The in-sync replicas of a partition as its leader keeps them: who may join, who has to leave, and the one change that is in flight.
 *
 * The leader proposes, the controller decides (AlterPartition, KIP-497), and the partition epoch is what both compare. Until the answer
 * comes the leader counts with the larger of the two sets, the "maximal ISR": a proposed member counts at once, a proposed removal
 * not before it is committed. So the high watermark can never pass a replica that the controller still takes for in sync.
 */
import { assert } from '../../../shared/lang/assert'
import { maybeIncrementHighWatermark } from './high-watermark'
import { isCaughtUp } from './progress'
import {
  type Effect,
  type FollowerProgress,
  type IsrProposal,
  type IsrState,
  type LeaderEnvironment,
  type LeaderState,
  NO_EFFECTS,
  UNKNOWN_BROKER_EPOCH,
} from './types'

export function committedIsr(isr: readonly number[]): IsrState {
  return { kind: 'committed', isr }
}

/** Whether a change waits for the controller. */
export function isInFlight(isr: IsrState): boolean {
  return isr.kind !== 'committed'
}

/**
 * A follower joins when it has everything up to the high watermark *and* up to the start of this leader epoch. The second matters right
 * after an election: committed records may lie between the new leader's high watermark and its log end, and a replica without them
 * must not be electable (KAFKA-7128).
 */
export function isFollowerInSync(state: LeaderState, follower: FollowerProgress): boolean {
  return follower.logEndOffset >= state.highWatermark && follower.logEndOffset >= state.leaderEpochStartOffset
}

/** Proposes to add `follower` where it has earned it. Changes `state.isr` in place. */
export function maybeExpandIsr(state: LeaderState, follower: FollowerProgress, env: LeaderEnvironment): readonly Effect[] {
  if (isInFlight(state.isr) || state.isr.isr.includes(follower.replicaId)) return NO_EFFECTS
  if (!isFollowerInSync(state, follower) || !env.isEligible(follower.replicaId)) return NO_EFFECTS
  assert(
    follower.logEndOffset >= Math.max(state.highWatermark, state.leaderEpochStartOffset),
    'a replica joins the ISR with everything up to the high watermark and the start of the leader epoch',
  )
  const proposal = propose(state, [...state.isr.isr, follower.replicaId])
  state.isr = { kind: 'pending-expand', isr: state.isr.isr, added: follower.replicaId, proposal }
  return [{ kind: 'propose-isr', proposal }]
}

/** Members of the ISR that are neither at the leader's end nor were within the lag time. None while a change is in flight. */
export function outOfSyncReplicas(state: LeaderState, logEndOffset: number, nowMs: number, env: LeaderEnvironment): number[] {
  const out: number[] = []
  if (isInFlight(state.isr)) return out
  for (const replicaId of state.isr.isr) {
    if (replicaId === state.localBrokerId) continue
    const follower = state.followers.get(replicaId)
    if (!follower || !isCaughtUp(follower, logEndOffset, nowMs, env.replicaLagTimeMaxMs)) out.push(replicaId)
  }
  return out
}

/** Proposes to remove those that fell behind. Called every half of the lag time. Changes `state.isr` in place. */
export function maybeShrinkIsr(
  state: LeaderState,
  logEndOffset: number,
  nowMs: number,
  env: LeaderEnvironment,
): readonly Effect[] {
  const removed = outOfSyncReplicas(state, logEndOffset, nowMs, env)
  if (removed.length === 0) return NO_EFFECTS
  const remaining = state.isr.isr.filter((id) => !removed.includes(id))
  assert(remaining.includes(state.localBrokerId), 'a leader is in its own ISR')
  const proposal = propose(state, remaining)
  state.isr = { kind: 'pending-shrink', isr: state.isr.isr, removed, proposal }
  return [{ kind: 'propose-isr', proposal }]
}

/** What the controller answered to a proposal. */
export type AlterPartitionOutcome =
  | {
      readonly ok: true
      readonly leaderId: number
      readonly leaderEpoch: number
      readonly partitionEpoch: number
      readonly isr: readonly number[]
    }
  | { readonly ok: false; readonly error: string }

export interface AlterPartitionStep {
  readonly shouldRetry: boolean
  readonly effects: readonly Effect[]
}

const DONE: AlterPartitionStep = { shouldRetry: false, effects: NO_EFFECTS }
const RETRY: AlterPartitionStep = { shouldRetry: true, effects: NO_EFFECTS }

/**
 * Takes the controller's answer to `proposal`. Changes `state` in place.
 *
 * Three kinds of refusal: the controller says that it applied nothing and that our epoch is right (back to the committed state); it says
 * that we are out of date (stay pending, which is the safe side, until its LeaderAndIsr comes); anything else may be retried.
 */
export function onAlterPartitionOutcome(
  state: LeaderState,
  proposal: IsrProposal,
  outcome: AlterPartitionOutcome,
  logEndOffset: number,
  nowMs: number,
  env: LeaderEnvironment,
): AlterPartitionStep {
  const pending = state.isr
  // An election or a LeaderAndIsr came in between: whatever this answer says is out of date.
  if (pending.kind === 'committed' || pending.proposal !== proposal) return DONE
  if (!outcome.ok) return onRefusal(state, pending.isr, outcome.error)
  if (outcome.leaderEpoch !== state.leaderEpoch || outcome.leaderId !== state.localBrokerId) return DONE
  if (outcome.partitionEpoch < state.partitionEpoch) return DONE
  state.isr = committedIsr(outcome.isr)
  state.partitionEpoch = outcome.partitionEpoch
  const effects: Effect[] = [{ kind: 'isr-changed', isr: outcome.isr }]
  // A smaller ISR may let the high watermark pass the replica that left (KAFKA-13091).
  if (maybeIncrementHighWatermark(state, logEndOffset, nowMs, env)) {
    effects.push({ kind: 'high-watermark-advanced', highWatermark: state.highWatermark })
  }
  return { shouldRetry: false, effects }
}

function onRefusal(state: LeaderState, lastCommitted: readonly number[], error: string): AlterPartitionStep {
  switch (error) {
    case 'OPERATION_NOT_ATTEMPTED':
    case 'INELIGIBLE_REPLICA':
      state.isr = committedIsr(lastCommitted)
      return DONE
    case 'UNKNOWN_TOPIC_OR_PARTITION':
    case 'UNKNOWN_TOPIC_ID':
    case 'FENCED_LEADER_EPOCH':
    case 'INVALID_UPDATE_VERSION':
    case 'INVALID_REQUEST':
    case 'NEW_LEADER_ELECTED':
      return DONE
    default:
      return RETRY
  }
}

function propose(state: LeaderState, isr: readonly number[]): IsrProposal {
  return {
    leaderEpoch: state.leaderEpoch,
    partitionEpoch: state.partitionEpoch,
    // The epoch that a follower fetched with lets the controller see that it was restarted since (KIP-903).
    newIsr: isr.map((brokerId) => ({
      brokerId,
      brokerEpoch: state.followers.get(brokerId)?.brokerEpoch ?? UNKNOWN_BROKER_EPOCH,
    })),
  }
}
