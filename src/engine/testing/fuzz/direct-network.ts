/**
 * A Network and a Clock that run nothing by themselves: bytes are handed to the code under test by `deliver`, and what it put off runs in `settle`,
 * both on the caller's stack. So whatever it throws comes out where the fuzzer stands, and is blamed on the right input.
 */
import type { Clock, Timer } from '../../platform/clock'
import type { Connection, ConnectionHandler, ConnectOptions, Listener, ListenOptions, Network } from '../../platform/network'
import type { FuzzRandom } from './fuzz-random'

const START_MS = 1_700_000_000_000
const HIGH_WATER_BYTES = 16_384

export class DirectClock implements Clock {
  #now = 0
  #deferred: (() => void)[] = []
  readonly #timers = new Set<{ dueMs: number; intervalMs: number | null; callback: () => void }>()

  nowMs = (): number => START_MS + this.#now
  monotonicMs = (): number => this.#now
  setTimer = (delayMs: number, callback: () => void): Timer => this.#add(delayMs, null, callback)
  setTicker = (intervalMs: number, callback: () => void): Timer => this.#add(intervalMs, intervalMs, callback)
  defer = (callback: () => void): void => void this.#deferred.push(callback)

  /** Answers whether there was anything. */
  runDeferred(): boolean {
    const callbacks = this.#deferred
    this.#deferred = []
    for (const callback of callbacks) callback()
    return callbacks.length > 0
  }

  /** One step of time: everything that is due runs once. */
  advance(ms: number): void {
    this.#now += ms
    for (const timer of [...this.#timers]) {
      if (timer.dueMs > this.#now || !this.#timers.has(timer)) continue
      if (timer.intervalMs === null) this.#timers.delete(timer)
      else timer.dueMs = this.#now + timer.intervalMs
      timer.callback()
    }
  }

  #add(delayMs: number, intervalMs: number | null, callback: () => void): Timer {
    const timer = { dueMs: this.#now + delayMs, intervalMs, callback }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }
}

/** One end of a connection, of which the other end is the fuzzer. */
export class DirectConnection implements Connection {
  readonly remoteHost = '127.0.0.1'
  readonly remotePort = 1
  /** Everything written to it. */
  readonly written: Buffer[] = []
  writtenBytes = 0
  queuedBytes = 0
  isPaused = false
  isDestroyed = false
  #isTold = false
  #handler: ConnectionHandler | null = null
  #untaken: ((() => void) | undefined)[] = []

  setHandler(handler: ConnectionHandler): void {
    this.#handler = handler
  }

  write(parts: readonly Uint8Array[], onFlushed?: () => void): boolean {
    if (this.isDestroyed) return false
    for (const part of parts) {
      this.writtenBytes += part.length
      this.queuedBytes += part.length
      this.written.push(Buffer.from(part))
    }
    this.#untaken.push(onFlushed)
    return this.queuedBytes < HIGH_WATER_BYTES
  }

  pause(): void {
    this.isPaused = true
  }
  resume(): void {
    this.isPaused = false
  }
  end(): void {
    this.isDestroyed = true
  }
  destroy(): void {
    this.isDestroyed = true
  }

  /** Tells an outgoing connection that it stands. */
  open(): void {
    this.#handler?.onConnect?.()
  }

  /** Hands over `bytes` in pieces, as long as they are read. Answers how many were. */
  deliver(bytes: Uint8Array, random: FuzzRandom): number {
    let at = 0
    while (at < bytes.length && !this.isPaused && !this.isDestroyed && this.#handler !== null) {
      const buffer = this.#handler.receiveBuffer()
      const length = Math.min(buffer.length, bytes.length - at, random.chance(0.7) ? 65_536 : 1 + random.below(40))
      buffer.set(bytes.subarray(at, at + length))
      at += length
      this.#handler.onData(buffer, length)
    }
    return at
  }

  /** The peer takes what was written. Answers whether there was anything. */
  take(): boolean {
    const untaken = this.#untaken
    this.#untaken = []
    const wasFull = this.queuedBytes >= HIGH_WATER_BYTES
    this.queuedBytes = 0
    if (!this.isDestroyed) for (const onFlushed of untaken) onFlushed?.()
    if (wasFull && !this.isDestroyed) this.#handler?.onDrain?.()
    return untaken.length > 0
  }

  /** Answers whether its owner had not been told yet. */
  tellClosed(): boolean {
    if (!this.isDestroyed || this.#isTold) return false
    this.#isTold = true
    this.#handler?.onClose(null)
    return true
  }
}

export class DirectNetwork implements Network {
  readonly connections: DirectConnection[] = []
  #onConnection: ((connection: Connection) => void) | null = null

  listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener> {
    this.#onConnection = onConnection
    return Promise.resolve({ host: options.host, port: 1, close: () => Promise.resolve() })
  }

  connect(_options: ConnectOptions, handler: ConnectionHandler): Connection {
    const connection = new DirectConnection()
    connection.setHandler(handler)
    this.connections.push(connection)
    return connection
  }

  /** A client comes. */
  accept(): DirectConnection {
    const connection = new DirectConnection()
    this.connections.push(connection)
    this.#onConnection?.(connection)
    return connection
  }
}

/** Runs what was put off, lets peers take what they were sent, and tells of closed connections, until nothing is left. */
export function settle(clock: DirectClock, network: DirectNetwork): void {
  for (let turn = 0, isBusy = true; isBusy && turn < 1000; turn++) {
    isBusy = clock.runDeferred()
    for (const connection of network.connections) {
      if (connection.take()) isBusy = true
      if (connection.tellClosed()) isBusy = true
    }
  }
}
