/**
 * One segment of a log: its `.log` file of record batches, one behind the other as they came over the wire, with its two indexes.
 *
 *     00000000000000001042.log          batches (DefaultRecordBatch.java), offsets 1042 and on
 *     00000000000000001042.index        see offset-index.ts
 *     00000000000000001042.timeindex    see time-index.ts
 *     00000000000000001042.txnindex     see txn-index.ts, where a transaction was aborted
 *
 * PartitionLog owns its segments and is the only caller; it decides what is appended, when to roll and what to cut. File and indexes are opened
 * on use and may be released at any time (open-segments.ts). A failed append leaves the segment as it was. It never validates records.
 */
import { assert } from '../../shared/lang/assert'
import type { Clock } from '../platform/clock'
import { type Disk, DiskError, type DiskFile } from '../platform/disk'
import { baseOffsetAt, batchSizeAt, lastOffsetAt, maxTimestampAt } from './batch-fields'
import { type BatchPlace, toBatchPlace } from './batch-place'
import { type SegmentSuffix, segmentFileName, segmentSuffixes } from './file-names'
import { type HeaderVisitor, readFully, scanHeaders } from './header-scan'
import type { OffsetIndex } from './offset-index'
import type { OpenSegments, Releasable } from './open-segments'
import { SegmentIndexes } from './segment-indexes'
import { TailPositions } from './tail-positions'
import { type AbortedTransaction, TxnIndex } from './txn-index'

export interface SegmentContext {
  readonly disk: Disk
  readonly clock: Clock
  readonly openSegments: OpenSegments
  readonly directory: string
  indexIntervalBytes(): number
}

export class LogSegment implements Releasable {
  lastUse = 0
  /** Grows whenever bytes that a slice may name are gone. */
  truncationCount = 0
  readonly createdMs: number
  /** The transactions that markers in this segment have aborted. */
  readonly aborted: TxnIndex
  #file: DiskFile | null = null
  #indexes: SegmentIndexes | null = null
  readonly #tail = new TailPositions()
  #bytesSinceIndexEntry = 0
  /** The largest timestamp and the last offset of the first batch that has it; null until known. */
  #largestTimestamp: { timestamp: number; offset: number } | null = null
  #firstTimestamp: number | null = null
  /** Whether the index files hold, synced, what the indexes hold; those of a segment that was loaded do. */
  #areIndexesDurable = true
  #mayBeTorn = false
  /** Made by this process where nothing stood, and never written: whether its files survive a crash makes no difference. */
  #isPristine = false
  #isDeleted = false

  private constructor(
    private readonly context: SegmentContext,
    readonly baseOffset: number,
    private size: number,
  ) {
    this.createdMs = context.clock.nowMs()
    this.aborted = new TxnIndex(context.disk, this.pathOf('.txnindex'), baseOffset)
  }

  /** A new and empty segment, with its files; whatever stood in them is gone. */
  static create(context: SegmentContext, baseOffset: number): LogSegment {
    const segment = new LogSegment(context, baseOffset, 0)
    const file = segment.#open('create')
    segment.#isPristine = file.size() === 0
    if (file.size() > 0) file.truncate(0)
    segment.resetIndexes()
    segment.persistIndexes(false)
    return segment
  }

  /** A segment that is there. Reads nothing but its size. */
  static load(context: SegmentContext, baseOffset: number): LogSegment {
    const segment = new LogSegment(context, baseOffset, 0)
    segment.size = segment.#open('write').size()
    return segment
  }

  get sizeInBytes(): number {
    return this.size
  }

  get isPristine(): boolean {
    return this.#isPristine
  }

  pathOf(suffix: SegmentSuffix): string {
    return `${this.context.directory}/${segmentFileName(this.baseOffset, suffix)}`
  }

  canHold(offset: number): boolean {
    return offset - this.baseOffset <= 0x7fffffff
  }

  isIndexFull(segmentIndexBytes: number): boolean {
    return this.#loadedIndexes().isFull(segmentIndexBytes)
  }

  /** Writes whole batches, with their offsets, to the end. Throws DiskError with the segment as it was. */
  append(records: Uint8Array): void {
    const file = this.#open('write')
    this.#isPristine = false
    if (this.#mayBeTorn) this.#repairTorn(file)
    const indexes = this.#loadedIndexes()
    // A marker among the records may have something to add, and it must not fail then.
    this.aborted.load()
    const largest = this.largestTimestamp
    try {
      file.write(records, this.size)
    } catch (cause) {
      this.#mayBeTorn = true
      this.#tryRepairTorn(file)
      throw cause
    }
    const start = this.size
    this.size += records.byteLength
    for (let at = 0; at < records.byteLength; at += batchSizeAt(records, at))
      this.#noteBatch(indexes, largest, records, at, start + at)
  }

  /** Index entries and figures for a batch at `position`: the rules of LogSegment.append in Kafka. Recovery replays it. */
  noteBatch(bytes: Uint8Array, at: number, position: number): void {
    this.#noteBatch(this.#loadedIndexes(), this.largestTimestamp, bytes, at, position)
  }

  #noteBatch(
    indexes: SegmentIndexes,
    largest: { timestamp: number; offset: number },
    bytes: Uint8Array,
    at: number,
    position: number,
  ) {
    const lastOffset = lastOffsetAt(bytes, at)
    const maxTimestamp = maxTimestampAt(bytes, at)
    this.#areIndexesDurable = false
    if (position === 0) this.#firstTimestamp = maxTimestamp
    if (maxTimestamp > largest.timestamp) {
      largest.timestamp = maxTimestamp
      largest.offset = lastOffset
    }
    if (this.#bytesSinceIndexEntry > this.context.indexIntervalBytes()) {
      indexes.offset.append(lastOffset - this.baseOffset, position)
      indexes.time.maybeAppend(largest.timestamp, largest.offset - this.baseOffset)
      this.#bytesSinceIndexEntry = 0
    }
    this.#bytesSinceIndexEntry += batchSizeAt(bytes, at)
    this.#tail.push(baseOffsetAt(bytes, at), lastOffset, position)
  }

  /** The first batch that ends at or behind `offset`, or null. Throws DiskError where the file is not a run of batches. */
  locate(offset: number): BatchPlace | null {
    const tailIndex = this.#tail.find(offset)
    if (tailIndex >= 0) return this.#placeInTail(tailIndex)
    let place: BatchPlace | null = null
    this.#scanFromIndexOrThrow(
      (indexes) => indexes.offset.slotForOffset(offset - this.baseOffset),
      (bytes, at, position, batchSize) => {
        if (lastOffsetAt(bytes, at) < offset) return false
        place = toBatchPlace(bytes, at, position, batchSize)
        return true
      },
    )
    return place
  }

  /** The last batch boundary at or below `limit`, searched from the boundary `from`; with the first offset behind it. */
  boundaryBefore(limit: number, from: BatchPlace): { position: number; nextOffset: number } {
    let boundary = { position: from.position, nextOffset: from.baseOffset }
    const slotForLimit = (indexes: SegmentIndexes): number => {
      const slot = indexes.offset.slotForPosition(limit)
      return slot >= 0 && indexes.offset.position(slot) > from.position ? slot : -1
    }
    this.#scanFromIndexOrThrow(
      slotForLimit,
      (bytes, at, position, batchSize) => {
        boundary = { position, nextOffset: baseOffsetAt(bytes, at) }
        if (position + batchSize > limit) return true
        boundary = { position: position + batchSize, nextOffset: lastOffsetAt(bytes, at) + 1 }
        return false
      },
      from.position,
    )
    return boundary
  }

  /** The first batch at or behind position `from` whose largest timestamp reaches `timestampMs`. */
  locateTimestamp(timestampMs: number, minOffset: number, from: number | null): BatchPlace | null {
    let place: BatchPlace | null = null
    const visit: HeaderVisitor = (bytes, at, position, batchSize) => {
      if (maxTimestampAt(bytes, at) < timestampMs || lastOffsetAt(bytes, at) < minOffset) return false
      place = toBatchPlace(bytes, at, position, batchSize)
      return true
    }
    const slotForTimestamp = ({ time, offset }: SegmentIndexes): number => {
      const slot = time.slotForTimestamp(timestampMs)
      return offset.slotForOffset(Math.max(slot < 0 ? 0 : time.relativeOffset(slot), minOffset - this.baseOffset))
    }
    if (from === null) this.#scanFromIndexOrThrow(slotForTimestamp, visit)
    else this.#scanOrThrow(from, visit)
    return place
  }

  /** The offset behind the last batch; finds out from the file, so only for a segment that was just loaded. 'damaged': needs recovery. */
  findNextOffset(): number | 'damaged' {
    let nextOffset = this.baseOffset
    const { offset } = this.#loadedIndexes()
    const from = offset.count === 0 ? 0 : offset.position(offset.count - 1)
    const outcome = scanHeaders(this.#open('write'), from, this.size, (bytes, at) => {
      if (baseOffsetAt(bytes, at) < nextOffset) return true
      nextOffset = lastOffsetAt(bytes, at) + 1
      return false
    })
    return outcome !== 'end' || nextOffset < this.baseOffset || !this.canHold(nextOffset - 1) ? 'damaged' : nextOffset
  }

  /** An offset about `bytes` before `offset` in the file, or the first: where to begin to look, by the index alone. */
  offsetBefore(offset: number, bytes: number): number {
    const { offset: index } = this.#loadedIndexes()
    const slot = index.slotForOffset(offset - this.baseOffset)
    const start = slot < 0 ? -1 : index.slotForPosition(index.position(slot) - bytes)
    return this.baseOffset + (start < 0 ? 0 : index.relativeOffset(start))
  }

  /** The headers of batches that end at or behind `offset`; 'damaged' as for forEachHeader. */
  forEachHeaderFrom(offset: number, visit: HeaderVisitor): 'stopped' | 'end' | 'damaged' {
    if (offset <= this.baseOffset) return this.forEachHeader(visit)
    return this.#scanFromIndex(
      (indexes) => indexes.offset.slotForOffset(offset - this.baseOffset),
      (bytes, at, position, batchSize) => lastOffsetAt(bytes, at) >= offset && visit(bytes, at, position, batchSize),
    )
  }

  forEachHeader(visit: HeaderVisitor): 'stopped' | 'end' | 'damaged' {
    return scanHeaders(this.#open('write'), 0, this.size, visit)
  }

  /** See TxnIndex.collect. */
  collectAborted(fromOffset: number, toOffset: number, found: AbortedTransaction[]): boolean {
    // Opened, so that it is released with what it has loaded.
    this.#open('write')
    return this.aborted.collect(fromOffset, toOffset, found)
  }

  /** One whole batch, in a buffer of its own. */
  readBatch(place: BatchPlace): Uint8Array {
    const batch = new Uint8Array(place.sizeInBytes)
    const count = this.readAt(batch, batch.byteLength, place.position)
    if (count < batch.byteLength) throw new DiskError('io', this.pathOf('.log'), 'the segment file is shorter than the log knows')
    return batch
  }

  /** Reads up to `length` bytes below the segment's end; answers how many. */
  readAt(target: Uint8Array, length: number, position: number): number {
    return readFully(this.#open('write'), target, Math.min(length, this.size - position), position)
  }

  /** Timestamp -1: no batch has one. The object is the segment's own and goes on changing. */
  get largestTimestamp(): { timestamp: number; offset: number } {
    if (this.#largestTimestamp === null) {
      const { time } = this.#loadedIndexes()
      this.#largestTimestamp = { timestamp: time.lastTimestamp, offset: this.baseOffset + time.lastRelativeOffset }
    }
    return this.#largestTimestamp
  }

  /** How long the segment has waited for its roll when a batch of `timestampMs` comes: by the batches' own clock where they have one. */
  waitedForRollMs(timestampMs: number): number {
    if (this.#firstTimestamp === null && this.size > 0) {
      this.forEachHeader((bytes, at) => {
        this.#firstTimestamp = maxTimestampAt(bytes, at)
        return true
      })
    }
    if (this.#firstTimestamp !== null && this.#firstTimestamp >= 0) return timestampMs - this.#firstTimestamp
    return this.context.clock.nowMs() - this.createdMs
  }

  /** Another segment takes the appends, or the log closes: the largest timestamp must stand in the time index, retention reads it there. */
  completeTimeIndex(): void {
    const { timestamp, offset } = this.largestTimestamp
    const { time } = this.#loadedIndexes()
    if (timestamp <= time.lastTimestamp) return
    time.maybeAppend(timestamp, offset - this.baseOffset)
    this.#areIndexesDurable = false
  }

  persistIndexes(isDurable: boolean): void {
    this.aborted.persist(isDurable)
    if (this.#areIndexesDurable) return
    this.#loadedIndexes().persist(this.context.disk, this.pathOf('.index'), this.pathOf('.timeindex'), isDurable)
    this.#areIndexesDurable = isDurable
  }

  syncNow(): void {
    this.#open('write').syncNow()
  }

  sync(): Promise<void> {
    return this.#open('write').sync()
  }

  /** Cuts the file at a batch boundary and forgets index entries of `offset` and above, which stood there. */
  truncate(position: number, offset: number): void {
    this.truncationCount++
    this.#isPristine = false
    const file = this.#open('write')
    file.truncate(position)
    this.size = position
    this.#mayBeTorn = false
    const indexes = this.#loadedIndexes()
    indexes.truncateTo(offset - this.baseOffset)
    this.aborted.truncateTo(offset)
    this.#areIndexesDurable = false
    this.#bytesSinceIndexEntry = 0
    this.#tail.clear()
    if (position === 0) this.#firstTimestamp = null
    this.#findLargestTimestamp(indexes)
    this.persistIndexes(false)
  }

  /** Empty indexes and figures, for recovery to fill again with noteBatch. */
  resetIndexes(): void {
    this.aborted.reset()
    this.#resetPositions()
  }

  #resetPositions(): void {
    this.#indexes = SegmentIndexes.empty()
    this.#areIndexesDurable = false
    this.#largestTimestamp = { timestamp: -1, offset: this.baseOffset }
    this.#firstTimestamp = null
    this.#bytesSinceIndexEntry = 0
    this.#tail.clear()
  }

  release(): void {
    this.aborted.persist(false)
    if (this.#indexes && !this.#indexes.isPersisted) this.persistIndexes(false)
    this.closeHandles()
  }

  /** Closes without writing anything: for a log that is deleted, or whose broker has gone. */
  closeHandles(): void {
    this.#indexes = null
    this.aborted.unload()
    this.#file?.close()
    this.#file = null
    this.context.openSegments.onDidClose(this)
  }

  get isDeleted(): boolean {
    return this.#isDeleted
  }

  /** Removes the files. Slices of it read as empty from now on. */
  delete(): void {
    this.truncationCount++
    this.#isDeleted = true
    this.closeHandles()
    for (const suffix of segmentSuffixes) this.context.disk.removeFile(this.pathOf(suffix))
  }

  #open(mode: 'write' | 'create'): DiskFile {
    this.lastUse = this.context.openSegments.tick()
    if (this.#file) return this.#file
    assert(!this.#isDeleted, 'a deleted segment is not opened again')
    this.#file = this.context.disk.open(this.pathOf('.log'), mode)
    this.context.openSegments.onDidOpen(this)
    return this.#file
  }

  #loadedIndexes(): SegmentIndexes {
    if (this.#indexes) return this.#indexes
    this.#open('write')
    this.#indexes = SegmentIndexes.read(this.context.disk, this.pathOf('.index'), this.pathOf('.timeindex'), this.size)
    return this.#indexes ?? this.#rebuildIndexes()
  }

  /** From the headers in the file: for an index that is missing or was caught pointing at something that is not its batch. */
  #rebuildIndexes(): SegmentIndexes {
    this.#resetPositions()
    this.forEachHeader((bytes, at, position) => {
      if (lastOffsetAt(bytes, at) < this.baseOffset || !this.canHold(lastOffsetAt(bytes, at))) return true
      this.noteBatch(bytes, at, position)
      return false
    })
    this.completeTimeIndex()
    return this.#indexes!
  }

  /**
   * Scans from the place that an index slot names (-1: from `fallback`). An index has no checksum, so the first batch found must be the
   * one that the entry describes; otherwise the index is rebuilt and asked again, once.
   */
  #scanFromIndex(slotOf: (indexes: SegmentIndexes) => number, visit: HeaderVisitor, fallback = 0): 'stopped' | 'end' | 'damaged' {
    const { offset: index } = this.#loadedIndexes()
    const slot = slotOf(this.#loadedIndexes())
    if (slot < 0) return scanHeaders(this.#open('write'), fallback, this.size, visit)
    let isTrue: boolean | null = null
    const outcome = scanHeaders(this.#open('write'), index.position(slot), this.size, (bytes, at, position, batchSize) => {
      isTrue ??= this.#isBatchOfSlot(index, slot, bytes, at)
      return !isTrue || visit(bytes, at, position, batchSize)
    })
    if (isTrue === true) return outcome
    const newSlot = slotOf(this.#rebuildIndexes())
    const from = newSlot < 0 ? fallback : this.#loadedIndexes().offset.position(newSlot)
    return scanHeaders(this.#open('write'), from, this.size, visit)
  }

  #scanFromIndexOrThrow(slotOf: (indexes: SegmentIndexes) => number, visit: HeaderVisitor, fallback = 0): void {
    if (this.#scanFromIndex(slotOf, visit, fallback) === 'damaged') throw this.#damaged()
  }

  /** Kafka indexes a whole append under its last offset, so the first batch there may end before the entry's offset, never behind it. */
  #isBatchOfSlot(index: OffsetIndex, slot: number, bytes: Uint8Array, at: number): boolean {
    const base = baseOffsetAt(bytes, at) - this.baseOffset
    const last = lastOffsetAt(bytes, at) - this.baseOffset
    return base > (slot === 0 ? -1 : index.relativeOffset(slot - 1)) && last >= base && last <= index.relativeOffset(slot)
  }

  #scanOrThrow(from: number, visit: HeaderVisitor): void {
    if (scanHeaders(this.#open('write'), from, this.size, visit) === 'damaged') throw this.#damaged()
  }

  #damaged(): DiskError {
    return new DiskError('io', this.pathOf('.log'), 'the segment holds bytes that are no record batch')
  }

  #placeInTail(index: number): BatchPlace {
    const position = this.#tail.position(index)
    const end = index + 1 < this.#tail.count ? this.#tail.position(index + 1) : this.size
    const baseOffset = this.#tail.baseOffset(index)
    return { position, sizeInBytes: end - position, baseOffset, lastOffset: this.#tail.lastOffset(index) }
  }

  #findLargestTimestamp(indexes: SegmentIndexes): void {
    const largest = { timestamp: indexes.time.lastTimestamp, offset: this.baseOffset + indexes.time.lastRelativeOffset }
    const slot = indexes.offset.slotForOffset(indexes.time.lastRelativeOffset)
    scanHeaders(this.#open('write'), slot < 0 ? 0 : indexes.offset.position(slot), this.size, (bytes, at) => {
      const timestamp = maxTimestampAt(bytes, at)
      if (timestamp > largest.timestamp) {
        largest.timestamp = timestamp
        largest.offset = lastOffsetAt(bytes, at)
      }
      return false
    })
    this.#largestTimestamp = largest
  }

  #repairTorn(file: DiskFile): void {
    file.truncate(this.size)
    this.#mayBeTorn = false
  }

  #tryRepairTorn(file: DiskFile): void {
    try {
      this.#repairTorn(file)
    } catch {
      // Still marked as torn: the next append tries again before it writes, and recovery would cut the rest.
    }
  }
}
