/**
 * TCP as a {@link Network}: listeners and outgoing connections for the servers, brokers and clients of one thread.
 *
 * Accepted sockets receive in place where the runtime allows it (in-place-probe.ts), else by one copy from 'data' events; outgoing ones always in place.
 * It frames nothing, retries nothing and knows no protocol. Nagle is off: whoever writes, writes whole responses.
 */
import net from 'node:net'
import type { Logger } from '../logger'
import type {
  Connection,
  ConnectionHandler,
  ConnectOptions,
  Listener,
  ListenOptions,
  Network,
  TlsListenOptions,
} from '../network'
import { NetworkError } from '../network'
import { canReceiveInPlace } from './in-place-probe'
import { NodeConnection, toNetworkError } from './node-connection'
import { createTlsServer } from './tls-sockets'

export interface NodeNetworkOptions {
  readonly logger: Logger
  /** false: accepted sockets copy from 'data' events, as where the probe fails. */
  readonly receiveInPlace?: boolean
}

export class NodeNetwork implements Network {
  constructor(private readonly options: NodeNetworkOptions) {}

  async listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener> {
    const connections = new Set<NodeConnection>()
    const handshaking = new Set<net.Socket>()
    const server =
      options.tls === undefined
        ? this.plainServer(this.options.receiveInPlace ?? (await canReceiveInPlace()), connections, onConnection)
        : this.tlsServer(options.tls, connections, handshaking, onConnection)
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(toNetworkError(error, `Cannot listen on ${options.host}:${options.port}`)))
      server.listen({ host: options.host, port: options.port }, resolve)
    })
    server.on('error', (error) => {
      this.options.logger.warn('A connection could not be accepted', { host: options.host, error: error.message })
    })
    const address = server.address()
    if (address === null || typeof address === 'string') throw new NetworkError('other', 'The listener has no TCP port')
    return new NodeListener(options.host, address.port, server, connections, handshaking)
  }

  private plainServer(
    inPlace: boolean,
    connections: Set<NodeConnection>,
    onConnection: (connection: Connection) => void,
  ): net.Server {
    return net.createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: false }, (socket) => {
      const connection = NodeConnection.accepted(socket, inPlace, () => connections.delete(connection))
      connections.add(connection)
      onConnection(connection)
    })
  }

  private tlsServer(
    tls: TlsListenOptions,
    connections: Set<NodeConnection>,
    handshaking: Set<net.Socket>,
    onConnection: (connection: Connection) => void,
  ): net.Server {
    const server = createTlsServer(tls, {
      onSecure: (socket, peerName) => {
        const connection = NodeConnection.acceptedTls(socket, peerName, () => connections.delete(connection))
        connections.add(connection)
        onConnection(connection)
      },
      onFailure: (error, client) => this.options.logger.warn('A TLS handshake failed', { client, error: error.message }),
    })
    // A listener that closes waits for every socket, also for those that never came to be connections.
    server.on('connection', (socket: net.Socket) => {
      handshaking.add(socket)
      socket.once('close', () => handshaking.delete(socket))
    })
    return server
  }

  connect(options: ConnectOptions, handler: ConnectionHandler): Connection {
    return NodeConnection.outgoing(options, handler)
  }
}

class NodeListener implements Listener {
  private closing: Promise<void> | null = null

  constructor(
    readonly host: string,
    readonly port: number,
    private readonly server: net.Server,
    private readonly connections: Set<NodeConnection>,
    /** Raw sockets of TLS connections, in their handshake or past it. */
    private readonly handshaking: Set<net.Socket>,
  ) {}

  close(): Promise<void> {
    this.closing ??= this.closeAll()
    return this.closing
  }

  private async closeAll(): Promise<void> {
    const stopped = new Promise<void>((resolve) => this.server.close(() => resolve()))
    const closed = [...this.connections].map((connection) => {
      connection.destroy()
      return connection.closed
    })
    for (const socket of this.handshaking) socket.destroy()
    await Promise.all([stopped, ...closed])
  }
}
