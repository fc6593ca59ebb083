/**
 * When a log begins another segment (LogSegment.shouldRoll in Kafka): PartitionLog asks before each append. Changes nothing.
 */
import type { LogConfig } from './log-config'
import type { LogSegment } from './segment'

export interface RecordsToAppend {
  readonly lastOffset: number
  readonly maxTimestamp: number
  readonly sizeInBytes: number
}

export function mustRoll(active: LogSegment, config: LogConfig, records: RecordsToAppend): boolean {
  if (!active.canHold(records.lastOffset)) return true
  return (
    active.sizeInBytes > 0 &&
    (active.sizeInBytes > config.segmentBytes - records.sizeInBytes ||
      active.isIndexFull(config.segmentIndexBytes) ||
      active.waitedForRollMs(records.maxTimestamp) > config.segmentMs)
  )
}
