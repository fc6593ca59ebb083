/**
 * The connection side of a CoordinationClient: one session over as many TCP connections as it takes. It connects, comes back with its password within
 * the session's time-out, pings, pipelines requests and matches their replies. It knows no operations: a request is bytes and a callback.
 *
 * It counts the session's time from when the last answered packet was *sent*: the server cannot have begun to count later. So when this says expired,
 * the server may still wait, but never the other way round, but for the server's own tick.
 */

import { KeeperCode } from '../jute/error-codes'
import { JuteFrameReader } from '../jute/frame-reader'
import { OpCode, SpecialXid } from '../jute/op-codes'
import { JuteReader } from '../jute/reader'
import { ConnectRequest, ConnectResponse, ReplyHeader, RequestHeader, SetWatches, WatcherEvent } from '../jute/records'
import { JuteWriter } from '../jute/writer'
import type { Platform } from '../platform'
import type { Timer } from '../platform/clock'
import type { Connection, NetworkError } from '../platform/network'
import type { ClientWatches } from './client-watches'

export type ClientState = 'connecting' | 'connected' | 'expired' | 'closed'

export interface ClientSessionOptions {
  readonly platform: Platform
  readonly host: string
  readonly port: number
  readonly sessionTimeoutMs: number
  readonly name: string
}

/** Called once: with the reply's body, or with an error code and nothing to read. */
export type ReplyHandler = (err: number, body: JuteReader | null) => void

export interface ClientSessionListener {
  onConnected(): void
  onDisconnected(): void
  onExpired(): void
  onEvent(type: number, path: string): void
}

interface PendingRequest {
  readonly xid: number
  readonly packet: Buffer
  readonly isRead: boolean
  readonly onReply: ReplyHandler
  sentAtMs: number
}

const readTypes: ReadonlySet<number> = new Set([OpCode.GET_DATA, OpCode.EXISTS, OpCode.GET_CHILDREN2, OpCode.SYNC])

const FIRST_BACKOFF_MS = 20
const LONGEST_BACKOFF_MS = 1000
/** Replies may be larger than requests: the children of a large znode. */
const MAX_REPLY_BYTES = 64 * 1024 * 1024
const NO_PASSWORD = new Uint8Array(16)

export class ClientSession {
  state: ClientState = 'connecting'
  id = 0n
  private password: Uint8Array = NO_PASSWORD
  /** What the server granted; until then, what is asked for. */
  private timeoutMs: number
  private lastZxidSeen = 0n
  private lastXid = 0
  private connection: Connection | null = null
  private unsent: PendingRequest[] = []
  private readonly awaiting: PendingRequest[] = []
  private readonly pingsSentAtMs: number[] = []
  private attemptStartedAtMs = 0
  private confirmedAtMs = 0
  private heardAtMs = 0
  private sentAtMs = 0
  private backoffMs = FIRST_BACKOFF_MS
  private retryTimer: Timer | null = null
  private ticker: Timer | null = null
  private tickMs = 0
  private lastTickMs = 0
  private isFlushDue = false

  constructor(
    private readonly options: ClientSessionOptions,
    private readonly watches: ClientWatches,
    private readonly listener: ClientSessionListener,
  ) {
    this.timeoutMs = options.sessionTimeoutMs
  }

  start(): void {
    if (this.ticker !== null || this.isOver) return
    // A twentieth of the time-out: fine enough to ping at a third, and to notice the end in time.
    this.tickMs = Math.max(10, Math.floor(this.options.sessionTimeoutMs / 20))
    this.lastTickMs = this.now()
    this.ticker = this.options.platform.clock.setTicker(this.tickMs, () => this.onTick())
    this.openConnection()
  }

  get isOver(): boolean {
    return this.state === 'expired' || this.state === 'closed'
  }

  /**
   * Sends now, or when there is a connection again within the life of the session. Lost with its connection, a read is sent again;
   * a change may have been made, so it fails with CONNECTIONLOSS.
   */
  request(type: number, writeBody: ((writer: JuteWriter) => void) | null, onReply: ReplyHandler): void {
    if (this.isOver) return onReply(KeeperCode.SESSIONEXPIRED, null)
    this.lastXid = this.lastXid === 0x7fffffff ? 1 : this.lastXid + 1
    const packet = encodePacket(this.lastXid, type, writeBody)
    this.unsent.push({ xid: this.lastXid, packet, isRead: readTypes.has(type), onReply, sentAtMs: 0 })
    this.flushSoon()
  }

  /** The session has been closed by request, or is given up. */
  close(): void {
    if (!this.isOver) this.finish('closed')
  }

  private now(): number {
    return this.options.platform.clock.monotonicMs()
  }

  private openConnection(): void {
    const { platform, host, port } = this.options
    this.retryTimer = null
    this.attemptStartedAtMs = this.now()
    const frames = new JuteFrameReader({
      maxFrameBytes: MAX_REPLY_BYTES,
      onFrame: (frame) => this.onFrame(connection, frame),
      onBadLength: () => this.dropConnection(connection),
    })
    const connection: Connection = platform.network.connect(
      { host, port, timeoutMs: this.timeoutMs },
      {
        onConnect: () => this.sendConnectPacket(connection),
        receiveBuffer: () => frames.receiveBuffer(),
        onData: (buffer, length) => {
          if (this.connection === connection) frames.onData(buffer, length)
        },
        onClose: (error) => {
          frames.stop()
          this.onConnectionLost(connection, error)
        },
      },
    )
    this.connection = connection
  }

  private sendConnectPacket(connection: Connection): void {
    this.attemptStartedAtMs = this.now()
    const writer = new JuteWriter(64)
    const start = writer.beginFrame()
    ConnectRequest.write(writer, {
      protocolVersion: 0,
      lastZxidSeen: this.lastZxidSeen,
      timeOut: this.options.sessionTimeoutMs,
      sessionId: this.id,
      passwd: this.password,
      readOnly: false,
    })
    writer.endFrame(start)
    connection.write([writer.bytes()])
  }

  private onFrame(connection: Connection, frame: Buffer): void {
    if (this.connection !== connection || this.isOver) return
    this.heardAtMs = this.now()
    const reader = new JuteReader(frame)
    try {
      if (this.state === 'connecting') this.onConnectReply(reader)
      else this.onReply(connection, reader)
    } catch (error) {
      this.options.platform.logger.warn('A coordination reply cannot be read', {
        client: this.options.name,
        error: String(error),
      })
      this.dropConnection(connection)
    }
  }

  private onConnectReply(reader: JuteReader): void {
    const reply = ConnectResponse.read(reader)
    if (reply.timeOut <= 0) return this.finish('expired')
    this.state = 'connected'
    this.id = reply.sessionId
    this.password = Buffer.from(reply.passwd ?? NO_PASSWORD)
    this.timeoutMs = reply.timeOut
    this.confirmedAtMs = this.attemptStartedAtMs
    this.sentAtMs = this.attemptStartedAtMs
    this.backoffMs = FIRST_BACKOFF_MS
    this.restoreWatches()
    this.flush()
    this.listener.onConnected()
  }

  private restoreWatches(): void {
    const packets = this.watches.toRestore(this.lastZxidSeen)
    if (packets.length === 0) return
    const bytes = packets.map((body) =>
      encodePacket(SpecialXid.SET_WATCHES, OpCode.SET_WATCHES, (writer) => SetWatches.write(writer, body)),
    )
    this.connection?.write(bytes)
  }

  private onReply(connection: Connection, reader: JuteReader): void {
    const header = ReplyHeader.read(reader)
    if (header.zxid > this.lastZxidSeen) this.lastZxidSeen = header.zxid
    switch (header.xid) {
      case SpecialXid.NOTIFICATION: {
        const event = WatcherEvent.read(reader)
        return this.listener.onEvent(event.type, event.path)
      }
      case SpecialXid.PING:
        return this.confirm(this.pingsSentAtMs.shift() ?? 0)
      case SpecialXid.SET_WATCHES:
      case SpecialXid.AUTH:
        return
    }
    const request = this.awaiting[0]
    if (request === undefined || request.xid !== header.xid) {
      this.options.platform.logger.warn('A coordination reply is out of order', { client: this.options.name, xid: header.xid })
      return this.dropConnection(connection)
    }
    this.awaiting.shift()
    this.confirm(request.sentAtMs)
    request.onReply(header.err, reader)
  }

  private confirm(sentAtMs: number): void {
    if (sentAtMs > this.confirmedAtMs) this.confirmedAtMs = sentAtMs
  }

  /** All requests of one turn go out in one write. */
  private flushSoon(): void {
    if (this.isFlushDue || this.state !== 'connected') return
    this.isFlushDue = true
    queueMicrotask(() => {
      this.isFlushDue = false
      this.flush()
    })
  }

  private flush(): void {
    if (this.state !== 'connected' || this.connection === null || this.unsent.length === 0) return
    const now = this.now()
    const requests = this.unsent
    this.unsent = []
    for (const request of requests) {
      request.sentAtMs = now
      this.awaiting.push(request)
    }
    this.sentAtMs = now
    this.connection.write(requests.map((request) => request.packet))
  }

  private onTick(): void {
    const now = this.now()
    const lateMs = now - this.lastTickMs - this.tickMs
    this.lastTickMs = now
    if (lateMs > this.tickMs) {
      // It was this thread that stood still, or the whole machine: the answers of that time lie unread, and it is for the server, which makes
      // the same allowance, to say whether the session has lived through it.
      this.confirmedAtMs += lateMs
      this.heardAtMs += lateMs
    }
    const hasSession = this.id !== 0n
    if (hasSession && now - this.confirmedAtMs >= this.timeoutMs) {
      this.options.platform.logger.warn(
        'A coordination session is given up: its server has not answered for its whole time-out',
        {
          client: this.options.name,
          sessionId: `0x${this.id.toString(16)}`,
        },
      )
      return this.finish('expired')
    }
    const { connection } = this
    if (connection === null) return
    const silentSince = this.state === 'connected' ? this.heardAtMs : this.attemptStartedAtMs
    if (now - silentSince > (this.timeoutMs * 2) / 3) return this.dropConnection(connection)
    if (this.state === 'connected' && now - this.sentAtMs >= this.timeoutMs / 3) this.ping(connection, now)
  }

  private ping(connection: Connection, now: number): void {
    this.pingsSentAtMs.push(now)
    this.sentAtMs = now
    connection.write([encodePacket(SpecialXid.PING, OpCode.PING, null)])
  }

  private dropConnection(connection: Connection): void {
    connection.destroy()
    this.onConnectionLost(connection, null)
  }

  private onConnectionLost(connection: Connection, error: NetworkError | null): void {
    if (this.connection !== connection || this.isOver) return
    this.connection = null
    const wasConnected = this.state === 'connected'
    this.state = 'connecting'
    this.pingsSentAtMs.length = 0
    // Jitter, so that the clients of a server that has gone do not all come back at once.
    const { clock, random, logger } = this.options.platform
    const delayMs = this.backoffMs / 2 + random.below(Math.ceil(this.backoffMs / 2) + 1)
    this.backoffMs = Math.min(this.backoffMs * 2, LONGEST_BACKOFF_MS, Math.max(FIRST_BACKOFF_MS, this.timeoutMs / 5))
    this.retryTimer = clock.setTimer(delayMs, () => this.openConnection())
    if (!wasConnected) return
    logger.info('A coordination connection is lost', { client: this.options.name, error: error?.message ?? 'closed' })
    const lost = this.awaiting.splice(0)
    this.unsent = [...lost.filter((request) => request.isRead), ...this.unsent]
    const changes = lost.filter((request) => !request.isRead)
    this.failAll(changes, KeeperCode.CONNECTIONLOSS)
    this.listener.onDisconnected()
  }

  private finish(state: 'expired' | 'closed'): void {
    this.state = state
    this.ticker?.cancel()
    this.retryTimer?.cancel()
    const { connection } = this
    this.connection = null
    connection?.destroy()
    this.watches.clear()
    this.failAll([...this.awaiting.splice(0), ...this.unsent.splice(0)], KeeperCode.SESSIONEXPIRED)
    if (state === 'expired') this.listener.onExpired()
  }

  private failAll(requests: readonly PendingRequest[], code: number): void {
    for (const request of requests) request.onReply(code, null)
  }
}

function encodePacket(xid: number, type: number, writeBody: ((writer: JuteWriter) => void) | null): Buffer {
  const writer = new JuteWriter(256)
  const start = writer.beginFrame()
  RequestHeader.write(writer, { xid, type })
  writeBody?.(writer)
  writer.endFrame(start)
  return writer.bytes()
}
