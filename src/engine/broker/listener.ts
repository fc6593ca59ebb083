/**
 * The broker's port: accepts connections, keeps the list of them, and closes those that have been silent for too long with one ticker for
 * all, so that a peer that vanished without a FIN does not stay for ever. Opened by Broker once everything behind it stands, closed first
 * when it stops.
 */
import type { Listener, Platform, Timer } from '../platform'
import { type ConnectionLimits, type ConnectionView, ServerConnection } from './connection'
import type { Interceptor } from './interception/interceptor'
import type { HandlerRegistry } from './registry'
import { RequestMetrics } from './request-metrics'
import { WriterPool } from './writer-pool'

export interface BrokerListenerOptions {
  readonly platform: Pick<Platform, 'clock' | 'network' | 'logger'>
  readonly host: string
  readonly port: number
  readonly registry: HandlerRegistry
  readonly limits: ConnectionLimits
  /** `connections.max.idle.ms`. */
  readonly idleMsMax: number
  readonly interceptor?: Interceptor | null
  onFatal(error: Error): void
}

export class BrokerListener {
  readonly metrics = new RequestMetrics()
  private readonly writers = new WriterPool()
  private readonly connections = new Set<ServerConnection>()
  private listener: Listener | null = null
  private idleTicker: Timer | null = null
  private nextConnectionId = 1

  constructor(private readonly options: BrokerListenerOptions) {}

  /** Rejects with NetworkError where the port is taken. Answers the port really taken. */
  async open(): Promise<number> {
    const { platform, host, port, idleMsMax } = this.options
    this.listener = await platform.network.listen({ host, port }, (connection) => {
      const accepted = new ServerConnection({
        id: this.nextConnectionId++,
        connection,
        registry: this.options.registry,
        writers: this.writers,
        metrics: this.metrics,
        clock: platform.clock,
        logger: platform.logger,
        limits: this.options.limits,
        interceptor: this.options.interceptor ?? null,
        onDidClose: (closed) => this.connections.delete(closed),
        onFatal: this.options.onFatal,
      })
      this.connections.add(accepted)
      connection.setHandler(accepted)
    })
    this.idleTicker = platform.clock.setTicker(Math.max(10, Math.min(idleMsMax / 4, 10_000)), () => this.closeIdle())
    return this.listener.port
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
    await this.listener?.close()
    this.listener = null
  }

  private closeIdle(): void {
    const limitMs = this.options.platform.clock.monotonicMs() - this.options.idleMsMax
    for (const connection of this.connections) {
      if (connection.requestsInFlight === 0 && connection.lastActivityMs < limitMs) connection.close()
    }
  }
}
