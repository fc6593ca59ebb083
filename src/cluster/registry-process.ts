/**
 * The schema registry as its supervisor sees it: a worker that is started again when it dies by itself, and that nobody needs to serve Kafka.
 * Its state is in the cluster's topic `_schemas`, so a new one knows what the one before it knew.
 */
import type { RegistryProcessView } from '../shared/model/cluster'
import { RestartPolicy } from './restart-policy'
import { WorkerHandle, type WorkerLauncher } from './worker-handle'
import type { FromWorker, RegistryReport, RegistryWorkerData, ToWorker } from './worker-protocol'

const restartDelayMs = 300
const nothingKnown: RegistryReport = { problem: null, subjectCount: 0, revision: 0, level: 'BACKWARD', mode: 'READWRITE' }

export interface RegistryProcessOptions {
  readonly launcher: WorkerLauncher
  readonly host: string
  readonly port: number
  readonly workerData: () => Omit<RegistryWorkerData, 'host' | 'port'>
  readonly onMessage: (message: FromWorker) => void
  readonly onChange: (what: 'started' | 'restarted' | 'crashed' | 'killed' | 'stopped', reason: string | null) => void
}

export class RegistryProcess {
  private state: RegistryProcessView['state'] = 'stopped'
  private reason: string | null = null
  private report: RegistryReport = nothingKnown
  private worker: WorkerHandle | null = null
  /** Told to end, so that its end is no crash. */
  private ending: 'stop' | 'kill' | null = null
  private hasServed = false
  private readonly restarts = new RestartPolicy(restartDelayMs)

  constructor(private readonly options: RegistryProcessOptions) {}

  view(): RegistryProcessView {
    const { host, port } = this.options
    const isUp = this.state === 'running'
    return {
      state: this.state,
      host,
      port,
      url: isUp ? this.url : null,
      problem: isUp ? this.report.problem : this.reason,
      subjectCount: this.report.subjectCount,
      revision: this.report.revision,
      level: this.report.level,
      mode: this.report.mode,
    }
  }

  /** Where it listens, up or not: it keeps its port. */
  get url(): string {
    return `http://${this.options.host}:${this.options.port}`
  }

  get isLive(): boolean {
    return this.worker !== null
  }

  /** Resolves when it listens; what it has to read of the brokers it reads then. */
  async start(): Promise<void> {
    this.restarts.cancel()
    if (this.worker !== null) return
    this.state = 'starting'
    this.reason = null
    this.ending = null
    const { launcher, host, port, workerData, onMessage, onChange } = this.options
    const worker = new WorkerHandle(launcher('registry-worker', { ...workerData(), host, port }), {
      onMessage: (message) => {
        if (message.type === 'registry-report') this.report = message.report
        onMessage(message)
      },
      onExit: (error) => this.onExit(error),
    })
    this.worker = worker
    await worker.whenStarted()
    this.state = 'running'
    onChange(this.hasServed ? 'restarted' : 'started', null)
    this.hasServed = true
  }

  /** Where the brokers are from now on. */
  tellBrokers(): void {
    this.send({ type: 'registry-brokers', brokers: this.options.workerData().brokers })
  }

  async stop(timeoutMs: number): Promise<void> {
    this.restarts.cancel()
    this.ending = 'stop'
    await this.worker?.stop(false, timeoutMs)
    this.state = 'stopped'
  }

  /** Without a word to anybody. */
  async kill(): Promise<void> {
    this.restarts.cancel()
    this.ending = 'kill'
    await this.worker?.kill()
    this.state = 'killed'
  }

  private send(message: ToWorker): void {
    this.worker?.send(message)
  }

  private onExit(error: Error | null): void {
    this.worker = null
    const { onChange } = this.options
    if (this.ending !== null) {
      this.state = this.ending === 'kill' ? 'killed' : 'stopped'
      return onChange(this.state, null)
    }
    this.state = 'crashed'
    this.reason = error?.message ?? 'The worker ended without being told to.'
    const isToReturn = this.restarts.allowsAfterDeath(this.hasServed)
    if (!isToReturn) this.reason = `${this.reason} It stays down until it is started.`
    onChange('crashed', this.reason)
    if (isToReturn) this.restarts.schedule(() => this.start())
  }
}
