/** What the tests of coordination share: a server on memory disk, loopback network and a clock that tests move, clients on it, and bare connections. */
import { OPEN_ACL } from '../coordination/access'
import { CoordinationClient } from '../coordination/coordination-client'
import type { CoordinationServerOptions } from '../coordination/coordination-server'
import { CoordinationServer } from '../coordination/coordination-server'
import type { ValueOf } from '../jute/codec'
import { JuteFrameReader } from '../jute/frame-reader'
import { JuteReader } from '../jute/reader'
import { ConnectRequest, ConnectResponse, CreateRequest, ReplyHeader, RequestHeader } from '../jute/records'
import { JuteWriter } from '../jute/writer'
import type { Platform } from '../platform'
import type { Connection } from '../platform/network'
import { LoopbackNetwork } from './loopback-network'
import { MemoryDisk } from './memory-disk'
import { RecordingLogger, StillClock, seededRandom } from './storage-kit'

export const dataDirectory = '/coordination'

export class CoordinationKit {
  readonly clock = new StillClock()
  readonly network = new LoopbackNetwork(this.clock)
  readonly logger = new RecordingLogger()
  readonly disk: MemoryDisk
  readonly platform: Platform
  port = 0

  constructor(seed = 1) {
    const random = seededRandom(seed)
    this.disk = new MemoryDisk({ random })
    this.platform = { clock: this.clock, network: this.network, logger: this.logger, disk: this.disk, random }
  }

  /** The second and later servers take the port of the first. */
  async start(options: Partial<CoordinationServerOptions> = {}): Promise<CoordinationServer> {
    const server = await CoordinationServer.start({
      platform: this.platform,
      host: '127.0.0.1',
      port: this.port,
      dataDirectory,
      ...options,
    })
    this.port = server.port
    return server
  }

  client(name = 'client', sessionTimeoutMs = 1500): CoordinationClient {
    const client = new CoordinationClient({ platform: this.platform, host: '127.0.0.1', port: this.port, sessionTimeoutMs, name })
    client.connect()
    return client
  }

  bare(): BareConnection {
    return new BareConnection(this.network, this.port)
  }

  /** Opens or resumes a session; null where the server closes the connection without an answer. */
  async connect(
    connection: BareConnection,
    options: { session?: BareSession; timeOut?: number; lastZxidSeen?: bigint } = {},
  ): Promise<BareSession | null> {
    const { session, timeOut = 1500, lastZxidSeen = 0n } = options
    const passwd = session?.password ?? new Uint8Array(16)
    const writer = new JuteWriter()
    const start = writer.beginFrame()
    ConnectRequest.write(writer, {
      protocolVersion: 0,
      lastZxidSeen,
      timeOut,
      sessionId: session?.id ?? 0n,
      passwd,
      readOnly: false,
    })
    writer.endFrame(start)
    connection.send(writer.bytes())
    await this.settle()
    const packet = connection.packets.shift()
    if (packet === undefined) return null
    const reply = ConnectResponse.read(new JuteReader(packet))
    return { id: reply.sessionId, password: Buffer.from(reply.passwd ?? []), timeoutMs: reply.timeOut }
  }

  /** Lets everything happen that needs no time: all deliveries and commits are deferred to microtasks. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
  }

  /** Moves time in small steps, so that pings are answered as they would be. */
  async pass(ms: number, stepMs = 20): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.clock.advance(Math.min(stepMs, ms - passed))
      await this.settle()
    }
  }
}

export interface BareSession {
  readonly id: bigint
  readonly password: Uint8Array
  readonly timeoutMs: number
}

/** Sends any bytes, and keeps what comes: packets, or the text of a four-letter word. */
export class BareConnection {
  readonly packets: Buffer[] = []
  text = ''
  isClosed = false
  private readonly connection: Connection
  private readonly frames: JuteFrameReader

  constructor(network: LoopbackNetwork, port: number) {
    this.frames = new JuteFrameReader({
      maxFrameBytes: 0xffffff,
      onFrame: (frame) => this.packets.push(Buffer.from(frame)),
      onBadLength: () => {},
    })
    this.connection = network.connect(
      { host: '127.0.0.1', port, timeoutMs: 1000 },
      {
        receiveBuffer: () => this.frames.receiveBuffer(),
        onData: (buffer, length) => {
          this.text += Buffer.from(buffer.subarray(0, length)).toString('latin1')
          this.frames.onData(buffer, length)
        },
        onClose: () => {
          this.isClosed = true
        },
      },
    )
  }

  send(bytes: Uint8Array): void {
    this.connection.write([bytes])
  }

  packet(xid: number, type: number, writeBody?: (writer: JuteWriter) => void): void {
    const writer = new JuteWriter()
    const start = writer.beginFrame()
    RequestHeader.write(writer, { xid, type })
    writeBody?.(writer)
    writer.endFrame(start)
    this.send(writer.bytes())
  }

  create(xid: number, type: number, path: string, flags: number): void {
    this.packet(xid, type, (writer) => CreateRequest.write(writer, { path, data: null, acl: OPEN_ACL, flags }))
  }

  /** The headers of the replies and events that have come since the last call. */
  headers(): ValueOf<typeof ReplyHeader>[] {
    return this.packets.splice(0).map((packet) => ReplyHeader.read(new JuteReader(packet)))
  }

  close(): void {
    this.connection.destroy()
  }
}
