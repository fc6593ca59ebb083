import { afterEach, describe, expect, it } from 'vitest'
import { handleRegistryRequest, SchemaRegistry } from '../engine'
import { Admin, PartitionConsumer } from '../engine/client'
import { createNodePlatform } from '../engine/platform/node'
import { decodeRecords } from '../engine/wire/records'
import { HostKit } from './testing/host-kit'
import { RegistryClient } from './testing/registry-client'

const kits: HostKit[] = []

function kitWith(...parameters: ConstructorParameters<typeof HostKit>): HostKit {
  const [overrides = {}, directory = null] = parameters
  const kit = new HostKit({ registry: { port: 0 }, ...overrides }, directory)
  kits.push(kit)
  return kit
}

afterEach(async () => {
  for (const kit of kits.splice(0)) await kit.dispose()
})

const clientOf = (kit: HostKit) => new RegistryClient(kit.cluster.registryUrl ?? '')

describe('the schema registry of a cluster', () => {
  it('makes its topic with the first schema: compacted, with three replicas', async () => {
    const kit = kitWith()
    await kit.start()
    const client = clientOf(kit)
    expect(await client.get('/subjects')).toEqual([])
    expect(kit.cluster.topics()).toEqual([])
    expect(await client.register('s', '"int"')).toMatchObject({ id: 1, version: 1 })
    const topic = await kit.until('_schemas is in the view', () => kit.cluster.topics().find(({ name }) => name === '_schemas'))
    expect(topic).toMatchObject({ partitionCount: 1, replicationFactor: 3, cleanupPolicy: 'compact' })
    await kit.until('the view counts the subject', () => kit.view().registry?.subjectCount === 1)
    const event = await kit.until('the timeline tells', () => kit.event('schema-registered'))
    expect(event).toMatchObject({ kind: 'cause', actor: 'client', title: 'Schema registered', detail: 's v1, id 1' })
  })

  it('knows the same after its own death and after that of the whole cluster', async () => {
    const kit = kitWith()
    const cluster = await kit.start()
    await clientOf(kit).register('s', '"int"')
    await clientOf(kit).register('s', '"long"')
    await cluster.killRegistry()
    expect(kit.view().registry).toMatchObject({ state: 'killed', url: null })
    await cluster.startRegistry()
    expect(await clientOf(kit).get('/subjects/s/versions')).toEqual([1, 2])
    expect(kit.event('registry-restarted')).toBeDefined()
    await kit.stop()
    await kit.start()
    expect(await clientOf(kit).get('/schemas/ids/2')).toMatchObject({ schema: '"long"' })
  })

  it('reaches brokers of which clients have to prove who they are, past ACLs that let nobody in', async () => {
    const kit = kitWith({
      brokerCount: 1,
      security: {
        protocol: 'SASL_SSL',
        users: [{ name: 'ann', password: 'a' }],
        usesAcls: true,
        superUsers: ['ann'],
      },
    })
    await kit.start()
    expect(await clientOf(kit).register('s', '"int"')).toMatchObject({ id: 1 })
  })

  it('refuses a topic that would lose schemas with time, says why, and takes it once it is mended', async () => {
    const kit = kitWith({ brokerCount: 1 })
    await kit.start()
    await kit.createTopic('_schemas', 2, 1)
    const client = clientOf(kit)
    const refusal = await client.refusal('POST', '/subjects/s/versions', { schema: '"int"' })
    expect(refusal).toMatchObject({ error_code: 50001, message: expect.stringContaining('2 partitions') })
    await kit.until('the view tells', () => kit.view().registry?.problem?.includes('2 partitions'))
    await new Admin(kit.client).deleteTopic('_schemas')
    expect(await client.register('s', '"int"')).toMatchObject({ id: 1 })
  })

  it('says at once why its topic cannot be used where that was there before it', async () => {
    const kit = kitWith({ brokerCount: 1 })
    const cluster = await kit.start()
    await kit.createTopic('_schemas', 2, 1)
    await cluster.killRegistry()
    await cluster.startRegistry()
    const client = clientOf(kit)
    const refused = { error_code: 50001, message: expect.stringContaining('2 partitions') }
    expect(await client.refusal('GET', '/subjects')).toMatchObject(refused)
    expect(await client.refusal('POST', '/subjects/s/versions', { schema: '"int"' })).toMatchObject(refused)
    await new Admin(kit.client).deleteTopic('_schemas')
    expect(await client.register('s', '"int"')).toMatchObject({ id: 1 })
  })

  it('reads from the beginning again where its topic was deleted', async () => {
    const kit = kitWith({ brokerCount: 1 })
    await kit.start()
    const client = clientOf(kit)
    await client.register('s', '"int"')
    await kit.until('the view counts the subject', () => kit.view().registry?.subjectCount === 1)
    await new Admin(kit.client).deleteTopic('_schemas')
    await kit.until(
      'nothing is known any more',
      () => kit.view().registry?.subjectCount === 0 && kit.view().registry?.revision === 0,
    )
    expect(await client.register('other', '"string"')).toMatchObject({ id: 1 })
  })

  it('gives no id twice and loses nothing that it acknowledged while two of three brokers die in turn', {
    timeout: 120_000,
  }, async () => {
    const kit = kitWith()
    const cluster = await kit.start()
    const url = cluster.registryUrl ?? ''
    const acknowledged: { subject: string; version: number; id: number; schema: string }[] = []
    let isOver = false
    const failures: unknown[] = []
    const clients = [0, 1, 2, 3].map(async (number) => {
      const client = new RegistryClient(url)
      for (let round = 0; !isOver; round++) {
        const subject = `subject-${number}-${round % 3}`
        const fields = [{ name: `f${number}_${round}`, type: 'int', default: 0 }]
        const schema = JSON.stringify({ type: 'record', name: 'R', fields })
        try {
          const { id, version } = await client.register(subject, schema)
          acknowledged.push({ subject, version, id, schema })
        } catch (error) {
          failures.push(error)
        }
      }
    })
    const hasRegistered = (count: number) => {
      const goal = acknowledged.length + count
      return waitFor(() => acknowledged.length >= goal)
    }
    await hasRegistered(8)
    for (const pair of [
      [1, 2],
      [3, 1],
    ] as const) {
      for (const brokerId of pair) await cluster.killBroker(brokerId)
      await hasRegistered(4)
      for (const brokerId of pair) await cluster.startBroker(brokerId)
      await kit.untilWhole()
      await hasRegistered(4)
    }
    isOver = true
    await Promise.all(clients)

    // Only brokers may be at fault, and then the registry says so with its own codes.
    for (const failure of failures) expect(String(failure)).toMatch(/5000[12]/)
    await cluster.killRegistry()
    await cluster.startRegistry()
    const fresh = new RegistryClient(url)
    const schemasOfId = new Map<number, Set<string>>()
    for (const { subject, version, id, schema } of acknowledged) {
      expect(await fresh.get(`/subjects/${subject}/versions/${version}`)).toMatchObject({ id, schema })
      schemasOfId.set(id, new Set([...(schemasOfId.get(id) ?? []), schema]))
    }
    for (const [id, schemas] of schemasOfId) expect([...schemas], `the schemas of id ${id}`).toHaveLength(1)
    // And in the log itself, where nothing is ignored.
    for (const [id, schemas] of await schemasInLog(kit))
      expect([...schemas], `the schemas of id ${id} in the log`).toHaveLength(1)
  })
})

interface Registered {
  readonly subject: string
  readonly version: number
  readonly id: number
  readonly schema: string
}

describe('a second registry on the topic of a cluster’s', () => {
  it('takes nothing from it and loses nothing to it while registries and brokers are killed', { timeout: 120_000 }, async () => {
    const kit = kitWith()
    const cluster = await kit.start()
    const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
    const bootstrap = cluster.bootstrapServers
      .split(',')
      .map((address) => ({ host: '127.0.0.1', port: Number(address.split(':')[1]) }))
    const second = new SchemaRegistry({ platform: createNodePlatform({ logger: silent }), kafka: { bootstrap } })
    try {
      const acknowledged: Registered[] = []
      let isOver = false
      const schemaOf = (name: string) =>
        JSON.stringify({ type: 'record', name: 'R', fields: [{ name, type: 'int', default: 0 }] })
      const steadily = async (name: string, register: (subject: string, schema: string) => Promise<Registered | null>) => {
        for (let round = 0; !isOver; round++) {
          const registered = await register(`s-${round % 2}`, schemaOf(`${name}_${round}`)).catch(() => null)
          if (registered !== null) acknowledged.push(registered)
          // A registry that is down refuses at once.
          else await new Promise((resolve) => setTimeout(resolve, 50))
        }
      }
      const overHttp = async (subject: string, schema: string): Promise<Registered> => {
        const answer = await clientOf(kit).register(subject, schema)
        return { subject, schema, id: answer.id, version: answer.version }
      }
      const inProcess = async (subject: string, schema: string): Promise<Registered | null> => {
        const target = `/subjects/${subject}/versions`
        const body = Buffer.from(JSON.stringify({ schema }))
        const answer = await handleRegistryRequest(second, { method: 'POST', target, headers: {}, body })
        return answer.status === 200
          ? { subject, schema, ...(JSON.parse(answer.body ?? '') as { id: number; version: number }) }
          : null
      }
      const clients = [steadily('a', overHttp), steadily('b', overHttp), steadily('c', inProcess), steadily('d', inProcess)]
      const hasRegistered = (count: number) => {
        const goal = acknowledged.length + count
        return waitFor(() => acknowledged.length >= goal)
      }
      await hasRegistered(12)
      await cluster.killRegistry()
      await hasRegistered(4)
      await cluster.startRegistry()
      const leader = kit.partition('_schemas').leader ?? 1
      await cluster.killBroker(leader)
      await hasRegistered(8)
      await cluster.startBroker(leader)
      await hasRegistered(8)
      await cluster.killRegistry()
      await cluster.startRegistry()
      await hasRegistered(8)
      isOver = true
      await Promise.all(clients)
      const fresh = clientOf(kit)
      const byVersion = new Map<string, string>()
      const byId = new Map<number, string>()
      for (const { subject, version, id, schema } of acknowledged) {
        expect(await fresh.get(`/subjects/${subject}/versions/${version}`)).toMatchObject({ id, schema })
        expect(byVersion.get(`${subject} ${version}`) ?? schema).toBe(schema)
        expect(byId.get(id) ?? schema).toBe(schema)
        byVersion.set(`${subject} ${version}`, schema)
        byId.set(id, schema)
      }
    } finally {
      second.close()
    }
  })
})

async function waitFor(condition: () => boolean): Promise<void> {
  for (const until = Date.now() + 60_000; !condition(); ) {
    if (Date.now() > until) throw new Error('not within a minute: the registrations that were waited for')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function schemasInLog(kit: HostKit): Promise<Map<number, Set<string>>> {
  const found = new Map<number, Set<string>>()
  await kit.client.metadata(['_schemas'])
  const consumer = new PartitionConsumer({
    client: kit.client,
    topic: '_schemas',
    positions: new Map([[0, 0]]),
    onBatch: (_partition, batch) => {
      for (const { key, value } of decodeRecords(batch)) {
        if (
          value === null ||
          !Buffer.from(key ?? [])
            .toString()
            .includes('"SCHEMA"')
        )
          continue
        const { id, schema } = JSON.parse(Buffer.from(value).toString()) as { id: number; schema: string }
        found.set(id, new Set([...(found.get(id) ?? []), schema]))
      }
      return true
    },
    onCaughtUp: () => consumer.stop(),
    onTrouble: () => undefined,
    onFailed: () => consumer.stop(),
  })
  await consumer.run()
  expect(found.size).toBeGreaterThan(0)
  return found
}
