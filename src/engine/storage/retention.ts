/**
 * Which segments of a log its retention no longer keeps (UnifiedLog.deleteOldSegments): whole ones, from the oldest on. Pure; PartitionLog
 * drops what this names.
 */
import type { LogSegment } from './segment'

export interface RetentionLimits {
  /** retention.ms; -1: for ever. */
  readonly retentionMs: number
  /** retention.bytes; -1: no limit. */
  readonly retentionBytes: number
}

export interface RetainedSegment {
  readonly sizeInBytes: number
  /** Of its newest batch; -1 where no batch has a time. */
  readonly largestTimestamp: number
  /** The first offset behind it. */
  readonly endOffset: number
}

/**
 * How many of `segments`, oldest first, are to be dropped. None that reaches above `maxOffset`, the high watermark: what is not committed
 * is not dropped. By size a segment goes only if what stays is no less than the limit.
 */
export function expiredSegmentCount(
  segments: readonly RetainedSegment[],
  limits: RetentionLimits,
  maxOffset: number,
  nowMs: number,
): number {
  const { retentionMs, retentionBytes } = limits
  let surplus = retentionBytes < 0 ? 0 : segments.reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0) - retentionBytes
  let count = 0
  for (const { sizeInBytes, largestTimestamp, endOffset } of segments) {
    if (endOffset > maxOffset || sizeInBytes === 0) break
    const isTooOld = retentionMs >= 0 && largestTimestamp >= 0 && nowMs - largestTimestamp > retentionMs
    const isTooMuch = surplus - sizeInBytes >= 0
    if (!isTooOld && !isTooMuch) break
    surplus -= sizeInBytes
    count++
  }
  return count
}

/** What a log tells of its segments for {@link expiredSegmentCount}. */
export function describeSegments(segments: readonly LogSegment[], logEndOffset: number): RetainedSegment[] {
  return segments.map((segment, index) => ({
    sizeInBytes: segment.sizeInBytes,
    largestTimestamp: segment.largestTimestamp.timestamp,
    endOffset: segments[index + 1]?.baseOffset ?? logEndOffset,
  }))
}
