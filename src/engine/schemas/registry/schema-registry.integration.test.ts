import { afterEach, describe, expect, it } from 'vitest'
import { TestCluster } from '../../testing/cluster-kit'
import { handleRequest } from './rest/handle'
import { SchemaRegistry } from './schema-registry'

const clusters: TestCluster[] = []
const registries: SchemaRegistry[] = []

afterEach(async () => {
  for (const registry of registries.splice(0)) registry.close()
  for (const cluster of clusters.splice(0)) await cluster.close()
})

async function clusterOf(brokerCount: number): Promise<TestCluster> {
  const cluster = await TestCluster.start(brokerCount)
  clusters.push(cluster)
  return cluster
}

function registryOn(cluster: TestCluster, timeoutMs?: number): SchemaRegistry {
  const bootstrap = [...cluster.brokers.values()].map(({ port }) => ({ host: '127.0.0.1', port }))
  const registry = new SchemaRegistry({
    platform: cluster.platform,
    kafka: { bootstrap },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
  registries.push(registry)
  return registry
}

async function ask(registry: SchemaRegistry, method: string, target: string, body: object | null = null): Promise<unknown> {
  const bytes = body === null ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body))
  const answer = await handleRequest(registry, { method, target, headers: {}, body: bytes })
  return JSON.parse(answer.body ?? 'null')
}

const schemaOf = (name: string) => ({ schema: JSON.stringify({ type: 'record', name, fields: [] }) })

async function register(registry: SchemaRegistry, subject: string, name: string): Promise<number> {
  const answer = (await ask(registry, 'POST', `/subjects/${subject}/versions`, schemaOf(name))) as { id?: number }
  if (answer.id === undefined) throw new Error(JSON.stringify(answer))
  return answer.id
}

describe('registries on one topic', () => {
  it('give no id twice when they write at the same time, and know the same', async () => {
    const cluster = await clusterOf(1)
    const pair = [registryOn(cluster), registryOn(cluster)]
    const ids = await Promise.all(
      pair.flatMap((registry, number) =>
        Array.from({ length: 15 }, (_, index) => register(registry, `subject-${number}-${index}`, `R${number}_${index}`)),
      ),
    )
    expect(new Set(ids).size).toBe(ids.length)
    const third = registryOn(cluster)
    const all = (await ask(third, 'GET', '/schemas')) as { id: number }[]
    expect(new Set(all.map(({ id }) => id)).size).toBe(30)
    for (const registry of pair) {
      // A write reads to the end first; this one is refused and writes nothing.
      await ask(registry, 'POST', '/subjects/x/versions', { schema: '{' })
      expect(await ask(registry, 'GET', '/schemas')).toEqual(all)
    }
  })
})

describe('a write whose answer is lost', () => {
  it('is found in the log and answered as done', async () => {
    const cluster = await clusterOf(1)
    const registry = registryOn(cluster, 12_000)
    expect(await register(registry, 's', 'First')).toBe(1)
    const { interceptor } = cluster.broker(1)
    interceptor.add({ match: { api: 'Produce', clientId: 'schema-registry' }, action: { kind: 'drop-answer' }, times: 2 })
    expect(await register(registry, 'other', 'Second')).toBe(2)
    expect(await ask(registry, 'GET', '/subjects/other/versions')).toEqual([1])
    expect(await register(registry, 'third', 'Third')).toBe(3)
  })

  it('is told as not done where it is not in the log, and its id is given to nobody else', async () => {
    const cluster = await clusterOf(1)
    const registry = registryOn(cluster, 4_000)
    expect(await register(registry, 's', 'First')).toBe(1)
    const { interceptor } = cluster.broker(1)
    // Cut off before anything is done, for longer than the registry tries.
    const rule = interceptor.add({
      match: { api: 'Produce', clientId: 'schema-registry' },
      action: { kind: 'close', isDone: false },
    })
    const answer = (await ask(registry, 'POST', '/subjects/t/versions', schemaOf('Second'))) as { error_code: number }
    expect([50001, 50002]).toContain(answer.error_code)
    interceptor.remove(rule)
    expect(await ask(registry, 'GET', '/subjects/t/versions')).toMatchObject({ error_code: 40401 })
    expect(await register(registry, 'u', 'Third')).toBe(3)
    expect(await register(registry, 't', 'Second')).toBe(4)
  })
})

describe('a registry without brokers', () => {
  it('answers what it has read, fails writes with its own code, and goes on when they are back', async () => {
    const cluster = await clusterOf(1)
    const registry = registryOn(cluster, 3_000)
    expect(await register(registry, 's', 'First')).toBe(1)
    await cluster.killBroker(1)
    expect(await ask(registry, 'GET', '/schemas/ids/1')).toMatchObject({ schemaType: 'AVRO' })
    expect(await ask(registry, 'POST', '/subjects/s/versions', { schema: '"int"' })).toMatchObject({
      error_code: expect.toSatisfy((code: number) => [50001, 50002].includes(code)),
    })
    await cluster.startBroker(1)
    await expect.poll(() => register(registry, 'other', 'Second'), { timeout: 20_000 }).toBeGreaterThan(1)
  })
})
