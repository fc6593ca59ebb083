import { describe, expect, it } from 'vitest'
import type { Connection, ConnectionHandler } from '../platform'
import { PlainServer } from '../security/sasl/plain'
import { ScramClient } from '../security/sasl/scram-client'
import { credentialOfPassword } from '../security/sasl/scram-credential'
import { ScramServer } from '../security/sasl/scram-server'
import { RecordingLogger } from '../testing/storage-kit'
import { ErrorCode } from '../wire/errors'
import { decodeResponse, encodeRequest } from '../wire/frames'
import { ApiVersions, Metadata, SaslAuthenticate, SaslHandshake } from '../wire/messages'
import type { Api, Encodable } from '../wire/schema'
import { Writer } from '../wire/writer'
import type { SaslSettings } from './authentication'
import { ServerConnection } from './connection'
import { saslHandshakeHandler } from './handlers/17-sasl-handshake'
import { saslAuthenticateHandler } from './handlers/36-sasl-authenticate'
import { HandlerRegistry } from './registry'
import { RequestMetrics } from './request-metrics'
import { WriterPool } from './writer-pool'

/** Time that stands still until it is told to go on. */
class HandClock {
  ms = 1_000_000
  private timers: { atMs: number; callback: () => void }[] = []
  nowMs = () => this.ms
  monotonicMs = () => this.ms
  setTimer(delayMs: number, callback: () => void) {
    const timer = { atMs: this.ms + delayMs, callback }
    this.timers.push(timer)
    return { cancel: () => (this.timers = this.timers.filter((other) => other !== timer)) }
  }
  setTicker = () => ({ cancel: () => undefined })
  defer = (callback: () => void) => callback()
  pass(ms: number): void {
    this.ms += ms
    const due = this.timers.filter(({ atMs }) => atMs <= this.ms)
    this.timers = this.timers.filter(({ atMs }) => atMs > this.ms)
    for (const { callback } of due) callback()
  }
}

const SALT = Buffer.from('abcdefgh')
const PASSWORDS = new Map([
  ['alice', 'secret'],
  ['bob', 'hidden'],
])
const CREDENTIALS = new Map(
  [...PASSWORDS].map(([user, password]) => [user, credentialOfPassword('SCRAM-SHA-256', password, SALT)]),
)

class Peer implements Connection {
  readonly remoteHost = '127.0.0.1'
  readonly remotePort = 1
  readonly queuedBytes = 0
  readonly frames: Buffer[] = []
  state: 'open' | 'ended' | 'destroyed' = 'open'
  setHandler(): void {}
  pause(): void {}
  resume(): void {}
  end(): void {
    this.state = 'ended'
  }
  destroy(): void {
    this.state = 'destroyed'
  }
  write(parts: readonly Uint8Array[], onFlushed?: () => void): boolean {
    const all = Buffer.concat(parts)
    for (let at = 0; at < all.length; at += 4 + all.readInt32BE(at))
      this.frames.push(Buffer.from(all.subarray(at + 4, at + 4 + all.readInt32BE(at))))
    onFlushed?.()
    return true
  }
}

function connect(overrides: Partial<SaslSettings> = {}) {
  const clock = new HandClock()
  const peer = new Peer()
  const logger = new RecordingLogger()
  const seen: string[] = []
  const registry = new HandlerRegistry()
    .register(saslHandshakeHandler())
    .register(saslAuthenticateHandler())
    .register<unknown, { errorCode: number; apiKeys: never[] }>({
      api: ApiVersions as never,
      minVersion: 0,
      maxVersion: 0,
      handle: (context) => context.respond({ errorCode: 0, apiKeys: [] }),
    })
    .register({
      api: Metadata,
      minVersion: 0,
      maxVersion: 12,
      handle: (context) => {
        seen.push(context.client.principal)
        context.respond({ brokers: [], topics: [] })
      },
    })
  const sasl: SaslSettings = {
    mechanisms: ['PLAIN', 'SCRAM-SHA-256'],
    sessionLifetimeMsMax: 0,
    failureDelayMs: 100,
    serverFor: (mechanism) =>
      mechanism === 'PLAIN'
        ? new PlainServer((user) => PASSWORDS.get(user))
        : new ScramServer({ mechanism, nonce: 'broker', credentialOf: (user) => CREDENTIALS.get(user) }),
    ...overrides,
  }
  const connection: ServerConnection & ConnectionHandler = new ServerConnection({
    id: 1,
    connection: peer,
    registry,
    writers: new WriterPool(),
    metrics: new RequestMetrics(),
    clock,
    logger,
    limits: { requestBytesMax: 1_000_000, requestsInFlightMax: 10, responseBytesHeldMax: 1_000_000 },
    sasl,
    onDidClose: () => undefined,
    onFatal: (error) => {
      throw error
    },
  })
  function receive(bytes: Uint8Array): void {
    const buffer = connection.receiveBuffer()
    buffer.set(bytes)
    connection.onData(buffer, bytes.length)
  }
  return {
    clock,
    peer,
    seen,
    reasons: () => JSON.stringify(logger.problems),
    receive,
    /** The answer, or null where there is none (yet). */
    ask<Req, Res>(api: Api<Req, Res>, version: number, body: Encodable<Req>): Res | null {
      const writer = new Writer()
      encodeRequest(writer, api, version, 7, 'test', body)
      const before = peer.frames.length
      receive(writer.bytes())
      const frame = peer.frames[before]
      return frame === undefined ? null : decodeResponse(frame, api, version).body
    },
    last<Req, Res>(api: Api<Req, Res>, version: number): Res {
      return decodeResponse(peer.frames.at(-1)!, api, version).body
    },
    token(bytes: Uint8Array): Buffer | null {
      const before = peer.frames.length
      const frame = Buffer.alloc(4 + bytes.length)
      frame.writeInt32BE(bytes.length)
      frame.set(bytes, 4)
      receive(frame)
      return peer.frames[before] ?? null
    },
  }
}

type Client = ReturnType<typeof connect>
const plain = (user: string, password: string) => Buffer.from(`\0${user}\0${password}`)
const askMetadata = (client: Client) => client.ask(Metadata, 1, { topics: [] })

function logIn(client: Client, user = 'alice', password = PASSWORDS.get(user)!) {
  expect(client.ask(SaslHandshake, 1, { mechanism: 'PLAIN' })).toMatchObject({ errorCode: 0 })
  return client.ask(SaslAuthenticate, 2, { authBytes: plain(user, password) })
}

describe('a connection on a listener with SASL', () => {
  it('serves ApiVersions before it knows who is there, and closes on everything else', () => {
    const client = connect()
    expect(client.ask(ApiVersions, 0, {})).toMatchObject({ errorCode: 0 })
    expect(askMetadata(client)).toBeNull()
    expect(client.peer.state).toBe('destroyed')
    expect(client.reasons()).toContain('Unexpected Kafka request of type Metadata during SASL handshake.')
    expect(client.seen).toEqual([])
  })

  it('serves a user that has proved to be one, under its principal', () => {
    const client = connect()
    expect(logIn(client)).toMatchObject({ errorCode: 0, errorMessage: null, sessionLifetimeMs: 0n })
    expect(askMetadata(client)).not.toBeNull()
    expect(client.seen).toEqual(['User:alice'])
  })

  it('carries an exchange of several messages', () => {
    const client = connect()
    const scram = new ScramClient({ mechanism: 'SCRAM-SHA-256', user: 'bob', password: 'hidden', nonce: 'client' })
    client.ask(SaslHandshake, 1, { mechanism: 'SCRAM-SHA-256' })
    const first = client.ask(SaslAuthenticate, 1, { authBytes: scram.start() })
    // Half an exchange is no authentication.
    const final = scram.evaluate(first!.authBytes)!
    const last = client.ask(SaslAuthenticate, 1, { authBytes: final })
    expect(scram.evaluate(last!.authBytes)).toBeNull()
    askMetadata(client)
    expect(client.seen).toEqual(['User:bob'])
  })

  it('serves nothing in the middle of an exchange', () => {
    const client = connect()
    const scram = new ScramClient({ mechanism: 'SCRAM-SHA-256', user: 'bob', password: 'hidden', nonce: 'client' })
    client.ask(SaslHandshake, 1, { mechanism: 'SCRAM-SHA-256' })
    client.ask(SaslAuthenticate, 1, { authBytes: scram.start() })
    expect(askMetadata(client)).toBeNull()
    expect(client.peer.state).toBe('destroyed')
  })

  it('answers wrong credentials with Kafka’s sentence, late, and closes', () => {
    const client = connect()
    expect(logIn(client, 'alice', 'wrong')).toBeNull()
    client.clock.pass(99)
    expect(client.peer.state).toBe('open')
    // Nobody gets a second guess meanwhile.
    expect(client.ask(SaslAuthenticate, 2, { authBytes: plain('alice', 'secret') })).toBeNull()
    client.clock.pass(1)
    expect(client.last(SaslAuthenticate, 2)).toMatchObject({
      errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
      errorMessage: 'Authentication failed: Invalid username or password',
    })
    expect(client.peer.state).toBe('ended')
    expect(client.peer.frames).toHaveLength(2)
  })

  it('names no reason for a wrong SCRAM proof, as Kafka', () => {
    const client = connect()
    const scram = new ScramClient({ mechanism: 'SCRAM-SHA-256', user: 'bob', password: 'wrong', nonce: 'client' })
    client.ask(SaslHandshake, 1, { mechanism: 'SCRAM-SHA-256' })
    const first = client.ask(SaslAuthenticate, 1, { authBytes: scram.start() })
    client.ask(SaslAuthenticate, 1, { authBytes: scram.evaluate(first!.authBytes)! })
    client.clock.pass(100)
    expect(client.last(SaslAuthenticate, 1)).toMatchObject({
      errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
      errorMessage: 'Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256',
    })
  })

  it('tells the mechanisms that there are to who wants another, and closes', () => {
    const client = connect()
    client.ask(SaslHandshake, 1, { mechanism: 'GSSAPI' })
    client.clock.pass(100)
    const { errorCode, mechanisms } = client.last(SaslHandshake, 1)
    expect([errorCode, mechanisms]).toEqual([ErrorCode.UNSUPPORTED_SASL_MECHANISM, ['PLAIN', 'SCRAM-SHA-256']])
    expect(client.peer.state).toBe('ended')
  })

  it('takes no SaslAuthenticate without a SaslHandshake, and no second SaslHandshake', () => {
    const early = connect()
    early.ask(SaslAuthenticate, 2, { authBytes: plain('alice', 'secret') })
    early.clock.pass(100)
    expect(early.last(SaslAuthenticate, 2).errorCode).toBe(ErrorCode.ILLEGAL_SASL_STATE)
    const twice = connect()
    twice.ask(SaslHandshake, 1, { mechanism: 'PLAIN' })
    twice.ask(SaslHandshake, 1, { mechanism: 'PLAIN' })
    twice.clock.pass(100)
    expect(twice.last(SaslHandshake, 1).errorCode).toBe(ErrorCode.ILLEGAL_SASL_STATE)
    expect([early.peer.state, twice.peer.state]).toEqual(['ended', 'ended'])
  })

  it('reads raw tokens after SaslHandshake 0, and closes without a word where they are wrong', () => {
    const client = connect()
    client.ask(SaslHandshake, 0, { mechanism: 'PLAIN' })
    expect(client.token(plain('alice', 'secret'))).toEqual(Buffer.alloc(0))
    expect(askMetadata(client)).not.toBeNull()
    expect(client.seen).toEqual(['User:alice'])
    const wrong = connect()
    wrong.ask(SaslHandshake, 0, { mechanism: 'PLAIN' })
    expect(wrong.token(plain('alice', 'wrong'))).toBeNull()
    wrong.clock.pass(100)
    expect(wrong.peer.frames).toHaveLength(1)
    expect(wrong.peer.state).toBe('ended')
  })

  it('holds no large frame for somebody unknown', () => {
    const announced = (size: number) => Buffer.from([size >> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255])
    const client = connect()
    client.receive(announced(600_000))
    expect(client.peer.state).toBe('destroyed')
    const known = connect()
    logIn(known)
    known.receive(announced(600_000))
    expect(known.peer.state).toBe('open')
  })
})

describe('a SASL session', () => {
  it('tells how long it lives, and ends with the first request after that', () => {
    const client = connect({ sessionLifetimeMsMax: 5_000 })
    expect(logIn(client)).toMatchObject({ sessionLifetimeMs: 5_000n })
    client.clock.pass(5_000)
    expect(askMetadata(client)).not.toBeNull()
    client.clock.pass(1)
    expect(askMetadata(client)).toBeNull()
    expect(client.reasons()).toContain('session had expired')
  })

  it('is renewed by authenticating anew on the same connection, also late', () => {
    const client = connect({ sessionLifetimeMsMax: 5_000 })
    logIn(client)
    client.clock.pass(6_000)
    expect(logIn(client)).toMatchObject({ errorCode: 0, sessionLifetimeMs: 5_000n })
    client.clock.pass(4_000)
    expect(askMetadata(client)).not.toBeNull()
    client.clock.pass(500)
    expect(logIn(client)).toMatchObject({ errorCode: 0 })
  })

  it('serves nothing while it is being renewed', () => {
    const client = connect({ sessionLifetimeMsMax: 5_000 })
    logIn(client)
    client.ask(SaslHandshake, 1, { mechanism: 'PLAIN' })
    expect(askMetadata(client)).toBeNull()
    expect(client.reasons()).toContain('during SASL re-authentication')
  })

  it('cannot become somebody else’s, and ends where the password has become wrong', () => {
    const client = connect({ sessionLifetimeMsMax: 5_000 })
    logIn(client)
    expect(logIn(client, 'bob')).toBeNull()
    client.clock.pass(100)
    expect(client.last(SaslAuthenticate, 2)).toMatchObject({
      errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
      errorMessage: 'Cannot change principals during re-authentication from User:alice to User:bob',
    })
    const other = connect({ sessionLifetimeMsMax: 5_000 })
    logIn(other)
    logIn(other, 'alice', 'wrong')
    other.clock.pass(100)
    expect([client.peer.state, other.peer.state]).toEqual(['ended', 'ended'])
  })

  it('is not renewed twice within a second', () => {
    const client = connect({ sessionLifetimeMsMax: 5_000 })
    logIn(client)
    expect(logIn(client)).toMatchObject({ errorCode: 0 })
    expect(client.ask(SaslHandshake, 1, { mechanism: 'PLAIN' })).toMatchObject({ errorCode: ErrorCode.ILLEGAL_SASL_STATE })
    expect(askMetadata(client)).not.toBeNull()
    client.clock.pass(1_000)
    expect(logIn(client)).toMatchObject({ errorCode: 0 })
  })
})
