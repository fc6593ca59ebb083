/**
 * One member's next step from what it owns to what it is to own (Kafka, CurrentAssignmentBuilder). Pure: it is asked at each of the member's heartbeats.
 *
 * A member first gives up what is not its any more; it stays in its epoch until it has said that it has. Then it enters the epoch of the target, and gets of
 * its new partitions those that nobody else holds; the others as soon as they are free. So no partition is with two members, and none waits for the whole group.
 */
import { type Assignment, isIn, isSame, NO_PARTITIONS, overlaps, sizeOf, union, where } from './assignment'
import { type CurrentAssignment, MemberState } from './consumer-records'

export interface ReconciliationInput {
  readonly current: CurrentAssignment
  readonly target: Assignment
  readonly targetEpoch: number
  /** What the member says that it owns; null where it does not say. */
  readonly owned: Assignment | null
  /** It speaks the classic protocol: whoever joins has given up by then whatever it does not say that it owns. */
  readonly isClassic: boolean
  /** Whether the partition is with no other member. */
  isFree(topicId: string, partition: number): boolean
}

export function reconcile(input: ReconciliationInput): CurrentAssignment {
  const { current, targetEpoch, owned } = input
  switch (current.state) {
    case MemberState.stable:
      return current.memberEpoch === targetEpoch ? current : next(input, current.memberEpoch)
    case MemberState.unrevoked:
      // Silence is no answer: it may own them still.
      if (owned === null || overlaps(current.revoking, owned)) return current
      return next(input, current.memberEpoch + 1)
    case MemberState.unreleased:
      return next(input, current.memberEpoch)
  }
}

/**
 * What is to be given up the member has to be told first, whatever it says that it owns: librdkafka says "nothing" while it is still making up its mind about
 * the assignment that it was told before, and takes all of that afterwards. (Kafka believes it, and gives away what then has two owners.) A classic member is
 * believed: it joins after it has given up, and takes nothing before it has asked again.
 */
function next(
  { current, target, targetEpoch, owned, isClassic, isFree }: ReconciliationInput,
  memberEpoch: number,
): CurrentAssignment {
  const { assigned } = current
  const isTarget = isIn(target)
  const keeps = where(assigned, isTarget)
  const revoking = where(assigned, (topicId, partition) => !isTarget(topicId, partition))
  const isKept = isIn(keeps)
  const free = where(target, (topicId, partition) => !isKept(topicId, partition) && isFree(topicId, partition))
  const isWaiting = sizeOf(keeps) + sizeOf(free) < sizeOf(target)
  const hasGivenUp = sizeOf(revoking) === 0 || (isClassic && owned !== null && !overlaps(revoking, owned))
  if (!hasGivenUp) {
    return enter(current, { memberEpoch, state: MemberState.unrevoked, assigned: keeps, revoking })
  }
  const state = isWaiting ? MemberState.unreleased : MemberState.stable
  return enter(current, { memberEpoch: targetEpoch, state, assigned: union(keeps, free), revoking: NO_PARTITIONS })
}

function enter(before: CurrentAssignment, after: Omit<CurrentAssignment, 'previousMemberEpoch'>): CurrentAssignment {
  const isSameEpoch = before.memberEpoch === after.memberEpoch
  const isUnchanged =
    isSameEpoch &&
    before.state === after.state &&
    isSame(before.assigned, after.assigned) &&
    isSame(before.revoking, after.revoking)
  if (isUnchanged) return before
  return { ...after, previousMemberEpoch: isSameEpoch ? before.previousMemberEpoch : before.memberEpoch }
}
