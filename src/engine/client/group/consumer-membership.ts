/**
 * A member of a group of the new consumer protocol (KIP-848): one request, ConsumerGroupHeartbeat, says that it lives and what it owns, and is answered with
 * what it shall own. What is taken away is given up and acknowledged before anybody else gets it; the coordinator does the assigning. Used by GroupConsumer.
 */
import { ErrorCode } from '../../wire/errors'
import { ConsumerGroupHeartbeat } from '../../wire/messages'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { ClientError, protocolError } from '../errors'
import { CoordinatorLink, GROUP } from '../transaction-coordinator-link'
import { coordinatorError, type MemberIdentity, type Membership, type MembershipOptions, Nap } from './membership'
import { type TopicPartition, without } from './topic-partitions'

export interface ConsumerMembershipOptions extends MembershipOptions {
  /** 'uniform', 'range'; null: the group's own. */
  readonly serverAssignor: string | null
}

/** Epochs by which a member says something else than where it is (KIP-848, ConsumerGroupHeartbeatRequest). */
const joinEpoch = 0
const leaveEpoch = -1
const leaveTimeoutMs = 1_000
/** Version 1 lets the client choose its member id, so that one whose first answer is lost is no second member. */
const heartbeatVersion = 1
/** A static member that was killed holds its instance id until its session ends; whoever comes next asks again. */
const instanceRetryMs = 1_000

interface IdPartitions {
  readonly topicId: string
  readonly partitions: readonly number[]
}

type Beat = Partial<Omit<RequestOf<typeof ConsumerGroupHeartbeat>, 'groupId' | 'memberId'>>
type Answer = ResponseOf<typeof ConsumerGroupHeartbeat>

export class ConsumerMembership implements Membership {
  owned: readonly TopicPartition[] = []
  private readonly memberId: string
  private epoch = joinEpoch
  private isEnded = false
  private intervalMs: number
  /** What the group wants it to own; reached step by step. */
  private target: readonly TopicPartition[] = []
  /** As it was told, where a topic of it is not known here yet. */
  private unresolved: readonly IdPartitions[] | null = null
  private readonly topicNames = new Map<string, string>()
  private readonly topicIds = new Map<string, string>()
  private rebalanceBeganMs: number | null = null
  private readonly link: CoordinatorLink
  private readonly nap: Nap

  constructor(private readonly options: ConsumerMembershipOptions) {
    this.link = new CoordinatorLink(options.client, GROUP, options.groupId, (error) => options.events.onTrouble(error))
    this.nap = new Nap(options.client)
    this.intervalMs = options.heartbeatIntervalMs
    this.memberId = newMemberId(options.client.platform.random.bytes(16))
  }

  get identity(): MemberIdentity {
    const { memberId, epoch, options } = this
    return { memberId, generationIdOrMemberEpoch: epoch, groupInstanceId: options.groupInstanceId }
  }

  async run(): Promise<void> {
    const { events } = this.options
    while (!this.isEnded) {
      try {
        if (this.epoch === joinEpoch) await this.join()
        else await this.beat()
        if (!this.isEnded) events.onTrouble(null)
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
    const { client, groupId, groupInstanceId } = this.options
    const other = client.sibling('broker-workbench')
    await new CoordinatorLink(other, GROUP, groupId, () => undefined)
      .request({
        api: ConsumerGroupHeartbeat,
        body: { groupId, memberId: this.memberId, memberEpoch: leaveEpoch, instanceId: groupInstanceId },
        errorCodeOf: coordinatorError,
        timeoutMs: leaveTimeoutMs,
        version: heartbeatVersion,
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

  private async join(): Promise<void> {
    const { events, topics, serverAssignor, rebalanceTimeoutMs, client } = this.options
    events.onState('joining')
    this.rebalanceBeganMs = client.platform.clock.monotonicMs()
    const answer = await this.send({
      memberEpoch: joinEpoch,
      rebalanceTimeoutMs,
      subscribedTopicNames: [...topics],
      serverAssignor,
      topicPartitions: [],
    })
    await this.take(answer)
  }

  private async beat(): Promise<void> {
    await this.nap.wait(this.intervalMs)
    if (this.isEnded) return
    await this.take(await this.send({ memberEpoch: this.epoch }))
  }

  /** Gives up what shall go and takes what has come, and says so at once: others wait for what was given up. */
  private async take(answer: Answer): Promise<void> {
    const { events, client } = this.options
    for (let next: Answer | null = answer; next !== null && !this.isEnded; ) {
      const hasNewEpoch: boolean = next.memberEpoch !== this.epoch
      this.epoch = next.memberEpoch
      if (next.heartbeatIntervalMs > 0) this.intervalMs = Math.min(this.options.heartbeatIntervalMs, next.heartbeatIntervalMs)
      const told: readonly IdPartitions[] | null = next.assignment?.topicPartitions ?? this.unresolved
      if (told !== null) this.target = await this.named(told)
      const revoked = without(this.owned, this.target)
      const added = without(this.target, this.owned)
      const hasChanged = revoked.length > 0 || added.length > 0
      if (hasChanged || hasNewEpoch) {
        this.rebalanceBeganMs ??= client.platform.clock.monotonicMs()
        if (hasChanged) events.onState('rebalancing')
      }
      if (revoked.length > 0) {
        await events.onRevoked(revoked)
        if (this.isEnded) return
        this.owned = without(this.owned, revoked)
      }
      if (added.length > 0) {
        this.owned = [...this.owned, ...added]
        events.onAssigned(added)
      }
      next = hasChanged ? await this.send({ memberEpoch: this.epoch, topicPartitions: this.ownedById() }) : null
    }
    if (this.isEnded) return
    if (this.rebalanceBeganMs !== null) events.onRebalanced(client.platform.clock.monotonicMs() - this.rebalanceBeganMs)
    this.rebalanceBeganMs = null
    events.onState('stable')
  }

  private async send(beat: Beat): Promise<Answer> {
    const { groupId, groupInstanceId, sessionTimeoutMs } = this.options
    const answer = await this.link.request({
      api: ConsumerGroupHeartbeat,
      body: { groupId, memberId: this.memberId, memberEpoch: this.epoch, instanceId: groupInstanceId, ...beat },
      errorCodeOf: coordinatorError,
      timeoutMs: sessionTimeoutMs,
      version: heartbeatVersion,
    })
    if (answer.errorCode !== ErrorCode.NONE) throw protocolError(answer.errorCode, answer.errorMessage)
    return answer
  }

  private async named(list: readonly IdPartitions[]): Promise<TopicPartition[]> {
    if (list.some(({ topicId }) => !this.topicNames.has(topicId))) {
      const { topics } = await this.options.client.refresh()
      for (const { name, topicId } of topics.values()) {
        this.topicNames.set(topicId, name)
        this.topicIds.set(name, topicId)
      }
    }
    // A topic that this client has not heard of yet, or that is gone: it is looked for again with the next heartbeat.
    this.unresolved = list.some(({ topicId }) => !this.topicNames.has(topicId)) ? list : null
    return list.flatMap(({ topicId, partitions }): TopicPartition[] => {
      const topic = this.topicNames.get(topicId)
      return topic === undefined ? [] : partitions.map((partition) => ({ topic, partition }))
    })
  }

  private ownedById(): { topicId: string; partitions: number[] }[] {
    const byTopic = new Map<string, number[]>()
    for (const { topic, partition } of this.owned) byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition])
    return [...byTopic].map(([topic, partitions]) => ({ topicId: this.topicIds.get(topic) ?? '', partitions }))
  }

  /** Rejects where no other attempt can succeed. */
  private async onFailure(error: unknown): Promise<void> {
    const { events } = this.options
    if (!(error instanceof ClientError)) throw error
    if (error.code === ErrorCode.UNKNOWN_MEMBER_ID || error.code === ErrorCode.FENCED_MEMBER_EPOCH) {
      this.epoch = joinEpoch
      this.owned = []
      this.target = []
      this.unresolved = null
      events.onLost()
      return
    }
    const isInstanceHeld = error.code === ErrorCode.UNRELEASED_INSTANCE_ID
    const isPassing = error.retriable || error.kind === 'connection' || error.kind === 'timeout' || isInstanceHeld
    if (!isPassing) throw error
    events.onTrouble(error)
    await this.nap.wait(isInstanceHeld ? instanceRetryMs : this.intervalMs)
  }
}

/** Kafka's Uuid as its clients print it: 16 bytes in base64 for URLs. */
function newMemberId(bytes: Buffer): string {
  return bytes.toString('base64url')
}
