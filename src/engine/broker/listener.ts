/**
 * The broker's ports, one for clients and perhaps one for other brokers: accepts connections, keeps the list of them, and closes those that have been silent for too long with one ticker for
 * all, so that a peer that vanished without a FIN does not stay for ever. Opened by Broker once everything behind it stands, closed first
 * when it stops.
 */
import type { Listener, Platform, Timer, TlsListenOptions } from '../platform'
import type { SaslSettings } from './authentication'
import { type ConnectionLimits, type ConnectionView, ServerConnection } from './connection'
import type { Interceptor } from './interception/interceptor'
import type { ClientQuotas } from './quotas/client-quotas'
import type { HandlerRegistry } from './registry'
import { RequestMetrics } from './request-metrics'
import { WriterPool } from './writer-pool'

/** One address and what is asked of those who come in by it. */
export interface ListenerPort {
  readonly host: string
  readonly port: number
  readonly tls: TlsListenOptions | null
  readonly sasl: SaslSettings | null
  /** As Kafka calls it: its protocol, or `REPLICATION` for that of the brokers. */
  readonly name?: string
}

export interface BrokerListenerOptions {
  readonly platform: Pick<Platform, 'clock' | 'network' | 'logger'>
  readonly ports: readonly ListenerPort[]
  readonly registry: HandlerRegistry
  readonly limits: ConnectionLimits
  /** `connections.max.idle.ms`. */
  readonly idleMsMax: number
  /** `max.connections.per.ip`, asked at each connection. */
  connectionsMaxOf?(host: string): number
  readonly interceptor?: Interceptor | null
  readonly quotas?: ClientQuotas | null
  onFatal(error: Error): void
}

export class BrokerListener {
  readonly metrics = new RequestMetrics()
  private readonly writers = new WriterPool()
  private readonly connections = new Set<ServerConnection>()
  private listeners: Listener[] = []
  private idleTicker: Timer | null = null
  private nextConnectionId = 1

  constructor(private readonly options: BrokerListenerOptions) {}

  /** Rejects with NetworkError where a port is taken, and then listens on none. Answers the ports really taken, in their order. */
  async open(): Promise<number[]> {
    const { platform, ports, idleMsMax } = this.options
    try {
      for (const port of ports) this.listeners.push(await this.listen(port))
    } catch (error) {
      await this.close()
      throw error
    }
    this.idleTicker = platform.clock.setTicker(Math.max(10, Math.min(idleMsMax / 4, 10_000)), () => this.closeIdle())
    return this.listeners.map(({ port }) => port)
  }

  get connectionCount(): number {
    return this.connections.size
  }

  connectionViews(): ConnectionView[] {
    return [...this.connections].map((connection) => connection.view())
  }

  /** Stops listening and destroys every connection. */
  async close(): Promise<void> {
    this.idleTicker?.cancel()
    this.idleTicker = null
    await Promise.all(this.listeners.splice(0).map((listener) => listener.close()))
  }

  private listen({ host, port, tls, sasl, name = 'PLAINTEXT' }: ListenerPort): Promise<Listener> {
    const { platform, registry, limits, onFatal, interceptor = null, quotas = null } = this.options
    return platform.network.listen({ host, port, ...(tls === null ? {} : { tls }) }, (connection) => {
      const { remoteHost } = connection
      if (this.isFull(remoteHost)) {
        platform.logger.warn('Closed a connection: its address has as many as it may have', { host: remoteHost })
        return connection.destroy()
      }
      const accepted = new ServerConnection({
        id: this.nextConnectionId++,
        connection,
        registry,
        writers: this.writers,
        metrics: this.metrics,
        clock: platform.clock,
        logger: platform.logger,
        limits,
        sasl,
        listener: { name, hasTls: tls !== null },
        interceptor,
        quotas,
        onDidClose: (closed) => this.connections.delete(closed),
        onFatal,
      })
      this.connections.add(accepted)
      connection.setHandler(accepted)
      const waitMs = quotas?.onConnection(connection.remoteHost) ?? 0
      if (waitMs > 0) accepted.endWith(() => undefined, 'its address connects more often than its quota lets it', waitMs)
    })
  }

  private isFull(host: string): boolean {
    const most = this.options.connectionsMaxOf?.(host) ?? Number.POSITIVE_INFINITY
    if (this.connections.size < most) return false
    let count = 0
    for (const connection of this.connections) if (connection.remoteHost === host) count++
    return count >= most
  }

  private closeIdle(): void {
    const limitMs = this.options.platform.clock.monotonicMs() - this.options.idleMsMax
    for (const connection of this.connections) {
      if (connection.requestsInFlight === 0 && connection.lastActivityMs < limitMs) connection.close()
    }
  }
}
