/**
 * One broker from start to end: its data folder, its coordination session and registration, its candidacy for controller, its port. What it serves
 * is in handlers/, what it keeps in storage and replication; this only starts, supervises and stops them, in the order that makes each safe.
 *
 * A broker that is killed does nothing of shutdown(): whatever is on disk and in the session then must do.
 */
import { registerBroker, unregisterBroker } from '../controller/broker-registration'
import { ensureClusterId, ensureClusterPaths } from '../controller/cluster-identity'
import type { CoordinationSession } from '../controller/coordination-port'
import { CoordinationClient } from '../coordination/coordination-client'
import type { Clock, Timer } from '../platform'
import type { PartitionStatus } from '../replication/outcomes'
import { defaultLogConfig, type LogConfig, LogManager, logConfigOverrides } from '../storage'
import type { BrokerEvent } from './broker-events'
import {
  type BrokerDetails,
  type BrokerMeasurements,
  type BrokerOptions,
  type BrokerStatistics,
  DEFAULT_COORDINATION_TIMEOUT_MS,
  DEFAULT_SESSION_TIMEOUT_MS,
  staticConfigsOf,
} from './broker-options'
import { assembleBroker, type BrokerParts } from './broker-parts'
import { addressesOfBroker, SecurityState, securityConfigsOf } from './broker-security'
import { type ConfigEntity, ConfigStore } from './config-store'
import type { ConnectionView } from './connection'
import { connectionsMaxOf } from './connection-limits'
import { controlledShutdown } from './controlled-shutdown'
import { CoordinationLink } from './coordination-link'
import type { Interceptor } from './interception/interceptor'
import { BrokerListener } from './listener'
import type { MetadataCache } from './metadata-cache'
import { applyRetention } from './retention'
import { topicConfigTable } from './topic-configs'

const MEBIBYTE = 1024 * 1024
const CONNECTION_LIMITS = { requestsInFlightMax: 128, responseBytesHeldMax: 64 * MEBIBYTE }
/** How long clients of a broker that has just started wait for the controller's first word. */
const FIRST_METADATA_TIMEOUT_MS = 3_000
/** Beyond its time-out, an older session of this broker may live for the coordination server's tick and a little. */
const REGISTRATION_GRACE_MS = 5_000
/** Where coordination does not answer, a broker that stops does not wait for it: its session will end. */
const LEAVE_TIMEOUT_MS = 2_000

export class Broker {
  private readonly listeners = new Set<(event: BrokerEvent) => void>()
  private readonly logManager: LogManager
  private readonly coordination: CoordinationLink
  private readonly configs: ConfigStore
  private readonly security: SecurityState
  private readonly sessionTimeoutMs: number
  private staticConfigs: Record<string, string>
  private parts!: BrokerParts
  private listener!: BrokerListener
  private brokerEpoch = -1
  private registeredSession: CoordinationSession | null = null
  private takenPort = 0
  private interBrokerPort = 0
  private state: 'starting' | 'running' | 'stopping' | 'stopped' | 'failed' = 'starting'
  private stopping: Promise<void> | null = null
  private readyTimer: Timer | null = null
  private retentionTicker: Timer | null = null

  /**
   * Resolves once the broker is registered and serves. Rejects, with nothing left running, where the folder is another's (DataDirectoryError), the
   * port is taken (NetworkError), the coordination service is not there, or its id is another broker's.
   */
  static async start(options: BrokerOptions): Promise<Broker> {
    const { broker, started } = Broker.begin(options)
    await started
    return broker
  }

  /** As start(), for whoever wants to look at the broker while it starts. Throws what can be told at once. */
  static begin(options: BrokerOptions): { broker: Broker; started: Promise<void> } {
    const broker = new Broker(options)
    const started = broker.join().catch(async (error: unknown) => {
      await broker.abandon()
      throw error
    })
    return { broker, started }
  }

  private constructor(private readonly options: BrokerOptions) {
    const { platform, brokerId, dataDirectory, coordination } = options
    if (options.onEvent !== undefined) this.listeners.add(options.onEvent)
    this.sessionTimeoutMs = options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS
    this.staticConfigs = staticConfigsOf(options, options.port)
    this.configs = new ConfigStore({
      brokerId,
      staticConfigs: this.staticConfigs,
      logger: platform.logger,
      coordination: () => this.coordination.steady,
      onDidChange: (entity) => this.applyConfigs(entity),
      onDidAlter: (entity) => {
        if (entity.type === 'topics') this.emit({ type: 'topic-config-changed', topic: entity.name })
      },
    })
    // Recovery comes before the session: it may hold this thread for longer than the session would live.
    this.logManager = LogManager.open({
      platform,
      dataDirectory,
      brokerId,
      clusterId: null,
      defaultConfig: defaultLogConfig,
      configFor: (topic) => this.logConfigOf(topic),
      producerIdExpirationMs: () => this.configs.brokerNumber('producer.id.expiration.ms'),
      onDidRoll: (topic, partition, baseOffset) => {
        if (this.leads(topic, partition)) this.emit({ type: 'segment-rolled', topic, partition, baseOffset })
      },
    })
    this.coordination = new CoordinationLink({
      platform,
      makeSession: () =>
        new CoordinationClient({
          platform,
          ...coordination,
          sessionTimeoutMs: this.sessionTimeoutMs,
          name: `broker-${brokerId}`,
        }),
      onDidExpire: () => this.onSessionExpired(),
      onDidRenew: () => this.onSessionRenewed(),
    })
    this.security = new SecurityState(options.security, platform, this.configs, this.coordination)
  }

  get brokerId(): number {
    return this.options.brokerId
  }

  get port(): number {
    return this.takenPort
  }

  get clusterId(): string {
    return this.parts.clusterId
  }

  /** What the controller has told this broker about the cluster. To be read, not changed. */
  get metadata(): MetadataCache {
    return this.parts.metadata
  }

  /** Answers, delays, loses or cuts what clients send, as whoever tests a client wants it. Its rules end with the broker. */
  get interceptor(): Interceptor {
    return this.parts.interceptor
  }

  /** What recovery had to cut at this start. */
  get recoveryReports(): LogManager['recoveryReports'] {
    return this.logManager.recoveryReports
  }

  onDidEvent(listener: (event: BrokerEvent) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** The value of a topic's config that counts, its own or inherited. */
  topicConfig(topic: string, name: string): string {
    return this.configs.topicValue(topic, name)
  }

  /** Snapshots of all replicas here, made as they are asked for; none while the broker has not come that far. */
  partitionStates(): Iterable<PartitionStatus> {
    return this.parts?.replicas.partitionStates() ?? []
  }

  statistics(): BrokerStatistics {
    const { brokerId, host } = this.options
    const { clusterId, controller, traffic, produces, fetches } = this.parts
    const { messagesIn, bytesIn, bytesOut, replicationBytesOut, failedProduceCount, failedFetchCount } = traffic
    return {
      brokerId,
      host,
      port: this.takenPort,
      clusterId,
      brokerEpoch: this.brokerEpoch,
      isController: controller.isActive,
      controllerId: controller.controllerId,
      controllerEpoch: controller.controllerEpoch,
      connectionCount: this.listener.connectionCount,
      messagesIn,
      bytesIn,
      bytesOut,
      replicationBytesOut,
      failedProduceCount,
      failedFetchCount,
      waitingProduceCount: produces.size,
      waitingFetchCount: fetches.size,
    }
  }

  measurements(): BrokerMeasurements {
    const { traffic, metadata } = this.parts
    traffic.retain((topic) => metadata.topic(topic) !== undefined)
    return { batchesIn: traffic.batchesIn, apis: this.listener.metrics.measure(), topics: traffic.topics() }
  }

  /** Who is connected, and what they have done. */
  connections(): readonly ConnectionView[] {
    return this.listener.connectionViews()
  }

  details(): BrokerDetails {
    return {
      ...this.statistics(),
      connections: this.listener.connectionViews(),
      apis: this.listener.metrics.snapshot(),
      partitions: [...this.partitionStates()],
    }
  }

  /**
   * Hands leaderships over, stops serving, writes everything down, ends the session. Resolves however far it got. With `isControlled` false it
   * hands nothing over: for the end of a whole cluster, where there is nobody left to take it.
   */
  shutdown({ isControlled = true }: { readonly isControlled?: boolean } = {}): Promise<void> {
    this.stopping ??= this.stop(isControlled)
    return this.stopping
  }

  /** For tests in one thread: stops as a killed process does, telling nobody and writing nothing. */
  kill(): Promise<void> {
    this.stopping ??= this.die()
    return this.stopping
  }

  private async join(): Promise<void> {
    const { options, coordination } = this
    const { platform, host } = options
    await coordination.untilConnected(options.coordinationTimeoutMs ?? DEFAULT_COORDINATION_TIMEOUT_MS)
    const wantedId = this.logManager.clusterId ?? options.clusterId
    let clusterId = ''
    let sessionOfConfigs = coordination.session
    await this.overSessions(async () => {
      sessionOfConfigs = coordination.session
      await ensureClusterPaths(sessionOfConfigs)
      clusterId = await ensureClusterId(sessionOfConfigs, platform.random, wantedId)
      await this.configs.load()
      await this.security.load()
    })
    this.logManager.setClusterId(clusterId)
    this.applyConfigs(null)
    this.parts = assembleBroker({
      options,
      clusterId,
      logManager: this.logManager,
      coordination,
      configs: this.configs,
      security: this.security,
      brokerEpoch: () => this.brokerEpoch,
      emit: (event) => this.emit(event),
    })
    await this.overSessions(() => this.parts.quotaStore.load())
    for (const { id, rule } of options.interceptions ?? []) this.parts.interceptor.add(rule, id)
    this.listener = new BrokerListener({
      platform,
      ports: this.security.ports(host, options.port),
      registry: this.parts.registry,
      limits: { ...CONNECTION_LIMITS, requestBytesMax: this.configs.brokerNumber('socket.request.max.bytes') },
      idleMsMax: this.configs.brokerNumber('connections.max.idle.ms'),
      connectionsMaxOf: (from) => connectionsMaxOf(this.configs, from),
      interceptor: this.parts.interceptor,
      quotas: this.parts.quotas,
      onFatal: (error) => this.onFatal(error),
    })
    // Before its registration it cannot tell what the controller says to it from what it said to its life before, which is still registered and
    // whose unanswered requests the controller repeats: metadata of two partitions of a topic of three, and leaderships of then.
    let registered = (): void => undefined
    void this.parts.controlQueue.run(() => new Promise<void>((resolve) => (registered = resolve)))
    const [clientPort = 0, interBrokerPort = 0] = await this.listener.open()
    this.takenPort = clientPort
    this.interBrokerPort = interBrokerPort
    const addresses = addressesOfBroker(options.security, { host, port: clientPort }, interBrokerPort)
    Object.assign(this.staticConfigs, staticConfigsOf(options, clientPort), securityConfigsOf(addresses, options.security))
    this.parts.replicas.startTickers()
    this.parts.transactions.startTickers()
    this.logManager.startTickers()
    this.retentionTicker = platform.clock.setTicker(this.configs.brokerNumber('log.retention.check.interval.ms'), () =>
      applyRetention({
        logManager: this.logManager,
        replicas: this.parts.replicas,
        configs: this.configs,
        logger: platform.logger,
        onDidDrop: (topic, partition, segmentCount) => this.emit({ type: 'segments-deleted', topic, partition, segmentCount }),
      }),
    )
    for (const report of this.logManager.recoveryReports) this.emit({ type: 'log-recovered', ...report })
    await this.overSessions(async () => {
      // Read anew where the session that they were read with has gone.
      if (coordination.session !== sessionOfConfigs) {
        await this.configs.load()
        await this.security.load()
        await this.parts.quotaStore.load()
      }
      await this.register(false)
    })
    registered()
    const ready = this.untilReady()
    await this.parts.controller.start()
    await ready
    this.state = 'running'
    this.onSessionRenewed()
    platform.logger.info('The broker serves', { brokerId: options.brokerId, port: this.takenPort, brokerEpoch: this.brokerEpoch })
  }

  private leads(topic: string, partition: number): boolean {
    return this.parts?.metadata.topic(topic)?.partitions.get(partition)?.leader === this.brokerId
  }

  /** Does it over with the session after, where one expires before it is done: a broker that starts is as patient as one that runs. */
  private async overSessions(step: () => Promise<void>): Promise<void> {
    for (;;) {
      const { session } = this.coordination
      try {
        return await step()
      } catch (error) {
        if (session.state !== 'expired') throw error
        await this.coordination.untilConnected(this.options.coordinationTimeoutMs ?? DEFAULT_COORDINATION_TIMEOUT_MS)
      }
    }
  }

  private async register(isAgain: boolean): Promise<void> {
    const { platform, brokerId, host, rack } = this.options
    const { session } = this.coordination
    const addresses = addressesOfBroker(this.options.security, { host, port: this.takenPort }, this.interBrokerPort)
    const epoch = await registerBroker({
      session,
      clock: platform.clock,
      logger: platform.logger,
      broker: { id: brokerId, host, port: this.takenPort, rack: rack ?? null, ...(addresses === undefined ? {} : { addresses }) },
      timeoutMs: this.sessionTimeoutMs + REGISTRATION_GRACE_MS,
    })
    this.brokerEpoch = epoch
    this.registeredSession = session
    this.emit({ type: 'broker-registered', brokerId, brokerEpoch: epoch, isAgain })
  }

  /** When the controller has told what there is, or has had long enough to. */
  private untilReady(): Promise<void> {
    const { metadata } = this.parts
    this.readyTimer = this.options.platform.clock.setTimer(FIRST_METADATA_TIMEOUT_MS, () => metadata.becomeReady())
    return new Promise((resolve) => {
      metadata.whenReady(() => {
        this.readyTimer?.cancel()
        resolve()
      })
    })
  }

  /** The cluster takes this broker for dead. It goes on serving what it can, as Kafka's do; others have taken its leaderships, and fence it by epoch. */
  private onSessionExpired(): void {
    if (this.state !== 'running' && this.state !== 'starting') return
    this.parts?.controller.onSessionExpired()
    this.emit({ type: 'session-expired', brokerId: this.options.brokerId })
  }

  private onSessionRenewed(): void {
    const { session } = this.coordination
    // While it starts, join() looks once more at its end.
    if (this.state !== 'running' || session === this.registeredSession || session.state !== 'connected') return
    const rejoin = async () => {
      await ensureClusterPaths(session)
      await this.configs.load()
      await this.security.load()
      await this.parts.quotaStore.load()
      await this.register(true)
      await this.parts.controller.start()
    }
    rejoin().catch((error: unknown) => {
      // Over again with the session after this one; only where the session still stands is there nobody else to try.
      if (this.state !== 'running' || this.coordination.session !== session || session.state === 'expired') return
      this.onFatal(error instanceof Error ? error : new Error(String(error)))
    })
  }

  /** `entity` null: everything may have changed. */
  private applyConfigs(entity: ConfigEntity | null): void {
    // A group's are asked for with each of its heartbeats.
    if (entity?.type === 'groups') return
    if (entity?.type === 'topics') return this.logManager.updateTopicConfig(entity.name)
    for (const topic of new Set(Array.from(this.logManager.logs, (log) => log.topic))) this.logManager.updateTopicConfig(topic)
  }

  private logConfigOf(topic: string): Partial<LogConfig> {
    return logConfigOverrides([...topicConfigTable.keys()].map((name) => [name, this.configs.topicValue(topic, name)] as const))
  }

  private emit(event: BrokerEvent): void {
    for (const listener of [...this.listeners]) listener(event)
  }

  private onFatal(error: Error): void {
    if (this.stopping !== null) return
    const reason = error.stack ?? error.message
    this.options.platform.logger.error('The broker cannot go on and stops', { brokerId: this.options.brokerId, reason })
    this.stopping = this.die('failed')
    this.stopping.catch(() => undefined)
    this.emit({ type: 'broker-failed', brokerId: this.options.brokerId, reason: error.message })
  }

  private async stop(isControlled: boolean): Promise<void> {
    const { platform, brokerId } = this.options
    this.state = 'stopping'
    this.emit({ type: 'shutdown-begun', brokerId })
    if (isControlled) {
      const remaining = await controlledShutdown({
        clock: platform.clock,
        logger: platform.logger,
        link: this.parts.controllerLink,
        brokerId,
        brokerEpoch: this.brokerEpoch,
        attemptsMax: this.configs.brokerNumber('controlled.shutdown.max.retries'),
        backoffMs: this.configs.brokerNumber('controlled.shutdown.retry.backoff.ms'),
      })
      if (remaining !== 0) this.emit({ type: 'shutdown-incomplete', brokerId, remainingLeaderCount: remaining })
    }
    // The controller would hear of it by the session's end only; until then it could send requests to a port that is closed.
    const leave = async () => {
      await this.parts.controller.stop()
      await unregisterBroker(this.coordination.session, brokerId)
    }
    await endsWithin(platform.clock, LEAVE_TIMEOUT_MS, leave())
    await this.listener.close()
    this.retentionTicker?.cancel()
    this.parts.produces.close()
    this.parts.fetches.close()
    this.parts.deletions.close()
    this.parts.transactions.close()
    this.parts.coordinators.close()
    this.parts.replicas.close()
    this.parts.controllerLink.close()
    this.logManager.close()
    await this.coordination.close()
    this.state = 'stopped'
    platform.logger.info('The broker has stopped', { brokerId })
  }

  private async die(state: 'stopped' | 'failed' = 'stopped'): Promise<void> {
    this.state = state
    this.readyTimer?.cancel()
    this.retentionTicker?.cancel()
    this.coordination.abandon()
    this.parts.controller.onSessionExpired()
    this.parts.produces.close()
    this.parts.fetches.close()
    this.parts.deletions.close()
    this.parts.transactions.close()
    this.parts.coordinators.abandon()
    this.parts.replicas.abandon()
    this.parts.controllerLink.close()
    this.logManager.abandon()
    await this.listener.close()
  }

  /** After a start that failed: whatever was opened is closed, in so far as it was. */
  private async abandon(): Promise<void> {
    this.state = 'failed'
    this.readyTimer?.cancel()
    this.retentionTicker?.cancel()
    this.parts?.controller.onSessionExpired()
    this.parts?.produces.close()
    this.parts?.fetches.close()
    this.parts?.deletions.close()
    this.parts?.transactions.close()
    this.parts?.coordinators.abandon()
    this.parts?.replicas.close()
    this.parts?.controllerLink.close()
    await this.listener?.close()
    this.logManager.close()
    await this.coordination.close()
  }
}

/** Resolves when `work` has ended, in whatever way, or when the time is up. */
function endsWithin(clock: Clock, timeoutMs: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(timeoutMs, resolve)
    const conclude = () => {
      timer.cancel()
      resolve()
    }
    work.then(conclude, conclude)
  })
}
