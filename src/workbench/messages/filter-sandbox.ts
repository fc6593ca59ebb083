/**
 * Runs patterns and a person's script over records in a worker of its own: no environment, no modules, bounded memory, a time for each batch,
 * and an end by force where that is not kept. A sandbox that failed stays failed; the read that owns it says why. Made by ReadSession and by a trial
 * of a script on one record.
 */
import { Worker } from 'node:worker_threads'
import { sandboxSource } from './filter-sandbox-source'

export interface SandboxRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: string
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [string, string | null])[]
  /** For each pattern what it is held to. */
  readonly texts: readonly (readonly string[])[]
}

export interface SandboxAnswer {
  /** Indexes of the records that are kept. */
  readonly kept: readonly number[]
  /** Records that it threw on: those are not kept. */
  readonly thrown: number
  readonly firstError: string | null
  readonly firstAt: number
  /** Of a single record what the script answered. */
  readonly answer: string
}

export interface SandboxOptions {
  readonly script: string | null
  readonly patterns: readonly { readonly source: string; readonly flags: string }[]
  /** The most that one batch of records may take. */
  readonly timeoutMs?: number
}

interface Reply {
  readonly id: number
  readonly problem: string | null
  readonly output: string | null
  readonly at: number
}

export class SandboxError extends Error {}

const defaultTimeoutMs = 1_000
/** Over the time within the worker: for one that does not even answer that it ran out of it. */
const graceMs = 1_500

export class FilterSandbox {
  private worker: Worker | null = null
  private failure: SandboxError | null = null
  private nextId = 1
  private waiting: { id: number; resolve: (reply: Reply) => void; reject: (error: Error) => void } | null = null

  constructor(private readonly options: SandboxOptions) {}

  /** One batch at a time. Rejects with a SandboxError in a sentence; every later call does so too. */
  async run(records: readonly SandboxRecord[]): Promise<SandboxAnswer> {
    if (this.failure !== null) throw this.failure
    const timeoutMs = this.options.timeoutMs ?? defaultTimeoutMs
    const worker = this.ensureWorker()
    const id = this.nextId++
    const overdue = setTimeout(() => this.fail(`It took more than ${timeoutMs} ms and was ended.`), timeoutMs + graceMs)
    try {
      const reply = await new Promise<Reply>((resolve, reject) => {
        this.waiting = { id, resolve, reject }
        worker.postMessage({ id, input: JSON.stringify(records), timeoutMs })
      })
      if (reply.problem === 'time') {
        const record = records[reply.at]
        const where = record === undefined ? '' : ` at ${record.topic}-${record.partition} @ ${record.offset}`
        throw this.fail(`It took more than ${timeoutMs} ms${where} and was ended.`)
      }
      if (reply.problem !== null || reply.output === null) throw this.fail(reply.problem ?? 'It gave no answer.')
      const answer = JSON.parse(reply.output) as SandboxAnswer
      // A script can replace what answers for it, and then harms nobody but itself.
      if (!Array.isArray(answer.kept)) throw this.fail('It gave no answer.')
      return answer
    } finally {
      clearTimeout(overdue)
      this.waiting = null
    }
  }

  close(): void {
    this.failure ??= new SandboxError('It was closed.')
    this.end()
  }

  private end(): void {
    const { worker, waiting } = this
    this.worker = null
    this.waiting = null
    waiting?.reject(this.failure ?? new SandboxError('It was ended.'))
    void worker?.terminate()
  }

  private fail(why: string): SandboxError {
    this.failure ??= new SandboxError(why)
    this.end()
    return this.failure
  }

  private ensureWorker(): Worker {
    if (this.worker !== null) return this.worker
    const worker = new Worker(sandboxSource, {
      eval: true,
      env: {},
      execArgv: [],
      stdin: true,
      stdout: true,
      stderr: true,
      workerData: { script: this.options.script, patterns: this.options.patterns },
      resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32, stackSizeMb: 2 },
    })
    worker.on('message', (reply: Reply) => {
      if (this.waiting?.id === reply.id) this.waiting.resolve(reply)
    })
    worker.on('error', (error: Error & { code?: string }) => {
      if (this.worker !== worker) return
      this.worker = null
      this.fail(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? 'It used more than 128 MB and was ended.'
          : `Its worker died: ${error.message}.`,
      )
    })
    worker.on('exit', () => {
      if (this.worker === worker) {
        this.worker = null
        this.fail('Its worker ended.')
      }
    })
    worker.unref()
    this.worker = worker
    return worker
  }
}
