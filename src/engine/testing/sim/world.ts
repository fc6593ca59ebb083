/**
 * The simulated world: machines with coordination, brokers and clients on one scheduler and one network, everything from one seed. It starts, ends and
 * supervises processes, tells what happens to whoever listens, and lets time pass; it judges nothing (checkers/) and plans nothing (plan.ts). Made by
 * simulate.ts, and by scenario tests that make faults by hand.
 */
import { Broker } from '../../broker/broker'
import type { BrokerEvent } from '../../broker/broker-events'
import { CoordinationUnreachableError } from '../../broker/coordination-link'
import { BrokerIdTakenError } from '../../controller/broker-registration'
import { CoordinationError } from '../../coordination/coordination-error'
import { CoordinationServer, type CoordinationServerOptions } from '../../coordination/coordination-server'
import { SimMachine } from './machine'
import type { SimConfig } from './plan'
import { ProcessDied, type SimProcess } from './process'
import { Scheduler, type SimEvent } from './scheduler'
import { SeededRandom } from './seeded-random'
import type { WatchedChange } from './sim-disk'
import { type Send, SimNetwork } from './sim-network'
import { Trace } from './trace'

export const COORDINATION_HOST = '10.0.0.100'
export const COORDINATION_PORT = 2181
const DATA_DIRECTORY = '/data'
/** How often the world starts what has ended and should run. */
const SUPERVISION_MS = 250
/** A process that ended by itself is started again after this. */
const RESTART_PAUSE_MS = 1_000

export type Outcome = 'crash' | 'broken-invariant' | 'no-convergence'

export interface Failure {
  readonly outcome: Outcome
  readonly invariant: string | null
  readonly message: string
  readonly atMs: number
}

/** A rule that does not hold. `invariant` is the rule in the words in which the code asserts it. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation'
  constructor(
    readonly invariant: string,
    message: string,
  ) {
    super(message)
  }
}

export interface Checker {
  readonly name: string
  afterEvent?(event: SimEvent): void
  atEnd?(): void | Promise<void>
}

/** What has happened to a machine, told after the fact. */
export interface AppliedFault {
  readonly kind: 'process-ended' | 'power-lost' | 'disk' | 'frozen' | 'thawed'
  readonly machine: SimMachine
}

export interface WorldOptions {
  readonly seed: number
  readonly config: SimConfig
  readonly trace?: (line: string) => void
}

export type Phase = 'starting' | 'safety' | 'healing' | 'converged'

export class SimBroker extends SimMachine {
  readonly port: number
  readonly dataDirectory = DATA_DIRECTORY
  state: 'down' | 'starting' | 'running' | 'stopping' | 'failed' = 'down'
  /** The living process' broker, also while it starts. */
  broker: Broker | null = null
  isWanted = false

  constructor(
    world: World,
    readonly id: number,
  ) {
    super(world, `broker-${id}`, `10.0.0.${id}`)
    this.port = 9000 + id
  }

  protected override onEnded(isPowerLoss: boolean): void {
    this.state = 'down'
    this.broker = null
    this.world.tellFault({ kind: isPowerLoss ? 'power-lost' : 'process-ended', machine: this })
  }
}

export class SimCoordination extends SimMachine {
  state: 'down' | 'starting' | 'running' = 'down'
  server: CoordinationServer | null = null
  isWanted = false

  constructor(world: World) {
    super(world, 'coordination', COORDINATION_HOST)
  }

  protected override onEnded(isPowerLoss: boolean): void {
    this.state = 'down'
    this.server = null
    this.world.tellFault({ kind: isPowerLoss ? 'power-lost' : 'process-ended', machine: this })
  }
}

export type CoordinationEvent =
  | ({ readonly type: 'session-opened' } & Parameters<NonNullable<CoordinationServerOptions['onDidOpenSession']>>[0])
  | ({ readonly type: 'session-expired' } & Parameters<NonNullable<CoordinationServerOptions['onDidExpireSession']>>[0])
  | ({ readonly type: 'session-closed' } & Parameters<NonNullable<CoordinationServerOptions['onDidCloseSession']>>[0])

export class World {
  readonly seed: number
  readonly config: SimConfig
  readonly scheduler = new Scheduler()
  readonly network: SimNetwork
  readonly trace: Trace
  readonly brokers = new Map<number, SimBroker>()
  readonly coordination: SimCoordination
  readonly stats = new Map<string, number>()
  readonly checkers: Checker[] = []
  phase: Phase = 'starting'
  /** The first thing that went wrong; the run ends with it. */
  failure: Failure | null = null
  readonly #clients: SimMachine[] = []
  readonly #faultListeners: ((fault: AppliedFault) => void)[] = []
  readonly #brokerListeners: ((brokerId: number, event: BrokerEvent) => void)[] = []
  readonly #coordinationListeners: ((event: CoordinationEvent) => void)[] = []
  readonly #diskListeners: ((machine: SimMachine, operation: WatchedChange, path: string) => void)[] = []
  readonly #sendListeners: ((send: Send) => void)[] = []
  #judges: readonly Required<Pick<Checker, 'afterEvent'>>[] = []
  #judgedBy = 0
  readonly #onRejection = (reason: unknown): void => this.#crash(reason, 'a rejection that nobody handled')

  constructor(options: WorldOptions) {
    this.seed = options.seed
    this.config = options.config
    this.trace = new Trace(options.trace, () => this.scheduler.nowMs)
    this.network = new SimNetwork(this.scheduler, this.random('network'), options.config.network)
    this.coordination = new SimCoordination(this)
    this.scheduler.onError = (error, event) => this.#crash(error, event.what)
    this.scheduler.afterEvent = (event) => this.#afterEvent(event)
    this.#supervise()
    process.on('unhandledRejection', this.#onRejection)
    // What a callback of queueMicrotask throws is no rejection.
    process.on('uncaughtException', this.#onRejection)
  }

  /** Nothing happens in it any more. */
  close(): void {
    process.off('unhandledRejection', this.#onRejection)
    process.off('uncaughtException', this.#onRejection)
    for (const machine of this.machines()) machine.process?.die()
  }

  get nowMs(): number {
    return this.scheduler.nowMs
  }

  /** A stream of its own for each name. */
  random(stream: string): SeededRandom {
    return new SeededRandom(this.seed, stream)
  }

  count(name: string, by = 1): void {
    this.stats.set(name, (this.stats.get(name) ?? 0) + by)
  }

  /** A process for a client of the cluster, on a machine of its own. */
  clientProcess(name: string): SimProcess {
    const machine = new SimMachine(this, name, `10.0.1.${this.#clients.length + 1}`)
    this.#clients.push(machine)
    return machine.spawn()
  }

  /** For KafkaClient. */
  get bootstrap(): { host: string; port: number }[] {
    return [...this.brokers.values()].map(({ host, port }) => ({ host, port }))
  }

  *machines(): Iterable<SimMachine> {
    yield this.coordination
    yield* this.brokers.values()
    yield* this.#clients
  }

  onDidFault(listener: (fault: AppliedFault) => void): void {
    this.#faultListeners.push(listener)
  }

  onDidBrokerEvent(listener: (brokerId: number, event: BrokerEvent) => void): void {
    this.#brokerListeners.push(listener)
  }

  onDidCoordinationEvent(listener: (event: CoordinationEvent) => void): void {
    this.#coordinationListeners.push(listener)
  }

  onDidSend(listener: (send: Send) => void): void {
    this.#sendListeners.push(listener)
    this.network.onDidSend = (send) => {
      for (const each of this.#sendListeners) each(send)
    }
  }

  /** A file was written to, truncated or removed, or something renamed (`path`: to this). Called in the middle of a call of its process. */
  onDidChangeDisk(listener: (machine: SimMachine, operation: WatchedChange, path: string) => void): void {
    this.#diskListeners.push(listener)
  }

  tellDiskChange(machine: SimMachine, operation: WatchedChange, path: string): void {
    for (const listener of this.#diskListeners) listener(machine, operation, path)
  }

  tellFault(fault: AppliedFault): void {
    for (const listener of this.#faultListeners) listener(fault)
  }

  fail(outcome: Outcome, message: string, invariant: string | null = null): void {
    if (this.failure !== null) return
    this.failure = { outcome, invariant, message, atMs: this.nowMs }
    this.trace.line('world', `FAILS: ${invariant === null ? '' : `${invariant}: `}${message}`)
  }

  startCoordination(): void {
    const { coordination } = this
    coordination.isWanted = true
    if (coordination.state !== 'down') return
    const process = coordination.spawn()
    coordination.state = 'starting'
    this.trace.line('world', `starts coordination (incarnation ${process.incarnation})`)
    const tell = (event: CoordinationEvent): void => {
      if (!process.isAlive) return
      for (const listener of this.#coordinationListeners) listener(event)
    }
    this.scheduler.after(0, process, 'start', () => {
      CoordinationServer.start({
        platform: process.platform,
        host: COORDINATION_HOST,
        port: COORDINATION_PORT,
        dataDirectory: DATA_DIRECTORY,
        snapshotIntervalTxns: this.config.snapshotIntervalTxns,
        onDidOpenSession: (event) => tell({ type: 'session-opened', ...event }),
        onDidExpireSession: (event) => tell({ type: 'session-expired', ...event }),
        onDidCloseSession: (event) => tell({ type: 'session-closed', ...event }),
        onFailure: (error) => this.#onProcessFailed(coordination, process, error),
      }).then(
        (server) => {
          if (!process.isAlive) return
          coordination.server = server
          coordination.state = 'running'
        },
        (error: unknown) => this.#onProcessFailed(coordination, process, error),
      )
    })
  }

  /** Starts a broker, one that there was or a new one. */
  startBroker(id: number): void {
    let machine = this.brokers.get(id)
    if (machine === undefined) {
      machine = new SimBroker(this, id)
      this.brokers.set(id, machine)
    }
    machine.isWanted = true
    if (machine.state !== 'down') return
    const process = machine.spawn()
    machine.state = 'starting'
    this.trace.line('world', `starts broker ${id} (incarnation ${process.incarnation})`)
    this.scheduler.after(0, process, 'start', () => this.#begin(machine, process))
  }

  /** As `kill -9`: what it has written stays. */
  killBroker(id: number): void {
    this.#endBroker(id, false)
  }

  powerLossOfBroker(id: number): void {
    this.#endBroker(id, true)
  }

  /** Controlled, as far as it gets. */
  shutdownBroker(id: number): void {
    const machine = this.broker(id)
    const { process, broker } = machine
    machine.isWanted = false
    if (machine.state !== 'running' || process === null || broker === null) return this.#endBroker(id, false)
    machine.state = 'stopping'
    this.trace.line('world', `shuts broker ${id} down`)
    this.scheduler.after(0, process, 'shutdown', () => {
      broker.shutdown().then(
        () => this.scheduler.after(1, process, 'exit', () => machine.end(false)),
        (error: unknown) => this.#onProcessFailed(machine, process, error),
      )
    })
  }

  killCoordination(isPowerLoss = false): void {
    this.coordination.isWanted = false
    this.trace.line('world', isPowerLoss ? 'coordination loses its power' : 'kills coordination')
    this.coordination.end(isPowerLoss)
  }

  freeze(machine: SimMachine): void {
    if (machine.process === null || machine.isFrozen) return
    this.trace.line('world', `freezes ${machine.name}`)
    machine.process.freeze()
    this.tellFault({ kind: 'frozen', machine })
  }

  thaw(machine: SimMachine): void {
    if (!machine.isFrozen) return
    this.trace.line('world', `thaws ${machine.name}`)
    machine.process?.thaw()
    this.tellFault({ kind: 'thawed', machine })
  }

  /** Nothing passes between two hosts in either direction, until the answer is called. */
  partition(host: string, otherHost: string): () => void {
    const undoThere = this.blockOneWay(host, otherHost)
    const undoBack = this.blockOneWay(otherHost, host)
    return () => {
      undoThere()
      undoBack()
    }
  }

  blockOneWay(fromHost: string, toHost: string): () => void {
    this.network.block(fromHost, toHost)
    let isUndone = false
    return () => {
      if (isUndone) return
      isUndone = true
      this.network.unblock(fromHost, toHost)
    }
  }

  broker(id: number): SimBroker {
    const machine = this.brokers.get(id)
    if (machine === undefined) throw new Error(`there is no broker ${id}`)
    return machine
  }

  /** Lets time pass. Rejects with what went wrong, if something did. */
  async runFor(ms: number): Promise<void> {
    await this.scheduler.run(() => this.failure !== null, this.nowMs + ms)
    this.#throwFailure()
  }

  /** Rejects where it is not so within `limitMs` of simulated time. */
  async runUntil(condition: () => boolean, limitMs: number, what: string): Promise<void> {
    const isDone = await this.scheduler.run(() => this.failure !== null || condition(), this.nowMs + limitMs)
    this.#throwFailure()
    if (!isDone) throw new Error(`not within ${limitMs} ms of simulated time: ${what}`)
  }

  /** Lets time pass until the promise settles. */
  async settle<T>(promise: Promise<T>, limitMs = 60_000): Promise<T> {
    let isSettled = false
    const settled = promise.finally(() => {
      isSettled = true
    })
    settled.catch(() => undefined)
    await this.runUntil(() => isSettled, limitMs, 'a promise to settle')
    return settled
  }

  /** Starts coordination and the brokers of the config; resolves when all run. */
  async boot(): Promise<void> {
    this.startCoordination()
    for (let id = 1; id <= this.config.brokerCount; id++) this.startBroker(id)
    await this.runUntil(() => [...this.brokers.values()].every(({ state }) => state === 'running'), 60_000, 'all brokers run')
  }

  #begin(machine: SimBroker, process: SimProcess): void {
    const { config } = this
    try {
      const { broker, started } = Broker.begin({
        platform: process.platform,
        brokerId: machine.id,
        host: machine.host,
        port: machine.port,
        dataDirectory: machine.dataDirectory,
        coordination: { host: COORDINATION_HOST, port: COORDINATION_PORT },
        sessionTimeoutMs: config.sessionTimeoutMs,
        configs: config.brokerConfigs,
        onEvent: (event) => this.#onBrokerEvent(machine, process, event),
      })
      machine.broker = broker
      started.then(
        () => {
          if (process.isAlive && machine.state === 'starting') machine.state = 'running'
        },
        (error: unknown) => this.#onProcessFailed(machine, process, error),
      )
    } catch (error) {
      this.#onProcessFailed(machine, process, error)
    }
  }

  #onBrokerEvent(machine: SimBroker, process: SimProcess, event: BrokerEvent): void {
    if (!process.isAlive) return
    this.count(`event/${event.type}`)
    if (this.trace.isOn) this.trace.line(machine.name, `tells ${JSON.stringify(event)}`)
    for (const listener of this.#brokerListeners) listener(machine.id, event)
    if (event.type === 'broker-failed') this.#onProcessFailed(machine, process, new Error(event.reason))
  }

  #endBroker(id: number, isPowerLoss: boolean): void {
    const machine = this.broker(id)
    machine.isWanted = false
    this.trace.line('world', isPowerLoss ? `broker ${id} loses its power` : `kills broker ${id}`)
    machine.end(isPowerLoss)
  }

  /** A process that gives up by itself ends, and its supervisor starts it again. It may only do so for a reason from outside. */
  #onProcessFailed(machine: SimBroker | SimCoordination, process: SimProcess, error: unknown): void {
    if (!process.isAlive) return
    const reason = error instanceof Error ? error.message : String(error)
    this.trace.line(machine.name, `gives up: ${reason}`)
    this.count('processes that gave up')
    const isExcused =
      machine.hadDiskFault || (error as Error | null)?.name === 'CoordinationUnreachableError' || isStartRefusal(error)
    if (!isExcused) return this.#crash(error, `${machine.name} gave up`)
    machine.downUntilMs = Math.max(machine.downUntilMs, this.nowMs + RESTART_PAUSE_MS)
    if (machine instanceof SimBroker) machine.state = 'failed'
    this.scheduler.after(0.1, process, 'exit', () => machine.end(false))
  }

  #supervise(): void {
    this.scheduler.after(SUPERVISION_MS, null, 'supervise', () => {
      const { coordination } = this
      if (coordination.isWanted && coordination.state === 'down' && coordination.downUntilMs <= this.nowMs)
        this.startCoordination()
      for (const machine of this.brokers.values())
        if (machine.isWanted && machine.state === 'down' && machine.downUntilMs <= this.nowMs) this.startBroker(machine.id)
      this.#supervise()
    })
  }

  #afterEvent(event: SimEvent): void {
    event.process?.endEvent()
    if (this.failure !== null) return
    try {
      if (this.#judgedBy !== this.checkers.length) this.#judge()
      for (const checker of this.#judges) checker.afterEvent(event)
    } catch (error) {
      this.failWith(error)
    }
  }

  /** Most checkers are listeners only: those that look after each event. */
  #judge(): void {
    this.#judgedBy = this.checkers.length
    this.#judges = this.checkers.filter(
      (checker): checker is Checker & Required<Pick<Checker, 'afterEvent'>> => 'afterEvent' in checker,
    )
  }

  /** A violation is one; everything else that a checker throws is a crash of the simulator itself. */
  failWith(error: unknown): void {
    if (error instanceof InvariantViolation) this.fail('broken-invariant', error.message, error.invariant)
    else this.#crash(error, 'a checker')
  }

  #crash(error: unknown, where: string): void {
    const { current } = this.scheduler
    if (error instanceof ProcessDied || current?.process?.isAlive === false) return
    const who = current?.process?.name ?? 'the world'
    this.fail('crash', `${who}, ${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  }

  #throwFailure(): void {
    const { failure } = this
    if (failure !== null)
      throw new Error(`${failure.outcome} at ${failure.atMs} ms: ${failure.invariant ?? ''} ${failure.message}`)
  }
}

/** Refusals to start that only time mends: coordination is not there or the session with it has ended meanwhile, the id still belongs to an earlier one. */
function isStartRefusal(error: unknown): boolean {
  return (
    error instanceof CoordinationError || error instanceof CoordinationUnreachableError || error instanceof BrokerIdTakenError
  )
}
