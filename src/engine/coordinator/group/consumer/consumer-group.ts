/**
 * One group of the new protocol as its records make it: members, epochs, what each member is to own and what it owns. It changes by replay only;
 * ConsumerGroups decides what is written.
 */
import { type Assignment, assignmentOf, each, isSame, NO_PARTITIONS } from './assignment'
import {
  ConsumerGroupCurrentMemberAssignmentValue,
  ConsumerGroupMemberMetadataValue,
  ConsumerGroupMetadataValue,
  ConsumerGroupPartitionMetadataValue,
  ConsumerGroupTargetAssignmentMemberValue,
  ConsumerGroupTargetAssignmentMetadataValue,
  type ConsumerRecordKey,
  ConsumerRecordKind,
  type CurrentAssignment,
  type MemberFacts,
  MemberState,
  type SubscribedTopic,
} from './consumer-records'

export interface ConsumerMember extends MemberFacts {
  readonly memberId: string
  readonly current: CurrentAssignment
}

/** Of a member that has no record of what it owns yet. */
export const NOTHING_YET: CurrentAssignment = {
  memberEpoch: 0,
  previousMemberEpoch: -1,
  state: MemberState.stable,
  assigned: NO_PARTITIONS,
  revoking: NO_PARTITIONS,
}

export type ConsumerGroupState = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable'

export class ConsumerGroup {
  readonly kind = 'consumer'
  epoch = 0
  targetEpoch = 0
  topics: readonly SubscribedTopic[] = []
  readonly members = new Map<string, ConsumerMember>()
  readonly targets = new Map<string, Assignment>()
  private readonly owners = new Map<string, string>()
  private readonly instances = new Map<string, string>()
  private readonly readers = { names: new Map<string, number>(), expressions: new Map<string, number>() }

  constructor(readonly groupId: string) {}

  get state(): ConsumerGroupState {
    if (this.members.size === 0) return 'Empty'
    if (this.epoch > this.targetEpoch) return 'Assigning'
    for (const { memberId, current } of this.members.values()) {
      if (current.memberEpoch !== this.targetEpoch || current.state !== MemberState.stable) return 'Reconciling'
      if (!isSame(current.assigned, this.target(memberId))) return 'Reconciling'
    }
    return 'Stable'
  }

  target(memberId: string): Assignment {
    return this.targets.get(memberId) ?? NO_PARTITIONS
  }

  /** Who owns it, or is giving it up. */
  ownerOf(topicId: string, partition: number): string | undefined {
    return this.owners.get(`${topicId}/${partition}`)
  }

  memberOfInstance(instanceId: string): ConsumerMember | undefined {
    return this.members.get(this.instances.get(instanceId) ?? '')
  }

  isSubscribed(topic: string): boolean {
    if (this.members.size === 0) return false
    return this.topics.some(({ name }) => name === topic) || this.readers.names.has(topic)
  }

  /** All that its members subscribe to, each name and expression once: counted along, so that a heartbeat need not look at every member. */
  get subscriptions(): { readonly names: Iterable<string>; readonly expressions: Iterable<string> } {
    return { names: this.readers.names.keys(), expressions: this.readers.expressions.keys() }
  }

  /** Whether all members but this one speak the classic protocol; nobody need be left. */
  isClassicBut(memberId: string): boolean {
    if (this.members.get(memberId)?.classic !== null) return false
    for (const member of this.members.values()) if (member.classic === null && member.memberId !== memberId) return false
    return true
  }

  /** Whether a member with these classic protocols can be with the classic members that are here (ConsumerGroup.supportsClassicProtocols). */
  supportsClassic(protocols: readonly { readonly name: string }[]): boolean {
    const all = [...this.members.values()].flatMap(({ classic }) => (classic === null ? [] : [classic.protocols]))
    return protocols.some(({ name }) => all.every((others) => others.some((other) => other.name === name)))
  }

  replay({ version, memberId }: ConsumerRecordKey, value: Uint8Array | null): void {
    switch (version) {
      case ConsumerRecordKind.groupEpoch:
        if (value !== null) this.epoch = ConsumerGroupMetadataValue.decode(value).epoch
        return
      case ConsumerRecordKind.partitionMetadata:
        this.topics =
          value === null
            ? []
            : ConsumerGroupPartitionMetadataValue.decode(value).topics.map(({ topicId, topicName, numPartitions }) => ({
                topicId,
                name: topicName,
                partitionCount: numPartitions,
              }))
        return
      case ConsumerRecordKind.targetEpoch:
        this.targetEpoch = value === null ? 0 : ConsumerGroupTargetAssignmentMetadataValue.decode(value).assignmentEpoch
        return
      case ConsumerRecordKind.targetMember:
        if (value === null) this.targets.delete(memberId)
        else this.targets.set(memberId, assignmentOf(ConsumerGroupTargetAssignmentMemberValue.decode(value).topicPartitions))
        return
      case ConsumerRecordKind.member:
        this.replayMember(memberId, value)
        return
      case ConsumerRecordKind.currentMember:
        this.replayCurrent(memberId, value)
        return
    }
  }

  private replayMember(memberId: string, value: Uint8Array | null): void {
    const before = this.members.get(memberId)
    if (before?.instanceId != null && this.instances.get(before.instanceId) === memberId) this.instances.delete(before.instanceId)
    if (before !== undefined) this.countReader(before, -1)
    if (value === null) {
      this.disown(memberId)
      this.members.delete(memberId)
      return
    }
    const { classicMemberMetadata, unknownTaggedFields: _, ...said } = ConsumerGroupMemberMetadataValue.decode(value)
    const facts: MemberFacts = {
      ...said,
      // The bytes are views on the record.
      classic: classicMemberMetadata && {
        sessionTimeoutMs: classicMemberMetadata.sessionTimeoutMs,
        protocols: classicMemberMetadata.supportedProtocols.map(({ name, metadata }) => ({
          name,
          metadata: Buffer.from(metadata),
        })),
      },
    }
    this.countReader(facts, 1)
    this.members.set(memberId, { memberId, ...facts, current: before?.current ?? NOTHING_YET })
    if (facts.instanceId !== null) this.instances.set(facts.instanceId, memberId)
  }

  private replayCurrent(memberId: string, value: Uint8Array | null): void {
    const member = this.members.get(memberId)
    if (member === undefined) return
    this.disown(memberId)
    if (value === null) {
      this.members.set(memberId, { ...member, current: NOTHING_YET })
      return
    }
    const { memberEpoch, previousMemberEpoch, state, assignedPartitions, partitionsPendingRevocation } =
      ConsumerGroupCurrentMemberAssignmentValue.decode(value)
    const current: CurrentAssignment = {
      memberEpoch,
      previousMemberEpoch,
      state: state === MemberState.unrevoked || state === MemberState.unreleased ? state : MemberState.stable,
      assigned: assignmentOf(assignedPartitions),
      revoking: assignmentOf(partitionsPendingRevocation),
    }
    this.members.set(memberId, { ...member, current })
    for (const name of namesOf(current)) this.owners.set(name, memberId)
  }

  private countReader({ subscribedTopicNames, subscribedTopicRegex }: MemberFacts, by: 1 | -1): void {
    const { names, expressions } = this.readers
    for (const name of subscribedTopicNames) count(names, name, by)
    if (subscribedTopicRegex !== null) count(expressions, subscribedTopicRegex, by)
  }

  private disown(memberId: string): void {
    const member = this.members.get(memberId)
    if (member === undefined) return
    for (const name of namesOf(member.current)) if (this.owners.get(name) === memberId) this.owners.delete(name)
  }
}

function count(counts: Map<string, number>, name: string, by: 1 | -1): void {
  const now = (counts.get(name) ?? 0) + by
  if (now > 0) counts.set(name, now)
  else counts.delete(name)
}

function* namesOf({ assigned, revoking }: CurrentAssignment): IterableIterator<string> {
  for (const [topicId, partition] of each(assigned)) yield `${topicId}/${partition}`
  for (const [topicId, partition] of each(revoking)) yield `${topicId}/${partition}`
}
