import { once } from 'node:events'
import net from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Link } from './link'

/** once() would reject at the reset. */
function whenClosed(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('close', () => resolve())
  })
}

/** A server that answers every chunk with the same in capitals, behind a link. */
describe('Link', () => {
  let server: net.Server
  let link: Link
  const accepted: net.Socket[] = []
  const received: string[] = []
  const clients: net.Socket[] = []

  beforeEach(async () => {
    accepted.length = 0
    received.length = 0
    server = net.createServer((socket) => {
      accepted.push(socket)
      socket.on('error', () => undefined)
      socket.on('data', (chunk) => {
        received.push(chunk.toString())
        socket.write(chunk.toString().toUpperCase())
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    link = await Link.open('test', 0, (server.address() as net.AddressInfo).port)
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy()
    link.close()
    for (const socket of accepted) socket.destroy()
    server.close()
    await once(server, 'close')
  })

  async function connect(): Promise<net.Socket> {
    const client = net.connect(link.port, '127.0.0.1')
    client.on('error', () => undefined)
    clients.push(client)
    await once(client, 'connect')
    return client
  }

  async function answer(client: net.Socket): Promise<string> {
    return String((await once(client, 'data'))[0])
  }

  it('carries both ways, slower where it is told to', async () => {
    const client = await connect()
    client.write('hello')
    expect(await answer(client)).toBe('HELLO')
    link.set({ delayMs: 60 })
    const startMs = Date.now()
    client.write('again')
    expect(await answer(client)).toBe('AGAIN')
    expect(Date.now() - startMs).toBeGreaterThanOrEqual(115)
  })

  it('holds what goes a blocked way, and delivers it when it heals, though the sender has gone', async () => {
    const client = await connect()
    client.write('a')
    await answer(client)
    link.set({ blocksForward: true })
    client.end('late')
    await once(client, 'finish')
    const other = await connect()
    other.write('b')
    expect(received).toEqual(['a'])
    const arrived = once(accepted[0] as net.Socket, 'end')
    link.heal()
    await arrived
    expect(received).toContain('late')
    expect(await answer(other)).toBe('B')
  })

  it('loses answers, not requests, when the way back is blocked and then cut', async () => {
    const client = await connect()
    client.write('a')
    await answer(client)
    link.set({ blocksBackward: true })
    const arrived = once(accepted[0] as net.Socket, 'data')
    const closed = whenClosed(client)
    let heard = ''
    client.on('data', (chunk) => {
      heard += chunk.toString()
    })
    client.write('b')
    await arrived
    expect(link.cut()).toBe(1)
    await closed
    expect(received).toEqual(['a', 'b'])
    expect(heard).toBe('')
  })

  it('resets at once where nobody listens behind it', async () => {
    const nowhere = await Link.open('nowhere', 0, 1)
    const client = net.connect(nowhere.port, '127.0.0.1')
    client.on('error', () => undefined)
    await whenClosed(client)
    nowhere.close()
  })

  it('lets no more through than its bandwidth', async () => {
    link.set({ bytesPerSecond: 100_000 })
    const client = await connect()
    const startMs = Date.now()
    let back = 0
    client.on('data', (chunk) => {
      back += chunk.length
    })
    for (let index = 0; index < 10; index++) client.write('x'.repeat(5_000))
    while (back < 50_000) await once(client, 'data')
    expect(Date.now() - startMs).toBeGreaterThan(200)
  })
})
