/**
 * The heartbeats of the new consumer protocol (KIP-848): members come, say what they read and own, and are told what to give up and take. Decides by the rules
 * of Kafka's GroupMetadataManager; all of it is put into the step as records, so that a coordinator that takes over goes on where this one stood.
 *
 * A heartbeat may raise the group's epoch (somebody came, went, reads something else, topics have changed), make the target of a new epoch, and bring its
 * member one step nearer to it. Others learn of it by their own heartbeats.
 */
import { ErrorCode } from '../../../wire/errors'
import type { ShardTimers, Step } from '../../shard'
import type { GroupConfig } from '../group-config'
import { type Assignment, isSame, NO_PARTITIONS, type TopicPartitions, topicsOf } from './assignment'
import { type AssignableMember, assignors } from './assignors'
import { ConsumerGroup, type ConsumerMember, NOTHING_YET } from './consumer-group'
import {
  currentMemberRecord,
  groupEpochRecord,
  type MemberFacts,
  MemberState,
  memberRecord,
  memberTombstones,
  partitionMetadataRecord,
  type SubscribedTopic,
  targetEpochRecord,
  targetMemberRecord,
} from './consumer-records'
import { whyFenced } from './fencing'
import { factsIn, isSameFacts, isSameSubscription, NOBODY, preferredAssignor } from './member-facts'
import { reconcile } from './reconcile'
import { topicPattern } from './topic-pattern'

/** The cluster's topics as this broker knows them. */
export interface TopicsView {
  find(name: string): SubscribedTopic | undefined
  names(): Iterable<string>
}

export interface HeartbeatRequest {
  readonly groupId: string
  readonly memberId: string
  /** 0 joins, -1 leaves, -2 leaves for a while. */
  readonly memberEpoch: number
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly clientId: string
  readonly clientHost: string
  /** -1: as before. Null below means the same. */
  readonly rebalanceTimeoutMs: number
  readonly subscribedTopicNames: readonly string[] | null
  readonly subscribedTopicRegex: string | null
  readonly serverAssignor: string | null
  readonly owned: Assignment | null
  /** For a member that comes without an id (version 0). */
  readonly newMemberId: string
}

export interface HeartbeatAnswer {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly memberId: string | null
  readonly memberEpoch: number
  readonly heartbeatIntervalMs: number
  /** Null: as before. */
  readonly assignment: { readonly topicPartitions: readonly TopicPartitions[] } | null
}

export const JOIN_EPOCH = 0
export const LEAVE_EPOCH = -1
export const LEAVE_FOR_A_WHILE_EPOCH = -2

export function refusedHeartbeat(errorCode: number, errorMessage: string | null = null): HeartbeatAnswer {
  return { errorCode, errorMessage, memberId: null, memberEpoch: 0, heartbeatIntervalMs: 0, assignment: null }
}

export interface ConsumerGroupsEnvironment {
  readonly timers: ShardTimers
  readonly topics: TopicsView
  /** Of a group, with what it has set for itself. */
  config(groupId?: string): GroupConfig
  /** Of this shard, when a timer is due. */
  group(groupId: string): ConsumerGroup | undefined
}

interface FoundMember {
  readonly member: ConsumerMember
  /** The static member whose place it takes. */
  readonly replaced: string | null
  /** What it owns, in so far as it can be believed. */
  readonly owned: Assignment | null
  /** The answer that told it its epoch was lost: it speaks in the one before. */
  readonly isBehind: boolean
}

/** A refusal, as a value that ends a heartbeat early. */
class Refusal {
  constructor(
    readonly errorCode: number,
    readonly message: string,
  ) {}
}

export class ConsumerGroups {
  /** In which epoch they were told to give something up, by the key of the timer that runs since. */
  private readonly revoking = new Map<string, number>()
  /** Members that have shown, by what they own, that they were told all that they are to own, by the key of their session. */
  private readonly informed = new Set<string>()
  /** Members that were told to begin anew, by the key of their session. */
  private readonly fenced = new Set<string>()

  constructor(private readonly env: ConsumerGroupsEnvironment) {}

  /** `group` undefined: there is none yet, and the heartbeat joins. */
  heartbeat(group: ConsumerGroup | undefined, request: HeartbeatRequest, step: Step): HeartbeatAnswer {
    const present = group ?? new ConsumerGroup(request.groupId)
    if (request.memberEpoch < 0) return this.leave(present, request, step)
    const found = this.memberFor(present, request, step)
    if (found instanceof Refusal) return refusedHeartbeat(found.errorCode, found.message)
    const { member, replaced, owned, isBehind } = found
    const { groupId } = request
    const facts = factsOf(request, member)
    const isNew = !present.members.has(member.memberId)
    const hasChanged = isNew || !isSameFacts(facts, member)
    if (hasChanged) step.append(memberRecord(groupId, member.memberId, facts))
    const updated: ConsumerMember = { ...member, ...facts }
    const members = new Map(present.members)
    if (replaced !== null) members.delete(replaced)
    members.set(member.memberId, updated)

    const subscribes = isNew && replaced === null ? true : !isSameSubscription(facts, member)
    const topics = this.topicsRead(members.values())
    const hasOtherTopics = !isSameTopics(topics, present.topics)
    if (hasOtherTopics) step.append(partitionMetadataRecord(groupId, topics))
    const { epoch, targets } = this.assign(
      present,
      members,
      topics,
      subscribes || hasOtherTopics,
      replaced,
      member.memberId,
      step,
    )

    const isFree = (topicId: string, partition: number) => {
      const owner = present.ownerOf(topicId, partition)
      return owner === undefined || owner === member.memberId || owner === replaced
    }
    const target = targets.get(member.memberId) ?? NO_PARTITIONS
    // Who has not heard of its present epoch is not moved to another: it would not be known by either any more, if that answer were lost, too.
    const current = isBehind
      ? updated.current
      : reconcile({ current: updated.current, target, targetEpoch: epoch, owned, isFree })
    if (current !== member.current || isNew) step.append(currentMemberRecord(groupId, member.memberId, current))
    step.whenAppended(() => this.expectHeartbeat(groupId, member.memberId))
    if (step.records.length === 0) this.expectHeartbeat(groupId, member.memberId)
    // Who says all there is to say wants to hear all. Others are told until they show that they have heard it: clients whose answer was lost do not all ask.
    const isFull = request.memberEpoch === JOIN_EPOCH || (request.subscribedTopicNames !== null && request.owned !== null)
    const isSameAsBefore = isSame(current.assigned, member.current.assigned)
    const key = sessionKey(groupId, member.memberId)
    if (!isSameAsBefore || isBehind) this.informed.delete(key)
    else if (request.owned !== null && isSame(request.owned, current.assigned)) this.informed.add(key)
    else if (request.owned !== null) this.informed.delete(key)
    const isTold = isFull || !this.informed.has(key)
    return {
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      memberId: member.memberId,
      memberEpoch: current.memberEpoch,
      heartbeatIntervalMs: this.env.config(groupId).consumerHeartbeatIntervalMs,
      assignment: isTold ? { topicPartitions: topicsOf(current.assigned) } : null,
    }
  }

  /** NONE where the member may commit and read offsets as what it says it is. */
  checkMember(group: ConsumerGroup, memberId: string, memberEpoch: number): number {
    const member = group.members.get(memberId)
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    if (member.current.memberEpoch !== memberEpoch) return ErrorCode.STALE_MEMBER_EPOCH
    return ErrorCode.NONE
  }

  /** All members live from now on: the coordinator has just come. */
  onDidLoad(group: ConsumerGroup): void {
    for (const memberId of group.members.keys()) this.expectHeartbeat(group.groupId, memberId)
  }

  cancelTimers(group: ConsumerGroup): void {
    for (const memberId of group.members.keys()) this.cancelTimersOf(group.groupId, memberId)
  }

  private memberFor(group: ConsumerGroup, request: HeartbeatRequest, step: Step): FoundMember | Refusal {
    const { groupId, memberId, memberEpoch, instanceId, owned } = request
    const isJoining = memberEpoch === JOIN_EPOCH
    const known = group.members.get(memberId)
    const fresh = (): ConsumerMember => ({
      ...NOBODY,
      memberId: memberId === '' ? request.newMemberId : memberId,
      current: NOTHING_YET,
    })
    if (instanceId !== null) {
      const holder = group.memberOfInstance(instanceId)
      if (holder === undefined) {
        if (!isJoining) return new Refusal(ErrorCode.UNKNOWN_MEMBER_ID, `Instance id ${instanceId} is unknown.`)
        return this.isFull(group) ? FULL : { member: fresh(), replaced: null, owned, isBehind: false }
      }
      if (holder.memberId !== memberId) {
        if (!isJoining)
          return new Refusal(
            ErrorCode.FENCED_INSTANCE_ID,
            `Static member ${memberId} with instance id ${instanceId} was fenced by member ${holder.memberId}.`,
          )
        if (holder.current.memberEpoch !== LEAVE_FOR_A_WHILE_EPOCH)
          return new Refusal(
            ErrorCode.UNRELEASED_INSTANCE_ID,
            `Static member ${memberId} with instance id ${instanceId} cannot join the group because the instance id is owned by member ${holder.memberId}.`,
          )
        // Another process takes the place of one that said it would be back: it gets what that one was to have.
        for (const tombstone of memberTombstones(groupId, holder.memberId)) step.append(tombstone)
        return { member: { ...fresh(), ...factsIn(holder) }, replaced: holder.memberId, owned, isBehind: false }
      }
    } else if (known === undefined) {
      if (!isJoining) return new Refusal(ErrorCode.UNKNOWN_MEMBER_ID, `Member ${memberId} is not a member of group ${groupId}.`)
      return this.isFull(group) ? FULL : { member: fresh(), replaced: null, owned, isBehind: false }
    }
    const member = known!
    const key = sessionKey(groupId, member.memberId)
    const { current } = member
    const refused = (message: string) => {
      this.fenced.add(key)
      return new Refusal(ErrorCode.FENCED_MEMBER_EPOCH, message)
    }
    if (isJoining) {
      // It was away, as it said, and begins anew.
      if (current.memberEpoch === LEAVE_FOR_A_WHILE_EPOCH)
        return { member: { ...member, current: NOTHING_YET }, replaced: null, owned, isBehind: false }
      // It has not received the answer to its first heartbeat, or that one comes late, and says nothing of what it owns by now.
      if (current.previousMemberEpoch <= JOIN_EPOCH) return { member, replaced: null, owned: null, isBehind: false }
      // It was told that it has lost all that it had, and says so. Kafka fences it until its session has expired; but who was not told, a late request, is fenced here as well.
      if (this.fenced.delete(key)) return { member, replaced: null, owned, isBehind: false }
      return refused(`Member ${memberId} is in epoch ${current.memberEpoch}. It must abandon all its partitions and rejoin.`)
    }
    const why = whyFenced(member, memberEpoch, owned)
    if (why !== null) return refused(why)
    this.fenced.delete(key)
    return { member, replaced: null, owned, isBehind: memberEpoch !== current.memberEpoch }
  }

  private isFull({ members }: ConsumerGroup): boolean {
    return members.size >= this.env.config().maxSize
  }

  private leave(group: ConsumerGroup, request: HeartbeatRequest, step: Step): HeartbeatAnswer {
    const { groupId, memberId, memberEpoch, instanceId } = request
    const member = group.members.get(memberId)
    if (member === undefined)
      return refusedHeartbeat(ErrorCode.UNKNOWN_MEMBER_ID, `Member ${memberId} is not a member of group ${groupId}.`)
    if (instanceId !== null && group.memberOfInstance(instanceId)?.memberId !== memberId)
      return refusedHeartbeat(ErrorCode.FENCED_INSTANCE_ID, `Instance id ${instanceId} is not that of member ${memberId}.`)
    const isForAWhile = memberEpoch === LEAVE_FOR_A_WHILE_EPOCH && instanceId !== null
    if (isForAWhile) {
      // What it is to own is kept for it as long as its session lasts; what it is giving up, it has.
      const current = { ...member.current, memberEpoch: LEAVE_FOR_A_WHILE_EPOCH, revoking: NO_PARTITIONS }
      step.append(currentMemberRecord(groupId, memberId, current))
      step.whenAppended(() => this.expectHeartbeat(groupId, memberId))
    } else this.removeMember(group, memberId, step)
    return { ...refusedHeartbeat(ErrorCode.NONE), memberId, memberEpoch }
  }

  private removeMember(group: ConsumerGroup, memberId: string, step: Step): void {
    const { groupId } = group
    for (const tombstone of memberTombstones(groupId, memberId)) step.append(tombstone)
    step.append(groupEpochRecord(groupId, group.epoch + 1))
    // Not before: where it cannot be written, its session goes on to be looked at.
    step.whenAppended(() => this.cancelTimersOf(groupId, memberId))
  }

  private cancelTimersOf(groupId: string, memberId: string): void {
    this.env.timers.cancel(sessionKey(groupId, memberId))
    this.env.timers.cancel(revocationKey(groupId, memberId))
    this.revoking.delete(revocationKey(groupId, memberId))
    this.fenced.delete(sessionKey(groupId, memberId))
    this.informed.delete(sessionKey(groupId, memberId))
  }

  /** Raises the epoch where `isDue`, and makes the target of the epoch where it is not made yet. */
  private assign(
    group: ConsumerGroup,
    members: ReadonlyMap<string, ConsumerMember>,
    topics: readonly SubscribedTopic[],
    isDue: boolean,
    replaced: string | null,
    memberId: string,
    step: Step,
  ): { readonly epoch: number; readonly targets: ReadonlyMap<string, Assignment> } {
    const { groupId } = group
    const epoch = isDue ? group.epoch + 1 : group.epoch
    if (isDue) step.append(groupEpochRecord(groupId, epoch))
    const before = new Map(group.targets)
    if (replaced !== null) {
      const inherited = group.target(replaced)
      before.delete(replaced)
      before.set(memberId, inherited)
      if (epoch === group.targetEpoch) step.append(targetMemberRecord(groupId, memberId, inherited))
    }
    if (epoch === group.targetEpoch) return { epoch, targets: before }
    const assignable: AssignableMember[] = Array.from(members.values(), (member) => ({
      memberId: member.memberId,
      instanceId: member.instanceId,
      topicIds: new Set(this.readBy(member, topics)),
      assignment: before.get(member.memberId) ?? NO_PARTITIONS,
    }))
    const assignor = assignors.get(preferredAssignor(members.values()))!
    const targets = assignor(assignable, topics)
    for (const [id, target] of targets) {
      const isKnown = group.targets.has(id)
      if (!isKnown || !isSame(target, group.target(id))) step.append(targetMemberRecord(groupId, id, target))
    }
    step.append(targetEpochRecord(groupId, epoch))
    return { epoch, targets }
  }

  private topicsRead(members: Iterable<ConsumerMember>): SubscribedTopic[] {
    const names = new Set<string>()
    for (const member of members) for (const name of this.namesReadBy(member)) names.add(name)
    const topics: SubscribedTopic[] = []
    for (const name of [...names].sort()) {
      const topic = this.env.topics.find(name)
      if (topic !== undefined) topics.push(topic)
    }
    return topics
  }

  private readBy(member: ConsumerMember, topics: readonly SubscribedTopic[]): string[] {
    const names = new Set(this.namesReadBy(member))
    return topics.filter(({ name }) => names.has(name)).map(({ topicId }) => topicId)
  }

  private namesReadBy({ subscribedTopicNames, subscribedTopicRegex }: ConsumerMember): string[] {
    const pattern = subscribedTopicRegex === null ? null : topicPattern(subscribedTopicRegex)
    const matching = pattern === null ? [] : Array.from(this.env.topics.names()).filter((name) => pattern.test(name))
    return [...subscribedTopicNames, ...matching]
  }

  /** Its session begins anew; and the time that it has to give something up begins, where it was told to. */
  private expectHeartbeat(groupId: string, memberId: string): void {
    const { timers } = this.env
    timers.set(sessionKey(groupId, memberId), this.env.config(groupId).consumerSessionTimeoutMs, (step) =>
      this.removeMissing(groupId, memberId, step),
    )
    const member = this.env.group(groupId)?.members.get(memberId)
    const key = revocationKey(groupId, memberId)
    if (member?.current.state !== MemberState.unrevoked) {
      if (this.revoking.delete(key)) timers.cancel(key)
      return
    }
    const { memberEpoch } = member.current
    if (this.revoking.get(key) === memberEpoch) return
    this.revoking.set(key, memberEpoch)
    timers.set(key, Math.max(0, member.rebalanceTimeoutMs), (step) => {
      this.revoking.delete(key)
      this.removeMissing(groupId, memberId, step)
    })
  }

  private removeMissing(groupId: string, memberId: string, step: Step): void {
    const group = this.env.group(groupId)
    if (group?.members.has(memberId)) this.removeMember(group, memberId, step)
  }
}

const FULL = new Refusal(ErrorCode.GROUP_MAX_SIZE_REACHED, 'The consumer group has reached its maximum capacity.')

function factsOf(request: HeartbeatRequest, member: ConsumerMember): MemberFacts {
  const names = request.subscribedTopicNames
  return {
    instanceId: request.instanceId ?? member.instanceId,
    rackId: request.rackId ?? member.rackId,
    clientId: request.clientId,
    clientHost: request.clientHost,
    subscribedTopicNames: names === null ? member.subscribedTopicNames : [...new Set(names)].sort(),
    subscribedTopicRegex:
      request.subscribedTopicRegex === '' ? null : (request.subscribedTopicRegex ?? member.subscribedTopicRegex),
    rebalanceTimeoutMs: request.rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : request.rebalanceTimeoutMs,
    serverAssignor: request.serverAssignor ?? member.serverAssignor,
  }
}

function isSameTopics(a: readonly SubscribedTopic[], b: readonly SubscribedTopic[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ topicId, partitionCount }, index) => topicId === b[index]!.topicId && partitionCount === b[index]!.partitionCount)
  )
}

const sessionKey = (groupId: string, memberId: string) => `consumer session\0${groupId}\0${memberId}`
const revocationKey = (groupId: string, memberId: string) => `consumer revocation\0${groupId}\0${memberId}`
