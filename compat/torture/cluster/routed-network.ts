/**
 * The real network with other doors: outgoing connections go to the driver's proxies, and a listener stands on its hidden port while it believes
 * in the one that clients are told, where the driver's proxy for clients stands.
 */
import type {
  Connection,
  ConnectionHandler,
  ConnectOptions,
  Listener,
  ListenOptions,
  Network,
} from '../../../src/engine/platform'

export class RoutedNetwork implements Network {
  constructor(
    private readonly network: Network,
    /** Wanted port to proxy's port. */
    private readonly routes: ReadonlyMap<number, number>,
    /** Hidden port to the port that is told. */
    private readonly fronts: ReadonlyMap<number, number>,
  ) {}

  async listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener> {
    // A broker that starts again asks for the port it was told the last time.
    const hidden = [...this.fronts].find(([, front]) => front === options.port)?.[0] ?? options.port
    const listener = await this.network.listen({ host: options.host, port: hidden }, onConnection)
    return { host: listener.host, port: this.fronts.get(listener.port) ?? listener.port, close: () => listener.close() }
  }

  connect(options: ConnectOptions, handler: ConnectionHandler): Connection {
    return this.network.connect({ ...options, port: this.routes.get(options.port) ?? options.port }, handler)
  }
}
