import { expect, it } from 'vitest'
import { type BrokerConnectionView, clientsOf } from './metrics-clients'

type Part = Omit<Partial<BrokerConnectionView>, 'activity'> & { readonly activity?: Partial<BrokerConnectionView['activity']> }

function connection(part: Part = {}): BrokerConnectionView {
  return {
    brokerId: 1,
    id: 1,
    host: '127.0.0.1',
    port: 40_000,
    clientId: 'app',
    principal: 'User:ANONYMOUS',
    softwareName: 'librdkafka',
    softwareVersion: '2.5.0',
    requestsInFlight: 0,
    listener: { name: 'PLAINTEXT', hasTls: false },
    saslMechanism: null,
    sinceMs: 1_000,
    ...part,
    activity: {
      apis: [],
      requestBytes: 0,
      responseBytes: 0,
      produced: {
        acks: [],
        compressions: [],
        isIdempotent: false,
        transactionalId: null,
        batchCount: 0,
        recordCount: 0,
        recordBytes: 0,
      },
      fetched: { recordBytes: 0, responseCount: 0, emptyCount: 0 },
      groups: [],
      topics: [],
      lastError: null,
      errorCount: 0,
      ...part.activity,
    },
  }
}

it('puts the connections of one program together, whatever broker they are to', () => {
  const produced = {
    acks: [-1],
    compressions: ['lz4' as const],
    isIdempotent: true,
    transactionalId: null,
    batchCount: 2,
    recordCount: 5,
    recordBytes: 100,
  }
  const api = { apiKey: 0, name: 'Produce', minVersion: 9, maxVersion: 9, count: 2, lastAtMs: 50, perSecond: 1 }
  const [client, ...others] = clientsOf([
    connection({
      brokerId: 2,
      port: 40_002,
      sinceMs: 3_000,
      activity: {
        produced,
        apis: [api],
        groups: ['b', 'a'],
        errorCount: 1,
        lastError: { errorCode: 6, api: 'Produce', atMs: 10 },
      },
    }),
    connection({
      brokerId: 1,
      port: 40_001,
      activity: {
        produced: { ...produced, acks: [-1, 1] },
        apis: [{ ...api, minVersion: 8, lastAtMs: 70 }],
        groups: ['a'],
        errorCount: 2,
        lastError: { errorCode: 3, api: 'Metadata', atMs: 20 },
      },
    }),
  ])
  expect(others).toEqual([])
  expect(client).toMatchObject({
    kind: 'foreign',
    sinceMs: 1_000,
    produced: { acks: [-1, 1], compressions: ['lz4'], batchCount: 4, recordCount: 10, recordBytes: 200 },
    apis: [{ name: 'Produce', minVersion: 8, maxVersion: 9, count: 4, lastAtMs: 70, perSecond: 2 }],
    groups: ['a', 'b'],
    errorCount: 3,
    lastError: { error: 'UNKNOWN_TOPIC_OR_PARTITION', api: 'Metadata', brokerId: 1 },
  })
  expect(client?.connections.map(({ brokerId, port }) => [brokerId, port])).toEqual([
    [2, 40_002],
    [1, 40_001],
  ])
})

it('keeps apart who proved to be another, came from elsewhere, or runs other software', () => {
  const others = [{ principal: 'User:alice' }, { host: '10.0.0.9' }, { softwareVersion: '2.6.0' }, { clientId: null }]
  expect(clientsOf([connection(), ...others.map((part) => connection(part))])).toHaveLength(5)
})

it('tells brokers, the registry and the window from programs', () => {
  const own = { softwareName: 'broker-workbench', softwareVersion: '0.1.0' }
  const kinds = [
    connection({ clientId: 'broker-1-fetcher-2', softwareName: null, softwareVersion: null }),
    connection({ clientId: 'broker-2-controller-to-1', softwareName: null, softwareVersion: null }),
    connection({ ...own, clientId: 'schema-registry-reader' }),
    connection({ ...own, clientId: 'broker-workbench' }),
    connection({ clientId: 'broker-monitor' }),
    connection({ clientId: 'broker-1-fetcher-2' }),
  ].map((each) => clientsOf([each])[0]?.kind)
  expect(kinds).toEqual(['broker', 'broker', 'registry', 'workbench', 'foreign', 'foreign'])
})
