/**
 * TCP between simulated hosts: ordered bytes with a latency per message, read in random pieces, with windows that fill. What the faults do: a direction
 * between two hosts is blocked (bytes wait and are sent again later, as TCP does, until the connection is given up), slowed down, or its connections
 * are reset. The end of a process closes its connections; the end of a host's power does not: nobody hears anything until the host is back.
 *
 * Made by World, one for all. Processes get their own view by `portOf`, which ends with them.
 */
import type { Connection, ConnectionHandler, ConnectOptions, Listener, ListenOptions, Network } from '../../platform/network'
import { NetworkError, type NetworkErrorKind } from '../../platform/network'
import { ProcessDied, type SimProcess } from './process'
import type { Scheduler } from './scheduler'
import type { SeededRandom } from './seeded-random'

export interface NetworkPace {
  /** One way. */
  readonly latencyMs: readonly [number, number]
  /** One in so many messages takes ten times as long. */
  readonly slowOneIn: number
}

export interface Send {
  readonly connectionId: number
  readonly from: SimProcess
  readonly fromHost: string
  readonly toHost: string
  /** The port that was connected to, in both directions. */
  readonly serverPort: number
  /** Sent by the side that opened the connection. */
  readonly isFromOpener: boolean
  readonly bytes: Uint8Array
}

/** Unread bytes that a connection takes before the sender has to wait. */
const WINDOW_BYTES = 256 * 1024
/** How long bytes may go unacknowledged before the connection is given up. */
const GIVE_UP_MS = 12_000
const FIRST_FREE_PORT = 40_000

const END = Symbol('end of stream')
const RESET = Symbol('reset')
type Item = Uint8Array | typeof END | typeof RESET

interface Outgoing {
  readonly item: Item
  readonly onFlushed: (() => void) | undefined
}

export class SimNetwork {
  /** Sees all bytes as they are written. */
  onDidSend: ((send: Send) => void) | null = null
  /**
   * Answers how many milliseconds late the bytes are to arrive whose connection breaks, at their sender's end, as they leave; null for all others. So what is sent again
   * on the next connection overtakes them.
   */
  overtakes: ((send: Send) => number | null) | null = null
  readonly #listeners = new Map<string, SimListener>()
  readonly #connections = new Set<SimConnection>()
  readonly #blocked = new Map<string, number>()
  readonly #delays = new Map<string, number>()
  readonly #hostsDown = new Set<string>()
  #nextConnectionId = 1
  #nextPort = FIRST_FREE_PORT

  constructor(
    readonly scheduler: Scheduler,
    readonly random: SeededRandom,
    readonly pace: NetworkPace,
  ) {}

  portOf(process: SimProcess): Network {
    return {
      listen: (options, onConnection) => this.#listen(process, options, onConnection),
      connect: (options, handler) => this.#connect(process, options, handler),
    }
  }

  /** Blocks nest: each is taken back by one unblock. */
  block(fromHost: string, toHost: string): void {
    const key = linkKey(fromHost, toHost)
    this.#blocked.set(key, (this.#blocked.get(key) ?? 0) + 1)
  }

  unblock(fromHost: string, toHost: string): void {
    const key = linkKey(fromHost, toHost)
    const count = (this.#blocked.get(key) ?? 0) - 1
    if (count > 0) {
      this.#blocked.set(key, count)
      return
    }
    this.#blocked.delete(key)
    for (const connection of [...this.#connections])
      if (connection.host === fromHost && connection.remoteHost === toHost) connection.onUnblocked()
  }

  isBlocked(fromHost: string, toHost: string): boolean {
    return this.#blocked.has(linkKey(fromHost, toHost))
  }

  setDelay(fromHost: string, toHost: string, extraMs: number): void {
    if (extraMs === 0) this.#delays.delete(linkKey(fromHost, toHost))
    else this.#delays.set(linkKey(fromHost, toHost), extraMs)
  }

  /** As a router that has lost its state: both ends hear of it. Answers how many connections there were. */
  resetBetween(host: string, otherHost: string): number {
    let count = 0
    for (const connection of [...this.#connections]) {
      if (connection.host !== host || connection.remoteHost !== otherHost) continue
      count++
      connection.peer?.fail('reset')
      connection.fail('reset')
    }
    return count
  }

  setHostPower(host: string, isOn: boolean): void {
    if (!isOn) {
      this.#hostsDown.add(host)
      return
    }
    if (!this.#hostsDown.delete(host)) return
    for (const connection of [...this.#connections]) if (connection.remoteHost === host) connection.onUnblocked()
  }

  isHostDown(host: string): boolean {
    return this.#hostsDown.has(host)
  }

  /** The process has ended. With the power gone as well, its peers are told nothing. */
  drop(process: SimProcess, isPowerLoss: boolean): void {
    for (const [key, listener] of [...this.#listeners]) if (listener.process === process) this.#listeners.delete(key)
    for (const connection of [...this.#connections]) if (connection.process === process) connection.vanish(isPowerLoss)
  }

  latencyMs(fromHost: string, toHost: string): number {
    const { random, pace } = this
    if (fromHost === toHost) return 0.01
    const base = random.within(...pace.latencyMs)
    const slow = pace.slowOneIn > 0 && random.below(pace.slowOneIn) === 0 ? base * 10 : base
    return slow + (this.#delays.get(linkKey(fromHost, toHost)) ?? 0)
  }

  forget(connection: SimConnection): void {
    this.#connections.delete(connection)
  }

  async #listen(process: SimProcess, options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener> {
    process.requireAlive()
    const { host } = options
    const port = options.port === 0 ? this.#nextPort++ : options.port
    const key = `${host}:${port}`
    if (this.#listeners.has(key)) throw new NetworkError('address-in-use', `${key} is in use`)
    const listener = new SimListener(process, onConnection)
    this.#listeners.set(key, listener)
    return {
      host,
      port,
      close: async () => {
        process.requireAlive()
        if (this.#listeners.get(key) === listener) this.#listeners.delete(key)
        for (const connection of [...listener.accepted]) connection.destroy()
      },
    }
  }

  #connect(process: SimProcess, options: ConnectOptions, handler: ConnectionHandler): Connection {
    process.requireAlive()
    const { host, port, timeoutMs } = options
    const id = this.#nextConnectionId++
    const opener = new SimConnection(this, process, id, process.host, host, port, true)
    this.#connections.add(opener)
    opener.setHandler(handler)
    opener.connectTimer = this.scheduler.after(timeoutMs, process, 'connect time-out', () => opener.fail('timed-out'))
    const attempt = (): void => {
      if (opener.isClosed) return
      if (this.isBlocked(process.host, host)) {
        // A lost SYN is sent again.
        this.scheduler.after(250, process, 'connect', attempt)
        return
      }
      this.scheduler.after(this.latencyMs(process.host, host), null, 'connect', () => this.#reach(opener, `${host}:${port}`))
    }
    attempt()
    return opener
  }

  #reach(opener: SimConnection, address: string): void {
    const { process, remoteHost } = opener
    if (opener.isClosed || this.#hostsDown.has(remoteHost)) return
    const backMs = this.latencyMs(remoteHost, process.host)
    if (this.isBlocked(remoteHost, process.host)) return
    const listener = this.#listeners.get(address)
    if (listener === undefined) {
      this.scheduler.after(backMs, process, 'refused', () => opener.fail('refused'))
      return
    }
    const acceptor = new SimConnection(this, listener.process, opener.id, remoteHost, process.host, opener.serverPort, false)
    this.#connections.add(acceptor)
    listener.accepted.add(acceptor)
    acceptor.onGone = () => listener.accepted.delete(acceptor)
    acceptor.peer = opener
    acceptor.isEstablished = true
    // The system accepts at once; the process hears of it when it comes round to it.
    this.scheduler.after(0, listener.process, 'accept', () => {
      if (!acceptor.isClosed) listener.onConnection(acceptor)
    })
    this.scheduler.after(backMs, process, 'connected', () => opener.onEstablished(acceptor))
  }
}

class SimListener {
  readonly accepted = new Set<SimConnection>()
  constructor(
    readonly process: SimProcess,
    readonly onConnection: (connection: Connection) => void,
  ) {}
}

class SimConnection implements Connection {
  peer: SimConnection | null = null
  isEstablished = false
  isClosed = false
  connectTimer: { cancel(): void } | null = null
  onGone: () => void = () => undefined
  readonly remotePort: number
  #handler: ConnectionHandler | null = null
  #isPaused = false
  #isEnding = false
  #needsDrain = false
  #isDelivering = false
  /** Written, waiting for the window or for the connection. */
  #outgoing: Outgoing[] = []
  #outgoingBytes = 0
  /** On the way or unread at the other end. */
  #inFlightBytes = 0
  /** Sent into a blocked direction: to be sent again. */
  #stalled: Item[] = []
  #giveUp: { cancel(): void } | null = null
  #lastArrivalMs = 0
  /** Of what is still written before it breaks. */
  #lateMs = 0
  #inbox: Item[] = []

  constructor(
    private readonly network: SimNetwork,
    readonly process: SimProcess,
    readonly id: number,
    readonly host: string,
    readonly remoteHost: string,
    readonly serverPort: number,
    private readonly isOpener: boolean,
  ) {
    this.remotePort = isOpener ? serverPort : 50_000 + (id % 10_000)
  }

  setHandler(handler: ConnectionHandler): void {
    this.#handler = handler
    this.#scheduleDelivery()
  }

  write(parts: readonly Uint8Array[], onFlushed?: () => void): boolean {
    this.process.requireAlive()
    if (this.isClosed || this.#isEnding) return false
    const bytes = joined(parts)
    const { onDidSend, overtakes } = this.network
    if (onDidSend !== null || overtakes !== null) {
      const send: Send = {
        connectionId: this.id,
        from: this.process,
        fromHost: this.host,
        toHost: this.remoteHost,
        serverPort: this.serverPort,
        isFromOpener: this.isOpener,
        bytes,
      }
      onDidSend?.(send)
      const lateMs = overtakes?.(send) ?? null
      if (lateMs !== null) {
        this.#lateMs = lateMs
        this.network.scheduler.after(0, null, 'reset', () => this.fail('reset'))
      }
    }
    this.#outgoing.push({ item: bytes, onFlushed })
    this.#outgoingBytes += bytes.byteLength
    this.#pump()
    if (this.#outgoingBytes === 0) return true
    this.#needsDrain = true
    return false
  }

  get queuedBytes(): number {
    return this.isClosed ? 0 : this.#outgoingBytes
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#scheduleDelivery()
  }

  end(): void {
    if (this.isClosed || this.#isEnding) return
    this.#isEnding = true
    this.#outgoing.push({ item: END, onFlushed: undefined })
    this.#pump()
  }

  destroy(): void {
    if (!this.process.isAlive) throw new ProcessDied(`${this.process.name} is dead`)
    this.#close(null, END)
  }

  /** Breaks at this end; the other one hears of it if it still can. */
  fail(kind: NetworkErrorKind): void {
    this.#close(new NetworkError(kind, `${this.remoteHost}:${this.remotePort}: ${kind}`), RESET)
  }

  /** The process has ended. */
  vanish(isPowerLoss: boolean): void {
    if (this.isClosed) return
    this.#handler = null
    if (!isPowerLoss) {
      this.#close(null, END)
      return
    }
    this.#discard()
  }

  onEstablished(peer: SimConnection): void {
    if (this.isClosed) {
      this.network.scheduler.after(0, null, 'reset', () => peer.#arrive(RESET))
      return
    }
    this.connectTimer?.cancel()
    this.peer = peer
    this.isEstablished = true
    this.#handler?.onConnect?.()
    this.#pump()
  }

  onUnblocked(): void {
    if (this.#stalled.length === 0) return
    this.#giveUp?.cancel()
    this.#giveUp = null
    const items = this.#stalled.splice(0)
    const resendMs = this.network.random.within(0, 200)
    for (const item of items) this.#transmit(item, resendMs)
  }

  #pump(): void {
    if (!this.isEstablished) return
    while (this.#outgoing.length > 0 && this.#inFlightBytes < WINDOW_BYTES) {
      const { item, onFlushed } = this.#outgoing.shift() as Outgoing
      if (typeof item !== 'symbol') {
        this.#outgoingBytes -= item.byteLength
        this.#inFlightBytes += item.byteLength
      }
      this.#transmit(item, this.#lateMs)
      // After the present call and within its event, as soon as it may come: one event in six told it, and found nothing.
      if (onFlushed !== undefined) {
        queueMicrotask(() => {
          if (!this.isClosed && this.process.isAlive) onFlushed()
        })
      }
    }
    if (this.#outgoingBytes > 0 || !this.#needsDrain) return
    this.#needsDrain = false
    this.network.scheduler.after(0, this.process, 'drain', () => {
      if (!this.isClosed) this.#handler?.onDrain?.()
    })
  }

  #transmit(item: Item, extraMs: number): void {
    const { network, host, remoteHost, peer } = this
    if (this.#stalled.length > 0 || network.isBlocked(host, remoteHost) || network.isHostDown(remoteHost)) {
      this.#stalled.push(item)
      this.#giveUp ??= network.scheduler.after(GIVE_UP_MS, null, 'give up', () => this.#onGiveUp())
      return
    }
    if (peer === null) return
    const { scheduler } = network
    const atMs = Math.max(this.#lastArrivalMs, scheduler.nowMs + extraMs + network.latencyMs(host, remoteHost))
    this.#lastArrivalMs = atMs
    scheduler.at(atMs, null, 'arrive', () => {
      if (peer.isClosed) this.#onPeerGone(item)
      else peer.#arrive(item)
    })
  }

  #onGiveUp(): void {
    this.#giveUp = null
    this.#stalled = []
    if (!this.isClosed) this.fail('timed-out')
  }

  /** The other end does not know this connection: its process is gone, and its system says so. */
  #onPeerGone(item: Item): void {
    if (this.isClosed || typeof item === 'symbol') return
    const { network, host, remoteHost } = this
    if (network.isHostDown(remoteHost)) {
      this.#transmit(item, 0)
      return
    }
    if (network.isBlocked(remoteHost, host)) return
    network.scheduler.after(network.latencyMs(remoteHost, host), null, 'reset', () => this.fail('reset'))
  }

  #arrive(item: Item): void {
    if (this.isClosed) return
    if (item === RESET) {
      this.fail('reset')
      return
    }
    this.#inbox.push(item)
    if (!this.#isReadable || !this.network.scheduler.handOver(this.process, 'data')) return this.#scheduleDelivery()
    this.#deliver()
    this.#scheduleDelivery()
  }

  /** Something is there to be read, and no event on its way to do so. */
  get #isReadable(): boolean {
    return !this.#isDelivering && this.#inbox.length > 0 && !this.#isPaused && !this.isClosed
  }

  #scheduleDelivery(): void {
    if (!this.#isReadable) return
    this.#isDelivering = true
    this.network.scheduler.after(0, this.process, 'data', () => {
      this.#isDelivering = false
      this.#deliver()
      this.#scheduleDelivery()
    })
  }

  /** One read: a piece of what has come. */
  #deliver(): void {
    const handler = this.#handler
    if (this.isClosed || this.#isPaused || handler === null) return
    const item = this.#inbox[0]
    if (item === undefined) return
    if (item === END) {
      this.#close(null, END)
      return
    }
    const chunk = item as Uint8Array
    const buffer = handler.receiveBuffer()
    let length = Math.min(buffer.byteLength, chunk.byteLength)
    const { random } = this.network
    if (length > 1 && random.below(16) === 0) length = 1 + random.below(length)
    buffer.set(chunk.subarray(0, length))
    if (length < chunk.byteLength) this.#inbox[0] = chunk.subarray(length)
    else this.#inbox.shift()
    this.peer?.onRead(length)
    handler.onData(buffer, length)
  }

  /** The other end has read so much. */
  onRead(length: number): void {
    const wasFull = this.#inFlightBytes >= WINDOW_BYTES
    this.#inFlightBytes -= length
    if (wasFull && !this.isClosed) this.#pump()
  }

  #close(error: NetworkError | null, farewell: typeof END | typeof RESET): void {
    if (this.isClosed) return
    const { peer, network } = this
    const handler = this.#handler
    if (peer !== null && !peer.isClosed) {
      // Data on the way comes first.
      this.#transmitFarewell(farewell, peer)
    }
    this.#discard()
    network.scheduler.after(0, this.process, 'close', () => handler?.onClose(error))
  }

  #transmitFarewell(farewell: typeof END | typeof RESET, peer: SimConnection): void {
    const { network, host, remoteHost } = this
    const { scheduler } = network
    const send = (): void => {
      if (peer.isClosed) return
      if (network.isHostDown(host)) return
      if (network.isBlocked(host, remoteHost)) {
        scheduler.after(500, null, 'farewell', send)
        return
      }
      const atMs = Math.max(this.#lastArrivalMs, scheduler.nowMs + network.latencyMs(host, remoteHost))
      scheduler.at(atMs, null, 'arrive', () => peer.#arrive(farewell))
    }
    send()
  }

  #discard(): void {
    this.isClosed = true
    this.connectTimer?.cancel()
    this.#giveUp?.cancel()
    this.#handler = null
    this.#inbox = []
    this.#outgoing = []
    this.#stalled = []
    this.#outgoingBytes = 0
    this.network.forget(this)
    this.onGone()
  }
}

/** A copy: the sender's buffers are its own again once they are flushed. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.byteLength
  // From Node's pool: an ArrayBuffer of its own for each message costs more than what it carries.
  const bytes = Buffer.allocUnsafe(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.byteLength
  }
  return bytes
}

function linkKey(fromHost: string, toHost: string): string {
  return `${fromHost}>${toHost}`
}
