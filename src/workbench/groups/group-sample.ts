/**
 * One look at all groups of a cluster, through the protocol: who coordinates which, their members, what they have committed, and where the partitions end. What
 * does not answer is named; the rest is there all the same. Keeps nothing; GroupWatcher puts one look after the other.
 */
import {
  type BrokerGroups,
  ClientError,
  type CommittedOffset,
  decodeAssignment,
  decodeSubscription,
  describeClassicGroups,
  describeConsumerGroups,
  type FoundOffset,
  fetchCommitted,
  findOffsets,
  flatten,
  type KafkaClient,
  keyOf,
  latestOffset,
  listGroups,
  type MetadataSnapshot,
  type TopicPartition,
} from '../../engine/client'
import { ErrorCode } from '../../engine/wire/errors'

export interface SampledMember {
  readonly memberId: string
  readonly clientId: string
  readonly host: string
  readonly instanceId: string | null
  readonly subscription: readonly string[]
  readonly assignment: readonly TopicPartition[]
  readonly target: readonly TopicPartition[] | null
  readonly epoch: number | null
}

export interface SampledGroup {
  readonly groupId: string
  readonly type: string
  readonly state: string
  readonly protocolType: string
  readonly assignor: string
  readonly groupEpoch: number | null
  readonly assignmentEpoch: number | null
  readonly members: readonly SampledMember[]
  readonly committed: readonly CommittedOffset[]
  readonly coordinator: number
}

export interface GroupSample {
  readonly atMs: number
  readonly groups: ReadonlyMap<string, SampledGroup>
  readonly metadata: MetadataSnapshot
  /** Brokers that could not say which groups they coordinate, and why. */
  readonly silent: ReadonlyMap<number, string>
  /** High watermarks by partition key, of all that some group has committed or reads. */
  readonly ends: ReadonlyMap<string, FoundOffset>
}

/** Rejects only where no broker says anything at all. */
export async function sampleGroups(client: KafkaClient): Promise<GroupSample> {
  const metadata = await client.refresh()
  const listed = await listGroups(client)
  const silent = new Map<number, string>()
  const groups = new Map<string, SampledGroup>()
  await Promise.all(
    listed.map(async (answer) => {
      if (answer.groups === null) {
        silent.set(answer.broker.id, answer.problem ?? 'it does not answer')
        return
      }
      try {
        for (const group of await sampleAt(client, answer)) groups.set(group.groupId, group)
      } catch (error) {
        if (!(error instanceof ClientError)) throw error
        silent.set(answer.broker.id, error.message)
      }
    }),
  )
  const partitions = new Map<string, TopicPartition>()
  for (const group of groups.values()) for (const each of partitionsOf(group, metadata)) partitions.set(keyOf(each), each)
  const ends = await findOffsets(client, partitions.values(), { timestamp: latestOffset })
  return { atMs: client.platform.clock.nowMs(), groups, metadata, silent, ends }
}

/** All partitions of what it has committed or reads, whether there is a commit or not. */
export function partitionsOf(group: SampledGroup, metadata: MetadataSnapshot): TopicPartition[] {
  const found = new Map<string, TopicPartition>()
  const add = (each: TopicPartition) => found.set(keyOf(each), { topic: each.topic, partition: each.partition })
  for (const topic of topicsOf(group))
    for (const { partition } of metadata.topics.get(topic)?.partitions ?? []) add({ topic, partition })
  for (const each of group.committed) add(each)
  return [...found.values()].sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
}

export function topicsOf({ members, committed }: SampledGroup): string[] {
  return [
    ...new Set([
      ...committed.map(({ topic }) => topic),
      ...members.flatMap(({ subscription, assignment }) => [...subscription, ...assignment.map(({ topic }) => topic)]),
    ]),
  ].sort()
}

async function sampleAt(client: KafkaClient, { broker, groups }: BrokerGroups): Promise<SampledGroup[]> {
  const all = groups ?? []
  if (all.length === 0) return []
  const connection = client.connectionTo(broker)
  const isNew = (groupType: string) => groupType.toLowerCase() === 'consumer'
  const classicIds = all.filter(({ groupType }) => !isNew(groupType)).map(({ groupId }) => groupId)
  const newIds = all.filter(({ groupType }) => isNew(groupType)).map(({ groupId }) => groupId)
  // One after the other: they go over one connection, which answers in order anyway.
  const [classic, consumer, committed] = await Promise.all([
    describeClassicGroups(connection, classicIds),
    describeConsumerGroups(connection, newIds),
    fetchCommitted(
      connection,
      all.map(({ groupId }) => groupId),
    ),
  ])
  const found: SampledGroup[] = []
  const listed = new Map(all.map((group) => [group.groupId, group]))
  for (const group of classic) {
    if (group.errorCode !== ErrorCode.NONE) continue
    const isConsumer = group.protocolType === 'consumer'
    found.push({
      groupId: group.groupId,
      type: 'classic',
      state: group.groupState,
      protocolType: group.protocolType,
      assignor: group.protocolData,
      groupEpoch: null,
      assignmentEpoch: null,
      coordinator: broker.id,
      committed: committed.get(group.groupId) ?? [],
      members: group.members.map((member) => ({
        memberId: member.memberId,
        clientId: member.clientId,
        host: member.clientHost.replace(/^\//, ''),
        instanceId: member.groupInstanceId,
        subscription: (isConsumer ? decodeSubscription(member.memberMetadata) : null)?.topics ?? [],
        assignment: flatten((isConsumer ? decodeAssignment(member.memberAssignment) : null) ?? []),
        target: null,
        epoch: null,
      })),
    })
  }
  for (const group of consumer) {
    if (group.errorCode !== ErrorCode.NONE) continue
    const named = (list: readonly { readonly topicName: string; readonly partitions: readonly number[] }[]) =>
      flatten(list.map(({ topicName, partitions }) => ({ topic: topicName, partitions })))
    found.push({
      groupId: group.groupId,
      type: 'consumer',
      state: group.groupState,
      protocolType: listed.get(group.groupId)?.protocolType ?? 'consumer',
      assignor: group.assignorName,
      groupEpoch: group.groupEpoch,
      assignmentEpoch: group.assignmentEpoch,
      coordinator: broker.id,
      committed: committed.get(group.groupId) ?? [],
      members: group.members.map((member) => ({
        memberId: member.memberId,
        clientId: member.clientId,
        host: member.clientHost.replace(/^\//, ''),
        instanceId: member.instanceId,
        subscription: member.subscribedTopicNames,
        assignment: named(member.assignment.topicPartitions),
        target: named(member.targetAssignment.topicPartitions),
        epoch: member.memberEpoch,
      })),
    })
  }
  return found
}

/** Which partition of __consumer_offsets keeps the group: its leader is the coordinator (Kafka's Utils.abs(groupId.hashCode) % partitions). */
export function offsetsPartitionOf(groupId: string, partitionCount: number): number {
  let hash = 0
  for (let index = 0; index < groupId.length; index++) hash = (Math.imul(31, hash) + groupId.charCodeAt(index)) | 0
  return (hash & 0x7fffffff) % partitionCount
}

/** Why a group that was there is told of by nobody now, in a sentence; null: it is gone. */
export function whyUnheard(groupId: string, coordinator: number | null, { metadata, silent }: GroupSample): string | null {
  const partitions = metadata.topics.get('__consumer_offsets')?.partitions ?? []
  if (partitions.length === 0) return silent.size === 0 ? null : firstOf(silent)
  const number = offsetsPartitionOf(groupId, partitions.length)
  const leader = partitions[number]?.leader ?? -1
  if (leader === -1) {
    const replicas = (partitions[number]?.replicas ?? []).join(', ')
    return `__consumer_offsets-${number} has no leader, so nobody coordinates this group. Start one of its brokers: ${replicas}.`
  }
  const problem = silent.get(leader)
  if (problem !== undefined)
    return `Broker ${leader} coordinates it and does not answer (${shortened(problem)}). What is shown is from before.`
  // Metadata of before and a list of after: whoever coordinated it has gone in between, or has just been elected.
  return coordinator !== null && !metadata.brokers.has(coordinator)
    ? `Broker ${coordinator} coordinated it and is gone. Broker ${leader} takes over.`
    : null
}

function firstOf(silent: ReadonlyMap<number, string>): string {
  const [id, problem] = [...silent][0] ?? [0, '']
  return `Broker ${id} does not answer (${shortened(problem)}).`
}

function shortened(problem: string): string {
  const name = /^[A-Z_]+(?=:)/.exec(problem)?.[0]
  return name ?? problem.replace(/\.$/, '')
}
