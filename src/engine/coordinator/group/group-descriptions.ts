/** How groups are shown: what ListGroups and DescribeGroups say of one. Reads only. */
import type { ClassicGroup } from './classic-group'
import { NO_BYTES } from './classic-member'
import type { Assignment } from './consumer/assignment'
import type { ConsumerGroup, ConsumerMember } from './consumer/consumer-group'
import { preferredAssignor } from './consumer/member-facts'

export interface GroupListing {
  readonly groupId: string
  readonly protocolType: string
  readonly state: string
  /** In the letters that Kafka's brokers use on the wire. */
  readonly type: 'classic' | 'consumer'
}

export interface MemberDescription {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly metadata: Uint8Array
  readonly assignment: Uint8Array
}

export interface ClassicGroupDescription {
  readonly groupId: string
  readonly state: string
  readonly protocolType: string
  readonly protocolName: string
  readonly members: readonly MemberDescription[]
}

/** What Kafka says of a group that there is not. */
export const DEAD = 'Dead'

export function describeClassicGroup(group: ClassicGroup): ClassicGroupDescription {
  const isStable = group.state === 'Stable'
  return {
    groupId: group.groupId,
    state: group.state,
    protocolType: group.protocolType ?? '',
    // Before it is stable, what the members said is not yet what holds.
    protocolName: isStable ? (group.protocolName ?? '') : '',
    members: Array.from(group.members.values(), (member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      metadata: isStable ? member.metadataFor(group.protocolName) : NO_BYTES,
      assignment: isStable ? member.assignment : NO_BYTES,
    })),
  }
}

export function deadGroup(groupId: string): ClassicGroupDescription {
  return { groupId, state: DEAD, protocolType: '', protocolName: '', members: [] }
}

export interface ConsumerGroupDescription {
  readonly groupId: string
  readonly state: string
  readonly epoch: number
  readonly targetEpoch: number
  readonly assignorName: string
  readonly members: readonly (ConsumerMember & { readonly target: Assignment })[]
}

export function describeConsumerGroup(group: ConsumerGroup): ConsumerGroupDescription {
  const { groupId, state, epoch, targetEpoch } = group
  return {
    groupId,
    state,
    epoch,
    targetEpoch,
    assignorName: preferredAssignor(group.members.values()),
    members: Array.from(group.members.values(), (member) => ({ ...member, target: group.target(member.memberId) })),
  }
}

export function listingOf(group: ClassicGroup | ConsumerGroup): GroupListing {
  const { groupId, state } = group
  return group.kind === 'classic'
    ? { groupId, state, protocolType: group.protocolType ?? '', type: 'classic' }
    : { groupId, state, protocolType: 'consumer', type: 'consumer' }
}
