/**
 * Groups on one partition in memory, on a clock that the test moves: members that join, sync and leave, each remembering what they were answered, for
 * tests of the group coordinator. Imported by tests only.
 */
import type { JoinAnswer, SyncAnswer } from '../coordinator/group/classic-member'
import { type Assignment, NO_PARTITIONS } from '../coordinator/group/consumer/assignment'
import type { HeartbeatAnswer, HeartbeatRequest } from '../coordinator/group/consumer/consumer-groups'
import type { SubscribedTopic } from '../coordinator/group/consumer/consumer-records'
import { DEFAULT_GROUP_CONFIG, type GroupConfig } from '../coordinator/group/group-config'
import { type CommitRequest, GroupShard } from '../coordinator/group/group-shard'
import { CoordinatorRuntime } from '../coordinator/runtime'
import type { OperationContext, Slot, Step } from '../coordinator/shard'
import type { Logger } from '../platform'
import { FakeCoordinatorLog } from './fake-coordinator-log'
import { ManualClock } from './manual-clock'

const SILENT: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

/** `errorCode` is the coordinator's where there is no answer, null while there is neither. */
export interface Asked<A> {
  answer: A | null
  errorCode: number | null
}

export interface JoinOptions {
  readonly memberId?: string
  readonly groupInstanceId?: string | null
  readonly protocolType?: string
  readonly protocols?: Readonly<Record<string, string>>
  readonly sessionTimeoutMs?: number
  readonly rebalanceTimeoutMs?: number
  readonly requiresKnownMemberId?: boolean
  readonly supportsSkippingAssignment?: boolean
  readonly clientId?: string
}

export class GroupKit {
  readonly clock = new ManualClock()
  readonly log = new FakeCoordinatorLog()
  /** That there are, for members of the new protocol. Ids are as long as theirs. */
  readonly topics = new Map<string, SubscribedTopic>()
  config: GroupConfig
  runtime!: CoordinatorRuntime<GroupShard>
  private leaderEpoch = 0
  private memberCount = 0

  constructor(
    config: Partial<GroupConfig> = {},
    private readonly groupId = 'group',
  ) {
    this.config = { ...DEFAULT_GROUP_CONFIG, ...config }
    this.moveCoordinator()
  }

  /** Another broker takes over: all that is not in the log is gone. */
  moveCoordinator(): void {
    this.runtime?.close()
    this.runtime = new CoordinatorRuntime<GroupShard>({
      topic: '__consumer_offsets',
      clock: this.clock,
      logger: SILENT,
      log: this.log,
      commitTimeoutMs: 5_000,
      partitionCount: () => 1,
      createShard: (_partition, timers) =>
        new GroupShard(timers, () => this.config, { find: (name) => this.topics.get(name), names: () => this.topics.keys() }),
    })
    this.log.lead(0, ++this.leaderEpoch)
    this.runtime.onDidChangeRole(0)
    this.clock.runDeferred()
  }

  commitLog(): void {
    this.log.commit(0)
    this.runtime.onDidAdvanceHighWatermark(0)
    this.clock.runDeferred()
  }

  execute<A>(operation: (shard: GroupShard, step: Step, slot: Slot<A>, context: OperationContext) => void): Asked<A> {
    const asked: Asked<A> = { answer: null, errorCode: null }
    this.runtime.execute<A>(
      0,
      operation,
      (answer) => {
        asked.answer = answer
      },
      (errorCode) => {
        asked.errorCode = errorCode
      },
    )
    return asked
  }

  /** For answers that are there at once. */
  ask<A>(operation: (shard: GroupShard, step: Step, context: OperationContext) => A): A {
    const { answer, errorCode } = this.execute<A>((shard, step, slot, context) =>
      step.answer(slot, operation(shard, step, context)),
    )
    if (errorCode !== null) throw new Error(`the coordinator refused with ${errorCode}`)
    // Null is an answer as well.
    return answer as A
  }

  join(options: JoinOptions = {}): Asked<JoinAnswer> {
    const { protocols = { range: subscription('orders') } } = options
    const request = {
      groupId: this.groupId,
      memberId: options.memberId ?? '',
      groupInstanceId: options.groupInstanceId ?? null,
      clientId: options.clientId ?? 'client',
      clientHost: '/127.0.0.1',
      protocolType: options.protocolType ?? 'consumer',
      protocols: Object.entries(protocols).map(([name, metadata]) => ({ name, metadata: Buffer.from(metadata, 'latin1') })),
      sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
      rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 60_000,
      requiresKnownMemberId: options.requiresKnownMemberId ?? false,
      supportsSkippingAssignment: options.supportsSkippingAssignment ?? false,
      uniqueSuffix: String(++this.memberCount),
    }
    return this.execute<JoinAnswer>((shard, step, slot, context) => shard.join(request, slot, step, context))
  }

  sync(
    { memberId, generationId }: Pick<JoinAnswer, 'memberId' | 'generationId'>,
    assignments: Readonly<Record<string, string>> = {},
    groupInstanceId: string | null = null,
  ): Asked<SyncAnswer> {
    const request = {
      groupId: this.groupId,
      memberId,
      groupInstanceId,
      generationId,
      protocolType: null,
      protocolName: null,
      assignments: new Map(Object.entries(assignments).map(([id, text]) => [id, Buffer.from(text, 'latin1')] as const)),
    }
    return this.execute<SyncAnswer>((shard, step, slot, context) => shard.sync(request, slot, step, context))
  }

  heartbeat(memberId: string, generationId: number, groupInstanceId: string | null = null): number {
    return this.ask((shard) => shard.heartbeat(this.groupId, { memberId, groupInstanceId }, generationId))
  }

  leave(...memberIds: string[]): readonly number[] {
    const members = memberIds.map((memberId) => ({ memberId, groupInstanceId: null }))
    return this.ask((shard, step, context) => shard.leave(this.groupId, members, step, context))
  }

  commit(offsets: Readonly<Record<number, number>>, options: Partial<CommitRequest> & { producerId?: bigint } = {}) {
    const { producerId, ...rest } = options
    const request = {
      groupId: this.groupId,
      memberId: '',
      groupInstanceId: null,
      generationId: -1,
      retentionTimeMs: -1n,
      topics: [
        {
          topic: 'orders',
          partitions: Object.entries(offsets).map(([partition, offset]) => ({
            partition: Number(partition),
            offset: BigInt(offset),
            leaderEpoch: -1,
            metadata: null,
          })),
        },
      ],
      ...rest,
    }
    const producer = producerId === undefined ? null : { producerId, producerEpoch: 0 }
    return this.ask((shard, step, context) => shard.commit(request, producer, step, context))
  }

  /** Committed offsets of `orders` by partition, error codes instead where there are any. */
  committed(requireStable = false, partitions: readonly number[] | null = null): Record<number, number | string> {
    const topics = partitions === null ? null : [{ topic: 'orders', partitions }]
    const asked = { groupId: this.groupId, memberId: null, memberEpoch: -1, topics }
    const fetched = this.ask((shard) => shard.fetch(asked, requireStable)).topics
    return Object.fromEntries(
      fetched.flatMap((topic) =>
        topic.partitions.map(({ partition, offset, errorCode }) => [
          partition,
          errorCode === 0 ? Number(offset) : `error ${errorCode}`,
        ]),
      ),
    )
  }

  haveTopic(name: string, partitionCount: number): void {
    this.topics.set(name, { name, topicId: name.padEnd(21, '-').concat('A'), partitionCount })
  }

  consumerHeartbeat(memberId: string, memberEpoch: number, options: Partial<HeartbeatRequest> = {}): HeartbeatAnswer {
    const isJoining = memberEpoch === 0
    const request: HeartbeatRequest = {
      groupId: this.groupId,
      memberId,
      memberEpoch,
      instanceId: null,
      rackId: null,
      clientId: 'client',
      clientHost: '/127.0.0.1',
      rebalanceTimeoutMs: isJoining ? 10_000 : -1,
      subscribedTopicNames: isJoining ? ['orders'] : null,
      subscribedTopicRegex: null,
      serverAssignor: null,
      owned: isJoining ? NO_PARTITIONS : null,
      newMemberId: `member-${++this.memberCount}`,
      ...options,
    }
    return this.ask((shard, step, context) => shard.consumerHeartbeat(request, step, context))
  }

  get consumerGroup() {
    return this.ask((shard) => shard.describeConsumer(this.groupId))
  }

  /** What `topicPartitions` say, as a member sends it. */
  static owned(answer: HeartbeatAnswer): Assignment {
    return new Map(answer.assignment?.topicPartitions.map(({ topicId, partitions }) => [topicId, partitions]) ?? [])
  }

  /** `state` is null where there is no such group. */
  get group() {
    return this.ask((shard) => shard.describe(this.groupId))
  }

  /** A group of `count` members, stable: their ids, the first of which leads, and the generation. */
  stable(count: number, options: JoinOptions = {}): { ids: string[]; generationId: number } {
    const joins = Array.from({ length: count }, () => this.join(options))
    for (
      let round = 0;
      round < 3 && joins.some(({ answer }) => answer === null || answer.generationId !== joins.at(-1)!.answer?.generationId);
      round++
    ) {
      for (const [index, { answer }] of joins.entries()) {
        if (answer !== null) joins[index] = this.join({ ...options, memberId: answer.memberId })
      }
    }
    const answers = joins.map(({ answer }) => answer!)
    const leader = answers.find(({ memberId, leader: id }) => memberId === id)!
    const assignments = Object.fromEntries(answers.map(({ memberId }, index) => [memberId, `part ${index}`]))
    for (const answer of answers) if (answer !== leader) this.sync(answer)
    this.sync(leader, assignments)
    const ids = [leader, ...answers.filter((answer) => answer !== leader)].map(({ memberId }) => memberId)
    return { ids, generationId: leader.generationId }
  }
}

/** ConsumerProtocolSubscription, version 0. */
export function subscription(...topics: string[]): string {
  const parts = topics.map((topic) => `${String.fromCharCode(topic.length >> 8, topic.length & 0xff)}${topic}`)
  return `\0\0\0\0\0${String.fromCharCode(topics.length)}${parts.join('')}\xff\xff\xff\xff`
}
