import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connection, Listener, Logger } from '../platform'
import { createNodePlatform } from '../platform/node'
import { ErrorCode } from '../wire/errors'
import { decodeRequestHeader, encodeResponse, FrameReader, type RequestFrame } from '../wire/frames'
import { ApiVersions, Fetch, Metadata, Produce } from '../wire/messages'
import { Writer } from '../wire/writer'
import { BrokerConnection, type BrokerConnectionOptions } from './broker-connection'
import { ClientError } from './errors'

const nothing = () => undefined
const logger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }
const platform = createNodePlatform({ logger })

/** A broker of a few lines: what it does with each request is the test's. */
class FakeBroker {
  readonly requests: RequestFrame[] = []
  connectionCount = 0
  current: Connection | null = null
  onRequest: (request: RequestFrame) => void = nothing
  private listener: Listener | null = null

  async open(port = 0): Promise<number> {
    this.listener = await platform.network.listen({ host: '127.0.0.1', port }, (connection) => {
      this.connectionCount++
      this.current = connection
      const frames = new FrameReader({
        maxFrameBytes: 1_000_000,
        onFrame: (frame) => {
          const request = decodeRequestHeader(Buffer.from(frame))
          this.requests.push(request)
          this.onRequest(request)
        },
        onBadFrame: nothing,
      })
      connection.setHandler({
        receiveBuffer: () => frames.receiveBuffer(),
        onData: (bytes, length) => frames.onData(bytes, length),
        onClose: nothing,
      })
    })
    return this.listener.port
  }

  answerMetadata(request: RequestFrame, clusterId: string): void {
    const writer = new Writer()
    encodeResponse(writer, Metadata, request.apiVersion, request.correlationId, { brokers: [], topics: [], clusterId })
    this.current?.write([writer.bytes()])
  }

  answerApiVersions(request: RequestFrame, version: number, errorCode: number, ranges: [number, number, number][]): void {
    const writer = new Writer()
    const apiKeys = ranges.map(([apiKey, minVersion, maxVersion]) => ({ apiKey, minVersion, maxVersion }))
    encodeResponse(writer, ApiVersions, version, request.correlationId, { errorCode, apiKeys })
    this.current?.write([writer.bytes()])
  }

  async close(): Promise<void> {
    await this.listener?.close()
    this.listener = null
  }
}

let broker: FakeBroker
let port: number
let connection: BrokerConnection
const open = (options: Partial<BrokerConnectionOptions> = {}) => {
  connection = new BrokerConnection({ platform, host: '127.0.0.1', port, clientId: 'test', ...options })
  return connection
}

beforeEach(async () => {
  broker = new FakeBroker()
  port = await broker.open()
})
afterEach(async () => {
  connection.close()
  await broker.close()
})

const ask = (timeoutMs = 5_000) => connection.request(Metadata, { topics: [] }, { timeoutMs })
const failure = async (promise: Promise<unknown>): Promise<ClientError> => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ClientError)
  return error as ClientError
}

describe('BrokerConnection', () => {
  it('pipelines requests over one connection and gives each its own answer', async () => {
    broker.onRequest = (request) => broker.answerMetadata(request, `cluster-${request.correlationId}`)
    open()
    const answers = await Promise.all([ask(), ask(), ask()])
    expect(answers.map(({ clusterId }) => clusterId)).toEqual(
      broker.requests.map(({ correlationId }) => `cluster-${correlationId}`),
    )
    expect([broker.connectionCount, new Set(broker.requests.map(({ correlationId }) => correlationId)).size]).toEqual([1, 3])
    expect(broker.requests[0]).toMatchObject({ clientId: 'test', apiVersion: Metadata.maxVersion })
    expect([connection.isConnected, connection.outstandingCount]).toEqual([true, 0])
  })

  it('answers in place during the callback', async () => {
    broker.onRequest = (request) => broker.answerMetadata(request, 'here')
    open()
    const clusterId = await new Promise((resolve) => {
      connection.requestInPlace(Metadata, { topics: [] }, 5, (response) => resolve(response?.clusterId))
    })
    expect(clusterId).toBe('here')
    expect(broker.requests[0]!.apiVersion).toBe(5)
  })

  it('fails what is under way when the connection is lost, and makes a new one for the next request', async () => {
    open()
    const lost: (ClientError | null)[] = []
    connection.on('closed', (error) => lost.push(error))
    broker.onRequest = () => broker.current?.destroy()
    expect(await failure(ask())).toMatchObject({ kind: 'connection', retriable: true })
    broker.onRequest = (request) => broker.answerMetadata(request, 'again')
    expect((await ask()).clusterId).toBe('again')
    expect([broker.connectionCount, lost.length]).toEqual([2, 1])
  })

  it('fails soon where nobody listens, and finds the broker once it does', async () => {
    await broker.close()
    open()
    expect(await failure(ask())).toMatchObject({ kind: 'connection', retriable: true })
    broker = new FakeBroker()
    broker.onRequest = (request) => broker.answerMetadata(request, 'back')
    await broker.open(port)
    expect((await ask()).clusterId).toBe('back')
  })

  it('takes the connection down with a request that is not answered in time: what is behind it waits for the same broker', async () => {
    open()
    const [late, behind] = await Promise.all([failure(ask(60)), failure(ask(60_000))])
    expect([late.kind, behind.kind]).toEqual(['timeout', 'connection'])
    expect(connection.isConnected).toBe(false)
  })

  it('does not wait for an answer that does not come by design', async () => {
    open()
    const received = new Promise((resolve) => {
      broker.onRequest = resolve
    })
    await connection.send(Produce, { acks: 0, timeoutMs: 1, topicData: [] }, { timeoutMs: 50 })
    await received
    expect(connection.outstandingCount).toBe(0)
    expect(connection.isConnected).toBe(true)
  })

  it.each([
    ['an answer to what was not asked', Buffer.from([0, 0, 0, 4, 0, 0, 99, 99])],
    ['an answer that is larger than may be', Buffer.from([0x7f, 0, 0, 0])],
  ])('closes on %s', async (_what, bytes) => {
    broker.onRequest = () => broker.current?.write([bytes])
    open()
    expect(await failure(ask())).toMatchObject({ kind: 'protocol' })
  })

  it('closes on an answer that cannot be decoded', async () => {
    broker.onRequest = ({ correlationId }) => {
      const bytes = Buffer.from([0, 0, 0, 9, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])
      bytes.writeInt32BE(correlationId, 4)
      broker.current?.write([bytes])
    }
    open()
    expect((await failure(ask())).message).toMatch(/cannot be decoded/)
    expect(connection.isConnected).toBe(false)
  })

  it('fails a request that cannot be encoded, and no other', async () => {
    broker.onRequest = (request) => broker.answerMetadata(request, 'fine')
    open()
    const topics = [{ topicId: 'no id', name: null }]
    const [bad, good] = await Promise.all([failure(connection.request(Metadata, { topics })), ask()])
    expect([bad.kind, bad.retriable, good.clusterId]).toEqual(['protocol', false, 'fine'])
  })

  it('fails everything once closed, with the reason', async () => {
    open()
    const underWay = failure(ask())
    connection.close()
    expect((await underWay).kind).toBe('closed')
    expect((await failure(ask())).kind).toBe('closed')
  })

  it('speaks the highest version that both know, and says where there is none', async () => {
    broker.onRequest = (request) => {
      if (request.apiKey === ApiVersions.key)
        broker.answerApiVersions(request, 3, ErrorCode.NONE, [
          [Metadata.key, 0, 4],
          [Produce.key, 99, 99],
        ])
      else broker.answerMetadata(request, 'old')
    }
    open({ negotiate: true })
    expect((await ask()).clusterId).toBe('old')
    expect(broker.requests.map(({ apiKey, apiVersion }) => [apiKey, apiVersion])).toEqual([
      [ApiVersions.key, 3],
      [Metadata.key, 4],
    ])
    expect((await failure(connection.request(Produce, { acks: 1, timeoutMs: 1, topicData: [] }))).kind).toBe('version')
    expect((await failure(connection.request(Fetch, { maxWaitMs: 1, minBytes: 1, topics: [] }))).message).toMatch(
      /does not have Fetch/,
    )
  })

  it('asks an old broker for its versions once more in the oldest form (KIP-511)', async () => {
    broker.onRequest = (request) => {
      if (request.apiKey !== ApiVersions.key) return broker.answerMetadata(request, 'ancient')
      if (request.apiVersion === 3)
        return broker.answerApiVersions(request, 0, ErrorCode.UNSUPPORTED_VERSION, [[ApiVersions.key, 0, 2]])
      return broker.answerApiVersions(request, 0, ErrorCode.NONE, [[Metadata.key, 0, 2]])
    }
    open({ negotiate: true })
    expect((await ask()).clusterId).toBe('ancient')
    expect(broker.requests.map(({ apiVersion }) => apiVersion)).toEqual([3, 0, 2])
  })
})
