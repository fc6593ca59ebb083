/**
 * The records of `__consumer_offsets` that classic groups and their offsets are kept in, in Kafka's format: what Kafka 3.9 writes, and all
 * versions that it reads. Made and read by GroupShard and the parts of it.
 */
import { array, bytes, int32, int64, int64n, string } from '../../wire/schema'
import type { DecodedStruct } from '../../wire/schema/fields'
import { defineRecord, recordVersion } from '../record-codec'
import type { CoordinatorRecord } from '../shard'
import { type ConsumerRecordKey, readConsumerRecordKey } from './consumer/consumer-records'

const NEVER_FLEXIBLE = Number.POSITIVE_INFINITY

export const OffsetCommitKey = defineRecord({
  name: 'OffsetCommitKey',
  versions: [0, 1],
  flexibleFrom: NEVER_FLEXIBLE,
  fields: { group: string('0-1'), topic: string('0-1'), partition: int32('0-1') },
})

export const OffsetCommitValue = defineRecord({
  name: 'OffsetCommitValue',
  versions: [0, 4],
  flexibleFrom: 4,
  fields: {
    offset: int64('0+'),
    leaderEpoch: int32('3+', { default: -1, ignorable: true }),
    metadata: string('0+'),
    commitTimestamp: int64n('0+'),
    expireTimestamp: int64('1', { default: -1n, ignorable: true }),
  },
})

export const GroupMetadataKey = defineRecord({
  name: 'GroupMetadataKey',
  versions: [2, 2],
  flexibleFrom: NEVER_FLEXIBLE,
  fields: { group: string('2') },
})

export const GroupMetadataValue = defineRecord({
  name: 'GroupMetadataValue',
  versions: [0, 4],
  flexibleFrom: 4,
  fields: {
    protocolType: string('0+'),
    generation: int32('0+'),
    protocol: string('0+', { nullable: '0+' }),
    leader: string('0+', { nullable: '0+' }),
    currentStateTimestamp: int64n('2+', { default: -1, ignorable: true }),
    members: array('0+', {
      memberId: string('0+'),
      groupInstanceId: string('3+', { default: null, nullable: '3+', ignorable: true }),
      clientId: string('0+'),
      clientHost: string('0+'),
      rebalanceTimeout: int32('1+', { default: -1, ignorable: true }),
      sessionTimeout: int32('0+'),
      subscription: bytes('0+'),
      assignment: bytes('0+'),
    }),
  },
})

export type GroupMetadata = DecodedStruct<(typeof GroupMetadataValue)['fields']>

/** The highest that a Kafka 2.1 to 3.9 reads, and 4.x writes as well; 1 is for clients that still set a retention time of their own. */
const OFFSET_VALUE_VERSION = 3
const OFFSET_VALUE_VERSION_WITH_EXPIRY = 1
const OFFSET_KEY_VERSION = 1
const GROUP_KEY_VERSION = 2
const GROUP_VALUE_VERSION = 3

export interface OffsetAndMetadata {
  readonly offset: bigint
  /** -1: the client did not say. */
  readonly leaderEpoch: number
  readonly metadata: string
  readonly commitTimestampMs: number
  /** Set by clients of OffsetCommit 2–4 only. */
  readonly expireTimestampMs: bigint | null
}

export type GroupRecordKey =
  | ConsumerRecordKey
  | { readonly kind: 'offset'; readonly group: string; readonly topic: string; readonly partition: number }
  | { readonly kind: 'group'; readonly group: string }

/** Null for a kind that is not known here: a later Kafka may have written it. */
export function readGroupRecordKey(key: Uint8Array): GroupRecordKey | null {
  switch (recordVersion(key)) {
    case 0:
    case 1:
      return { kind: 'offset', ...OffsetCommitKey.decode(key) }
    case 2:
      return { kind: 'group', ...GroupMetadataKey.decode(key) }
    default:
      return readConsumerRecordKey(key)
  }
}

export function readOffset(value: Uint8Array): OffsetAndMetadata {
  const { offset, leaderEpoch, metadata, commitTimestamp, expireTimestamp } = OffsetCommitValue.decode(value)
  return {
    offset,
    leaderEpoch,
    metadata,
    commitTimestampMs: commitTimestamp,
    expireTimestampMs: expireTimestamp === -1n ? null : expireTimestamp,
  }
}

export function offsetRecord(group: string, topic: string, partition: number, offset: OffsetAndMetadata): CoordinatorRecord {
  const { leaderEpoch, metadata, commitTimestampMs, expireTimestampMs } = offset
  const value = {
    offset: offset.offset,
    leaderEpoch,
    metadata,
    commitTimestamp: commitTimestampMs,
    expireTimestamp: expireTimestampMs ?? -1n,
  }
  return {
    key: OffsetCommitKey.encode({ group, topic, partition }, OFFSET_KEY_VERSION),
    value: OffsetCommitValue.encode(value, expireTimestampMs === null ? OFFSET_VALUE_VERSION : OFFSET_VALUE_VERSION_WITH_EXPIRY),
  }
}

export function offsetTombstone(group: string, topic: string, partition: number): CoordinatorRecord {
  return { key: OffsetCommitKey.encode({ group, topic, partition }, OFFSET_KEY_VERSION), value: null }
}

export function groupRecord(group: string, metadata: GroupMetadata): CoordinatorRecord {
  return {
    key: GroupMetadataKey.encode({ group }, GROUP_KEY_VERSION),
    value: GroupMetadataValue.encode(metadata, GROUP_VALUE_VERSION),
  }
}

export function groupTombstone(group: string): CoordinatorRecord {
  return { key: GroupMetadataKey.encode({ group }, GROUP_KEY_VERSION), value: null }
}
