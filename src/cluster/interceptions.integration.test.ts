/** Rules of interception of a cluster with real workers: where they strike, what is counted, and that they outlive a broker. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { InterceptionRule } from '../engine'
import { BrokerConnection } from '../engine/client/broker-connection'
import { createNodePlatform } from '../engine/platform/node'
import { Metadata } from '../engine/wire/messages'
import { HostKit } from './testing/host-kit'

const kit = new HostKit({ brokerCount: 2 })
const connections: BrokerConnection[] = []
beforeAll(async () => {
  await kit.start()
})
afterAll(async () => {
  for (const connection of connections) connection.close()
  await kit.dispose()
})

const quiet = () => undefined
const platform = createNodePlatform({ logger: { debug: quiet, info: quiet, warn: quiet, error: quiet } })

/** 'answered', or 'closed' where the broker ends the connection. */
async function ask(brokerId: number): Promise<string> {
  const { host, port } = kit.broker(brokerId)
  const connection = new BrokerConnection({ platform, host, port, clientId: 'probe', negotiate: true })
  connections.push(connection)
  return connection.request(Metadata, { topics: [] }).then(
    () => 'answered',
    () => 'closed',
  )
}

/** A rule reaches its broker's thread a moment after it was made. */
async function untilAsked(brokerId: number, outcome: string): Promise<void> {
  for (let count = 0; count < 500; count++) if ((await ask(brokerId)) === outcome) return
  throw new Error(`broker ${brokerId} never has it ${outcome}`)
}

const closing: InterceptionRule = { match: { api: 'Metadata', clientId: 'probe' }, action: { kind: 'close', isDone: false } }

describe('a rule of the host', () => {
  it('strikes at the broker that it is for, is counted, and is gone when it is removed', async () => {
    const id = kit.cluster.intercept(closing, 2)
    await untilAsked(2, 'closed')
    expect(await ask(1)).toBe('answered')
    const [rule] = await kit.cluster.listInterceptions()
    expect(rule).toMatchObject({ id, brokerId: 2, rule: closing, isSpent: false })
    expect(rule!.hitCount).toBeGreaterThan(0)
    kit.cluster.removeInterception(id)
    expect(await kit.cluster.listInterceptions()).toEqual([])
    await untilAsked(2, 'answered')
    expect(() => kit.cluster.removeInterception(id)).toThrow(`There is no rule ${id}.`)
  })

  it('is in force again from the first request of a broker that was killed and started, with what it had struck before', async () => {
    kit.cluster.intercept({ ...closing, times: 2 })
    await untilAsked(2, 'closed')
    const struck = async () => (await kit.cluster.listInterceptions())[0]!.hitCount
    const before = await struck()
    await kit.cluster.killBroker(2)
    await kit.cluster.startBroker(2)
    expect(await ask(2)).toBe('closed')
    expect(await struck()).toBe(before + 1)
    await untilAsked(1, 'closed')
    expect(await struck()).toBe(before + 2)
    kit.cluster.clearInterceptions()
    expect(await kit.cluster.listInterceptions()).toEqual([])
  })
})
