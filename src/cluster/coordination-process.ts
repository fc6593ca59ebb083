/**
 * The coordination service as its supervisor sees it. Without it no leader can be elected, so one that dies by itself is started again;
 * its sessions are in its log, and brokers that come back within their time-out notice nothing.
 */
import type { CoordinationView } from '../shared/model/cluster'
import { RestartPolicy } from './restart-policy'
import { WorkerHandle, type WorkerLauncher } from './worker-handle'
import type { CoordinationReport, CoordinationWorkerData, FromWorker } from './worker-protocol'

const restartDelayMs = 200

export interface CoordinationProcessOptions {
  readonly launcher: WorkerLauncher
  readonly workerData: CoordinationWorkerData
  readonly onMessage: (message: FromWorker) => void
  readonly onChange: (what: 'started' | 'restarted' | 'crashed' | 'stopped', reason: string | null) => void
}

export class CoordinationProcess {
  private state: CoordinationView['state'] = 'stopped'
  private reason: string | null = null
  private report: CoordinationReport = { sessionCount: 0, znodeCount: 0 }
  private worker: WorkerHandle | null = null
  private isStopping = false
  /** One that never served would not serve the next time either: its reason is shown instead. */
  private hasServed = false
  private readonly restarts = new RestartPolicy(restartDelayMs)
  private port: number

  constructor(private readonly options: CoordinationProcessOptions) {
    this.port = options.workerData.port
  }

  view(): CoordinationView {
    const { sessionCount, znodeCount } = this.report
    return {
      state: this.state,
      host: this.options.workerData.host,
      port: this.port,
      sessionCount,
      znodeCount,
      reason: this.reason,
    }
  }

  async start(): Promise<void> {
    this.state = 'starting'
    this.reason = null
    const { launcher, workerData, onMessage, onChange } = this.options
    const worker = new WorkerHandle(launcher('coordination-worker', { ...workerData, port: this.port }), {
      onMessage: (message) => {
        if (message.type === 'coordination-report') this.report = message.report
        onMessage(message)
      },
      onExit: (error) => this.onExit(error),
    })
    this.worker = worker
    this.port = await worker.whenStarted()
    this.state = 'running'
    onChange(this.hasServed ? 'restarted' : 'started', null)
    this.hasServed = true
  }

  async stop(timeoutMs: number): Promise<void> {
    this.isStopping = true
    this.restarts.cancel()
    await this.worker?.stop(false, timeoutMs)
    this.state = 'stopped'
  }

  private onExit(error: Error | null): void {
    this.worker = null
    if (this.isStopping) {
      this.state = 'stopped'
      this.options.onChange('stopped', null)
      return
    }
    this.report = { sessionCount: 0, znodeCount: 0 }
    this.state = 'crashed'
    this.reason = error?.message ?? 'The worker ended without being told to.'
    const isToReturn = this.restarts.allowsAfterDeath(this.hasServed)
    this.options.onChange('crashed', isToReturn ? this.reason : `${this.reason} It stays down.`)
    if (isToReturn) this.restarts.schedule(() => this.start())
  }
}
