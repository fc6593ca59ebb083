/**
 * The producer state of one log, in memory and in its `.snapshot` files (ProducerStateManager.java, UnifiedLog.rebuildProducerState). Owned by
 * PartitionLog, which tells of rolls, truncations and its close; the rules are in producer-state.ts, the format in producer-snapshot-file.ts.
 *
 * A snapshot at offset n holds the state that the batches below n made. One is written with every segment that is begun and when the log is closed; a
 * start reads the newest good one and then the headers of the batches from n on. So a snapshot must never outlive the batches that it was made of:
 * those above the log's end are removed when a log is opened and when it is cut, and the removal is durable before anything is appended.
 *
 * How a transaction ended stands in its marker's record, not in the batch's header; control batches are the only ones that are read further. Where
 * recovery has emptied the indexes of aborted transactions, the reading fills them again, and so begins no later than at the first segment of them.
 */
import type { Disk } from '../platform/disk'
import type { Logger } from '../platform/logger'
import { endTxnMarkerBytesMax, readEndTxnMarker } from '../wire/records'
import { attributesAt, baseOffsetAt, hasProducerIdAt, isControl, maxTimestampAt } from './batch-fields'
import { parseSegmentFileName, segmentFileName } from './file-names'
import { encodeProducerSnapshot, parseProducerSnapshot } from './producer-snapshot-file'
import { ProducerState } from './producer-state'
import type { LogSegment } from './segment'

/** One a thread: what is read here is used at once. */
const markerScratch = Buffer.allocUnsafeSlow(endTxnMarkerBytesMax)

/** How far before a snapshot the batches are looked for that it does not tell of. */
const recallBytes = 1024 * 1024

export interface ProducerStateOptions {
  readonly disk: Disk
  readonly logger: Logger
  readonly directory: string
}

export class ProducerStateManager {
  readonly state = new ProducerState()
  /** Where the newest snapshot stands; a second one there would say the same. */
  #lastSnapshotOffset = 0
  #unsyncedPath: string | null = null

  private constructor(private readonly options: ProducerStateOptions) {}

  /**
   * For a log that was just opened, and recovered if need be. Damaged files are dropped with a warning; throws DiskError where the disk fails.
   * `indexFrom`: the base offset of the first segment whose index of aborted transactions is empty and must not stay so.
   */
  static load(
    options: ProducerStateOptions,
    segments: Iterable<LogSegment>,
    logStartOffset: number,
    logEndOffset: number,
    indexFrom = Number.POSITIVE_INFINITY,
  ): ProducerStateManager {
    const manager = new ProducerStateManager(options)
    manager.#removeStrays(new Set(Array.from(segments, (segment) => segment.baseOffset)), logStartOffset, logEndOffset)
    manager.#rebuild(segments, logStartOffset, logEndOffset, indexFrom)
    return manager
  }

  /**
   * Writes the state as of `offset`, where the log ends; durable after {@link persist}. False where there is one already. Throws DiskError, with no
   * file left.
   */
  takeSnapshot(offset: number): boolean {
    if (offset <= this.#lastSnapshotOffset) return false
    const { disk } = this.options
    const path = this.#pathOf(offset)
    // Never over older contents: a torn write would leave a mixture.
    disk.removeFile(path)
    const file = disk.open(path, 'create')
    try {
      file.write(encodeProducerSnapshot(this.state.entries, this.state.size), 0)
    } catch (cause) {
      this.#tryRemove(path)
      throw cause
    } finally {
      file.close()
    }
    this.#lastSnapshotOffset = offset
    this.#unsyncedPath = path
    return true
  }

  /** The batch at `records[at]` was appended to `segment`. */
  note(segment: LogSegment, records: Uint8Array, at: number, nowMs: number): void {
    if (!hasProducerIdAt(records, at)) return
    if (isControl(attributesAt(records, at))) this.#noteMarker(segment, records, at, nowMs)
    else this.state.update(records, at, nowMs)
  }

  #noteMarker(segment: LogSegment | null, records: Uint8Array, at: number, nowMs: number): void {
    const marker = readEndTxnMarker(records, at)
    const ended = marker === null ? null : this.state.endTransaction(records, at, marker, nowMs)
    if (ended?.isAborted === true) segment?.aborted.append(ended)
  }

  /** Makes the newest snapshot durable; its name becomes so with the folder. */
  persist(): void {
    const path = this.#unsyncedPath
    this.#unsyncedPath = null
    const { disk } = this.options
    // Retention, or a truncation, may have removed it.
    if (path === null || !disk.exists(path)) return
    const file = disk.open(path, 'write')
    try {
      file.syncNow()
    } finally {
      file.close()
    }
  }

  /** The log was cut and ends at `logEndOffset`. The caller syncs the folder before anything is appended. */
  truncateTo(segments: Iterable<LogSegment>, logStartOffset: number, logEndOffset: number): void {
    this.#lastSnapshotOffset = logStartOffset
    for (const offset of this.#snapshotOffsets()) {
      // Between one below the log's start and that start a batch may be gone: filled up with what is left it would be the state of no moment.
      if (offset > logEndOffset || offset <= logStartOffset) this.#remove(offset)
      else this.#lastSnapshotOffset = offset
    }
    if (!this.state.truncateTo(logEndOffset)) this.#rebuild(segments, logStartOffset, logEndOffset)
  }

  /** The log was emptied and goes on at `offset`. The caller syncs the folder before anything is appended. */
  truncateFullyAndStartAt(offset: number): void {
    for (const snapshot of this.#snapshotOffsets()) this.#remove(snapshot)
    this.state.clear()
    this.#lastSnapshotOffset = offset
  }

  /** From the newest good snapshot at or below `logEndOffset` and `indexFrom`, and the headers of what was appended since. */
  #rebuild(
    segments: Iterable<LogSegment>,
    logStartOffset: number,
    logEndOffset: number,
    indexFrom = Number.POSITIVE_INFINITY,
  ): void {
    this.state.clear()
    const all = [...segments]
    const from = this.#readNewestSnapshot(indexFrom) ?? logStartOffset
    this.#lastSnapshotOffset = this.#snapshotOffsets().at(-1) ?? from
    if (this.state.size > 0) this.#recallBefore(from, all, logStartOffset)
    if (from >= logEndOffset) return
    for (const [index, segment] of all.entries()) {
      const next = all[index + 1]
      if (next !== undefined && next.baseOffset <= from) continue
      const outcome = segment.forEachHeaderFrom(from, (bytes, at, position, batchSize) => {
        if (baseOffsetAt(bytes, at) >= logEndOffset) return true
        if (!hasProducerIdAt(bytes, at)) return false
        if (!isControl(attributesAt(bytes, at))) this.state.update(bytes, at, maxTimestampAt(bytes, at))
        else this.#replayMarker(segment, position, batchSize, segment.baseOffset >= indexFrom)
        return false
      })
      if (outcome !== 'damaged') continue
      const { directory, logger } = this.options
      logger.warn('Producers of a damaged segment are known in part only', { directory, segment: segment.baseOffset })
    }
  }

  /** The control batch at `position` of the segment's file, whose header is all that the scan has for certain. */
  #replayMarker(segment: LogSegment, position: number, batchSize: number, isIndexed: boolean): void {
    const length = segment.readAt(markerScratch, Math.min(batchSize, endTxnMarkerBytesMax), position)
    const batch = markerScratch.subarray(0, length)
    this.#noteMarker(isIndexed ? segment : null, batch, 0, maxTimestampAt(batch, 0))
  }

  /**
   * A snapshot tells of the last batch of each producer only. Of those before it the answer may still be on its way when a broker stops, and a producer
   * that sends several at a time sends all of them again: they are looked up in the log as far as it can be read quickly. (Kafka refuses them as out of
   * order, and producers then fail or begin a new epoch and write them twice.)
   */
  #recallBefore(offset: number, segments: readonly LogSegment[], logStartOffset: number): void {
    const last = segments.findLastIndex((segment) => segment.baseOffset < offset)
    let first = Math.max(0, last)
    for (let bytes = 0; first > 0 && bytes < recallBytes; first--) bytes += segments[first]!.sizeInBytes
    const found = new ProducerState()
    for (const [index, segment] of segments.slice(0, last + 1).entries()) {
      if (index < first) continue
      const end = segments[index + 1]?.baseOffset ?? offset
      const from = Math.max(logStartOffset, index === first ? segment.offsetBefore(Math.min(end, offset), recallBytes) : 0)
      segment.forEachHeaderFrom(from, (bytes, at) => {
        if (baseOffsetAt(bytes, at) >= offset) return true
        found.update(bytes, at, 0)
        return false
      })
    }
    for (const { producerId, epoch, batches } of this.state.entries) {
      const [known] = batches
      const entry = found.get(producerId)
      const same = entry?.epoch === epoch ? entry.batches.at(-1) : undefined
      const isSame = same?.lastOffset === known?.lastOffset && same?.lastSequence === known?.lastSequence
      if (same !== undefined && isSame) batches.unshift(...entry!.batches.slice(0, -1))
    }
  }

  /** Answers the offset of the newest one up to `maxOffset` that can be read, with its producers taken over; null where there is none. */
  #readNewestSnapshot(maxOffset: number): number | null {
    const { disk, directory, logger } = this.options
    let isAnyRemoved = false
    let found: number | null = null
    for (const offset of this.#snapshotOffsets().reverse()) {
      if (offset > maxOffset) continue
      const bytes = disk.readFile(this.#pathOf(offset))
      if (bytes === null) continue
      const parsed = parseProducerSnapshot(bytes, offset)
      if (parsed.ok) {
        this.state.restore(parsed.value, offset)
        found = offset
        break
      }
      logger.warn('A snapshot of producers cannot be used and is removed', { directory, offset, reason: parsed.error })
      this.#remove(offset)
      isAnyRemoved = true
    }
    if (isAnyRemoved) disk.syncDirectory(directory)
    return found
  }

  /**
   * Removes snapshots that stand above the log's end, or at or below its start, and those of no segment, except for the newest, which a clean close
   * leaves (ProducerStateManager.removeStraySnapshots, truncateAndReload).
   */
  #removeStrays(baseOffsets: ReadonlySet<number>, logStartOffset: number, logEndOffset: number): void {
    const offsets = this.#snapshotOffsets()
    const inRange = offsets.filter((offset) => offset > logStartOffset && offset <= logEndOffset)
    const kept = new Set(inRange.filter((offset, index) => index === inRange.length - 1 || baseOffsets.has(offset)))
    const removed = offsets.filter((offset) => !kept.has(offset))
    for (const offset of removed) this.#remove(offset)
    if (removed.length > 0) this.options.disk.syncDirectory(this.options.directory)
  }

  /** From the lowest on. */
  #snapshotOffsets(): number[] {
    const offsets: number[] = []
    for (const { name } of this.options.disk.list(this.options.directory)) {
      const parsed = parseSegmentFileName(name)
      if (parsed?.suffix === '.snapshot') offsets.push(parsed.baseOffset)
    }
    return offsets
  }

  #remove(offset: number): void {
    this.options.disk.removeFile(this.#pathOf(offset))
  }

  #tryRemove(path: string): void {
    try {
      this.options.disk.removeFile(path)
    } catch {
      // What is left of it does not match its CRC.
    }
  }

  #pathOf(offset: number): string {
    return `${this.options.directory}/${segmentFileName(offset, '.snapshot')}`
  }
}
