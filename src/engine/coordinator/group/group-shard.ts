/**
 * The groups of one partition of `__consumer_offsets`, and their offsets: the pure state machine that CoordinatorRuntime drives (Kafka's
 * GroupCoordinatorShard). What follows from the log is replayed here; what is asked is decided in classic-membership.ts and offset-operations.ts.
 *
 * What is written before it holds: assignments and offsets. What is lost with the coordinator, as in Kafka: who is joining. A rebalance that was under way
 * begins again from the last generation that was written, whose members find their generation refused and join anew.
 */
import { ErrorCode } from '../../wire/errors'
import type {
  OperationContext,
  ReplayedRecord,
  Shard,
  ShardTimers,
  Slot,
  Step,
  TransactionalProducer,
  TransactionResult,
} from '../shard'
import { ClassicGroup, CONSUMER_PROTOCOL_TYPE } from './classic-group'
import type { JoinAnswer, SyncAnswer } from './classic-member'
import { ClassicMembership, type JoinRequest, type MemberIdentity, refusedSync, type SyncRequest } from './classic-membership'
import { ClassicRebalance, type OnDidRebalance, refusedJoin } from './classic-rebalance'
import { ClassicMembers } from './consumer/classic-members'
import { ConsumerGroup } from './consumer/consumer-group'
import {
  ConsumerGroups,
  type HeartbeatAnswer,
  type HeartbeatRequest,
  JOIN_EPOCH,
  refusedHeartbeat,
  type TopicsView,
} from './consumer/consumer-groups'
import { type ConsumerRecordKey, ConsumerRecordKind, groupTombstones } from './consumer/consumer-records'
import type { GroupConfig } from './group-config'
import {
  type ClassicGroupDescription,
  type ConsumerGroupDescription,
  describeClassicGroup,
  describeConsumerGroup,
  type GroupListing,
  listingOf,
} from './group-descriptions'
import { GroupMigration } from './group-migration'
import { GroupOffsets } from './group-offsets'
import { GroupMetadataValue, groupTombstone, readGroupRecordKey, readOffset } from './group-records'
import { type CommitRequest, type FetchRequest, whyNotCommit, whyNotFetch } from './offset-access'
import {
  commitOffsets,
  deleteAllOffsets,
  deleteOffsets,
  expireOffsets,
  type FetchedOffset,
  fetchOffsets,
  type PartitionError,
  type TopicOf,
} from './offset-operations'

export type { CommitRequest, FetchRequest } from './offset-access'

export type TopicErrors = readonly TopicOf<PartitionError>[]

const EXPIRY_TIMER = 'expiry'
/** A batch has a largest size. */
const EXPIRIES_A_STEP = 500

export class GroupShard implements Shard {
  private readonly groups = new Map<string, ClassicGroup | ConsumerGroup>()
  private readonly offsets = new GroupOffsets()
  private readonly rebalance: ClassicRebalance
  private readonly membership: ClassicMembership
  private readonly consumers: ConsumerGroups
  private readonly classicMembers: ClassicMembers
  private readonly migration: GroupMigration

  constructor(
    private readonly timers: ShardTimers,
    /** For a group that may have set some for itself, or of all. */
    private readonly config: (groupId?: string) => GroupConfig,
    topics: TopicsView,
    private readonly onDidRebalance?: OnDidRebalance,
  ) {
    this.rebalance = new ClassicRebalance({ timers, config, group: (groupId) => this.classic(groupId), onDidRebalance })
    this.membership = new ClassicMembership(this.rebalance, config)
    this.consumers = new ConsumerGroups({
      timers,
      config,
      topics,
      group: (groupId) => this.consumer(groupId),
      maybeDowngrade: (group, leavingId, step, context) => this.migration.maybeDowngrade(group, leavingId, false, step, context),
    })
    this.classicMembers = new ClassicMembers(this.consumers, topics)
    this.migration = new GroupMigration({
      topics,
      config,
      rebalance: this.rebalance,
      consumers: this.consumers,
      onDidDowngrade: (group) => this.groups.set(group.groupId, group),
    })
  }

  replay(record: ReplayedRecord, origin: 'load' | 'write'): void {
    const key = readGroupRecordKey(record.key)
    if (key === null) return
    if (key.kind === 'consumer') this.replayConsumer(key, record.value, origin)
    else if (key.kind === 'offset') this.replayOffset(key.group, key.topic, key.partition, record)
    else if (record.value === null) this.forgetGroup(key.group)
    // What an operation has just written of a group is less than what the group is.
    else if (origin === 'load') this.groups.set(key.group, ClassicGroup.load(key.group, GroupMetadataValue.decode(record.value)))
  }

  replayEndTransaction(producerId: bigint, _producerEpoch: number, result: TransactionResult): void {
    for (const groupId of this.offsets.endTransaction(producerId, result)) this.haveGroup(groupId, null)
  }

  onDidLoad(step: Step, context: OperationContext): void {
    for (const group of this.groups.values()) {
      if (group.kind === 'consumer') this.consumers.expectAll(group)
      else {
        for (const member of group.members.values()) this.rebalance.expectHeartbeat(group, member)
        // It has just come back from the new protocol, and what was the last member's of that is nobody's yet.
        if (group.members.size > 0 && group.leaderId === null) this.rebalance.prepare(group, step, context)
      }
    }
    this.expireLater(this.config().offsetsRetentionCheckIntervalMs)
  }

  join(request: JoinRequest, slot: Slot<JoinAnswer>, step: Step, context: OperationContext): void {
    const { groupId, memberId, sessionTimeoutMs } = request
    const refuse = (errorCode: number, by = step) => by.answer(slot, refusedJoin(memberId, errorCode))
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.config()
    if (sessionTimeoutMs < minSessionTimeoutMs || sessionTimeoutMs > maxSessionTimeoutMs) {
      return refuse(ErrorCode.INVALID_SESSION_TIMEOUT)
    }
    const present = this.groups.get(groupId)
    if (present?.kind === 'consumer') {
      if (!this.makesWay(present, request, step, context)) this.classicMembers.join(present, request, slot, step)
      else {
        const then = step.onAppended
        step.whenAppended((next) => {
          then?.(next)
          this.join(request, slot, next, context)
        })
        step.whenRefused(refuse)
      }
      return
    }
    const group = present ?? (memberId === '' ? this.newGroup(groupId, context.nowMs) : undefined)
    if (group === undefined) step.answer(slot, refusedJoin('', ErrorCode.UNKNOWN_MEMBER_ID))
    else this.membership.join(group, request, slot, step, context)
  }

  sync(request: SyncRequest, slot: Slot<SyncAnswer>, step: Step, context: OperationContext): void {
    const group = this.groups.get(request.groupId)
    if (group?.kind === 'consumer') this.classicMembers.sync(group, request, slot, step)
    else if (group === undefined) step.answer(slot, refusedSync(ErrorCode.UNKNOWN_MEMBER_ID))
    else this.membership.sync(group, request, slot, step, context)
  }

  heartbeat(groupId: string, who: MemberIdentity, generationId: number): number {
    const group = this.groups.get(groupId)
    if (group?.kind === 'consumer') return this.classicMembers.heartbeat(group, who, generationId)
    return group === undefined ? ErrorCode.UNKNOWN_MEMBER_ID : this.membership.heartbeat(group, who, generationId)
  }

  leave(groupId: string, members: readonly MemberIdentity[], step: Step, context: OperationContext): readonly number[] {
    const group = this.groups.get(groupId)
    if (group?.kind === 'consumer') return this.classicMembers.leave(group, members, step)
    return members.map((who) =>
      group === undefined ? ErrorCode.UNKNOWN_MEMBER_ID : this.membership.leave(group, who, step, context),
    )
  }

  /** A member of the new protocol joins, lives, or leaves. */
  consumerHeartbeat(request: HeartbeatRequest, step: Step, context: OperationContext): HeartbeatAnswer {
    const { groupId, memberEpoch } = request
    const group = this.groups.get(groupId)
    if (group?.kind === 'consumer') return this.consumers.heartbeat(group, request, step, context)
    const refuse = (message: string) => refusedHeartbeat(ErrorCode.GROUP_ID_NOT_FOUND, message)
    if (memberEpoch !== JOIN_EPOCH) {
      // It was put out while it was silent, and the group went back without it. Kafka does not find the group; clients take that for fatal, and can join again.
      if (group !== undefined && this.migration.canUpgrade(group))
        return refusedHeartbeat(ErrorCode.UNKNOWN_MEMBER_ID, `Member ${request.memberId} is not a member of group ${groupId}.`)
      return refuse(`Group ${groupId} is ${group === undefined ? 'not found' : 'not a consumer group'}.`)
    }
    if (group === undefined || group.state === 'Empty') {
      // As in join: an empty group of the other protocol gives way, and its offsets stay.
      if (group !== undefined) step.append(groupTombstone(groupId))
      return this.consumers.heartbeat(undefined, request, step, context)
    }
    const upgraded = this.migration.upgrade(group, step)
    if (typeof upgraded === 'string') return refuse(upgraded)
    const answer = this.consumers.heartbeat(upgraded, request, step, context)
    if (answer.errorCode !== ErrorCode.NONE) {
      // Who brings the upgrade about does not join: there is none.
      step.records.length = 0
      return answer
    }
    this.migration.sendBack(group, step)
    const then = step.onAppended
    step.whenAppended((next) => {
      then?.(next)
      const present = this.consumer(groupId)
      if (present !== undefined) this.consumers.expectAll(present)
    })
    return answer
  }

  /** A code for the whole request, or one for each partition. `producer`: in whose transaction it is committed. */
  commit(
    request: CommitRequest,
    producer: TransactionalProducer | null,
    step: Step,
    context: OperationContext,
  ): { readonly errorCode: number; readonly topics: TopicErrors } {
    const { groupId, topics, retentionTimeMs } = request
    const group = this.groups.get(groupId)
    const errorCode = whyNotCommit(group, request, producer !== null)
    if (errorCode !== ErrorCode.NONE) return { errorCode, topics: [] }
    // A classic member that commits lives.
    const member = producer === null && group?.kind === 'classic' ? group.members.get(request.memberId) : undefined
    if (group?.kind === 'classic' && member !== undefined) this.rebalance.expectHeartbeat(group, member)
    step.producer = producer
    return { errorCode, topics: commitOffsets(groupId, topics, retentionTimeMs, this.config(), step, context) }
  }

  fetch(
    { groupId, memberId, memberEpoch, topics }: FetchRequest,
    requireStable: boolean,
  ): { readonly errorCode: number; readonly topics: TopicOf<FetchedOffset>[] } {
    const errorCode = whyNotFetch(this.groups.get(groupId), memberId, memberEpoch)
    if (errorCode !== ErrorCode.NONE) return { errorCode, topics: [] }
    return { errorCode: ErrorCode.NONE, topics: fetchOffsets(this.offsets, groupId, topics, requireStable) }
  }

  list(): GroupListing[] {
    return Array.from(this.groups.values(), listingOf)
  }

  /** Null where there is no such group of the classic protocol. */
  describe(groupId: string): ClassicGroupDescription | null {
    const group = this.classic(groupId)
    return group === undefined ? null : describeClassicGroup(group)
  }

  /** Null where there is no such group of the new protocol. */
  describeConsumer(groupId: string): ConsumerGroupDescription | null {
    const group = this.consumer(groupId)
    return group === undefined ? null : describeConsumerGroup(group)
  }

  deleteGroup(groupId: string, step: Step): number {
    const group = this.groups.get(groupId)
    if (group === undefined) return ErrorCode.GROUP_ID_NOT_FOUND
    if (group.state !== 'Empty') return ErrorCode.NON_EMPTY_GROUP
    deleteAllOffsets(this.offsets, groupId, step)
    this.appendTombstones(group, step)
    return ErrorCode.NONE
  }

  deleteOffsets(
    groupId: string,
    topics: readonly TopicOf<number>[],
    step: Step,
  ): { readonly errorCode: number; readonly topics: TopicErrors } {
    const group = this.groups.get(groupId)
    if (group === undefined) return { errorCode: ErrorCode.GROUP_ID_NOT_FOUND, topics: [] }
    const isConsumers = group.kind === 'consumer' || group.protocolType === CONSUMER_PROTOCOL_TYPE
    if (group.state !== 'Empty' && !isConsumers) return { errorCode: ErrorCode.NON_EMPTY_GROUP, topics: [] }
    const isSubscribed = (topic: string) => {
      if (group.kind === 'consumer') return group.isSubscribed(topic)
      // Where it cannot be told what the members read, all of it may be.
      return group.state !== 'Empty' && (group.subscribedTopics?.has(topic) ?? true)
    }
    return { errorCode: ErrorCode.NONE, topics: deleteOffsets(this.offsets, groupId, topics, isSubscribed, step) }
  }

  /** A topic of the same name that is made later is another one, and its partitions have not been read. */
  forgetTopics(topics: ReadonlySet<string>, step: Step): void {
    for (const groupId of this.groups.keys()) {
      const found = Array.from(this.offsets.topics(groupId))
        .filter(([topic]) => topics.has(topic))
        .map(([topic, partitions]) => ({ topic, partitions: [...partitions] }))
      if (found.length > 0) deleteOffsets(this.offsets, groupId, found, () => false, step)
    }
  }

  /** Whether a group of the new protocol is to be one of the classic one before this member joins; the records for that are in the step then. */
  private makesWay(group: ConsumerGroup, request: JoinRequest, step: Step, context: OperationContext): boolean {
    const { groupInstanceId, memberId } = request
    if (group.members.size === 0) {
      // Nobody is left of the other protocol: the group goes on in this one, with its offsets.
      for (const tombstone of groupTombstones(group.groupId)) step.append(tombstone)
      return true
    }
    // A static member may have come back with the classic protocol, the last that spoke the new one.
    const holder = groupInstanceId === null || memberId !== '' ? undefined : group.memberOfInstance(groupInstanceId)
    if (holder === undefined || this.classicMembers.whyNotJoin(group, request) !== ErrorCode.NONE) return false
    return this.migration.maybeDowngrade(group, holder.memberId, true, step, context)
  }

  private replayOffset(groupId: string, topic: string, partition: number, record: ReplayedRecord): void {
    const { value, offset: recordOffset, producerId } = record
    if (value === null) {
      this.offsets.remove(groupId, topic, partition)
      return
    }
    const committed = { ...readOffset(value), recordOffset }
    if (producerId !== -1n) {
      this.offsets.commitPending(producerId, groupId, topic, partition, committed)
      return
    }
    this.haveGroup(groupId, null)
    this.offsets.commit(groupId, topic, partition, committed)
  }

  private replayConsumer(key: ConsumerRecordKey, value: Uint8Array | null, origin: 'load' | 'write'): void {
    let group = this.consumer(key.group)
    if (value === null && key.version === ConsumerRecordKind.groupEpoch) {
      if (group !== undefined) this.consumers.cancelTimers(group)
      if (group !== undefined) this.dropGroup(key.group)
      return
    }
    if (group === undefined) {
      if (value === null) return
      group = new ConsumerGroup(key.group)
      this.groups.set(key.group, group)
    }
    group.replay(key, value)
    if (origin === 'load' || key.version !== ConsumerRecordKind.groupEpoch) return
    this.onDidRebalance?.({ groupId: key.group, generation: group.epoch, memberCount: group.members.size, protocol: 'consumer' })
  }

  private forgetGroup(groupId: string): void {
    const group = this.classic(groupId)
    if (group === undefined) return
    this.rebalance.cancelTimers(group)
    this.dropGroup(groupId)
  }

  /** What it has committed stays where it gives way to the other protocol: should that not come to be, its offsets are still to be listed, deleted, expired. */
  private dropGroup(groupId: string): void {
    this.groups.delete(groupId)
    if (this.offsets.has(groupId)) this.newGroup(groupId, null)
  }

  private classic(groupId: string): ClassicGroup | undefined {
    const group = this.groups.get(groupId)
    return group?.kind === 'classic' ? group : undefined
  }

  private consumer(groupId: string): ConsumerGroup | undefined {
    const group = this.groups.get(groupId)
    return group?.kind === 'consumer' ? group : undefined
  }

  private newGroup(groupId: string, nowMs: number | null): ClassicGroup {
    const group = new ClassicGroup(groupId, nowMs)
    this.groups.set(groupId, group)
    return group
  }

  /** Offsets are kept in a group, also where nobody has ever joined it. */
  private haveGroup(groupId: string, nowMs: number | null): void {
    if (!this.groups.has(groupId)) this.newGroup(groupId, nowMs)
  }

  private appendTombstones(group: ClassicGroup | ConsumerGroup, step: Step): void {
    const { groupId } = group
    for (const tombstone of group.kind === 'consumer' ? groupTombstones(groupId) : [groupTombstone(groupId)])
      step.append(tombstone)
  }

  private expireLater(delayMs: number): void {
    this.timers.set(EXPIRY_TIMER, delayMs, (step, context) => this.expire(step, context))
  }

  private expire(step: Step, context: OperationContext): void {
    const { offsetsRetentionMs, offsetsRetentionCheckIntervalMs } = this.config()
    for (const group of [...this.groups.values()]) {
      const left = EXPIRIES_A_STEP - step.records.length
      if (left <= 0) break
      expireOffsets(this.offsets, group, offsetsRetentionMs, left, step, context)
      this.forgetIfUnused(group, step)
    }
    // With the next event, where one batch could not hold all.
    this.expireLater(step.records.length < EXPIRIES_A_STEP ? offsetsRetentionCheckIntervalMs : 1)
  }

  /** An empty group that had no offset left when this step began. */
  private forgetIfUnused(group: ClassicGroup | ConsumerGroup, step: Step): void {
    const { groupId } = group
    if (group.state !== 'Empty' || this.offsets.has(groupId) || this.offsets.hasPending(groupId)) return
    if (group.kind === 'classic' && group.pendingJoins.size > 0) return
    // Of a group that has had no generation nothing is written.
    if (group.kind === 'classic' && group.generationId === 0) this.groups.delete(groupId)
    else this.appendTombstones(group, step)
  }
}
