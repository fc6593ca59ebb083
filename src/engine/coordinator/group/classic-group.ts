/**
 * One group of the classic protocol: its members, its generation, and what follows from them. It only keeps and answers; what happens to whom and
 * when is in classic-membership.ts and classic-rebalance.ts, the only ones that change it, beside GroupShard when it loads.
 *
 *     Empty → PreparingRebalance → CompletingRebalance → Stable, and from each of them back to PreparingRebalance; Empty once nobody is left
 *
 * Kafka's fifth state, Dead, is that of a group which is not in the shard any more.
 */
import { assert } from '../../../shared/lang/assert'
import { ClassicMember, type JoinAnswer, type MemberProtocol } from './classic-member'
import type { GroupMetadata } from './group-records'
import { subscribedTopics } from './subscription'

export type ClassicGroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable'

const PREDECESSORS: Readonly<Record<ClassicGroupState, readonly ClassicGroupState[]>> = {
  Empty: ['PreparingRebalance'],
  PreparingRebalance: ['Stable', 'CompletingRebalance', 'Empty'],
  CompletingRebalance: ['PreparingRebalance'],
  Stable: ['CompletingRebalance'],
}

export const CONSUMER_PROTOCOL_TYPE = 'consumer'

export class ClassicGroup {
  readonly kind = 'classic'
  readonly members = new Map<string, ClassicMember>()
  /** They have been told the id that they shall join with, and have not come back yet. */
  readonly pendingJoins = new Set<string>()
  /** They have been told their generation and have not asked for their assignment yet. */
  readonly pendingSyncs = new Set<string>()
  /** Null: nobody has ever joined; somebody only keeps offsets here. */
  protocolType: string | null = null
  protocolName: string | null = null
  leaderId: string | null = null
  generationId = 0
  /** When it came into its present state; null where that is not known. */
  stateTimestampMs: number | null = null
  /** How long the first rebalance may yet be put off for more members; null while none is. */
  initialDelayLeftMs: number | null = null
  /** Somebody has joined since the initial delay was last looked at. */
  hasNewMember = false
  private current: ClassicGroupState = 'Empty'
  private readonly staticMembers = new Map<string, string>()
  private topics: ReadonlySet<string> | null = null

  constructor(
    readonly groupId: string,
    nowMs: number | null,
  ) {
    this.stateTimestampMs = nowMs
  }

  /** As it was written. Timers are the caller's to set. */
  static load(groupId: string, metadata: GroupMetadata): ClassicGroup {
    const members = metadata.members.map((saved) => {
      const { memberId, sessionTimeout, rebalanceTimeout, subscription, assignment } = saved
      // Of the protocols that it offered only the one that was chosen is kept.
      const protocols = [{ name: metadata.protocol ?? '', metadata: Buffer.from(subscription) }]
      const timeoutMs = rebalanceTimeout === -1 ? sessionTimeout : rebalanceTimeout
      const member = new ClassicMember(memberId, saved, sessionTimeout, timeoutMs, protocols)
      member.assignment = Buffer.from(assignment)
      return member
    })
    const group = new ClassicGroup(groupId, metadata.currentStateTimestamp === -1 ? null : metadata.currentStateTimestamp)
    for (const member of members) group.add(member)
    group.current = members.length === 0 ? 'Empty' : 'Stable'
    group.protocolType = metadata.protocolType === '' ? null : metadata.protocolType
    group.protocolName = metadata.protocol
    group.leaderId = metadata.leader
    group.generationId = metadata.generation
    group.topics = group.findTopics()
    return group
  }

  /** Of members that come with protocols of type "consumer" and with what they own. Nobody has dealt that out, so that a rebalance is due. */
  static of(groupId: string, generationId: number, members: readonly ClassicMember[], nowMs: number): ClassicGroup {
    const group = new ClassicGroup(groupId, nowMs)
    for (const member of members) group.add(member)
    group.current = members.length === 0 ? 'Empty' : 'Stable'
    group.protocolType = CONSUMER_PROTOCOL_TYPE
    group.protocolName = members.length === 0 ? null : group.selectProtocol()
    group.generationId = generationId
    group.topics = group.findTopics()
    return group
  }

  get state(): ClassicGroupState {
    return this.current
  }

  get isRebalancing(): boolean {
    return this.current === 'PreparingRebalance' || this.current === 'CompletingRebalance'
  }

  transitionTo(state: ClassicGroupState, nowMs: number): void {
    assert(
      PREDECESSORS[state].includes(this.current),
      `a group goes from ${this.current} to a state that can follow it, not ${state}`,
    )
    this.current = state
    this.stateTimestampMs = nowMs
  }

  /** Of those who have an instance id. */
  staticMemberId(groupInstanceId: string): string | undefined {
    return this.staticMembers.get(groupInstanceId)
  }

  add(member: ClassicMember): void {
    if (this.members.size === 0) this.leaderId = null
    this.leaderId ??= member.memberId
    this.members.set(member.memberId, member)
    this.pendingJoins.delete(member.memberId)
    if (member.groupInstanceId !== null) this.staticMembers.set(member.groupInstanceId, member.memberId)
  }

  remove(member: ClassicMember): void {
    const { memberId, groupInstanceId } = member
    this.members.delete(memberId)
    this.pendingSyncs.delete(memberId)
    if (groupInstanceId !== null && this.staticMembers.get(groupInstanceId) === memberId)
      this.staticMembers.delete(groupInstanceId)
    if (this.leaderId === memberId) this.leaderId = this.members.keys().next().value ?? null
  }

  /** The same static member under another member id. Its place among the members is the last then. */
  rename(member: ClassicMember, memberId: string): void {
    const wasLeader = this.leaderId === member.memberId
    this.members.delete(member.memberId)
    this.pendingSyncs.delete(member.memberId)
    member.memberId = memberId
    this.members.set(memberId, member)
    if (member.groupInstanceId !== null) this.staticMembers.set(member.groupInstanceId, memberId)
    if (wasLeader) this.leaderId = memberId
  }

  /** The longest that any member asks for. */
  get rebalanceTimeoutMs(): number {
    let longest = 0
    for (const { rebalanceTimeoutMs } of this.members.values()) longest = Math.max(longest, rebalanceTimeoutMs)
    return longest
  }

  get awaitingJoinCount(): number {
    let count = 0
    for (const { awaitingJoin } of this.members.values()) if (awaitingJoin !== null) count++
    return count
  }

  get hasAllJoined(): boolean {
    return this.pendingJoins.size === 0 && this.awaitingJoinCount === this.members.size
  }

  /** Whether somebody with these protocols can be with those who are here. */
  supports(protocolType: string, protocols: readonly MemberProtocol[]): boolean {
    if (this.members.size === 0) return protocolType !== '' && protocols.length > 0
    const common = this.commonProtocols()
    return this.protocolType === protocolType && protocols.some(({ name }) => common.has(name))
  }

  /** The protocol that most members like best among those that all of them have. */
  selectProtocol(): string {
    const common = this.commonProtocols()
    const votes = new Map<string, number>()
    for (const member of this.members.values()) {
      const choice = member.vote(common)
      if (choice !== null) votes.set(choice, (votes.get(choice) ?? 0) + 1)
    }
    let winner: string | null = null
    for (const [name, count] of votes) if (winner === null || count > votes.get(winner)!) winner = name
    assert(winner !== null, 'members of a group have a protocol in common')
    return winner
  }

  /** Answers whether somebody leads who takes part in the present rebalance; the first who does is elected where the leader does not. */
  electJoinedLeader(): boolean {
    const leader = this.leaderId === null ? undefined : this.members.get(this.leaderId)
    if (leader !== undefined && leader.awaitingJoin !== null) return true
    for (const { memberId, awaitingJoin } of this.members.values()) {
      if (awaitingJoin === null) continue
      this.leaderId = memberId
      return true
    }
    return false
  }

  beginGeneration(nowMs: number): void {
    this.generationId++
    this.pendingSyncs.clear()
    if (this.members.size === 0) {
      this.protocolName = null
      this.leaderId = null
      this.transitionTo('Empty', nowMs)
    } else {
      this.protocolName = this.selectProtocol()
      this.transitionTo('CompletingRebalance', nowMs)
    }
    this.topics = this.findTopics()
  }

  /** What the leader makes its assignment from. */
  memberMetadata(): JoinAnswer['members'] {
    return Array.from(this.members.values(), ({ memberId, groupInstanceId, protocols }) => ({
      memberId,
      groupInstanceId,
      metadata: protocols.find(({ name }) => name === this.protocolName)?.metadata ?? new Uint8Array(0),
    }))
  }

  /** Null where it cannot be told: members of another protocol type, or metadata that cannot be read. */
  get subscribedTopics(): ReadonlySet<string> | null {
    return this.topics
  }

  metadata(nowMs: number, assignmentOf: (member: ClassicMember) => Uint8Array): GroupMetadata {
    return {
      protocolType: this.protocolType ?? '',
      generation: this.generationId,
      protocol: this.protocolName,
      leader: this.leaderId,
      currentStateTimestamp: this.stateTimestampMs ?? nowMs,
      members: Array.from(this.members.values(), (member) => ({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        rebalanceTimeout: member.rebalanceTimeoutMs,
        sessionTimeout: member.sessionTimeoutMs,
        subscription: member.metadataFor(this.protocolName),
        assignment: assignmentOf(member),
      })),
    }
  }

  private commonProtocols(): Set<string> {
    const counts = new Map<string, number>()
    for (const { protocols } of this.members.values()) {
      for (const name of new Set(protocols.map((protocol) => protocol.name))) counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    return new Set([...counts].filter(([, count]) => count === this.members.size).map(([name]) => name))
  }

  private findTopics(): ReadonlySet<string> | null {
    if (this.protocolType !== CONSUMER_PROTOCOL_TYPE) return null
    const topics = new Set<string>()
    for (const member of this.members.values()) {
      const found = subscribedTopics(member.metadataFor(this.protocolName))
      if (found === null) return null
      for (const topic of found) topics.add(topic)
    }
    return topics
  }
}
