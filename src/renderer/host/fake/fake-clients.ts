/** Connected programs of the fake cluster: a shop's services in several languages, some of them odd; and the brokers and the window themselves. */
import type { ClientApi, ClientConnection, ConnectedClient } from '../../../shared/model/clients'
import type { FakeCluster } from './fake-cluster'
import type { Handlers } from './fake-host'

type Name = Extract<keyof Handlers, `clients.${string}`>

interface Seed {
  readonly clientId: string
  readonly kind?: ConnectedClient['kind']
  readonly software: readonly [name: string, version: string] | null
  readonly apis: Readonly<Record<string, readonly [version: number, perSecond: number]>>
  readonly acks?: readonly number[]
  readonly compression?: string
  readonly recordsPerBatch?: number
  readonly bytesPerBatch?: number
  readonly groups?: readonly string[]
  readonly topics?: readonly string[]
  readonly error?: readonly [error: string, message: string, api: string, count: number]
  readonly aliveMs: number
  readonly connectionsPerBroker?: number
}

const hour = 3_600_000
const seeds: readonly Seed[] = [
  {
    clientId: 'checkout-service',
    software: ['apache-kafka-java', '3.9.1'],
    apis: { ApiVersions: [4, 0], Metadata: [12, 0.02], InitProducerId: [5, 0], Produce: [11, 24] },
    acks: [-1],
    compression: 'lz4',
    recordsPerBatch: 16.2,
    bytesPerBatch: 6_100,
    topics: ['orders', 'payments'],
    aliveMs: 2 * hour,
  },
  {
    clientId: 'billing-1',
    software: ['confluent-kafka-python', '2.11.1-rdkafka-2.11.1'],
    apis: {
      ApiVersions: [3, 0],
      Metadata: [12, 0.1],
      FindCoordinator: [2, 0],
      JoinGroup: [5, 0],
      SyncGroup: [3, 0],
      Heartbeat: [3, 0.33],
      Fetch: [16, 9],
      OffsetCommit: [9, 0.2],
    },
    groups: ['billing'],
    topics: ['orders', 'payments'],
    aliveMs: 1.4 * hour,
  },
  {
    clientId: 'order-projection',
    software: ['kafkajs', '2.2.4'],
    apis: {
      ApiVersions: [2, 0],
      Metadata: [6, 0.05],
      JoinGroup: [5, 0],
      Heartbeat: [3, 1],
      Fetch: [11, 12],
      OffsetCommit: [5, 41],
    },
    groups: ['order-projection'],
    topics: ['orders'],
    aliveMs: 0.6 * hour,
  },
  {
    clientId: 'legacy-importer',
    software: null,
    apis: { Metadata: [1, 6.4], Produce: [2, 31] },
    acks: [0],
    compression: 'none',
    recordsPerBatch: 1,
    bytesPerBatch: 512,
    topics: ['audit.events.v2'],
    error: ['UNKNOWN_TOPIC_OR_PARTITION', 'This server does not host this topic-partition.', 'Metadata', 214],
    aliveMs: 3.1 * hour,
    connectionsPerBroker: 4,
  },
  {
    clientId: 'rdkafka',
    software: ['librdkafka', '2.5.0'],
    apis: { ApiVersions: [3, 0], Metadata: [12, 0], Produce: [9, 3] },
    acks: [1],
    compression: 'none',
    recordsPerBatch: 190,
    bytesPerBatch: 71_000,
    topics: ['inventory.movements'],
    aliveMs: 300_000,
  },
]

const own = (brokerIds: readonly number[]): Seed[] => [
  {
    clientId: 'broker-workbench',
    kind: 'workbench',
    software: ['broker-workbench', '0.1.0'],
    apis: { ApiVersions: [3, 0], Metadata: [12, 0.2], ListOffsets: [7, 0.5], ListGroups: [4, 0.5], Fetch: [13, 0] },
    aliveMs: 2.2 * hour,
  },
  {
    clientId: 'schema-registry-reader',
    kind: 'registry',
    software: ['broker-workbench', '0.1.0'],
    apis: { ApiVersions: [3, 0], Fetch: [13, 2] },
    topics: ['_schemas'],
    aliveMs: 2.2 * hour,
  },
  ...brokerIds.map(
    (id): Seed => ({
      clientId: `broker-${id}-fetcher-${(id % brokerIds.length) + 1}`,
      kind: 'broker',
      software: ['broker-workbench', '0.1.0'],
      apis: { ApiVersions: [3, 0], Fetch: [17, 14] },
      aliveMs: 2.2 * hour,
    }),
  ),
]

export function clientsHandlers(cluster: FakeCluster, now: () => number): Pick<Handlers, Name> {
  return {
    'clients.list': () => {
      const running = cluster.brokers.filter(({ state }) => state === 'running').map(({ id }) => id)
      const all = [...(cluster.topics.size === 0 ? [] : seeds), ...own(running)]
      return {
        atMs: now(),
        clients: running.length === 0 ? [] : all.map((seed) => clientOf(seed, running, now())),
        silentBrokers: cluster.brokers.filter(({ state }) => state === 'frozen').map(({ id }) => id),
      }
    },
    'clients.access': () => ({
      bootstrapServers: cluster.brokers.map(({ port }) => `127.0.0.1:${port}`).join(','),
      registryUrl: 'http://127.0.0.1:8081',
      security: {
        protocol: 'PLAINTEXT',
        saslMechanism: null,
        username: null,
        password: null,
        authorityFile: null,
        certificateFile: null,
        keyFile: null,
      },
    }),
  }
}

function clientOf(seed: Seed, brokers: readonly number[], nowMs: number): ConnectedClient {
  const sinceMs = nowMs - (nowMs % 60_000) - seed.aliveMs
  const seconds = (nowMs - sinceMs) / 1000
  const apis = Object.entries(seed.apis).map(
    ([name, [version, perSecond]]): ClientApi => ({
      name,
      minVersion: version,
      maxVersion: version,
      count: Math.max(1, Math.floor(perSecond * seconds)),
      lastAtMs: perSecond === 0 ? sinceMs + 40 : nowMs - 120,
      perSecond,
    }),
  )
  const requestCount = apis.reduce((sum, { count }) => sum + count, 0)
  const at = seed.kind === 'broker' ? brokers.slice(0, 1) : brokers
  const connections = at.flatMap((brokerId, index) =>
    Array.from(
      { length: seed.connectionsPerBroker ?? 1 },
      (_, each): ClientConnection => ({
        brokerId,
        connectionId: index * 10 + each + 1,
        port: 40_300 + seed.clientId.length * 37 + index * 11 + each,
        listener: 'PLAINTEXT',
        hasTls: false,
        saslMechanism: null,
        sinceMs: sinceMs + index * 12,
        requestsInFlight: index === 0 && apis.some(({ name }) => name === 'Fetch') ? 1 : 0,
        requestCount: Math.floor(requestCount / at.length),
        lastRequestMs: nowMs - 120,
      }),
    ),
  )
  const produces = apis.find(({ name }) => name === 'Produce')?.count ?? 0
  const fetches = apis.find(({ name }) => name === 'Fetch')?.count ?? 0
  const [error, message, api, errorCount] = seed.error ?? []
  return {
    id: seed.clientId,
    kind: seed.kind ?? 'foreign',
    clientId: seed.clientId,
    softwareName: seed.software?.[0] ?? null,
    softwareVersion: seed.software?.[1] ?? null,
    host: '127.0.0.1',
    principal: 'User:ANONYMOUS',
    sinceMs,
    connections,
    apis: apis.sort((a, b) => b.count - a.count),
    requestBytes: requestCount * 74 + produces * (seed.bytesPerBatch ?? 0),
    responseBytes: requestCount * 68 + fetches * 5_200,
    produced: {
      acks: seed.acks ?? [],
      compressions: seed.compression === undefined ? [] : [seed.compression],
      isIdempotent: 'InitProducerId' in seed.apis,
      transactionalId: null,
      batchCount: produces,
      recordCount: Math.round(produces * (seed.recordsPerBatch ?? 0)),
      recordBytes: produces * (seed.bytesPerBatch ?? 0),
    },
    fetched: { recordBytes: fetches * 5_100, responseCount: fetches, emptyCount: Math.floor(fetches / 5) },
    groups: seed.groups ?? [],
    topics: seed.topics ?? [],
    errorCount: errorCount ?? 0,
    lastError:
      error === undefined
        ? null
        : { error, message: message ?? '', api: api ?? '', atMs: nowMs - 4_000, brokerId: brokers[0] ?? 1 },
  }
}
