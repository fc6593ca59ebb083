/**
 * A cluster as its controller sees it, for tests: brokers that are registered and answer control requests as told, over a coordination
 * service in memory. Keeps what every broker was told, in order.
 */
import { registerBroker } from '../controller/broker-registration'
import { ensureClusterPaths } from '../controller/cluster-identity'
import type { ControllerConfig } from '../controller/config'
import { Controller, type ControllerOptions } from '../controller/controller'
import type { ControllerEvent } from '../controller/events'
import type { ControlConnection } from '../controller/request-sender'
import type { LeaderAndIsrBody, StopReplicaBody, UpdateMetadataBody } from '../controller/requests'
import type { NewTopic } from '../controller/topic-creation'
import type { LiveBroker } from '../controller/types'
import type { Clock, Logger, Random } from '../platform'
import { NodeClock } from '../platform/node/node-clock'
import { LeaderAndIsr } from '../wire/messages/04-leader-and-isr'
import { StopReplica } from '../wire/messages/05-stop-replica'
import type { Api, Encodable } from '../wire/schema'
import { FakeCoordination, type FakeSession } from './fake-coordination'

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

/** The same numbers in every run. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state
  }
  return {
    below: (bound) => Math.floor((next() / 2 ** 32) * bound),
    bytes: (length) => Buffer.from(Array.from({ length }, () => next() >>> 24)),
  }
}

export type Told =
  | { readonly api: 'LeaderAndIsr'; readonly body: LeaderAndIsrBody }
  | { readonly api: 'UpdateMetadata'; readonly body: UpdateMetadataBody }
  | { readonly api: 'StopReplica'; readonly body: StopReplicaBody }

/** One broker's side of the controller's requests. */
export class FakeBroker {
  readonly told: Told[] = []
  /** Answers nothing while set, as a frozen broker. */
  isFrozen = false
  /** Fails so many requests as a lost connection would. */
  connectionLosses = 0
  /** The error code of partitions in answers, by `<topic>/<partition>`. */
  readonly partitionErrors = new Map<string, number>()
  private readonly waiting = new Set<() => void>()

  constructor(readonly id: number) {}

  connect(): ControlConnection {
    let isClosed = false
    return {
      close: () => {
        isClosed = true
      },
      request: async <Req, Res>(api: Api<Req, Res>, body: Encodable<Req>): Promise<Res> => {
        await Promise.resolve()
        if (isClosed || this.connectionLosses-- > 0) throw new Error('connection lost')
        this.connectionLosses = 0
        // Through the codec, so that what is recorded is what a broker would see.
        const received = api.request.complete(body, api.maxVersion)
        this.told.push({ api: api.name, body: received } as unknown as Told)
        for (const check of [...this.waiting]) check()
        if (this.isFrozen) return new Promise<Res>(() => undefined)
        return api.response.complete(this.answer(api.key, received) as Encodable<Res>, api.maxVersion)
      },
    }
  }

  /** Resolves with the first request, from now or before, that `isWanted`. */
  until(isWanted: (told: Told) => boolean): Promise<Told> {
    return new Promise((resolve) => {
      const check = () => {
        const found = this.told.find(isWanted)
        if (found === undefined) return
        this.waiting.delete(check)
        resolve(found)
      }
      this.waiting.add(check)
      check()
    })
  }

  /** The last state of a partition that it was told to take on. */
  lastLeaderAndIsr(topic: string, partition: number) {
    const states = this.told
      .filter((told) => told.api === 'LeaderAndIsr')
      .flatMap(({ body }) => body.topicStates ?? [])
      .filter(({ topicName }) => topicName === topic)
      .flatMap(({ partitionStates }) => partitionStates ?? [])
    return states.filter(({ partitionIndex }) => partitionIndex === partition).at(-1)
  }

  /** The last metadata of a partition that it was told. */
  lastMetadata(topic: string, partition: number) {
    const states = this.told
      .filter((told) => told.api === 'UpdateMetadata')
      .flatMap(({ body }) => body.topicStates ?? [])
      .filter(({ topicName }) => topicName === topic)
      .flatMap(({ partitionStates }) => partitionStates ?? [])
    return states.filter(({ partitionIndex }) => partitionIndex === partition).at(-1)
  }

  private answer(apiKey: number, body: unknown): unknown {
    if (apiKey === LeaderAndIsr.key) {
      const { topicStates = [] } = body as LeaderAndIsrBody
      const topics = topicStates.map(({ topicName = '', topicId = '', partitionStates = [] }) => ({
        topicId,
        partitionErrors: partitionStates.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: this.errorOf(topicName, partitionIndex),
        })),
      }))
      return { errorCode: 0, topics }
    }
    if (apiKey === StopReplica.key) {
      const { topicStates = [] } = body as StopReplicaBody
      const partitionErrors = topicStates.flatMap(({ topicName = '', partitionStates = [] }) =>
        partitionStates.map(({ partitionIndex = -1 }) => ({
          topicName,
          partitionIndex,
          errorCode: this.errorOf(topicName, partitionIndex),
        })),
      )
      return { errorCode: 0, partitionErrors }
    }
    return { errorCode: 0 }
  }

  private errorOf(topic: string, partition: number): number {
    return this.partitionErrors.get(`${topic}/${partition}`) ?? 0
  }
}

export interface FakeClusterOptions {
  readonly config?: Partial<ControllerConfig>
  readonly racks?: Readonly<Record<number, string>>
  readonly clock?: Clock
}

interface Member {
  readonly broker: FakeBroker
  readonly session: FakeSession
  epoch: number
  readonly controller: Controller
}

/** A partition state znode. */
export interface StateJson {
  readonly leader: number
  readonly leader_epoch: number
  readonly isr: readonly number[]
  readonly controller_epoch: number
}

/** A topic whose partitions are on these brokers. */
export function manualTopic(name: string, ...replicas: readonly (readonly number[])[]): NewTopic {
  const assignments = replicas.map((brokerIds, partition) => ({ partition, brokerIds }))
  return { name, partitionCount: -1, replicationFactor: -1, assignments }
}

/** Brokers 1 to n, each with a session, a registration and a controller of its own. */
export class FakeCluster {
  readonly coordination: FakeCoordination
  readonly events: ControllerEvent[] = []
  private readonly members = new Map<number, Member>()
  private readonly eventListeners = new Set<() => void>()
  private readonly clock: Clock

  constructor(private readonly options: FakeClusterOptions = {}) {
    const clock = options.clock ?? new NodeClock()
    this.clock = clock
    this.coordination = new FakeCoordination(() => clock.nowMs())
  }

  static async start(brokerCount: number, options: FakeClusterOptions = {}): Promise<FakeCluster> {
    const cluster = new FakeCluster(options)
    for (let id = 1; id <= brokerCount; id++) await cluster.startBroker(id)
    await cluster.untilEvent((event) => event.type === 'controller-elected')
    await cluster.quiet()
    return cluster
  }

  broker(id: number): FakeBroker {
    return this.member(id).broker
  }

  session(id: number): FakeSession {
    return this.member(id).session
  }

  epoch(id: number): number {
    return this.member(id).epoch
  }

  controllerOf(id: number): Controller {
    return this.member(id).controller
  }

  get active(): Controller {
    const found = [...this.members.values()].find(({ controller }) => controller.isActive)
    if (found === undefined) throw new Error('no broker is the controller')
    return found.controller
  }

  /** Registers a broker, also one that was there before: then with a new epoch. */
  async startBroker(id: number): Promise<FakeBroker> {
    const broker = new FakeBroker(id)
    const session = this.coordination.openSession()
    const member: Member = { broker, session, epoch: -1, controller: this.newController(id, session) }
    this.members.set(id, member)
    await ensureClusterPaths(session)
    member.epoch = await registerBroker({
      session,
      clock: this.clock,
      logger: silentLogger,
      broker: { id, host: '127.0.0.1', port: 9000 + id, rack: this.options.racks?.[id] ?? null },
      timeoutMs: 1000,
    })
    await member.controller.start()
    return broker
  }

  /** As a kill: the session expires, nobody is told. */
  kill(id: number): void {
    const { session, controller } = this.member(id)
    this.members.delete(id)
    controller.onSessionExpired()
    session.expire()
  }

  /** Resolves with the first event, from now or before, that `isWanted`. */
  untilEvent(isWanted: (event: ControllerEvent) => boolean): Promise<ControllerEvent> {
    return new Promise((resolve) => {
      const check = () => {
        const found = this.events.find(isWanted)
        if (found === undefined) return
        this.eventListeners.delete(check)
        resolve(found)
      }
      this.eventListeners.add(check)
      check()
    })
  }

  /** Resolves when nothing is on its way any more: in memory, all that is left to do is done within a few turns. */
  async quiet(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
  }

  async stop(): Promise<void> {
    for (const { controller } of this.members.values()) await controller.stop()
  }

  private member(id: number): Member {
    const found = this.members.get(id)
    if (found === undefined) throw new Error(`no broker ${id}`)
    return found
  }

  private newController(id: number, session: FakeSession): Controller {
    const options: ControllerOptions = {
      platform: { clock: this.clock, random: seededRandom(id), logger: silentLogger },
      brokerId: id,
      coordination: () => session,
      connectTo: (broker) => this.connect(broker),
      config: { autoLeaderRebalanceEnable: false, ...this.options.config },
    }
    const controller = new Controller(options)
    controller.onDidEvent((event) => {
      this.events.push(event)
      for (const listener of [...this.eventListeners]) listener()
    })
    return controller
  }

  private connect({ id }: LiveBroker): ControlConnection {
    const member = this.members.get(id)
    if (member !== undefined) return member.broker.connect()
    return { close: () => undefined, request: () => Promise.reject(new Error('nobody is there')) }
  }
}
