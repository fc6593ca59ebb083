/**
 * The records of `__consumer_offsets` that groups of the new protocol are kept in, in Kafka's format (KIP-848): the epoch of the group, what it reads, its
 * members, what each is to own and what each owns. Made and read by ConsumerGroups and GroupShard.
 */
import { array, bytes, int8, int32, string, struct, uuid } from '../../../wire/schema'
import { defineRecord, recordVersion } from '../../record-codec'
import type { CoordinatorRecord } from '../../shard'
import { type Assignment, topicsOf } from './assignment'

const NEVER_FLEXIBLE = Number.POSITIVE_INFINITY
const topicPartitions = { topicId: uuid('0+'), partitions: array('0+', 'int32') } as const

/** What a key of each version is about. */
export const ConsumerRecordKind = {
  groupEpoch: 3,
  partitionMetadata: 4,
  member: 5,
  targetEpoch: 6,
  targetMember: 7,
  currentMember: 8,
} as const

const ConsumerGroupKey = defineRecord({
  name: 'ConsumerGroupKey',
  versions: [3, 6],
  flexibleFrom: NEVER_FLEXIBLE,
  fields: { groupId: string('0+') },
})

const ConsumerGroupMemberKey = defineRecord({
  name: 'ConsumerGroupMemberKey',
  versions: [5, 8],
  flexibleFrom: NEVER_FLEXIBLE,
  fields: { groupId: string('0+'), memberId: string('0+') },
})

export const ConsumerGroupMetadataValue = defineRecord({
  name: 'ConsumerGroupMetadataValue',
  versions: [0, 0],
  flexibleFrom: 0,
  fields: { epoch: int32('0+') },
})

export const ConsumerGroupPartitionMetadataValue = defineRecord({
  name: 'ConsumerGroupPartitionMetadataValue',
  versions: [0, 0],
  flexibleFrom: 0,
  fields: {
    topics: array('0+', {
      topicId: uuid('0+'),
      topicName: string('0+'),
      numPartitions: int32('0+'),
      partitionMetadata: array('0+', { partition: int32('0+'), racks: array('0+', 'string') }),
    }),
  },
})

export const ConsumerGroupMemberMetadataValue = defineRecord({
  name: 'ConsumerGroupMemberMetadataValue',
  versions: [0, 0],
  flexibleFrom: 0,
  fields: {
    instanceId: string('0+', { nullable: '0+' }),
    rackId: string('0+', { nullable: '0+' }),
    clientId: string('0+'),
    clientHost: string('0+'),
    subscribedTopicNames: array('0+', 'string'),
    subscribedTopicRegex: string('0+', { nullable: '0+' }),
    rebalanceTimeoutMs: int32('0+', { default: -1 }),
    serverAssignor: string('0+', { nullable: '0+' }),
    classicMemberMetadata: struct(
      '0+',
      { sessionTimeoutMs: int32('0+'), supportedProtocols: array('0+', { name: string('0+'), metadata: bytes('0+') }) },
      { nullable: '0+', default: null, tag: 0, tagged: '0+' },
    ),
  },
})

export const ConsumerGroupTargetAssignmentMetadataValue = defineRecord({
  name: 'ConsumerGroupTargetAssignmentMetadataValue',
  versions: [0, 0],
  flexibleFrom: 0,
  fields: { assignmentEpoch: int32('0+') },
})

export const ConsumerGroupTargetAssignmentMemberValue = defineRecord({
  name: 'ConsumerGroupTargetAssignmentMemberValue',
  versions: [0, 0],
  flexibleFrom: 0,
  fields: { topicPartitions: array('0+', topicPartitions) },
})

export const ConsumerGroupCurrentMemberAssignmentValue = defineRecord({
  name: 'ConsumerGroupCurrentMemberAssignmentValue',
  versions: [0, 0],
  flexibleFrom: 0,
  fields: {
    memberEpoch: int32('0+'),
    previousMemberEpoch: int32('0+'),
    state: int8('0+'),
    assignedPartitions: array('0+', topicPartitions),
    partitionsPendingRevocation: array('0+', topicPartitions),
  },
})

export interface ConsumerRecordKey {
  readonly kind: 'consumer'
  /** One of ConsumerRecordKind. */
  readonly version: number
  readonly group: string
  /** '' where the record is about the group. */
  readonly memberId: string
}

/** Null where the key is of another kind. */
export function readConsumerRecordKey(key: Uint8Array): ConsumerRecordKey | null {
  const version = recordVersion(key)
  switch (version) {
    case ConsumerRecordKind.groupEpoch:
    case ConsumerRecordKind.partitionMetadata:
    case ConsumerRecordKind.targetEpoch:
      return { kind: 'consumer', version, group: ConsumerGroupKey.decode(key).groupId, memberId: '' }
    case ConsumerRecordKind.member:
    case ConsumerRecordKind.targetMember:
    case ConsumerRecordKind.currentMember: {
      const { groupId, memberId } = ConsumerGroupMemberKey.decode(key)
      return { kind: 'consumer', version, group: groupId, memberId }
    }
    default:
      return null
  }
}

const groupKey = (kind: number, groupId: string) => ConsumerGroupKey.encode({ groupId }, kind)
const memberKey = (kind: number, groupId: string, memberId: string) => ConsumerGroupMemberKey.encode({ groupId, memberId }, kind)

export function groupEpochRecord(groupId: string, epoch: number): CoordinatorRecord {
  return { key: groupKey(ConsumerRecordKind.groupEpoch, groupId), value: ConsumerGroupMetadataValue.encode({ epoch }, 0) }
}

export interface SubscribedTopic {
  readonly topicId: string
  readonly name: string
  readonly partitionCount: number
}

export function partitionMetadataRecord(groupId: string, topics: readonly SubscribedTopic[]): CoordinatorRecord {
  const value = topics.map(({ topicId, name, partitionCount }) => ({
    topicId,
    topicName: name,
    numPartitions: partitionCount,
    // Racks are not looked at here, and Kafka leaves them out where there are none.
    partitionMetadata: [],
  }))
  return {
    key: groupKey(ConsumerRecordKind.partitionMetadata, groupId),
    value: ConsumerGroupPartitionMetadataValue.encode({ topics: value }, 0),
  }
}

export interface MemberFacts {
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly subscribedTopicNames: readonly string[]
  readonly subscribedTopicRegex: string | null
  readonly rebalanceTimeoutMs: number
  readonly serverAssignor: string | null
  /** What a member that speaks the classic protocol has said of itself; null: it speaks the new one. */
  readonly classic: ClassicFacts | null
}

export interface ClassicFacts {
  readonly sessionTimeoutMs: number
  /** In the order in which it prefers them, none of them without bytes of its own. */
  readonly protocols: readonly { readonly name: string; readonly metadata: Uint8Array }[]
}

export function memberRecord(groupId: string, memberId: string, facts: MemberFacts): CoordinatorRecord {
  const {
    instanceId,
    rackId,
    clientId,
    clientHost,
    subscribedTopicNames,
    subscribedTopicRegex,
    rebalanceTimeoutMs,
    serverAssignor,
    classic,
  } = facts
  const value = {
    instanceId,
    rackId,
    clientId,
    clientHost,
    subscribedTopicNames: [...subscribedTopicNames],
    subscribedTopicRegex,
    rebalanceTimeoutMs,
    serverAssignor,
    classicMemberMetadata:
      classic === null ? null : { sessionTimeoutMs: classic.sessionTimeoutMs, supportedProtocols: [...classic.protocols] },
  }
  return {
    key: memberKey(ConsumerRecordKind.member, groupId, memberId),
    value: ConsumerGroupMemberMetadataValue.encode(value, 0),
  }
}

export function targetEpochRecord(groupId: string, assignmentEpoch: number): CoordinatorRecord {
  return {
    key: groupKey(ConsumerRecordKind.targetEpoch, groupId),
    value: ConsumerGroupTargetAssignmentMetadataValue.encode({ assignmentEpoch }, 0),
  }
}

export function targetMemberRecord(groupId: string, memberId: string, target: Assignment): CoordinatorRecord {
  return {
    key: memberKey(ConsumerRecordKind.targetMember, groupId, memberId),
    value: ConsumerGroupTargetAssignmentMemberValue.encode({ topicPartitions: topicsOf(target) }, 0),
  }
}

export interface CurrentAssignment {
  readonly memberEpoch: number
  readonly previousMemberEpoch: number
  readonly state: MemberState
  readonly assigned: Assignment
  /** It has been told to give them up and has not said yet that it has. */
  readonly revoking: Assignment
}

/** As numbered in the log. */
export const MemberState = { stable: 0, unrevoked: 1, unreleased: 2 } as const
export type MemberState = (typeof MemberState)[keyof typeof MemberState]

export function currentMemberRecord(groupId: string, memberId: string, current: CurrentAssignment): CoordinatorRecord {
  const { memberEpoch, previousMemberEpoch, state, assigned, revoking } = current
  const value = {
    memberEpoch,
    previousMemberEpoch,
    state,
    assignedPartitions: topicsOf(assigned),
    partitionsPendingRevocation: topicsOf(revoking),
  }
  return {
    key: memberKey(ConsumerRecordKind.currentMember, groupId, memberId),
    value: ConsumerGroupCurrentMemberAssignmentValue.encode(value, 0),
  }
}

/** What there is of a member goes, the last that was written first. */
export function memberTombstones(groupId: string, memberId: string): CoordinatorRecord[] {
  const { currentMember, targetMember, member } = ConsumerRecordKind
  return [currentMember, targetMember, member].map((kind) => ({ key: memberKey(kind, groupId, memberId), value: null }))
}

export function groupTombstones(groupId: string): CoordinatorRecord[] {
  const { targetEpoch, partitionMetadata, groupEpoch } = ConsumerRecordKind
  return [targetEpoch, partitionMetadata, groupEpoch].map((kind) => ({ key: groupKey(kind, groupId), value: null }))
}
