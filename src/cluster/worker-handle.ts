/**
 * One worker thread and its life: launched, told to stop, terminated without a word, frozen, or dead by itself. Knows nothing of brokers.
 */
import { Worker } from 'node:worker_threads'
import { fromWireError, WorkbenchError } from '../shared/ipc/errors'
import type { FromWorker, ToWorker } from './worker-protocol'

/** Starts a worker's thread; the one seam that tests and packaging replace. */
export type WorkerLauncher = (entry: 'broker-worker' | 'coordination-worker' | 'registry-worker', workerData: unknown) => Worker

/** A worker that outgrows this much heap ends with ERR_WORKER_OUT_OF_MEMORY, and the app goes on. */
const heapMegabytesMax = 1024

export function createWorkerLauncher(workerDirectory: string): WorkerLauncher {
  return (entry, workerData) =>
    new Worker(`${workerDirectory}/${entry}.js`, {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytesMax },
      stdout: false,
      stderr: false,
    })
}

export interface WorkerListener {
  onMessage(message: FromWorker): void
  /** The thread is gone. `error` is what it died of, null where it ended as it was told. */
  onExit(error: Error | null): void
}

export class WorkerHandle {
  private error: Error | null = null
  private exited = false
  private readonly exit: Promise<void>
  private started: { resolve: (port: number) => void; reject: (error: Error) => void } | null = null
  private readonly startedPromise: Promise<number>

  constructor(
    private readonly worker: Worker,
    listener: WorkerListener,
  ) {
    this.startedPromise = new Promise((resolve, reject) => {
      this.started = { resolve, reject }
    })
    // Whoever does not wait for the start hears of a failure by onExit.
    this.startedPromise.catch(() => undefined)
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'started') this.started?.resolve(message.port)
      if (message.type === 'failed') this.error = fromWireError(message.error)
      listener.onMessage(message)
    })
    worker.on('error', (thrown: unknown) => {
      this.error = thrown instanceof Error ? thrown : new Error(String(thrown))
    })
    this.exit = new Promise((resolve) => {
      worker.on('exit', (code) => {
        this.exited = true
        if (this.error === null && code !== 0) this.error = new Error(`the worker ended with exit code ${code}`)
        this.started?.reject(
          this.error ?? new WorkbenchError('cancelled', 'WORKER_ENDED', 'The worker ended before it had started.'),
        )
        listener.onExit(this.error)
        resolve()
      })
    })
  }

  /** The port it listens on, once it serves. */
  whenStarted(): Promise<number> {
    return this.startedPromise
  }

  whenExited(): Promise<void> {
    return this.exit
  }

  get hasExited(): boolean {
    return this.exited
  }

  send(message: ToWorker): void {
    if (!this.exited) this.worker.postMessage(message)
  }

  /** Ends the thread where it stands: nothing is flushed, nobody is told. */
  async kill(): Promise<void> {
    await this.worker.terminate()
    await this.exit
  }

  /** Asks it to end, and ends it after `timeoutMs` if it has not, telling `onLate` before. Answers whether it ended by itself. */
  async stop(isControlled: boolean, timeoutMs: number, onLate: () => void = () => undefined): Promise<boolean> {
    this.send({ type: 'stop', isControlled })
    let timer: NodeJS.Timeout | undefined
    const timedOut = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(true), timeoutMs)
    })
    const late = await Promise.race([this.exit.then(() => false), timedOut])
    clearTimeout(timer)
    if (!late) return true
    onLate()
    await this.kill()
    return false
  }
}
