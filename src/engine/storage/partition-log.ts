/**
 * The log of one partition replica: record batches by offset, in segments on disk, in Kafka's format (UnifiedLog, LocalLog).
 *
 * Owned by LogManager; the replica manager appends, reads and truncates. Everything is synchronous but the background flush. It knows no
 * high watermark and no roles: what may be read or truncated is the caller's decision. A failed write throws DiskError and leaves the log as
 * it was; a failed fsync makes it refuse appends from then on, because what the system has dropped cannot be known (Kafka takes the folder offline).
 *
 * Invariants: logStartOffset <= logEndOffset; recoveryPoint <= logEndOffset; all offsets below recoveryPoint survive a crash of the machine.
 */
import { assert } from '../../shared/lang/assert'
import { err, ok, type Result } from '../../shared/lang/result'
import type { Clock } from '../platform/clock'
import { type Disk, DiskError } from '../platform/disk'
import { assignOffsets } from './batch-assignment'
import { baseOffsetAt, batchSizeAt, leaderEpochAt, recordCountAt } from './batch-fields'
import { type AppendError, type AppendOrigin, validateRecords } from './batch-validation'
import { checkFollowerRecords } from './follower-records'
import type { EpochEndOffset, EpochEntry, LeaderEpochs } from './leader-epochs'
import type { LogConfig } from './log-config'
import { LogFlusher } from './log-flusher'
import { type LoadedLog, loadLog, type RecoveryReport } from './log-loading'
import type { AppendInfo, PartitionLogOptions } from './log-options'
import { collectAborted, findMaxTimestamp, findTimestamp, type ReadOptions, readSlice, type TimestampOffset } from './log-reader'
import type { LogSlice } from './log-slice'
import { OpenSegments } from './open-segments'
import { removePartitionDirectory } from './partition-directory'
import { draftPartitionMetadata, readPartitionMetadata, writePartitionMetadata } from './partition-metadata'
import { answerFromProducers } from './producer-answers'
import type { ProducerEntry } from './producer-state'
import type { ProducerStateManager } from './producer-state-manager'
import { inCompressionOf } from './recompression'
import { describeSegments, expiredSegmentCount, type RetentionLimits } from './retention'
import { mustRoll, type RecordsToAppend } from './roll-rule'
import { LogSegment, type SegmentContext } from './segment'
import type { SegmentList } from './segment-list'
import type { VerificationGuard } from './transaction-verifications'
import type { AbortedTransaction } from './txn-index'

export class PartitionLog {
  readonly topic: string
  readonly partition: number
  readonly directory: string
  /** What recovery had to cut when the log was opened, or null. */
  readonly recoveryReport: RecoveryReport | null
  readonly #disk: Disk
  readonly #clock: Clock
  readonly #context: SegmentContext
  readonly #onDidLowerRecoveryPoint: () => void
  readonly #onDidRoll: (baseOffset: number) => void
  readonly #segments: SegmentList
  readonly #epochs: LeaderEpochs
  readonly #producers: ProducerStateManager
  #topicId: string | null
  #config: LogConfig
  #logStartOffset: number
  #logEndOffset: number
  readonly #flusher: LogFlusher
  #isClosed = false

  static open(options: PartitionLogOptions): PartitionLog {
    const { disk, directory } = options
    const isNew = !disk.exists(directory)
    if (isNew) disk.makeDirectory(directory)
    const openSegments = options.openSegments ?? new OpenSegments(options.logger)
    const log: { current: PartitionLog | null } = { current: null }
    const context: SegmentContext = {
      disk,
      clock: options.clock,
      directory,
      openSegments,
      indexIntervalBytes: () => log.current?.config.indexIntervalBytes ?? options.config.indexIntervalBytes,
    }
    log.current = new PartitionLog(options, context, loadLog({ ...options, context }), isNew)
    return log.current
  }

  private constructor(options: PartitionLogOptions, context: SegmentContext, loaded: LoadedLog, isNew: boolean) {
    this.topic = options.topic
    this.partition = options.partition
    this.directory = options.directory
    this.recoveryReport = loaded.recovery
    this.#disk = options.disk
    this.#clock = options.clock
    this.#context = context
    this.#onDidLowerRecoveryPoint = options.onDidLowerRecoveryPoint ?? (() => undefined)
    this.#onDidRoll = options.onDidRoll ?? (() => undefined)
    this.#segments = loaded.segments
    this.#epochs = loaded.epochs
    this.#producers = loaded.producers
    this.#config = options.config
    this.#logStartOffset = loaded.logStartOffset
    this.#logEndOffset = loaded.logEndOffset
    const recoveryPoint = options.wasCleanShutdown ? loaded.logEndOffset : Math.min(options.recoveryPoint, loaded.logEndOffset)
    const { disk, clock, logger, directory } = options
    const { segments, epochs, producers } = loaded
    const isFolderDurable = options.wasCleanShutdown && !isNew
    const persistMetadata = () => this.#topicId !== null && writePartitionMetadata(disk, directory, this.#topicId)
    this.#flusher = new LogFlusher({
      ...{ disk, clock, logger, directory, segments, epochs, producers },
      ...{ recoveryPoint, isFolderDurable, persistMetadata },
    })
    this.#topicId = readPartitionMetadata(options.disk, options.directory)
    if (this.#topicId === null && options.topicId !== null) {
      this.#topicId = options.topicId
      draftPartitionMetadata(disk, directory, options.topicId)
    }
  }

  get topicId(): string | null {
    return this.#topicId
  }

  get config(): LogConfig {
    return this.#config
  }

  get logStartOffset(): number {
    return this.#logStartOffset
  }

  get logEndOffset(): number {
    return this.#logEndOffset
  }

  /** -1: none. */
  get latestEpoch(): number {
    return this.#epochs.latestEpoch
  }

  get epochEntries(): readonly EpochEntry[] {
    return this.#epochs.entries
  }

  /** What is known of the producers that wrote here. To be read, not changed. */
  get producers(): Iterable<ProducerEntry> {
    return this.#producers.state.entries
  }

  get sizeInBytes(): number {
    return this.#segments.sizeInBytes
  }

  get firstSegmentOffset(): number {
    return this.#segments.first.baseOffset
  }

  get segmentCount(): number {
    return this.#segments.count
  }

  /** Everything below is on disk, also after a loss of power. */
  get recoveryPoint(): number {
    return this.#flusher.recoveryPoint
  }

  updateConfig(config: LogConfig): void {
    this.#config = config
  }

  /** For a log that was made before its topic's id was known. */
  setTopicId(topicId: string): void {
    writePartitionMetadata(this.#disk, this.directory, topicId)
    this.#topicId = topicId
  }

  /**
   * Appends a producer's records: validates them, assigns offsets and epoch in place, writes them. Of what an idempotent producer sends again only
   * the old offsets are answered. Throws DiskError where they could not be written, with the log as it was (answer KAFKA_STORAGE_ERROR).
   *
   * `guard`, where it is given, null included: a batch that opens a transaction is refused without the one from {@link startVerification}.
   */
  appendAsLeader(
    given: Uint8Array,
    leaderEpoch: number,
    origin: AppendOrigin = 'client',
    guard?: VerificationGuard | null,
  ): Result<AppendInfo, AppendError> {
    this.#assertAppendable()
    const nowMs = this.#clock.nowMs()
    const validated = validateRecords(given, this.#config, origin, nowMs)
    if (!validated.ok) return validated
    const producers = this.#producers.state
    const known = answerFromProducers(producers, given, origin, guard)
    if (known !== null) return known
    const stored = origin === 'client' ? inCompressionOf(this.#config, given) : ok(given)
    if (!stored.ok) return stored
    const records = stored.value
    const firstOffset = this.#logEndOffset
    const logAppendTimeMs = this.#config.messageTimestampType === 'LogAppendTime' ? nowMs : null
    assert(leaderEpoch < 0 || leaderEpoch >= this.latestEpoch, 'leader epochs within a log never decrease')
    const { nextOffset, maxTimestamp } = assignOffsets(records, firstOffset, leaderEpoch, logAppendTimeMs)
    this.#maybeRoll(firstOffset, { lastOffset: nextOffset - 1, maxTimestamp, sizeInBytes: records.byteLength })
    this.#segments.active.append(records)
    if (leaderEpoch >= 0) this.#epochs.assign(leaderEpoch, firstOffset)
    for (let at = 0; at < records.byteLength; at += batchSizeAt(records, at))
      this.#producers.note(this.#segments.active, records, at, nowMs)
    this.#logEndOffset = nextOffset
    this.#maybeFlushByCount()
    return ok({
      firstOffset,
      lastOffset: nextOffset - 1,
      logAppendTimeMs: logAppendTimeMs ?? -1,
      recordCount: validated.value.recordCount,
      sizeInBytes: records.byteLength,
    })
  }

  /**
   * Appends what a leader sent, as it is; an incomplete batch at the end is left out. Null where there is no whole batch. `leaderLogStartOffset` is the
   * leader's: what lies below it has been deleted, and may have been in other batches than the leader's. Throws
   * {@link CorruptRecordsError} for damaged records or offsets that do not go on from logEndOffset, DiskError where they could not be written.
   */
  appendAsFollower(records: Uint8Array, leaderLogStartOffset = 0): AppendInfo | null {
    this.#assertAppendable()
    const hasNothing = this.sizeInBytes === 0 || this.#logEndOffset <= Math.max(leaderLogStartOffset, this.#logStartOffset)
    const checked = checkFollowerRecords(records, this.#logEndOffset, hasNothing)
    if (checked === null) return null
    // The leader's log starts within this batch: who has nothing else starts where the batch does (Partition.scala, UnexpectedAppendOffsetException).
    if (checked.firstOffset < this.#logEndOffset) this.truncateFullyAndStartAt(checked.firstOffset)
    const whole = checked.sizeInBytes === records.byteLength ? records : records.subarray(0, checked.sizeInBytes)
    this.#maybeRoll(checked.firstOffset, checked)
    this.#segments.active.append(whole)
    let recordCount = 0
    for (let at = 0; at < whole.byteLength; at += batchSizeAt(whole, at)) {
      const epoch = leaderEpochAt(whole, at)
      if (epoch > this.#epochs.latestEpoch) this.#epochs.assign(epoch, baseOffsetAt(whole, at))
      this.#producers.note(this.#segments.active, whole, at, this.#clock.nowMs())
      recordCount += recordCountAt(whole, at)
    }
    this.#logEndOffset = checked.lastOffset + 1
    this.#maybeFlushByCount()
    const { firstOffset, lastOffset } = checked
    return { firstOffset, lastOffset, logAppendTimeMs: -1, recordCount, sizeInBytes: whole.byteLength }
  }

  /** Whole batches from the one that holds `offset`, see {@link ReadOptions}. Throws DiskError where the files cannot be read. */
  read(offset: number, options: ReadOptions): Result<LogSlice, 'OFFSET_OUT_OF_RANGE'> {
    if (offset < this.#logStartOffset || offset > this.#logEndOffset) return err('OFFSET_OUT_OF_RANGE')
    return ok(readSlice(this.#segments, this.#logEndOffset, offset, options))
  }

  /** Before a batch that may open its producer's transaction here: the guard to append it with, null where the transaction is open already. */
  startVerification(producerId: number | bigint, epoch: number, sequence: number): VerificationGuard | null {
    return this.#producers.state.startVerification(producerId, epoch, sequence, this.#clock.nowMs())
  }

  /** Whether the producer has a transaction open here that it began in that epoch. */
  hasOngoingTransaction(producerId: number | bigint, epoch: number): boolean {
    return this.#producers.state.hasOngoingTransaction(producerId, epoch)
  }

  /** Below it every transaction has ended, with a marker below the high watermark: as far as those may read who read committed records only. */
  lastStableOffset(highWatermark: number): number {
    return this.#producers.state.lastStableOffset(highWatermark, this.#logStartOffset)
  }

  /** The aborted transactions that have records in [fromOffset, toOffset), and maybe some that end there, by their first offsets. Throws DiskError. */
  abortedTransactions(fromOffset: number, toOffset: number): AbortedTransaction[] {
    return collectAborted(this.#segments, fromOffset, toOffset)
  }

  offsetForTimestamp(timestampMs: number): TimestampOffset | null {
    return findTimestamp(this.#segments, this.#logStartOffset, timestampMs)
  }

  maxTimestamp(): TimestampOffset | null {
    return findMaxTimestamp(this.#segments, this.#logStartOffset)
  }

  endOffsetForEpoch(epoch: number): EpochEndOffset {
    return this.#epochs.endOffsetFor(epoch, this.#logEndOffset)
  }

  /** The epoch in which `offset` was written, -1 if not known. */
  epochAt(offset: number): number {
    return this.#epochs.epochAt(offset)
  }

  /** A new leader's epoch begins here, before it has appended anything. */
  assignEpochStart(epoch: number, startOffset: number): void {
    this.#epochs.assign(epoch, startOffset)
  }

  /**
   * Forgets everything at and above `offset`, durably: were the cut lost in a crash and later batches not, the two histories would be mixed.
   * Where `offset` lies within a batch the whole batch goes, and logEndOffset is the batch's first offset.
   */
  truncateTo(offset: number): void {
    assert(!this.#isClosed, 'a closed log is not truncated')
    if (offset >= this.#logEndOffset) {
      // An epoch that began here and wrote nothing goes too: a follower that kept it would be told of the divergence for ever.
      this.#epochs.truncateFromEnd(offset)
      this.#epochs.persist()
      return
    }
    if (offset < this.#segments.first.baseOffset) return this.truncateFullyAndStartAt(offset)
    const segment = this.#segments.at(this.#segments.indexFor(offset))!
    const place = segment.locate(offset)
    const endOffset = Math.min(place?.baseOffset ?? offset, offset)
    this.#willTruncate(endOffset)
    while (this.#segments.active !== segment) this.#deleteActive()
    if (place !== null) segment.truncate(place.position, place.baseOffset)
    this.#didTruncate(endOffset)
  }

  /** Forgets everything; the next append gets `offset`. */
  truncateFullyAndStartAt(offset: number): void {
    assert(!this.#isClosed, 'a closed log is not truncated')
    this.#willTruncate(Math.min(offset, this.#logStartOffset))
    while (this.#segments.count > 1) this.#deleteActive()
    const last = this.#segments.active
    if (last.baseOffset === offset) last.truncate(0, offset)
    else {
      const fresh = LogSegment.create(this.#context, offset)
      last.delete()
      this.#segments.replaceAll(fresh)
    }
    this.#epochs.clear()
    this.#producers.truncateFullyAndStartAt(offset)
    this.#logStartOffset = offset
    this.#didTruncate(offset)
  }

  /** Moves the start forward (never back), and deletes segments that lie wholly before it. */
  setLogStartOffset(offset: number): void {
    if (offset <= this.#logStartOffset) return
    assert(offset <= this.#logEndOffset, 'logStartOffset <= logEndOffset')
    assert(offset > this.#logStartOffset, 'the log start offset of a leader never moves back')
    this.#logStartOffset = offset
    this.#epochs.truncateFromStart(offset)
    while (this.#segments.count > 1 && this.#segments.at(1)!.baseOffset <= offset) this.#segments.deleteFirst()
  }

  /**
   * Drops the oldest segments that `limits` no longer keeps, none that reaches above `maxOffset` (the high watermark). Where even the active one
   * has expired another is begun first, so that the log goes on at its offset. Answers how many were dropped.
   */
  applyRetention(limits: RetentionLimits, maxOffset: number): number {
    assert(!this.#isClosed, 'nothing is dropped from a closed log')
    const described = describeSegments([...this.#segments], this.#logEndOffset)
    const count = expiredSegmentCount(described, limits, maxOffset, this.#clock.nowMs())
    if (count === 0) return 0
    if (count === described.length) this.roll()
    this.setLogStartOffset(described[count - 1]!.endOffset)
    return count
  }

  /** Starts a new segment, unless the active one is empty. */
  roll(): void {
    if (this.#segments.active.sizeInBytes > 0) this.#rollTo(this.#logEndOffset)
  }

  /** Forgets producers that have written nothing for `expirationMs`. */
  removeExpiredProducers(expirationMs: number): void {
    this.#producers.state.removeExpired(this.#clock.nowMs(), expirationMs)
  }

  /** Makes everything appended so far durable, on this thread. */
  flush(): void {
    assert(!this.#isClosed, 'a closed log is not flushed')
    this.#flusher.flush(this.#logEndOffset)
  }

  /** Makes the rolled segments durable with the fsync away from this thread; a roll starts it. Never rejects. */
  flushInBackground(): Promise<void> {
    return this.#flusher.flushInBackground()
  }

  /** flush.ms: whether appended records have waited that long. */
  isFlushDue(): boolean {
    const { recoveryPoint, hasFailed, msSinceFlush } = this.#flusher
    return !this.#isClosed && !hasFailed && recoveryPoint < this.#logEndOffset && msSinceFlush >= this.#config.flushMs
  }

  /** Clean: everything durable, indexes complete. Nothing may be called afterwards but the getters. */
  close(): void {
    if (this.#isClosed) return
    const active = this.#segments.active
    // Half a dozen syncs for nothing, times a thousand partitions, is longer than a broker is given to stop.
    const holdsNothing = this.#logEndOffset === 0 && this.#segments.count === 1 && active.isPristine
    if (!holdsNothing) {
      active.completeTimeIndex()
      if (this.#producers.takeSnapshot(this.#logEndOffset)) this.#flusher.didAddName()
      this.flush()
      active.persistIndexes(true)
    }
    this.#closeHandles()
  }

  /** Gives up the files without writing: for a broker that stops without shutting down. */
  abandon(): void {
    this.#closeHandles()
  }

  /** Renames the folder, so that it is gone at once and for good, then removes it. */
  delete(): void {
    for (const segment of this.#segments) segment.truncationCount++
    this.#closeHandles()
    removePartitionDirectory(this.#disk, this.#clock, this.directory, this.topic, this.partition)
  }

  #assertAppendable(): void {
    assert(!this.#isClosed, 'nothing is appended to a closed log')
    if (this.#flusher.hasFailed) throw new DiskError('io', this.directory, 'the log is offline since an fsync of it failed')
  }

  #maybeRoll(firstOffset: number, records: RecordsToAppend): void {
    if (!mustRoll(this.#segments.active, this.#config, records)) return
    // A segment starts where the one before ends, so that recovery sees a missing tail; unless compaction left too wide a gap to index.
    this.#rollTo(records.lastOffset - this.#logEndOffset <= 0x7fffffff ? this.#logEndOffset : firstOffset)
  }

  #rollTo(baseOffset: number): void {
    const active = this.#segments.active
    // Made first: where there is no space for them, the log goes on with the segment that it has.
    this.#producers.takeSnapshot(baseOffset)
    const fresh = LogSegment.create(this.#context, baseOffset)
    active.completeTimeIndex()
    this.#segments.push(fresh)
    this.#flusher.didAddName()
    void this.#flusher.flushInBackground()
    this.#onDidRoll(baseOffset)
  }

  #maybeFlushByCount(): void {
    if (this.#logEndOffset - this.#flusher.recoveryPoint >= this.#config.flushMessages) this.flush()
  }

  #deleteActive(): void {
    const { baseOffset } = this.#segments.active
    this.#segments.deleteActive()
    // Kept true at every step: a disk error may end the truncation here.
    this.#logEndOffset = Math.min(this.#logEndOffset, baseOffset)
  }

  /** The checkpoint must not stay ahead of the log: recovery does not read below it, and later batches reuse these offsets. */
  #willTruncate(endOffset: number): void {
    if (this.#flusher.willTruncate(endOffset)) this.#onDidLowerRecoveryPoint()
  }

  #didTruncate(endOffset: number): void {
    this.#logEndOffset = endOffset
    this.#logStartOffset = Math.min(this.#logStartOffset, endOffset)
    this.#epochs.truncateFromEnd(endOffset)
    this.#producers.truncateTo(this.#segments, this.#logStartOffset, endOffset)
    this.#segments.active.syncNow()
    this.#disk.syncDirectory(this.directory)
    this.#epochs.persist()
  }

  #closeHandles(): void {
    this.#isClosed = true
    this.#flusher.stop()
    for (const segment of this.#segments) segment.closeHandles()
  }
}
