/** Beside registries of Confluent's, which are played here by what they do to the brokers: a member of their group, with their protocol's bytes. */
import { afterEach, expect, it } from 'vitest'
import type { BrokerConnection } from '../../client'
import { TestCluster } from '../../testing/cluster-kit'
import { ErrorCode } from '../../wire/errors'
import { FindCoordinator, JoinGroup, LeaveGroup, SyncGroup } from '../../wire/messages'
import { handleRequest } from './rest/handle'
import type { RestRequest, RestResponse } from './rest/request'
import { SchemaRegistry } from './schema-registry'

let cluster: TestCluster | null = null
let registry: SchemaRegistry | null = null

afterEach(async () => {
  registry?.close()
  await cluster?.close()
})

const groupId = 'schema-registry'
const identity = { version: 1, host: '127.0.0.1', port: 8085, master_eligibility: true, scheme: 'http' }
const bytes = (value: object) => Buffer.from(JSON.stringify(value))

interface Member {
  readonly memberId: string
  readonly generationId: number
}

/** Until it is alone in a group that waits for its assignment. */
async function join(connection: BrokerConnection, running: TestCluster): Promise<Member> {
  let memberId = ''
  return running.until('the member is in the group', async () => {
    await connection.request(FindCoordinator, { key: groupId, keyType: 0 }, { version: 3 })
    const answer = await connection.request(
      JoinGroup,
      {
        groupId,
        sessionTimeoutMs: 10_000,
        rebalanceTimeoutMs: 10_000,
        memberId,
        protocolType: 'sr',
        protocols: [{ name: 'v0', metadata: bytes(identity) }],
      },
      { timeoutMs: 20_000 },
    )
    if (answer.errorCode === ErrorCode.MEMBER_ID_REQUIRED) memberId = answer.memberId
    return answer.errorCode === ErrorCode.NONE && { memberId: answer.memberId, generationId: answer.generationId }
  })
}

async function assign(
  connection: BrokerConnection,
  { memberId, generationId }: Member,
  assignment = bytes({ version: 1, error: 0, master: memberId, master_identity: identity }),
): Promise<void> {
  const answer = await connection.request(SyncGroup, {
    groupId,
    generationId,
    memberId,
    protocolType: 'sr',
    protocolName: 'v0',
    assignments: [{ memberId, assignment }],
  })
  expect(answer.errorCode).toBe(ErrorCode.NONE)
}

it('has its writes done by the registry that Confluent’s have elected, and does them itself when there is none any more', async () => {
  const running = await TestCluster.start(1)
  cluster = running
  const forwarded: { url: string; target: string }[] = []
  let isReachable = true
  const asked = new SchemaRegistry({
    platform: running.platform,
    kafka: { bootstrap: [{ host: '127.0.0.1', port: running.broker(1).port }] },
    forward: async (url: string, { target }: RestRequest): Promise<RestResponse> => {
      if (!isReachable) throw new Error('connection refused')
      forwarded.push({ url, target })
      return { status: 200, contentType: 'application/json', body: '{"id":700}' }
    },
  })
  registry = asked
  const ask = async (method: string, target: string, body: object | null = null, headers: Record<string, string> = {}) => {
    const answer = await handleRequest(asked, { method, target, headers, body: body === null ? Buffer.alloc(0) : bytes(body) })
    return JSON.parse(answer.body ?? 'null') as unknown
  }
  const register = (headers: Record<string, string> = {}) => ask('POST', '/subjects/a%2Fb/versions', { schema: '"int"' }, headers)

  // Nobody else: no group is looked for with a request that would make its topic.
  expect(await register()).toMatchObject({ id: 1, version: 1 })
  expect((await running.topic('__consumer_offsets')).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)

  const connection = running.connect(1)
  const member = await join(connection, running)
  // Elected a moment later: whoever writes meanwhile waits for it.
  await running.until('the group is seen', () => new Promise<true>((resolve) => setTimeout(() => resolve(true), 600)))
  const waiting = register()
  await assign(connection, member)
  expect(await waiting).toEqual({ id: 700 })
  expect(forwarded).toEqual([{ url: 'http://127.0.0.1:8085', target: '/subjects/a%2Fb/versions' }])

  // What only reads is answered here, and what was forwarded already goes no further.
  expect(await ask('POST', '/subjects/a%2Fb', { schema: '"int"' })).toMatchObject({ id: 1 })
  expect(await register({ 'x-forward': 'true' })).toMatchObject({ id: 1 })
  isReachable = false
  expect(await register()).toMatchObject({ error_code: 50003, message: expect.stringContaining('http://127.0.0.1:8085') })
  expect(forwarded).toHaveLength(1)

  await connection.request(LeaveGroup, { groupId, members: [{ memberId: member.memberId }] }, { version: 3 })
  await running.until('it writes itself', async () => {
    const answer = (await ask('POST', '/subjects/own/versions', { schema: '"long"' })) as { id?: number }
    return answer.id === 2
  })

  // Anybody can join a group of that name: an assignment that nobody can read holds up no write.
  const stranger = await join(connection, running)
  await assign(connection, stranger, Buffer.from('none of Confluent’s'))
  await running.until('the group is seen', () => new Promise<true>((resolve) => setTimeout(() => resolve(true), 600)))
  expect(await ask('POST', '/subjects/other/versions', { schema: '"string"' })).toMatchObject({ id: 3 })
})
