import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CoordinationKit } from '../testing/coordination-kit'
import { CoordinationError } from './coordination-error'
import type { CoordinationServer } from './coordination-server'

let kit: CoordinationKit
let server: CoordinationServer

beforeEach(async () => {
  kit = new CoordinationKit()
  server = await kit.start()
})
afterEach(async () => {
  await server.stop()
})

async function restart(): Promise<void> {
  await server.stop()
  server = await kit.start()
}

describe('a coordination client', () => {
  it('creates, reads, changes, lists and deletes', async () => {
    const client = kit.client()
    const created = await client.create('/a', 'one')
    expect(created).toMatchObject({ path: '/a', stat: { version: 0, dataLength: 3 } })
    expect((await client.create('/a/s-', '', { sequential: true, ephemeral: true })).path).toBe('/a/s-0000000000')
    expect((await client.setData('/a', Buffer.from('two'), 0)).version).toBe(1)
    expect((await client.getData('/a'))?.data.toString()).toBe('two')
    expect((await client.getChildren('/a'))?.children).toEqual(['s-0000000000'])
    await expect(client.setData('/a', 'x', 7)).rejects.toMatchObject({ name: 'BADVERSION', code: -103, path: '/a' })
    await expect(client.delete('/a')).rejects.toMatchObject({ name: 'NOTEMPTY' })
    await client.delete('/a/s-0000000000')
    await client.delete('/a')
    expect([await client.getData('/a'), await client.exists('/a'), await client.getChildren('/a')]).toEqual([null, null, null])
    await client.ensurePath('/x/y/z')
    await client.ensurePath('/x/y/z')
    expect(await client.exists('/x/y/z')).not.toBeNull()
    await client.sync()
  })

  it('does a multi whole, with all results, or not at all', async () => {
    const client = kit.client()
    const results = await client.multi([
      { type: 'create', path: '/m', data: 'x', ephemeral: true },
      { type: 'setData', path: '/m', data: 'y', version: 0 },
      { type: 'check', path: '/m', version: 1 },
      { type: 'create', path: '/n' },
      { type: 'delete', path: '/n' },
    ])
    expect(results).toMatchObject([
      { type: 'create', path: '/m', stat: { ephemeralOwner: client.sessionId } },
      { type: 'setData', stat: { version: 1 } },
      { type: 'check' },
      { type: 'create' },
      { type: 'delete' },
    ])
    const failing = client.multi([
      { type: 'delete', path: '/m' },
      { type: 'create', path: '/zookeeper' },
    ])
    await expect(failing).rejects.toBeInstanceOf(CoordinationError)
    await expect(failing).rejects.toMatchObject({ name: 'NODEEXISTS', opIndex: 1, path: '/zookeeper' })
    expect(await client.exists('/m')).not.toBeNull()
  })

  it('settles in order: a call, then the watch it set, then what shows the change', async () => {
    const client = kit.client()
    await client.create('/a', '')
    const order: string[] = []
    const read = client.getData('/a', () => order.push('watch')).then(() => order.push('read'))
    const written = client.setData('/a', 'x').then(() => order.push('written'))
    await Promise.all([read, written])
    expect(order).toEqual(['read', 'watch', 'written'])
  })

  it('holds back what is asked before it is connected, and over a restart', async () => {
    const client = kit.client()
    const early = client.create('/early', '')
    expect((await early).path).toBe('/early')
    await server.stop()
    await kit.settle()
    expect(client.state).toBe('connecting')
    const late = client.create('/late', '')
    server = await kit.start()
    await kit.pass(500)
    expect((await late).path).toBe('/late')
  })

  it('keeps its session over a restart and sets its watches again; those that missed a change fire', async () => {
    const client = kit.client('one', 5000)
    const events: string[] = []
    const watcher = ({ type, path }: { type: string; path: string }): void => void events.push(`${type} ${path}`)
    await client.create('/kept', '', { ephemeral: true })
    await client.create('/changed', '')
    await client.getData('/kept', watcher)
    await client.getData('/changed', watcher)
    await client.getChildren('/', watcher)
    await client.exists('/born', watcher)
    const { sessionId } = client
    await restart()
    // Somebody is faster than the client.
    const other = kit.client('two')
    await other.setData('/changed', 'x')
    await other.create('/born', '')
    expect(client.state).toBe('connecting')
    await kit.pass(500)
    expect([client.state, client.sessionId]).toEqual(['connected', sessionId])
    expect(events.sort()).toEqual(['childrenChanged /', 'created /born', 'dataChanged /changed'])
    await other.setData('/kept', 'y')
    await kit.settle()
    expect(events).toContain('dataChanged /kept')
  })

  it('sends a lost read again, and says of a lost change that it does not know', async () => {
    const client = kit.client('one', 5000)
    await client.create('/a', 'x')
    kit.network.cut()
    const read = client.getData('/a')
    const change = client.setData('/a', 'y')
    change.catch(() => {})
    await server.stop()
    kit.network.heal()
    server = await kit.start()
    await kit.pass(4000)
    await expect(change).rejects.toMatchObject({ name: 'CONNECTIONLOSS', isConnectionLoss: true })
    expect((await read)?.data.toString()).toBe('x')
  })

  it('pings, so that an idle session lives', async () => {
    const client = kit.client()
    await kit.pass(10_000, 50)
    expect([client.state, server.statistics().sessionCount]).toEqual(['connected', 1])
  })

  it('is expired when the server says so, and rejects what is asked of it', async () => {
    const client = kit.client()
    let expired = 0
    client.on('expired', () => expired++)
    await client.create('/a', '', { ephemeral: true })
    await server.stop()
    // The server comes back on an empty folder, and has seen as much as the client when that comes: it does not know the session.
    kit.disk.removeTree('/coordination')
    server = await kit.start()
    const filler = kit.client('filler')
    for (let count = 0; count < 5; count++) await filler.create('/f', '', { sequential: true })
    await kit.pass(600)
    expect([client.state, expired]).toEqual(['expired', 1])
    await expect(client.getData('/a')).rejects.toMatchObject({ name: 'SESSIONEXPIRED' })
  })

  it('is expired by itself, before the server gives its ephemerals away, when it cannot reach it', async () => {
    const client = kit.client('controller', 1500)
    const told: string[] = []
    client.on('disconnected', () => told.push('disconnected'))
    client.on('expired', () => told.push('expired'))
    await client.create('/controller', '', { ephemeral: true })
    kit.network.cut()
    const pending = client.getData('/controller')
    pending.catch(() => {})
    const start = kit.clock.now
    while (client.state !== 'expired') {
      expect(server.statistics().sessionCount).toBe(1)
      await kit.pass(10, 10)
      expect(kit.clock.now - start).toBeLessThan(1700)
    }
    expect(told).toEqual(['disconnected', 'expired'])
    await expect(pending).rejects.toMatchObject({ name: 'SESSIONEXPIRED' })
    await kit.pass(300, 10)
    expect(server.statistics().sessionCount).toBe(0)
  })

  it('closes its session, so that its ephemerals go at once', async () => {
    const client = kit.client('one')
    const other = kit.client('two')
    await client.create('/mine', '', { ephemeral: true })
    let gone = false
    await other.exists('/mine', () => {
      gone = true
    })
    await client.close()
    await kit.settle()
    expect([gone, client.state, server.statistics().sessionCount]).toEqual([true, 'closed', 1])
    await expect(client.exists('/')).rejects.toMatchObject({ name: 'SESSIONEXPIRED' })
  })

  it('leaves no timers behind when it is closed without a connection', async () => {
    await server.stop()
    const client = kit.client()
    await kit.pass(300)
    await client.close()
    await kit.settle()
    expect(kit.clock.timerCount).toBe(0)
  })

  it('restores many watches in packets that the server takes', async () => {
    const client = kit.client('one', 60_000)
    const long = 'x'.repeat(1000)
    await client.create('/dir', '')
    const paths = Array.from({ length: 400 }, (_, index) => `/dir/${long}${index}`)
    let fired = 0
    await Promise.all(paths.map((path) => client.exists(path, () => fired++)))
    await restart()
    await kit.pass(300)
    await Promise.all(paths.map((path) => client.create(path, '')))
    await kit.settle()
    expect(fired).toBe(400)
    expect(server.statistics().watchCount).toBe(0)
  })
})
