/**
 * Groups as an administrator sees and changes them. ListGroups is asked of every broker, and who lists a group coordinates it; so nothing here makes a broker
 * create __consumer_offsets only because somebody looked. A broker that does not answer is named and does not fail the others. Changes throw a ClientError with
 * Kafka's code. Sources: KIP-496 (OffsetDelete), KIP-709 (batched OffsetFetch), KIP-848 (ConsumerGroupDescribe).
 */
import { ErrorCode } from '../../wire/errors'
import {
  ConsumerGroupDescribe,
  DeleteGroups,
  DescribeGroups,
  ListGroups,
  ListOffsets,
  OffsetCommit,
  OffsetDelete,
  OffsetFetch,
} from '../../wire/messages'
import type { ResponseOf } from '../../wire/schema'
import type { BrokerConnection } from '../broker-connection'
import { ClientError, protocolError } from '../errors'
import type { KafkaClient } from '../kafka-client'
import type { BrokerEndpoint } from '../metadata'
import { retrying } from '../retry'
import { CoordinatorLink, GROUP } from '../transaction-coordinator-link'
import { grouped, keyOf, type TopicPartition } from './topic-partitions'

export type ListedGroup = ResponseOf<typeof ListGroups>['groups'][number]
export type DescribedClassicGroup = ResponseOf<typeof DescribeGroups>['groups'][number]
export type DescribedConsumerGroup = ResponseOf<typeof ConsumerGroupDescribe>['groups'][number]

export interface CommittedOffset extends TopicPartition {
  readonly offset: bigint
  /** -1: the committer did not say. */
  readonly leaderEpoch: number
  readonly metadata: string
}

export interface BrokerGroups {
  readonly broker: BrokerEndpoint
  /** Null: it did not answer, and `problem` says why. */
  readonly groups: readonly ListedGroup[] | null
  readonly problem: string | null
}

const readTimeoutMs = 3_000
const changeTimeoutMs = 10_000

/** By metadata as it is known: refresh before. Never rejects for a broker that is away. */
export function listGroups(client: KafkaClient): Promise<BrokerGroups[]> {
  return Promise.all(
    [...(client.known?.brokers.values() ?? [])].map(async (broker): Promise<BrokerGroups> => {
      try {
        const response = await client
          .connectionTo(broker)
          .request(ListGroups, { statesFilter: [], typesFilter: [] }, { timeoutMs: readTimeoutMs })
        if (response.errorCode !== ErrorCode.NONE) throw protocolError(response.errorCode)
        return { broker, groups: response.groups, problem: null }
      } catch (error) {
        if (!(error instanceof ClientError)) throw error
        return { broker, groups: null, problem: error.message }
      }
    }),
  )
}

/** All of them at their coordinator; what is wrong with one stands in its errorCode. */
export async function describeClassicGroups(
  connection: BrokerConnection,
  groupIds: readonly string[],
): Promise<readonly DescribedClassicGroup[]> {
  if (groupIds.length === 0) return []
  const body = { groups: [...groupIds], includeAuthorizedOperations: false }
  return (await connection.request(DescribeGroups, body, { timeoutMs: readTimeoutMs })).groups
}

export async function describeConsumerGroups(
  connection: BrokerConnection,
  groupIds: readonly string[],
): Promise<readonly DescribedConsumerGroup[]> {
  if (groupIds.length === 0) return []
  const body = { groupIds: [...groupIds], includeAuthorizedOperations: false }
  return (await connection.request(ConsumerGroupDescribe, body, { timeoutMs: readTimeoutMs })).groups
}

/** All that these groups have committed; a group that cannot be read is left out. */
export async function fetchCommitted(
  connection: BrokerConnection,
  groupIds: readonly string[],
): Promise<Map<string, CommittedOffset[]>> {
  const found = new Map<string, CommittedOffset[]>()
  if (groupIds.length === 0) return found
  const groups = groupIds.map((groupId) => ({ groupId, topics: null }))
  const response = await connection.request(
    OffsetFetch,
    { groups, requireStable: false },
    { version: 8, timeoutMs: readTimeoutMs },
  )
  for (const { groupId, errorCode, topics } of response.groups) {
    if (errorCode !== ErrorCode.NONE) continue
    const offsets = topics.flatMap(({ name, partitions }) =>
      partitions.flatMap((each): CommittedOffset[] =>
        each.errorCode !== ErrorCode.NONE || each.committedOffset < 0n
          ? []
          : [
              {
                topic: name,
                partition: each.partitionIndex,
                offset: each.committedOffset,
                leaderEpoch: each.committedLeaderEpoch,
                metadata: each.metadata ?? '',
              },
            ],
      ),
    )
    found.set(groupId, offsets)
  }
  return found
}

export interface FoundOffset {
  readonly offset: number
  readonly leaderEpoch: number
  /** Of the record there, for a look-up by time; -1: none. */
  readonly timestamp: number
}

export interface OffsetQuestion {
  /** -1 latest, -2 earliest, else the first record at or after it, in ms. */
  readonly timestamp: number
  /** read_committed: the latest is the last stable offset. */
  readonly isCommitted?: boolean
}

/** By partition key; what has no leader, or is not there, is left out. One request a leader, whatever the topics. */
export async function findOffsets(
  client: KafkaClient,
  partitions: Iterable<TopicPartition>,
  { timestamp, isCommitted = false }: OffsetQuestion,
): Promise<Map<string, FoundOffset>> {
  const byLeader = new Map<BrokerEndpoint, TopicPartition[]>()
  for (const each of partitions) {
    const broker = client.leaderOf(each.topic, each.partition)?.broker
    if (broker === undefined) continue
    const list = byLeader.get(broker)
    if (list === undefined) byLeader.set(broker, [each])
    else list.push(each)
  }
  const found = new Map<string, FoundOffset>()
  await Promise.all(
    [...byLeader].map(async ([broker, led]) => {
      const topics = grouped(led).map(({ topic, partitions: numbers }) => ({
        name: topic,
        partitions: numbers.map((partitionIndex) => ({ partitionIndex, timestamp })),
      }))
      const body = { replicaId: -1, isolationLevel: isCommitted ? 1 : 0, topics }
      const response = await client
        .connectionTo(broker)
        .request(ListOffsets, body, { timeoutMs: readTimeoutMs })
        .catch((error: unknown) => {
          if (error instanceof ClientError) return null
          throw error
        })
      for (const { name, partitions: answers } of response?.topics ?? []) {
        for (const { partitionIndex, errorCode, offset, leaderEpoch, timestamp: at } of answers) {
          if (errorCode !== ErrorCode.NONE) continue
          found.set(keyOf({ topic: name, partition: partitionIndex }), { offset, leaderEpoch, timestamp: at })
        }
      }
    }),
  )
  return found
}

export interface OffsetToCommit extends TopicPartition {
  readonly offset: bigint
  readonly leaderEpoch: number
  readonly metadata: string
}

/** As an administrator, who is no member: a group with members refuses (UNKNOWN_MEMBER_ID). All or an error for the first that was refused. */
export async function commitOffsets(client: KafkaClient, groupId: string, offsets: readonly OffsetToCommit[]): Promise<void> {
  const byKey = new Map(offsets.map((each) => [keyOf(each), each]))
  const topics = grouped(offsets).map(({ topic, partitions }) => ({
    name: topic,
    partitions: partitions.flatMap((partition) => {
      const each = byKey.get(keyOf({ topic, partition }))
      if (each === undefined) return []
      const { offset, leaderEpoch, metadata } = each
      return [
        { partitionIndex: partition, committedOffset: offset, committedLeaderEpoch: leaderEpoch, committedMetadata: metadata },
      ]
    }),
  }))
  const response = await atCoordinator(client, groupId).request({
    api: OffsetCommit,
    body: { groupId, generationIdOrMemberEpoch: -1, memberId: '', topics },
    version: 8,
    errorCodeOf: (answer) => passing(answer.topics[0]?.partitions[0]?.errorCode),
    timeoutMs: changeTimeoutMs,
  })
  for (const { partitions } of response.topics) throwOnFirst(partitions)
}

/** Forgets what the group has committed there. A partition of a topic that a member reads is refused (GROUP_SUBSCRIBED_TO_TOPIC). */
export async function deleteOffsets(client: KafkaClient, groupId: string, partitions: readonly TopicPartition[]): Promise<void> {
  const topics = grouped(partitions).map(({ topic, partitions: numbers }) => ({
    name: topic,
    partitions: numbers.map((partitionIndex) => ({ partitionIndex })),
  }))
  const response = await atCoordinator(client, groupId).request({
    api: OffsetDelete,
    body: { groupId, topics },
    errorCodeOf: ({ errorCode }) => passing(errorCode),
    timeoutMs: changeTimeoutMs,
  })
  if (response.errorCode !== ErrorCode.NONE) throw protocolError(response.errorCode)
  for (const { partitions: answers } of response.topics) throwOnFirst(answers)
}

/** With all that it has committed. A group with members is refused (NON_EMPTY_GROUP). */
export async function deleteGroup(client: KafkaClient, groupId: string): Promise<void> {
  let isDoubtful = false
  const { clock } = client.platform
  const onRetry = () => {
    isDoubtful = true
  }
  await retrying({ clock, timeoutMs: changeTimeoutMs, onRetry }, async () => {
    const response = await atCoordinator(client, groupId).request({
      api: DeleteGroups,
      body: { groupsNames: [groupId] },
      errorCodeOf: ({ results }) => passing(results[0]?.errorCode),
      timeoutMs: changeTimeoutMs,
    })
    const code = response.results[0]?.errorCode ?? ErrorCode.NONE
    // An attempt without an answer may have been the one that did it.
    if (code === ErrorCode.NONE || (isDoubtful && code === ErrorCode.GROUP_ID_NOT_FOUND)) return
    throw protocolError(code)
  })
}

function atCoordinator(client: KafkaClient, groupId: string): CoordinatorLink {
  return new CoordinatorLink(client, GROUP, groupId, () => undefined)
}

const coordinatorCodes: ReadonlySet<number> = new Set([
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
])
const passing = (code: number = ErrorCode.NONE): number => (coordinatorCodes.has(code) ? code : ErrorCode.NONE)

function throwOnFirst(answers: readonly { readonly errorCode: number }[]): void {
  const refused = answers.find(({ errorCode }) => errorCode !== ErrorCode.NONE)
  if (refused !== undefined) throw protocolError(refused.errorCode)
}
