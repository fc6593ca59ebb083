/**
 * A member of a classic group: JoinGroup, SyncGroup, heartbeats, and over again whenever the group rebalances; the one that the coordinator makes the leader
 * assigns. With range and round robin everything is given up before each join (eager), with cooperative-sticky only what moves (KIP-429). Static members and
 * SkipAssignment as in KIP-345 and KIP-814. Used by GroupConsumer.
 */
import { ErrorCode } from '../../wire/errors'
import { Heartbeat, JoinGroup, LeaveGroup, SyncGroup } from '../../wire/messages'
import type { ResponseOf } from '../../wire/schema'
import { ClientError, protocolError } from '../errors'
import { CoordinatorLink, GROUP } from '../transaction-coordinator-link'
import { type AssignableMember, type AssignorName, assign } from './assignors'
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from './consumer-protocol'
import { coordinatorError, type MemberIdentity, type Membership, type MembershipOptions, Nap } from './membership'
import { flatten, grouped, type TopicPartition, without } from './topic-partitions'

export interface ClassicMembershipOptions extends MembershipOptions {
  readonly assignor: AssignorName
}

const protocolType = 'consumer'
const noGeneration = -1
/** The leader looks so often whether topics have come, gone, or got more partitions, which is a reason to assign anew. */
const topicCheckMs = 5_000
const leaveTimeoutMs = 1_000
const networkAllowanceMs = 5_000

export class ClassicMembership implements Membership {
  owned: readonly TopicPartition[] = []
  private memberId = ''
  private generationId = noGeneration
  private isEnded = false
  private isLeader = false
  /** What the leader's last assignment was made of. */
  private counts = new Map<string, number>()
  private topicsOfGroup: readonly string[] = []
  private nextTopicCheckMs = 0
  private readonly link: CoordinatorLink
  private readonly nap: Nap

  constructor(private readonly options: ClassicMembershipOptions) {
    this.link = new CoordinatorLink(options.client, GROUP, options.groupId, (error) => options.events.onTrouble(error))
    this.nap = new Nap(options.client)
  }

  get identity(): MemberIdentity {
    const { memberId, generationId } = this
    return { memberId, generationIdOrMemberEpoch: generationId, groupInstanceId: this.options.groupInstanceId }
  }

  async run(): Promise<void> {
    const { events, client } = this.options
    while (!this.isEnded) {
      events.onState(this.generationId === noGeneration ? 'joining' : 'rebalancing')
      const beganMs = client.platform.clock.monotonicMs()
      try {
        const isSettled = await this.rebalance()
        if (this.isEnded) return
        events.onTrouble(null)
        if (!isSettled) continue
        events.onRebalanced(client.platform.clock.monotonicMs() - beganMs)
        events.onState('stable')
        await this.heartbeatUntilRebalance()
      } catch (error) {
        if (this.isEnded) return
        await this.onFailure(error)
      }
    }
  }

  async leave(): Promise<void> {
    if (this.isEnded) return
    await this.options.events.onRevoked(this.owned)
    this.end()
    const { memberId } = this
    const { client, groupId, groupInstanceId } = this.options
    if (memberId === '') return
    // The member's own connection may be waiting in a JoinGroup.
    const other = client.sibling('broker-workbench')
    const members = [{ memberId, groupInstanceId, reason: null }]
    const link = new CoordinatorLink(other, GROUP, groupId, () => undefined)
    await link
      .request({
        api: LeaveGroup,
        body: { groupId, members },
        version: 4,
        errorCodeOf: coordinatorError,
        timeoutMs: leaveTimeoutMs,
      })
      // Nobody to tell: its session times out.
      .catch(() => undefined)
      .finally(() => other.close())
  }

  abandon(): void {
    this.end()
  }

  private end(): void {
    this.isEnded = true
    this.owned = []
    this.nap.wake()
  }

  private get isEager(): boolean {
    return this.options.assignor !== 'cooperative-sticky'
  }

  /** Answers whether the member has its share; not where it gave something up first and has to join once more. */
  private async rebalance(): Promise<boolean> {
    const { events } = this.options
    if (this.isEager && this.owned.length > 0) {
      await events.onRevoked(this.owned)
      this.owned = []
    }
    const joined = await this.join()
    if (this.isEnded) return true
    this.memberId = joined.memberId
    this.generationId = joined.generationId
    this.isLeader = joined.leader === joined.memberId
    const assigned = await this.sync(joined)
    if (this.isEnded) return true
    const revoked = without(this.owned, assigned)
    const added = without(assigned, this.owned)
    if (revoked.length > 0) {
      await events.onRevoked(revoked)
      this.owned = without(this.owned, revoked)
    }
    this.owned = [...this.owned, ...added]
    if (added.length > 0) events.onAssigned(added)
    return this.isEager || revoked.length === 0
  }

  private async join(): Promise<ResponseOf<typeof JoinGroup>> {
    const { groupId, topics, groupInstanceId, sessionTimeoutMs, rebalanceTimeoutMs, assignor } = this.options
    for (;;) {
      const metadata = encodeSubscription({ topics, owned: grouped(this.owned), generationId: this.generationId })
      const response = await this.link.request({
        api: JoinGroup,
        body: {
          groupId,
          sessionTimeoutMs,
          rebalanceTimeoutMs,
          memberId: this.memberId,
          groupInstanceId,
          protocolType,
          protocols: [{ name: assignor, metadata }],
        },
        errorCodeOf: coordinatorError,
        timeoutMs: rebalanceTimeoutMs + networkAllowanceMs,
        requestTimeoutMs: rebalanceTimeoutMs + networkAllowanceMs,
      })
      if (this.isEnded) return response
      // KIP-394: the id comes first, so that one that is never heard of again leaves nothing behind.
      if (response.errorCode === ErrorCode.MEMBER_ID_REQUIRED) this.memberId = response.memberId
      else if (response.errorCode === ErrorCode.NONE) return response
      else throw protocolError(response.errorCode)
    }
  }

  private async sync(joined: ResponseOf<typeof JoinGroup>): Promise<TopicPartition[]> {
    const { groupId, groupInstanceId, rebalanceTimeoutMs } = this.options
    const assignments = this.isLeader ? await this.lead(joined) : []
    const response = await this.link.request({
      api: SyncGroup,
      body: {
        groupId,
        generationId: this.generationId,
        memberId: this.memberId,
        groupInstanceId,
        protocolType,
        protocolName: joined.protocolName,
        assignments,
      },
      errorCodeOf: coordinatorError,
      timeoutMs: rebalanceTimeoutMs + networkAllowanceMs,
      requestTimeoutMs: rebalanceTimeoutMs + networkAllowanceMs,
    })
    if (response.errorCode !== ErrorCode.NONE) throw protocolError(response.errorCode)
    const assigned = decodeAssignment(response.assignment)
    if (assigned === null)
      throw new ClientError('protocol', `the leader of ${groupId} assigned in a layout that is not Kafka's consumers'`, false)
    return flatten(assigned)
  }

  /** Answers what SyncGroup is told: nothing where the group keeps the assignment that it has. */
  private async lead(joined: ResponseOf<typeof JoinGroup>): Promise<{ memberId: string; assignment: Uint8Array }[]> {
    const members = joined.members.map(({ memberId, groupInstanceId, metadata }): AssignableMember => {
      const subscription = decodeSubscription(metadata) ?? { topics: [], owned: [], generationId: noGeneration }
      return {
        memberId,
        groupInstanceId,
        topics: subscription.topics,
        owned: flatten(subscription.owned),
        generationId: subscription.generationId,
      }
    })
    this.topicsOfGroup = [...new Set(members.flatMap(({ topics }) => topics))]
    this.counts = await this.countPartitions()
    // A static leader that is back is the one to look for new partitions all the same (KIP-814), so it has to know what to look at.
    if (joined.skipAssignment) return []
    const assignment = assign(this.options.assignor, members, this.counts)
    return [...assignment].map(([memberId, partitions]) => ({ memberId, assignment: encodeAssignment(partitions) }))
  }

  private async countPartitions(): Promise<Map<string, number>> {
    const { client } = this.options
    const { topics } = await client.metadata(this.topicsOfGroup)
    return new Map(
      this.topicsOfGroup.flatMap((topic): [string, number][] => {
        const count = topics.get(topic)?.partitions.length ?? 0
        return count === 0 ? [] : [[topic, count]]
      }),
    )
  }

  private async heartbeatUntilRebalance(): Promise<void> {
    const { groupId, groupInstanceId, heartbeatIntervalMs, sessionTimeoutMs, events } = this.options
    while (!this.isEnded) {
      await this.nap.wait(heartbeatIntervalMs)
      if (this.isEnded) return
      const { errorCode } = await this.link.request({
        api: Heartbeat,
        body: { groupId, generationId: this.generationId, memberId: this.memberId, groupInstanceId },
        errorCodeOf: coordinatorError,
        timeoutMs: sessionTimeoutMs,
      })
      if (this.isEnded || errorCode === ErrorCode.REBALANCE_IN_PROGRESS) return
      if (errorCode !== ErrorCode.NONE) throw protocolError(errorCode)
      events.onTrouble(null)
      if (this.isLeader && (await this.haveTopicsChanged())) return
    }
  }

  private async haveTopicsChanged(): Promise<boolean> {
    const nowMs = this.options.client.platform.clock.monotonicMs()
    if (nowMs < this.nextTopicCheckMs) return false
    this.nextTopicCheckMs = nowMs + topicCheckMs
    const counts = await this.countPartitions().catch(() => null)
    if (counts === null) return false
    return counts.size !== this.counts.size || [...counts].some(([topic, count]) => this.counts.get(topic) !== count)
  }

  /** Rejects where no other attempt can succeed. */
  private async onFailure(error: unknown): Promise<void> {
    const { events, heartbeatIntervalMs } = this.options
    if (!(error instanceof ClientError)) throw error
    const { code } = error
    if (code === ErrorCode.REBALANCE_IN_PROGRESS) return
    if (code === ErrorCode.UNKNOWN_MEMBER_ID || code === ErrorCode.ILLEGAL_GENERATION) {
      // Its session timed out, or another generation began without it.
      if (code === ErrorCode.UNKNOWN_MEMBER_ID) this.memberId = ''
      this.generationId = noGeneration
      this.owned = []
      events.onLost()
      return
    }
    const isPassing = error.retriable || error.kind === 'connection' || error.kind === 'timeout'
    if (!isPassing) throw error
    events.onTrouble(error)
    await this.nap.wait(heartbeatIntervalMs)
  }
}
