/**
 * The heartbeats of the new consumer protocol (KIP-848): members come, say what they read and own, and are told what to give up and take. Decides by the rules
 * of Kafka's GroupMetadataManager; all of it is put into the step as records, so that a coordinator that takes over goes on where this one stood.
 *
 * A heartbeat may raise the group's epoch (somebody came, went, reads something else, topics have changed), make the target of a new epoch, and bring its
 * member one step nearer to it. Others learn of it by their own heartbeats.
 */
import { ErrorCode } from '../../../wire/errors'
import type { OperationContext, ShardTimers, Step } from '../../shard'
import type { GroupConfig } from '../group-config'
import { advance, type FoundMember, type TopicsView } from './advance'
import { type Assignment, isSame, NO_PARTITIONS, type TopicPartitions, topicsOf } from './assignment'
import { ConsumerGroup, type ConsumerMember, NOTHING_YET } from './consumer-group'
import { currentMemberRecord, groupEpochRecord, type MemberFacts, memberTombstones } from './consumer-records'
import { whyFenced } from './fencing'
import { factsIn, NOBODY } from './member-facts'
import { MemberTimers } from './member-timers'

export type { TopicsView } from './advance'

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
  /** Answers whether the group goes back to the classic protocol now that this member goes, which then is all that has to be done about it. */
  maybeDowngrade(group: ConsumerGroup, leavingId: string, step: Step, context: OperationContext): boolean
}

/** A refusal, as a value that ends a heartbeat early. */
class Refusal {
  constructor(
    readonly errorCode: number,
    readonly message: string,
  ) {}
}

export class ConsumerGroups {
  readonly timers: MemberTimers
  /** Members that have shown, by what they own, that they were told all that they are to own. */
  private readonly informed = new Set<string>()
  /** Members that were told to begin anew. */
  private readonly fenced = new Set<string>()

  constructor(private readonly env: ConsumerGroupsEnvironment) {
    this.timers = new MemberTimers({
      timers: env.timers,
      config: (groupId) => env.config(groupId),
      group: (groupId) => env.group(groupId),
      expire: (group, memberId, step, context) => this.removeMember(group, memberId, step, context),
    })
  }

  /** `group` undefined: there is none yet, and the heartbeat joins. */
  heartbeat(group: ConsumerGroup | undefined, request: HeartbeatRequest, step: Step, context: OperationContext): HeartbeatAnswer {
    const present = group ?? new ConsumerGroup(request.groupId)
    if (request.memberEpoch < 0) return this.leave(present, request, step, context)
    const found = this.memberFor(present, request, step)
    if (found instanceof Refusal) return refusedHeartbeat(found.errorCode, found.message)
    const { groupId } = request
    const { member, isBehind } = found
    const { memberId } = member
    const current = advance(present, found, factsOf(request, member), this.env.topics, step)
    step.whenAppended(() => {
      if (member.classic !== null) this.timers.cancelClassic(groupId, memberId)
      this.timers.expectHeartbeat(groupId, memberId)
    })
    // Who says all there is to say wants to hear all. Others are told until they show that they have heard it: clients whose answer was lost do not all ask.
    const isFull = request.memberEpoch === JOIN_EPOCH || (request.subscribedTopicNames !== null && request.owned !== null)
    const isSameAsBefore = isSame(current.assigned, member.current.assigned)
    const key = keyOf(groupId, memberId)
    if (!isSameAsBefore || isBehind) this.informed.delete(key)
    else if (request.owned !== null && isSame(request.owned, current.assigned)) this.informed.add(key)
    else if (request.owned !== null) this.informed.delete(key)
    const isTold = isFull || !this.informed.has(key)
    return {
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      memberId,
      memberEpoch: current.memberEpoch,
      heartbeatIntervalMs: this.env.config(groupId).consumerHeartbeatIntervalMs,
      assignment: isTold ? { topicPartitions: topicsOf(current.assigned) } : null,
    }
  }

  /** All members live from now on: the coordinator has just come, or the group has just become one of this protocol. */
  expectAll({ groupId, members }: ConsumerGroup): void {
    for (const memberId of members.keys()) this.timers.expectHeartbeat(groupId, memberId)
  }

  isFull({ members }: ConsumerGroup): boolean {
    return members.size >= this.env.config().maxSize
  }

  /** Of a member that is none any more. */
  forget(groupId: string, memberId: string): void {
    this.timers.cancel(groupId, memberId)
    this.fenced.delete(keyOf(groupId, memberId))
    this.informed.delete(keyOf(groupId, memberId))
  }

  cancelTimers(group: ConsumerGroup): void {
    for (const memberId of group.members.keys()) this.forget(group.groupId, memberId)
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
        // One that speaks the classic protocol cannot say that it will be back: it is replaced as there, at once.
        if (holder.classic === null && holder.current.memberEpoch !== LEAVE_FOR_A_WHILE_EPOCH)
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
    const key = keyOf(groupId, member.memberId)
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

  private leave(group: ConsumerGroup, request: HeartbeatRequest, step: Step, context: OperationContext): HeartbeatAnswer {
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
      step.whenAppended(() => this.timers.expectHeartbeat(groupId, memberId))
    } else this.removeMember(group, memberId, step, context)
    return { ...refusedHeartbeat(ErrorCode.NONE), memberId, memberEpoch }
  }

  private removeMember(group: ConsumerGroup, memberId: string, step: Step, context: OperationContext): void {
    if (this.env.maybeDowngrade(group, memberId, step, context)) return
    const { groupId } = group
    for (const tombstone of memberTombstones(groupId, memberId)) step.append(tombstone)
    step.append(groupEpochRecord(groupId, group.epoch + 1))
    // Not before: where it cannot be written, its session goes on to be looked at.
    step.whenAppended(() => this.forget(groupId, memberId))
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
    classic: null,
  }
}

const keyOf = (groupId: string, memberId: string) => `${groupId}\0${memberId}`
