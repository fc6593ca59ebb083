import { expect, it } from 'vitest'
import type { Connection } from '../platform'
import { RecordingLogger, StillClock } from '../testing/storage-kit'
import { encodeRequest } from '../wire/frames'
import { ApiVersions } from '../wire/messages/18-api-versions'
import { Writer } from '../wire/writer'
import { ServerConnection } from './connection'
import { HandlerRegistry } from './registry'
import { RequestMetrics } from './request-metrics'
import { WriterPool } from './writer-pool'

const REQUESTS_IN_FLIGHT_MAX = 8

/** A peer that takes what it is sent only when it is told to. */
class SlowPeer implements Connection {
  readonly remoteHost = '127.0.0.1'
  readonly remotePort = 1
  readonly queuedBytes = 0
  isPaused = false
  /** Of the responses that were written, in order. */
  readonly correlationIds: number[] = []
  private readonly untaken: (() => void)[] = []

  setHandler(): void {}
  end(): void {}
  destroy(): void {}

  write(parts: readonly Uint8Array[], onFlushed?: () => void): boolean {
    for (const part of parts) this.correlationIds.push(Buffer.from(part.buffer, part.byteOffset).readInt32BE(4))
    if (onFlushed !== undefined) this.untaken.push(onFlushed)
    return false
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  /** Takes what is queued now; what that makes the broker write waits for the next call. */
  takeAll(): void {
    for (const onFlushed of this.untaken.splice(0)) onFlushed()
  }
}

function connect() {
  const peer = new SlowPeer()
  const handled: number[] = []
  const registry = new HandlerRegistry().register({
    api: ApiVersions,
    minVersion: 0,
    maxVersion: 0,
    handle: (context) => {
      handled.push(context.version)
      context.respond({ errorCode: 0, apiKeys: [] })
    },
  })
  const connection = new ServerConnection({
    id: 1,
    connection: peer,
    registry,
    writers: new WriterPool(),
    metrics: new RequestMetrics(),
    clock: new StillClock(),
    logger: new RecordingLogger(),
    limits: { requestBytesMax: 1000, requestsInFlightMax: REQUESTS_IN_FLIGHT_MAX, responseBytesHeldMax: 1_000_000 },
    onDidClose: () => undefined,
    onFatal: (error) => {
      throw error
    },
  })
  return { connection, peer, handled }
}

/** Many requests in one read, as a client's pipeline or a hostile one brings them. */
function receiveAtOnce(connection: ServerConnection, count: number): void {
  const writer = new Writer(count * 32)
  for (let id = 0; id < count; id++) encodeRequest(writer, ApiVersions, 0, id, null, {})
  const buffer = connection.receiveBuffer()
  buffer.set(writer.bytes())
  connection.onData(buffer, writer.length)
}

it('stops in the middle of a read when a peer does not take its responses', () => {
  const { connection, peer, handled } = connect()
  receiveAtOnce(connection, 1000)
  expect(handled).toHaveLength(REQUESTS_IN_FLIGHT_MAX)
  expect(peer.isPaused).toBe(true)
  expect(connection.view().requestsInFlight).toBe(0)
})

it('works off the rest of the read, in order, as the peer takes its responses, and only then reads on', () => {
  const { connection, peer, handled } = connect()
  receiveAtOnce(connection, 1000)
  let takes = 0
  for (; peer.isPaused; takes++) {
    const before = handled.length
    peer.takeAll()
    expect(handled.length - before).toBeLessThanOrEqual(REQUESTS_IN_FLIGHT_MAX)
    if (handled.length < 1000) expect(peer.isPaused).toBe(true)
  }
  expect(handled).toHaveLength(1000)
  expect(takes).toBeGreaterThanOrEqual(1000 / REQUESTS_IN_FLIGHT_MAX - 1)
  expect(peer.correlationIds).toEqual(Array.from({ length: 1000 }, (_, id) => id))
})

it('handles nothing of the rest once it is closed', () => {
  const { connection, peer, handled } = connect()
  receiveAtOnce(connection, 1000)
  connection.close()
  peer.takeAll()
  expect(handled).toHaveLength(REQUESTS_IN_FLIGHT_MAX)
})
