/**
 * One TCP connection as a {@link Connection}, made by NodeNetwork. Owns its socket; keeps the promise of the port that onClose is called
 * exactly once and that a destroyed connection calls nothing else, whatever Node still delivers.
 */
import net from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Connection, ConnectionHandler, ConnectOptions, NetworkErrorKind } from '../network'
import { NetworkError } from '../network'
import { adoptInPlace } from './in-place-probe'
import { connectTls } from './tls-sockets'

/** What a read goes to that comes after the connection has been destroyed. */
const NOWHERE = new Uint8Array(1)

const ERROR_KINDS: Readonly<Record<string, NetworkErrorKind>> = {
  EADDRINUSE: 'address-in-use',
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timed-out',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
}

export function toNetworkError(error: Error & { code?: string }, context: string): NetworkError {
  if (error instanceof NetworkError) return error
  return new NetworkError(ERROR_KINDS[error.code ?? ''] ?? 'other', `${context}: ${error.message}`, { cause: error })
}

export class NodeConnection implements Connection {
  /** Settles when the socket is gone and the handler has been told. */
  readonly closed: Promise<void>

  private socket!: net.Socket
  private handler: ConnectionHandler | null = null
  private resolveClosed!: () => void
  private error: NetworkError | null = null
  private isDestroyed = false
  private isPaused = false
  private connectTimer: NodeJS.Timeout | null = null
  private buffer: Uint8Array = NOWHERE

  private constructor(
    readonly remoteHost: string,
    readonly remotePort: number,
    private readonly receivesInPlace: boolean,
    readonly peerName: string | null = null,
  ) {
    this.closed = new Promise((resolve) => {
      this.resolveClosed = resolve
    })
  }

  /** `socket` must be paused and unread. */
  static accepted(socket: net.Socket, inPlace: boolean, onGone: () => void): NodeConnection {
    const connection = new NodeConnection(socket.remoteAddress ?? '', socket.remotePort ?? 0, inPlace)
    connection.watch(socket)
    void connection.closed.then(onGone)
    return connection
  }

  /** What it receives is decrypted elsewhere, so it cannot come to rest in place. */
  static acceptedTls(socket: TLSSocket, peerName: string | null, onGone: () => void): NodeConnection {
    const connection = new NodeConnection(socket.remoteAddress ?? '', socket.remotePort ?? 0, false, peerName)
    connection.watch(socket)
    void connection.closed.then(onGone)
    return connection
  }

  static outgoing(options: ConnectOptions, handler: ConnectionHandler): NodeConnection {
    const connection = new NodeConnection(options.host, options.port, options.tls === undefined)
    connection.handler = handler
    connection.connect(options)
    return connection
  }

  setHandler(handler: ConnectionHandler): void {
    const isFirst = this.handler === null
    this.handler = handler
    if (!isFirst || this.isDestroyed) return
    const adopted = this.receivesInPlace ? this.adopt() : null
    if (adopted !== null) this.watch(adopted)
    else this.receiveByCopy()
    if (this.isPaused) this.socket.pause()
  }

  write(parts: readonly Uint8Array[], onFlushed?: () => void): boolean {
    const { socket } = this
    if (this.isDestroyed || !socket.writable) return false
    const last = parts.length - 1
    if (last < 0) {
      if (onFlushed !== undefined) this.flushed(onFlushed, null)
      return !socket.writableNeedDrain
    }
    const done = onFlushed === undefined ? undefined : (error?: Error | null) => this.flushed(onFlushed, error)
    if (last === 0) return socket.write(parts[0] as Uint8Array, done)
    socket.cork()
    for (let index = 0; index < last; index++) socket.write(parts[index] as Uint8Array)
    const hasRoom = socket.write(parts[last] as Uint8Array, done)
    socket.uncork()
    return hasRoom
  }

  get queuedBytes(): number {
    return this.isDestroyed ? 0 : this.socket.writableLength
  }

  pause(): void {
    this.isPaused = true
    if (!this.isDestroyed && this.handler !== null) this.socket.pause()
  }

  resume(): void {
    this.isPaused = false
    if (!this.isDestroyed && this.handler !== null) this.socket.resume()
  }

  end(): void {
    if (this.isDestroyed) return
    this.socket.destroySoon()
  }

  destroy(): void {
    if (this.isDestroyed) return
    this.isDestroyed = true
    this.socket.destroy()
  }

  private connect(options: ConnectOptions): void {
    const socket = options.tls === undefined ? this.openPlain(options) : connectTls(options, options.tls)
    this.watch(socket)
    this.connectTimer = setTimeout(() => {
      this.error = new NetworkError(
        'timed-out',
        `No connection to ${options.host}:${options.port} within ${options.timeoutMs} ms`,
      )
      this.destroy()
    }, options.timeoutMs)
    socket.once(options.tls === undefined ? 'connect' : 'secureConnect', () => {
      this.clearConnectTimer()
      if (this.isDestroyed) return
      if (options.tls !== undefined) this.receiveByCopy()
      this.handler?.onConnect?.()
    })
  }

  private openPlain({ host, port }: ConnectOptions): net.Socket {
    return net.connect({
      host,
      port,
      noDelay: true,
      allowHalfOpen: false,
      onread: { buffer: () => this.nextBuffer() as Buffer, callback: (length) => this.received(length) },
    })
  }

  private adopt(): net.Socket | null {
    return adoptInPlace(this.socket, { buffer: () => this.nextBuffer(), callback: (length) => this.received(length) })
  }

  /** The shell of an adopted socket closes too, when its handle has moved on; that is not this connection's close. */
  private watch(socket: net.Socket): void {
    this.socket = socket
    socket.on('error', (error) => {
      if (socket === this.socket) this.error ??= toNetworkError(error, `${this.remoteHost}:${this.remotePort}`)
    })
    socket.on('close', () => {
      if (socket === this.socket) this.onSocketClose()
    })
    socket.on('drain', () => {
      if (!this.isDestroyed) this.handler?.onDrain?.()
    })
  }

  private onSocketClose(): void {
    this.clearConnectTimer()
    this.isDestroyed = true
    const { handler } = this
    this.handler = null
    try {
      handler?.onClose(this.error)
    } finally {
      this.resolveClosed()
    }
  }

  private clearConnectTimer(): void {
    if (this.connectTimer !== null) clearTimeout(this.connectTimer)
    this.connectTimer = null
  }

  /** Node asks for the next buffer right after each read, even if that read made the handler destroy the connection. */
  private nextBuffer(): Uint8Array {
    if (this.isDestroyed || this.handler === null) return this.buffer
    this.buffer = this.handler.receiveBuffer()
    return this.buffer
  }

  private received(length: number): boolean {
    if (this.isDestroyed) return false
    this.handler?.onData(this.buffer, length)
    return true
  }

  private receiveByCopy(): void {
    this.socket.on('data', (chunk: Buffer) => {
      let position = 0
      while (position < chunk.length && !this.isDestroyed && this.handler !== null) {
        if (this.isPaused) {
          this.socket.unshift(chunk.subarray(position))
          return
        }
        const buffer = this.nextBuffer()
        const length = chunk.copy(buffer, 0, position, Math.min(chunk.length, position + buffer.length))
        position += length
        this.received(length)
      }
    })
    this.socket.resume()
  }

  private flushed(onFlushed: () => void, error: Error | null | undefined): void {
    if (!this.isDestroyed && (error === null || error === undefined)) onFlushed()
  }
}
