/**
 * A living group that goes from the classic protocol to the new one, when the first member of the new one comes, and back, when the last of them goes (KIP-848). All
 * of it is records of one batch: a coordinator that takes over finds the group on one side or on the other. Used by GroupShard.
 *
 * Kafka's rules (GroupMetadataManager: convertToConsumerGroup, convertToClassicGroup), and more careful than they are about what members own, since the group deals
 * that out: what a member joined with and was not given again counts as its own until it says that it has it no more; and what is written of a group that goes
 * back is what each member owns, not what it was to own, with no leader, at which a coordinator that takes over sees that nobody has dealt anything out yet.
 */
import { ErrorCode } from '../../wire/errors'
import type { CoordinatorRecord, OperationContext, Step } from '../shard'
import { ClassicGroup, CONSUMER_PROTOCOL_TYPE } from './classic-group'
import { ClassicMember } from './classic-member'
import { type ClassicRebalance, refusedJoin } from './classic-rebalance'
import { type Assignment, assignmentOf, isIn, topicsOf, union, where } from './consumer/assignment'
import { idPartitions, namedPartitions } from './consumer/classic-members'
import { ConsumerGroup } from './consumer/consumer-group'
import type { ConsumerGroups, TopicsView } from './consumer/consumer-groups'
import {
  type CurrentAssignment,
  currentMemberRecord,
  groupEpochRecord,
  groupTombstones,
  type MemberFacts,
  MemberState,
  memberRecord,
  memberTombstones,
  readConsumerRecordKey,
  targetEpochRecord,
  targetMemberRecord,
} from './consumer/consumer-records'
import { readAssignment, readSubscription, writeAssignment } from './consumer-protocol'
import type { GroupConfig } from './group-config'
import { groupRecord, groupTombstone } from './group-records'

export interface GroupMigrationEnvironment {
  readonly topics: TopicsView
  readonly rebalance: ClassicRebalance
  readonly consumers: ConsumerGroups
  config(): GroupConfig
  /** The shard has this group from now on, in the place of the one that it had. */
  onDidDowngrade(group: ClassicGroup): void
}

interface MovingMember {
  readonly memberId: string
  readonly facts: MemberFacts
  readonly assigned: Assignment
  /** It said so when it joined. */
  readonly owned: Assignment
}

export class GroupMigration {
  constructor(private readonly env: GroupMigrationEnvironment) {}

  canUpgrade(group: ClassicGroup): boolean {
    const { migrationPolicy, maxSize } = this.env.config()
    const isAllowed = migrationPolicy === 'bidirectional' || migrationPolicy === 'upgrade'
    return isAllowed && group.protocolType === CONSUMER_PROTOCOL_TYPE && group.members.size <= maxSize
  }

  /** The group as it will be once the records are written, or why it stays as it is. Whoever waits in the classic group is told to join again. */
  upgrade(group: ClassicGroup, step: Step): ConsumerGroup | string {
    const { groupId, generationId } = group
    if (!this.canUpgrade(group)) return `Group ${groupId} is not a consumer group.`
    const members: MovingMember[] = []
    for (const member of group.members.values()) {
      // Who has not been told of any generation, nor perhaps of its id, owns nothing, and comes as somebody new.
      if (member.isNew) continue
      const moving = this.move(group, member)
      if (typeof moving === 'string') return moving
      members.push(moving)
    }
    const currents = currentsOf(members, generationId)
    const records: CoordinatorRecord[] = [
      ...members.map(({ memberId, facts }) => memberRecord(groupId, memberId, facts)),
      groupEpochRecord(groupId, generationId),
      ...members.map(({ memberId, assigned }) => targetMemberRecord(groupId, memberId, assigned)),
      targetEpochRecord(groupId, generationId),
      ...Array.from(currents, ([memberId, current]) => currentMemberRecord(groupId, memberId, current)),
    ]
    step.append(groupTombstone(groupId))
    const upgraded = new ConsumerGroup(groupId)
    for (const record of records) {
      step.append(record)
      upgraded.replay(readConsumerRecordKey(record.key)!, record.value)
    }
    return upgraded
  }

  /** Whoever waits for something in a group that goes over is to join again. */
  sendBack(group: ClassicGroup, step: Step): void {
    for (const member of group.members.values()) {
      this.env.rebalance.answerJoin(member, refusedJoin(member.memberId, ErrorCode.REBALANCE_IN_PROGRESS), step)
      this.env.rebalance.answerSync(group, member, ErrorCode.REBALANCE_IN_PROGRESS, step)
    }
  }

  /** Answers whether the group goes back when this member goes. `isReplaced`: by one of the classic protocol, which is about to join. */
  maybeDowngrade(group: ConsumerGroup, leavingId: string, isReplaced: boolean, step: Step, context: OperationContext): boolean {
    const { groupId, epoch } = group
    const { migrationPolicy, maxSize } = this.env.config()
    const isAllowed = migrationPolicy === 'bidirectional' || migrationPolicy === 'downgrade'
    const countLeft = group.members.size - 1
    if (!isAllowed || !group.isClassicBut(leavingId) || countLeft + (isReplaced ? 1 : 0) > maxSize) return false
    if (countLeft === 0 && !isReplaced) return false
    const memberIds = [...group.members.keys()]
    const members = memberIds.filter((memberId) => memberId !== leavingId).map((memberId) => classicMemberOf(group, memberId))
    const downgraded = ClassicGroup.of(groupId, epoch, members, context.nowMs)
    for (const memberId of memberIds) for (const tombstone of memberTombstones(groupId, memberId)) step.append(tombstone)
    for (const tombstone of groupTombstones(groupId)) step.append(tombstone)
    const metadata = downgraded.metadata(context.nowMs, ({ assignment }) => assignment)
    step.append(groupRecord(groupId, { ...metadata, leader: null }))
    step.whenAppended((next) => {
      for (const memberId of memberIds) this.env.consumers.forget(groupId, memberId)
      this.env.onDidDowngrade(downgraded)
      for (const member of downgraded.members.values()) this.env.rebalance.expectHeartbeat(downgraded, member)
      if (downgraded.members.size > 0) this.env.rebalance.prepare(downgraded, next, context)
    })
    return true
  }

  private move(group: ClassicGroup, member: ClassicMember): MovingMember | string {
    const { groupId, protocolName } = group
    const { memberId, protocols, sessionTimeoutMs } = member
    // What it has offered since may lack the protocol that was chosen; all of them have the same subscription.
    const { metadata } = protocols.find(({ name }) => name === protocolName) ?? protocols[0]!
    const subscription = readSubscription(metadata)
    const assignment = readAssignment(member.assignment)
    const refusal = `Cannot upgrade the classic group ${groupId} to consumer group because`
    if (subscription === null || assignment === null) return `${refusal} the embedded consumer protocol is malformed.`
    if (assignment.hasUserData)
      return `${refusal} an unsupported custom assignor is in use. Please refer to the documentation or switch to a default assignor before re-attempting the upgrade.`
    const facts: MemberFacts = {
      instanceId: member.groupInstanceId,
      rackId: subscription.rackId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      subscribedTopicNames: [...new Set(subscription.topics)].sort(),
      subscribedTopicRegex: null,
      rebalanceTimeoutMs: member.rebalanceTimeoutMs,
      serverAssignor: null,
      classic: { sessionTimeoutMs, protocols },
    }
    const assigned = idPartitions(assignment.partitions, this.env.topics)
    return { memberId, facts, assigned, owned: idPartitions(subscription.owned, this.env.topics) }
  }
}

/** What each owns: what it was given last, and what it came with and was not given again, unless somebody else was. */
function currentsOf(members: readonly MovingMember[], memberEpoch: number): Map<string, CurrentAssignment> {
  const isGiven = isIn(assignmentOf(members.flatMap(({ assigned }) => topicsOf(assigned))))
  return new Map(
    members.map(({ memberId, assigned, owned }) => {
      const revoking = where(owned, (topicId, partition) => !isGiven(topicId, partition))
      const state = revoking.size > 0 ? MemberState.unrevoked : MemberState.stable
      return [memberId, { memberEpoch, previousMemberEpoch: memberEpoch, state, assigned, revoking }]
    }),
  )
}

function classicMemberOf(group: ConsumerGroup, memberId: string): ClassicMember {
  const { classic, instanceId, clientId, clientHost, rebalanceTimeoutMs, current } = group.members.get(memberId)!
  const { sessionTimeoutMs, protocols } = classic!
  const facts = { groupInstanceId: instanceId, clientId, clientHost }
  const member = new ClassicMember(memberId, facts, sessionTimeoutMs, rebalanceTimeoutMs, protocols)
  const version = readSubscription(protocols[0]!.metadata)?.version ?? 0
  member.assignment = writeAssignment(namedPartitions(union(current.assigned, current.revoking), group), version)
  return member
}
