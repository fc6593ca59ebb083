/**
 * Clients that take more than they should, on real sockets: thousands that stay and say nothing, frames that are announced and never come, headers
 * that do not end, requests by the thousand, and answers that nobody reads. One broker serves on through all of it, with bounded buffers.
 */
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { TestCluster } from '../testing/cluster-kit'
import { encodeRequest } from '../wire/frames'
import { ApiVersions, CreateTopics, Metadata } from '../wire/messages'
import { Writer } from '../wire/writer'

const IDLE_CLIENTS = 3_000
const MEGABYTE = 1024 * 1024

let cluster: TestCluster
let port: number
const sockets: Socket[] = []

beforeAll(async () => {
  cluster = await TestCluster.start(1)
  port = cluster.broker(1).port
  const topics = Array.from({ length: 20 }, (_, index) => ({ name: `topic-${index}`, numPartitions: 1, replicationFactor: 1 }))
  await cluster.connect(1).request(CreateTopics, { topics: topics.map((topic) => ({ ...topic, assignments: [], configs: [] })) })
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await cluster.until('all clients are gone', () => cluster.broker(1).statistics().connectionCount <= 4)
})
afterAll(() => cluster.close())

function openClient(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.once('error', reject)
    sockets.push(socket)
  })
}

async function openClients(count: number): Promise<Socket[]> {
  const opened: Socket[] = []
  // No more at a time than the system's queue of new connections takes.
  while (opened.length < count) {
    const batch = Math.min(100, count - opened.length)
    opened.push(...(await Promise.all(Array.from({ length: batch }, openClient))))
  }
  return opened
}

async function expectServing(): Promise<void> {
  const connection = cluster.connect(1)
  const { topics } = await connection.request(Metadata, { topics: null })
  expect(topics).toHaveLength(20)
  connection.close()
}

/** Bytes of buffers that this process holds, after what can be collected has been. */
function bufferBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().arrayBuffers
}

function pipelined(count: number): Uint8Array {
  const writer = new Writer(count * 40)
  for (let id = 0; id < count; id++) encodeRequest(writer, Metadata, 1, id, 'greedy', { topics: null })
  return writer.bytes()
}

it(`serves while ${IDLE_CLIENTS} clients are connected and say nothing`, async () => {
  await openClients(IDLE_CLIENTS)
  await cluster.until('all are accepted', () => cluster.broker(1).statistics().connectionCount >= IDLE_CLIENTS)
  await expectServing()
})

it('holds no memory for frames that are announced and do not come', async () => {
  const before = bufferBytes()
  const clients = await openClients(300)
  const announced = Buffer.alloc(4)
  announced.writeInt32BE(100 * MEGABYTE)
  for (const client of clients) client.write(announced)
  // A byte at a time, as a slow loris sends it.
  for (let round = 0; round < 5; round++) {
    for (const client of clients) client.write(Buffer.from([0]))
    await expectServing()
  }
  expect(bufferBytes() - before).toBeLessThan(300 * MEGABYTE)
})

it.each([
  ['tags of a header', Buffer.concat([Buffer.from('0012000400000001ffff', 'hex'), Buffer.alloc(64 * 1024, 0x80)])],
  ['a client id', Buffer.concat([Buffer.from('00120000000000017fff', 'hex'), Buffer.alloc(100, 0x61)])],
  ['an array', Buffer.concat([Buffer.from('0003000100000001ffff7fffffff', 'hex'), Buffer.alloc(64 * 1024)])],
])('closes on %s that does not end', async (_what, frame) => {
  const client = await openClient()
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
  const size = Buffer.alloc(4)
  size.writeInt32BE(frame.length)
  client.write(Buffer.concat([size, frame]))
  client.resume()
  await closed
  await expectServing()
})

it('answers ten thousand requests of one pipeline, every one and in order', async () => {
  const client = await openClient()
  const ids: number[] = []
  let rest: Buffer = Buffer.alloc(0)
  const answered = new Promise<void>((resolve) => {
    client.on('data', (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let at = 0
      for (; rest.length - at >= 8 && rest.length - at >= 4 + rest.readInt32BE(at); at += 4 + rest.readInt32BE(at)) {
        ids.push(rest.readInt32BE(at + 4))
      }
      rest = rest.subarray(at)
      if (ids.length === 10_000) resolve()
    })
  })
  client.write(pipelined(10_000))
  await answered
  expect(ids).toEqual(Array.from({ length: 10_000 }, (_, id) => id))
})

it('stops reading from clients that never read their answers, and serves the others', async () => {
  const clients = await openClients(20)
  const before = bufferBytes()
  const requests = pipelined(10_000)
  for (const client of clients) {
    client.pause()
    client.write(requests)
  }
  // Each of these comes behind as many turns of the greedy ones as they are given.
  for (let round = 0; round < 10; round++) await expectServing()
  for (const view of cluster.broker(1).details().connections) expect(view.requestsInFlight).toBeLessThanOrEqual(100)
  // The requests themselves are one buffer that all clients share; the answers would be 200 MB.
  expect(bufferBytes() - before).toBeLessThan(64 * MEGABYTE)
})

it('serves a client that is as slow as can be', async () => {
  const client = await openClient()
  const writer = new Writer()
  encodeRequest(writer, ApiVersions, 0, 7, 'slow', {})
  const answer = new Promise<Buffer>((resolve) => client.once('data', resolve))
  for (const byte of writer.bytes()) {
    client.write(Buffer.from([byte]))
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect((await answer).readInt32BE(4)).toBe(7)
})
