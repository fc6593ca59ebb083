/**
 * A whole cluster in one thread, on real sockets and temporary folders: coordination and brokers, for tests that let the parts meet. Imported
 * by tests only. Killing is Broker.kill: nothing is told, nothing written; the real thing, a terminated worker, is the host's tests' business.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Broker } from '../broker/broker'
import type { BrokerEvent } from '../broker/broker-events'
import type { BrokerOptions } from '../broker/broker-options'
import { BrokerConnection } from '../client/broker-connection'
import { CoordinationServer } from '../coordination/coordination-server'
import type { LogFields, Logger, Platform } from '../platform'
import { createNodePlatform } from '../platform/node'
import { Metadata } from '../wire/messages'
import type { ResponseOf } from '../wire/schema'

export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: LogFields
}

export class MemoryLogger implements Logger {
  readonly lines: LoggedLine[] = []
  debug = (message: string, fields: LogFields = {}) => this.add('debug', message, fields)
  info = (message: string, fields: LogFields = {}) => this.add('info', message, fields)
  warn = (message: string, fields: LogFields = {}) => this.add('warn', message, fields)
  error = (message: string, fields: LogFields = {}) => this.add('error', message, fields)

  at(level: LoggedLine['level']): LoggedLine[] {
    return this.lines.filter((line) => line.level === level)
  }

  private add(level: LoggedLine['level'], message: string, fields: LogFields): void {
    this.lines.push({ level, message, fields })
  }
}

export type TopicMetadataAnswer = ResponseOf<typeof Metadata>['topics'][number]

export class TestCluster {
  readonly logger = new MemoryLogger()
  readonly platform: Platform = createNodePlatform({ logger: this.logger })
  readonly events: BrokerEvent[] = []
  readonly brokers = new Map<number, Broker>()
  readonly directory = mkdtempSync(join(tmpdir(), 'broker-workbench-'))
  private readonly connections = new Set<BrokerConnection>()
  private readonly ports = new Map<number, number>()
  private coordination: CoordinationServer | null = null
  private coordinationPort = 0

  private constructor(private readonly overrides: Partial<BrokerOptions>) {}

  static async start(brokerCount: number, overrides: Partial<BrokerOptions> = {}): Promise<TestCluster> {
    const cluster = new TestCluster(overrides)
    await cluster.startCoordination()
    await Promise.all(Array.from({ length: brokerCount }, (_, index) => cluster.startBroker(index + 1)))
    return cluster
  }

  async startCoordination(): Promise<void> {
    this.coordination = await CoordinationServer.start({
      platform: this.platform,
      host: '127.0.0.1',
      port: this.coordinationPort,
      dataDirectory: join(this.directory, 'coordination'),
    })
    this.coordinationPort = this.coordination.port
  }

  async stopCoordination(): Promise<void> {
    await this.coordination?.stop()
    this.coordination = null
  }

  /** On the port it had before, if it was there before. */
  async startBroker(brokerId: number, overrides: Partial<BrokerOptions> = {}): Promise<Broker> {
    const broker = await Broker.start({
      platform: this.platform,
      brokerId,
      host: '127.0.0.1',
      port: this.ports.get(brokerId) ?? 0,
      dataDirectory: join(this.directory, `broker-${brokerId}`),
      coordination: { host: '127.0.0.1', port: this.coordinationPort },
      sessionTimeoutMs: 1_500,
      onEvent: (event) => this.events.push(event),
      ...this.overrides,
      ...overrides,
    })
    this.ports.set(brokerId, broker.port)
    this.brokers.set(brokerId, broker)
    return broker
  }

  async killBroker(brokerId: number): Promise<void> {
    const broker = this.broker(brokerId)
    this.brokers.delete(brokerId)
    await broker.kill()
  }

  async stopBroker(brokerId: number): Promise<void> {
    const broker = this.broker(brokerId)
    this.brokers.delete(brokerId)
    await broker.shutdown()
  }

  broker(brokerId: number): Broker {
    const broker = this.brokers.get(brokerId)
    if (broker === undefined) throw new Error(`broker ${brokerId} does not run`)
    return broker
  }

  controller(): Broker {
    for (const broker of this.brokers.values()) if (broker.statistics().isController) return broker
    throw new Error('no broker is the controller now')
  }

  /** A new connection, closed with the cluster. */
  connect(brokerId: number): BrokerConnection {
    const connection = new BrokerConnection({
      platform: this.platform,
      host: '127.0.0.1',
      port: this.broker(brokerId).port,
      clientId: 'test',
      // Versions that are declared are not all served: Produce 12 is with transactions of version 2 only.
      negotiate: true,
      // A machine that is busy with other tests, or a broker with greedy clients, takes its time with the first answer.
      connectTimeoutMs: 20_000,
    })
    this.connections.add(connection)
    return connection
  }

  /** What the first running broker says of a topic. */
  async topic(name: string): Promise<TopicMetadataAnswer> {
    const connection = this.connect([...this.brokers.keys()][0]!)
    const answer = await connection.request(Metadata, { topics: [{ name }], allowAutoTopicCreation: false })
    connection.close()
    return answer.topics[0]!
  }

  /** Asks again and again until `condition` answers something, which it returns. */
  async until<T>(
    what: string,
    condition: () => Promise<T | false | null | undefined> | T | false | null | undefined,
    timeoutMs = 20_000,
  ): Promise<T> {
    const { clock } = this.platform
    const deadlineMs = clock.monotonicMs() + timeoutMs
    for (;;) {
      const found = await condition()
      if (found !== false && found !== null && found !== undefined) return found
      if (clock.monotonicMs() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${what}`)
      await new Promise<void>((resolve) => clock.setTimer(20, resolve))
    }
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.close()
    await Promise.all([...this.brokers.values()].map((broker) => broker.kill()))
    await this.stopCoordination()
    rmSync(this.directory, { recursive: true, force: true })
  }
}
