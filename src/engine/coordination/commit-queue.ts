/**
 * Group commit: everything that requests of one turn of the event loop changed is written with one write and made durable with one fdatasync,
 * and only then is anything sent, events and reads included, since a read may have seen what is not durable yet. While one batch is being synced
 * the next one gathers. Owned by the server.
 */
import type { Clock } from '../platform/clock'

/** A connection with packets to send. */
export interface BatchedOutput {
  /** Sets aside what has been written so far, to be sent by sendSealed; what follows belongs to the next batch. */
  seal(): void
  sendSealed(): void
}

export interface CommitQueueOptions {
  readonly clock: Clock
  /** One write of all new transactions; answers whether there were any. */
  writeOut(): boolean
  sync(): Promise<void>
  /** false: nothing waits for the disk, as after a crash of the machine, not of the process, changes may be lost. */
  readonly syncWrites: boolean
  onDidCommit(): void
  /** The disk refused: nothing more is sent. */
  onFailure(error: unknown): void
}

export class CommitQueue {
  private waiting = new Set<BatchedOutput>()
  private isScheduled = false
  private isDue = false
  private isSyncing = false
  private isStopped = false
  private syncing: Promise<void> = Promise.resolve()

  constructor(private readonly options: CommitQueueOptions) {}

  /** `output` has something to send when all changes up to now are durable. */
  add(output: BatchedOutput): void {
    this.waiting.add(output)
    this.schedule()
  }

  /** There is a transaction that nobody is answered for: it is written and synced all the same. */
  schedule(): void {
    if (this.isScheduled || this.isStopped) return
    this.isDue = true
    if (this.isSyncing) return
    this.isScheduled = true
    this.options.clock.defer(() => {
      this.isScheduled = false
      this.commit()
    })
  }

  /** A connection that has gone is sent nothing more. */
  forget(output: BatchedOutput): void {
    this.waiting.delete(output)
  }

  /** Sends nothing more. Settles when the disk has finished with the batch that it may be syncing, so that the file can be closed. */
  stop(): Promise<void> {
    this.isStopped = true
    this.waiting.clear()
    return this.syncing
  }

  private commit(): void {
    if (this.isStopped || this.isSyncing) return
    const batch = this.waiting
    this.waiting = new Set()
    this.isDue = false
    let hasWritten: boolean
    try {
      hasWritten = this.options.writeOut()
    } catch (error) {
      return this.fail(error)
    }
    for (const output of batch) output.seal()
    if (!hasWritten || !this.options.syncWrites) return this.finish(batch)
    this.isSyncing = true
    this.syncing = this.options.sync().then(
      () => {
        this.isSyncing = false
        this.finish(batch)
      },
      (error: unknown) => this.fail(error),
    )
  }

  private finish(batch: ReadonlySet<BatchedOutput>): void {
    if (this.isStopped) return
    for (const output of batch) output.sendSealed()
    try {
      this.options.onDidCommit()
    } catch (error) {
      return this.fail(error)
    }
    // What came in during the sync has waited long enough: it is the next batch at once.
    if (this.isDue) this.commit()
  }

  private fail(error: unknown): void {
    if (this.isStopped) return
    void this.stop()
    this.options.onFailure(error)
  }
}
