/**
 * One client's connection to the server: frames in, packets out, and the watcher that its watches belong to. It knows the protocol's two phases, the
 * connect packet and then requests, and hands both to its host; what a request means is request-processor.ts's business.
 */

import { assert } from '../../shared/lang/assert'
import { KeeperCode } from '../jute/error-codes'
import { JuteFrameReader } from '../jute/frame-reader'
import type { EventType } from '../jute/op-codes'
import { KEEPER_STATE_SYNC_CONNECTED, MAX_PACKET_BYTES, Permission, SpecialXid } from '../jute/op-codes'
import { JuteReader } from '../jute/reader'
import type { Acl, Id } from '../jute/records'
import { ConnectResponse, ReplyHeader, WatcherEvent } from '../jute/records'
import { JuteWriter } from '../jute/writer'
import type { Connection, ConnectionHandler } from '../platform/network'
import { hasAccess } from './access'
import type { BatchedOutput } from './commit-queue'
import { PacketStatistics } from './server-statistics'
import type { Watcher } from './watch-table'

/** A client that lets this much pile up, of events mostly, is cut off. */
const QUEUED_BYTES_MAX = 16 * 1024 * 1024
/** Answers made and not yet taken by the system, beyond which no further request is read, in the middle of what a read has brought too. */
const HELD_BYTES_MAX = 2 * 1024 * 1024
const PASSWORD_BYTES = 16

export interface ConnectionHost {
  nowMs(): number
  onConnectPacket(connection: ServerConnection, reader: JuteReader): void
  onRequest(connection: ServerConnection, xid: number, type: number, reader: JuteReader): void
  /** The first four bytes of the connection, where they are no packet's length. Answers null for what is no command. */
  answerCommand(word: string): string | null
  /** There is something to send when the present batch is committed. */
  onDidWrite(connection: ServerConnection): void
  onDidAnswer(latencyMs: number): void
  onDidClose(connection: ServerConnection): void
  /** A packet that no client sends; the connection is closed behind it. */
  onMalformed(connection: ServerConnection, reason: string): void
}

export class ServerConnection implements ConnectionHandler, BatchedOutput, Watcher {
  readonly statistics = new PacketStatistics()
  readonly connectedAtMs: number
  sessionId = 0n
  timeoutMs = 0
  identities: Id[]
  lastXid = 0
  lastZxid = 0n
  lastOperation = 'NA'
  lastLatencyMs = 0
  lastAnsweredAtMs = 0
  isClosed = false

  private readonly frames: JuteFrameReader
  private readonly unanswered: number[] = []
  private writer = new JuteWriter()
  private spare: JuteWriter | null = null
  private sealed: JuteWriter | null = null
  private sealedAnswers = 0
  private closesAfterSending = false
  private sealedCloses = false
  private hasFirstPacket = false
  private unsentBytes = 0
  private waitsForDrain = false
  private isReadingPaused = false

  constructor(
    private readonly connection: Connection,
    private readonly host: ConnectionHost,
  ) {
    this.connectedAtMs = host.nowMs()
    this.identities = [{ scheme: 'ip', id: connection.remoteHost }]
    this.frames = new JuteFrameReader({
      maxFrameBytes: MAX_PACKET_BYTES,
      onFrame: (frame) => this.onFrame(frame),
      onBadLength: (length) => this.onBadLength(length),
    })
  }

  get remote(): string {
    return `${this.connection.remoteHost}:${this.connection.remotePort}`
  }

  get hasSession(): boolean {
    return this.sessionId !== 0n
  }

  receiveBuffer(): Uint8Array {
    return this.frames.receiveBuffer()
  }

  onData(buffer: Uint8Array, length: number): void {
    this.frames.onData(buffer, length)
  }

  onDrain(): void {
    this.waitsForDrain = false
    this.adjustReading()
  }

  onClose(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.frames.stop()
    this.host.onDidClose(this)
  }

  /** Closes at once; what is not sent is lost. */
  destroy(): void {
    this.onClose()
    this.connection.destroy()
  }

  /** Takes no more requests, and closes when all that has been written is sent. */
  closeAfterSending(): void {
    this.closesAfterSending = true
    this.frames.stop()
    this.host.onDidWrite(this)
  }

  replyConnect(session: { id: bigint; timeoutMs: number; password: Uint8Array } | null): void {
    const start = this.writer.beginFrame()
    ConnectResponse.write(this.writer, {
      protocolVersion: 0,
      timeOut: session?.timeoutMs ?? 0,
      sessionId: session?.id ?? 0n,
      passwd: session?.password ?? new Uint8Array(PASSWORD_BYTES),
      readOnly: false,
    })
    this.written(start)
  }

  /** `writeBody` is called for successes only, as the protocol has it. */
  reply(xid: number, zxid: bigint, err: number, writeBody: ((writer: JuteWriter) => void) | null): void {
    const start = this.writer.beginFrame()
    ReplyHeader.write(this.writer, { xid, zxid, err })
    if (err === KeeperCode.OK) writeBody?.(this.writer)
    // What has no place in the order of transactions carries none.
    assert(zxid <= 0n || zxid >= this.lastZxid, 'the zxids of replies never decrease')
    this.lastZxid = zxid
    this.written(start)
  }

  onWatchEvent(type: EventType, path: string, acl: readonly Acl[] = []): void {
    if (this.isClosed || !hasAccess(acl, Permission.READ, this.identities)) return
    const start = this.writer.beginFrame()
    ReplyHeader.write(this.writer, { xid: SpecialXid.NOTIFICATION, zxid: -1n, err: KeeperCode.OK })
    WatcherEvent.write(this.writer, { type, state: KEEPER_STATE_SYNC_CONNECTED, path })
    this.written(start)
  }

  seal(): void {
    this.sealed = this.writer
    this.writer = this.spare ?? new JuteWriter()
    this.spare = null
    this.sealedAnswers = this.unanswered.length
    this.sealedCloses = this.closesAfterSending
  }

  sendSealed(): void {
    const { sealed } = this
    this.sealed = null
    if (sealed === null || this.isClosed) return
    this.countAnswers()
    if (sealed.length > 0) {
      const { length } = sealed
      this.unsentBytes += length
      const hasRoom = this.connection.write([sealed.bytes()], () => {
        sealed.reset()
        this.spare = sealed
        this.unsentBytes -= length
        this.adjustReading()
      })
      this.waitsForDrain ||= !hasRoom
      this.adjustReading()
    }
    if (this.sealedCloses) this.connection.end()
    else if (this.connection.queuedBytes > QUEUED_BYTES_MAX) {
      this.host.onMalformed(this, 'it does not read what it is sent')
      this.destroy()
    }
  }

  /** Whoever does not read its answers may not ask for more of them. */
  private adjustReading(): void {
    if (this.isClosed) return
    const heldBytes = this.writer.length + (this.sealed?.length ?? 0) + this.unsentBytes
    if (!this.isReadingPaused) {
      if (heldBytes < HELD_BYTES_MAX && !this.waitsForDrain) return
      this.isReadingPaused = true
      this.frames.pause()
      this.connection.pause()
    } else if (heldBytes <= HELD_BYTES_MAX / 2 && !this.waitsForDrain) {
      this.isReadingPaused = false
      // First what the last read brought, which may be enough to pause again.
      this.frames.resume()
      if (!this.isReadingPaused) this.connection.resume()
    }
  }

  private written(start: number): void {
    this.writer.endFrame(start)
    this.statistics.sentCount++
    this.host.onDidWrite(this)
  }

  private countAnswers(): void {
    const now = this.host.nowMs()
    for (const receivedAtMs of this.unanswered.splice(0, this.sealedAnswers)) {
      this.lastLatencyMs = now - receivedAtMs
      this.lastAnsweredAtMs = now
      this.statistics.onDidAnswer(this.lastLatencyMs)
      this.host.onDidAnswer(this.lastLatencyMs)
    }
  }

  private onFrame(frame: Buffer): void {
    this.statistics.receivedCount++
    this.unanswered.push(this.host.nowMs())
    const reader = new JuteReader(frame)
    if (!this.hasFirstPacket) {
      this.hasFirstPacket = true
      this.host.onConnectPacket(this, reader)
      return
    }
    if (reader.remaining < 8) {
      this.host.onMalformed(this, `a request of ${frame.length} bytes has no header`)
      this.destroy()
      return
    }
    const xid = reader.int()
    const type = reader.int()
    if (xid >= 0) this.lastXid = xid
    this.host.onRequest(this, xid, type, reader)
    this.adjustReading()
  }

  private onBadLength(length: number): void {
    if (!this.hasFirstPacket) {
      const word = Buffer.alloc(4)
      word.writeInt32BE(length)
      this.statistics.receivedCount++
      const answer = this.host.answerCommand(word.toString('latin1'))
      if (answer !== null) {
        if (answer !== '') this.connection.write([Buffer.from(answer, 'utf8')])
        this.connection.end()
        return
      }
    }
    this.host.onMalformed(this, `a packet of ${length} bytes is announced`)
    this.destroy()
  }
}
