import { afterEach, describe, expect, it } from 'vitest'
import type { ClientAccess, ConnectedClient } from '../../../shared/model/clients'
import { type Bench, createBench, settle } from '../../testing/render'
import { useTabsStore } from '../frame/tabs-store'
import ClientsList from './ClientsList.vue'
import ClientsView from './ClientsView.vue'
import { useClientsStore } from './clients-store'
import { odditiesOf } from './oddities'
import { snippetsFor } from './snippets'

const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`)
let mounted: ReturnType<Bench['render']>[] = []
afterEach(() => {
  for (const each of mounted) each.unmount()
  mounted = []
})

const plain: ClientAccess = {
  bootstrapServers: '127.0.0.1:19092,127.0.0.1:19093',
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
}
const secured: ClientAccess = {
  ...plain,
  security: {
    protocol: 'SASL_SSL',
    saslMechanism: 'SCRAM-SHA-512',
    username: 'alice',
    password: `it's "x" $HOME \\`,
    authorityFile: '/home/dev/sandbox/security/ca.pem',
    certificateFile: null,
    keyFile: null,
  },
}

describe('snippets', () => {
  it('have the addresses, the topic and the group', () => {
    for (const { produce, consume, label } of snippetsFor({ access: plain, topic: 'orders', group: 'billing' })) {
      for (const text of [produce.text, consume.text]) {
        expect(text, label).toContain('127.0.0.1:19092,127.0.0.1:19093')
        expect(text, label).toContain('orders')
        expect(text.toLowerCase(), label).not.toMatch(/sasl|undefined|null\b(?!\))/)
      }
      expect(consume.text, label).toContain('billing')
    }
  })

  it('say where the registry is, each in its way', () => {
    for (const { produce, consume, note, label } of snippetsFor({ access: plain, topic: 'orders', group: 'billing' }))
      if (label !== 'Kafka’s console tools' && label !== 'Python, kafka-python')
        expect(`${produce.text}${consume.text}${note}`, label).toContain('http://127.0.0.1:8081')
  })

  it('have what security asks for, whatever a password is made of', () => {
    for (const { id, produce, consume } of snippetsFor({ access: secured, topic: 'orders', group: 'billing' })) {
      for (const text of [produce.text, consume.text]) {
        expect(text, id).toContain('alice')
        expect(text.toUpperCase(), id).toMatch(/SCRAM-SHA-512|ASSHA512/)
        expect(text, id).toContain('ca.pem')
      }
    }
    const text = (id: string) =>
      snippetsFor({ access: secured, topic: 'orders', group: 'billing' }).find((each) => each.id === id)?.produce.text ?? ''
    expect(text('kcat')).toContain(`-X 'sasl.password=it'\\''s "x" $HOME \\'`)
    expect(text('python-confluent')).toContain(`"sasl.password": "it's \\"x\\" $HOME \\\\"`)
    expect(text('kafka-tools')).toContain(`password="it's \\"x\\" $HOME \\\\";`)
    expect(text('go')).toContain('tls.Config{RootCAs: authorities}')
  })
})

const client = (part: Partial<ConnectedClient>): ConnectedClient => ({
  id: 'x',
  kind: 'foreign',
  clientId: 'x',
  softwareName: null,
  softwareVersion: null,
  host: '127.0.0.1',
  principal: 'User:ANONYMOUS',
  sinceMs: 0,
  connections: [],
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
  errorCount: 0,
  lastError: null,
  ...part,
})
const produced = (part: Partial<ConnectedClient['produced']>) => ({ produced: { ...client({}).produced, ...part } })
const api = (name: string, maxVersion: number, perSecond = 0) => ({
  name,
  minVersion: maxVersion,
  maxVersion,
  count: 1,
  lastAtMs: 0,
  perSecond,
})
const idsOf = (part: Partial<ConnectedClient>) => odditiesOf(client(part)).map(({ id }) => id)

describe('what is odd about a client', () => {
  it('is said of what its requests show', () => {
    expect(idsOf(produced({ acks: [0, -1] }))).toEqual(['acks-0'])
    expect(idsOf(produced({ acks: [1] }))).toEqual(['not-acks-all'])
    expect(idsOf(produced({ acks: [-1], batchCount: 100, recordCount: 100, recordBytes: 1000 }))).toEqual(['tiny-batches'])
    expect(idsOf(produced({ acks: [-1], batchCount: 100, recordCount: 9000, recordBytes: 9e6, compressions: ['none'] }))).toEqual(
      ['no-compression'],
    )
    expect(idsOf({ apis: [api('Produce', 2), api('Fetch', 16)] })).toEqual(['old-versions'])
    expect(idsOf({ apis: [api('Metadata', 12, 7)] })).toEqual(['metadata-storm'])
    expect(idsOf({ errorCount: 1, lastError: { error: 'X', message: 'Y.', api: 'Fetch', atMs: 0, brokerId: 1 } })).toEqual([
      'errors',
    ])
  })

  it('is nothing while there is little to judge by, and nothing of our own', () => {
    expect(idsOf(produced({ acks: [-1], batchCount: 3, recordCount: 3, recordBytes: 900_000, compressions: ['none'] }))).toEqual(
      [],
    )
    expect(idsOf({ kind: 'workbench', ...produced({ acks: [0] }) })).toEqual([])
  })
})

describe('the view', { timeout: 30_000 }, () => {
  it('shows who is connected, and what is odd about the chosen one', async () => {
    const bench = await createBench()
    mounted = [bench.render(ClientsView, { isActive: true }), bench.render(ClientsList)]
    await settle()
    expect(find('clients-facts')?.textContent).toContain('5 programs')
    find('client-legacy-importer')?.click()
    await settle()
    expect(find('oddity-acks-0')?.textContent).toContain('acks=0')
    expect(find('client-apis')?.textContent).toContain('Produce')
    find('clients-show-broker')?.click()
    await settle()
    expect(find('client-legacy-importer')).toBeNull()
    expect(find('client-broker-1-fetcher-2')).not.toBeNull()
  })

  it('says which brokers do not answer', async () => {
    const bench = await createBench()
    bench.host.cluster.freeze(2)
    mounted = [bench.render(ClientsView, { isActive: true })]
    await settle()
    expect(find('clients-silent')?.textContent).toContain('Broker 2 does not answer')
  })

  it('copies a snippet whole, with the addresses of now', async () => {
    const bench = await createBench()
    mounted = [bench.render(ClientsView, { isActive: true }), bench.render(ClientsList)]
    find('connect-node-kafkajs')?.click()
    await settle()
    expect(useTabsStore().activeId).toBe('clients')
    expect(find('connect-produce')?.textContent).toContain('127.0.0.1:19092,127.0.0.1:19093,127.0.0.1:19094')
    bench.host.cluster.broker(3).port = 19999
    await bench.pass(250)
    await settle()
    find('connect-consume-copy')?.click()
    await settle()
    expect(bench.host.copied.at(-1)).toBe(find('connect-consume')?.textContent)
    expect(bench.host.copied.at(-1)).toContain('127.0.0.1:19999')
    expect(useClientsStore().topic).not.toBe('')
  })
})
