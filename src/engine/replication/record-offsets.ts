/**
 * The two numbers of a record batch's header that a follower looks at before it appends (wire/records describes the whole header).
 * All else about batches is the log's business.
 */
import type { LogView } from './core/types'

const LAST_OFFSET_DELTA_POSITION = 23
const HEADER_BYTES_READ = 27

/**
 * The base offset of the first batch, where an empty log that begins at `logEndOffset` begins inside of it; else null. Such a log has to
 * begin at the batch's own start instead, and its log start follows the leader's afterwards.
 */
export function startsInsideOf(records: Uint8Array, log: LogView): number | null {
  if (log.logStartOffset !== log.logEndOffset || records.length < HEADER_BYTES_READ) return null
  const view = new DataView(records.buffer, records.byteOffset, HEADER_BYTES_READ)
  const baseOffset = view.getUint32(0) * 2 ** 32 + view.getUint32(4)
  const lastOffset = baseOffset + view.getInt32(LAST_OFFSET_DELTA_POSITION)
  return baseOffset < log.logEndOffset && lastOffset >= log.logEndOffset ? baseOffset : null
}
