import { describe, expect, it } from 'vitest'
import type { NetworkError } from '../../platform/network'
import { SimProcess } from './process'
import { Scheduler } from './scheduler'
import { SeededRandom } from './seeded-random'
import { SimNetwork } from './sim-network'

const PORT = 9_000

/** A client and a server that notes what it reads, on a network without chance. */
function pair() {
  const scheduler = new Scheduler()
  const network = new SimNetwork(scheduler, new SeededRandom(1, 'network'), { latencyMs: [1, 1], slowOneIn: 0 })
  const client = new SimProcess('client', '10.0.1.1', 1, scheduler)
  const server = new SimProcess('server', '10.0.0.1', 1, scheduler)
  const read: { atMs: number; text: string; event: string }[] = []
  const flushed: string[] = []
  const broken: string[] = []
  void network.portOf(server).listen({ host: server.host, port: PORT }, (connection) => {
    const buffer = Buffer.alloc(64)
    connection.setHandler({
      receiveBuffer: () => buffer,
      onData: (_buffer, length) => {
        const event = `${scheduler.current?.process?.name} ${scheduler.current?.what}`
        read.push({ atMs: scheduler.nowMs, text: buffer.toString('latin1', 0, length), event })
      },
      onClose: () => undefined,
    })
  })
  /** One letter a message: it is never read in pieces. */
  const connect = (letter: string) => {
    const connection = network.portOf(client).connect(
      { host: server.host, port: PORT, timeoutMs: 1_000 },
      {
        onConnect: () => void connection.write([Buffer.from(letter)], () => flushed.push(letter)),
        receiveBuffer: () => Buffer.alloc(64),
        onData: () => undefined,
        onClose: (error: NetworkError | null) => broken.push(`${letter} ${error?.kind}`),
      },
    )
  }
  const run = (ms: number) => scheduler.run(() => false, scheduler.nowMs + ms)
  return { scheduler, network, server, read, flushed, broken, connect, run }
}

describe('the simulated network', () => {
  it('has what arrives read by the event that brings it, as one of its reader, and tells of the flush in the event of the write', async () => {
    const { read, flushed, connect, run } = pair()
    connect('a')
    await run(2.5)
    expect([flushed, read]).toEqual([['a'], []])
    await run(1)
    expect(read).toEqual([{ atMs: 3, text: 'a', event: 'server data' }])
  })

  it('keeps what arrives for a process that is frozen until it thaws', async () => {
    const { server, read, connect, run } = pair()
    server.freeze()
    connect('a')
    await run(50)
    expect(read).toEqual([])
    server.thaw()
    await run(1)
    expect(read.map(({ atMs, text }) => [atMs, text])).toEqual([[50, 'a']])
  })

  it('lets what is sent on the next connection overtake what has lost its own, and tells the sender only of the loss', async () => {
    const { network, read, broken, connect, run } = pair()
    network.overtakes = () => 100
    connect('a')
    await run(10)
    expect(broken).toEqual(['a reset'])
    network.overtakes = null
    connect('b')
    await run(200)
    expect(read.map(({ atMs, text }) => [atMs, text])).toEqual([
      [13, 'b'],
      [103, 'a'],
    ])
  })
})
