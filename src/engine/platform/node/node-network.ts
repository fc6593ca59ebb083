/**
 * TCP as a {@link Network}: listeners and outgoing connections for the servers, brokers and clients of one thread.
 *
 * Accepted sockets receive in place where the runtime allows it (in-place-probe.ts), else by one copy from 'data' events; outgoing ones always in place.
 * It frames nothing, retries nothing and knows no protocol. Nagle is off: whoever writes, writes whole responses.
 */
import net from 'node:net'
import type { Logger } from '../logger'
import type { Connection, ConnectionHandler, ConnectOptions, Listener, ListenOptions, Network } from '../network'
import { NetworkError } from '../network'
import { canReceiveInPlace } from './in-place-probe'
import { NodeConnection, toNetworkError } from './node-connection'

export interface NodeNetworkOptions {
  readonly logger: Logger
  /** false: accepted sockets copy from 'data' events, as where the probe fails. */
  readonly receiveInPlace?: boolean
}

export class NodeNetwork implements Network {
  constructor(private readonly options: NodeNetworkOptions) {}

  async listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener> {
    const inPlace = this.options.receiveInPlace ?? (await canReceiveInPlace())
    const connections = new Set<NodeConnection>()
    const server = net.createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: false }, (socket) => {
      const connection = NodeConnection.accepted(socket, inPlace, () => connections.delete(connection))
      connections.add(connection)
      onConnection(connection)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(toNetworkError(error, `Cannot listen on ${options.host}:${options.port}`)))
      server.listen({ host: options.host, port: options.port }, resolve)
    })
    server.on('error', (error) => {
      this.options.logger.warn('A connection could not be accepted', { host: options.host, error: error.message })
    })
    const address = server.address()
    if (address === null || typeof address === 'string') throw new NetworkError('other', 'The listener has no TCP port')
    return new NodeListener(options.host, address.port, server, connections)
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
    await Promise.all([stopped, ...closed])
  }
}
