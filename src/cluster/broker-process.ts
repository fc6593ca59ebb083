/**
 * One broker of the cluster as its supervisor sees it: its state in words, its worker, and what it last reported.
 * States change here only. A killed, crashed or stopped broker keeps its port and its data directory.
 */
import { WorkbenchError } from '../shared/ipc/errors'
import type { BrokerState } from '../shared/model/cluster'
import { WorkerHandle, type WorkerLauncher } from './worker-handle'
import type { BrokerReport, BrokerWorkerData, FromWorker } from './worker-protocol'

/** A stop that takes longer, controlled or not, is ended by force: thousands of logs are each synced and closed. */
const stopTimeoutMs = 30_000

export interface BrokerProcessOptions {
  readonly id: number
  readonly host: string
  port: number
  readonly launcher: WorkerLauncher
  readonly workerData: () => Omit<BrokerWorkerData, 'freezeFlag' | 'port' | 'brokerId'>
  readonly onMessage: (message: FromWorker) => void
  readonly onStateChange: (broker: BrokerProcess, previous: BrokerState) => void
}

export class BrokerProcess {
  state: BrokerState = 'stopped'
  stateSinceMs = Date.now()
  reason: string | null = null
  report: BrokerReport | null = null
  private worker: WorkerHandle | null = null
  private readonly freezeFlag = new SharedArrayBuffer(4)
  /** Set while an end is our doing, so that the exit is not taken for a crash. */
  private endingAs: 'killed' | 'stopped' | 'timed-out' | null = null

  constructor(private readonly options: BrokerProcessOptions) {}

  get id(): number {
    return this.options.id
  }

  get host(): string {
    return this.options.host
  }

  get port(): number {
    return this.options.port
  }

  get isLive(): boolean {
    return this.worker !== null && !this.worker.hasExited
  }

  /** On its way down by our doing, its thread not yet gone. */
  get isEnding(): boolean {
    return this.isLive && this.endingAs !== null
  }

  send(message: Parameters<WorkerHandle['send']>[0]): void {
    this.worker?.send(message)
  }

  /** Resolves once it serves; rejects with the reason where it cannot start (the state is `crashed`) or was ended before it served. */
  async start(): Promise<void> {
    if (this.isLive) throw wrongState(this, 'start', this.isEnding ? 'Its thread is still ending; try again.' : 'It is not down.')
    this.setFrozen(false)
    this.endingAs = null
    this.report = null
    this.changeState('starting', null)
    const worker = this.launch()
    this.worker = worker
    try {
      this.options.port = await worker.whenStarted()
    } catch (error) {
      throw this.endedEarly() ?? error
    }
    const ended = this.endedEarly()
    if (ended !== null) throw ended
    if (this.state === 'starting') this.changeState('running', null)
  }

  /** Controlled shutdown; a frozen broker cannot take part in one and is refused. Rejects where it ended in another way. */
  async stop(isControlled = true): Promise<void> {
    const worker = this.worker
    if (worker === null || !this.isLive) throw wrongState(this, 'stop', 'It is down already.')
    if (this.state === 'frozen') throw wrongState(this, 'stop', 'It is frozen: resume it first, or kill it.')
    if (this.isEnding) throw wrongState(this, 'stop', 'It is on its way down already.')
    this.endingAs = 'stopped'
    this.changeState('stopping', null)
    const endedByItself = await worker.stop(isControlled, stopTimeoutMs, () => {
      this.endingAs = 'timed-out'
    })
    const why = this.whyNotClean(endedByItself)
    if (why !== null) throw new WorkbenchError('expected', 'BROKER_STATE', `Broker ${this.id} did not stop cleanly. ${why}`)
  }

  /** As if its power were cut. Works in every state in which it has a thread. */
  async kill(): Promise<void> {
    const worker = this.worker
    if (worker === null || !this.isLive || this.endingAs === 'killed') throw wrongState(this, 'kill', 'It is down already.')
    this.endingAs = 'killed'
    this.changeState('killed', null)
    await worker.kill()
  }

  /** Resolves when it has no thread any more; at once where it has none. */
  async whenDown(): Promise<void> {
    await this.worker?.whenExited()
  }

  freeze(): void {
    if (this.state !== 'running') throw wrongState(this, 'freeze', 'Only a running broker can be frozen.')
    this.setFrozen(true)
    this.send({ type: 'freeze' })
    this.changeState('frozen', null)
  }

  resume(): void {
    if (this.state !== 'frozen') throw wrongState(this, 'resume', 'It is not frozen.')
    this.setFrozen(false)
    this.changeState('running', null)
  }

  private setFrozen(isFrozen: boolean): void {
    const flag = new Int32Array(this.freezeFlag)
    Atomics.store(flag, 0, isFrozen ? 1 : 0)
    if (!isFrozen) Atomics.notify(flag, 0)
  }

  private launch(): WorkerHandle {
    const { launcher, workerData, onMessage } = this.options
    const data: BrokerWorkerData = { ...workerData(), brokerId: this.id, port: this.port, freezeFlag: this.freezeFlag }
    try {
      const worker: WorkerHandle = new WorkerHandle(launcher('broker-worker', data), {
        onMessage: (message) => {
          if (this.worker !== worker) return
          if (message.type === 'broker-report') this.report = message.report
          onMessage(message)
        },
        onExit: (error) => {
          if (this.worker === worker) this.onExit(error)
        },
      })
      return worker
    } catch (error) {
      // Out of threads or memory: no worker came to be, so none will tell of its end.
      this.changeState('crashed', `Its thread could not be started: ${(error as Error).message}`)
      throw error
    }
  }

  private whyNotClean(endedByItself: boolean): string | null {
    if (this.endingAs === 'killed') return 'It was killed meanwhile.'
    return endedByItself && this.reason === null ? null : (this.reason ?? 'It was ended by force.')
  }

  /** Why a start came to nothing although nothing failed. */
  private endedEarly(): WorkbenchError | null {
    if (this.endingAs === null) return null
    const how = this.endingAs === 'killed' ? 'killed' : 'stopped'
    return new WorkbenchError('cancelled', 'BROKER_STATE', `Broker ${this.id} was ${how} before it served.`)
  }

  private onExit(error: Error | null): void {
    this.worker = null
    if (this.endingAs === 'killed') return
    if (this.endingAs === 'timed-out') this.changeState('crashed', 'It did not stop in time and was ended by force.')
    else if (this.endingAs === 'stopped' && error === null) this.changeState('stopped', null)
    else this.changeState('crashed', error?.message ?? 'The worker ended without being told to.')
  }

  private changeState(state: BrokerState, reason: string | null): void {
    const previous = this.state
    this.state = state
    this.reason = reason
    this.stateSinceMs = Date.now()
    this.options.onStateChange(this, previous)
  }
}

function wrongState(broker: BrokerProcess, action: string, why: string): WorkbenchError {
  return new WorkbenchError('expected', 'BROKER_STATE', `Broker ${broker.id} is ${broker.state}: it cannot ${action}. ${why}`)
}
