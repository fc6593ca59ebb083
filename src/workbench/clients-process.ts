/**
 * The main thread's end of the clients worker. One that dies fails what was under way, says why, and is started again by the next call:
 * open reads, runs and own consumers are gone then, and the window is told.
 */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { OwnAccess } from '../cluster'
import type { CallArgument, CallResults } from '../shared/ipc/contract'
import { fromWireError, WorkbenchError } from '../shared/ipc/errors'
import { idsPerStart } from './ids'
import type { BootstrapAddress, ClientCallName, FromClients, RegistryAddress, ToClients } from './rpc'
import type { Emit } from './services'

/** Of the whole process, since the workbench is started anew where security is switched. */
let startCount = 0
/** Two deaths within it are no accident: whoever asks at once again would only kill it again. */
const againWithinMs = 10_000

const closing = 'The workbench is closing.'

type Address = { readonly host: string; readonly port: number }

export interface ClientsProcessOptions {
  readonly workerDirectory: string
  /** The workspace's folder, in which the worker keeps what belongs to the person: saved messages, runs. */
  readonly dataDirectory: string
  readonly emit: Emit
  /** `isAgain`: it had died a moment before too. */
  readonly onCrash: (reason: string, isAgain: boolean) => void
  /** How its clients log in at the brokers; null where nobody has to. */
  readonly credentials: OwnAccess['credentials']
}

export class ClientsProcess {
  private worker: Worker | null = null
  private nextId = 1
  private addresses: readonly BootstrapAddress[] = []
  private registry: RegistryAddress | null = null
  private coordination: Address | null = null
  private isStopped = false
  private diedAtMs = Number.NEGATIVE_INFINITY
  private readonly waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()

  constructor(private readonly options: ClientsProcessOptions) {}

  setBootstrap(addresses: readonly BootstrapAddress[]): void {
    this.addresses = addresses
    this.send({ type: 'bootstrap', addresses })
  }

  setRegistry(address: RegistryAddress): void {
    this.registry = address
    this.send({ type: 'registry', address })
  }

  setCoordination(address: Address | null): void {
    this.coordination = address
    this.send({ type: 'coordination', address })
  }

  call<N extends ClientCallName>(name: N, argument: CallArgument<N>): Promise<CallResults[N]> {
    if (this.isStopped) return Promise.reject(new WorkbenchError('cancelled', 'CLIENTS_WORKER_ENDED', closing))
    const worker = this.ensureWorker()
    const id = this.nextId++
    return new Promise<CallResults[N]>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject })
      worker.postMessage({ type: 'call', id, name, argument } satisfies ToClients)
    })
  }

  async stop(): Promise<void> {
    const worker = this.worker
    this.isStopped = true
    this.worker = null
    this.failAll(closing)
    await worker?.terminate()
  }

  private send(message: ToClients): void {
    this.worker?.postMessage(message)
  }

  private ensureWorker(): Worker {
    if (this.worker !== null) return this.worker
    const worker = new Worker(join(this.options.workerDirectory, 'clients-worker.js'), {
      workerData: {
        bootstrap: this.addresses,
        dataDirectory: this.options.dataDirectory,
        credentials: this.options.credentials,
        // The window may still hold ids of a worker that died: none may come to mean something else.
        idBase: startCount++ * idsPerStart,
      },
      resourceLimits: { maxOldGenerationSizeMb: 2048 },
    })
    this.worker = worker
    let reason = 'it ended without being told to'
    worker.on('message', (message: FromClients) => this.onMessage(message))
    worker.on('error', (thrown: unknown) => {
      reason = thrown instanceof Error ? thrown.message : String(thrown)
    })
    worker.on('exit', () => {
      if (this.worker !== worker) return
      this.worker = null
      this.failAll(`The clients worker died: ${reason}. Try again.`)
      const isAgain = performance.now() - this.diedAtMs < againWithinMs
      this.diedAtMs = performance.now()
      this.options.onCrash(reason, isAgain)
    })
    if (this.registry !== null) this.send({ type: 'registry', address: this.registry })
    if (this.coordination !== null) this.send({ type: 'coordination', address: this.coordination })
    return worker
  }

  private onMessage(message: FromClients): void {
    if (message.type === 'event') this.options.emit(message.name, message.payload)
    if (message.type !== 'answer') return
    const call = this.waiting.get(message.id)
    this.waiting.delete(message.id)
    if (message.ok) call?.resolve(message.value as never)
    else call?.reject(fromWireError(message.error))
  }

  private failAll(why: string): void {
    const calls = [...this.waiting.values()]
    this.waiting.clear()
    for (const call of calls) call.reject(new WorkbenchError('cancelled', 'CLIENTS_WORKER_ENDED', why))
  }
}
