/**
 * A classic group on its way from one generation to the next: it waits until all members have joined or the time is up, tells them their
 * generation, waits until they have asked for their assignments. Rules and order are those of Kafka's GroupMetadataManager (until 3.x GroupCoordinator).
 * Used by ClassicMembership, which brings what members ask for, and by its own timers.
 */
import { ErrorCode } from '../../wire/errors'
import type { OperationContext, ShardTimers, Step } from '../shard'
import type { ClassicGroup } from './classic-group'
import { type ClassicMember, type JoinAnswer, NO_BYTES } from './classic-member'
import type { GroupConfig } from './group-config'
import { groupRecord } from './group-records'

/** A member that has not been told its id cannot send heartbeats; this long its first join may take (GroupCoordinator.NewMemberJoinTimeoutMs). */
const NEW_MEMBER_JOIN_TIMEOUT_MS = 300_000

/** Told after the fact: the new assignment is in the log, or nobody is left. */
export type OnDidRebalance = (group: {
  readonly groupId: string
  readonly generation: number
  readonly memberCount: number
  readonly protocol: 'classic' | 'consumer'
}) => void

export interface RebalanceEnvironment {
  readonly timers: ShardTimers
  config(): GroupConfig
  /** Of this shard, at the time a timer is due; undefined once it has been deleted. */
  group(groupId: string): ClassicGroup | undefined
  readonly onDidRebalance?: OnDidRebalance | undefined
}

export function refusedJoin(memberId: string, errorCode: number): JoinAnswer {
  return {
    errorCode,
    memberId,
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: '',
    skipAssignment: false,
    members: [],
  }
}

export class ClassicRebalance {
  constructor(private readonly env: RebalanceEnvironment) {}

  /** Members are to join again, unless they are asked to already. */
  maybePrepare(group: ClassicGroup, step: Step, context: OperationContext): void {
    if (group.state !== 'PreparingRebalance') this.prepare(group, step, context)
  }

  prepare(group: ClassicGroup, step: Step, context: OperationContext): void {
    const { initialRebalanceDelayMs } = this.env.config()
    if (group.state === 'CompletingRebalance') this.refuseSyncs(group, ErrorCode.REBALANCE_IN_PROGRESS, step)
    this.env.timers.cancel(syncKey(group))
    const isInitial = group.state === 'Empty'
    group.transitionTo('PreparingRebalance', context.nowMs)
    if (isInitial && initialRebalanceDelayMs > 0) {
      this.putOff(group, Math.max(0, group.rebalanceTimeoutMs - initialRebalanceDelayMs), initialRebalanceDelayMs)
      return
    }
    this.waitForJoins(group)
    this.maybeCompleteJoin(group, step, context)
  }

  /** Somebody has joined, or left: perhaps all are here now. */
  maybeCompleteJoin(group: ClassicGroup, step: Step, context: OperationContext): void {
    if (group.state === 'PreparingRebalance' && group.initialDelayLeftMs === null && group.hasAllJoined) {
      this.completeJoin(group, step, context)
    }
  }

  /** A member has asked for its assignment, or is gone: perhaps nobody is left who has not. */
  onDidSync(group: ClassicGroup, memberId: string): void {
    group.pendingSyncs.delete(memberId)
    if (group.pendingSyncs.size === 0) this.env.timers.cancel(syncKey(group))
  }

  /** The leader's assignment is in the log. */
  assign(group: ClassicGroup, assignments: ReadonlyMap<string, Uint8Array>, step: Step, context: OperationContext): void {
    group.transitionTo('Stable', context.nowMs)
    for (const member of group.members.values()) {
      member.assignment = assignments.get(member.memberId) ?? NO_BYTES
      this.answerSync(group, member, ErrorCode.NONE, step)
    }
    this.tell(group)
  }

  private tell({ groupId, generationId, members }: ClassicGroup): void {
    this.env.onDidRebalance?.({ groupId, generation: generationId, memberCount: members.size, protocol: 'classic' })
  }

  /** The leader's assignment could not be written: everybody starts again. */
  failAssignment(group: ClassicGroup, errorCode: number, step: Step, context: OperationContext): void {
    this.refuseSyncs(group, errorCode, step)
    this.maybePrepare(group, step, context)
  }

  answerJoin(member: ClassicMember, answer: JoinAnswer, step: Step): void {
    if (member.awaitingJoin === null) return
    step.answer(member.awaitingJoin, answer)
    member.awaitingJoin = null
  }

  answerSync(group: ClassicGroup, member: ClassicMember, errorCode: number, step: Step): void {
    if (member.awaitingSync === null) return
    const { protocolType, protocolName } = group
    step.answer(member.awaitingSync, {
      errorCode,
      protocolType: errorCode === ErrorCode.NONE ? protocolType : null,
      protocolName: errorCode === ErrorCode.NONE ? protocolName : null,
      assignment: errorCode === ErrorCode.NONE ? member.assignment : NO_BYTES,
    })
    member.awaitingSync = null
    this.expectHeartbeat(group, member)
  }

  /** The member lives; its session begins anew. */
  expectHeartbeat(group: ClassicGroup, member: ClassicMember): void {
    this.env.timers.set(sessionKey(group, member.memberId), member.sessionTimeoutMs, (step, context) =>
      this.onSessionExpired(group.groupId, member, step, context),
    )
  }

  expectFirstJoin(group: ClassicGroup, member: ClassicMember): void {
    this.env.timers.set(sessionKey(group, member.memberId), NEW_MEMBER_JOIN_TIMEOUT_MS, (step, context) =>
      this.onSessionExpired(group.groupId, member, step, context),
    )
  }

  /** It has been given an id and is to come back with it. */
  expectPendingJoin(group: ClassicGroup, memberId: string, sessionTimeoutMs: number): void {
    group.pendingJoins.add(memberId)
    const { groupId } = group
    this.env.timers.set(sessionKey(group, memberId), sessionTimeoutMs, (step, context) => {
      const present = this.env.group(groupId)
      if (present !== undefined) this.forgetPendingJoin(present, memberId, step, context)
    })
  }

  forgetPendingJoin(group: ClassicGroup, memberId: string, step: Step, context: OperationContext): void {
    this.env.timers.cancel(sessionKey(group, memberId))
    if (group.pendingJoins.delete(memberId)) this.maybeCompleteJoin(group, step, context)
  }

  /** The member is gone for good, of its own will or not, and the others share what it had. */
  removeMember(group: ClassicGroup, member: ClassicMember, step: Step, context: OperationContext): void {
    this.drop(group, member, step)
    if (group.state === 'PreparingRebalance') this.maybeCompleteJoin(group, step, context)
    else if (group.state !== 'Empty') this.prepare(group, step, context)
  }

  cancelTimers(group: ClassicGroup): void {
    const { timers } = this.env
    timers.cancel(joinKey(group))
    timers.cancel(syncKey(group))
    for (const memberId of [...group.members.keys(), ...group.pendingJoins]) timers.cancel(sessionKey(group, memberId))
  }

  cancelSession(group: ClassicGroup, memberId: string): void {
    this.env.timers.cancel(sessionKey(group, memberId))
  }

  private drop(group: ClassicGroup, member: ClassicMember, step: Step): void {
    // Whoever still asks with this id is told to come as somebody new.
    this.answerJoin(member, refusedJoin('', ErrorCode.UNKNOWN_MEMBER_ID), step)
    this.answerSync(group, member, ErrorCode.UNKNOWN_MEMBER_ID, step)
    this.cancelSession(group, member.memberId)
    group.remove(member)
    if (group.pendingSyncs.size === 0) this.env.timers.cancel(syncKey(group))
  }

  private onSessionExpired(groupId: string, member: ClassicMember, step: Step, context: OperationContext): void {
    const group = this.env.group(groupId)
    if (group === undefined || group.members.get(member.memberId) !== member) return
    // Whoever waits for our answer is not expected to speak; its session goes on when it has it.
    const isWaiting = member.awaitingJoin !== null || member.awaitingSync !== null
    if (!member.isNew && isWaiting) return
    this.removeMember(group, member, step, context)
  }

  private putOff(group: ClassicGroup, leftMs: number, delayMs: number): void {
    const { groupId } = group
    group.initialDelayLeftMs = leftMs
    group.hasNewMember = false
    this.env.timers.set(joinKey(group), delayMs, (step, context) => {
      const present = this.env.group(groupId)
      if (present !== undefined) this.onDelayed(present, step, context)
    })
  }

  /** The delay is over; it is given again, in so far as there is time, where somebody has come during it. */
  private onDelayed(group: ClassicGroup, step: Step, context: OperationContext): void {
    const leftMs = group.initialDelayLeftMs
    if (group.state !== 'PreparingRebalance' || leftMs === null) return
    if (group.hasNewMember && leftMs > 0) {
      const delayMs = Math.min(this.env.config().initialRebalanceDelayMs, leftMs)
      this.putOff(group, leftMs - delayMs, delayMs)
    } else {
      group.initialDelayLeftMs = null
      this.completeJoin(group, step, context)
    }
  }

  private waitForJoins(group: ClassicGroup): void {
    const { groupId } = group
    group.initialDelayLeftMs = null
    this.env.timers.set(joinKey(group), group.rebalanceTimeoutMs, (step, context) => {
      const present = this.env.group(groupId)
      if (present?.state === 'PreparingRebalance') this.completeJoin(present, step, context)
    })
  }

  private completeJoin(group: ClassicGroup, step: Step, context: OperationContext): void {
    // Static members may be away for as long as their sessions last; the others have had their time.
    for (const member of [...group.members.values()]) {
      if (member.awaitingJoin === null && !member.isStatic) this.drop(group, member, step)
    }
    if (group.members.size > 0 && !group.electJoinedLeader()) {
      // Only static members are left and none of them is here: their sessions decide.
      this.waitForJoins(group)
      return
    }
    this.env.timers.cancel(joinKey(group))
    group.beginGeneration(context.nowMs)
    if (group.members.size === 0) {
      step.append(
        groupRecord(
          group.groupId,
          group.metadata(context.nowMs, () => NO_BYTES),
        ),
      )
      this.tell(group)
      return
    }
    const members = group.memberMetadata()
    for (const member of group.members.values()) {
      const { memberId } = member
      this.answerJoin(member, generationAnswer(group, memberId, memberId === group.leaderId ? members : []), step)
      this.expectHeartbeat(group, member)
      member.isNew = false
      group.pendingSyncs.add(memberId)
    }
    this.waitForSyncs(group)
  }

  private waitForSyncs(group: ClassicGroup): void {
    const { groupId, generationId } = group
    this.env.timers.set(syncKey(group), group.rebalanceTimeoutMs, (step, context) => {
      const present = this.env.group(groupId)
      if (present === undefined || present.generationId !== generationId || present.pendingSyncs.size === 0) return
      if (present.state !== 'CompletingRebalance' && present.state !== 'Stable') return
      for (const memberId of [...present.pendingSyncs]) {
        const member = present.members.get(memberId)
        if (member !== undefined) this.drop(present, member, step)
      }
      this.prepare(present, step, context)
    })
  }

  private refuseSyncs(group: ClassicGroup, errorCode: number, step: Step): void {
    // What it was given last it may have yet, whatever becomes of this generation: a group that goes over to the new protocol counts on that.
    for (const member of group.members.values()) this.answerSync(group, member, errorCode, step)
  }
}

export function generationAnswer(group: ClassicGroup, memberId: string, members: JoinAnswer['members']): JoinAnswer {
  const { generationId, protocolType, protocolName, leaderId } = group
  return {
    errorCode: ErrorCode.NONE,
    memberId,
    generationId,
    protocolType,
    protocolName,
    leader: leaderId ?? '',
    skipAssignment: false,
    members,
  }
}

// A NUL cannot be in a name that a person has typed; should one be, two timers share a key and the later one counts.
const joinKey = (group: ClassicGroup) => `join\0${group.groupId}`
const syncKey = (group: ClassicGroup) => `sync\0${group.groupId}`
const sessionKey = (group: ClassicGroup, memberId: string) => `session\0${group.groupId}\0${memberId}`
