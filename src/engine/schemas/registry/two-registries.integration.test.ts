/** Two registries that write to one topic at the same time, one of them held up, cut off or ended in the middle: what was acknowledged stays. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Connection, Platform } from '../../platform'
import { TestCluster } from '../../testing/cluster-kit'
import { handleRequest } from './rest/handle'
import { SchemaRegistry } from './schema-registry'

const clusters: TestCluster[] = []
const registries: SchemaRegistry[] = []

afterEach(async () => {
  for (const registry of registries.splice(0)) registry.close()
  for (const cluster of clusters.splice(0)) await cluster.close()
})

async function oneBroker(): Promise<TestCluster> {
  const cluster = await TestCluster.start(1)
  clusters.push(cluster)
  return cluster
}

function registryOn(cluster: TestCluster, options: { platform?: Platform; timeoutMs?: number } = {}): SchemaRegistry {
  const bootstrap = [{ host: '127.0.0.1', port: cluster.broker(1).port }]
  const registry = new SchemaRegistry({ platform: cluster.platform, kafka: { bootstrap }, ...options })
  registries.push(registry)
  return registry
}

interface Acknowledged {
  readonly subject: string
  readonly id: number
  readonly version: number
  readonly schema: string
}

interface Refused {
  readonly error_code: number
}

async function ask(registry: SchemaRegistry, method: string, target: string, body: object | null = null): Promise<unknown> {
  const bytes = body === null ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body))
  const answer = await handleRequest(registry, { method, target, headers: {}, body: bytes })
  return JSON.parse(answer.body ?? 'null')
}

/** One that goes with every other: nothing is refused but for the brokers. */
const schemaOf = (field: string) =>
  JSON.stringify({ type: 'record', name: 'R', fields: [{ name: field, type: 'int', default: 0 }] })

async function tryToRegister(registry: SchemaRegistry, subject: string, field: string): Promise<Acknowledged | Refused> {
  const schema = schemaOf(field)
  const answer = (await ask(registry, 'POST', `/subjects/${subject}/versions`, { schema })) as Refused | Acknowledged
  return 'error_code' in answer ? answer : { subject, id: answer.id, version: answer.version, schema }
}

async function register(registry: SchemaRegistry, subject: string, field: string): Promise<Acknowledged> {
  const answer = await tryToRegister(registry, subject, field)
  if ('error_code' in answer) throw new Error(JSON.stringify(answer))
  return answer
}

/** Of all that was acknowledged: each is where it was said to be, no version is of two schemas, and no id. */
async function expectToStand(cluster: TestCluster, acknowledged: readonly Acknowledged[]): Promise<void> {
  const fresh = registryOn(cluster)
  for (const { subject, version, id, schema } of acknowledged)
    expect(await ask(fresh, 'GET', `/subjects/${subject}/versions/${version}`)).toMatchObject({ id, version, schema })
  const schemasOf = (key: (of: Acknowledged) => string) => {
    const found = new Map<string, Set<string>>()
    for (const each of acknowledged) found.set(key(each), (found.get(key(each)) ?? new Set()).add(each.schema))
    return [...found.values()].map(({ size }) => size)
  }
  expect(Math.max(...schemasOf(({ subject, version }) => `${subject} ${version}`))).toBe(1)
  expect(Math.max(...schemasOf(({ id }) => String(id)))).toBe(1)
}

/** A network on which what a registry writes can be held up, as on a machine that stands still, and let come late. */
class HoldingPlatform {
  readonly platform: Platform
  isHolding = false
  private readonly held: Buffer[] = []
  private readonly waiting: (() => void)[] = []

  constructor(
    private readonly real: Platform,
    private readonly port: number,
  ) {
    const { network } = real
    this.platform = {
      ...real,
      network: {
        listen: (options, onConnection) => network.listen(options, onConnection),
        connect: (options, handler) => this.holding(network.connect(options, handler)),
      },
    }
  }

  /** Resolves when something is held. */
  whenHeld(): Promise<void> {
    return this.held.length > 0 ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve))
  }

  /** What was held arrives now, each on a connection of its own; resolves when the broker has answered. */
  async letArrive(): Promise<void> {
    this.isHolding = false
    for (const frame of this.held.splice(0)) await this.send(frame)
  }

  private send(frame: Buffer): Promise<void> {
    return new Promise((resolve) => {
      const into = Buffer.alloc(1 << 16)
      const connection = this.real.network.connect(
        { host: '127.0.0.1', port: this.port, timeoutMs: 5_000 },
        {
          onConnect: () => void connection.write([frame]),
          receiveBuffer: () => into,
          onData: () => connection.destroy(),
          onClose: () => resolve(),
        },
      )
    })
  }

  private holding(connection: Connection): Connection {
    return new Proxy(connection, {
      get: (target, name) => {
        if (name === 'write')
          return (parts: readonly Uint8Array[], onFlushed?: () => void): boolean => {
            const frame = Buffer.concat(parts)
            // Behind the length stands the key of the API: 0 is Produce.
            if (!this.isHolding || frame.readInt16BE(4) !== 0) return target.write(parts, onFlushed)
            this.held.push(frame)
            for (const resolve of this.waiting.splice(0)) resolve()
            onFlushed?.()
            return true
          }
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }
}

describe('two registries that write to one topic', () => {
  it('lose nothing that they acknowledged under the same subjects at the same moment', async () => {
    const cluster = await oneBroker()
    const pair = [registryOn(cluster), registryOn(cluster)]
    const acknowledged = await Promise.all(
      pair.flatMap((registry, number) =>
        Array.from({ length: 24 }, (_, index) => register(registry, `s-${index % 3}`, `f${number}_${index}`)),
      ),
    )
    expect(acknowledged).toHaveLength(48)
    await expectToStand(cluster, acknowledged)
  })

  it('give one number to one schema where both register the same', async () => {
    const cluster = await oneBroker()
    const pair = [registryOn(cluster), registryOn(cluster)]
    for (let round = 0; round < 8; round++) {
      const [one, other] = await Promise.all(pair.map((registry) => register(registry, 's', `f${round}`)))
      expect(one).toEqual(other)
      expect(one?.version).toBe(round + 1)
    }
  })

  it('do not write what was decided before the other wrote, however late it comes', async () => {
    const cluster = await oneBroker()
    const holding = new HoldingPlatform(cluster.platform, cluster.broker(1).port)
    const slow = registryOn(cluster, { platform: holding.platform, timeoutMs: 6_000 })
    const quick = registryOn(cluster)
    const first = await register(slow, 's', 'first')
    holding.isHolding = true
    const late = register(slow, 's', 'late')
    await holding.whenHeld()
    // More than the five batches by which a broker knows again what it was sent.
    const meanwhile: Acknowledged[] = []
    for (let index = 0; index < 7; index++) meanwhile.push(await register(quick, 's', `quick${index}`))
    await holding.letArrive()
    const all = [first, ...meanwhile, await late]
    expect(all.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    await expectToStand(cluster, all)
  })

  it('never find in the log what one of them has given up, once the other has written', async () => {
    const cluster = await oneBroker()
    const holding = new HoldingPlatform(cluster.platform, cluster.broker(1).port)
    const slow = registryOn(cluster, { platform: holding.platform, timeoutMs: 1_500 })
    const quick = registryOn(cluster)
    const first = await register(slow, 's', 'first')
    holding.isHolding = true
    expect(await tryToRegister(slow, 's', 'given_up')).toMatchObject({ error_code: 50002 })
    const second = await register(quick, 's', 'second')
    await holding.letArrive()
    const third = await register(slow, 's', 'third')
    expect([second.version, third.version]).toEqual([2, 3])
    await expectToStand(cluster, [first, second, third])
    expect(await ask(quick, 'GET', '/subjects/s/versions')).toEqual([1, 2, 3])
  })

  it('lose nothing where one ends in the middle, again and again', async () => {
    const cluster = await oneBroker()
    const lasting = registryOn(cluster)
    const acknowledged: Acknowledged[] = []
    let isOver = false
    const steadily = (async () => {
      for (let index = 0; !isOver; index++) acknowledged.push(await register(lasting, 's', `lasting${index}`))
    })()
    for (let life = 0; life < 5; life++) {
      const mortal = registryOn(cluster, { timeoutMs: 5_000 })
      const writes = Array.from({ length: 6 }, (_, index) => tryToRegister(mortal, 's', `mortal${life}_${index}`))
      // Behind its first acknowledgement the others are under way.
      await Promise.race(writes)
      mortal.close()
      for (const answer of await Promise.all(writes)) if (!('error_code' in answer)) acknowledged.push(answer)
    }
    isOver = true
    await steadily
    expect(acknowledged.length).toBeGreaterThan(5)
    await expectToStand(cluster, acknowledged)
  }, 90_000)
})
