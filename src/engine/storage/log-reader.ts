/**
 * Look-ups in a log: by offset, by timestamp, by largest timestamp. Reads only; PartitionLog calls it with its segments and bounds.
 */
import { decodeRecords } from '../wire/records'
import { attributesAt, baseOffsetAt, isLogAppendTime, leaderEpochAt, maxTimestampAt } from './batch-fields'
import type { BatchPlace } from './batch-place'
import { LogSlice } from './log-slice'
import type { LogSegment } from './segment'
import type { SegmentList } from './segment-list'
import type { AbortedTransaction } from './txn-index'

export interface ReadOptions {
  /** Zero reads nothing, unless minOneMessage. */
  readonly maxBytes: number
  /** Exclusive: batches that reach it are not read. */
  readonly maxOffset: number
  /** Reads one batch even where it alone is larger than maxBytes. */
  readonly minOneMessage: boolean
}

export interface TimestampOffset {
  readonly offset: number
  readonly timestamp: number
  readonly leaderEpoch: number
}

/** Whole batches from the one that holds `offset`, all of one segment. `offset` lies within the log. */
export function readSlice(segments: SegmentList, logEndOffset: number, offset: number, options: ReadOptions): LogSlice {
  const maxOffset = Math.min(options.maxOffset, logEndOffset)
  if (offset >= maxOffset) return LogSlice.empty(offset)
  for (let index = segments.indexFor(offset); index < segments.count; index++) {
    const segment = segments.at(index)!
    const place = segment.locate(offset)
    // Behind the segment's last batch: compaction may have removed what was there, so the next segment has the next offset.
    if (place === null) continue
    const endOffset = segments.at(index + 1)?.baseOffset ?? logEndOffset
    const end = findEnd(segment, place, endOffset, maxOffset, options)
    return end.position === place.position
      ? LogSlice.empty(offset)
      : new LogSlice(segment, place.position, end.position - place.position, end.nextOffset)
  }
  return LogSlice.empty(offset)
}

function findEnd(
  segment: LogSegment,
  place: BatchPlace,
  segmentEndOffset: number,
  maxOffset: number,
  options: ReadOptions,
): { position: number; nextOffset: number } {
  const none = { position: place.position, nextOffset: place.baseOffset }
  if (place.lastOffset >= maxOffset) return none
  let end = { position: segment.sizeInBytes, nextOffset: segmentEndOffset }
  if (maxOffset < segmentEndOffset) {
    const limit = segment.locate(maxOffset)
    if (limit !== null) end = { position: limit.position, nextOffset: limit.baseOffset }
  }
  if (end.position - place.position <= options.maxBytes) return end
  if (place.sizeInBytes >= options.maxBytes) {
    const isTaken = options.minOneMessage || place.sizeInBytes === options.maxBytes
    return isTaken ? { position: place.position + place.sizeInBytes, nextOffset: place.lastOffset + 1 } : none
  }
  return segment.boundaryBefore(place.position + options.maxBytes, place)
}

/** The aborted transactions that a reader of [fromOffset, toOffset) meets, by their first offsets, as consumers want them (KIP-98). */
export function collectAborted(segments: SegmentList, fromOffset: number, toOffset: number): AbortedTransaction[] {
  const found: AbortedTransaction[] = []
  for (let index = segments.indexFor(fromOffset); index < segments.count; index++) {
    if (segments.at(index)!.collectAborted(fromOffset, toOffset, found)) break
  }
  return found.sort((a, b) => a.firstOffset - b.firstOffset)
}

/** The first record at or behind the log's start whose timestamp is `timestampMs` or later, with the epoch it was written in. */
export function findTimestamp(segments: SegmentList, logStartOffset: number, timestampMs: number): TimestampOffset | null {
  for (const segment of segments) {
    if (segment.largestTimestamp.timestamp < timestampMs) continue
    let from: number | null = null
    for (;;) {
      const place = segment.locateTimestamp(timestampMs, logStartOffset, from)
      if (place === null) break
      const found = findInBatch(segment.readBatch(place), place, logStartOffset, timestampMs)
      if (found !== null) return found
      // The header promised a timestamp that the records do not keep.
      from = place.position + place.sizeInBytes
    }
  }
  return null
}

/** The first record with the largest timestamp of the log; null where no record has one. */
export function findMaxTimestamp(segments: SegmentList, logStartOffset: number): TimestampOffset | null {
  let best: LogSegment | null = null
  for (const segment of segments) {
    const { timestamp, offset } = segment.largestTimestamp
    if (timestamp >= 0 && offset >= logStartOffset && timestamp > (best?.largestTimestamp.timestamp ?? -1)) best = segment
  }
  if (best === null) return null
  const { timestamp, offset } = best.largestTimestamp
  const place = best.locate(offset)
  if (place === null) return null
  return findInBatch(best.readBatch(place), place, logStartOffset, timestamp)
}

function findInBatch(batch: Uint8Array, place: BatchPlace, minOffset: number, timestampMs: number): TimestampOffset | null {
  const leaderEpoch = leaderEpochAt(batch, 0)
  const firstOffset = Math.max(baseOffsetAt(batch, 0), minOffset)
  const wholeBatch = { offset: firstOffset, timestamp: maxTimestampAt(batch, 0), leaderEpoch }
  // All records of such a batch have the batch's timestamp.
  if (isLogAppendTime(attributesAt(batch, 0))) return place.lastOffset >= minOffset ? wholeBatch : null
  try {
    const record = decodeRecords(batch).find(({ offset, timestamp }) => offset >= minOffset && timestamp >= timestampMs)
    return record ? { offset: record.offset, timestamp: Number(record.timestamp), leaderEpoch } : null
  } catch {
    // A client's records that do not decode must not hide everything behind them: the batch as a whole is the answer.
    return wholeBatch
  }
}
