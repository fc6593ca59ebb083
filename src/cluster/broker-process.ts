/**
 * One broker of the cluster as its supervisor sees it: its state in words, its worker, and what it last reported.
 * States change here only. A killed, crashed or stopped broker keeps its port and its data directory.
 */
import { WorkbenchError } from '../shared/ipc/errors'
import type { BrokerState } from '../shared/model/cluster'
import { WorkerHandle, type WorkerLauncher } from './worker-handle'
import type { BrokerReport, BrokerWorkerData, FromWorker } from './worker-protocol'

/** A controlled shutdown that takes longer is ended by force. */
const controlledShutdownTimeoutMs = 15_000
const plainShutdownTimeoutMs = 8_000

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
  reportedAtMs = 0
  private worker: WorkerHandle | null = null
  private readonly freezeFlag = new SharedArrayBuffer(4)
  /** Set while an end is our doing, so that the exit is not taken for a crash. */
  private endingAs: 'killed' | 'stopped' | null = null

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

  send(message: Parameters<WorkerHandle['send']>[0]): void {
    this.worker?.send(message)
  }

  /** Resolves once it serves; rejects with the reason, and the state is `crashed`, where it cannot start. */
  async start(): Promise<void> {
    if (this.isLive) throw wrongState(this, 'start', 'It is not down.')
    this.setFrozen(false)
    this.endingAs = null
    this.report = null
    this.changeState('starting', null)
    const { launcher, workerData, onMessage } = this.options
    const data: BrokerWorkerData = { ...workerData(), brokerId: this.id, port: this.port, freezeFlag: this.freezeFlag }
    const worker = new WorkerHandle(launcher('broker-worker', data), {
      onMessage: (message) => {
        if (this.worker !== worker) return
        if (message.type === 'broker-report') {
          this.report = message.report
          this.reportedAtMs = Date.now()
        }
        onMessage(message)
      },
      onExit: (error) => {
        if (this.worker === worker) this.onExit(error)
      },
    })
    this.worker = worker
    this.options.port = await worker.whenStarted()
    if (this.state === 'starting') this.changeState('running', null)
  }

  /** Controlled shutdown; a frozen broker cannot take part in one and is refused. */
  async stop(isControlled = true): Promise<void> {
    const worker = this.worker
    if (worker === null || !this.isLive) throw wrongState(this, 'stop', 'It is down already.')
    if (this.state === 'frozen') throw wrongState(this, 'stop', 'It is frozen: resume it first, or kill it.')
    this.endingAs = 'stopped'
    this.changeState('stopping', null)
    await worker.stop(isControlled, isControlled ? controlledShutdownTimeoutMs : plainShutdownTimeoutMs)
  }

  /** As if its power were cut. Works in every state in which it has a thread. */
  async kill(): Promise<void> {
    const worker = this.worker
    if (worker === null || !this.isLive) throw wrongState(this, 'kill', 'It is down already.')
    this.endingAs = 'killed'
    this.changeState('killed', null)
    await worker.kill()
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

  private onExit(error: Error | null): void {
    this.worker = null
    if (this.endingAs === 'killed') return
    if (this.endingAs === 'stopped' && error === null) this.changeState('stopped', null)
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
