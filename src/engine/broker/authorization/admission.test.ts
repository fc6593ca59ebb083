/** The table of what APIs need: that no API is missing, that nobody gets by it who may nothing, and that what is refused is told where clients look for it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AclBinding, CLUSTER_NAME, Operation, PatternType, Permission, ResourceType } from '../../security/acl/acl'
import { AclTable } from '../../security/acl/acl-table'
import { Authorizer } from '../../security/acl/authorizer'
import { ErrorCode } from '../../wire/errors'
import { ALL_APIS, findApi } from '../../wire/messages'
import type { AnyApi } from '../../wire/schema'
import { arbitraryMessage } from '../../wire/testing/arbitrary-message'
import { ZERO_UUID } from '../../wire/uuid'
import { errorResponse } from '../interception/error-response'
import type { AnyStruct } from '../interception/message-shape'
import { HandlerRegistry } from '../registry'
import { admissionOf, installAdmissions } from './admission'
import { RULES } from './rules'
import { TELLERS } from './told-operations'

const { READ, WRITE, CREATE, DESCRIBE, DELETE, ALTER, CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS, IDEMPOTENT_WRITE, ALL } =
  Operation
const { TOPIC, GROUP, CLUSTER, TRANSACTIONAL_ID } = ResourceType
const ORDERS_ID = 'BBBBBBBBBBBBBBBBBBBBBA'
const SECRET_ID = 'CCCCCCCCCCCCCCCCCCCCCA'
const NAMES = new Map([
  [ORDERS_ID, 'orders'],
  [SECRET_ID, 'secret'],
])
const sight = {
  nameOfTopic: (id: string) => NAMES.get(id),
  allTopics: () => [...NAMES.values()],
  wouldCreate: (topic: string) => topic.startsWith('new'),
}
const client = { connectionId: 1, host: '10.0.0.1', port: 1, clientId: 'test', principal: 'User:alice' }

type Loose = Record<string, unknown>
type Grant = readonly [operation: number, resourceType: number, name: string]

function authorizerOf(grants: readonly Grant[], superUsers: readonly string[] = []): Authorizer {
  const acls = new AclTable()
  for (const [operation, resourceType, name] of grants) {
    const acl: AclBinding = {
      resourceType,
      patternType: PatternType.LITERAL,
      name,
      principal: 'User:alice',
      host: '*',
      operation,
      permission: Permission.ALLOW,
    }
    acls.set(acl, [...acls.get(acl), acl])
  }
  return new Authorizer({ acls, superUsers, allowEveryoneIfNoAclFound: false })
}

const onCluster = (operation: number): Grant => [operation, CLUSTER, CLUSTER_NAME]

function admit(api: AnyApi, version: number, request: AnyStruct, authorizer: Authorizer, see = sight) {
  return admissionOf(api, RULES.get(api.key) ?? null, TELLERS.get(api.key) ?? null, authorizer, see)(request, version, client)
}

/** The whole way of a request: the handler answers what it is given with NONE, or with `handle`. */
function ask(
  key: number,
  body: AnyStruct,
  grants: readonly Grant[],
  { version = findApi(key)!.maxVersion, handle }: { version?: number; handle?: (request: AnyStruct) => AnyStruct } = {},
) {
  const api = findApi(key)!
  const request = api.request.complete(body, version) as AnyStruct
  const admitted = admit(api, version, request, authorizerOf(grants))
  const complete = (response: unknown) => api.response.complete(response, version) as Loose
  const handled = (asked: AnyStruct) => (handle ?? ((one) => errorResponse(api, version, one, ErrorCode.NONE)))(asked)
  switch (admitted.kind) {
    case 'closed':
      return { kind: admitted.kind, reason: admitted.reason, response: {} as Loose, passed: {} as Loose }
    case 'answered':
      return { kind: admitted.kind, response: complete(admitted.response), passed: {} as Loose }
    case 'as-asked':
      return { kind: admitted.kind, response: complete(handled(request)), passed: request as Loose }
    case 'in-part':
      return {
        kind: admitted.kind,
        response: complete(admitted.amend(handled(admitted.request as AnyStruct))),
        passed: admitted.request as Loose,
        closesBecause: admitted.closesBecause,
      }
  }
}

/** Each topic's errors, by its name. */
function topicErrors(topics: unknown): Record<string, unknown> {
  return Object.fromEntries(
    (topics as AnyStruct[]).map((topic) => {
      const partitions = (topic['partitions'] ?? topic['partitionResponses'] ?? topic['resultsByPartition']) as
        | AnyStruct[]
        | undefined
      const codes = partitions?.map((partition) => partition['errorCode'] ?? partition['partitionErrorCode'])
      return [String(topic['name'] ?? topic['topic'] ?? topic['topicId']), topic['errorCode'] ?? codes]
    }),
  )
}

describe('the table of rules', () => {
  it('has every API that there is a message for', () => {
    // An API that is added says what it needs in rules.ts.
    expect(ALL_APIS.filter(({ key }) => !RULES.has(key)).map(({ name }) => name)).toEqual([])
  })

  it('names fields that the requests have', () => {
    // A rule that looks for a name that is not there would let everybody by: who may nothing gets nothing but these.
    const anybodys = ['SaslHandshake', 'ApiVersions', 'SaslAuthenticate', 'DescribeCluster', 'ListGroups', 'ListTransactions']
    const open = ALL_APIS.filter((api) => {
      // Nobody has the id of zeros, which some example of Metadata would ask for.
      const version = api.name === 'Metadata' ? 8 : api.maxVersion
      const request = api.request.complete(exampleOf(api, version), version) as AnyStruct
      const admitted = admit(api, version, request, authorizerOf([]), { ...sight, nameOfTopic: () => 'secret' })
      if (admitted.kind === 'in-part') {
        const asked = admitted.request as AnyStruct
        const lists = Object.values(asked).filter((value) => Array.isArray(value)) as unknown[][]
        return lists.some((list) => list.length > 0) || anybodys.includes(api.name)
      }
      return admitted.kind === 'as-asked'
    }).map(({ name }) => name)
    expect(open.sort()).toEqual(anybodys.sort())
  })

  it('closes the connection on an API that it does not know', () => {
    const api = findApi(0)!
    const admission = admissionOf(api, null, null, authorizerOf([]), sight)
    expect(admission({}, 9, client)).toMatchObject({ kind: 'closed' })
  })

  it('costs nothing without an authorizer but for what tells of authorized operations', () => {
    const registry = new HandlerRegistry()
    for (const api of ALL_APIS) {
      const { minVersion, maxVersion } = api
      registry.register({ api: api as never, minVersion, maxVersion, handle: () => undefined })
    }
    installAdmissions(registry, null, sight)
    const asked = ALL_APIS.filter(({ key }) => registry.admissionOf(key) !== undefined).map(({ key }) => key)
    expect(asked.sort((a, b) => a - b)).toEqual([...TELLERS.keys()].filter((key) => findApi(key) !== undefined))
    installAdmissions(registry, authorizerOf([]), sight)
    expect(ALL_APIS.every(({ key }) => registry.admissionOf(key) !== undefined)).toBe(true)
  })
})

/** A request that names something in as many lists as it can. */
function exampleOf(api: AnyApi, version = api.maxVersion): AnyStruct {
  const samples = fc.sample(arbitraryMessage(api.request.fields, version, version >= api.flexibleFrom), {
    seed: 1,
    numRuns: 100,
  })
  const listCount = (message: object) => Object.values(message).filter((value) => Array.isArray(value) && value.length > 0).length
  return samples.reduce((best, message) => (listCount(message) > listCount(best) ? message : best)) as AnyStruct
}

describe.each(ALL_APIS)('$name', (api) => {
  const versions = Array.from({ length: api.maxVersion - api.minVersion + 1 }, (_, index) => api.minVersion + index)

  it.each(versions)(
    'has answers for who may nothing, and for who may everything, that can be written in version %i',
    (version) => {
      fc.assert(
        fc.property(arbitraryMessage(api.request.fields, version, version >= api.flexibleFrom), (message) => {
          const request = message as AnyStruct
          for (const authorizer of [authorizerOf([]), authorizerOf([], ['User:alice'])]) {
            const admitted = admit(api, version, request, authorizer)
            if (admitted.kind === 'answered') api.response.complete(admitted.response, version)
            if (admitted.kind !== 'in-part') continue
            const handled = errorResponse(api, version, admitted.request as AnyStruct, ErrorCode.NONE)
            api.response.complete(admitted.amend(handled), version)
          }
        }),
        { numRuns: 10 },
      )
    },
  )
})

describe('a request of which part is allowed', () => {
  const partitions = [{ index: 0, records: null }]

  it('is done for that part, and says so of the rest (Produce)', () => {
    const body = { acks: -1, timeoutMs: 1, topicData: ['orders', 'secret'].map((name) => ({ name, partitionData: partitions })) }
    const { kind, passed, response } = ask(0, body, [[WRITE, TOPIC, 'orders']], { version: 9 })
    expect(kind).toBe('in-part')
    expect((passed['topicData'] as AnyStruct[]).map(({ name }) => name)).toEqual(['orders'])
    expect(topicErrors(response['responses'])).toEqual({ orders: [0], secret: [ErrorCode.TOPIC_AUTHORIZATION_FAILED] })
  })

  it('is answered by the loss of the connection where it has no answer', () => {
    const body = (names: string[]) => ({
      acks: 0,
      timeoutMs: 1,
      topicData: names.map((name) => ({ name, partitionData: partitions })),
    })
    expect(ask(0, body(['secret']), []).kind).toBe('closed')
    expect(ask(0, body(['orders', 'secret']), [[WRITE, TOPIC, 'orders']])).toMatchObject({
      kind: 'in-part',
      closesBecause: expect.any(String),
    })
    expect(ask(0, body(['orders']), [[WRITE, TOPIC, 'orders']]).kind).toBe('as-asked')
  })

  it('needs the transactional id before any topic', () => {
    const body = { transactionalId: 't', acks: -1, timeoutMs: 1, topicData: [{ name: 'orders', partitionData: partitions }] }
    const refused = ask(0, body, [[WRITE, TOPIC, 'orders']])
    expect(topicErrors(refused.response['responses'])).toEqual({ orders: [ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED] })
    expect(
      ask(0, body, [
        [WRITE, TOPIC, 'orders'],
        [WRITE, TRANSACTIONAL_ID, 't'],
      ]).kind,
    ).toBe('as-asked')
  })

  it('reads what may be read, by name and by id, and nothing else', () => {
    const partition = { partition: 0, fetchOffset: 0, partitionMaxBytes: 1 }
    const byId = {
      maxWaitMs: 1,
      minBytes: 1,
      topics: [ORDERS_ID, SECRET_ID, ZERO_UUID].map((topicId) => ({ topicId, partitions: [partition] })),
    }
    const { passed, response } = ask(1, byId, [[READ, TOPIC, 'orders']], { version: 16 })
    expect((passed['topics'] as AnyStruct[]).map(({ topicId }) => topicId)).toEqual([ORDERS_ID, ZERO_UUID])
    expect(
      topicErrors((response['responses'] as AnyStruct[]).map(({ topicId, partitions: of }) => ({ topicId, partitions: of }))),
    ).toEqual({
      [ORDERS_ID]: [0],
      [ZERO_UUID]: [0],
      [SECRET_ID]: [ErrorCode.TOPIC_AUTHORIZATION_FAILED],
    })
    const byName = { maxWaitMs: 1, minBytes: 1, topics: [{ topic: 'secret', partitions: [partition] }] }
    expect(topicErrors(ask(1, byName, [], { version: 11 }).response['responses'])).toEqual({
      secret: [ErrorCode.TOPIC_AUTHORIZATION_FAILED],
    })
  })

  it('gives out nothing of a fetch session that was opened when more was allowed', () => {
    const body = { maxWaitMs: 1, minBytes: 1, sessionId: 5, sessionEpoch: 2, topics: [] }
    const records = Buffer.from('secret records')
    const handle = () => ({
      sessionId: 5,
      responses: [
        {
          topicId: SECRET_ID,
          partitions: [{ partitionIndex: 3, errorCode: 0, highWatermark: 9, abortedTransactions: null, records }],
        },
      ],
    })
    const { response } = ask(1, body, [[READ, TOPIC, 'orders']], { version: 16, handle })
    const [topic] = response['responses'] as { partitions: AnyStruct[] }[]
    expect(topic?.partitions).toMatchObject([
      { partitionIndex: 3, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, highWatermark: -1 },
    ])
    expect(topic?.partitions[0]?.['records']).toHaveLength(0)
  })

  it('lets only brokers replicate', () => {
    const body = {
      maxWaitMs: 1,
      minBytes: 1,
      replicaState: { replicaId: 2, replicaEpoch: 1 },
      topics: [{ topicId: ORDERS_ID, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 }] }],
    }
    const refused = ask(1, body, [[READ, TOPIC, 'orders']])
    expect(refused.kind).toBe('answered')
    expect(Object.values(topicErrors(refused.response['responses']))).toEqual([[ErrorCode.TOPIC_AUTHORIZATION_FAILED]])
    expect(ask(1, body, [onCluster(CLUSTER_ACTION)]).kind).toBe('as-asked')
    for (const key of [4, 5, 6, 7, 56])
      expect(ask(key, exampleOf(findApi(key)!), [onCluster(ALTER)]).response['errorCode']).toBe(
        ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
      )
  })
})

describe('metadata', () => {
  const brokers = [{ nodeId: 1, host: 'h', port: 1 }]
  const handle = (request: AnyStruct) => {
    const named = request['topics'] as AnyStruct[] | null
    const names =
      named === null || named.length === 0 ? (named === null ? ['orders', 'secret'] : []) : named.map(({ name }) => String(name))
    return {
      brokers,
      topics: names.map((name) => ({ errorCode: name === '' ? ErrorCode.INVALID_TOPIC_EXCEPTION : 0, name, partitions: [] })),
    }
  }
  const asked = (names: string[] | null, version = 12) => ({
    topics: names?.map((name) => ({ name })) ?? null,
    ...(version >= 8 ? { includeTopicAuthorizedOperations: true } : {}),
  })

  it('hides what may not be described, and refuses it where it is named', () => {
    const all = ask(3, asked(null), [[DESCRIBE, TOPIC, 'orders']], { handle })
    expect(topicErrors(all.response['topics'])).toEqual({ orders: 0 })
    const named = ask(3, asked(['secret', 'orders']), [[READ, TOPIC, 'orders']], { handle })
    expect(topicErrors(named.response['topics'])).toEqual({ orders: 0, secret: ErrorCode.TOPIC_AUTHORIZATION_FAILED })
    expect((named.response['topics'] as AnyStruct[]).map((topic) => topic['topicAuthorizedOperations'])).toEqual([
      (1 << READ) | (1 << DESCRIBE),
      -0x80000000,
    ])
  })

  it('asks about the topic whose id is named, whatever name stands beside it', () => {
    const both = { topics: [{ name: 'orders', topicId: SECRET_ID }] }
    const { response, passed } = ask(3, both, [[READ, TOPIC, 'orders']], { handle })
    expect(passed['topics']).toEqual([])
    expect(response['topics']).toMatchObject([{ errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED }])
  })

  it('pages through all topics that may be described, and names no other as the next (DescribeTopicPartitions)', () => {
    const body = { topics: [], responsePartitionLimit: 1, cursor: null }
    const paged = ask(75, body, [[DESCRIBE, TOPIC, 'orders']])
    expect(paged.passed['topics']).toEqual([{ name: 'orders' }])
    expect(topicErrors(paged.response['topics'])).toEqual({ orders: 0 })
    expect(ask(75, body, [])).toMatchObject({ kind: 'answered', response: { topics: [], nextCursor: null } })
    const all: Grant[] = [...NAMES.values()].map((name) => [DESCRIBE, TOPIC, name])
    expect(ask(75, body, all).passed['topics']).toEqual([])
  })

  it.each([0, 1, 12])('still names the brokers where every topic is refused, in version %i', (version) => {
    const { response, passed } = ask(3, asked(['secret'], version), [], { version, handle })
    expect(response['brokers']).toMatchObject(brokers)
    expect(topicErrors(response['topics'])).toEqual({ secret: ErrorCode.TOPIC_AUTHORIZATION_FAILED })
    expect((passed['topics'] as AnyStruct[]).some(({ name }) => name === 'secret')).toBe(false)
  })

  it('creates topics for those who may', () => {
    const grants: Grant[] = [[DESCRIBE, TOPIC, 'new']]
    const create = (more: Grant[]) => topicErrors(ask(3, asked(['new']), [...grants, ...more], { handle }).response['topics'])
    expect(create([])).toEqual({ new: ErrorCode.TOPIC_AUTHORIZATION_FAILED })
    expect(create([[CREATE, TOPIC, 'new']])).toEqual({ new: 0 })
    expect(create([onCluster(CREATE)])).toEqual({ new: 0 })
    const without = { ...asked(['new']), allowAutoTopicCreation: false }
    expect(topicErrors(ask(3, without, grants, { handle }).response['topics'])).toEqual({ new: 0 })
  })

  it('tells what there is to be allowed where nobody is asked', () => {
    const registry = new HandlerRegistry().register({
      api: findApi(60) as never,
      minVersion: 0,
      maxVersion: 1,
      handle: () => undefined,
    })
    installAdmissions(registry, null, sight)
    const admitted = registry.admissionOf(60)?.({ includeClusterAuthorizedOperations: true }, 1, client)
    expect(admitted?.kind === 'in-part' && admitted.amend({})).toEqual({ clusterAuthorizedOperations: 0x1fa0 })
    expect(registry.admissionOf(60)?.({ includeClusterAuthorizedOperations: false }, 1, client)).toEqual({ kind: 'as-asked' })
  })
})

describe('groups and transactions', () => {
  const topics = ['orders', 'secret'].map((name) => ({
    name,
    partitions: [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: null }],
  }))

  it('commits offsets of topics that may be read, in groups that may be read', () => {
    const body = { groupId: 'g', topics }
    const refused = ask(8, body, [[READ, TOPIC, 'orders']])
    expect(topicErrors(refused.response['topics'])).toEqual({
      orders: [ErrorCode.GROUP_AUTHORIZATION_FAILED],
      secret: [ErrorCode.GROUP_AUTHORIZATION_FAILED],
    })
    const part = ask(8, body, [
      [READ, TOPIC, 'orders'],
      [READ, GROUP, 'g'],
    ])
    expect(topicErrors(part.response['topics'])).toEqual({ orders: [0], secret: [ErrorCode.TOPIC_AUTHORIZATION_FAILED] })
  })

  it('fetches offsets of many groups, named and unnamed', () => {
    const body = {
      groups: [
        { groupId: 'mine', topics: ['orders', 'secret'].map((name) => ({ name, partitionIndexes: [0] })) },
        { groupId: 'all', topics: null },
        { groupId: 'theirs', topics: null },
      ],
    }
    const offset = (name: string) => ({
      name,
      partitions: [{ partitionIndex: 0, committedOffset: 7n, metadata: '', errorCode: 0 }],
    })
    const handle = (request: AnyStruct) => ({
      groups: (request['groups'] as AnyStruct[]).map(({ groupId, topics: of }) => ({
        groupId,
        topics: of === null ? ['orders', 'secret'].map(offset) : (of as AnyStruct[]).map(({ name }) => offset(String(name))),
      })),
    })
    const grants: Grant[] = [
      [DESCRIBE, GROUP, 'mine'],
      [DESCRIBE, GROUP, 'all'],
      [DESCRIBE, TOPIC, 'orders'],
    ]
    const { response } = ask(9, body, grants, { handle })
    const groups = response['groups'] as { groupId: string; errorCode: number; topics: AnyStruct[] }[]
    const byName = Object.fromEntries(groups.map(({ groupId, errorCode, topics: of }) => [groupId, [errorCode, topicErrors(of)]]))
    expect(byName['all']).toEqual([0, { orders: [0] }])
    expect(byName['theirs']?.[0]).toBe(ErrorCode.GROUP_AUTHORIZATION_FAILED)
    // With a group refused the topics of the others are judged as well.
    expect(byName['mine']).toEqual([0, { orders: [0], secret: [ErrorCode.TOPIC_AUTHORIZATION_FAILED] }])
  })

  it('shows of all groups those that may be described', () => {
    const handle = () => ({ errorCode: 0, groups: ['mine', 'theirs'].map((groupId) => ({ groupId, protocolType: 'consumer' })) })
    const shown = (grants: Grant[]) =>
      (ask(16, {}, grants, { handle }).response['groups'] as AnyStruct[]).map(({ groupId }) => groupId)
    expect(shown([])).toEqual([])
    expect(shown([[READ, GROUP, 'mine']])).toEqual(['mine'])
    expect(shown([onCluster(DESCRIBE)])).toEqual(['mine', 'theirs'])
  })

  it('looks for a coordinator of what may be described, alone and in batches', () => {
    const group = [[DESCRIBE, GROUP, 'mine']] as Grant[]
    expect(ask(10, { key: 'theirs', keyType: 0 }, group, { version: 3 }).response['errorCode']).toBe(
      ErrorCode.GROUP_AUTHORIZATION_FAILED,
    )
    expect(ask(10, { key: 'mine', keyType: 0 }, group, { version: 3 }).kind).toBe('as-asked')
    expect(ask(10, { key: 'mine', keyType: 1 }, group, { version: 3 }).response['errorCode']).toBe(
      ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    )
    const { response } = ask(10, { keyType: 0, coordinatorKeys: ['mine', 'theirs'] }, group)
    expect((response['coordinators'] as AnyStruct[]).map(({ key, errorCode }) => [key, errorCode])).toEqual([
      ['mine', 0],
      ['theirs', ErrorCode.GROUP_AUTHORIZATION_FAILED],
    ])
  })

  it('lets no member of the new protocol read what it may not describe', () => {
    const body = { groupId: 'g', memberId: 'm', memberEpoch: 0, subscribedTopicNames: ['orders', 'secret'], topicPartitions: [] }
    const grants: Grant[] = [
      [READ, GROUP, 'g'],
      [READ, TOPIC, 'orders'],
    ]
    expect(ask(68, body, grants)).toMatchObject({
      kind: 'answered',
      response: { errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED },
    })
    for (const subscribedTopicNames of [['orders'], [], null])
      expect(ask(68, { ...body, subscribedTopicNames }, grants).response['errorCode']).toBe(0)
    // By an expression that finds both he is told of one.
    const assigned = (request: AnyStruct) => ({
      ...errorResponse(findApi(68)!, 1, request, ErrorCode.NONE),
      assignment: { topicPartitions: [ORDERS_ID, SECRET_ID].map((topicId) => ({ topicId, partitions: [0, 1] })) },
    })
    const byExpression = { ...body, subscribedTopicNames: null, subscribedTopicRegex: '.*' }
    expect(ask(68, byExpression, grants, { handle: assigned }).response['assignment']).toEqual({
      topicPartitions: [{ topicId: ORDERS_ID, partitions: [0, 1] }],
    })
    const unchanged = ask(68, byExpression, grants).response['assignment']
    expect(unchanged).toBeNull()
  })

  it('shows no group whose members own what may not be described', () => {
    const MEMBER = { memberId: 'm', memberEpoch: 1, clientId: 'c', clientHost: 'h', subscribedTopicNames: [] }
    const member = (assignedTopic: string, targetTopic: string) => {
      const owns = (topicName: string) => ({ topicPartitions: [{ topicId: ZERO_UUID, topicName, partitions: [0] }] })
      return { ...MEMBER, assignment: owns(assignedTopic), targetAssignment: owns(targetTopic) }
    }
    const group = (groupId: string, ...members: AnyStruct[]) => ({
      ...{ errorCode: 0, groupId, groupState: 'Stable', groupEpoch: 1, assignmentEpoch: 1, assignorName: 'uniform', members },
    })
    const handle = () => ({
      throttleTimeMs: 0,
      groups: [
        group('open', member('orders', 'orders'), member('', 'orders')),
        group('owned', member('secret', 'orders')),
        group('target', member('orders', 'orders'), member('orders', 'secret')),
      ],
    })
    const groupIds = ['open', 'owned', 'target']
    const grants = groupIds.map((groupId): Grant => [READ, GROUP, groupId])
    const { response } = ask(69, { groupIds, includeAuthorizedOperations: false }, [...grants, [DESCRIBE, TOPIC, 'orders']], {
      handle,
    })
    expect(
      (response['groups'] as AnyStruct[]).map(({ errorCode, members }) => [errorCode, (members as unknown[]).length]),
    ).toEqual([
      [0, 2],
      [ErrorCode.TOPIC_AUTHORIZATION_FAILED, 0],
      [ErrorCode.TOPIC_AUTHORIZATION_FAILED, 0],
    ])
    expect(JSON.stringify(response)).not.toContain('secret')
  })

  it('shows a transaction without the topics that may not be described', () => {
    const topics = ['orders', 'secret'].map((topic) => ({ topic, partitions: [0] }))
    const STATE = {
      ...{ errorCode: 0, transactionalId: 't', transactionState: 'Ongoing', transactionTimeoutMs: 1, transactionStartTimeMs: 1 },
      ...{ producerId: 1n, producerEpoch: 0 },
    }
    const handle = () => ({ throttleTimeMs: 0, transactionStates: [{ ...STATE, topics }] })
    const grants: Grant[] = [
      [WRITE, TRANSACTIONAL_ID, 't'],
      [WRITE, TOPIC, 'orders'],
    ]
    const { response } = ask(65, { transactionalIds: ['t'] }, grants, { handle })
    expect(response['transactionStates']).toMatchObject([{ transactionalId: 't', topics: [{ topic: 'orders' }] }])
  })

  it('adds all topics of a transaction or none', () => {
    const body = {
      v3AndBelowTransactionalId: 't',
      v3AndBelowProducerId: 1n,
      v3AndBelowProducerEpoch: 0,
      v3AndBelowTopics: ['orders', 'secret'].map((name) => ({ name, partitions: [0] })),
    }
    const grants: Grant[] = [
      [WRITE, TRANSACTIONAL_ID, 't'],
      [WRITE, TOPIC, 'orders'],
    ]
    const { kind, response } = ask(24, body, grants, { version: 3 })
    expect(kind).toBe('answered')
    expect(topicErrors(response['resultsByTopicV3AndBelow'])).toEqual({
      orders: [ErrorCode.OPERATION_NOT_ATTEMPTED],
      secret: [ErrorCode.TOPIC_AUTHORIZATION_FAILED],
    })
    expect(ask(24, body, [...grants, [WRITE, TOPIC, 'secret']], { version: 3 }).kind).toBe('as-asked')
    expect(topicErrors(ask(24, body, [], { version: 3 }).response['resultsByTopicV3AndBelow'])).toEqual({
      orders: [ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED],
      secret: [ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED],
    })
  })

  it('gives a producer id to who may write anywhere', () => {
    const body = { transactionalId: null, transactionTimeoutMs: 1 }
    expect(ask(22, body, []).response['errorCode']).toBe(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    expect(ask(22, body, [[WRITE, TOPIC, 'orders']]).kind).toBe('as-asked')
    expect(ask(22, body, [onCluster(IDEMPOTENT_WRITE)]).kind).toBe('as-asked')
    const transactional = { ...body, transactionalId: 't' }
    expect(ask(22, transactional, [[WRITE, TOPIC, 'orders']]).response['errorCode']).toBe(
      ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    )
    expect(ask(22, transactional, [[WRITE, TRANSACTIONAL_ID, 't']]).kind).toBe('as-asked')
  })
})

describe('administration', () => {
  const newTopic = (name: string) => ({ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] })
  const created = (request: AnyStruct) => ({
    topics: (request['topics'] as AnyStruct[]).map(({ name }) => ({
      name,
      errorCode: 0,
      errorMessage: null,
      numPartitions: 3,
      replicationFactor: 1,
      configs: [],
    })),
  })

  it('creates topics for who may, and shows their configs to who may see them', () => {
    const body = { topics: ['orders', 'secret'].map(newTopic), timeoutMs: 1 }
    const { response, passed } = ask(19, body, [[CREATE, TOPIC, 'orders']], { handle: created })
    expect((passed['topics'] as AnyStruct[]).map(({ name }) => name)).toEqual(['orders'])
    expect(topicErrors(response['topics'])).toEqual({ orders: 0, secret: ErrorCode.TOPIC_AUTHORIZATION_FAILED })
    expect((response['topics'] as AnyStruct[])[0]).toMatchObject({
      topicConfigErrorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
      numPartitions: -1,
      configs: null,
    })
    const admin = ask(19, body, [onCluster(CREATE), [DESCRIBE_CONFIGS, TOPIC, '*']], { handle: created })
    expect(topicErrors(admin.response['topics'])).toEqual({ orders: 0, secret: 0 })
    expect((admin.response['topics'] as AnyStruct[])[0]).toMatchObject({ topicConfigErrorCode: 0, numPartitions: 3 })
    // Replicas that somebody places himself are no way around it.
    const placed = { topics: [{ ...newTopic('secret'), assignments: [{ partitionIndex: 0, brokerIds: [1] }] }], timeoutMs: 1 }
    expect(topicErrors(ask(19, placed, [[CREATE, TOPIC, 'orders']]).response['topics'])).toEqual({
      secret: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    })
  })

  it('deletes by name and by id what may be deleted', () => {
    const errors = (response: Loose) =>
      (response['responses'] as AnyStruct[]).map(({ name, topicId, errorCode }) => [name ?? topicId, errorCode])
    const grants: Grant[] = [[DELETE, TOPIC, 'orders']]
    expect(errors(ask(20, { topicNames: ['orders', 'secret'], timeoutMs: 1 }, grants, { version: 5 }).response)).toEqual([
      ['orders', 0],
      ['secret', ErrorCode.TOPIC_AUTHORIZATION_FAILED],
    ])
    const byId = {
      topics: [
        { name: null, topicId: ORDERS_ID },
        { name: null, topicId: SECRET_ID },
      ],
      timeoutMs: 1,
    }
    expect(errors(ask(20, byId, grants).response)).toEqual([
      [ORDERS_ID, 0],
      [SECRET_ID, ErrorCode.TOPIC_AUTHORIZATION_FAILED],
    ])
  })

  it('tells configs of topics and groups from those of brokers', () => {
    const resources = [
      [2, 'orders'],
      [2, 'secret'],
      [4, '1'],
      [32, 'group'],
    ].map(([resourceType, resourceName]) => ({ resourceType, resourceName, configurationKeys: null }))
    const errors = (response: Loose) =>
      Object.fromEntries((response['results'] as AnyStruct[]).map(({ resourceName, errorCode }) => [resourceName, errorCode]))
    expect(errors(ask(32, { resources }, [[ALTER_CONFIGS, TOPIC, 'orders']]).response)).toEqual({
      orders: 0,
      secret: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
      1: ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
      group: ErrorCode.GROUP_AUTHORIZATION_FAILED,
    })
    expect(
      errors(ask(32, { resources }, [[ALL, TOPIC, '*'], [ALL, GROUP, 'group'], onCluster(DESCRIBE_CONFIGS)]).response),
    ).toEqual({
      orders: 0,
      secret: 0,
      1: 0,
      group: 0,
    })
  })

  it('keeps ACLs and credentials for who may alter the cluster', () => {
    for (const key of [30, 31, 51]) {
      expect(ask(key, exampleOf(findApi(key)!), [onCluster(DESCRIBE)]).kind).toBe('answered')
      expect(ask(key, exampleOf(findApi(key)!), [onCluster(ALTER)]).kind).toBe('as-asked')
    }
    expect(ask(29, exampleOf(findApi(29)!), [onCluster(ALTER)]).kind).toBe('as-asked')
    expect(ask(29, exampleOf(findApi(29)!), []).response['errorCode']).toBe(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
  })
})
