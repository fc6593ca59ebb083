/**
 * The cluster host: starts, supervises and ends the workers of one workspace, and knows at any time what the cluster looks like.
 * Used by the desktop app, by `serve` and by test suites (`Cluster.start({ … })`). It never speaks Kafka: clients do that over TCP.
 */
import { WorkbenchError } from '../shared/ipc/errors'
import type { BrokerState, BrokerView, ClusterView, PartitionView, TimelineEvent } from '../shared/model/cluster'
import type { TopicView } from '../shared/model/topics'
import { BrokerProcess } from './broker-process'
import { ClusterModel, isUnderReplicated } from './cluster-model'
import { CoordinationProcess } from './coordination-process'
import { LogFiles } from './log-file'
import {
  type ClusterOptions,
  defaultBrokerCount,
  defaultBrokerPort,
  defaultCoordinationPort,
  defaultHost,
  defaultSessionTimeoutMs,
  type LogEntry,
} from './options'
import { PortAllocator } from './ports'
import { RateMeter } from './rate-meter'
import { Timeline } from './timeline'
import { createWorkerLauncher, type WorkerLauncher } from './worker-handle'
import type { FromWorker } from './worker-protocol'
import { Workspace } from './workspace'

/** Changes are told to listeners at most this often. */
const changeIntervalMs = 250
const coordinationStopTimeoutMs = 5_000

type ClusterEvents = {
  /** Brokers, coordination or topics changed; read view(), topics(), partitions(). */
  change: () => void
  timeline: (events: readonly TimelineEvent[]) => void
}

export class Cluster {
  private readonly workspace: Workspace
  private readonly launcher: WorkerLauncher
  private readonly ports: PortAllocator
  private readonly brokers = new Map<number, BrokerProcess>()
  private readonly rates = new Map<number, RateMeter>()
  private coordination: CoordinationProcess | null = null
  private readonly model = new ClusterModel()
  private readonly timelineLog: Timeline
  private readonly logFiles: LogFiles
  private readonly notices: string[] = []
  private readonly listeners: { [E in keyof ClusterEvents]: Set<ClusterEvents[E]> } = { change: new Set(), timeline: new Set() }
  private state: ClusterView['state'] = 'starting'
  private reason: string | null = null
  private reporterId: number | null = null
  private changeTimer: NodeJS.Timeout | null = null
  private serving: Promise<void>
  private stopping: Promise<void> | null = null

  private constructor(private readonly options: ClusterOptions) {
    this.workspace = Workspace.open(options.dataDirectory)
    this.launcher = createWorkerLauncher(options.workerDirectory)
    this.logFiles = new LogFiles(this.workspace.logDirectory)
    this.timelineLog = new Timeline((events) => this.emitTimeline(events))
    this.ports = new PortAllocator(defaultHost, options.onTakenPort ?? 'fail', (wanted, got) =>
      this.notice(`Port ${wanted} is taken. ${got} is used instead.`),
    )
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

  get coordinationAddress(): string {
    const view = this.coordination?.view()
    return view === undefined ? '' : `${view.host}:${view.port}`
  }

  timeline(): readonly TimelineEvent[] {
    return this.timelineLog.all()
  }

  topics(): TopicView[] {
    return this.model.topics(this.partitions())
  }

  partitions(topic: string | null = null): PartitionView[] {
    return this.model.partitions((brokerId) => this.brokers.get(brokerId)?.state === 'running', topic)
  }

  view(): ClusterView {
    const partitions = this.partitions()
    const controllerId = this.currentController()
    return {
      state: this.state,
      reason: this.reason,
      clusterId: this.model.clusterId,
      workspaceName: this.workspace.name,
      dataDirectory: this.workspace.directory,
      bootstrapServers: this.bootstrapServers,
      controllerId,
      controllerEpoch: Math.max(0, ...this.brokersInOrder().map((broker) => broker.report?.controllerEpoch ?? 0)),
      brokers: this.brokersInOrder().map((broker) => this.brokerView(broker, controllerId, partitions)),
      coordination: this.coordination?.view() ?? {
        state: 'starting',
        host: defaultHost,
        port: 0,
        sessionCount: 0,
        znodeCount: 0,
        reason: null,
      },
      topicCount: new Set(partitions.map((partition) => partition.topic)).size,
      partitionCount: partitions.length,
      underReplicatedCount: partitions.filter(isUnderReplicated).length,
      offlineCount: partitions.filter((partition) => partition.leader === null).length,
      notices: this.notices,
    }
  }

  async startBroker(brokerId: number): Promise<void> {
    await this.broker(brokerId).start()
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
  async addBroker(): Promise<number> {
    this.requireRunning('add a broker')
    const { brokers, nextBrokerId } = this.workspace.settings
    const isAnyPort = this.options.brokerPorts?.every((port) => port === 0) ?? false
    const wanted = isAnyPort ? 0 : Math.max(defaultBrokerPort - 1, ...this.brokersInOrder().map((broker) => broker.port)) + 1
    // Nobody was told of this port yet, so a taken one is no failure.
    const port = await new PortAllocator(defaultHost, 'move', () => undefined).claim(wanted, `broker ${nextBrokerId}`)
    this.workspace.update({ brokers: [...brokers, { id: nextBrokerId, port }], nextBrokerId: nextBrokerId + 1 })
    const broker = this.createBroker(nextBrokerId, port)
    this.timelineLog.cause('broker-added', `Broker ${broker.id} added`, { brokerId: broker.id })
    await broker.start()
    return broker.id
  }

  /**
   * Takes a broker and its data away. Refused where it holds the only in-sync replica of a partition, since those records would be gone.
   */
  async removeBroker(brokerId: number): Promise<void> {
    this.requireRunning('remove a broker')
    const broker = this.broker(brokerId)
    if (this.brokers.size === 1)
      throw new WorkbenchError('expected', 'LAST_BROKER', `Broker ${brokerId} is the last one: a cluster needs at least one.`)
    const lost = this.partitions().filter((partition) => partition.isr.length > 0 && partition.isr.every((id) => id === brokerId))
    const first = lost[0]
    if (first !== undefined) {
      throw new WorkbenchError(
        'expected',
        'WOULD_LOSE_DATA',
        `Broker ${brokerId} holds the only in-sync replica of ${lost.length} partition${lost.length === 1 ? '' : 's'}, ${first.topic}-${first.partition} first. ` +
          'Start the brokers of the other replicas, or delete those topics, then remove it.',
      )
    }
    if (broker.state === 'frozen') broker.resume()
    if (broker.isLive) await broker.stop()
    this.brokers.delete(brokerId)
    this.rates.delete(brokerId)
    this.workspace.update({ brokers: this.workspace.settings.brokers.filter((entry) => entry.id !== brokerId) })
    this.workspace.removeBrokerDirectory(brokerId)
    this.timelineLog.cause('broker-removed', `Broker ${brokerId} removed`, { brokerId, severity: 'warn' })
    this.changed()
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
    // All at once and without handing leaderships over: there is nobody left to take them.
    await Promise.all(
      [...this.brokers.values()].filter((broker) => broker.isLive).map((broker) => broker.stop(false).catch(() => undefined)),
    )
    await this.coordination?.stop(coordinationStopTimeoutMs)
    this.workspace.close()
    this.state = 'stopped'
    if (this.changeTimer !== null) clearTimeout(this.changeTimer)
    this.changeTimer = null
    for (const listener of this.listeners.change) listener()
  }

  private async launch(): Promise<void> {
    try {
      await this.claimPorts()
      this.timelineLog.cause('cluster-started', 'Cluster started', { brokerIds: [...this.brokers.keys()] })
      const coordination = this.coordination!.start()
      // Together: a broker tries to reach the coordination service until it is there.
      const brokers = this.brokersInOrder().map((broker) => broker.start())
      for (const broker of brokers) broker.catch(() => undefined)
      await coordination
      const results = await Promise.allSettled(brokers)
      const failed = results.find((result): result is PromiseRejectedResult => result.status === 'rejected')
      if (this.state === 'starting' && results.some((result) => result.status === 'fulfilled')) this.state = 'running'
      if (failed !== undefined) throw failed.reason
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

  private async claimPorts(): Promise<void> {
    const { settings } = this.workspace
    const wishedPorts = this.options.brokerPorts
    const coordinationPort = await this.ports.claim(
      this.options.coordinationPort ?? settings.coordinationPort ?? defaultCoordinationPort,
      'coordination',
    )
    const entries = [...settings.brokers]
    const wantedCount = Math.max(
      entries.length,
      this.options.brokerCount ?? (entries.length === 0 ? defaultBrokerCount : 0),
      wishedPorts?.length ?? 0,
    )
    let nextBrokerId = settings.nextBrokerId
    while (entries.length < wantedCount) entries.push({ id: nextBrokerId++, port: 0 })
    const claimed: { id: number; port: number }[] = []
    for (const [index, entry] of entries.entries()) {
      const wanted =
        wishedPorts === undefined && entry.port !== 0 ? entry.port : wishedPort(wishedPorts ?? [defaultBrokerPort], index)
      claimed.push({ id: entry.id, port: await this.ports.claim(wanted, `broker ${entry.id}`) })
    }
    // Free ports are of this run only: a later one with fixed ports goes back to the usual ones.
    const isFixed = !(wishedPorts?.includes(0) ?? false)
    const kept = isFixed
      ? claimed
      : claimed.map((entry) => ({ id: entry.id, port: settings.brokers.find((known) => known.id === entry.id)?.port ?? 0 }))
    this.workspace.update({
      brokers: kept,
      nextBrokerId,
      coordinationPort: this.options.coordinationPort === 0 ? settings.coordinationPort : coordinationPort,
    })
    this.coordination = new CoordinationProcess({
      launcher: this.launcher,
      workerData: { host: defaultHost, port: coordinationPort, dataDirectory: this.workspace.coordinationDirectory },
      onMessage: (message) => this.onWorkerMessage(null, message),
      onChange: (what, reason) => this.onCoordinationChange(what, reason),
    })
    for (const { id, port } of claimed) this.createBroker(id, port)
  }

  private createBroker(id: number, port: number): BrokerProcess {
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
        configs: this.options.brokerConfigs ?? {},
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
        this.timelineLog.engineEvent(message.event)
        break
      case 'broker-report':
        if (brokerId === null) return
        this.rates.get(brokerId)?.add(message.report)
        this.model.applyReplicas(brokerId, message.report.replicas, message.report.removed)
        break
      case 'metadata':
        if (brokerId !== this.reporterId) return
        this.model.applyMetadata(message.metadata, Date.now())
        break
      case 'started':
        for (const notice of message.notices) this.notice(notice)
        break
      case 'coordination-report':
      case 'failed':
      case 'stopped':
        break
    }
    this.changed()
  }

  private onBrokerStateChange(broker: BrokerProcess, previous: BrokerState): void {
    const { id, state } = broker
    if (this.state === 'running') {
      if (state === 'killed') this.timelineLog.cause('broker-killed', `Broker ${id} killed`, { brokerId: id, severity: 'error' })
      if (state === 'stopping')
        this.timelineLog.cause('broker-stopped', `Broker ${id} stopped`, { brokerId: id, severity: 'warn' })
      if (state === 'frozen') this.timelineLog.cause('broker-frozen', `Broker ${id} frozen`, { brokerId: id, severity: 'warn' })
      if (state === 'starting') this.timelineLog.cause('broker-started', `Broker ${id} started`, { brokerId: id })
      if (state === 'running' && previous === 'frozen')
        this.timelineLog.cause('broker-resumed', `Broker ${id} resumed`, { brokerId: id })
    }
    if (state === 'crashed') {
      this.timelineLog.cause('broker-crashed', `Broker ${id} crashed`, {
        brokerId: id,
        actor: 'auto',
        severity: 'error',
        detail: broker.reason,
      })
      this.log({
        atMs: Date.now(),
        level: 'error',
        source: 'cluster',
        message: `Broker ${id} crashed: ${broker.reason}`,
        fields: null,
      })
    }
    if (state !== 'running') this.rates.get(id)?.reset()
    this.chooseReporter()
    this.changed()
  }

  private onCoordinationChange(what: 'started' | 'crashed' | 'restarting' | 'stopped', reason: string | null): void {
    if (what === 'crashed') {
      this.timelineLog.cause('coordination-crashed', 'The coordination service crashed', {
        actor: 'auto',
        severity: 'error',
        detail: reason,
      })
      this.log({
        atMs: Date.now(),
        level: 'error',
        source: 'cluster',
        message: `The coordination service crashed: ${reason}`,
        fields: null,
      })
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

  private brokerView(broker: BrokerProcess, controllerId: number | null, partitions: readonly PartitionView[]): BrokerView {
    const rates = this.rates.get(broker.id)?.perSecond() ?? { bytesIn: 0, bytesOut: 0, messagesIn: 0 }
    let leaderCount = 0
    let replicaCount = 0
    let logBytes = 0
    for (const partition of partitions) {
      if (partition.leader === broker.id) leaderCount++
      const replica = partition.replicas.find((candidate) => candidate.brokerId === broker.id)
      if (replica === undefined) continue
      replicaCount++
      logBytes += replica.logBytes
    }
    return {
      id: broker.id,
      state: broker.state,
      stateSinceMs: broker.stateSinceMs,
      reason: broker.reason,
      host: broker.host,
      port: broker.port,
      isController: broker.id === controllerId,
      isRegistered: this.model.isRegistered(broker.id),
      leaderCount,
      replicaCount,
      logBytes,
      bytesInPerSecond: rates.bytesIn,
      bytesOutPerSecond: rates.bytesOut,
      messagesInPerSecond: rates.messagesIn,
      connectionCount: broker.state === 'running' ? (broker.report?.connectionCount ?? 0) : 0,
    }
  }

  /** Who says so itself, with the newest epoch; a killed one cannot deny it any more, so only running ones count. */
  private currentController(): number | null {
    const claimants = this.brokersInOrder().filter((broker) => broker.state === 'running' && broker.report?.isController === true)
    claimants.sort((a, b) => (b.report?.controllerEpoch ?? 0) - (a.report?.controllerEpoch ?? 0))
    return claimants[0]?.id ?? null
  }

  private broker(brokerId: number): BrokerProcess {
    const broker = this.brokers.get(brokerId)
    if (broker === undefined) {
      const known = [...this.brokers.keys()].join(', ')
      throw new WorkbenchError('expected', 'UNKNOWN_BROKER', `There is no broker ${brokerId}. This cluster has ${known}.`)
    }
    return broker
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

  private log(entry: LogEntry): void {
    this.logFiles.write(entry)
    this.options.onLog?.(entry)
  }

  private changed(): void {
    if (this.changeTimer !== null || this.state === 'stopped') return
    this.changeTimer = setTimeout(() => {
      this.changeTimer = null
      for (const listener of this.listeners.change) listener()
    }, changeIntervalMs)
  }

  private emitTimeline(events: readonly TimelineEvent[]): void {
    for (const listener of this.listeners.timeline) listener(events)
  }
}

function wishedPort(ports: readonly number[], index: number): number {
  const given = ports[index]
  if (given !== undefined) return given
  const last = ports[ports.length - 1] ?? defaultBrokerPort
  return last === 0 ? 0 : last + (index - ports.length + 1)
}
