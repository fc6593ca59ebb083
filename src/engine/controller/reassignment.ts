/**
 * The rules by which replicas of a partition move from brokers to brokers (KIP-455, as Kafka's KafkaController and ReplicaAssignment have them): what an
 * assignment becomes when a new one is asked for, when it may be completed, and what the partition's state becomes with it. Pure; reassignments.ts writes
 * and tells.
 *
 * In Kafka's letters: RS, all replicas, is ORS + TRS; AR, those to add, RS less ORS; RR, those to remove, RS less TRS. While AR or RR has a member the
 * reassignment is in progress.
 */
import { electForReassignment, type IsOnline } from './elections'
import { NO_LEADER, type PartitionState, type ReplicaAssignment } from './types'

export function isBeingReassigned({ addingReplicas, removingReplicas }: ReplicaAssignment): boolean {
  return addingReplicas.length + removingReplicas.length > 0
}

/** ORS: where a cancellation goes back to. */
export function originReplicas({ replicas, addingReplicas }: ReplicaAssignment): readonly number[] {
  return without(replicas, addingReplicas)
}

/** TRS: what is there when the reassignment is complete. */
export function targetReplicas({ replicas, removingReplicas }: ReplicaAssignment): readonly number[] {
  return without(replicas, removingReplicas)
}

/**
 * From `current`, which may itself be under way, to `target`. Replicas that were being added and are not wanted any more are strays at once; those of before
 * stay until the new ones are in sync. With the origin as target it is a cancellation.
 */
export function reassignTo(current: ReplicaAssignment, target: readonly number[]): ReplicaAssignment {
  const origin = originReplicas(current)
  const replicas = [...new Set([...target, ...origin])]
  return {
    replicas,
    addingReplicas: without(replicas, origin),
    removingReplicas: without(replicas, target),
    strayReplicas: straysOf(current, replicas),
  }
}

/** The target alone; who was to be removed is a stray until it has said that it has deleted its replica. */
export function completed(current: ReplicaAssignment): ReplicaAssignment {
  const replicas = targetReplicas(current)
  return { replicas, addingReplicas: [], removingReplicas: [], strayReplicas: straysOf(current, replicas) }
}

export function isSameAssignment(a: ReplicaAssignment, b: ReplicaAssignment): boolean {
  return (
    a.replicas.join() === b.replicas.join() &&
    a.addingReplicas.join() === b.addingReplicas.join() &&
    a.removingReplicas.join() === b.removingReplicas.join() &&
    a.strayReplicas.join() === b.strayReplicas.join()
  )
}

/**
 * What is wrong with a target, in Kafka's words, or null. Only replicas that are to be added must be on brokers that live: one that is there
 * already may be down.
 */
export function whyInvalid(
  current: ReplicaAssignment,
  target: readonly number[],
  liveBrokerIds: ReadonlySet<number>,
): string | null {
  if (target.length === 0) return 'Empty replica list specified in partition reassignment.'
  if (new Set(target).size !== target.length)
    return `Duplicate replica ids in partition reassignment replica list: ${listed(target)}`
  if (target.some((id) => id < 0)) return `Invalid broker id in replica list: ${listed(target)}`
  const added = without(target, originReplicas(current))
  if (added.every((id) => liveBrokerIds.has(id))) return null
  return `Replica assignment has brokers that are not alive. Replica list: ${listed(added)}, live broker list: ${[...liveBrokerIds].join(', ')}`
}

/**
 * Whether to go to `next` would leave nobody who is known to have all that was acknowledged. It can where replicas that were being added are the only ones in
 * sync and are given up. Kafka with ZooKeeper deletes them and what they had; Kafka with KRaft refuses, and so do we.
 */
export function leavesNobodyInSync(state: PartitionState | null, next: ReplicaAssignment): boolean {
  return state !== null && !state.isr.some((id) => next.replicas.includes(id))
}

/** A reassignment in progress is complete once all of the target is in sync, and one of it can lead. */
export function canComplete(assignment: ReplicaAssignment, state: PartitionState | null, isOnline: IsOnline): boolean {
  if (state === null || !isBeingReassigned(assignment)) return false
  const target = targetReplicas(assignment)
  return target.every((id) => state.isr.includes(id)) && electForReassignment(target, state.isr, isOnline) !== null
}

/**
 * The state with which a partition goes to another list of replicas: who is not among them is in sync no more, and if it led, the first of them that is online
 * and in sync does. The leader epoch rises in any case, as in Kafka, so that nothing is taken that was proposed under the old list. Null where nobody who
 * is in sync would be left: then it must not go there.
 */
export function afterReassignment(state: PartitionState, replicas: readonly number[], isOnline: IsOnline): PartitionState | null {
  const isr = state.isr.filter((id) => replicas.includes(id))
  if (isr.length === 0) return null
  const leader = replicas.includes(state.leader) ? state.leader : (electForReassignment(replicas, isr, isOnline) ?? NO_LEADER)
  return { ...state, leader, isr, leaderEpoch: state.leaderEpoch + 1, partitionEpoch: state.partitionEpoch + 1 }
}

function straysOf({ replicas, strayReplicas }: ReplicaAssignment, next: readonly number[]): readonly number[] {
  return without([...new Set([...strayReplicas, ...replicas])], next)
}

/** A client may ask for as many as its request holds, all of which the event queue would wait for: no list is looked through for each of another. */
function without(ids: readonly number[], others: readonly number[]): number[] {
  const left = new Set(others)
  return ids.filter((id) => !left.has(id))
}

const LISTED_MAX = 100

/** In words. No answer carries more than 32 KB of them. */
function listed(ids: readonly number[]): string {
  const rest = ids.length - LISTED_MAX
  return rest > 0 ? `${ids.slice(0, LISTED_MAX).join(', ')} and ${rest} more` : ids.join(', ')
}
