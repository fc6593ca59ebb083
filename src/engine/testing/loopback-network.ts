/**
 * A Network in memory, for tests that own time: everything is delivered by the clock's defer, in order. It can be cut, so that connections stay open but
 * nothing arrives and nobody can connect, and healed, when what was sent meanwhile comes through. Imported by tests only.
 */
import type { Clock } from '../platform/clock'
import type { Connection, ConnectionHandler, ConnectOptions, Listener, ListenOptions, Network } from '../platform/network'
import { NetworkError } from '../platform/network'

const FIRST_FREE_PORT = 20_000

export class LoopbackNetwork implements Network {
  isCut = false
  private nextPort = FIRST_FREE_PORT
  private readonly listeners = new Map<number, LoopbackListener>()
  readonly endpoints = new Set<Endpoint>()

  constructor(readonly clock: Clock) {}

  listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener> {
    const port = options.port === 0 ? this.nextPort++ : options.port
    if (this.listeners.has(port)) return Promise.reject(new NetworkError('address-in-use', `Port ${port} is taken`))
    const listener = new LoopbackListener(options.host, port, onConnection, () => this.listeners.delete(port))
    this.listeners.set(port, listener)
    return Promise.resolve(listener)
  }

  connect(options: ConnectOptions, handler: ConnectionHandler): Connection {
    const client = new Endpoint(this, options.host, options.port)
    client.setHandler(handler)
    const timer = this.clock.setTimer(options.timeoutMs, () => client.closeWith(new NetworkError('timed-out', 'No answer')))
    const establish = (): void => {
      if (this.isCut || client.isClosed) return
      timer.cancel()
      const listener = this.listeners.get(options.port)
      if (listener === undefined) return client.closeWith(new NetworkError('refused', `Nobody listens on ${options.port}`))
      const server = new Endpoint(this, '127.0.0.1', this.nextPort++)
      client.pairWith(server)
      listener.accept(server)
      handler.onConnect?.()
    }
    client.onHeal = establish
    this.clock.defer(establish)
    return client
  }

  cut(): void {
    this.isCut = true
  }

  heal(): void {
    this.isCut = false
    for (const endpoint of [...this.endpoints]) endpoint.onHeal()
  }
}

class LoopbackListener implements Listener {
  private readonly accepted = new Set<Endpoint>()

  constructor(
    readonly host: string,
    readonly port: number,
    private readonly onConnection: (connection: Connection) => void,
    private readonly onClosed: () => void,
  ) {}

  accept(endpoint: Endpoint): void {
    this.accepted.add(endpoint)
    this.onConnection(endpoint)
  }

  close(): Promise<void> {
    this.onClosed()
    for (const endpoint of this.accepted) endpoint.destroy()
    return Promise.resolve()
  }
}

/** What stands behind the last byte when the other side has closed. */
const END = Symbol('end')

export class Endpoint implements Connection {
  isClosed = false
  onHeal: () => void = () => {}
  private peer: Endpoint | null = null
  private handler: ConnectionHandler | null = null
  private readonly inbox: (Uint8Array | typeof END)[] = []
  /** Written before the connection stood. */
  private readonly early: (Uint8Array | typeof END)[] = []
  private isPaused = false
  private isEnding = false

  constructor(
    private readonly network: LoopbackNetwork,
    readonly remoteHost: string,
    readonly remotePort: number,
  ) {
    network.endpoints.add(this)
  }

  get queuedBytes(): number {
    return 0
  }

  pairWith(peer: Endpoint): void {
    this.peer = peer
    peer.peer = this
    for (const item of this.early.splice(0)) peer.receive(item)
    for (const end of [this, peer]) end.onHeal = () => end.schedule()
  }

  setHandler(handler: ConnectionHandler): void {
    this.handler = handler
    this.schedule()
  }

  write(parts: readonly Uint8Array[], onFlushed?: () => void): boolean {
    if (this.isClosed || this.isEnding) return false
    for (const part of parts) this.send(Uint8Array.from(part))
    if (onFlushed !== undefined) {
      this.network.clock.defer(() => {
        if (!this.isClosed) onFlushed()
      })
    }
    return true
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
    this.schedule()
  }

  end(): void {
    if (this.isClosed || this.isEnding) return
    this.isEnding = true
    this.send(END)
  }

  destroy(): void {
    this.closeWith(null)
  }

  closeWith(error: NetworkError | null): void {
    if (this.isClosed) return
    this.isClosed = true
    this.inbox.length = 0
    this.network.endpoints.delete(this)
    this.peer?.receive(END)
    const { handler } = this
    this.handler = null
    this.network.clock.defer(() => handler?.onClose(error))
  }

  private send(item: Uint8Array | typeof END): void {
    if (this.peer === null) this.early.push(item)
    else this.peer.receive(item)
  }

  private receive(item: Uint8Array | typeof END): void {
    if (this.isClosed) return
    this.inbox.push(item)
    this.schedule()
  }

  private schedule(): void {
    this.network.clock.defer(() => this.deliver())
  }

  private deliver(): void {
    while (!this.isClosed && !this.isPaused && !this.network.isCut && this.handler !== null) {
      const item = this.inbox.shift()
      if (item === undefined) return
      if (item === END) return this.closeWith(null)
      const buffer = this.handler.receiveBuffer()
      const length = Math.min(buffer.length, item.length)
      buffer.set(item.subarray(0, length))
      if (length < item.length) this.inbox.unshift(item.subarray(length))
      this.handler.onData(buffer, length)
    }
  }
}
