/** The worker's end of the supervision channel: a logger that posts, a freeze that blocks, and failures that are told before the thread ends. */
import { parentPort } from 'node:worker_threads'
import type { LogFields, Logger } from '../../engine/platform'
import { toWireError } from '../../shared/ipc/errors'
import type { LogEntry } from '../options'
import type { EngineEvent, FromWorker, ToWorker } from '../worker-protocol'

export class WorkerPort {
  private readonly port = parentPort!

  constructor(private readonly source: string) {}

  post(message: FromWorker): void {
    this.port.postMessage(message)
  }

  logger(): Logger {
    const write = (level: LogEntry['level']) => (message: string, fields?: LogFields) => {
      this.post({
        type: 'log',
        entry: { atMs: Date.now(), level, source: this.source, message, fields: fields === undefined ? null : plain(fields) },
      })
    }
    return { debug: () => undefined, info: write('info'), warn: write('warn'), error: write('error') }
  }

  event(event: Partial<EngineEvent> & { readonly type: string }): void {
    this.post({
      type: 'event',
      event: {
        atMs: Date.now(),
        brokerId: null,
        causeBrokerId: null,
        topic: null,
        partition: null,
        count: null,
        detail: null,
        ...event,
      },
    })
  }

  onMessage(handle: (message: ToWorker) => void): void {
    this.port.on('message', (message: ToWorker) => handle(message))
  }

  /** Tells why and ends the thread: the supervisor shows the sentence as the reason. */
  fail(thrown: unknown): void {
    this.post({ type: 'failed', error: toWireError(thrown) })
    endThread(1)
  }

  /** Ends the thread as asked. */
  finish(): void {
    this.post({ type: 'stopped' })
    endThread(0)
  }
}

/** In a later turn, so that what was posted before is still delivered. */
function endThread(code: number): void {
  setImmediate(() => process.exit(code))
}

/** Stands still until the flag falls: sockets stay open in the kernel, and nothing is answered. */
export function freezeUntilResumed(flag: SharedArrayBuffer): void {
  const cell = new Int32Array(flag)
  while (Atomics.load(cell, 0) === 1) Atomics.wait(cell, 0, 1)
}

/** Fields may hold errors and bigints; only plain data crosses to the host. */
function plain(fields: LogFields): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    result[name] = value instanceof Error ? value.message : typeof value === 'bigint' ? String(value) : value
  }
  return result
}
