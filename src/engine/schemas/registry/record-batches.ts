/**
 * Records as batches that brokers take: as few as possible, in order. Most writes are one batch, and so in the log whole or not at all; the deletion of a
 * subject with thousands of versions is not, since its tombstones are more than a topic's `max.message.bytes`.
 */
import type { RecordBytes } from './records'

/** Below Kafka's default of 1,048,588 for a batch, with room for the header. */
const batchBytesMax = 900 * 1024
/** A record's lengths, deltas and attributes, at most. */
const recordOverheadBytes = 32

/** One record that is larger stands alone: whether it is taken is the brokers' to say. */
export function batchesOf(records: readonly RecordBytes[], bytesMax = batchBytesMax): RecordBytes[][] {
  const batches: RecordBytes[][] = []
  let bytes = 0
  for (const record of records) {
    const size = record.key.length + (record.value?.length ?? 0) + recordOverheadBytes
    const last = batches.at(-1)
    if (last === undefined || bytes + size > bytesMax) {
      batches.push([record])
      bytes = size
    } else {
      last.push(record)
      bytes += size
    }
  }
  return batches
}
