import { beforeEach, describe, expect, it } from 'vitest'
import { SteadyCoordination } from '../controller/coordination-port'
import { FakeCoordination, FakeSession } from '../testing/fake-coordination'
import { RecordingLogger } from '../testing/storage-kit'
import { ALL_BROKERS, type ConfigEntity, ConfigSource, ConfigStore } from './config-store'
import { topicConfigTable } from './topic-configs'

const ORDERS: ConfigEntity = { type: 'topics', name: 'orders' }

let coordination: FakeCoordination
let changes: string[]
let nextSessionId = 1n
beforeEach(async () => {
  coordination = new FakeCoordination()
  const session = new FakeSession(coordination, nextSessionId++)
  for (const path of ['/config/topics', '/config/brokers', '/config/groups', '/config/changes']) await session.ensurePath(path)
  changes = []
})

function newStore(staticConfigs: Record<string, string> = {}): ConfigStore {
  const session = new FakeSession(coordination, nextSessionId++)
  return new ConfigStore({
    brokerId: 1,
    staticConfigs,
    logger: new RecordingLogger(),
    coordination: () => new SteadyCoordination(session),
    onDidChange: ({ name }) => changes.push(name),
    onDidAlter: () => undefined,
  })
}

const set = (name: string, value: string) => (current: ReadonlyMap<string, string>) => new Map([...current, [name, value]])
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('ConfigStore', () => {
  it('answers a topic’s own value, else its broker’s, else Kafka’s', async () => {
    const store = newStore({ 'log.retention.ms': '5000' })
    await store.load()
    expect(store.topicValue('orders', 'retention.ms')).toBe('5000')
    expect(store.topicValue('orders', 'retention.bytes')).toBe('-1')
    await store.alter({ type: 'brokers', name: ALL_BROKERS }, set('log.retention.ms', '6000'))
    await store.alter({ type: 'brokers', name: '1' }, set('log.retention.ms', '7000'))
    await store.alter(ORDERS, set('retention.ms', '8000'))
    expect(store.topicChain('orders', topicConfigTable.get('retention.ms')!)).toEqual([
      { name: 'retention.ms', value: '8000', source: ConfigSource.DYNAMIC_TOPIC_CONFIG },
      { name: 'log.retention.ms', value: '7000', source: ConfigSource.DYNAMIC_BROKER_CONFIG },
      { name: 'log.retention.ms', value: '6000', source: ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG },
      { name: 'log.retention.ms', value: '5000', source: ConfigSource.STATIC_BROKER_CONFIG },
      { name: 'log.retention.ms', value: '604800000', source: ConfigSource.DEFAULT_CONFIG },
    ])
  })

  it('reads values as they were judged, whatever their case and the blanks around them', async () => {
    const store = newStore({ 'delete.topic.enable': ' TRUE' })
    await store.load()
    await store.alter(ORDERS, set('compression.type', ' zstd '))
    await store.alter({ type: 'brokers', name: '1' }, set('auto.create.topics.enable', 'True '))
    expect(store.topicValue('orders', 'compression.type')).toBe('zstd')
    expect(store.effectiveTopicConfigs('orders').get('compression.type')).toBe('zstd')
    expect(['delete.topic.enable', 'auto.create.topics.enable'].map((name) => store.brokerValue(name))).toEqual(['true', 'true'])
  })

  it('hears what another broker has changed', async () => {
    const [here, there] = [newStore(), newStore()]
    await Promise.all([here.load(), there.load()])
    expect(here.minInSyncReplicas('orders')).toBe(1)
    await there.alter(ORDERS, set('min.insync.replicas', '2'))
    await settled()
    expect(here.minInSyncReplicas('orders')).toBe(2)
    await there.alter(ORDERS, () => new Map())
    await settled()
    expect(here.minInSyncReplicas('orders')).toBe(1)
    expect(changes).toEqual(['orders', 'orders', 'orders', 'orders'])
  })

  it('keeps what groups set, whatever they are called, and has the brokers’ values for the rest', async () => {
    const [here, there] = [newStore(), newStore()]
    await Promise.all([here.load(), there.load()])
    const name = '../größe %2F'
    await here.alter({ type: 'groups', name }, set('consumer.session.timeout.ms', '50000'))
    await settled()
    const late = newStore()
    await late.load()
    for (const store of [here, there, late]) {
      expect(store.groupNumber(name, 'consumer.session.timeout.ms')).toBe(50_000)
      expect(store.groupNumber('other', 'consumer.session.timeout.ms')).toBe(45_000)
    }
  })

  it('loses no change of two that come together', async () => {
    const [here, there] = [newStore(), newStore()]
    await Promise.all([here.load(), there.load()])
    await here.alter(ORDERS, set('retention.ms', '1'))
    await Promise.all([here.alter(ORDERS, set('retention.ms', '2')), there.alter(ORDERS, set('retention.bytes', '3'))])
    await settled()
    for (const store of [here, there])
      expect(Object.fromEntries(store.overridesOf(ORDERS))).toEqual({ 'retention.ms': '2', 'retention.bytes': '3' })
  })

  it('reads everything at its start, and writes nothing that was refused', async () => {
    const writer = newStore()
    await writer.load()
    await writer.alter(ORDERS, set('retention.ms', '1'))
    const late = newStore()
    await late.load()
    expect(late.topicValue('orders', 'retention.ms')).toBe('1')
    expect([late.isKnown(ORDERS), late.isKnown({ type: 'topics', name: 'other' })]).toEqual([true, false])
    const refuse = () => {
      throw new Error('no')
    }
    await expect(late.alter(ORDERS, refuse)).rejects.toThrow('no')
    expect(late.topicValue('orders', 'retention.ms')).toBe('1')
  })
})
