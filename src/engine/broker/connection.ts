/**
 * One accepted connection: takes frames apart, hands requests to their handlers in the order in which they came, and sends the responses in
 * that same order, however long one of them is parked. A request without a response (acks=0) takes no place in the line.
 *
 * Bounded both ways: with too many requests under way, or too much waiting to be sent, it stops reading, in the middle of what a read has
 * brought too, until the peer or the handlers have caught up. Anything that cannot be understood closes this connection, with one line in
 * the log, and no other. Made and counted by BrokerListener; never looks into a request's body.
 */
import { AssertionError } from '../../shared/lang/assert'
import type { Clock, Connection, ConnectionHandler, Logger, NetworkError, Timer } from '../platform'
import { DiskError } from '../platform'
import { ANONYMOUS, userPrincipal } from '../security/principal'
import { ErrorCode } from '../wire/errors'
import { decodeRequestHeader, encodeResponse, FrameReader } from '../wire/frames'
import { ApiVersions } from '../wire/messages/18-api-versions'
import type { Encodable } from '../wire/schema'
import { DecodeError } from '../wire/wire-error'
import { SaslConversation, type SaslSettings, UNAUTHENTICATED_FRAME_BYTES_MAX } from './authentication'
import { type ActivityView, ConnectionActivity } from './connection-activity'
import { Exchange, type ExchangeOwner, INTERCEPTED } from './exchange'
import type { Interceptor } from './interception/interceptor'
import type { AnyStruct } from './interception/message-shape'
import type { ClientQuotas } from './quotas/client-quotas'
import type { Admission, ClientIdentity, HandlerRegistry } from './registry'
import type { RequestMetrics } from './request-metrics'
import { errorVisitorOf } from './response-errors'
import type { PooledWriter, WriterPool } from './writer-pool'

export interface ConnectionLimits {
  /** `socket.request.max.bytes`. */
  readonly requestBytesMax: number
  /** Requests that are being handled, and those whose responses the system has not yet taken. */
  readonly requestsInFlightMax: number
  /** Responses encoded and not yet taken by the system, beyond which no further request is read. */
  readonly responseBytesHeldMax: number
}

export interface ServerConnectionOptions {
  readonly id: number
  readonly connection: Connection
  readonly registry: HandlerRegistry
  readonly writers: WriterPool
  readonly metrics: RequestMetrics
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: ConnectionLimits
  /** By which of the broker's listeners it came; for the views. */
  readonly listener?: ListenerFacts
  /** Of a listener with SASL: nothing is served before it. */
  readonly sasl?: SaslSettings | null
  /** What tests of clients have done to their requests. */
  readonly interceptor?: Interceptor | null
  readonly quotas?: ClientQuotas | null
  onDidClose(connection: ServerConnection): void
  /** A broken invariant or a broken disk: the broker cannot go on. */
  onFatal(error: Error): void
}

/** What a listener asks of those who come in by it. */
export interface ListenerFacts {
  /** `PLAINTEXT`, `SASL_SSL`, …; `REPLICATION` for that of the brokers. */
  readonly name: string
  readonly hasTls: boolean
}

const PLAINTEXT: ListenerFacts = { name: 'PLAINTEXT', hasTls: false }

export interface ConnectionView {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly clientId: string | null
  readonly principal: string
  readonly softwareName: string | null
  readonly softwareVersion: string | null
  readonly requestsInFlight: number
  readonly listener: ListenerFacts
  /** The SASL mechanism that it has come in with; null: none. */
  readonly saslMechanism: string | null
  /** Wall clock, ms. */
  readonly sinceMs: number
  readonly activity: ActivityView
}

export class ServerConnection implements ConnectionHandler, ExchangeOwner {
  lastActivityMs: number
  readonly sasl: SaslConversation | null
  readonly activity: ConnectionActivity
  private readonly sinceMs: number
  private readonly connection: Connection
  private readonly frames: FrameReader
  /** In order of arrival; the first is the next to be answered. */
  private readonly line: Exchange[] = []
  private heldBytes = 0
  /** Responses written and not yet taken by the system: each holds a pooled buffer, however short it is. */
  private unsentCount = 0
  private isClosed = false
  /** The last answer waits for its time. */
  private endTimer: Timer | null = null
  private isPaused = false
  /** Runs while a quota has nothing read. */
  private muteTimer: Timer | null = null
  private mutedUntilMs = 0
  /** Responses made while a read is being worked off leave together, in one system call. */
  private isDispatching = false
  private identity: ClientIdentity
  private software: { readonly name: string; readonly version: string } | null = null

  constructor(private readonly options: ServerConnectionOptions) {
    this.connection = options.connection
    this.lastActivityMs = options.clock.monotonicMs()
    this.sinceMs = options.clock.nowMs()
    this.activity = new ConnectionActivity(options.clock)
    this.identity = {
      connectionId: options.id,
      host: this.connection.remoteHost,
      port: this.connection.remotePort,
      clientId: null,
      // In a certificate that was asked for and checked, or nobody; SASL says who it is later.
      principal: typeof this.connection.peerName === 'string' ? userPrincipal(this.connection.peerName) : ANONYMOUS,
    }
    const { sasl = null, clock, limits } = options
    this.sasl = sasl === null ? null : new SaslConversation(sasl, clock)
    const conversation = this.sasl
    this.frames = new FrameReader({
      get maxFrameBytes() {
        const isUnknown = conversation !== null && conversation.principal === null
        return isUnknown ? Math.min(UNAUTHENTICATED_FRAME_BYTES_MAX, limits.requestBytesMax) : limits.requestBytesMax
      },
      onFrame: (frame) => this.onFrame(frame),
      onBadFrame: (message) => this.closeBecause(message),
    })
  }

  get remoteHost(): string {
    return this.identity.host
  }

  get requestsInFlight(): number {
    return this.line.length
  }

  get responseBytesMax(): number {
    return Math.max(0, this.options.limits.responseBytesHeldMax - this.heldBytes)
  }

  view(): ConnectionView {
    const { connectionId, host, port, clientId, principal } = this.identity
    return {
      id: connectionId,
      host,
      port,
      clientId,
      principal,
      softwareName: this.software?.name ?? null,
      softwareVersion: this.software?.version ?? null,
      requestsInFlight: this.line.length,
      listener: this.options.listener ?? PLAINTEXT,
      saslMechanism: this.sasl?.mechanism ?? null,
      sinceMs: this.sinceMs,
      activity: this.activity.view(),
    }
  }

  receiveBuffer(): Uint8Array {
    return this.frames.receiveBuffer()
  }

  onData(buffer: Uint8Array, length: number): void {
    if (this.isClosed) return
    this.lastActivityMs = this.options.clock.monotonicMs()
    this.isDispatching = true
    try {
      this.frames.onData(buffer, length)
    } finally {
      this.isDispatching = false
    }
    this.sendReady()
  }

  onClose(_error: NetworkError | null): void {
    this.isClosed = true
    this.endTimer?.cancel()
    this.muteTimer?.cancel()
    this.frames.stop()
    // What was encoded for it is dropped with its buffers: the system may still read some of them, so none goes back to the pool.
    this.line.length = 0
    this.options.onDidClose(this)
  }

  /** Closes without a word in the log: the idle limit, and shutdown. */
  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.endTimer?.cancel()
    this.muteTimer?.cancel()
    this.frames.stop()
    this.connection.destroy()
  }

  closeBecause(reason: string): void {
    if (this.isClosed) return
    this.options.logger.warn('Closed the connection of a client', { client: this.describe(), reason })
    this.close()
  }

  endWith(answer: () => void, reason: string, delayMs: number): void {
    if (this.isClosed || this.endTimer !== null) return
    this.frames.stop()
    this.connection.pause()
    this.endTimer = this.options.clock.setTimer(delayMs, () => {
      if (this.isClosed) return
      answer()
      this.options.logger.warn('Closed the connection of a client', { client: this.describe(), reason })
      this.connection.end()
    })
  }

  holdBack(exchange: Exchange, delayMs: number): void {
    this.options.clock.setTimer(delayMs, () => {
      exchange.isHeld = false
      this.sendReady()
    })
  }

  mute(throttleMs: number): void {
    const { clock } = this.options
    const untilMs = clock.monotonicMs() + throttleMs
    if (this.isClosed || untilMs <= this.mutedUntilMs) return
    this.mutedUntilMs = untilMs
    this.muteTimer?.cancel()
    this.muteTimer = clock.setTimer(throttleMs, () => {
      this.muteTimer = null
      this.adjustReading()
    })
    this.adjustReading()
  }

  throttleForWork({ handler, client, startedAtMs, busyMs }: Exchange): number {
    const { quotas, clock } = this.options
    const workedMs = busyMs >= 0 ? busyMs : clock.monotonicMs() - startedAtMs
    return quotas?.onHandled(handler.api.key, client, workedMs) ?? 0
  }

  identifySoftware(name: string, version: string): void {
    this.software = { name, version }
  }

  encode(exchange: Exchange, body: Encodable<unknown>, sizeHint: number): PooledWriter | null {
    if (this.isClosed) return null
    const pooled = this.options.writers.take(sizeHint)
    const { api } = exchange.handler
    try {
      encodeResponse(pooled.writer, api, exchange.version, exchange.correlationId, body)
    } catch (error) {
      this.onHandlerError(exchange, error)
      return null
    }
    this.heldBytes += pooled.writer.length
    this.activity.onResponse(pooled.writer.length)
    this.countErrors(exchange, body)
    return pooled
  }

  private countErrors({ handler: { api } }: Exchange, body: Encodable<unknown>): void {
    errorVisitorOf(api.response.fields)?.(body, (errorCode) => {
      this.options.metrics.onError(api.key, api.name, errorCode)
      this.activity.onError(api.name, errorCode)
    })
  }

  onDidComplete(exchange: Exchange): void {
    if (this.isClosed) return
    const { clock, metrics } = this.options
    const bytes = exchange.response?.writer.length ?? 0
    exchange.completedAtMs = clock.monotonicMs()
    metrics.onResponse(exchange.handler.api.key, exchange.handler.api.name, bytes, exchange)
    if (!this.isDispatching) this.sendReady()
  }

  private onFrame(frame: Uint8Array): void {
    if (this.sasl?.expectsRawToken === true) return this.onRawToken(this.sasl, frame)
    let header: ReturnType<typeof decodeRequestHeader>
    try {
      header = decodeRequestHeader(frame)
    } catch (error) {
      return this.closeBecause(`a request header that cannot be decoded: ${String(error)}`)
    }
    const { apiKey, apiVersion, correlationId, clientId } = header
    const handler = this.options.registry.find(apiKey)
    if (handler === undefined) return this.closeBecause(`API key ${apiKey} (version ${apiVersion}) is not served`)
    const refusal = this.sasl === null ? null : this.sasl.whyRefused(apiKey, handler.api.name)
    if (refusal !== null) return this.closeBecause(refusal)
    if (clientId !== this.identity.clientId) this.identity = { ...this.identity, clientId }
    this.options.metrics.onRequest(apiKey, handler.api.name, frame.length + 4)
    this.activity.onRequest(apiKey, handler.api.name, apiVersion, frame.length + 4)
    const isServed = apiVersion >= handler.minVersion && apiVersion <= handler.maxVersion
    if (!isServed && apiKey !== ApiVersions.key) {
      const range = `${handler.minVersion}-${handler.maxVersion}`
      return this.closeBecause(`${handler.api.name} version ${apiVersion} is not served, versions ${range} are`)
    }
    const version = isServed ? apiVersion : 0
    const exchange = new Exchange(this, handler, version, correlationId, this.identity, this.lastActivityMs)
    this.line.push(exchange)
    if (isServed) this.serve(exchange, header, frame.length)
    else this.refuseApiVersions(exchange)
    this.adjustReading()
  }

  /** Counts what the request costs its client, and has it handled. */
  private serve(exchange: Exchange, header: ReturnType<typeof decodeRequestHeader>, frameBytes: number): void {
    const { quotas, clock } = this.options
    if (quotas?.countsRequests === true) {
      exchange.startedAtMs = clock.monotonicMs()
      const throttleMs = quotas.onRequest(header.apiKey, exchange.client, frameBytes + 4)
      exchange.throttle(throttleMs)
      // At once, and again when the answer leaves: else what is pipelined behind a produce that waits for replicas would all be taken meanwhile. Kafka
      // reads nothing of a connection while a request of it is under way.
      if (throttleMs > 0) this.mute(throttleMs)
    }
    this.dispatch(exchange, header)
    if (exchange.startedAtMs >= 0) exchange.busyMs = clock.monotonicMs() - exchange.startedAtMs
  }

  private dispatch(exchange: Exchange, header: ReturnType<typeof decodeRequestHeader>): void {
    const { handler, version } = exchange
    const { clock } = this.options
    exchange.begunAtMs = clock.monotonicMs()
    try {
      exchange.request = handler.api.request.decode(header.body, version)
      this.activity.onBody(handler.api.key, exchange.request)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      return this.closeBecause(`a ${handler.api.name} request, version ${version}, that cannot be decoded: ${error.message}`)
    }
    const admission = this.options.registry.admissionOf(handler.api.key)
    try {
      if (admission !== undefined && !this.admits(admission, exchange)) return
      const { interceptor } = this.options
      if (interceptor?.isActive === true && !this.passes(interceptor, exchange)) return
      const ended = handler.handle(exchange)
      if (!exchange.isCompleted) exchange.handledAtMs = clock.monotonicMs()
      if (this.sasl !== null) this.noteWho(this.sasl)
      if (ended instanceof Promise)
        ended.then(() => this.checkAnswered(exchange)).catch((error: unknown) => this.onHandlerError(exchange, error))
    } catch (error) {
      this.onHandlerError(exchange, error)
    }
  }

  /** False where the request has been answered, or its connection closed, without its handler. */
  private admits(admission: Admission, exchange: Exchange): boolean {
    const admitted = admission(exchange.request, exchange.version, exchange.client)
    switch (admitted.kind) {
      case 'as-asked':
        return true
      case 'in-part':
        exchange.request = admitted.request
        exchange.amend = admitted.amend
        exchange.closesBecause = admitted.closesBecause ?? null
        return true
      case 'answered':
        exchange.respond(admitted.response)
        return false
      case 'closed':
        exchange.close(admitted.reason)
        return false
    }
  }

  /** False where interception has answered, or closed, without the handler. */
  private passes(interceptor: Interceptor, exchange: Exchange): boolean {
    const { handler, version, client } = exchange
    // Decoded by this API's codec: a struct.
    const intercepted = interceptor.judge(handler.api, version, exchange.request as AnyStruct, client)
    if (intercepted === null) return true
    exchange.fate = intercepted.fate
    if (intercepted.request === null) {
      if (intercepted.answer === null) exchange.close(INTERCEPTED)
      else exchange.respond(intercepted.answer)
      return false
    }
    exchange.request = intercepted.request
    const { amend } = intercepted
    const before = exchange.amend
    // Outermost what was taken out first.
    if (amend !== null) exchange.amend = (body) => (before === null ? amend(body as AnyStruct) : before(amend(body as AnyStruct)))
    return true
  }

  private noteWho({ principal }: SaslConversation): void {
    if (principal !== null && principal !== this.identity.principal) this.identity = { ...this.identity, principal }
  }

  /** After SaslHandshake 0 the messages of the mechanism come and go as frames without headers, and a failure has no words. */
  private onRawToken(sasl: SaslConversation, frame: Uint8Array): void {
    const { authBytes, endsBecause } = sasl.authenticate(frame)
    if (endsBecause !== null) return this.endWith(() => undefined, endsBecause, sasl.failureDelayMs)
    this.noteWho(sasl)
    this.sendReady()
    const size = Buffer.alloc(4)
    size.writeInt32BE(authBytes.length)
    this.connection.write([size, authBytes])
  }

  /** KIP-511: an ApiVersions in a version that we do not know is answered in version 0, with the range that we do know; its body is not parsed. */
  private refuseApiVersions(exchange: Exchange): void {
    const { minVersion, maxVersion } = exchange.handler
    exchange.respond({
      errorCode: ErrorCode.UNSUPPORTED_VERSION,
      apiKeys: [{ apiKey: ApiVersions.key, minVersion, maxVersion }],
    })
  }

  private checkAnswered(exchange: Exchange): void {
    if (!exchange.isCompleted && !this.isClosed)
      throw new AssertionError(`the handler of ${exchange.handler.api.name} ended without a response`)
  }

  private onHandlerError(exchange: Exchange, error: unknown): void {
    exchange.isCompleted = true
    this.closeBecause(
      `${exchange.handler.api.name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    )
    if (error instanceof AssertionError || error instanceof DiskError) this.options.onFatal(error)
  }

  private sendReady(): void {
    if (this.isClosed) return
    const { line } = this
    const ready: Answered[] = []
    while (line.length > 0 && line[0]!.isCompleted && !line[0]!.isHeld) {
      const exchange = line.shift()!
      if (isAnswered(exchange)) ready.push(exchange)
    }
    if (ready.length > 0) this.send(ready)
    this.adjustReading()
  }

  private send(ready: readonly Answered[]): void {
    let bytes = 0
    for (const { response } of ready) bytes += response.writer.length
    this.unsentCount += ready.length
    this.connection.write(
      ready.map(({ response }) => response.writer.bytes()),
      () => {
        const { clock, metrics } = this.options
        this.lastActivityMs = clock.monotonicMs()
        for (const { response, handler, completedAtMs } of ready) {
          response.release()
          metrics.onSent(handler.api.key, handler.api.name, this.lastActivityMs - completedAtMs)
        }
        this.heldBytes -= bytes
        this.unsentCount -= ready.length
        this.adjustReading()
      },
    )
  }

  private adjustReading(): void {
    if (this.isClosed) return
    const { requestsInFlightMax, responseBytesHeldMax } = this.options.limits
    const inFlight = this.line.length + this.unsentCount
    if (!this.isPaused) {
      if (this.muteTimer === null && inFlight < requestsInFlightMax && this.heldBytes < responseBytesHeldMax) return
      this.isPaused = true
      this.frames.pause()
      this.connection.pause()
    } else if (
      this.muteTimer === null &&
      !this.isDispatching &&
      inFlight <= requestsInFlightMax / 2 &&
      this.heldBytes <= responseBytesHeldMax / 2
    ) {
      this.resumeReading()
    }
  }

  /** First what the last read brought, which may be enough to pause again. */
  private resumeReading(): void {
    this.isPaused = false
    this.isDispatching = true
    try {
      this.frames.resume()
    } finally {
      this.isDispatching = false
    }
    if (!this.isPaused && !this.isClosed) this.connection.resume()
    this.sendReady()
  }

  private describe(): string {
    const { host, port, clientId } = this.identity
    return clientId === null || clientId === '' ? `${host}:${port}` : `${clientId} at ${host}:${port}`
  }
}

type Answered = Exchange & { readonly response: PooledWriter }

function isAnswered(exchange: Exchange): exchange is Answered {
  return exchange.response !== null
}
