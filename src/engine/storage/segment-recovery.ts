/**
 * Recovery of one segment after a crash: reads it batch by batch, CRC included, rebuilds its indexes and the leader epochs from what is
 * whole, and cuts it at the first batch that is not (LogSegment.recover). Called by the opening of a log only.
 */
import { isCrcValid } from '../wire/records'
import {
  baseOffsetAt,
  batchOverhead,
  batchSizeAt,
  lastOffsetAt,
  lastOffsetDeltaAt,
  leaderEpochAt,
  logOverhead,
  magicAt,
} from './batch-fields'
import type { LeaderEpochs } from './leader-epochs'
import type { LogSegment } from './segment'

export interface SegmentRecovery {
  readonly nextOffset: number
  readonly truncatedBytes: number
  /** Why it was cut there; null where all of it is whole. */
  readonly damage: string | null
}

const chunkBytes = 1024 * 1024

/** `endOffset` is the base offset of the segment behind this one (Infinity for the last): no batch here may reach it. */
export function recoverSegment(segment: LogSegment, endOffset: number, epochs: LeaderEpochs): SegmentRecovery {
  segment.resetIndexes()
  const size = segment.sizeInBytes
  let buffer = Buffer.allocUnsafeSlow(Math.min(Math.max(size, batchOverhead), chunkBytes))
  let bufferStart = 0
  let bufferLength = 0
  let position = 0
  let nextOffset = segment.baseOffset
  let damage: string | null = null

  while (position < size && damage === null) {
    const have = bufferStart + bufferLength - position
    const wanted = have < logOverhead ? logOverhead : batchSizeAt(buffer, position - bufferStart)
    if (have >= logOverhead && (wanted < batchOverhead || position + wanted > size)) {
      damage = `a batch claims ${wanted} bytes where ${size - position} are left`
    } else if (have < wanted) {
      if (position + wanted > size) damage = 'the last bytes are too few for a batch'
      else {
        if (wanted > buffer.byteLength) buffer = Buffer.allocUnsafeSlow(wanted)
        bufferStart = position
        bufferLength = segment.readAt(buffer, buffer.byteLength, position)
        if (bufferLength < wanted) damage = 'the file ends within a batch'
      }
    } else {
      damage = findDamage(buffer, position - bufferStart, segment, nextOffset, endOffset)
      if (damage === null) {
        const at = position - bufferStart
        segment.noteBatch(buffer, at, position)
        const leaderEpoch = leaderEpochAt(buffer, at)
        if (leaderEpoch > epochs.latestEpoch) epochs.assign(leaderEpoch, baseOffsetAt(buffer, at))
        nextOffset = lastOffsetAt(buffer, at) + 1
        position += wanted
      }
    }
  }
  if (position < size) cut(segment, position, nextOffset)
  segment.completeTimeIndex()
  segment.persistIndexes(false)
  return { nextOffset, truncatedBytes: size - position, damage }
}

function findDamage(bytes: Uint8Array, at: number, segment: LogSegment, nextOffset: number, endOffset: number): string | null {
  if (magicAt(bytes, at) !== 2) return `a batch has magic ${magicAt(bytes, at)}`
  if (!isCrcValid(bytes, at)) return 'a batch does not match its CRC'
  const baseOffset = baseOffsetAt(bytes, at)
  const lastOffset = lastOffsetAt(bytes, at)
  if (baseOffset < nextOffset) return `a batch starts at offset ${baseOffset} where ${nextOffset} is the least possible`
  if (lastOffsetDeltaAt(bytes, at) < 0 || lastOffset >= endOffset || !segment.canHold(lastOffset)) {
    return `a batch ends at offset ${lastOffset}, beyond its segment`
  }
  return null
}

/** What is cut stays cut: made durable before anything is appended, so that a second crash cannot bring the damaged bytes back. */
function cut(segment: LogSegment, position: number, nextOffset: number): void {
  segment.truncate(position, nextOffset)
  segment.syncNow()
}
