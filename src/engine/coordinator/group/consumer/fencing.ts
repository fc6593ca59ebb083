/** Whether a member of the new protocol is who it says it is, by its epoch (Kafka, throwIfConsumerGroupMemberEpochIsInvalid). Pure; used by ConsumerGroups. */
import { type Assignment, isSubset } from './assignment'
import type { ConsumerMember } from './consumer-group'

/** Why a member with this epoch must begin anew; null where it need not. */
export function whyFenced({ current }: ConsumerMember, memberEpoch: number, owned: Assignment | null): string | null {
  if (memberEpoch > current.memberEpoch)
    return `The consumer group member has a greater member epoch (${memberEpoch}) than the one known by the group coordinator (${current.memberEpoch}).`
  if (memberEpoch === current.memberEpoch) return null
  // It has not received the answer that raised its epoch. One that says nothing of what it owns Kafka fences; but librdkafka says nothing where an answer took too
  // long, and would lose all it has because of a busy machine. It is only told again: what it says is taken for no more than a sign of life.
  if (memberEpoch === current.previousMemberEpoch && (owned === null || isSubset(owned, current.assigned))) return null
  return `The consumer group member has a smaller member epoch (${memberEpoch}) than the one known by the group coordinator (${current.memberEpoch}).`
}
