/** Handlers that answer from what the broker knows, each with the rules of its versions. */
import { describe, expect, it } from 'vitest'
import type { Controller } from '../../controller/controller'
import { FakeReplicas, handle, handleAsync, metadataOf, noQuotas, ORDERS_ID } from '../../testing/handler-kit'
import { RecordingLogger } from '../../testing/storage-kit'
import { ErrorCode } from '../../wire/errors'
import { UpdateMetadata } from '../../wire/messages'
import { ZERO_UUID } from '../../wire/uuid'
import { ConfigStore } from '../config-store'
import { listOffsetsHandler } from './02-list-offsets'
import { metadataHandler } from './03-metadata'
import { findCoordinatorHandler } from './10-find-coordinator'
import { createTopicsHandler } from './19-create-topics'
import { deleteTopicsHandler } from './20-delete-topics'
import { offsetForLeaderEpochHandler } from './23-offset-for-leader-epoch'
import { describeConfigsHandler } from './32-describe-configs'
import { electLeadersHandler } from './43-elect-leaders'
import { incrementalAlterConfigsHandler } from './44-incremental-alter-configs'
import { describeClusterHandler } from './60-describe-cluster'
import { describeTopicPartitionsHandler } from './75-describe-topic-partitions'

const OTHER_ID = 'CCCCCCCCCCCCCCCCCCCCCA'

function configsOf(staticConfigs: Record<string, string> = {}): ConfigStore {
  const coordination = () => {
    throw new Error('these tests do not write')
  }
  const nothing = () => undefined
  return new ConfigStore({
    brokerId: 1,
    staticConfigs,
    logger: new RecordingLogger(),
    coordination,
    onDidChange: nothing,
    onDidAlter: nothing,
  })
}

/** A controller that remembers what it was asked, and does all of it. */
function controllerOf(isActive: boolean) {
  const asked: unknown[] = []
  const controller = {
    isActive,
    createTopics: (topics: readonly { name: string; partitionCount: number; replicationFactor: number }[]) => {
      asked.push(...topics)
      return Promise.resolve(
        topics.map(({ name }) => ({
          name,
          errorCode: 0,
          errorMessage: null,
          topicId: OTHER_ID,
          partitionCount: 2,
          replicationFactor: 3,
        })),
      )
    },
    deleteTopics: (names: readonly string[]) => {
      asked.push(...names)
      return Promise.resolve(names.map((name) => ({ name, topicId: ORDERS_ID, errorCode: 0, errorMessage: null })))
    },
    electLeaders: (type: string, partitions: unknown) => {
      asked.push(type, partitions)
      return Promise.resolve([
        { topic: 'orders', partition: 0, errorCode: 0, errorMessage: null },
        { topic: 'orders', partition: 1, errorCode: ErrorCode.ELECTION_NOT_NEEDED, errorMessage: 'no need' },
      ])
    },
  }
  return { asked, controller: controller as unknown as Controller }
}

describe('Metadata', () => {
  const autoCreated: string[] = []
  const handlerOf = (autoCreate = false, leader = 1) => {
    const configs = configsOf({ 'auto.create.topics.enable': String(autoCreate) })
    return metadataHandler({
      metadata: metadataOf(leader),
      clusterId: 'cluster',
      configs,
      autoCreateTopic: (name) => autoCreated.push(name),
    })
  }
  const names = (topics: null | { name: string }[], version: number) =>
    handle(handlerOf(), { topics }, version).response!.topics.map(({ name }) => name)

  it('takes an empty list for all topics in version 0 and for none later, where null is all', () => {
    expect([names([], 0), names([], 1), names(null, 1)]).toEqual([['orders'], [], ['orders']])
  })

  it('finds a topic by its id, and says so of an id that nobody has', () => {
    const topics = [
      { topicId: ORDERS_ID, name: null },
      // As Java's Admin asks.
      { topicId: ORDERS_ID, name: '' },
      { topicId: OTHER_ID, name: null },
    ]
    expect(handle(handlerOf(), { topics }, 12).response!.topics).toMatchObject([
      { errorCode: ErrorCode.NONE, name: 'orders', topicId: ORDERS_ID },
      { errorCode: ErrorCode.NONE, name: 'orders', topicId: ORDERS_ID },
      { errorCode: ErrorCode.UNKNOWN_TOPIC_ID, name: null, topicId: OTHER_ID },
    ])
  })

  it('gives no leader that is not there, but its epoch', () => {
    const [topic] = handle(handlerOf(false, 9), { topics: null }, 12).response!.topics
    expect(topic!.partitions).toMatchObject([
      { errorCode: ErrorCode.LEADER_NOT_AVAILABLE, leaderId: -1, leaderEpoch: 7, offlineReplicas: [] },
    ])
  })

  it('creates what is missing only where the broker and the request allow it', () => {
    const ask = (autoCreate: boolean, allowAutoTopicCreation: boolean, name: string) =>
      handle(handlerOf(autoCreate), { topics: [{ name }], allowAutoTopicCreation }, 4).response!.topics[0]!.errorCode
    expect([ask(false, true, 'a'), ask(true, false, 'b'), ask(true, true, 'c'), ask(true, true, 'd/e')]).toEqual([
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      ErrorCode.LEADER_NOT_AVAILABLE,
      ErrorCode.INVALID_TOPIC_EXCEPTION,
    ])
    expect(autoCreated).toEqual(['c'])
  })
})

describe('ListOffsets', () => {
  const ask = (timestamp: number, version: number) => {
    const topics = [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp }] }]
    return handle(
      listOffsetsHandler({ replicas: new FakeReplicas(), metadata: metadataOf(1) }),
      { replicaId: -1, topics },
      version,
    ).response!.topics[0]!.partitions[0]!
  }
  it('knows each special time from the version on that has it', () => {
    expect([ask(-3, 6), ask(-3, 7), ask(-4, 7), ask(-4, 8), ask(-5, 9), ask(-6, 9)].map(({ errorCode }) => errorCode)).toEqual([
      ErrorCode.UNSUPPORTED_VERSION,
      ErrorCode.NONE,
      ErrorCode.UNSUPPORTED_VERSION,
      ErrorCode.NONE,
      ErrorCode.NONE,
      ErrorCode.UNSUPPORTED_VERSION,
    ])
    expect([ask(-4, 8).timestamp, ask(-5, 9).offset]).toEqual([-2, -1])
  })
  it('answers version 0 with a list', () => expect(ask(-1, 0).oldStyleOffsets).toEqual([5]))
})

it('OffsetForLeaderEpoch answers where the epoch ended', () => {
  const handler = offsetForLeaderEpochHandler({ replicas: new FakeReplicas(), metadata: metadataOf(1) })
  const topics = [{ topic: 'orders', partitions: [{ partition: 0, leaderEpoch: 4 }] }]
  expect(handle(handler, { topics }, 2).response!.topics[0]!.partitions).toMatchObject([
    { partition: 0, leaderEpoch: 3, endOffset: 42 },
  ])
})

describe('FindCoordinator', () => {
  function servicesOf(leader: number) {
    const asked: string[] = []
    const metadata = metadataOf(leader)
    const coordinators = { brokerOf: () => metadata.broker(leader) ?? null }
    return { asked, services: { metadata, coordinators, autoCreateTopic: (name: string) => void asked.push(name) } }
  }

  it('has the topic made that coordinators live on, and lets the client ask again', () => {
    const { asked, services } = servicesOf(1)
    const handler = findCoordinatorHandler(services)
    expect(handle(handler, { key: 'group' }, 3).response).toMatchObject({
      errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE,
      nodeId: -1,
    })
    handle(handler, { keyType: 1, coordinatorKeys: ['transaction'] }, 6)
    expect(asked).toEqual(['__consumer_offsets', '__transaction_state'])
  })

  it('answers each of many keys', () => {
    const { services } = servicesOf(2)
    const partitionStates = [
      { partitionIndex: 0, controllerEpoch: 1, leader: 2, leaderEpoch: 1, isr: [2], zkVersion: 0, replicas: [2] },
    ]
    services.metadata.update(
      UpdateMetadata.request.complete(
        {
          controllerId: 1,
          controllerEpoch: 1,
          topicStates: [{ topicName: '__consumer_offsets', topicId: OTHER_ID, partitionStates }],
          liveBrokers: [
            { id: 2, rack: null, endpoints: [{ port: 9002, host: 'localhost', listener: 'PLAINTEXT', securityProtocol: 0 }] },
          ],
        },
        8,
      ),
    )
    const { coordinators } = handle(findCoordinatorHandler(services), { coordinatorKeys: ['a', 'b'] }, 6).response!
    expect(coordinators).toMatchObject([
      { key: 'a', errorCode: 0, nodeId: 2, host: 'localhost', port: 9002 },
      { key: 'b', errorCode: 0, nodeId: 2 },
    ])
  })

  it('knows no share groups, and no other kinds', () => {
    const { services } = servicesOf(1)
    const errorOf = (keyType: number) =>
      handle(findCoordinatorHandler(services), { keyType, coordinatorKeys: ['a'] }, 6).response!.coordinators[0]!.errorCode
    expect(errorOf(2)).toBe(ErrorCode.UNSUPPORTED_VERSION)
    expect(errorOf(7)).toBe(ErrorCode.INVALID_REQUEST)
  })
})

describe('CreateTopics', () => {
  const topic = {
    name: 'new',
    numPartitions: -1,
    replicationFactor: -1,
    assignments: [],
    configs: [{ name: 'retention.ms', value: '5' }],
  }
  it('fills in the defaults, and tells what came out', async () => {
    const { asked, controller } = controllerOf(true)
    const configs = configsOf({ 'num.partitions': '2', 'default.replication.factor': '3' })
    const { topics } = await handleAsync(createTopicsHandler({ controller, configs, quotas: noQuotas() }), { topics: [topic] })
    expect(asked).toMatchObject([
      { name: 'new', partitionCount: 2, replicationFactor: 3, assignments: null, configs: { 'retention.ms': '5' } },
    ])
    expect(topics).toMatchObject([
      { name: 'new', topicId: OTHER_ID, errorCode: ErrorCode.NONE, numPartitions: 2, replicationFactor: 3 },
    ])
    expect(topics[0]!.configs).toContainEqual({
      name: 'retention.ms',
      value: '5',
      readOnly: false,
      configSource: 1,
      isSensitive: false,
    })
  })
  it('leaves the counts open for whoever places the replicas himself, which is refused beside counts', async () => {
    const { asked, controller } = controllerOf(true)
    const handler = createTopicsHandler({ controller, configs: configsOf(), quotas: noQuotas() })
    const placed = { ...topic, assignments: [{ partitionIndex: 0, brokerIds: [2, 1] }] }
    await handleAsync(handler, { topics: [placed] })
    expect(asked).toMatchObject([
      { partitionCount: -1, replicationFactor: -1, assignments: [{ partition: 0, brokerIds: [2, 1] }] },
    ])
    const both = await handleAsync(handler, { topics: [{ ...placed, numPartitions: 1 }] })
    expect(both.topics).toMatchObject([{ errorCode: ErrorCode.INVALID_REQUEST }])
  })
  it('refuses the same name twice, and everything where another broker is the controller', async () => {
    const { asked, controller } = controllerOf(true)
    const twice = await handleAsync(createTopicsHandler({ controller, configs: configsOf(), quotas: noQuotas() }), {
      topics: [topic, topic],
    })
    expect(twice.topics).toMatchObject([{ name: 'new', errorCode: ErrorCode.INVALID_REQUEST }])
    const elsewhere = await handleAsync(
      createTopicsHandler({ controller: controllerOf(false).controller, configs: configsOf(), quotas: noQuotas() }),
      { topics: [topic] },
    )
    expect(elsewhere.topics).toMatchObject([{ errorCode: ErrorCode.NOT_CONTROLLER }])
    expect(asked).toEqual([])
  })
})

it('DeleteTopics takes names or ids, and says which were none', async () => {
  const { asked, controller } = controllerOf(true)
  const topics = [
    { name: null, topicId: ORDERS_ID },
    { name: null, topicId: OTHER_ID },
    { name: 'both', topicId: OTHER_ID },
    { name: null, topicId: ZERO_UUID },
  ]
  const { responses } = await handleAsync(deleteTopicsHandler({ controller, metadata: metadataOf(1), quotas: noQuotas() }), {
    topics,
    timeoutMs: 1,
  })
  expect(asked).toEqual(['orders'])
  expect(responses.map(({ name, errorCode }) => [name, errorCode])).toEqual([
    ['orders', ErrorCode.NONE],
    [null, ErrorCode.UNKNOWN_TOPIC_ID],
    ['both', ErrorCode.INVALID_REQUEST],
    [null, ErrorCode.INVALID_REQUEST],
  ])
})

it('ElectLeaders asks for all partitions with null, and groups the answers by topic', async () => {
  const { asked, controller } = controllerOf(true)
  const { replicaElectionResults } = await handleAsync(electLeadersHandler({ controller }), {
    electionType: 1,
    topicPartitions: null,
  })
  expect(asked).toEqual(['unclean', null])
  expect(replicaElectionResults).toMatchObject([
    { topic: 'orders', partitionResult: [{ partitionId: 0 }, { partitionId: 1, errorMessage: 'no need' }] },
  ])
})

describe('configs', () => {
  const services = () => ({
    metadata: metadataOf(1),
    configs: configsOf({ 'log.retention.ms': '77' }),
    brokerId: 1,
    logger: new RecordingLogger(),
  })
  const describeOne = (resourceType: number, resourceName: string, keys: string[] | null = null) =>
    handle(describeConfigsHandler(services()), {
      resources: [{ resourceType, resourceName, configurationKeys: keys }],
      includeSynonyms: true,
      includeDocumentation: true,
    }).response!.results[0]!

  it('are described with their source, type, documentation and synonyms', () => {
    const [retention] = describeOne(2, 'orders', ['retention.ms']).configs
    expect(retention).toMatchObject({ value: '77', configSource: 4, configType: 5, readOnly: false })
    expect(retention!.synonyms.map(({ name, value, source }) => [name, value, source])).toEqual([
      ['log.retention.ms', '77', 4],
      ['log.retention.ms', '604800000', 5],
    ])
    expect(retention!.documentation).toMatch(/How long records are kept/)
  })

  it('of a topic are all there, of a broker its own only', () => {
    expect(describeOne(2, 'orders').configs.length).toBeGreaterThan(30)
    expect(describeOne(2, 'missing').errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect(describeOne(4, '1', ['log.retention.ms']).configs).toMatchObject([{ value: '77' }])
    expect([describeOne(4, '2').errorCode, describeOne(4, 'x').errorCode, describeOne(9, 'x').errorCode]).toEqual(
      Array(3).fill(ErrorCode.INVALID_REQUEST),
    )
  })

  it('of a group are those of its broker, where it sets none', () => {
    const [session] = describeOne(32, 'group', ['consumer.session.timeout.ms']).configs
    expect(session).toMatchObject({ value: '45000', configSource: 5, readOnly: false, synonyms: [{ value: '45000', source: 5 }] })
    expect(session!.synonyms[0]!.name).toBe('group.consumer.session.timeout.ms')
    expect(describeOne(32, 'group').configs).toHaveLength(2)
  })

  it('are judged before they are changed', async () => {
    const alter = async (
      name: string,
      configOperation: number,
      value: string | null,
      resourceType = 2,
      resourceName = 'orders',
    ) => {
      const resources = [{ resourceType, resourceName, configs: [{ name, configOperation, value }] }]
      const { responses } = await handleAsync(incrementalAlterConfigsHandler(services()), { resources, validateOnly: true })
      return responses[0]!.errorCode
    }
    expect(await alter('retention.ms', 0, '5')).toBe(ErrorCode.NONE)
    expect(await alter('cleanup.policy', 2, 'compact')).toBe(ErrorCode.NONE)
    expect(await alter('cleanup.policy', 2, 'burn')).toBe(ErrorCode.INVALID_CONFIG)
    expect(await alter('retention.ms', 2, '5')).toBe(ErrorCode.INVALID_CONFIG)
    expect(await alter('retention.ms', 0, null)).toBe(ErrorCode.INVALID_REQUEST)
    expect(await alter('retention.ms', 7, '5')).toBe(ErrorCode.INVALID_REQUEST)
    expect(await alter('nonsense', 1, null)).toBe(ErrorCode.NONE)
    expect(await alter('log.retention.ms', 0, '5', 4, '1')).toBe(ErrorCode.NONE)
    expect(await alter('broker.id', 0, '5', 4, '1')).toBe(ErrorCode.INVALID_CONFIG)
    expect(await alter('log.retention.ms', 0, '5', 4, '2')).toBe(ErrorCode.INVALID_REQUEST)
    expect(await alter('consumer.session.timeout.ms', 0, '50000', 32, 'no group yet')).toBe(ErrorCode.NONE)
    expect(await alter('consumer.session.timeout.ms', 0, '1000', 32, 'group')).toBe(ErrorCode.INVALID_CONFIG)
    expect(await alter('retention.ms', 0, '5', 32, 'group')).toBe(ErrorCode.INVALID_CONFIG)
    expect(await alter('consumer.session.timeout.ms', 0, '50000', 32, '')).toBe(ErrorCode.INVALID_REQUEST)
  })
})

it('DescribeCluster tells of brokers, and that there are no other controllers to ask for', () => {
  const handler = describeClusterHandler({ metadata: metadataOf(1), clusterId: 'cluster' })
  expect(handle(handler, { includeClusterAuthorizedOperations: false }).response).toMatchObject({
    errorCode: ErrorCode.NONE,
    clusterId: 'cluster',
    controllerId: 1,
  })
  expect(
    handle(handler, { includeClusterAuthorizedOperations: false }).response!.brokers.map(({ brokerId }) => brokerId),
  ).toEqual([1, 2, 3])
  expect(handle(handler, { includeClusterAuthorizedOperations: false, endpointType: 2 }).response!.errorCode).toBe(
    ErrorCode.MISMATCHED_ENDPOINT_TYPE,
  )
})

it('DescribeTopicPartitions gives a page at a time, and where the next begins', () => {
  const metadata = metadataOf(1)
  const handler = describeTopicPartitionsHandler({ metadata })
  const whole = handle(handler, { topics: [{ name: 'orders' }, { name: 'missing' }] }).response!
  expect(whole.topics.map(({ name, errorCode, partitions }) => [name, errorCode, partitions.length])).toEqual([
    ['missing', ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 0],
    ['orders', ErrorCode.NONE, 1],
  ])
  expect(whole.nextCursor).toBe(null)
  // Java's Admin.describeTopics reads both lists without looking.
  expect(whole.topics[1]!.partitions[0]).toMatchObject({ eligibleLeaderReplicas: [], lastKnownElr: [] })
  const behind = handle(handler, { topics: [], cursor: { topicName: 'orders', partitionIndex: 1 } }).response!
  expect(behind.topics[0]!.partitions).toEqual([])
})
