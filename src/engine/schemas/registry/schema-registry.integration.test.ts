import { afterEach, describe, expect, it } from 'vitest'
import { TestCluster } from '../../testing/cluster-kit'
import { DeleteRecords, IncrementalAlterConfigs } from '../../wire/messages'
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
    const registry = registryOn(cluster, 6_000)
    expect(await register(registry, 's', 'First')).toBe(1)
    const { interceptor } = cluster.broker(1)
    interceptor.add({ match: { api: 'Produce', clientId: 'schema-registry' }, action: { kind: 'drop-answer' }, times: 2 })
    expect(await register(registry, 'other', 'Second')).toBe(2)
    expect(await ask(registry, 'GET', '/subjects/other/versions')).toEqual([1])
    expect(await register(registry, 'third', 'Third')).toBe(3)
  })

  it('is told as not done where it is not in the log, and cannot come any more once another is', async () => {
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
    expect(await register(registry, 'u', 'Third')).toBe(2)
    expect(await register(registry, 't', 'Second')).toBe(3)
  })
})

describe('a registry whose records were deleted under it', () => {
  it('begins anew where brokers remember batches that nobody can read', async () => {
    const cluster = await clusterOf(1)
    const before = registryOn(cluster)
    expect(await register(before, 's', 'First')).toBe(1)
    before.close()
    const connection = cluster.connect(1)
    const setPolicy = (value: string) =>
      connection.request(IncrementalAlterConfigs, {
        resources: [
          { resourceType: 2, resourceName: '_schemas', configs: [{ name: 'cleanup.policy', configOperation: 0, value }] },
        ],
        validateOnly: false,
      })
    // Of a compacted topic brokers delete none.
    await setPolicy('delete')
    const topics = [{ name: '_schemas', partitions: [{ partitionIndex: 0, offset: -1 }] }]
    await cluster.until('the records are gone', async () => {
      const answer = await connection.request(DeleteRecords, { topics, timeoutMs: 5_000 })
      return answer.topics[0]?.partitions[0]?.errorCode === 0
    })
    await setPolicy('compact')
    const after = registryOn(cluster)
    expect(await ask(after, 'GET', '/subjects')).toEqual([])
    expect(await register(after, 's', 'Second')).toBe(1)
    const beside = registryOn(cluster)
    expect(await register(beside, 't', 'Third')).toBe(2)
    expect(await register(after, 'u', 'Fourth')).toBe(3)
  })
})

describe('a deletion for good of more than brokers take in one batch', () => {
  it('is written in several, and all of it is answered', async () => {
    const cluster = await clusterOf(1)
    const registry = registryOn(cluster)
    await ask(registry, 'PUT', '/mode/s', { mode: 'IMPORT' })
    const versions = Array.from({ length: 12_000 }, (_, index) => index + 1)
    await registry.write(() => ({
      records: versions.map((version) => ({
        kind: 'schema' as const,
        subject: 's',
        version,
        value: {
          subject: 's',
          version,
          id: version,
          schemaType: 'AVRO' as const,
          references: [],
          metadata: null,
          ruleSet: null,
          schema: JSON.stringify({ type: 'enum', name: 'E', symbols: [`S${version}`] }),
          deleted: true,
        },
      })),
      answer: () => null,
    }))
    expect(await ask(registry, 'DELETE', '/subjects/s?permanent=true')).toEqual(versions)
    const fresh = registryOn(cluster)
    expect(await ask(fresh, 'GET', '/subjects?deleted=true')).toEqual([])
    expect(await ask(fresh, 'GET', '/mode/s')).toMatchObject({ error_code: 40409 })
    // The mark that was written first keeps the ids from being given again.
    expect(await register(fresh, 's', 'Next')).toBe(12_001)
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
