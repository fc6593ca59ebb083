import net from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Connection, ConnectionHandler, Listener } from '../network'
import { NetworkError } from '../network'
import { canReceiveInPlace } from './in-place-probe'
import { NodeNetwork } from './node-network'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Collects what a connection is told, and lets a test wait for the next change. */
class Recorder implements ConnectionHandler {
  readonly arena: Buffer
  bytes = Buffer.alloc(0)
  reads = 0
  drains = 0
  connects = 0
  closes: (NetworkError | null)[] = []
  afterData: (() => void) | null = null
  private waiters: (() => void)[] = []

  constructor(arenaBytes = 64 * 1024) {
    this.arena = Buffer.alloc(arenaBytes)
  }

  onConnect(): void {
    this.connects++
    this.changed()
  }
  receiveBuffer(): Uint8Array {
    return this.arena
  }
  onData(buffer: Uint8Array, length: number): void {
    expect(buffer).toBe(this.arena)
    this.reads++
    this.bytes = Buffer.concat([this.bytes, buffer.subarray(0, length)])
    this.afterData?.()
    this.changed()
  }
  onDrain(): void {
    this.drains++
    this.changed()
  }
  onClose(error: NetworkError | null): void {
    this.closes.push(error)
    this.changed()
  }
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.waiters.push(resolve))
  }
  private changed(): void {
    const { waiters } = this
    this.waiters = []
    for (const wake of waiters) wake()
  }
}

const listeners: Listener[] = []
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
})

it('receives in place on this runtime', async () => {
  expect(await canReceiveInPlace()).toBe(true)
})

describe.each([
  { name: 'receiving in place', receiveInPlace: true },
  { name: "copying from 'data' events", receiveInPlace: false },
])('a network $name', ({ receiveInPlace }) => {
  const network = new NodeNetwork({ logger: silent, receiveInPlace })

  async function serve(onConnection: (connection: Connection) => void): Promise<Listener> {
    const listener = await network.listen({ host: '127.0.0.1', port: 0 }, onConnection)
    listeners.push(listener)
    return listener
  }

  /** One connection, both ends recorded. */
  async function pair(serverArena?: number) {
    const server = new Recorder(serverArena)
    const client = new Recorder()
    const accepted = new Promise<Connection>((resolve) => {
      void serve((connection) => {
        connection.setHandler(server)
        resolve(connection)
      }).then((listener) => {
        outgoing = network.connect({ host: '127.0.0.1', port: listener.port, timeoutMs: 5000 }, client)
      })
    })
    let outgoing: Connection | null = null
    const serverSide = await accepted
    await client.until(() => client.connects === 1)
    return { server, client, serverSide, clientSide: outgoing as unknown as Connection }
  }

  it('carries bytes both ways, all parts in order', async () => {
    const { server, client, serverSide, clientSide } = await pair()
    let flushed = 0
    clientSide.write([Buffer.from('one '), Buffer.from('two '), Buffer.from('three')], () => flushed++)
    await server.until(() => server.bytes.length === 13)
    expect(server.bytes.toString()).toBe('one two three')
    serverSide.write([Buffer.from('answer')])
    await client.until(() => client.bytes.length === 6)
    expect(client.bytes.toString()).toBe('answer')
    expect(flushed).toBe(1)
    expect(serverSide.remoteHost).toBe('127.0.0.1')
    expect(serverSide.remotePort).toBeGreaterThan(0)
  })

  it('carries 8 MiB through a small arena unchanged, and drains', async () => {
    const { server, client, clientSide } = await pair(10_000)
    const payload = Buffer.alloc(8 * 1024 * 1024)
    for (let index = 0; index < payload.length; index += 4) payload.writeUInt32BE(index, index)
    server.bytes = Buffer.alloc(0)
    const chunks: Buffer[] = []
    let received = 0
    server.onData = (buffer, length) => {
      chunks.push(Buffer.from(buffer.subarray(0, length)))
      received += length
      if (received === payload.length) serverDone()
    }
    let serverDone = () => {}
    const done = new Promise<void>((resolve) => {
      serverDone = resolve
    })
    expect(clientSide.write([payload])).toBe(false)
    expect(clientSide.queuedBytes).toBeGreaterThan(0)
    await done
    await client.until(() => client.drains === 1)
    expect(Buffer.concat(chunks).equals(payload)).toBe(true)
    expect(clientSide.queuedBytes).toBe(0)
  })

  it('sends what is queued before it ends, and both sides close once without an error', async () => {
    const { server, client, serverSide } = await pair()
    serverSide.write([Buffer.alloc(300_000, 7)])
    serverSide.end()
    await client.until(() => client.closes.length === 1)
    await server.until(() => server.closes.length === 1)
    expect(client.bytes.length).toBe(300_000)
    expect(client.closes).toEqual([null])
    expect(server.closes).toEqual([null])
    expect(serverSide.write([Buffer.from('late')])).toBe(false)
  })

  it('calls nothing but onClose after destroy, even from inside onData', async () => {
    const { server, client, serverSide, clientSide } = await pair(4)
    server.afterData = () => serverSide.destroy()
    let flushedLate = 0
    serverSide.write([Buffer.alloc(4_000_000)], () => flushedLate++)
    clientSide.write([Buffer.from('far more than four bytes')])
    await client.until(() => client.closes.length === 1)
    await server.until(() => server.closes.length === 1)
    serverSide.destroy()
    expect(server.reads).toBe(1)
    expect(server.closes).toHaveLength(1)
    expect(flushedLate).toBe(0)
    expect(serverSide.queuedBytes).toBe(0)
  })

  it('hands over nothing while paused and everything after resume', async () => {
    const { server, serverSide, clientSide } = await pair(5)
    server.afterData = () => serverSide.pause()
    clientSide.write([Buffer.from('0123456789')])
    await server.until(() => server.reads === 1)
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    expect(server.bytes.toString()).toBe('01234')
    server.afterData = null
    serverSide.resume()
    await server.until(() => server.bytes.length === 10)
    expect(server.bytes.toString()).toBe('0123456789')
  })

  it('closes when the other side half-closes', async () => {
    const server = new Recorder()
    const listener = await serve((connection) => connection.setHandler(server))
    const raw = net.connect({ host: '127.0.0.1', port: listener.port, allowHalfOpen: true })
    const rawClosed = new Promise<void>((resolve) => raw.on('end', () => resolve()))
    raw.resume()
    raw.end('bye')
    await server.until(() => server.closes.length === 1)
    await rawClosed
    expect(server.bytes.toString()).toBe('bye')
    expect(server.closes).toEqual([null])
  })

  it('tells a reset as an error of kind reset', async () => {
    const server = new Recorder()
    const listener = await serve((connection) => connection.setHandler(server))
    const raw = net.connect({ host: '127.0.0.1', port: listener.port })
    raw.on('error', () => {})
    raw.write('x')
    await server.until(() => server.reads === 1)
    raw.resetAndDestroy()
    await server.until(() => server.closes.length === 1)
    expect(server.closes[0]).toBeInstanceOf(NetworkError)
    expect(server.closes[0]?.kind).toBe('reset')
  })

  it('destroys all accepted connections when the listener closes, handled or not', async () => {
    const server = new Recorder()
    let acceptedCount = 0
    const listener = await serve((connection) => {
      acceptedCount++
      if (acceptedCount === 1) connection.setHandler(server)
    })
    const clients = [new Recorder(), new Recorder()]
    for (const client of clients) {
      network.connect({ host: '127.0.0.1', port: listener.port, timeoutMs: 5000 }, client)
      await client.until(() => client.connects === 1)
    }
    while (acceptedCount < 2) await new Promise((resolve) => setImmediate(resolve))
    await listener.close()
    expect(server.closes).toHaveLength(1)
    for (const client of clients) await client.until(() => client.closes.length === 1)
  })

  it('keeps many connections apart', async () => {
    const listener = await serve((connection) => {
      const arena = Buffer.alloc(64)
      connection.setHandler({
        receiveBuffer: () => arena,
        onData: (buffer, length) => connection.write([Buffer.from(buffer.subarray(0, length))]),
        onClose: () => {},
      })
    })
    const clients = Array.from({ length: 50 }, () => new Recorder())
    await Promise.all(
      clients.map(async (client, index) => {
        const text = `connection ${index}`
        const connection = network.connect({ host: '127.0.0.1', port: listener.port, timeoutMs: 5000 }, client)
        connection.write([Buffer.from(text)])
        await client.until(() => client.bytes.length >= text.length)
        expect(client.bytes.toString()).toBe(text)
        connection.destroy()
        await client.until(() => client.closes.length === 1)
      }),
    )
  })
})

describe('a network', () => {
  const network = new NodeNetwork({ logger: silent })

  it('says that a port is taken', async () => {
    const listener = await network.listen({ host: '127.0.0.1', port: 0 }, () => {})
    listeners.push(listener)
    const second = network.listen({ host: '127.0.0.1', port: listener.port }, () => {})
    await expect(second).rejects.toMatchObject({ name: 'NetworkError', kind: 'address-in-use' })
  })

  it('says that a connection was refused, once', async () => {
    const listener = await network.listen({ host: '127.0.0.1', port: 0 }, () => {})
    const { port } = listener
    await listener.close()
    const client = new Recorder()
    network.connect({ host: '127.0.0.1', port, timeoutMs: 5000 }, client)
    await client.until(() => client.closes.length === 1)
    expect(client.closes[0]?.kind).toBe('refused')
    expect(client.connects).toBe(0)
  })

  it('gives up connecting after the time-out', async () => {
    const listener = await network.listen({ host: '127.0.0.1', port: 0 }, () => {})
    listeners.push(listener)
    const client = new Recorder()
    // The time passes before this thread has turned to its sockets, as on a machine that never answers.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      network.connect({ host: '127.0.0.1', port: listener.port, timeoutMs: 500 }, client)
      vi.advanceTimersByTime(500)
    } finally {
      vi.useRealTimers()
    }
    await client.until(() => client.closes.length === 1)
    expect(client.connects).toBe(0)
    expect(client.closes[0]?.kind).toBe('timed-out')
  })

  it('closes a connection that is destroyed while connecting, and calls nothing else', async () => {
    const listener = await network.listen({ host: '127.0.0.1', port: 0 }, () => {})
    listeners.push(listener)
    const client = new Recorder()
    network.connect({ host: '127.0.0.1', port: listener.port, timeoutMs: 5000 }, client).destroy()
    await client.until(() => client.closes.length === 1)
    expect(client.connects).toBe(0)
    expect(client.closes).toEqual([null])
  })
})
