/**
 * The cluster host: starts, supervises and ends the workers of one workspace, and knows at any time what the cluster looks like.
 * Used by the desktop app, by `serve` and by test suites (`Cluster.start({ … })`). It never speaks Kafka: clients do that over TCP.
 */
import type { InterceptionRule, SaslCredentials } from '../engine'
import { WorkbenchError } from '../shared/ipc/errors'
import type { ClientAccess } from '../shared/model/clients'
import type {
  BrokerMoment,
  BrokerState,
  ClusterMoment,
  ClusterView,
  PartitionView,
  TimelineEvent,
  TopicsSnapshot,
} from '../shared/model/cluster'
import type { TopicsDelta, TopicView } from '../shared/model/topics'
import { tellBrokerState } from './broker-causes'
import { BrokerProcess } from './broker-process'
import { brokerView } from './broker-view'
import { ClusterRecord } from './cluster-record'
import { CoordinationProcess } from './coordination-process'
import { type ClusterInterception, Interceptions } from './interceptions'
import { LogFiles } from './log-file'
import { Membership } from './membership'
import { ConnectedClients } from './metrics-clients'
import { type ClusterFacts, MetricsRecorder } from './metrics-recorder'
import {
  type ClusterOptions,
  defaultBrokerConfigs,
  defaultHost,
  defaultSessionTimeoutMs,
  internalTopicConfigs,
  type LogEntry,
  type RegistryOptions,
} from './options'
import { planPorts } from './port-plan'
import { PortAllocator } from './ports'
import { RateMeter } from './rate-meter'
import { RegistryHost } from './registry-host'
import { type SecurityFiles, SecuritySetup } from './security'
import { createWorkerLauncher, type WorkerLauncher } from './worker-handle'
import type { FromWorker } from './worker-protocol'
import { Workspace } from './workspace'

/** Changes are told to listeners at most this often. */
const changeIntervalMs = 250
const coordinationStopTimeoutMs = 5_000
const electionTypes: ReadonlySet<string> = new Set(['leaders-elected', 'preferred-election'])

type ClusterEvents = {
  /** Brokers, coordination or topics changed; read view(), topics(), partitions(). */
  change: () => void
  /** What changed of topics and partitions, after `change`; `topicsSnapshot()` has what the first one builds on. */
  topics: (delta: TopicsDelta) => void
  timeline: (events: readonly TimelineEvent[]) => void
}

export interface OwnAccess {
  /** The brokers' own listeners. */
  readonly addresses: readonly { readonly id: number; readonly host: string; readonly port: number }[]
  readonly credentials: SaslCredentials | null
}

export class Cluster {
  private readonly workspace: Workspace
  private readonly launcher: WorkerLauncher
  private readonly security: SecuritySetup | null
  /** Of each broker, for the others, where clients have to say who they are. */
  private readonly interBrokerPorts = new Map<number, number>()
  private readonly ports: PortAllocator
  private readonly brokers = new Map<number, BrokerProcess>()
  private readonly rates = new Map<number, RateMeter>()
  private coordination: CoordinationProcess | null = null
  private readonly record: ClusterRecord
  private readonly logFiles: LogFiles
  private readonly notices: string[] = []
  private readonly listeners: { [E in keyof ClusterEvents]: Set<ClusterEvents[E]> } = {
    change: new Set(),
    topics: new Set(),
    timeline: new Set(),
  }
  private state: ClusterView['state'] = 'starting'
  private reason: string | null = null
  private reporterId: number | null = null
  private changeTimer: NodeJS.Timeout | null = null
  private readonly serving: Promise<void>
  private stopping: Promise<void> | null = null
  private readonly membership: Membership
  private readonly registry: RegistryHost | null
  private readonly interceptions = new Interceptions(() => this.brokersInOrder())
  /** Figures of the last hours, and who is connected. */
  readonly metrics: MetricsRecorder
  readonly clients = new ConnectedClients(() => this.brokersInOrder())
  private describe: () => void = () => undefined
  /** A broker has said what the cluster consists of, its id and topics too, or none runs that could. */
  private readonly isDescribed = new Promise<void>((resolve) => {
    this.describe = resolve
  })

  private constructor(private readonly options: ClusterOptions) {
    this.workspace = Workspace.open(options.dataDirectory)
    this.security = this.openSecurity()
    this.launcher = createWorkerLauncher(options.workerDirectory)
    this.logFiles = new LogFiles(this.workspace.logDirectory)
    this.record = new ClusterRecord({
      timelinePath: this.workspace.timelinePath,
      onTimeline: (events) => this.emitTimeline(events),
      onTimelineLost: (error) => this.logError(`The timeline cannot be kept on disk: ${error.message}`),
      brokers: () => this.brokerMoments(),
    })
    this.metrics = new MetricsRecorder(this.workspace.metricsDirectory, () => this.metricsFacts())
    this.ports = new PortAllocator(defaultHost, options.onTakenPort ?? 'fail', (wanted, got) =>
      this.notice(`Port ${wanted} is taken. ${got} is used instead.`),
    )
    this.registry = options.registry === undefined ? null : this.registryHost(options.registry)
    this.membership = new Membership({
      brokers: this.brokers,
      workspace: this.workspace,
      ports: this.ports,
      timeline: this.record.timeline,
      isAnyPort: options.brokerPorts?.every((port) => port === 0) ?? false,
      partitions: () => this.partitions(),
      requireRunning: (action) => this.requireRunning(action),
      createBroker: async (id, port) => {
        const broker = await this.createBroker(id, port)
        this.registry?.tellBrokers()
        return broker
      },
      onDidRemove: (id) => {
        this.registry?.tellBrokers()
        this.rates.delete(id)
        this.ports.release(this.interBrokerPorts.get(id) ?? 0)
        this.interBrokerPorts.delete(id)
        this.changed()
      },
    })
    this.serving = this.launch()
    this.serving.catch(() => undefined)
  }

  /** Opens the workspace and starts its cluster; does not wait. Throws where the directory is in use or unreadable. */
  static open(options: ClusterOptions): Cluster {
    return new Cluster(options)
  }

  /** Resolves when every broker serves. On failure everything that was started is ended first. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const cluster = Cluster.open(options)
    try {
      await cluster.whenServing()
      return cluster
    } catch (error) {
      await cluster.stop()
      throw error
    }
  }

  whenServing(): Promise<void> {
    return this.serving
  }

  on<E extends keyof ClusterEvents>(event: E, listener: ClusterEvents[E]): () => void {
    this.listeners[event].add(listener)
    return () => this.listeners[event].delete(listener)
  }

  /** `host:port` of every broker, comma separated. */
  get bootstrapServers(): string {
    return this.brokersInOrder()
      .map((broker) => `${broker.host}:${broker.port}`)
      .join(',')
  }

  /** What clients have to be given to trust the brokers; null without TLS. */
  get securityFiles(): SecurityFiles | null {
    return this.security?.files ?? null
  }

  /** How the workbench's own clients come in where others have to prove something: as a broker does. null where everybody comes in anyway. */
  get ownAccess(): OwnAccess | null {
    if (this.security === null) return null
    const addresses = this.brokersInOrder().map(({ id, host, port }) => ({
      id,
      host,
      port: this.interBrokerPorts.get(id) ?? port,
    }))
    return { addresses, credentials: this.security.credentials }
  }

  get coordinationAddress(): string {
    const view = this.coordination?.view()
    return view === undefined ? '' : `${view.host}:${view.port}`
  }

  /** `http://127.0.0.1:8081`; null without a registry, and before its port is known. */
  get registryUrl(): string | null {
    return this.registry?.url ?? null
  }

  timeline(): readonly TimelineEvent[] {
    return this.record.timeline.all()
  }

  topics(): TopicView[] {
    return this.record.topics()
  }

  partitions(topic: string | null = null): readonly PartitionView[] {
    return this.record.partitions(topic)
  }

  /** All of them, and the revision that deltas build on. */
  topicsSnapshot(): TopicsSnapshot {
    return this.record.snapshot()
  }

  /** The cluster as it was then, in this session; null while nothing is known. */
  moment(atMs: number): ClusterMoment | null {
    return this.record.moment(atMs)
  }

  /** The window is about to ask for this over the protocol: the timeline then says that it was you. */
  expectByYou(types: readonly string[], topic: string | null = null): void {
    this.record.timeline.expectByYou(types, topic)
  }

  view(): ClusterView {
    const partitions = this.partitions()
    const controllerId = this.currentController()
    const controllerEpoch = Math.max(0, ...this.brokersInOrder().map((broker) => broker.report?.controllerEpoch ?? 0))
    return {
      state: this.state,
      reason: this.reason,
      clusterId: this.record.clusterId,
      workspaceName: this.workspace.name,
      dataDirectory: this.workspace.directory,
      bootstrapServers: this.bootstrapServers,
      controllerId,
      controllerEpoch,
      controller: this.record.controllerView(controllerId, controllerEpoch),
      brokers: this.brokersInOrder().map((broker) =>
        brokerView(broker, {
          rates: this.rates.get(broker.id)?.perSecond() ?? null,
          isController: broker.id === controllerId,
          isRegistered: this.record.isRegistered(broker.id),
          partitions,
        }),
      ),
      coordination: this.coordination?.view() ?? {
        state: 'starting',
        host: defaultHost,
        port: 0,
        sessionCount: 0,
        znodeCount: 0,
        reason: null,
      },
      registry: this.registry?.view() ?? null,
      ...this.record.counts(),
      notices: this.notices,
    }
  }

  async startBroker(brokerId: number): Promise<void> {
    const broker = this.broker(brokerId)
    if (this.state === 'stopping' || this.state === 'stopped')
      throw new WorkbenchError('expected', 'CLUSTER_STATE', `The cluster is ${this.state}: no broker can start now.`)
    await broker.start()
  }

  async stopBroker(brokerId: number): Promise<void> {
    await this.broker(brokerId).stop()
  }

  async killBroker(brokerId: number): Promise<void> {
    await this.broker(brokerId).kill()
  }

  freezeBroker(brokerId: number): void {
    this.broker(brokerId).freeze()
  }

  resumeBroker(brokerId: number): void {
    this.broker(brokerId).resume()
  }

  /** A new broker with the next id on the next free port, serving when this resolves. Existing partitions stay where they are. */
  addBroker(): Promise<number> {
    return this.membership.add()
  }

  /** Takes a broker and its data away. Refused where no other running broker has all of a partition that it holds. */
  removeBroker(brokerId: number): Promise<void> {
    return this.membership.remove(this.broker(brokerId))
  }

  /** Has requests of clients answered with an error, delayed, lost or cut off, at one broker or at all (null). Answers the rule's number. */
  intercept(rule: InterceptionRule, brokerId: number | null = null): number {
    if (brokerId !== null) this.broker(brokerId)
    const id = this.interceptions.add(rule, brokerId)
    this.record.timeline.cause(
      'fault-begun',
      `Requests of clients are tampered with${brokerId === null ? '' : ` at broker ${brokerId}`}`,
      {
        severity: 'warn',
        detail: `rule ${id}: ${JSON.stringify(rule)}`,
      },
    )
    return id
  }

  /** The rules with what they have struck so far. */
  listInterceptions(): Promise<ClusterInterception[]> {
    return this.interceptions.list()
  }

  removeInterception(id: number): void {
    if (!this.interceptions.remove(id)) throw new WorkbenchError('expected', 'UNKNOWN_INTERCEPTION', `There is no rule ${id}.`)
    this.record.timeline.cause('fault-ended', `Rule ${id} no longer tampers with requests`, {})
  }

  clearInterceptions(): void {
    this.interceptions.clear()
  }

  /** The registry's worker, without a word to anybody. What it was told is in the topic. */
  async killRegistry(): Promise<void> {
    await this.requireRegistry().kill()
  }

  /** Resolves when it listens again. */
  async startRegistry(): Promise<void> {
    await this.requireRegistry().start()
  }

  /** Ends everything cleanly and gives the workspace free. Calling it again waits for the same end. */
  stop(): Promise<void> {
    this.stopping ??= this.stopAll()
    return this.stopping
  }

  private async stopAll(): Promise<void> {
    this.state = 'stopping'
    this.changed()
    for (const broker of this.brokers.values()) if (broker.state === 'frozen') broker.resume()
    // First, while there are brokers for what it still has to write.
    await this.registry?.stop()
    // All at once and without handing leaderships over: there is nobody left to take them.
    await Promise.all([...this.brokers.values()].map((broker) => this.endBroker(broker)))
    await this.coordination?.stop(coordinationStopTimeoutMs)
    // A start that was under way has nothing left to wait for, and an added or removed broker is not left half done.
    await this.serving.catch(() => undefined)
    await this.membership.whenSettled()
    this.record.close()
    this.metrics.close()
    this.workspace.close()
    this.state = 'stopped'
    if (this.changeTimer !== null) clearTimeout(this.changeTimer)
    this.changeTimer = null
    this.tellChange()
  }

  private async endBroker(broker: BrokerProcess): Promise<void> {
    if (!broker.isLive || broker.isEnding) return broker.whenDown()
    // It still waits for a coordination service that will not come, and would not hear of the stop before it gives up.
    const isHopeless = broker.state === 'starting' && this.coordination?.view().state !== 'running'
    await (isHopeless ? broker.kill() : broker.stop(false)).catch(() => undefined)
  }

  private async launch(): Promise<void> {
    try {
      await this.claimPorts()
      this.record.timeline.cause('cluster-started', 'Cluster started', { brokerIds: [...this.brokers.keys()] })
      const coordination = this.coordination!.start()
      // Together: a broker tries to reach the coordination service until it is there.
      const brokers = this.brokersInOrder().map((broker) => broker.start())
      for (const broker of brokers) broker.catch(() => undefined)
      const registry = this.registry?.launch()
      await coordination
      this.requireStarting()
      const results = await Promise.allSettled(brokers)
      const failed = results.find((result): result is PromiseRejectedResult => result.status === 'rejected')
      if (this.state === 'starting' && results.some((result) => result.status === 'fulfilled')) this.state = 'running'
      if (failed !== undefined) throw failed.reason
      // It listens long before brokers serve; where it cannot, it says so, and the cluster serves all the same.
      await registry
      await this.isDescribed
    } catch (error) {
      if (this.state === 'starting') {
        this.state = 'failed'
        this.reason = (error as Error).message
      }
      throw error
    } finally {
      this.changed()
    }
  }

  private requireStarting(): void {
    if (this.state !== 'starting')
      throw new WorkbenchError('cancelled', 'CLUSTER_STATE', 'The cluster was stopped before it served.')
  }

  private async claimPorts(): Promise<void> {
    const plan = await planPorts(this.workspace.settings, this.options, this.ports)
    await this.registry?.claimPort()
    // Told to stop meanwhile: the folder may be another's by now.
    this.requireStarting()
    const { coordinationPort, brokers: claimed } = plan
    this.workspace.update(plan.settings)
    this.coordination = new CoordinationProcess({
      launcher: this.launcher,
      workerData: { host: defaultHost, port: coordinationPort, dataDirectory: this.workspace.coordinationDirectory },
      onMessage: (message) => this.onWorkerMessage(null, message),
      onChange: (what, reason) => this.onCoordinationChange(what, reason),
    })
    for (const { id, port } of claimed) await this.createBroker(id, port)
    this.requireStarting()
  }

  private openSecurity(): SecuritySetup | null {
    const { security } = this.options
    if (security === undefined) return null
    try {
      return new SecuritySetup(security, this.workspace.securityDirectory, Date.now())
    } catch (error) {
      this.workspace.close()
      throw error
    }
  }

  private async createBroker(id: number, port: number): Promise<BrokerProcess> {
    // Kept over restarts, as the clients' is: other brokers go on trying where it was.
    if (this.security !== null) this.interBrokerPorts.set(id, await this.ports.claim(0, `broker ${id}, for the others`))
    const broker = new BrokerProcess({
      id,
      host: defaultHost,
      port,
      launcher: this.launcher,
      workerData: () => ({
        host: defaultHost,
        dataDirectory: this.workspace.brokerDirectory(id),
        coordination: { host: defaultHost, port: this.coordination!.view().port },
        sessionTimeoutMs: this.options.sessionTimeoutMs ?? defaultSessionTimeoutMs,
        configs: {
          ...defaultBrokerConfigs,
          ...internalTopicConfigs(this.brokers.size),
          ...this.security?.configs,
          ...this.options.brokerConfigs,
        },
        security: this.security?.forBroker(this.interBrokerPorts.get(id) ?? 0) ?? null,
        rack: this.rackOf(id),
        interceptions: this.interceptions.forStartOf(id),
      }),
      onMessage: (message) => this.onWorkerMessage(id, message),
      onStateChange: (changed, previous) => this.onBrokerStateChange(changed, previous),
    })
    this.brokers.set(id, broker)
    this.rates.set(id, new RateMeter())
    return broker
  }

  private onWorkerMessage(brokerId: number | null, message: FromWorker): void {
    switch (message.type) {
      case 'log':
        this.log(message.entry)
        return
      case 'event':
        this.record.onEngineEvent(message.event)
        if (electionTypes.has(message.event.type)) this.metrics.onElections(message.event.count ?? 1)
        // With no broker running nobody else says what that means for the partitions.
        if (message.event.type === 'session-expired' && this.reporterId === null && message.event.brokerId !== null)
          this.record.onSessionEnd(message.event.brokerId)
        break
      case 'broker-report':
        if (brokerId === null) return
        this.rates.get(brokerId)?.add(message.report)
        this.record.onReport(brokerId, message.report)
        break
      case 'metadata':
        if (brokerId !== this.reporterId) return
        this.record.onMetadata(message.metadata)
        this.describe()
        break
      case 'started':
        for (const notice of message.notices) this.notice(notice)
        break
      case 'broker-metrics':
        if (brokerId !== null) this.metrics.onBrokerReport(brokerId, message.report)
        return
      case 'service-metrics':
        this.metrics.onServiceReport(message.report)
        return
      case 'connections':
        if (brokerId !== null) this.clients.onAnswer(brokerId, message.askId, message.connections)
        return
      case 'interception-counts':
        if (brokerId !== null) this.interceptions.onCounts(brokerId, message.askId, message.counts)
        return
      case 'coordination-report':
      case 'registry-report':
      case 'failed':
      case 'stopped':
        break
    }
    this.changed()
  }

  private onBrokerStateChange(broker: BrokerProcess, previous: BrokerState): void {
    const { id, state } = broker
    if (this.state === 'running' || state === 'crashed') tellBrokerState(this.record.timeline, broker, previous)
    if (state === 'crashed') this.logError(`Broker ${id} crashed: ${broker.reason}`)
    if (state === 'running' && this.state === 'failed') {
      this.state = 'running'
      this.reason = null
    }
    if (state !== 'running') {
      this.rates.get(id)?.reset()
      this.metrics.onBrokerGone(id)
    }
    this.record.onBrokerState(id, state === 'running')
    this.chooseReporter()
    if (state !== 'starting' && this.reporterId === null) this.describe()
    // It ended its session itself; the last one to do so leaves nobody to tell it.
    if (state === 'stopped' && this.reporterId === null) this.record.onSessionEnd(id)
    this.changed()
  }

  private onCoordinationChange(what: 'started' | 'restarted' | 'crashed' | 'stopped', reason: string | null): void {
    if (what === 'restarted')
      this.record.timeline.cause('coordination-restarted', 'The coordination service is back', { actor: 'auto', severity: 'ok' })
    if (what === 'crashed') {
      this.record.timeline.cause('coordination-crashed', 'The coordination service crashed', {
        actor: 'auto',
        severity: 'error',
        detail: reason,
      })
      this.logError(`The coordination service crashed: ${reason}`)
    }
    this.changed()
  }

  /** One running broker tells the metadata; the longest running one is the least likely to be still catching up. */
  private chooseReporter(): void {
    const running = this.brokersInOrder().filter((broker) => broker.state === 'running')
    if (this.reporterId !== null && running.some((broker) => broker.id === this.reporterId)) return
    const next = running.reduce<BrokerProcess | null>(
      (oldest, broker) => (oldest === null || broker.stateSinceMs < oldest.stateSinceMs ? broker : oldest),
      null,
    )
    this.reporterId = next?.id ?? null
    next?.send({ type: 'report-metadata', isReporter: true })
    for (const broker of running) if (broker !== next) broker.send({ type: 'report-metadata', isReporter: false })
  }

  /** Who says so itself, with the newest epoch; a killed one cannot deny it any more, so only running ones count. */
  private currentController(): number | null {
    const claimants = this.brokersInOrder().filter((broker) => broker.state === 'running' && broker.report?.isController === true)
    claimants.sort((a, b) => (b.report?.controllerEpoch ?? 0) - (a.report?.controllerEpoch ?? 0))
    return claimants[0]?.id ?? null
  }

  /** What a client has to be told; the first user where there are several. */
  clientAccess(): ClientAccess {
    const { protocol = 'PLAINTEXT', saslMechanisms, users } = this.options.security ?? {}
    const hasSasl = protocol.startsWith('SASL')
    const files = this.securityFiles
    return {
      bootstrapServers: this.bootstrapServers,
      registryUrl: this.registryUrl,
      security: {
        protocol,
        saslMechanism: hasSasl ? (saslMechanisms?.[0] ?? 'SCRAM-SHA-256') : null,
        username: hasSasl ? (users?.[0]?.name ?? null) : null,
        password: hasSasl ? (users?.[0]?.password ?? null) : null,
        authorityFile: files?.authorityFile ?? null,
        certificateFile: files?.clientCertificateFile ?? null,
        keyFile: files?.clientKeyFile ?? null,
      },
    }
  }

  private metricsFacts(): ClusterFacts {
    const diskBytes = new Map<number, number>()
    for (const { replicas } of this.partitions())
      for (const { brokerId, logBytes } of replicas) diskBytes.set(brokerId, (diskBytes.get(brokerId) ?? 0) + logBytes)
    const coordination = this.coordination?.view()
    const registry = this.registry?.view()
    return {
      brokers: this.brokersInOrder().map(({ id, state }) => ({
        id,
        isUp: state === 'running',
        diskBytes: diskBytes.get(id) ?? 0,
      })),
      ...this.record.counts(),
      coordination: coordination?.state === 'running' ? coordination : null,
      registry: registry?.state === 'running' ? registry : null,
    }
  }

  private brokerMoments(): BrokerMoment[] {
    const controllerId = this.currentController()
    return this.brokersInOrder().map(({ id, state, stateSinceMs }) => ({
      id,
      state,
      stateSinceMs,
      isController: id === controllerId,
      isRegistered: this.record.isRegistered(id),
    }))
  }

  private rackOf(brokerId: number): string | null {
    const { brokerRacks: racks = [] } = this.options
    const place = this.workspace.settings.brokers.findIndex(({ id }) => id === brokerId)
    return racks.length === 0 ? null : (racks[Math.max(0, place) % racks.length] ?? null)
  }

  private broker(brokerId: number): BrokerProcess {
    const broker = this.brokers.get(brokerId)
    if (broker === undefined) {
      const known = [...this.brokers.keys()].join(', ')
      throw new WorkbenchError('expected', 'UNKNOWN_BROKER', `There is no broker ${brokerId}. This cluster has ${known}.`)
    }
    return broker
  }

  private registryHost(options: RegistryOptions): RegistryHost {
    return new RegistryHost({
      wishedPort: options.port ?? null,
      workspace: this.workspace,
      ports: this.ports,
      launcher: this.launcher,
      timeline: this.record.timeline,
      brokers: () =>
        this.brokersInOrder().map(({ id, host, port }) => ({ id, host, port: this.interBrokerPorts.get(id) ?? port })),
      credentials: this.security?.credentials ?? null,
      onMessage: (message) => this.onWorkerMessage(null, message),
      onDidChange: () => this.changed(),
      notice: (text) => this.notice(text),
      logError: (text) => this.logError(text),
    })
  }

  private requireRegistry(): RegistryHost {
    if (this.registry !== null) return this.registry
    throw new WorkbenchError('expected', 'NO_REGISTRY', 'This cluster was started without a schema registry.')
  }

  private requireRunning(action: string): void {
    if (this.state !== 'running')
      throw new WorkbenchError('expected', 'CLUSTER_STATE', `The cluster is ${this.state}: it cannot ${action} now.`)
  }

  private brokersInOrder(): BrokerProcess[] {
    return [...this.brokers.values()].sort((a, b) => a.id - b.id)
  }

  private notice(text: string): void {
    if (!this.notices.includes(text)) this.notices.push(text)
    this.log({ atMs: Date.now(), level: 'warn', source: 'cluster', message: text, fields: null })
  }

  private logError(message: string): void {
    this.log({ atMs: Date.now(), level: 'error', source: 'cluster', message, fields: null })
  }

  private log(entry: LogEntry): void {
    this.logFiles.write(entry)
    this.options.onLog?.(entry)
  }

  private changed(): void {
    if (this.changeTimer !== null || this.state === 'stopped') return
    this.changeTimer = setTimeout(() => {
      this.changeTimer = null
      this.tellChange()
    }, changeIntervalMs)
  }

  private tellChange(): void {
    const delta = this.record.takeDelta()
    for (const listener of this.listeners.change) listener()
    if (delta !== null) for (const listener of this.listeners.topics) listener(delta)
  }

  private emitTimeline(events: readonly TimelineEvent[]): void {
    for (const listener of this.listeners.timeline) listener(events)
  }
}
