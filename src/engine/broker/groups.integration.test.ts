/** Consumer groups on a real cluster, over real sockets: both protocols, and a coordinator that dies. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Admin, ClientError, KafkaClient } from '../client'
import { TestCluster } from '../testing/cluster-kit'
import { ErrorCode } from '../wire/errors'
import {
  ConsumerGroupDescribe,
  ConsumerGroupHeartbeat,
  FindCoordinator,
  Heartbeat,
  JoinGroup,
  ListGroups,
  OffsetCommit,
  OffsetFetch,
  SyncGroup,
} from '../wire/messages'
import type { Api, Encodable } from '../wire/schema'

const topic = 'orders'
const groupId = 'readers'

let cluster: TestCluster
let client: KafkaClient

beforeEach(async () => {
  cluster = await TestCluster.start(3, { configs: { 'offsets.topic.num.partitions': '3' } })
  const bootstrap = [...cluster.brokers.values()].map(({ port }) => ({ host: '127.0.0.1', port }))
  client = new KafkaClient({ platform: cluster.platform, bootstrap, clientId: 'reader' })
  await new Admin(client).createTopic({ name: topic, partitionCount: 4, replicationFactor: 3, configs: {} })
  for (const broker of cluster.brokers.values()) await cluster.until('all know the topic', () => broker.metadata.topic(topic))
})

afterEach(async () => {
  client.close()
  await cluster.close()
})

/** Asks the coordinator, whoever it is, until it answers something else than that it is not. */
async function ask<Req, Res>(
  api: Api<Req, Res>,
  body: Encodable<Req>,
  errorOf: (answer: Res) => number | undefined,
): Promise<Res> {
  return await cluster.until(`${api.name} is answered`, async () => {
    try {
      const { coordinators } = await client.askAny((connection) =>
        connection.request(FindCoordinator, { coordinatorKeys: [groupId] }),
      )
      if (coordinators[0]?.errorCode !== ErrorCode.NONE) return null
      const answer = await client.connectionTo(coordinators[0]).request(api, body, { timeoutMs: 10_000 })
      const errorCode = errorOf(answer)
      const isElsewhere =
        errorCode === ErrorCode.NOT_COORDINATOR ||
        errorCode === ErrorCode.COORDINATOR_NOT_AVAILABLE ||
        errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
      return isElsewhere ? null : answer
    } catch (error) {
      if (error instanceof ClientError) return null
      throw error
    }
  })
}

const codeOf = (answer: { readonly errorCode: number }) => answer.errorCode

async function coordinatorId(): Promise<number> {
  const { coordinators } = await client.askAny((connection) =>
    connection.request(FindCoordinator, { coordinatorKeys: [groupId] }),
  )
  return coordinators[0]!.nodeId
}

/** Offsets of partitions 0 and 1, and what they were committed with. */
async function committed() {
  const groups = [{ groupId, topics: [{ name: topic, partitionIndexes: [0, 1] }] }]
  const answer = await ask(OffsetFetch, { groups, requireStable: true }, ({ groups: [group] }) => group?.errorCode)
  return answer.groups[0]!.topics[0]!.partitions.map(({ committedOffset, metadata, committedLeaderEpoch }) => ({
    offset: Number(committedOffset),
    metadata,
    leaderEpoch: committedLeaderEpoch,
  }))
}

const offsetOf = (partitionIndex: number, offset: bigint) => ({
  partitionIndex,
  committedOffset: offset,
  committedLeaderEpoch: 3,
  committedMetadata: 'so far',
})

describe('a group of the classic protocol', () => {
  it('goes on in its generation, with its offsets, when its coordinator dies', async () => {
    const request = { groupId, sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000, protocolType: 'consumer' }
    const protocols = [{ name: 'range', metadata: Buffer.from('mine') }]
    const first = await ask(JoinGroup, { ...request, memberId: '', protocols }, codeOf)
    expect(first.errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED)
    const { memberId } = first
    const joined = await ask(JoinGroup, { ...request, memberId, protocols }, codeOf)
    expect(joined).toMatchObject({ errorCode: 0, generationId: 1, leader: memberId, members: [{ memberId }] })
    const assignments = [{ memberId, assignment: Buffer.from('all of it') }]
    const synced = await ask(SyncGroup, { groupId, generationId: 1, memberId, assignments }, codeOf)
    expect(Buffer.from(synced.assignment).toString()).toBe('all of it')
    const topics = [{ name: topic, partitions: [offsetOf(0, 7n), offsetOf(9, 1n)] }]
    const commit = await ask(
      OffsetCommit,
      { groupId, generationIdOrMemberEpoch: 1, memberId, topics },
      (answer) => answer.topics[0]?.partitions[0]?.errorCode,
    )
    expect(commit.topics[0]!.partitions.map(({ errorCode }) => errorCode)).toEqual([0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION])

    await cluster.killBroker(await coordinatorId())
    const beat = await ask(Heartbeat, { groupId, generationId: 1, memberId }, codeOf)
    expect(beat.errorCode).toBe(ErrorCode.NONE)
    expect(await committed()).toEqual([
      { offset: 7, metadata: 'so far', leaderEpoch: 3 },
      { offset: -1, metadata: '', leaderEpoch: -1 },
    ])
    const { groups } = await ask(ListGroups, { statesFilter: ['stable'], typesFilter: [] }, codeOf)
    expect(groups).toEqual([expect.objectContaining({ groupId, groupState: 'Stable', groupType: 'classic' })])
  })
})

describe('a group of the new protocol', () => {
  it('shares a topic between two, and goes on when its coordinator dies', async () => {
    const beat = (memberId: string, memberEpoch: number, owned: readonly number[] | null) => {
      const isJoining = memberEpoch === 0
      const topicId = cluster.brokers.values().next().value!.metadata.topic(topic)!.topicId
      const partitions = owned === null || owned.length === 0 ? [] : [{ topicId, partitions: [...owned] }]
      const body = {
        groupId,
        memberId,
        memberEpoch,
        rebalanceTimeoutMs: isJoining ? 30_000 : -1,
        subscribedTopicNames: isJoining ? [topic] : null,
        topicPartitions: owned === null ? null : partitions,
      }
      return ask(ConsumerGroupHeartbeat, body, codeOf)
    }
    const given = (answer: Awaited<ReturnType<typeof beat>>) => answer.assignment?.topicPartitions[0]?.partitions ?? []
    const a = await beat('a', 0, [])
    expect(given(a)).toEqual([0, 1, 2, 3])
    const b = await beat('b', 0, [])
    expect(given(b)).toEqual([])
    const left = given(await beat('a', a.memberEpoch, null))
    expect(left).toHaveLength(2)

    await cluster.killBroker(await coordinatorId())
    const settled = await beat('a', a.memberEpoch, left)
    expect(settled).toMatchObject({ errorCode: 0, memberEpoch: b.memberEpoch })
    const taken = given(await beat('b', b.memberEpoch, []))
    expect([...left, ...taken].sort()).toEqual([0, 1, 2, 3])
    const { groups } = await ask(
      ConsumerGroupDescribe,
      { groupIds: [groupId], includeAuthorizedOperations: false },
      (answer) => answer.groups[0]?.errorCode,
    )
    expect(groups[0]).toMatchObject({ groupState: 'Stable', groupEpoch: b.memberEpoch, assignorName: 'uniform' })
    expect(groups[0]!.members[0]!.assignment.topicPartitions[0]).toMatchObject({ topicName: topic })
  })

  it('reads what its expression names, internal topics as well', async () => {
    const join = (subscribedTopicRegex: string) =>
      ask(
        ConsumerGroupHeartbeat,
        { groupId, memberId: 'a', memberEpoch: 0, rebalanceTimeoutMs: 30_000, subscribedTopicRegex, topicPartitions: [] },
        codeOf,
      )
    expect((await join('(unclosed')).errorCode).toBe(ErrorCode.INVALID_REGULAR_EXPRESSION)
    const { assignment } = await join('(?i)ORDERS|__consumer_.*')
    expect(assignment?.topicPartitions.map(({ partitions }) => partitions.length).sort()).toEqual([3, 4])
  })
})
