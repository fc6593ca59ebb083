/**
 * What members of classic groups ask for: to join, to get their assignment, to be known to live, to leave. Decides by the rules of Kafka's
 * GroupMetadataManager and leaves the rebalance that may follow to ClassicRebalance. Called by GroupShard; answers are values, never exceptions.
 */
import { ErrorCode } from '../../wire/errors'
import type { OperationContext, Slot, Step } from '../shard'
import type { ClassicGroup } from './classic-group'
import { ClassicMember, type JoinAnswer, type MemberProtocol, NO_BYTES, type SyncAnswer } from './classic-member'
import { type ClassicRebalance, generationAnswer, refusedJoin } from './classic-rebalance'
import type { GroupConfig } from './group-config'
import { groupRecord } from './group-records'

export interface JoinRequest {
  readonly groupId: string
  /** '': not given one yet. */
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly protocolType: string
  readonly protocols: readonly MemberProtocol[]
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  /** JoinGroup 4 and on (KIP-394). */
  readonly requiresKnownMemberId: boolean
  /** JoinGroup 9 and on (KIP-814). */
  readonly supportsSkippingAssignment: boolean
  /** For the id of a member that has none yet. */
  readonly uniqueSuffix: string
}

export interface SyncRequest {
  readonly groupId: string
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly generationId: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly assignments: ReadonlyMap<string, Uint8Array>
}

export interface MemberIdentity {
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/** NONE where the member is who it says it is. */
export function checkMember(group: ClassicGroup, { memberId, groupInstanceId }: MemberIdentity): number {
  if (groupInstanceId !== null) {
    const present = group.staticMemberId(groupInstanceId)
    if (present === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    if (present !== memberId) return ErrorCode.FENCED_INSTANCE_ID
  }
  return group.members.has(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID
}

export class ClassicMembership {
  constructor(
    private readonly rebalance: ClassicRebalance,
    private readonly config: () => GroupConfig,
  ) {}

  join(group: ClassicGroup, request: JoinRequest, slot: Slot<JoinAnswer>, step: Step, context: OperationContext): void {
    const { memberId } = request
    if (!this.hasRoom(group, memberId)) {
      const member = group.members.get(memberId)
      if (member !== undefined) this.rebalance.removeMember(group, member, step, context)
      step.answer(slot, refusedJoin('', ErrorCode.GROUP_MAX_SIZE_REACHED))
    } else if (!group.supports(request.protocolType, request.protocols)) {
      step.answer(slot, refusedJoin(memberId, ErrorCode.INCONSISTENT_GROUP_PROTOCOL))
    } else if (memberId === '') {
      this.joinUnknown(group, request, slot, step, context)
    } else {
      this.joinKnown(group, request, slot, step, context)
    }
    this.rebalance.maybeCompleteJoin(group, step, context)
  }

  sync(group: ClassicGroup, request: SyncRequest, slot: Slot<SyncAnswer>, step: Step, context: OperationContext): void {
    const refuse = (errorCode: number) => step.answer(slot, refusedSync(errorCode))
    const errorCode = this.checkSync(group, request)
    if (errorCode !== ErrorCode.NONE) return refuse(errorCode)
    const member = group.members.get(request.memberId)!
    switch (group.state) {
      case 'Empty':
        return refuse(ErrorCode.UNKNOWN_MEMBER_ID)
      case 'PreparingRebalance':
        return refuse(ErrorCode.REBALANCE_IN_PROGRESS)
      case 'CompletingRebalance':
        // The same member again: its first request was given up by the client.
        this.rebalance.answerSync(group, member, ErrorCode.REBALANCE_IN_PROGRESS, step)
        member.awaitingSync = slot
        this.rebalance.onDidSync(group, member.memberId)
        if (group.leaderId === member.memberId) this.takeAssignment(group, request.assignments, step, context)
        return
      case 'Stable': {
        this.rebalance.onDidSync(group, member.memberId)
        member.awaitingSync = slot
        this.rebalance.answerSync(group, member, ErrorCode.NONE, step)
      }
    }
  }

  /** NONE, or why the member must do something about it. */
  heartbeat(group: ClassicGroup, who: MemberIdentity, generationId: number): number {
    const errorCode = checkMember(group, who)
    if (errorCode !== ErrorCode.NONE) return errorCode
    if (generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
    if (group.state === 'Empty') return ErrorCode.UNKNOWN_MEMBER_ID
    this.rebalance.expectHeartbeat(group, group.members.get(who.memberId)!)
    return group.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE
  }

  leave(group: ClassicGroup, who: MemberIdentity, step: Step, context: OperationContext): number {
    const { memberId, groupInstanceId } = who
    if (memberId !== '' && group.pendingJoins.has(memberId)) {
      // An instance id belongs to members that are never kept waiting for theirs.
      if (groupInstanceId !== null) return ErrorCode.UNKNOWN_MEMBER_ID
      this.rebalance.forgetPendingJoin(group, memberId, step, context)
      return ErrorCode.NONE
    }
    // An operator removes a static member by its instance id, and need not know the id it goes by.
    const known = memberId === '' && groupInstanceId !== null ? (group.staticMemberId(groupInstanceId) ?? '') : memberId
    const errorCode = checkMember(group, { memberId: known, groupInstanceId })
    if (errorCode !== ErrorCode.NONE) return known === '' ? ErrorCode.UNKNOWN_MEMBER_ID : errorCode
    this.rebalance.removeMember(group, group.members.get(known)!, step, context)
    return ErrorCode.NONE
  }

  private hasRoom(group: ClassicGroup, memberId: string): boolean {
    const { maxSize } = this.config()
    const member = group.members.get(memberId)
    switch (group.state) {
      case 'Empty':
        return true
      case 'PreparingRebalance':
        // Those who are in a group that has grown too large are let in again until it is full: first come, first served.
        return (member !== undefined && member.awaitingJoin !== null) || group.awaitingJoinCount < maxSize
      default:
        return member !== undefined || group.members.size < maxSize
    }
  }

  private joinUnknown(
    group: ClassicGroup,
    request: JoinRequest,
    slot: Slot<JoinAnswer>,
    step: Step,
    context: OperationContext,
  ): void {
    const { groupInstanceId, clientId, uniqueSuffix } = request
    const memberId = `${groupInstanceId ?? clientId}-${uniqueSuffix}`
    if (groupInstanceId !== null) {
      const before = group.staticMemberId(groupInstanceId)
      const member = before === undefined ? undefined : group.members.get(before)
      if (member === undefined) this.addMember(group, memberId, request, slot, step, context)
      else this.replaceStatic(group, member, memberId, request, slot, step, context)
    } else if (request.requiresKnownMemberId) {
      this.rebalance.expectPendingJoin(group, memberId, request.sessionTimeoutMs)
      step.answer(slot, refusedJoin(memberId, ErrorCode.MEMBER_ID_REQUIRED))
    } else {
      this.addMember(group, memberId, request, slot, step, context)
    }
  }

  private joinKnown(
    group: ClassicGroup,
    request: JoinRequest,
    slot: Slot<JoinAnswer>,
    step: Step,
    context: OperationContext,
  ): void {
    const { memberId, groupInstanceId, protocols } = request
    if (groupInstanceId === null && group.pendingJoins.has(memberId)) {
      this.addMember(group, memberId, request, slot, step, context)
      return
    }
    const errorCode = checkMember(group, request)
    if (errorCode !== ErrorCode.NONE) {
      step.answer(slot, refusedJoin(memberId, errorCode))
      return
    }
    const member = group.members.get(memberId)!
    const isLeader = group.leaderId === memberId
    const isSame = member.matches(protocols)
    // It has not received our answer, or has nothing new to say: the generation that there is will do.
    const isRepetition = isSame && (group.state === 'CompletingRebalance' || (group.state === 'Stable' && !isLeader))
    if (group.state === 'Empty') {
      step.answer(slot, refusedJoin(memberId, ErrorCode.UNKNOWN_MEMBER_ID))
    } else if (isRepetition) {
      const members = isLeader && group.state === 'CompletingRebalance' ? group.memberMetadata() : []
      step.answer(slot, generationAnswer(group, memberId, members))
    } else {
      this.update(member, request, slot, step)
      this.rebalance.maybePrepare(group, step, context)
    }
  }

  private addMember(
    group: ClassicGroup,
    memberId: string,
    request: JoinRequest,
    slot: Slot<JoinAnswer>,
    step: Step,
    context: OperationContext,
  ): void {
    const member = new ClassicMember(memberId, request, request.sessionTimeoutMs, request.rebalanceTimeoutMs, request.protocols)
    member.isNew = true
    member.awaitingJoin = slot
    if (group.members.size === 0) group.protocolType = request.protocolType
    if (group.state === 'PreparingRebalance' && group.initialDelayLeftMs !== null) group.hasNewMember = true
    group.add(member)
    this.rebalance.expectFirstJoin(group, member)
    this.rebalance.maybePrepare(group, step, context)
  }

  private update(member: ClassicMember, request: JoinRequest, slot: Slot<JoinAnswer>, step: Step): void {
    // The same member again: its first request was given up by the client.
    this.rebalance.answerJoin(member, refusedJoin(member.memberId, ErrorCode.REBALANCE_IN_PROGRESS), step)
    member.protocols = request.protocols
    member.rebalanceTimeoutMs = request.rebalanceTimeoutMs
    member.sessionTimeoutMs = request.sessionTimeoutMs
    member.awaitingJoin = slot
  }

  /** A static member is back, as another process perhaps: it gets another id, and whoever still goes by the old one is fenced. */
  private replaceStatic(
    group: ClassicGroup,
    member: ClassicMember,
    memberId: string,
    request: JoinRequest,
    slot: Slot<JoinAnswer>,
    step: Step,
    context: OperationContext,
  ): void {
    const leaderBefore = group.leaderId
    const oldId = member.memberId
    this.rebalance.answerJoin(member, refusedJoin(oldId, ErrorCode.FENCED_INSTANCE_ID), step)
    this.rebalance.answerSync(group, member, ErrorCode.FENCED_INSTANCE_ID, step)
    this.rebalance.cancelSession(group, oldId)
    const { protocols, sessionTimeoutMs, rebalanceTimeoutMs } = member
    group.rename(member, memberId)
    this.rebalance.expectHeartbeat(group, member)
    this.update(member, request, slot, step)
    if (group.state !== 'Stable') {
      // In the other states, members that are awaited: whoever is assigning now knows the old id only, so that all have to join again.
      if (group.state === 'CompletingRebalance') this.rebalance.prepare(group, step, context)
      return
    }
    if (group.selectProtocol() !== group.protocolName) {
      this.rebalance.prepare(group, step, context)
      return
    }
    // Nothing changes but the id, which has to be found by the next coordinator as well.
    step.append(
      groupRecord(
        group.groupId,
        group.metadata(context.nowMs, ({ assignment }) => assignment),
      ),
    )
    const isLeader = group.leaderId === memberId
    const { supportsSkippingAssignment } = request
    // Before KIP-814 a leader is kept from assigning by being told of the one before, which is its own old id.
    const answer = supportsSkippingAssignment
      ? { ...generationAnswer(group, memberId, isLeader ? group.memberMetadata() : []), skipAssignment: isLeader }
      : { ...generationAnswer(group, memberId, []), leader: leaderBefore ?? '' }
    this.rebalance.answerJoin(member, answer, step)
    step.whenRefused(() => {
      this.rebalance.cancelSession(group, memberId)
      group.rename(member, oldId)
      Object.assign(member, { protocols, sessionTimeoutMs, rebalanceTimeoutMs })
      this.rebalance.expectHeartbeat(group, member)
    })
  }

  private checkSync(group: ClassicGroup, request: SyncRequest): number {
    const errorCode = checkMember(group, request)
    if (errorCode !== ErrorCode.NONE) return errorCode
    if (request.generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
    const { protocolType, protocolName } = request
    const isOther =
      (protocolType !== null && protocolType !== group.protocolType) ||
      (protocolName !== null && protocolName !== group.protocolName)
    return isOther ? ErrorCode.INCONSISTENT_GROUP_PROTOCOL : ErrorCode.NONE
  }

  private takeAssignment(
    group: ClassicGroup,
    assignments: ReadonlyMap<string, Uint8Array>,
    step: Step,
    context: OperationContext,
  ): void {
    const metadata = group.metadata(context.nowMs, ({ memberId }) => assignments.get(memberId) ?? NO_BYTES)
    step.append(groupRecord(group.groupId, { ...metadata, currentStateTimestamp: context.nowMs }))
    step.whenAppended((next) => this.rebalance.assign(group, assignments, next, context))
    step.whenRefused((errorCode, next) => this.rebalance.failAssignment(group, errorCode, next, context))
  }
}

export function refusedSync(errorCode: number): SyncAnswer {
  return { errorCode, protocolType: null, protocolName: null, assignment: NO_BYTES }
}
