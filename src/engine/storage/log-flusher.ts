/**
 * Makes a log durable and knows how far it is: the recovery point. Owned by PartitionLog, which tells it of rolls and truncations.
 *
 * The order is the point of this file: bytes, then the indexes of rolled segments, then names in the folder, then producers and leader epochs, and only then the
 * recovery point, which promises that nothing below needs to be read again after a crash. A failed fsync is final: what the system has
 * dropped then cannot be known (Kafka takes the folder offline).
 */
import type { Clock } from '../platform/clock'
import { type Disk, DiskError } from '../platform/disk'
import type { Logger } from '../platform/logger'
import type { LeaderEpochs } from './leader-epochs'
import type { ProducerStateManager } from './producer-state-manager'
import type { LogSegment } from './segment'
import type { SegmentList } from './segment-list'

export interface FlusherOptions {
  readonly disk: Disk
  readonly clock: Clock
  readonly logger: Logger
  readonly directory: string
  readonly segments: SegmentList
  readonly epochs: LeaderEpochs
  readonly producers: ProducerStateManager
  readonly recoveryPoint: number
  /** False for a folder that is new or was not closed cleanly: then its name, the names in it and partition.metadata are synced by the first flush. */
  readonly isFolderDurable: boolean
  readonly persistMetadata: () => void
}

export class LogFlusher {
  #recoveryPoint: number
  #lastFlushMs: number
  #hasUnsyncedNames: boolean
  #isFolderDurable: boolean
  #hasFailed = false
  /** Grows with everything that makes the result of a flush under way meaningless. */
  #generation = 0
  #background: Promise<void> | null = null

  constructor(private readonly options: FlusherOptions) {
    this.#recoveryPoint = options.recoveryPoint
    this.#lastFlushMs = options.clock.monotonicMs()
    this.#isFolderDurable = options.isFolderDurable
    this.#hasUnsyncedNames = !options.isFolderDurable
  }

  get recoveryPoint(): number {
    return this.#recoveryPoint
  }

  get hasFailed(): boolean {
    return this.#hasFailed
  }

  get msSinceFlush(): number {
    return this.options.clock.monotonicMs() - this.#lastFlushMs
  }

  /** Everything below `logEndOffset`, on this thread. Throws DiskError, after a failed fsync always: the next one would say that all is well. */
  flush(logEndOffset: number): void {
    if (this.#hasFailed) throw new DiskError('io', this.options.directory, 'the log is offline since an fsync of it failed')
    if (this.#recoveryPoint >= logEndOffset && !this.#hasUnsyncedNames) return this.options.epochs.persist()
    const { segments } = this.options
    try {
      for (let index = segments.indexFor(this.#recoveryPoint); index < segments.count; index++) {
        const segment = segments.at(index)!
        segment.syncNow()
        this.#persistAborted(segment)
        // The active segment's other indexes are rebuilt after a crash: it holds the recovery point.
        if (segment !== segments.active) segment.persistIndexes(true)
      }
      this.#didSync(logEndOffset)
    } catch (cause) {
      this.#hasFailed = true
      throw cause
    }
  }

  /** The rolled segments, with the fsync of their bytes away from this thread. Never rejects: a failure is logged and stops appends. */
  flushInBackground(): Promise<void> {
    this.#background ??= this.#flushRolled().finally(() => {
      this.#background = null
    })
    return this.#background
  }

  /** A segment was begun, or a snapshot of producers written. */
  didAddName(): void {
    this.#hasUnsyncedNames = true
  }

  /** The log will end at `endOffset`. Answers whether the recovery point had to be lowered for it. */
  willTruncate(endOffset: number): boolean {
    this.#generation++
    this.#hasUnsyncedNames = true
    if (this.#recoveryPoint <= endOffset) return false
    this.#recoveryPoint = endOffset
    return true
  }

  /** No flush under way may touch the log any more. */
  stop(): void {
    this.#generation++
  }

  async #flushRolled(): Promise<void> {
    const { segments, logger, directory } = this.options
    const generation = this.#generation
    try {
      // A roll while one segment is being flushed adds another, so the end is looked up anew each time.
      for (;;) {
        const index = segments.indexFor(this.#recoveryPoint)
        const next = segments.at(index + 1)
        if (!next) return
        const segment = segments.at(index)!
        await segment.sync()
        if (generation !== this.#generation) return
        // Retention, or a client, has dropped it meanwhile: there is nothing left to make durable.
        if (segment.isDeleted) continue
        if (next.baseOffset <= this.#recoveryPoint) continue
        this.#persistAborted(segment)
        segment.persistIndexes(true)
        this.#didSync(next.baseOffset)
      }
    } catch (cause) {
      if (generation !== this.#generation) return
      this.#hasFailed = true
      logger.error('A log could not be flushed and takes no more appends', { directory, cause })
    }
  }

  /** Of the active segment too: the next one may begin at the recovery point, and no recovery would come back to this. Its file may be a new name. */
  #persistAborted({ aborted }: LogSegment): void {
    if (aborted.persist(true)) this.#hasUnsyncedNames = true
  }

  #didSync(offset: number): void {
    const { disk, directory, epochs, producers, clock } = this.options
    if (this.#hasUnsyncedNames) {
      disk.syncDirectory(directory)
      this.#hasUnsyncedNames = false
    }
    if (!this.#isFolderDurable) {
      this.options.persistMetadata()
      disk.syncDirectory(directory.slice(0, directory.lastIndexOf('/')))
      this.#isFolderDurable = true
    }
    producers.persist()
    epochs.persist()
    this.#recoveryPoint = Math.max(this.#recoveryPoint, offset)
    this.#lastFlushMs = clock.monotonicMs()
  }
}
