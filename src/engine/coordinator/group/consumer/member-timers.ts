/**
 * For how long each member of a group of the new protocol may be silent, and what it was told to do may take: its session, the time for giving something up, and
 * for members that speak the classic protocol the times for joining and syncing again. Used by ConsumerGroups and ClassicMembers; who has let its time pass is
 * `expire`'s to put out.
 */
import type { OperationContext, ShardTimers, Step } from '../../shard'
import type { GroupConfig } from '../group-config'
import type { ConsumerGroup } from './consumer-group'
import { MemberState } from './consumer-records'

export interface MemberTimersEnvironment {
  readonly timers: ShardTimers
  config(groupId?: string): GroupConfig
  /** Of this shard, when a timer is due. */
  group(groupId: string): ConsumerGroup | undefined
  expire(group: ConsumerGroup, memberId: string, step: Step, context: OperationContext): void
}

export class MemberTimers {
  /** In which epoch they were told to give something up, by the key of the timer that runs since. */
  private readonly revoking = new Map<string, number>()
  /** Members that are to join again, by the key of the timer that runs since they were told. */
  private readonly joining = new Set<string>()

  constructor(private readonly env: MemberTimersEnvironment) {}

  /** Its session begins anew; and the time that it has to give something up begins, where it was told to. */
  expectHeartbeat(groupId: string, memberId: string): void {
    const { timers } = this.env
    const member = this.env.group(groupId)?.members.get(memberId)
    const sessionTimeoutMs = member?.classic?.sessionTimeoutMs ?? this.env.config(groupId).consumerSessionTimeoutMs
    this.setTimer(keyOf('session', groupId, memberId), sessionTimeoutMs, groupId, memberId)
    const key = keyOf('revocation', groupId, memberId)
    if (member?.current.state !== MemberState.unrevoked) {
      if (this.revoking.delete(key)) timers.cancel(key)
      return
    }
    const { memberEpoch } = member.current
    if (this.revoking.get(key) === memberEpoch) return
    this.revoking.set(key, memberEpoch)
    this.setTimer(key, Math.max(0, member.rebalanceTimeoutMs), groupId, memberId)
  }

  /** It has been told to join again. The time counts from the first time that it was told. */
  expectJoin(groupId: string, memberId: string, rebalanceTimeoutMs: number): void {
    const key = keyOf('join', groupId, memberId)
    if (this.joining.has(key)) return
    this.joining.add(key)
    this.setTimer(key, rebalanceTimeoutMs, groupId, memberId)
  }

  onDidJoin(groupId: string, memberId: string, rebalanceTimeoutMs: number): void {
    this.cancelJoin(groupId, memberId)
    this.expectHeartbeat(groupId, memberId)
    this.setTimer(keyOf('sync', groupId, memberId), rebalanceTimeoutMs, groupId, memberId)
  }

  onDidSync(groupId: string, memberId: string): void {
    this.env.timers.cancel(keyOf('sync', groupId, memberId))
    this.expectHeartbeat(groupId, memberId)
  }

  /** It speaks the new protocol, perhaps since now: nothing of the classic one is awaited. */
  cancelClassic(groupId: string, memberId: string): void {
    this.cancelJoin(groupId, memberId)
    this.env.timers.cancel(keyOf('sync', groupId, memberId))
  }

  cancel(groupId: string, memberId: string): void {
    this.cancelClassic(groupId, memberId)
    this.env.timers.cancel(keyOf('session', groupId, memberId))
    this.env.timers.cancel(keyOf('revocation', groupId, memberId))
    this.revoking.delete(keyOf('revocation', groupId, memberId))
  }

  private cancelJoin(groupId: string, memberId: string): void {
    const key = keyOf('join', groupId, memberId)
    if (this.joining.delete(key)) this.env.timers.cancel(key)
  }

  private setTimer(key: string, delayMs: number, groupId: string, memberId: string): void {
    this.env.timers.set(key, delayMs, (step, context) => {
      const group = this.env.group(groupId)
      if (group?.members.has(memberId)) this.env.expire(group, memberId, step, context)
    })
  }
}

const keyOf = (what: 'session' | 'revocation' | 'join' | 'sync', groupId: string, memberId: string) =>
  `consumer ${what}\0${groupId}\0${memberId}`
