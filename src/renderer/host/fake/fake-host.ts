/**
 * The host over a cluster that only exists here. `tick()` moves it on; `run()` does so four times a second, for a browser. Tests call
 * `tick` themselves with a clock of their own. Failures are those a real cluster gives, in the same words and codes.
 */
import type { CallArgument, CallName, CallResults, EventName, EventPayloads } from '../../../shared/ipc/contract'
import { WorkbenchError } from '../../../shared/ipc/errors'
import type { PayloadInput, ProduceProgress, ProduceRequestInput } from '../../../shared/model/producing'
import { openToAll, type SecurityWishes } from '../../../shared/model/security'
import type { Host } from '../host'
import { clientsHandlers } from './fake-clients'
import { FakeCluster } from './fake-cluster'
import { coordinationHandlers } from './fake-coordination'
import { type FakeTopicSeed, fakeConfigDefinitions, fakeTopics } from './fake-data'
import { groupHandlers } from './fake-groups'
import { FakeMessages } from './fake-messages'
import { metricsHandlers } from './fake-metrics'
import { replicaHandlers } from './fake-replicas'
import { schemaHandlers } from './fake-schema-calls'
import { FakeSchemas } from './fake-schemas'
import { fakeSubjects, manySubjects } from './fake-schemas-data'

export type FakeScenario = 'full' | 'degraded' | 'empty' | 'starting' | 'failed' | 'unreachable' | 'many' | 'huge'

export interface FakeHostOptions {
  readonly scenario?: FakeScenario
  readonly now?: () => number
  /** In place of the scenario's own: fewer make a test quicker. */
  readonly topics?: readonly FakeTopicSeed[]
}

interface ProduceRun {
  progress: ProduceProgress
  request: ProduceRequestInput
}

export type Handlers = { [N in CallName]: (argument: CallArgument<N>) => CallResults[N] }

export class FakeHost implements Host {
  readonly cluster: FakeCluster
  readonly messages: FakeMessages
  readonly schemas: FakeSchemas
  /** What was copied, newest last. */
  readonly copied: string[] = []
  theme: 'system' | 'light' | 'dark' = 'system'
  readonly preferences: { zoomPercent: number; timeZone: string | null; keys: Record<string, string> } = {
    zoomPercent: 100,
    timeZone: null,
    keys: {},
  }
  security: SecurityWishes = openToAll
  /** What the window keeps of its tabs. */
  windowState: string | null = null
  /** What a person picks in the next file dialogs; unset: a believable file. */
  chosenPath: { readonly path: string } | null | undefined = undefined
  private readonly listeners = new Map<EventName, Set<(payload: never) => void>>()
  private readonly failing = new Map<CallName, WorkbenchError>()
  private readonly runs = new Map<number, ProduceRun>()
  private readonly now: () => number
  private readonly scenario: FakeScenario
  private nextRunId = 1

  constructor(options: FakeHostOptions = {}) {
    this.now = options.now ?? Date.now
    this.scenario = options.scenario ?? 'full'
    const huge = this.scenario === 'huge'
    const many = this.scenario === 'many' || huge
    const hasTopics = this.scenario === 'full' || this.scenario === 'degraded' || many
    this.cluster = new FakeCluster({
      now: this.now,
      topics: options.topics ?? (huge ? manyTopics(5_000, 4) : many ? manyTopics() : hasTopics ? fakeTopics : []),
      brokerCount: many ? 6 : 3,
      notices: this.scenario === 'degraded' ? ['19094 is taken by java (pid 4121). Broker 3 gets 19095.'] : [],
    })
    if (this.scenario === 'degraded') this.cluster.broker(3).port = 19095
    if (this.scenario === 'starting') {
      this.cluster.state = 'starting'
      this.cluster.controllerId = null
      for (const broker of this.cluster.brokers)
        Object.assign(broker, { state: 'starting', stateSinceMs: this.now() + 3_600_000, isRegistered: false })
    }
    if (this.scenario === 'failed') {
      this.cluster.state = 'failed'
      this.cluster.reason =
        'The data folder /home/dev/.local/share/broker-workbench/sandbox is in use by another process (pid 7741). Close it, or start with another folder.'
      this.cluster.controllerId = null
      for (const broker of this.cluster.brokers) Object.assign(broker, { state: 'stopped', isRegistered: false })
    }
    this.messages = new FakeMessages(this.cluster, this.now)
    this.schemas = new FakeSchemas(many ? manySubjects(5_000) : hasTopics ? fakeSubjects : [], this.now)
    if (this.scenario === 'failed') this.schemas.problem = 'The registry waits for a cluster that is up.'
    Object.assign(
      this.handlers,
      replicaHandlers(this.cluster.replicas, this.cluster, () => this.tick()),
      groupHandlers(),
      coordinationHandlers(this.cluster, this.now),
      metricsHandlers(),
      clientsHandlers(),
      schemaHandlers(this.schemas, () => this.emit('schemas.changed', this.schemas.registry())),
    )
    if (this.scenario === 'unreachable') {
      const error = new WorkbenchError('bug', 'INTERNAL', 'The cluster service did not answer within 10 s.')
      for (const name of [
        'schemas.registry',
        'cluster.view',
        'cluster.topics',
        'topics.list',
        'topics.partitions',
        'cluster.timeline',
      ] as const)
        this.failing.set(name, error)
    }
  }

  /** Makes a call fail until `null` is given. */
  failOn(name: CallName, error: WorkbenchError | null): void {
    if (error) this.failing.set(name, error)
    else this.failing.delete(name)
  }

  async call<N extends CallName>(name: N, ...argument: readonly unknown[]): Promise<CallResults[N]> {
    const failure = this.failing.get(name)
    if (failure) throw failure
    const handler = this.handlers[name] as Handlers[N] | undefined
    if (!handler) throw new WorkbenchError('bug', 'NO_HANDLER', `The fake host does not know ${name}.`)
    const result = handler(argument[0] as CallArgument<N>) as CallResults[N]
    // As over the bridge: the caller gets its own copy, later.
    return structuredClone(result)
  }

  on<N extends EventName>(name: N, listener: (payload: EventPayloads[N]) => void): () => void {
    const set = this.listeners.get(name) ?? new Set()
    this.listeners.set(name, set)
    set.add(listener as (payload: never) => void)
    return () => set.delete(listener as (payload: never) => void)
  }

  emit<N extends EventName>(name: N, payload: EventPayloads[N]): void {
    for (const listener of this.listeners.get(name) ?? [])
      (listener as (payload: EventPayloads[N]) => void)(structuredClone(payload))
  }

  /** Moves the cluster to now and tells what changed. */
  tick(): void {
    if (this.scenario === 'unreachable') return
    const events = this.cluster.tick()
    if (events.length > 0) this.emit('timeline.appended', events)
    this.emit('cluster.changed', this.cluster.clusterView())
    const delta = this.cluster.takeDelta()
    if (delta) this.emit('topics.changed', delta)
    const reassigning = this.cluster.replicas.takeReassigning()
    if (reassigning) this.emit('replicas.reassigning', reassigning)
    for (const progress of this.messages.tick()) this.emit('messages.progress', progress)
    for (const run of this.runs.values()) if (run.progress.state === 'running') this.advance(run)
  }

  /** Lives by itself until the answered function is called. */
  run(): () => void {
    const timer = setInterval(() => this.tick(), 250)
    return () => clearInterval(timer)
  }

  private readonly handlers: Partial<Handlers> = {
    'app.info': () => ({
      name: 'Broker Workbench',
      version: '0.1.0',
      electron: 'none',
      platform: 'linux',
      theme: this.theme,
      ...this.preferences,
    }),
    'app.setPreferences': ({ zoomPercent, timeZone, keys }) => {
      if (zoomPercent !== undefined) this.preferences.zoomPercent = zoomPercent
      if (timeZone !== undefined) this.preferences.timeZone = timeZone
      if (keys !== undefined) this.preferences.keys = keys
      return undefined
    },
    'app.security': () => ({
      wishes: this.security,
      authorityFile: this.security.protocol.endsWith('SSL') ? '/home/dev/.local/share/broker-workbench/sandbox/security/ca.pem' : null,
      clientCertificateFile: null,
      clientKeyFile: null,
    }),
    'app.setSecurity': (wishes) => {
      this.security = wishes
      return undefined
    },
    'app.readWindowState': () => this.windowState,
    'app.writeWindowState': ({ text }) => {
      this.windowState = text
      return undefined
    },
    'app.openExternal': () => ({ isOpened: true }),
    'app.copyText': ({ text }) => {
      this.copied.push(text)
      return undefined
    },
    'app.setTheme': ({ theme }) => {
      this.theme = theme
      return undefined
    },
    'app.openDataDirectory': () => undefined,
    'app.chooseSaveFile': ({ suggestedName }) =>
      this.chosenPath === undefined ? { path: `/home/dev/Downloads/${suggestedName}` } : this.chosenPath,
    'app.chooseOpenFile': () => (this.chosenPath === undefined ? { path: '/home/dev/Downloads/records.jsonl' } : this.chosenPath),
    'cluster.view': () => this.cluster.clusterView(),
    'cluster.startBroker': ({ brokerId }) => this.act(() => this.cluster.start(brokerId)),
    'cluster.stopBroker': ({ brokerId }) => this.act(() => this.cluster.stop(brokerId)),
    'cluster.killBroker': ({ brokerId }) => this.act(() => this.cluster.kill(brokerId)),
    'cluster.freezeBroker': ({ brokerId }) => this.act(() => this.cluster.freeze(brokerId)),
    'cluster.resumeBroker': ({ brokerId }) => this.act(() => this.cluster.resume(brokerId)),
    'cluster.addBroker': () => {
      const brokerId = this.cluster.addBroker()
      this.tick()
      return { brokerId }
    },
    'cluster.removeBroker': ({ brokerId }) => this.act(() => this.cluster.removeBroker(brokerId)),
    'cluster.timeline': () => this.cluster.timeline,
    'topics.list': () => this.cluster.topicViews(),
    'topics.partitions': ({ topic }) => this.cluster.partitionViews(topic),
    'topics.configs': ({ topic }) => {
      this.need(topic)
      return fakeConfigDefinitions.map((definition) => {
        const value = this.cluster.configOf(topic, definition.name)
        const isDefault = value === definition.default
        return {
          name: definition.name,
          value,
          isDefault,
          isReadOnly: false,
          source: isDefault ? 'DEFAULT_CONFIG' : 'DYNAMIC_TOPIC_CONFIG',
          type: definition.type.toUpperCase(),
          documentation: definition.documentation,
        }
      })
    },
    'topics.configDefinitions': () => fakeConfigDefinitions,
    'topics.create': (spec) => {
      if (this.cluster.topics.has(spec.name))
        throw new WorkbenchError('protocol', 'TOPIC_ALREADY_EXISTS', `Topic '${spec.name}' already exists.`)
      const live = this.cluster.brokers.filter((broker) => broker.state === 'running').length
      if (spec.replicationFactor > live)
        throw new WorkbenchError(
          'protocol',
          'INVALID_REPLICATION_FACTOR',
          `Unable to replicate the partition ${spec.replicationFactor} time(s): the target replication factor of ${spec.replicationFactor} cannot be reached because only ${live} broker(s) are registered.`,
        )
      this.act(() =>
        this.cluster.addTopic(
          {
            name: spec.name,
            partitionCount: spec.partitionCount,
            replicationFactor: spec.replicationFactor,
            configs: spec.configs,
            logEndOffset: 0,
            messagesPerSecond: 0,
            recordBytes: 200,
          },
          true,
        ),
      )
    },
    'topics.delete': ({ topic }) => {
      this.need(topic)
      this.act(() => this.cluster.deleteTopic(topic))
    },
    'messages.open': (request) => {
      this.need(request.topic)
      const readId = this.messages.open(request)
      setTimeout(() => this.emit('messages.progress', this.messages.progress(readId)), 0)
      return { readId }
    },
    'messages.rows': ({ readId, from, count }) => this.messages.rows(readId, from, count),
    'messages.detail': ({ readId, index }) => this.messages.detail(readId, index),
    'messages.stop': ({ readId }) => {
      this.emit('messages.progress', this.messages.stop(readId))
      return undefined
    },
    'messages.close': ({ readId }) => {
      this.messages.close(readId)
      return undefined
    },
    'schemas.decode': ({ readId, index }) => this.messages.decode(readId, index),
    'produce.start': (request) => {
      this.need(request.topic)
      const runId = this.nextRunId++
      const progress: ProduceProgress = {
        runId,
        state: 'running',
        sentCount: 0,
        acknowledgedCount: 0,
        failedCount: 0,
        elapsedMs: 0,
        last: null,
        partitions: [],
        error: null,
        latencyMs: null,
      }
      this.runs.set(runId, { progress, request })
      setTimeout(() => this.advance(this.runs.get(runId)), 0)
      return { runId }
    },
    'produce.cancel': ({ runId }) => {
      const run = this.runs.get(runId)
      if (run?.progress.state !== 'running') return undefined
      run.progress = { ...run.progress, state: 'cancelled' }
      this.emit('produce.progress', run.progress)
      return undefined
    },
  }

  private act(change: () => void): undefined {
    change()
    this.tick()
    return undefined
  }

  private need(topic: string): void {
    if (!this.cluster.topics.has(topic))
      throw new WorkbenchError('protocol', 'UNKNOWN_TOPIC_OR_PARTITION', `${topic} does not exist on this cluster.`)
  }

  /** One step of a produce run: up to 2,000 records a step, waiting where the partition cannot take them. */
  private advance(run: ProduceRun | undefined): void {
    if (run?.progress.state !== 'running') return
    const { request } = run
    const views = this.cluster.partitionViews(request.topic)
    const partitions = new Map(run.progress.partitions.map((entry) => [entry.partition, { ...entry }]))
    let { acknowledgedCount, last } = run.progress
    let error = null as ProduceProgress['error']
    const until = Math.min(request.count, acknowledgedCount + 2000)
    while (acknowledgedCount < until) {
      const number = request.partition ?? acknowledgedCount % views.length
      const view = views[number]
      const target = this.cluster.partition(request.topic, number)
      const leader = target?.replicas.find((replica) => replica.brokerId === target.leader)
      if (!view || !target || !leader || !this.cluster.isUp(leader.brokerId)) {
        error = {
          name: 'LEADER_NOT_AVAILABLE',
          message: `${request.topic}-${number} has no leader. It is tried again until broker ${view?.preferredLeader ?? '?'} is back.`,
        }
        break
      }
      if (request.acks === -1 && target.isr.length < view.minInSyncReplicas) {
        error = {
          name: 'NOT_ENOUGH_REPLICAS',
          message: `${request.topic}-${number} has ${target.isr.length} replica in sync and asks for ${view.minInSyncReplicas}. Start a broker that holds it, or write with acks 1.`,
        }
        break
      }
      const offset = leader.logEndOffset++
      for (const replica of target.replicas)
        if (target.isr.includes(replica.brokerId)) replica.logEndOffset = Math.max(replica.logEndOffset, offset + 1)
      const timestampMs = request.timestamp === null ? this.now() : Number(request.timestamp)
      this.messages.remember(request.topic, number, offset, {
        key: toBytes(request.key, acknowledgedCount),
        value: toBytes(request.value, acknowledgedCount),
        headers: request.headers.map((header) => ({ key: header.key, value: toBytes(header.value, acknowledgedCount) })),
        timestampMs,
      })
      const entry = partitions.get(number)
      if (entry) Object.assign(entry, { lastOffset: offset, count: entry.count + 1 })
      else partitions.set(number, { partition: number, firstOffset: offset, lastOffset: offset, count: 1 })
      last = { partition: number, offset: request.acks === 0 ? -1 : offset, timestamp: String(timestampMs) }
      acknowledgedCount++
    }
    run.progress = {
      ...run.progress,
      state: acknowledgedCount >= request.count ? 'finished' : 'running',
      sentCount: error ? Math.min(request.count, acknowledgedCount + 1) : acknowledgedCount,
      acknowledgedCount,
      elapsedMs: run.progress.elapsedMs + 250,
      last,
      partitions: [...partitions.values()].sort((left, right) => left.partition - right.partition),
      error,
      latencyMs: acknowledgedCount > 0 ? { p50: 1.18, p95: 3.71, p99: 6.04, max: 11.9 } : null,
    }
    this.emit('produce.progress', run.progress)
  }
}

function toBytes(input: PayloadInput, index: number): Uint8Array | null {
  const text = input.text.replaceAll('{{index}}', String(index)) // a schema's own encoding is not imitated
  if (input.format === 'null') return null
  if (input.format === 'hex') return Uint8Array.from(text.match(/[0-9a-f]{2}/gi) ?? [], (pair) => Number.parseInt(pair, 16))
  if (input.format === 'base64') return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return new TextEncoder().encode(text)
}

function manyTopics(topicCount = 120, partitionCount?: number): FakeTopicSeed[] {
  return Array.from({ length: topicCount }, (_, index) => ({
    name: `team-${String.fromCharCode(97 + (index % 7))}.stream-${String(index).padStart(3, '0')}.events`,
    partitionCount: partitionCount ?? 1 + ((index * 5) % 24),
    replicationFactor: 1 + (index % 3),
    logEndOffset: (index * 7919) % 900_000,
    messagesPerSecond: index % 4 === 0 ? 40 : 0,
    recordBytes: 300,
    configs: index % 3 === 0 ? { 'cleanup.policy': 'compact' } : {},
  }))
}
