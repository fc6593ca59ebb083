/** Greedy clients of coordination on real sockets: many that say nothing, packets that never come, and large answers that nobody reads. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { OpCode } from '../jute/op-codes'
import { PathAndWatchRequest, RequestHeader } from '../jute/records'
import { createNodePlatform } from '../platform/node'
import { packetOf, plainConnectPacket } from '../testing/fuzz/generate-jute'
import { RecordingLogger } from '../testing/storage-kit'
import { CoordinationClient } from './coordination-client'
import { CoordinationServer } from './coordination-server'

const MEGABYTE = 1024 * 1024
const ZNODE_BYTES = 500_000
const platform = createNodePlatform({ logger: new RecordingLogger() })
const dataDirectory = mkdtempSync(join(tmpdir(), 'broker-workbench-greedy-'))
const sockets: Socket[] = []
let server: CoordinationServer
let client: CoordinationClient

beforeAll(async () => {
  server = await CoordinationServer.start({ platform, host: '127.0.0.1', port: 0, dataDirectory, syncWrites: false })
  client = new CoordinationClient({ platform, host: '127.0.0.1', port: server.port, sessionTimeoutMs: 10_000, name: 'good' })
  client.connect()
  await client.create('/large', Buffer.alloc(ZNODE_BYTES))
})
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})
afterAll(async () => {
  await client.close()
  await server.stop()
  rmSync(dataDirectory, { recursive: true, force: true })
})

function openSocket(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => resolve(socket))
    socket.once('error', reject)
    sockets.push(socket)
  })
}

const getLarge = (xid: number): Buffer =>
  packetOf((writer) => {
    RequestHeader.write(writer, { xid, type: OpCode.GET_DATA })
    PathAndWatchRequest.write(writer, { path: '/large', watch: false })
  })

it('serves while a thousand connections announce a packet of a megabyte and send a byte of it', async () => {
  const before = process.memoryUsage().arrayBuffers
  for (let round = 0; round < 10; round++) {
    const opened = await Promise.all(Array.from({ length: 100 }, openSocket))
    for (const socket of opened) socket.write(Buffer.from([0, 0x0f, 0xff, 0xf0, 0]))
  }
  expect((await client.exists('/large'))?.dataLength).toBe(ZNODE_BYTES)
  // The system has taken a connection before the server has heard of it.
  await vi.waitFor(() => expect(server.statistics().connectionCount).toBeGreaterThan(900), { timeout: 20_000, interval: 20 })
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(300 * MEGABYTE)
})

it('makes no more answers than a client reads, however many it asked for in one go', async () => {
  const greedy = await openSocket()
  const before = process.memoryUsage().arrayBuffers
  // Two thousand requests of twenty-five bytes, in one read of the server: the answers to all of them are a gigabyte.
  greedy.pause()
  greedy.write(Buffer.concat([plainConnectPacket, ...Array.from({ length: 2_000 }, (_, xid) => getLarge(xid + 1))]))
  for (let round = 0; round < 20; round++) expect((await client.exists('/large'))?.dataLength).toBe(ZNODE_BYTES)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * MEGABYTE)
  // It reads after all, and gets on.
  let received = 0
  const enough = new Promise<void>((resolve) => {
    greedy.on('data', (chunk: Buffer) => {
      received += chunk.length
      if (received > 100 * ZNODE_BYTES) resolve()
    })
  })
  greedy.resume()
  await enough
  expect(greedy.destroyed).toBe(false)
})
