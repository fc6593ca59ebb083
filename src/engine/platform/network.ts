/**
 * The engine's only way to other processes and brokers: byte streams over TCP, or over the simulator's network.
 *
 * Receiving is in place: the connection asks its handler for a buffer, fills part of it and says how much. So a large frame can be read
 * straight into the buffer that it will stay in, and small ones share one arena without an allocation a read.
 */
export interface Network {
  /** Listens on `host`:`port` (0: any free port). Rejects with {@link NetworkError} where the port is taken. */
  listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener>
  /** Starts connecting; the handler's onConnect or onClose tells how it went. */
  connect(options: ConnectOptions, handler: ConnectionHandler): Connection
}

export interface ListenOptions {
  readonly host: string
  readonly port: number
  /** Connections are encrypted. The networks of the simulator and of unit tests have no TLS and do not look at this: brokers there are given no security. */
  readonly tls?: TlsListenOptions
}

/** Keys and certificates are PEM text, certificates with those that sign them behind. */
export interface TlsListenOptions {
  readonly certificate: string
  readonly privateKey: string
  /** Whose signature a client's certificate must bear, where there is one. */
  readonly clientAuthorities?: string
  /** `ssl.client.auth`: whether clients may, or must, show a certificate. */
  readonly clientAuthentication: 'none' | 'requested' | 'required'
}

export interface TlsConnectOptions {
  /** Whose signature the server's certificate must bear; absent: the authorities that the system trusts. */
  readonly authorities?: string
  /** Shown where the server asks for one. */
  readonly certificate?: string
  readonly privateKey?: string
  /** Whether the certificate must be of the host that was connected to (`ssl.endpoint.identification.algorithm`); true if absent. */
  readonly verifiesHost?: boolean
}

export interface ConnectOptions {
  readonly host: string
  readonly port: number
  readonly timeoutMs: number
  /** onConnect is then called once the connection is encrypted, and the server known to be the right one. */
  readonly tls?: TlsConnectOptions
}

export interface Listener {
  readonly host: string
  /** The port really taken. */
  readonly port: number
  /** Stops listening and destroys all accepted connections. */
  close(): Promise<void>
}

export interface Connection {
  readonly remoteHost: string
  readonly remotePort: number
  /** Of an accepted TLS connection: the subject of the client's certificate as Kafka names it (`CN=alice,O=…`); absent or null without one. */
  readonly peerName?: string | null
  /** An accepted connection reads nothing until its handler is set, in the onConnection callback. */
  setHandler(handler: ConnectionHandler): void
  /**
   * Queues `parts` for sending, in order. The buffers must stay untouched until `onFlushed`.
   * Answers false when more is queued than the other side takes; onDrain says when to go on. Writing to a closed connection does nothing.
   */
  write(parts: readonly Uint8Array[], onFlushed?: () => void): boolean
  /** Bytes queued and not yet taken by the system. */
  readonly queuedBytes: number
  /** Stops and restarts reading: back-pressure on a peer that sends more than is worked off. */
  pause(): void
  resume(): void
  /** Sends what is queued, then closes. */
  end(): void
  /** Closes at once. onClose follows in both cases, exactly once. */
  destroy(): void
}

export interface ConnectionHandler {
  /** Outgoing connections only. */
  onConnect?(): void
  /** The buffer for the next read, at least one byte long. It may differ from call to call. */
  receiveBuffer(): Uint8Array
  /** `length` bytes now stand at the start of `buffer`, which the last receiveBuffer gave. */
  onData(buffer: Uint8Array, length: number): void
  /** The connection is gone, by whichever side; nothing is called after it. */
  onClose(error: NetworkError | null): void
  onDrain?(): void
}

export type NetworkErrorKind = 'address-in-use' | 'refused' | 'timed-out' | 'reset' | 'other'

export class NetworkError extends Error {
  override readonly name = 'NetworkError'
  constructor(
    readonly kind: NetworkErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
