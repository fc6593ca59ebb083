/** A bare connection for the differential test: sends any bytes as a packet, and hands back the packets that come, as they come. */
import net from 'node:net'
import { JuteReader } from '../../src/engine/jute/reader'
import { ConnectRequest, ConnectResponse } from '../../src/engine/jute/records'
import { JuteWriter } from '../../src/engine/jute/writer'

export class RawClient {
  sessionId = 0n
  password: Uint8Array = new Uint8Array(16)
  isClosed = false
  private received = Buffer.alloc(0)
  private readonly packets: Buffer[] = []
  private wake: (() => void) | null = null

  private constructor(private readonly socket: net.Socket) {
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk])
      while (this.received.length >= 4 && this.received.length >= 4 + this.received.readInt32BE(0)) {
        const end = 4 + this.received.readInt32BE(0)
        this.packets.push(Buffer.from(this.received.subarray(4, end)))
        this.received = this.received.subarray(end)
      }
      this.wake?.()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
      this.wake?.()
    })
  }

  static async connect(port: number, session: { id: bigint; password: Uint8Array } | null, timeOut: number): Promise<RawClient> {
    const socket = net.connect({ host: '127.0.0.1', port, noDelay: true })
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    const client = new RawClient(socket)
    const writer = new JuteWriter()
    ConnectRequest.write(writer, {
      protocolVersion: 0,
      lastZxidSeen: 0n,
      timeOut,
      sessionId: session?.id ?? 0n,
      passwd: session?.password ?? client.password,
      readOnly: false,
    })
    client.send(writer.bytes())
    const packet = await client.next()
    if (packet === null)
      throw new Error(`The server on port ${port} closed the connection instead of answering the connect packet`)
    const reply = ConnectResponse.read(new JuteReader(packet))
    client.sessionId = reply.sessionId
    client.password = Buffer.from(reply.passwd ?? [])
    return client
  }

  send(body: Uint8Array): void {
    const head = Buffer.alloc(4)
    head.writeInt32BE(body.length)
    this.socket.write(Buffer.concat([head, body]))
  }

  /** The next packet, or null when the server has closed the connection. */
  async next(): Promise<Buffer | null> {
    while (this.packets.length === 0 && !this.isClosed) {
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
    return this.packets.shift() ?? null
  }

  close(): void {
    this.socket.destroy()
  }
}

/** A four-letter word's answer. */
export function ask(port: number, word: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = net.connect({ host: '127.0.0.1', port }, () => socket.write(word))
    socket.on('data', (chunk) => {
      answer += chunk.toString('utf8')
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}
