/** Quotas: the arithmetic of rates, who is limited by which, and how they are kept. */
import { beforeEach, describe, expect, it } from 'vitest'
import { SteadyCoordination } from '../../controller/coordination-port'
import { FakeCoordination, FakeSession } from '../../testing/fake-coordination'
import { handle, handleAsync } from '../../testing/handler-kit'
import { RecordingLogger, StillClock } from '../../testing/storage-kit'
import { ErrorCode } from '../../wire/errors'
import { describeClientQuotasHandler } from '../handlers/48-describe-client-quotas'
import { alterClientQuotasHandler } from '../handlers/49-alter-client-quotas'
import type { ClientIdentity } from '../registry'
import { ClientQuotas } from './client-quotas'
import { mutationLimit } from './mutation-limit'
import { entityAt, entityPath, type QuotaEntity } from './quota-entity'
import { QuotaStore } from './quota-store'
import { TokenBucket } from './token-bucket'
import { WindowedRate } from './windowed-rate'

const client = (clientId: string | null, user = 'ANONYMOUS'): ClientIdentity => ({
  ...{ connectionId: 1, host: 'h', port: 1, clientId },
  principal: `User:${user}`,
})

describe('a rate', () => {
  it('takes the first samples for a whole window, and slides on', () => {
    const rate = new WindowedRate(11, 1_000)
    rate.record(10_000, 0)
    expect([rate.perSecond(0), rate.excessMs(1_000, 0)]).toEqual([1_000, 0])
    rate.record(10_000, 0)
    // Twice what the window lets through: ten seconds of silence.
    expect(rate.excessMs(1_000, 0)).toBe(10_000)
    expect(rate.perSecond(10_999)).toBeCloseTo(20_000 / 10.999)
    expect(rate.perSecond(11_000)).toBe(0)
  })

  it('asks for no longer silence than an answer can say', () => {
    const rate = new WindowedRate(11, 1_000)
    rate.record(1e8, 0)
    expect(rate.excessMs(0.001, 0)).toBe(0x7fffffff)
    const bucket = new TokenBucket(1e-6, 11, 0)
    bucket.take(10_000, 0)
    expect(bucket.debtMs(0)).toBe(0x7fffffff)
  })

  it('is what it was after something is taken back', () => {
    const rate = new WindowedRate(11, 1_000)
    rate.record(500, 0)
    rate.record(70_000, 500)
    rate.record(-70_000, 500)
    expect(rate.excessMs(1_000, 500)).toBe(0)
    rate.record(200, 1_500)
    expect(rate.perSecond(2_000) * 10).toBeCloseTo(700)
  })
})

describe('an entity', () => {
  it.each<[QuotaEntity, string]>([
    [{ user: 'alice' }, 'users/alice'],
    [{ user: null }, 'users/<default>'],
    [{ 'client-id': 'a b/*' }, 'clients/a%20b%2F%2A'],
    [{ user: 'CN=x', 'client-id': null }, 'users/CN%3Dx/clients/<default>'],
    [{ user: '<default>', 'client-id': 'c' }, 'users/%3Cdefault%3E/clients/c'],
    [{ ip: '127.0.0.1' }, 'ips/127.0.0.1'],
  ])('%j stands at %s and is found there', (entity, path) => {
    expect([entityPath(entity), entityAt(path)]).toEqual([path, entity])
  })

  it('is none where the path is another’s', () => {
    expect(['topics/a', 'users/a/b/c', 'clients/%zz', 'users'].map(entityAt)).toEqual([null, null, null, null])
  })
})

const clock = new StillClock()
let coordination: FakeCoordination
let nextSession = 1n
let store: QuotaStore
let quotas: ClientQuotas
beforeEach(async () => {
  coordination = new FakeCoordination()
  ;({ store, quotas } = newBroker())
  const session = new FakeSession(coordination, nextSession++)
  for (const path of ['/config/users', '/config/clients', '/config/ips', '/config/changes']) await session.ensurePath(path)
  await store.load()
})

function newBroker() {
  const session = new FakeSession(coordination, nextSession++)
  const made: QuotaStore = new QuotaStore({
    logger: new RecordingLogger(),
    coordination: () => new SteadyCoordination(session),
    onDidChange: () => limits.onDidChange(),
  })
  const limits: ClientQuotas = new ClientQuotas(clock, made, () => ({ count: 11, seconds: 1 }))
  return { store: made, quotas: limits }
}

const set = (entity: QuotaEntity, key: string, value: number | null) => store.alter(entity, new Map([[key, value]]))
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a client', () => {
  it('is limited by the most particular quota, as Kafka orders them', async () => {
    const entities: QuotaEntity[] = [
      { 'client-id': null },
      { 'client-id': 'app' },
      { user: null },
      { user: null, 'client-id': null },
      { user: null, 'client-id': 'app' },
      { user: 'alice' },
      { user: 'alice', 'client-id': null },
      { user: 'alice', 'client-id': 'app' },
    ]
    for (const [index, entity] of entities.entries()) {
      await set(entity, 'consumer_byte_rate', (index + 1) * 100)
      expect(quotas.fetchBytesMax(client('app', 'alice')), JSON.stringify(entity)).toBe((index + 1) * 1_000)
    }
    expect(quotas.fetchBytesMax(client('other', 'bob'))).toBe(4_000)
    expect(quotas.fetchBytesMax(client('broker-1-fetcher-2'))).toBe(Number.POSITIVE_INFINITY)
    const broker = { ...client('anything'), principal: 'Broker:broker' }
    expect(quotas.fetchBytesMax(broker)).toBe(Number.POSITIVE_INFINITY)
    // A user does not become a broker by what his client calls itself.
    expect(quotas.fetchBytesMax(client('broker-1-fetcher-2', 'bob'))).toBe(4_000)
  })

  it('that sends too much is to be silent until its rate is right again, alone or with who shares the quota', async () => {
    expect([quotas.countsRequests, quotas.onRequest(0, client('app'), 1e9)]).toEqual([false, 0])
    await set({ user: 'alice' }, 'producer_byte_rate', 1_000)
    expect(quotas.countsRequests).toBe(true)
    expect(quotas.onRequest(0, client('one', 'alice'), 10_000)).toBe(0)
    expect(quotas.onRequest(0, client('two', 'alice'), 5_000)).toBe(5_000)
    expect(quotas.onRequest(3, client('two', 'alice'), 5_000)).toBe(0)
    expect(quotas.onRequest(0, client('two', 'bob'), 1e9)).toBe(0)
    clock.advance(11_000)
    expect(quotas.onRequest(0, client('one', 'alice'), 100)).toBe(0)
    await set({ user: 'alice' }, 'producer_byte_rate', null)
    expect([quotas.countsRequests, store.isEmpty]).toEqual([false, true])
  })

  it('that has read enough gets nothing, which is not counted, but one batch that is too large it gets', async () => {
    await set({ 'client-id': 'app' }, 'consumer_byte_rate', 1_000)
    expect(quotas.onFetch(client('app'), 50_000)).toBe(0)
    expect(quotas.onFetch(client('app'), 1_000)).toBe(41_000)
    expect(quotas.onFetch(client('app'), 1_000)).toBe(41_000)
    clock.advance(11_000)
    expect(quotas.onFetch(client('app'), 10_000)).toBe(0)
  })

  it('that keeps the broker busy for more than its share is silenced, for a window at the longest', async () => {
    await set({ 'client-id': null }, 'request_percentage', 5)
    expect(quotas.onHandled(3, client('busy'), 500)).toBe(0)
    expect(quotas.onHandled(3, client('busy'), 10)).toBe(200)
    expect(quotas.onHandled(3, client('busy'), 100_000)).toBe(11_000)
    expect(quotas.onHandled(6, client('busy'), 100_000)).toBe(0)
  })

  it('that connects too often is let in again when the rate of its address is right', async () => {
    await set({ ip: null }, 'connection_creation_rate', 1)
    await set({ ip: '10.0.0.1' }, 'connection_creation_rate', 1_000)
    const waits = Array.from({ length: 12 }, () => quotas.onConnection('127.0.0.1'))
    expect(waits.filter((wait) => wait === 0)).toHaveLength(10)
    expect([waits.at(-1), quotas.onConnection('10.0.0.1')]).toEqual([1_000, 0])
    clock.advance(11_000)
    expect(quotas.onConnection('127.0.0.1')).toBe(0)
  })

  it('that changes too much is refused, or silenced where it cannot know the error', async () => {
    await set({ user: null }, 'controller_mutation_rate', 2)
    const context = { client: client('app'), throttle: (ms: number) => throttles.push(ms) }
    const throttles: number[] = []
    const strict = mutationLimit(quotas, context, true)
    expect([strict.refusalOf(20), strict.refusalOf(6), strict.refusalOf(1)?.errorCode]).toEqual([
      null,
      null,
      ErrorCode.THROTTLING_QUOTA_EXCEEDED,
    ])
    expect(throttles).toEqual([2_000])
    expect(mutationLimit(quotas, context, false).refusalOf(1)).toBe(null)
    expect(throttles).toEqual([2_000, 2_500])
    clock.advance(2_500)
    expect(strict.refusalOf(1)).toBe(null)
  })
})

describe('the store', () => {
  it('is followed by other brokers, and read by those that start later', async () => {
    const other = newBroker()
    await other.store.load()
    await set({ user: 'alice', 'client-id': 'app' }, 'producer_byte_rate', 7)
    await settled()
    const late = newBroker()
    await late.store.load()
    for (const broker of [other, late]) {
      expect([...(broker.store.find({ user: 'alice', 'client-id': 'app' }) ?? [])]).toEqual([['producer_byte_rate', 7]])
      expect(broker.quotas.countsRequests).toBe(true)
    }
  })

  it('leaves the passwords of a user alone', async () => {
    const session = new FakeSession(coordination, nextSession++)
    const config = { 'SCRAM-SHA-256': 'salt=x' }
    await session.create('/config/users/alice', JSON.stringify({ version: 1, config }))
    await set({ user: 'alice' }, 'request_percentage', 50)
    const read = async () => JSON.parse(Buffer.from((await session.getData('/config/users/alice'))!.data).toString()).config
    expect(await read()).toEqual({ ...config, request_percentage: '50.0' })
    await set({ user: 'alice' }, 'request_percentage', null)
    expect(await read()).toEqual(config)
  })
})

describe('AlterClientQuotas', () => {
  const alter = (
    entity: { entityType: string; entityName: string | null }[],
    key = 'producer_byte_rate',
    value = 5,
    extra = {},
  ) =>
    handleAsync(alterClientQuotasHandler({ quotaStore: store, logger: new RecordingLogger() }), {
      entries: [{ entity, ops: [{ key, value, remove: false }] }],
      validateOnly: false,
      ...extra,
    }).then(({ entries }) => entries[0]!)
  const alice = { entityType: 'user', entityName: 'alice' }

  it('sets, and with validateOnly only judges', async () => {
    expect(await alter([alice], 'producer_byte_rate', 5, { validateOnly: true })).toMatchObject({ errorCode: 0, entity: [alice] })
    expect(store.isEmpty).toBe(true)
    expect(await alter([alice])).toMatchObject({ errorCode: 0, errorMessage: null })
    expect(store.find({ user: 'alice' })?.get('producer_byte_rate')).toBe(5)
  })

  it.each([
    [[], 'producer_byte_rate', 1, 'Invalid empty client quota entity'],
    [[alice, alice], 'producer_byte_rate', 1, 'Duplicate user in the entity'],
    [[{ entityType: 'group', entityName: 'g' }], 'producer_byte_rate', 1, 'Unhandled client quota entity type: group'],
    [[{ entityType: 'user', entityName: '' }], 'producer_byte_rate', 1, 'Empty user not supported'],
    [
      [alice, { entityType: 'ip', entityName: '::1' }],
      'connection_creation_rate',
      1,
      'Invalid quota entity combination, IP entity should not be combined with User or ClientId',
    ],
    [[alice], 'connection_creation_rate', 1, 'Invalid configuration key connection_creation_rate'],
    [[alice], 'producer_byte_rate', 1.5, 'Configuration producer_byte_rate must be a Long value'],
    [[alice], 'request_percentage', 0, 'Quota request_percentage must be greater than 0'],
  ])('refuses %j with %s = %d', async (entity, key, value, errorMessage) => {
    expect(await alter(entity, key, value)).toMatchObject({ errorCode: ErrorCode.INVALID_REQUEST, errorMessage })
    expect(store.isEmpty).toBe(true)
  })
})

describe('DescribeClientQuotas', () => {
  const names = (components: { entityType: string; matchType: number; match: string | null }[], strict = false) => {
    const { response } = handle(describeClientQuotasHandler({ quotaStore: store }), { components, strict })
    return (
      response!.entries?.map(({ entity }) => entity.map(({ entityType, entityName }) => `${entityType}=${entityName}`).join()) ??
      response!.errorCode
    )
  }

  it('finds by name, by default and by kind, strictly or not', async () => {
    for (const entity of [
      { user: 'alice' },
      { user: null },
      { user: 'alice', 'client-id': 'app' },
      { 'client-id': 'app' },
    ] satisfies QuotaEntity[])
      await set(entity, 'producer_byte_rate', 5)
    expect(names([])).toHaveLength(4)
    expect(names([{ entityType: 'user', matchType: 0, match: 'alice' }])).toEqual(['user=alice', 'user=alice,client-id=app'])
    expect(names([{ entityType: 'user', matchType: 0, match: 'alice' }], true)).toEqual(['user=alice'])
    expect(names([{ entityType: 'user', matchType: 1, match: null }])).toEqual(['user=null'])
    expect(names([{ entityType: 'client-id', matchType: 2, match: null }])).toEqual(['user=alice,client-id=app', 'client-id=app'])
  })

  it('refuses a filter that makes no sense', () => {
    expect(names([{ entityType: 'group', matchType: 2, match: null }])).toBe(ErrorCode.UNSUPPORTED_VERSION)
    expect(names([{ entityType: 'user', matchType: 0, match: null }])).toBe(ErrorCode.INVALID_REQUEST)
    expect(names(['user', 'ip'].map((entityType) => ({ entityType, matchType: 2, match: null })))).toBe(ErrorCode.INVALID_REQUEST)
  })
})
