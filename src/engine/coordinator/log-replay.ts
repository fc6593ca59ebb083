/**
 * From the bytes of an internal topic to what a shard replays, and back. Used by the runtime only. Control batches are told as the end of a
 * transaction; a record that cannot be read is reported and passed over, since the topic is open to tools that write what they like.
 */
import {
  type BatchHeader,
  decodeRecords,
  encodeBatch,
  encodeEndTxnMarker,
  forEachBatch,
  parseEndTxnMarker,
} from '../wire/records'
import { DecodeError } from '../wire/wire-error'
import type { EndTransactionMarker } from './coordinator-log'
import type { CoordinatorRecord, Shard, TransactionalProducer } from './shard'

/** Replays the whole batches of `bytes` from `fromOffset` on and answers the offset behind the last of them. */
export function replayBatches(
  shard: Shard,
  bytes: Uint8Array,
  fromOffset: number,
  onUnreadable: (offset: number, reason: string) => void,
): number {
  let nextOffset = fromOffset
  forEachBatch(bytes, (header, position) => {
    if (header.lastOffset < fromOffset) return true
    const batch = bytes.subarray(position, position + header.sizeInBytes)
    try {
      replayBatch(shard, header, batch, fromOffset, onUnreadable)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      onUnreadable(header.baseOffset, error.message)
    }
    nextOffset = header.lastOffset + 1
    return true
  })
  return nextOffset
}

function replayBatch(
  shard: Shard,
  header: BatchHeader,
  batch: Uint8Array,
  fromOffset: number,
  onUnreadable: (offset: number, reason: string) => void,
): void {
  const { producerId, producerEpoch, isTransactional } = header
  for (const { offset, timestamp, key, value } of decodeRecords(batch)) {
    if (offset < fromOffset) continue
    if (header.isControl) {
      const marker = parseEndTxnMarker(key, value)
      if (marker !== null) shard.replayEndTransaction(producerId, producerEpoch, marker.isCommit ? 'commit' : 'abort')
      continue
    }
    try {
      if (key === null) throw new DecodeError('the record has no key', 0)
      const producer = isTransactional ? { producerId, producerEpoch } : NO_PRODUCER
      shard.replay({ key, value, offset, timestampMs: Number(timestamp), ...producer }, 'load')
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      onUnreadable(offset, error.message)
    }
  }
}

export const NO_PRODUCER: TransactionalProducer = { producerId: -1n, producerEpoch: -1 }

/** The records of one step. They have no sequences: a coordinator writes a step once. */
export function encodeRecords(
  records: readonly CoordinatorRecord[],
  producer: TransactionalProducer | null,
  nowMs: number,
): Uint8Array {
  const timestamp = BigInt(Math.floor(nowMs))
  return encodeBatch({
    records: records.map(({ key, value }) => ({ timestamp, key, value, headers: [] })),
    ...(producer === null ? {} : { ...producer, isTransactional: true }),
  })
}

export function encodeMarker({ result, ...marker }: EndTransactionMarker, nowMs: number): Uint8Array {
  return encodeEndTxnMarker({ ...marker, isCommit: result === 'commit', timestampMs: nowMs })
}
