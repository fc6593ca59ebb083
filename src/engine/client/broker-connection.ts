/**
 * One TCP connection to one broker: requests are pipelined, matched to their answers by correlation id, and each has a deadline.
 * Used by followers' fetchers, the controller, a broker's channel to the controller, and every client of the workbench.
 *
 * A lost connection fails what was under way and is made anew by the next request, after a short back-off that grows while attempts
 * fail. What had been sent by then is of unknown outcome, and its error says so; what still waited is not. A request that is not answered in time fails and takes the connection with it, as in Kafka's own client: what is behind it would
 * wait too, and a broker whose thread stands still accepts connections and bytes for ever. It never repeats a request and never looks
 * at error codes in answers, beside those of its own ApiVersions.
 */
import type { Connection, NetworkError, Platform, Timer } from '../platform'
import { ErrorCode } from '../wire/errors'
import { decodeResponse, encodeRequest, FrameReader } from '../wire/frames'
import { ApiVersions } from '../wire/messages/18-api-versions'
import type { Api, Encodable } from '../wire/schema'
import { Writer } from '../wire/writer'
import { ClientError } from './errors'
import { type ClientSecurity, SaslLogin } from './sasl-login'
import { chooseVersion, type VersionRanges, versionRangesOf } from './version-ranges'

export interface BrokerConnectionOptions {
  readonly platform: Pick<Platform, 'clock' | 'network' | 'random'>
  readonly host: string
  readonly port: number
  readonly clientId: string
  readonly connectTimeoutMs?: number
  readonly requestTimeoutMs?: number
  /** A larger answer closes the connection: a peer that is no broker must not make us allocate without end. */
  readonly maxFrameBytes?: number
  /** Ask the broker for its version ranges first. Between brokers of one build it is not needed. */
  readonly negotiate?: boolean
  /** TLS, SASL or both, where the listener wants it; nothing is sent before the login but the question for versions. */
  readonly security?: ClientSecurity | null
}

export interface RequestOptions {
  /** Exactly this version; otherwise the highest that both sides know. */
  readonly version?: number
  readonly timeoutMs?: number
}

/** A request from the moment it was asked for until it is answered or has failed. */
interface Call {
  readonly api: { readonly key: number; readonly name: string; readonly minVersion: number; readonly maxVersion: number }
  readonly requestedVersion: number | null
  readonly deadlineMs: number
  readonly expectsAnswer: boolean
  /** The version it was sent with; -1 while it waits for a connection. */
  version: number
  encode(writer: Writer, correlationId: number, version: number): void
  /** Exactly once: the frame of the answer, valid only during the call, or the reason why there is none. */
  complete(frame: Uint8Array | null, error: ClientError | null): void
}

const DEADLINE_TICK_MS = 50
const BACKOFF_MIN_MS = 20
const BACKOFF_MAX_MS = 500
const CLIENT_SOFTWARE = { clientSoftwareName: 'broker-workbench', clientSoftwareVersion: '0.1.0' }
/** Writers kept for the next requests; a larger one than this is let go, so that one large produce does not hold its memory for ever. */
const POOLED_WRITERS_MAX = 8
const POOLED_WRITER_BYTES_MAX = 1024 * 1024

export class BrokerConnection {
  readonly host: string
  readonly port: number
  private readonly platform: BrokerConnectionOptions['platform']
  private readonly clientId: string
  private readonly connectTimeoutMs: number
  private readonly requestTimeoutMs: number
  private readonly maxFrameBytes: number
  private readonly negotiates: boolean
  private readonly closedListeners = new Set<(error: ClientError | null) => void>()
  /** Asked for while there was no connection, in order. */
  private waiting: Call[] = []
  /** Sent and not answered, by correlation id, in the order sent. */
  private readonly inFlight = new Map<number, Call>()
  private readonly writers: Writer[] = []
  /** 'renewing': open, but what is asked for waits until the broker knows anew who asks. */
  private state: 'idle' | 'backing-off' | 'connecting' | 'open' | 'renewing' | 'closed' = 'idle'
  private readonly security: ClientSecurity
  private readonly login: SaslLogin | null
  /** When the SASL session is to be renewed. */
  private renewAtMs = Number.POSITIVE_INFINITY
  private connection: Connection | null = null
  private frameReader: FrameReader | null = null
  private versionRanges: VersionRanges | null = null
  private nextCorrelationId = 1
  private failedAttempts = 0
  private nextAttemptAtMs = 0
  private attemptTimer: Timer | null = null
  private deadlineTicker: Timer | null = null

  constructor(options: BrokerConnectionOptions) {
    this.platform = options.platform
    this.host = options.host
    this.port = options.port
    this.clientId = options.clientId
    this.connectTimeoutMs = options.connectTimeoutMs ?? 3_000
    this.requestTimeoutMs = options.requestTimeoutMs ?? 30_000
    this.maxFrameBytes = options.maxFrameBytes ?? 128 * 1024 * 1024
    this.negotiates = options.negotiate ?? false
    this.security = options.security ?? {}
    this.login = this.security.sasl === undefined ? null : new SaslLogin(this.security.sasl, this.platform.random)
  }

  get isConnected(): boolean {
    return this.state === 'open' || this.state === 'renewing'
  }

  /** Requests asked for and neither answered nor failed. */
  get outstandingCount(): number {
    return this.waiting.length + this.inFlight.size
  }

  /** `listener` hears of each loss of the TCP connection and each failed attempt to make it, with the reason, and of close(), with null. */
  on(_event: 'closed', listener: (error: ClientError | null) => void): () => void {
    this.closedListeners.add(listener)
    return () => this.closedListeners.delete(listener)
  }

  /** The answer is the caller's own: its bytes are copied out of the receive buffer. `body` must not change until then. Rejects with {@link ClientError}. */
  request<Req, Res>(api: Api<Req, Res>, body: Encodable<Req>, options: RequestOptions = {}): Promise<Res> {
    return new Promise<Res>((resolve, reject) => {
      const call = this.callFor(api, body, options.version ?? null, options.timeoutMs ?? this.requestTimeoutMs, true)
      call.complete = (frame, error) => {
        if (frame === null) reject(error ?? new ClientError('connection', 'the connection was lost', true))
        else this.decodeInto(api, call.version, Buffer.from(frame), resolve, reject)
      }
      this.submit(call)
    })
  }

  /**
   * For hot paths: no promise, and the response is a view on the receive buffer, valid only during the callback. `onResponse` is called exactly once,
   * never before this returns unless the connection is closed for good. `body` must not change until then.
   */
  requestInPlace<Req, Res>(
    api: Api<Req, Res>,
    body: Encodable<Req>,
    version: number | null,
    onResponse: (response: Res | null, error: ClientError | null) => void,
    timeoutMs: number = this.requestTimeoutMs,
  ): void {
    const call = this.callFor(api, body, version, timeoutMs, true)
    call.complete = (frame, error) => {
      if (frame === null) onResponse(null, error ?? new ClientError('connection', 'the connection was lost', true))
      else
        this.decodeInto(
          api,
          call.version,
          frame,
          (response) => onResponse(response, null),
          (failure) => onResponse(null, failure),
        )
    }
    this.submit(call)
  }

  /** For a request that the broker does not answer (a produce with acks=0). Resolves when it was handed to the connection, which proves nothing. */
  send<Req, Res>(api: Api<Req, Res>, body: Encodable<Req>, options: RequestOptions = {}): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const call = this.callFor(api, body, options.version ?? null, options.timeoutMs ?? this.requestTimeoutMs, false)
      call.complete = (_frame, error) => (error === null ? resolve() : reject(error))
      this.submit(call)
    })
  }

  /** For good: what is under way fails with kind 'closed', and so does every later request. */
  close(): void {
    if (this.state === 'closed') return
    this.attemptTimer?.cancel()
    this.tearDown('closed', new ClientError('closed', `the connection to ${this.address} was closed by this client`, false))
    this.deadlineTicker?.cancel()
    this.notifyClosed(null)
  }

  private get address(): string {
    return `${this.host}:${this.port}`
  }

  private callFor<Req, Res>(
    api: Api<Req, Res>,
    body: Encodable<Req>,
    version: number | null,
    timeoutMs: number,
    expectsAnswer: boolean,
  ): Call {
    return {
      api,
      requestedVersion: version,
      deadlineMs: this.platform.clock.monotonicMs() + timeoutMs,
      expectsAnswer,
      version: -1,
      encode: (writer, correlationId, chosen) => encodeRequest(writer, api, chosen, correlationId, this.clientId, body),
      complete: () => undefined,
    }
  }

  private submit(call: Call): void {
    if (this.state === 'closed')
      return call.complete(null, new ClientError('closed', `the connection to ${this.address} is closed`, false))
    this.deadlineTicker ??= this.platform.clock.setTicker(DEADLINE_TICK_MS, () => this.onDeadlineTick())
    if (this.state === 'open' && !this.mustRenew()) return this.transmit(call)
    this.waiting.push(call)
    if (this.state === 'idle') this.startAttempt()
  }

  private startAttempt(): void {
    const delayMs = this.nextAttemptAtMs - this.platform.clock.monotonicMs()
    if (delayMs <= 0) return this.connect()
    this.state = 'backing-off'
    this.attemptTimer = this.platform.clock.setTimer(delayMs, () => this.connect())
  }

  private connect(): void {
    this.attemptTimer = null
    this.state = 'connecting'
    const frameReader = new FrameReader({
      maxFrameBytes: this.maxFrameBytes,
      onFrame: (frame) => this.onFrame(frame),
      onBadFrame: (message) => this.fail(new ClientError('protocol', `${this.address} sent what is no answer: ${message}`, true)),
    })
    this.frameReader = frameReader
    const connection = this.platform.network.connect(
      {
        host: this.host,
        port: this.port,
        timeoutMs: this.connectTimeoutMs,
        ...(this.security.tls === undefined ? {} : { tls: this.security.tls }),
      },
      {
        onConnect: () => {
          if (this.frameReader === frameReader) this.onConnect()
        },
        receiveBuffer: () => frameReader.receiveBuffer(),
        onData: (buffer, length) => {
          if (this.frameReader === frameReader) frameReader.onData(buffer, length)
        },
        onClose: (error) => {
          if (this.frameReader === frameReader) this.onClose(error)
        },
      },
    )
    // The handler is told later, never during connect; a connection that was torn down all the same is not kept.
    if (this.frameReader === frameReader) this.connection = connection
    else connection.destroy()
  }

  private onConnect(): void {
    if (this.negotiates) this.askForVersions(3)
    else this.onVersionsKnown(null)
  }

  /** Version 3 first; a broker that does not know it answers in version 0 with UNSUPPORTED_VERSION (KIP-511), and is asked again in version 0. */
  private askForVersions(version: 0 | 3): void {
    const call = this.callFor(ApiVersions, CLIENT_SOFTWARE, version, this.connectTimeoutMs, true)
    call.complete = (frame, error) => {
      if (frame === null) {
        // The loss of the connection has failed the others already; there is nobody else to tell.
        if (error !== null && this.connection !== null) this.fail(error)
        return
      }
      const isFallback = version !== 0 && frame.length >= 6 && ((frame[4]! << 8) | frame[5]!) === ErrorCode.UNSUPPORTED_VERSION
      if (isFallback) return this.askForVersions(0)
      this.decodeInto(
        ApiVersions,
        version,
        frame,
        (answer) => {
          if (answer.errorCode === ErrorCode.NONE) this.onVersionsKnown(versionRangesOf(answer.apiKeys))
          else
            this.fail(
              new ClientError(
                'version',
                `${this.address} answered ApiVersions with error ${answer.errorCode}`,
                false,
                answer.errorCode,
              ),
            )
        },
        () => undefined,
      )
    }
    this.transmit(call)
  }

  private onVersionsKnown(ranges: VersionRanges | null): void {
    this.versionRanges = ranges
    if (this.login === null) this.onReady()
    else this.logIn(this.login)
  }

  /** At the first request after its time, so that an idle connection costs nothing; a broker takes a late renewal as well. */
  private mustRenew(): boolean {
    if (this.login === null || this.platform.clock.monotonicMs() < this.renewAtMs) return false
    this.state = 'renewing'
    this.logIn(this.login)
    return true
  }

  private logIn(login: SaslLogin): void {
    login.run(
      (api, version, body, onResponse) => {
        const call = this.callFor(api, body, version, this.connectTimeoutMs, true)
        call.complete = (frame, error) => {
          if (frame !== null) this.decodeInto(api, version, frame, onResponse, () => undefined)
          else if (error !== null && this.connection !== null) this.fail(error)
        }
        this.transmit(call)
      },
      (usableMs) => {
        this.renewAtMs = this.platform.clock.monotonicMs() + usableMs
        this.onReady()
      },
      (error) => this.fail(error),
    )
  }

  private onReady(): void {
    this.failedAttempts = 0
    this.state = 'open'
    const calls = this.waiting
    this.waiting = []
    for (const call of calls) {
      if (this.state === 'open') this.transmit(call)
      else call.complete(null, this.lossError(null))
    }
  }

  private transmit(call: Call): void {
    const connection = this.connection
    if (connection === null) return call.complete(null, this.lossError(null))
    const writer = this.writers.pop() ?? new Writer()
    const correlationId = this.nextCorrelationId
    try {
      call.version = chooseVersion(call.api, this.versionRanges, call.requestedVersion)
      call.encode(writer, correlationId, call.version)
    } catch (error) {
      writer.reset()
      this.writers.push(writer)
      return call.complete(null, error instanceof ClientError ? error : unencodable(call, error))
    }
    this.nextCorrelationId = (correlationId % 0x7fffffff) + 1
    if (call.expectsAnswer) this.inFlight.set(correlationId, call)
    connection.write([writer.bytes()], () => this.release(writer))
    if (!call.expectsAnswer) call.complete(null, null)
  }

  private release(writer: Writer): void {
    if (this.writers.length >= POOLED_WRITERS_MAX || writer.length > POOLED_WRITER_BYTES_MAX) return
    writer.reset()
    this.writers.push(writer)
  }

  private onFrame(frame: Uint8Array): void {
    const correlationId = frame.length < 4 ? 0 : (frame[0]! << 24) | (frame[1]! << 16) | (frame[2]! << 8) | frame[3]!
    const call = this.inFlight.get(correlationId)
    if (call === undefined) {
      return this.fail(
        new ClientError(
          'protocol',
          `${this.address} answered a request that was not asked (correlation id ${correlationId})`,
          true,
        ),
      )
    }
    this.inFlight.delete(correlationId)
    call.complete(frame, null)
  }

  /** An answer that cannot be decoded fails its own request and the connection: nothing behind it on the stream can be trusted. */
  private decodeInto<Req, Res>(
    api: Api<Req, Res>,
    version: number,
    frame: Uint8Array,
    onResponse: (response: Res) => void,
    onError: (error: ClientError) => void,
  ): void {
    let body: Res
    try {
      body = decodeResponse(frame, api, version).body
    } catch (cause) {
      const message = `${this.address} sent an answer to ${api.name} version ${version} that cannot be decoded: ${String(cause)}`
      const error = new ClientError('protocol', message, true, null, { cause, isUnknownOutcome: true })
      onError(error)
      this.fail(error)
      return
    }
    onResponse(body)
  }

  private onDeadlineTick(): void {
    if (this.outstandingCount === 0) {
      this.deadlineTicker?.cancel()
      this.deadlineTicker = null
      return
    }
    const nowMs = this.platform.clock.monotonicMs()
    if (this.waiting.some((call) => call.deadlineMs <= nowMs)) {
      const expired = this.waiting.filter((call) => call.deadlineMs <= nowMs)
      this.waiting = this.waiting.filter((call) => call.deadlineMs > nowMs)
      for (const call of expired) call.complete(null, this.timeoutError(call))
    }
    for (const [correlationId, call] of this.inFlight) {
      if (call.deadlineMs > nowMs) continue
      this.inFlight.delete(correlationId)
      const error = afterSending(this.timeoutError(call))
      this.fail(this.lossError(`${call.api.name} was not answered in time`))
      call.complete(null, error)
      return
    }
  }

  private timeoutError(call: Call): ClientError {
    return new ClientError('timeout', `${this.address} did not answer ${call.api.name} in time`, true)
  }

  private lossError(reason: string | null): ClientError {
    return new ClientError(
      'connection',
      `the connection to ${this.address} was lost${reason === null ? '' : `: ${reason}`}`,
      true,
    )
  }

  private onClose(error: NetworkError | null): void {
    const wasOpen = this.isConnected
    const what = wasOpen ? `the connection to ${this.address} was lost` : `no connection to ${this.address}`
    this.fail(
      new ClientError('connection', error === null ? what : `${what}: ${error.message}`, true, null, {
        cause: error ?? undefined,
      }),
    )
  }

  /** The TCP connection is no more, or must be no more: everything under way fails, the next request starts anew. */
  private fail(error: ClientError): void {
    if (this.state === 'closed' || this.state === 'idle') return
    const backoffMs = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.min(this.failedAttempts, 10))
    this.failedAttempts = this.isConnected ? 0 : this.failedAttempts + 1
    // A fifth of jitter, so that brokers that lost the same peer do not come back in step.
    this.nextAttemptAtMs = this.platform.clock.monotonicMs() + backoffMs * (0.9 + this.platform.random.below(200) / 1000)
    this.tearDown('idle', error)
    this.notifyClosed(error)
  }

  private tearDown(state: 'idle' | 'closed', error: ClientError): void {
    const { connection, waiting } = this
    const unanswered = [...this.inFlight.values()]
    this.state = state
    this.frameReader?.stop()
    this.frameReader = null
    this.connection = null
    this.versionRanges = null
    this.waiting = []
    this.inFlight.clear()
    connection?.destroy()
    if (unanswered.length > 0) {
      const unknown = afterSending(error)
      for (const call of unanswered) call.complete(null, unknown)
    }
    for (const call of waiting) call.complete(null, error)
  }

  private notifyClosed(error: ClientError | null): void {
    for (const listener of [...this.closedListeners]) listener(error)
  }
}

function unencodable(call: Call, cause: unknown): ClientError {
  return new ClientError('protocol', `a request ${call.api.name} cannot be encoded: ${String(cause)}`, false, null, { cause })
}

/** Bytes that were handed to the system may be read and carried out by a broker whose answer nobody waits for any more. */
function afterSending(error: ClientError): ClientError {
  return new ClientError(error.kind, error.message, error.retriable, error.code, { cause: error.cause, isUnknownOutcome: true })
}
