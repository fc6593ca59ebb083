/**
 * Opens what is on disk of one log, and recovers it after a crash (LogLoader.load and recoverLog). Called by PartitionLog.open only.
 *
 * After an unclean shutdown every segment from the one that holds the recovery point on is read through; at the first bad batch the log ends,
 * and later segments are deleted. So a log is always a prefix of what was appended, and what was flushed is in it.
 */
import type { Logger } from '../platform/logger'
import { baseOffsetAt, leaderEpochAt } from './batch-fields'
import { parseSegmentFileName, segmentSuffixes } from './file-names'
import { LeaderEpochs } from './leader-epochs'
import { ProducerStateManager } from './producer-state-manager'
import { LogSegment, type SegmentContext } from './segment'
import { SegmentList } from './segment-list'
import { recoverSegment } from './segment-recovery'

export interface LoadOptions {
  readonly context: SegmentContext
  readonly logger: Logger
  readonly wasCleanShutdown: boolean
  readonly recoveryPoint: number
  readonly logStartOffset: number
}

export interface LoadedLog {
  readonly segments: SegmentList
  readonly epochs: LeaderEpochs
  readonly producers: ProducerStateManager
  readonly logStartOffset: number
  readonly logEndOffset: number
  /** What recovery cut off, or null where nothing was lost. */
  readonly recovery: RecoveryReport | null
}

export interface RecoveryReport {
  readonly truncatedBytes: number
  /** A sentence for a person. */
  readonly message: string
}

export function loadLog(options: LoadOptions): LoadedLog {
  const { context, logger, wasCleanShutdown } = options
  const segments = loadSegments(context)
  const { epochs, isUsable } = LeaderEpochs.load(context.disk, context.directory)
  const losses: { bytes: number; message: string }[] = []
  /** The base offset of the first segment whose index of aborted transactions has to be made anew. */
  let indexFrom = Number.POSITIVE_INFINITY
  let logEndOffset = segments.at(-1)?.baseOffset ?? options.logStartOffset

  if (!isUsable) deriveEpochs(segments, epochs)
  if (wasCleanShutdown) {
    const last = segments.at(-1)
    const nextOffset = last?.findNextOffset()
    if (nextOffset === 'damaged') {
      indexFrom = last!.baseOffset
      logEndOffset = recoverFrom(segments.length - 1, segments, options, epochs, losses)
    } else if (nextOffset !== undefined) logEndOffset = nextOffset
  } else if (segments.length > 0) {
    const first = firstUnflushed(segments, options.recoveryPoint)
    indexFrom = segments[first]!.baseOffset
    logEndOffset = recoverFrom(first, segments, options, epochs, losses)
  }
  indexFrom = resetUnsoundTxnIndexes(segments, indexFrom, logger)

  if (segments.length > 0 && logEndOffset < options.logStartOffset) {
    losses.push({
      bytes: segments.reduce((sum, segment) => sum + segment.sizeInBytes, 0),
      message: `its end, offset ${logEndOffset}, lay before its recorded start, offset ${options.logStartOffset}: it starts anew there`,
    })
    for (const segment of segments.splice(0).reverse()) segment.delete()
    epochs.clear()
  }
  if (segments.length === 0) {
    segments.push(LogSegment.create(context, options.logStartOffset))
    logEndOffset = options.logStartOffset
  }
  const logStartOffset = Math.max(options.logStartOffset, segments[0]!.baseOffset)
  epochs.truncateFromEnd(logEndOffset)
  // The start had moved, and the epochs with it, but a crash came before the new start was noted: the records below are there again.
  if ((epochs.entries[0]?.startOffset ?? logEndOffset) > logStartOffset) {
    epochs.clear()
    deriveEpochs(segments, epochs)
    epochs.truncateFromEnd(logEndOffset)
  }
  epochs.truncateFromStart(logStartOffset)
  const recovery = losses.length === 0 ? null : toReport(losses)
  if (recovery !== null) {
    // What was deleted stays deleted: after another crash it could follow what is appended now, and mix two histories.
    context.disk.syncDirectory(context.directory)
    logger.warn(`A log lost its tail in recovery: ${recovery.message}`, { directory: context.directory, logEndOffset })
  }
  const { disk, directory } = context
  const producers = ProducerStateManager.load({ disk, logger, directory }, segments, logStartOffset, logEndOffset, indexFrom)
  // What is below the recovery point is not read again after the next crash, so the indexes must be there by then.
  const isAnyNew = segments.filter(({ baseOffset, aborted }) => baseOffset >= indexFrom && aborted.persist(true)).length > 0
  if (isAnyNew) disk.syncDirectory(directory)
  return { segments: new SegmentList(segments), epochs, producers, logStartOffset, logEndOffset, recovery }
}

/** All segments by offset. Removes what a deletion or a cleaning left behind half done, and index files without their log. */
function loadSegments(context: SegmentContext): LogSegment[] {
  const { disk, directory } = context
  const names = disk.list(directory).filter((entry) => !entry.isDirectory)
  const logs = new Set(names.map((entry) => entry.name).filter((name) => name.endsWith('.log')))
  const segments: LogSegment[] = []
  for (const { name } of names) {
    const parsed = parseSegmentFileName(name)
    if (name.endsWith('.tmp')) disk.removeFile(`${directory}/${name}`)
    if (!parsed) continue
    const { baseOffset, suffix } = parsed
    if (suffix === '.log') segments.push(LogSegment.load(context, baseOffset))
    else if (suffix.endsWith('.deleted') || suffix.endsWith('.cleaned')) disk.removeFile(`${directory}/${name}`)
    // A producer-state snapshot stands at an offset, not at a segment, and may outlive its segment.
    else if (suffix !== '.snapshot' && (segmentSuffixes as readonly string[]).includes(suffix)) {
      if (!logs.has(`${name.slice(0, 20)}.log`)) disk.removeFile(`${directory}/${name}`)
    }
  }
  return segments
}

/**
 * What such an index does not tell cannot be seen in it, so one that is damaged is emptied, and those behind it with it, for the reading of the log
 * that follows to fill. Answers from which base offset on they are empty.
 */
function resetUnsoundTxnIndexes(segments: readonly LogSegment[], indexFrom: number, logger: Logger): number {
  const unsound = segments.find(({ baseOffset, aborted }) => baseOffset < indexFrom && !aborted.isSound())
  if (unsound === undefined) return indexFrom
  logger.warn('An index of aborted transactions cannot be used and is made anew', { path: unsound.pathOf('.txnindex') })
  for (const segment of segments) if (segment.baseOffset >= unsound.baseOffset) segment.aborted.reset()
  return unsound.baseOffset
}

/** The index of the segment that holds the recovery point: the ones before it are flushed, whole, and their indexes with them. */
function firstUnflushed(segments: readonly LogSegment[], recoveryPoint: number): number {
  let index = segments.length - 1
  while (index > 0 && segments[index]!.baseOffset > recoveryPoint) index--
  return index
}

/** Recovers segments from `index` on, and deletes what follows the first damage. Answers the log end offset. */
function recoverFrom(
  index: number,
  segments: LogSegment[],
  options: LoadOptions,
  epochs: LeaderEpochs,
  losses: { bytes: number; message: string }[],
): number {
  let nextOffset = segments[index]!.baseOffset
  // The epochs from here on are read from the batches: the file may know some that a crash took, and others that came since.
  epochs.truncateFromEnd(nextOffset)
  for (let i = index; i < segments.length; i++) {
    const segment = segments[i]!
    // Nothing is known to be flushed up to this segment's start, so a segment before it may have lost its tail at a batch boundary, where no
    // CRC shows it. (Offsets that compaction removed lie below the recovery point: a cleaned segment is flushed before it takes its place.)
    if (i > index && segment.baseOffset > options.recoveryPoint && segment.baseOffset !== nextOffset) {
      deleteFrom(i, segments, losses, `the log ends at offset ${nextOffset} but its next segment starts at ${segment.baseOffset}`)
      break
    }
    const endOffset = segments[i + 1]?.baseOffset ?? Number.POSITIVE_INFINITY
    const recovered = recoverSegment(segment, endOffset, epochs)
    nextOffset = recovered.nextOffset
    if (recovered.damage === null) continue
    losses.push({ bytes: recovered.truncatedBytes, message: `${recovered.damage}; cut at offset ${nextOffset}` })
    if (i + 1 < segments.length) deleteFrom(i + 1, segments, losses, 'later segments are deleted')
    break
  }
  return nextOffset
}

function deleteFrom(index: number, segments: LogSegment[], losses: { bytes: number; message: string }[], message: string): void {
  const removed = segments.splice(index).reverse()
  losses.push({ bytes: removed.reduce((sum, segment) => sum + segment.sizeInBytes, 0), message })
  for (const segment of removed) segment.delete()
}

/** For a log whose epoch file is missing or broken: the epochs stand in the batches too. */
function deriveEpochs(segments: readonly LogSegment[], epochs: LeaderEpochs): void {
  for (const segment of segments) {
    segment.forEachHeader((bytes, at) => {
      const epoch = leaderEpochAt(bytes, at)
      const baseOffset = baseOffsetAt(bytes, at)
      if (epoch > epochs.latestEpoch && baseOffset >= 0) epochs.assign(epoch, baseOffset)
      return false
    })
  }
}

function toReport(losses: readonly { bytes: number; message: string }[]): RecoveryReport {
  return {
    truncatedBytes: losses.reduce((sum, loss) => sum + loss.bytes, 0),
    message: losses.map((loss) => loss.message).join('; '),
  }
}
