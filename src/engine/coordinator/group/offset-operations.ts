/**
 * What clients do with the offsets of a group: commit, fetch, delete; and which of them have had their time. Decides and puts records into the
 * step; GroupOffsets changes when they are replayed. Who may commit is the group's to say: GroupShard asks it first.
 */
import { ErrorCode } from '../../wire/errors'
import type { OperationContext, Step } from '../shard'
import { type ClassicGroup, CONSUMER_PROTOCOL_TYPE } from './classic-group'
import type { ConsumerGroup } from './consumer/consumer-group'
import type { GroupConfig } from './group-config'
import type { CommittedOffset, GroupOffsets } from './group-offsets'
import { offsetRecord, offsetTombstone } from './group-records'

export interface PartitionCommit {
  readonly partition: number
  readonly offset: bigint
  /** -1: the client does not say. */
  readonly leaderEpoch: number
  readonly metadata: string | null
}

export interface TopicOf<P> {
  readonly topic: string
  readonly partitions: readonly P[]
}

export interface PartitionError {
  readonly partition: number
  readonly errorCode: number
}

export interface FetchedOffset {
  readonly partition: number
  /** -1: nothing is committed. */
  readonly offset: bigint
  readonly leaderEpoch: number
  readonly metadata: string
  readonly errorCode: number
}

/** The largest int64. */
const TIMESTAMP_MAX = (1n << 63n) - 1n

export function commitOffsets(
  groupId: string,
  topics: readonly TopicOf<PartitionCommit>[],
  retentionTimeMs: bigint,
  config: GroupConfig,
  step: Step,
  { nowMs }: OperationContext,
): TopicOf<PartitionError>[] {
  const expiresMs = BigInt(nowMs) + retentionTimeMs
  // Whoever asks for the longest time that there is means for ever.
  const expireTimestampMs = retentionTimeMs < 0n ? null : expiresMs > TIMESTAMP_MAX ? TIMESTAMP_MAX : expiresMs
  return topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, offset, leaderEpoch, metadata }) => {
      if (metadata !== null && Buffer.byteLength(metadata) > config.offsetMetadataMaxBytes) {
        return { partition, errorCode: ErrorCode.OFFSET_METADATA_TOO_LARGE }
      }
      const value = { offset, leaderEpoch, metadata: metadata ?? '', commitTimestampMs: nowMs, expireTimestampMs }
      step.append(offsetRecord(groupId, topic, partition, value))
      return { partition, errorCode: ErrorCode.NONE }
    }),
  }))
}

/** `topics` null: all that the group has. */
export function fetchOffsets(
  offsets: GroupOffsets,
  groupId: string,
  topics: readonly TopicOf<number>[] | null,
  requireStable: boolean,
): TopicOf<FetchedOffset>[] {
  const asked = topics ?? Array.from(offsets.topics(groupId), ([topic, partitions]) => ({ topic, partitions: [...partitions] }))
  return asked.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((partition) => {
      const isUnstable = requireStable && offsets.isUnstable(groupId, topic, partition)
      const found = isUnstable ? undefined : offsets.get(groupId, topic, partition)
      return {
        partition,
        offset: found?.offset ?? -1n,
        leaderEpoch: found?.leaderEpoch ?? -1,
        metadata: found?.metadata ?? '',
        errorCode: isUnstable ? ErrorCode.UNSTABLE_OFFSET_COMMIT : ErrorCode.NONE,
      }
    }),
  }))
}

/** `isSubscribed`: of a topic whose offsets members of the group rely on. */
export function deleteOffsets(
  offsets: GroupOffsets,
  groupId: string,
  topics: readonly TopicOf<number>[],
  isSubscribed: (topic: string) => boolean,
  step: Step,
): TopicOf<PartitionError>[] {
  return topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((partition) => {
      if (isSubscribed(topic)) return { partition, errorCode: ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC }
      const isThere = offsets.get(groupId, topic, partition) !== undefined || offsets.isUnstable(groupId, topic, partition)
      if (isThere) step.append(offsetTombstone(groupId, topic, partition))
      return { partition, errorCode: ErrorCode.NONE }
    }),
  }))
}

export function deleteAllOffsets(offsets: GroupOffsets, groupId: string, step: Step): void {
  for (const { topic, partition } of offsets.partitions(groupId)) step.append(offsetTombstone(groupId, topic, partition))
}

/**
 * From when on the retention time of an offset counts (KIP-211): from the commit where nobody subscribes to its topic, from when the group became
 * empty where one did. Null: it does not run while the group reads.
 */
function retentionBase(group: ClassicGroup | ConsumerGroup): ((topic: string, offset: CommittedOffset) => number | null) | null {
  if (group.kind === 'consumer') return (topic, { commitTimestampMs }) => (group.isSubscribed(topic) ? null : commitTimestampMs)
  const { protocolType, state, subscribedTopics, stateTimestampMs } = group
  if (protocolType === null) return (_topic, { commitTimestampMs }) => commitTimestampMs
  if (state === 'Empty') return (_topic, { commitTimestampMs }) => stateTimestampMs ?? commitTimestampMs
  if (protocolType === CONSUMER_PROTOCOL_TYPE && state === 'Stable' && subscribedTopics !== null) {
    return (topic, { commitTimestampMs }) => (subscribedTopics.has(topic) ? null : commitTimestampMs)
  }
  return null
}

/** Tombstones for at most `countMax` offsets of the group that have had their time; answers how many. */
export function expireOffsets(
  offsets: GroupOffsets,
  group: ClassicGroup | ConsumerGroup,
  retentionMs: number,
  countMax: number,
  step: Step,
  { nowMs }: OperationContext,
): number {
  const baseOf = retentionBase(group)
  if (baseOf === null) return 0
  let count = 0
  for (const { topic, partition, offset } of offsets.all(group.groupId)) {
    if (count === countMax) break
    const base = baseOf(topic, offset)
    if (base === null || offsets.isUnstable(group.groupId, topic, partition)) continue
    const { expireTimestampMs } = offset
    const isOver = expireTimestampMs === null ? nowMs - base >= retentionMs : BigInt(nowMs) >= expireTimestampMs
    if (!isOver) continue
    step.append(offsetTombstone(group.groupId, topic, partition))
    count++
  }
  return count
}
