/**
 * One accepted connection: takes frames apart, hands requests to their handlers in the order in which they came, and sends the responses in
 * that same order, however long one of them is parked. A request without a response (acks=0) takes no place in the line.
 *
 * Bounded both ways: with too many requests under way, or too much waiting to be sent, it stops reading, in the middle of what a read has
 * brought too, until the peer or the handlers have caught up. Anything that cannot be understood closes this connection, with one line in
 * the log, and no other. Made and counted by BrokerListener; never looks into a request's body.
 */
import { AssertionError } from '../../shared/lang/assert'
import type { Clock, Connection, ConnectionHandler, Logger, NetworkError } from '../platform'
import { DiskError } from '../platform'
import { ErrorCode } from '../wire/errors'
import { decodeRequestHeader, encodeResponse, FrameReader } from '../wire/frames'
import { ApiVersions } from '../wire/messages/18-api-versions'
import type { Encodable } from '../wire/schema'
import { DecodeError } from '../wire/wire-error'
import { Exchange, type ExchangeOwner } from './exchange'
import type { ClientIdentity, HandlerRegistry } from './registry'
import type { RequestMetrics } from './request-metrics'
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
  onDidClose(connection: ServerConnection): void
  /** A broken invariant or a broken disk: the broker cannot go on. */
  onFatal(error: Error): void
}

export interface ConnectionView {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly clientId: string | null
  readonly softwareName: string | null
  readonly softwareVersion: string | null
  readonly requestsInFlight: number
}

export class ServerConnection implements ConnectionHandler, ExchangeOwner {
  lastActivityMs: number
  private readonly connection: Connection
  private readonly frames: FrameReader
  /** In order of arrival; the first is the next to be answered. */
  private readonly line: Exchange[] = []
  private heldBytes = 0
  /** Responses written and not yet taken by the system: each holds a pooled buffer, however short it is. */
  private unsentCount = 0
  private isClosed = false
  private isPaused = false
  /** Responses made while a read is being worked off leave together, in one system call. */
  private isDispatching = false
  private identity: ClientIdentity
  private software: { readonly name: string; readonly version: string } | null = null

  constructor(private readonly options: ServerConnectionOptions) {
    this.connection = options.connection
    this.lastActivityMs = options.clock.monotonicMs()
    this.identity = {
      connectionId: options.id,
      host: this.connection.remoteHost,
      port: this.connection.remotePort,
      clientId: null,
    }
    this.frames = new FrameReader({
      maxFrameBytes: options.limits.requestBytesMax,
      onFrame: (frame) => this.onFrame(frame),
      onBadFrame: (message) => this.closeBecause(message),
    })
  }

  get requestsInFlight(): number {
    return this.line.length
  }

  get responseBytesMax(): number {
    return Math.max(0, this.options.limits.responseBytesHeldMax - this.heldBytes)
  }

  view(): ConnectionView {
    const { connectionId, host, port, clientId } = this.identity
    return {
      id: connectionId,
      host,
      port,
      clientId,
      softwareName: this.software?.name ?? null,
      softwareVersion: this.software?.version ?? null,
      requestsInFlight: this.line.length,
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
    this.frames.stop()
    // What was encoded for it is dropped with its buffers: the system may still read some of them, so none goes back to the pool.
    this.line.length = 0
    this.options.onDidClose(this)
  }

  /** Closes without a word in the log: the idle limit, and shutdown. */
  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.frames.stop()
    this.connection.destroy()
  }

  closeBecause(reason: string): void {
    if (this.isClosed) return
    this.options.logger.warn('Closed the connection of a client', { client: this.describe(), reason })
    this.close()
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
    return pooled
  }

  onDidComplete(exchange: Exchange): void {
    if (this.isClosed) return
    const { clock, metrics } = this.options
    const bytes = exchange.response?.writer.length ?? 0
    metrics.onResponse(exchange.handler.api.key, exchange.handler.api.name, bytes, clock.monotonicMs() - exchange.receivedAtMs)
    if (!this.isDispatching) this.sendReady()
  }

  private onFrame(frame: Uint8Array): void {
    let header: ReturnType<typeof decodeRequestHeader>
    try {
      header = decodeRequestHeader(frame)
    } catch (error) {
      return this.closeBecause(`a request header that cannot be decoded: ${String(error)}`)
    }
    const { apiKey, apiVersion, correlationId, clientId } = header
    const handler = this.options.registry.find(apiKey)
    if (handler === undefined) return this.closeBecause(`API key ${apiKey} (version ${apiVersion}) is not served`)
    if (clientId !== this.identity.clientId) this.identity = { ...this.identity, clientId }
    this.options.metrics.onRequest(apiKey, handler.api.name, frame.length + 4)
    const isServed = apiVersion >= handler.minVersion && apiVersion <= handler.maxVersion
    if (!isServed && apiKey !== ApiVersions.key) {
      const range = `${handler.minVersion}-${handler.maxVersion}`
      return this.closeBecause(`${handler.api.name} version ${apiVersion} is not served, versions ${range} are`)
    }
    const version = isServed ? apiVersion : 0
    const exchange = new Exchange(this, handler, version, correlationId, this.identity, this.lastActivityMs)
    this.line.push(exchange)
    if (isServed) this.dispatch(exchange, header)
    else this.refuseApiVersions(exchange)
    this.adjustReading()
  }

  private dispatch(exchange: Exchange, header: ReturnType<typeof decodeRequestHeader>): void {
    const { handler, version } = exchange
    try {
      exchange.request = handler.api.request.decode(header.body, version)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      return this.closeBecause(`a ${handler.api.name} request, version ${version}, that cannot be decoded: ${error.message}`)
    }
    try {
      const ended = handler.handle(exchange)
      if (ended instanceof Promise)
        ended.then(() => this.checkAnswered(exchange)).catch((error: unknown) => this.onHandlerError(exchange, error))
    } catch (error) {
      this.onHandlerError(exchange, error)
    }
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
    const ready: PooledWriter[] = []
    while (line.length > 0 && line[0]!.isCompleted) {
      const { response } = line.shift()!
      if (response !== null) ready.push(response)
    }
    if (ready.length > 0) this.send(ready)
    this.adjustReading()
  }

  private send(ready: readonly PooledWriter[]): void {
    let bytes = 0
    for (const { writer } of ready) bytes += writer.length
    this.unsentCount += ready.length
    this.connection.write(
      ready.map(({ writer }) => writer.bytes()),
      () => {
        for (const pooled of ready) pooled.release()
        this.heldBytes -= bytes
        this.unsentCount -= ready.length
        this.lastActivityMs = this.options.clock.monotonicMs()
        this.adjustReading()
      },
    )
  }

  private adjustReading(): void {
    if (this.isClosed) return
    const { requestsInFlightMax, responseBytesHeldMax } = this.options.limits
    const inFlight = this.line.length + this.unsentCount
    if (!this.isPaused) {
      if (inFlight < requestsInFlightMax && this.heldBytes < responseBytesHeldMax) return
      this.isPaused = true
      this.frames.pause()
      this.connection.pause()
    } else if (!this.isDispatching && inFlight <= requestsInFlightMax / 2 && this.heldBytes <= responseBytesHeldMax / 2) {
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
