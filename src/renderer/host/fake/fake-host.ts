/**
 * The host over a cluster that only exists here. `tick()` moves it on; `run()` does so four times a second, for a browser. Tests call
 * `tick` themselves with a clock of their own. Failures are those a real cluster gives, in the same words and codes.
 */
import type { CallArgument, CallName, CallResults, EventName, EventPayloads } from '../../../shared/ipc/contract'
import { WorkbenchError } from '../../../shared/ipc/errors'
import { openToAll, type SecurityWishes } from '../../../shared/model/security'
import type { Host } from '../host'
import { clientsHandlers } from './fake-clients'
import { FakeCluster } from './fake-cluster'
import { coordinationHandlers } from './fake-coordination'
import { type FakeTopicSeed, fakeConfigDefinitions, fakeTopics } from './fake-data'
import { FakeGroups } from './fake-groups'
import { FakeMessages } from './fake-messages'
import { metricsHandlers } from './fake-metrics'
import { FakeProducing } from './fake-producing'
import { replicaHandlers } from './fake-replicas'
import { FakeSampleData } from './fake-sample-data'
import { schemaHandlers } from './fake-schema-calls'
import { FakeSchemas } from './fake-schemas'
import { fakeSubjects, manySubjects } from './fake-schemas-data'
import { topicChangeHandlers } from './fake-topic-changes'

export type FakeScenario = 'full' | 'degraded' | 'empty' | 'starting' | 'failed' | 'unreachable' | 'many' | 'huge'

export interface FakeHostOptions {
  readonly scenario?: FakeScenario
  readonly now?: () => number
  /** In place of the scenario's own: fewer make a test quicker. */
  readonly topics?: readonly FakeTopicSeed[]
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
  private readonly producing: FakeProducing
  private readonly sampleData: FakeSampleData
  readonly groups: FakeGroups
  private readonly now: () => number
  private readonly scenario: FakeScenario

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
    this.producing = new FakeProducing({
      cluster: this.cluster,
      messages: this.messages,
      now: this.now,
      emit: (name, payload) => this.emit(name, payload),
      need: (topic) => this.need(topic),
      hasHistory: hasTopics,
    })
    this.groups = new FakeGroups({
      cluster: this.cluster,
      now: this.now,
      emit: (name, payload) => this.emit(name, payload),
      kind: many ? 'many' : this.scenario === 'degraded' ? 'degraded' : hasTopics ? 'full' : 'empty',
    })
    this.sampleData = new FakeSampleData(this.cluster, (view) => this.emit('sampleData.changed', view))
    Object.assign(
      this.handlers,
      this.producing.handlers,
      this.sampleData.handlers,
      replicaHandlers(this.cluster.replicas, this.cluster, () => this.tick()),
      topicChangeHandlers(
        this.cluster,
        this.now,
        (progress) => this.emit('topics.analysisProgress', progress),
        () => this.tick(),
      ),
      this.groups.handlers,
      coordinationHandlers(this.cluster, this.now),
      metricsHandlers(this.cluster, this.now),
      clientsHandlers(this.cluster, this.now),
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
    this.producing.tick()
    this.sampleData.tick()
    this.groups.tick()
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
      authorityFile: this.security.protocol.endsWith('SSL')
        ? '/home/dev/.local/share/broker-workbench/sandbox/security/ca.pem'
        : null,
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
    'messages.rows': ({ readId, from, count, fields }) => this.messages.rows(readId, from, count, fields),
    'messages.continue': ({ readId, count }) => {
      const progress = this.messages.continue(readId, count)
      setTimeout(() => this.emit('messages.progress', progress), 0)
    },
    'messages.tryScript': ({ script }) => this.messages.tryScript(script),
    'messages.histogram': ({ topics, bucketCount, range }) => this.messages.histogram(topics, bucketCount, range),
    'messages.export': ({ readId, rows }) => this.messageTask('export', readId, rows),
    'messages.resend': ({ readId, rows }) => this.messageTask('resend', readId, rows),
    'messages.cancelTask': () => undefined,
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
  }

  private messageTask(kind: 'export' | 'resend', readId: number, rows: readonly number[] | null): { readonly taskId: number } {
    const task = this.messages.task(kind, readId, rows)
    setTimeout(() => this.emit('messages.task', task), 0)
    return { taskId: task.taskId }
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
