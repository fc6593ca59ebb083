/**
 * Members that speak the classic protocol in a group of the new one: a classic group into which a member of the new protocol has come, or a group of the new one
 * that a classic member has joined (KIP-848). Rules of Kafka's GroupMetadataManager (classicGroup…ToConsumerGroup). Used by GroupShard.
 *
 * To such a member the group looks like one that somebody else leads: each join is answered at once, with the member's epoch for a generation, and the coordinator
 * hands out the assignment. REBALANCE_IN_PROGRESS to a heartbeat makes it join again, and then it says what it still owns: that is its part of a reconciliation.
 */
import { ErrorCode } from '../../../wire/errors'
import type { Slot, Step } from '../../shard'
import { CONSUMER_PROTOCOL_TYPE } from '../classic-group'
import type { JoinAnswer, SyncAnswer } from '../classic-member'
import type { JoinRequest, MemberIdentity, SyncRequest } from '../classic-membership'
import { refusedSync } from '../classic-membership'
import { refusedJoin } from '../classic-rebalance'
import { type ClassicSubscription, type NamedPartitions, readSubscription, writeAssignment } from '../consumer-protocol'
import { advance, type FoundMember, type TopicsView } from './advance'
import { type Assignment, assignmentOf, each, isIn, type TopicPartitions } from './assignment'
import { type ConsumerGroup, type ConsumerMember, NOTHING_YET } from './consumer-group'
import type { ConsumerGroups } from './consumer-groups'
import { type ClassicFacts, groupEpochRecord, type MemberFacts, MemberState, memberTombstones } from './consumer-records'
import { NOBODY } from './member-facts'

interface ClassicMember extends ConsumerMember {
  readonly classic: ClassicFacts
}

export class ClassicMembers {
  constructor(
    private readonly consumers: ConsumerGroups,
    private readonly topics: TopicsView,
  ) {}

  /** Why one cannot join at all; NONE where it can. */
  whyNotJoin(group: ConsumerGroup, { memberId, groupInstanceId, protocolType, protocols }: JoinRequest): number {
    const holder = groupInstanceId === null ? undefined : group.memberOfInstance(groupInstanceId)
    const isKnown = group.members.has(memberId) || holder !== undefined
    if (!isKnown && this.consumers.isFull(group)) return ErrorCode.GROUP_MAX_SIZE_REACHED
    const isOfUs = protocolType === CONSUMER_PROTOCOL_TYPE && group.supportsClassic(protocols)
    if (!isOfUs || subscriptionIn(protocols) === null) return ErrorCode.INCONSISTENT_GROUP_PROTOCOL
    if (groupInstanceId === null || memberId === '') return ErrorCode.NONE
    if (holder === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    return holder.memberId === memberId ? ErrorCode.NONE : ErrorCode.FENCED_INSTANCE_ID
  }

  /** Answered at once: nobody else is waited for. */
  join(group: ConsumerGroup, request: JoinRequest, slot: Slot<JoinAnswer>, step: Step): void {
    const { groupId, groupInstanceId, protocols, rebalanceTimeoutMs, sessionTimeoutMs } = request
    const errorCode = this.whyNotJoin(group, request)
    if (errorCode !== ErrorCode.NONE) return step.answer(slot, refusedJoin(request.memberId, errorCode))
    const memberId = request.memberId === '' ? `${groupInstanceId ?? request.clientId}-${request.uniqueSuffix}` : request.memberId
    if (request.memberId === '' && request.requiresKnownMemberId)
      return step.answer(slot, refusedJoin(memberId, ErrorCode.MEMBER_ID_REQUIRED))
    const subscription = subscriptionIn(protocols)!
    const holder = groupInstanceId === null ? undefined : group.memberOfInstance(groupInstanceId)
    const replaced = holder !== undefined && holder.memberId !== memberId ? holder : null
    if (replaced !== null) for (const tombstone of memberTombstones(groupId, replaced.memberId)) step.append(tombstone)
    const fresh: ConsumerMember = { ...(replaced ?? NOBODY), memberId, current: NOTHING_YET }
    const found: FoundMember = {
      member: group.members.get(memberId) ?? fresh,
      replaced: replaced?.memberId ?? null,
      owned: idPartitions(subscription.owned, this.topics),
      isBehind: false,
    }
    const facts: MemberFacts = {
      instanceId: groupInstanceId ?? found.member.instanceId,
      rackId: subscription.rackId ?? found.member.rackId,
      clientId: request.clientId,
      clientHost: request.clientHost,
      subscribedTopicNames: [...new Set(subscription.topics)].sort(),
      subscribedTopicRegex: null,
      rebalanceTimeoutMs,
      serverAssignor: null,
      classic: { sessionTimeoutMs, protocols },
    }
    const current = advance(group, found, facts, this.topics, step)
    step.answer(slot, {
      errorCode: ErrorCode.NONE,
      memberId,
      generationId: current.memberEpoch,
      protocolType: CONSUMER_PROTOCOL_TYPE,
      protocolName: protocols[0]!.name,
      leader: '',
      skipAssignment: false,
      members: [],
    })
    step.whenAppended(() => {
      if (replaced !== null) this.consumers.forget(groupId, replaced.memberId)
      this.consumers.timers.onDidJoin(groupId, memberId, rebalanceTimeoutMs)
    })
  }

  sync(group: ConsumerGroup, request: SyncRequest, slot: Slot<SyncAnswer>, step: Step): void {
    const refuse = (errorCode: number) => step.answer(slot, refusedSync(errorCode))
    const { groupId, memberId, generationId, protocolType, protocolName } = request
    const member = this.find(group, request)
    if (typeof member === 'number') return refuse(member)
    const { current, classic, rebalanceTimeoutMs } = member
    if (current.memberEpoch !== generationId) return refuse(ErrorCode.ILLEGAL_GENERATION)
    const { name, metadata } = classic.protocols[0]!
    const isOther =
      (protocolType !== null && protocolType !== CONSUMER_PROTOCOL_TYPE) || (protocolName !== null && protocolName !== name)
    if (isOther) return refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    // Who is to give something up has joined already, and is to learn of it first.
    if (group.epoch > current.memberEpoch && current.state !== MemberState.unrevoked) {
      this.consumers.timers.expectJoin(groupId, memberId, rebalanceTimeoutMs)
      return refuse(ErrorCode.REBALANCE_IN_PROGRESS)
    }
    const version = readSubscription(metadata)?.version ?? 0
    const assignment = writeAssignment(namedPartitions(current.assigned, group), version)
    step.answer(slot, { errorCode: ErrorCode.NONE, protocolType, protocolName, assignment })
    step.whenAppended(() => this.consumers.timers.onDidSync(groupId, memberId))
  }

  /** NONE, or why the member must do something about it. */
  heartbeat(group: ConsumerGroup, who: MemberIdentity, generationId: number): number {
    const member = this.find(group, who)
    if (typeof member === 'number') return member
    const { memberId, current, rebalanceTimeoutMs } = member
    if (current.memberEpoch !== generationId) return ErrorCode.ILLEGAL_GENERATION
    const { timers } = this.consumers
    timers.expectHeartbeat(group.groupId, memberId)
    const isToJoin =
      current.memberEpoch < group.epoch ||
      current.state === MemberState.unrevoked ||
      (current.state === MemberState.unreleased && !isWaitingForOthers(group, member))
    if (!isToJoin) return ErrorCode.NONE
    timers.expectJoin(group.groupId, memberId, rebalanceTimeoutMs)
    return ErrorCode.REBALANCE_IN_PROGRESS
  }

  /** A code for each. The group's epoch rises once, however many leave. */
  leave(group: ConsumerGroup, members: readonly MemberIdentity[], step: Step): readonly number[] {
    const { groupId } = group
    const gone = new Set<string>()
    const codes = members.map((who) => {
      // An operator removes a static member by its instance id, and need not know the id it goes by.
      const isByInstance = who.memberId === '' && who.groupInstanceId !== null
      const memberId = isByInstance ? (group.memberOfInstance(who.groupInstanceId)?.memberId ?? '') : who.memberId
      const member = gone.has(memberId) ? ErrorCode.UNKNOWN_MEMBER_ID : this.find(group, { ...who, memberId })
      if (typeof member === 'number') return member
      gone.add(memberId)
      for (const tombstone of memberTombstones(groupId, memberId)) step.append(tombstone)
      return ErrorCode.NONE
    })
    if (gone.size === 0) return codes
    step.append(groupEpochRecord(groupId, group.epoch + 1))
    step.whenAppended(() => {
      for (const memberId of gone) this.consumers.forget(groupId, memberId)
    })
    return codes
  }

  /** An error code where it is not who it says it is, or does not speak the classic protocol. */
  private find(group: ConsumerGroup, { memberId, groupInstanceId }: MemberIdentity): ClassicMember | number {
    if (groupInstanceId !== null) {
      const holder = group.memberOfInstance(groupInstanceId)
      if (holder === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
      if (holder.memberId !== memberId) return ErrorCode.FENCED_INSTANCE_ID
    }
    const member = group.members.get(memberId)
    if (member === undefined || member.classic === null) return ErrorCode.UNKNOWN_MEMBER_ID
    return { ...member, classic: member.classic }
  }
}

/**
 * Of topics that there are. Members are free to write any number; one below zero no assignor would ever take from them again. One beyond the topic's last is kept: the
 * partition may be newer than what this broker knows, and is somebody's then.
 */
export function idPartitions(named: readonly NamedPartitions[], topics: TopicsView): Assignment {
  const found: TopicPartitions[] = []
  for (const { topic, partitions } of named) {
    const topicId = topics.find(topic)?.topicId
    if (topicId !== undefined) found.push({ topicId, partitions: partitions.filter((partition) => partition >= 0) })
  }
  return assignmentOf(found)
}

/** Of topics that the group reads: of others a classic member could not be told, and need not. */
export function namedPartitions(assignment: Assignment, group: ConsumerGroup): NamedPartitions[] {
  const named: NamedPartitions[] = []
  for (const { topicId, name } of group.topics) {
    const partitions = assignment.get(topicId)
    if (partitions !== undefined) named.push({ topic: name, partitions })
  }
  return named
}

/** All of its protocols have the same subscription, so that the first will do. */
function subscriptionIn(protocols: JoinRequest['protocols']): ClassicSubscription | null {
  const [first] = protocols
  return first === undefined ? null : readSubscription(first.metadata)
}

/** Something that it is to own is still with somebody else (ConsumerGroup.waitingOnUnreleasedPartition). */
function isWaitingForOthers(group: ConsumerGroup, { memberId, current }: ConsumerMember): boolean {
  const isAssigned = isIn(current.assigned)
  for (const [topicId, partition] of each(group.target(memberId))) {
    if (!isAssigned(topicId, partition) && group.ownerOf(topicId, partition) !== undefined) return true
  }
  return false
}
