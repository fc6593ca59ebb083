/**
 * The registry in the life of a cluster: its port, its worker, what of it the timeline tells. Called by Cluster only. A registry that cannot
 * start is a problem that is shown, and no reason for a cluster not to serve.
 */
import type { SaslCredentials } from '../engine'
import { WorkbenchError } from '../shared/ipc/errors'
import type { RegistryProcessView } from '../shared/model/cluster'
import { defaultHost, defaultRegistryPort } from './options'
import type { PortAllocator } from './ports'
import { RegistryProcess } from './registry-process'
import type { Timeline } from './timeline'
import type { WorkerLauncher } from './worker-handle'
import type { FromWorker, RegistryBroker } from './worker-protocol'
import type { Workspace } from './workspace'

/** Others may take a port between the look and the listening. */
const portAttemptsMax = 5
const stopTimeoutMs = 5_000

export interface RegistryHostOptions {
  /** null: nobody asked for one, and a taken one is no mistake. */
  readonly wishedPort: number | null
  readonly workspace: Workspace
  readonly ports: PortAllocator
  readonly launcher: WorkerLauncher
  readonly timeline: Timeline
  readonly brokers: () => readonly RegistryBroker[]
  readonly credentials: SaslCredentials | null
  readonly onMessage: (message: FromWorker) => void
  readonly onDidChange: () => void
  readonly notice: (text: string) => void
  readonly logError: (text: string) => void
}

export class RegistryHost {
  private process: RegistryProcess | null = null
  /** Why there is no process at all. */
  private problem: string | null = null
  private isStopping = false
  /** 0: none yet. */
  private claimed = 0

  constructor(private readonly options: RegistryHostOptions) {}

  get url(): string | null {
    return this.process?.url ?? null
  }

  view(): RegistryProcessView {
    return (
      this.process?.view() ?? {
        state: this.problem === null ? 'starting' : 'stopped',
        host: defaultHost,
        port: 0,
        url: null,
        problem: this.problem,
        subjectCount: 0,
        revision: 0,
        level: 'BACKWARD',
        mode: 'READWRITE',
      }
    )
  }

  /** Rejects with PORT_TAKEN where a port was asked for and is taken; a usual one moves on to the next that is free. */
  async claimPort(): Promise<void> {
    const { wishedPort, workspace } = this.options
    this.claimed = await this.claim(wishedPort ?? workspace.settings.registryPort ?? defaultRegistryPort)
  }

  /** Never rejects: what is wrong is in the view. */
  async launch(): Promise<void> {
    try {
      await this.startOnFreePort()
    } catch (error) {
      if (this.isStopping) return
      this.problem = (error as Error).message
      this.options.notice(`There is no schema registry: ${this.problem}`)
      this.options.onDidChange()
    }
  }

  tellBrokers(): void {
    this.process?.tellBrokers()
  }

  async start(): Promise<void> {
    if (this.process === null) return this.startOnFreePort()
    await this.process.start()
  }

  async kill(): Promise<void> {
    await this.process?.kill()
  }

  async stop(): Promise<void> {
    this.isStopping = true
    await this.process?.stop(stopTimeoutMs)
  }

  private async startOnFreePort(): Promise<void> {
    const { wishedPort, workspace } = this.options
    for (let attempt = 1; ; attempt++) {
      if (this.claimed === 0) await this.claimPort()
      if (this.isStopping) return
      const port = this.claimed
      const process = this.processOn(port)
      try {
        await process.start()
        this.process = process
        this.problem = null
        // As for brokers, a port that was free by chance is of this run only.
        if (wishedPort !== 0) workspace.update({ registryPort: port })
        return
      } catch (error) {
        const isTaken = error instanceof WorkbenchError && error.code === 'PORT_TAKEN'
        if (!isTaken || attempt >= portAttemptsMax || !this.mayMove) throw error
        this.claimed = await this.claim(port)
      }
    }
  }

  private get mayMove(): boolean {
    return this.options.wishedPort === null || this.options.wishedPort === 0
  }

  private claim(wanted: number): Promise<number> {
    const { ports, notice } = this.options
    return this.mayMove
      ? ports.claim(wanted, 'the schema registry', 'move', (port, got) =>
          notice(`Port ${port} is taken. The schema registry uses ${got}.`),
        )
      : ports.claim(wanted, 'the schema registry')
  }

  private processOn(port: number): RegistryProcess {
    const { launcher, brokers, credentials, onMessage } = this.options
    return new RegistryProcess({
      launcher,
      host: defaultHost,
      port,
      workerData: () => ({ brokers: brokers(), credentials }),
      onMessage,
      onChange: (what, reason) => this.onChange(what, reason),
    })
  }

  private onChange(what: 'started' | 'restarted' | 'crashed' | 'killed' | 'stopped', reason: string | null): void {
    const { timeline, logError, onDidChange } = this.options
    switch (what) {
      case 'started':
        timeline.cause('registry-started', 'The schema registry started', { actor: 'auto' })
        break
      case 'restarted':
        timeline.cause('registry-restarted', 'The schema registry is back', { actor: 'auto', severity: 'ok' })
        break
      case 'killed':
        timeline.cause('registry-killed', 'The schema registry was killed', { severity: 'error' })
        break
      case 'crashed':
        timeline.cause('registry-crashed', 'The schema registry crashed', { actor: 'auto', severity: 'error', detail: reason })
        logError(`The schema registry crashed: ${reason}`)
        break
      case 'stopped':
        break
    }
    onDidChange()
  }
}
