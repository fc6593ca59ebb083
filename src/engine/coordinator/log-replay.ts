/**
 * From the bytes of an internal topic to what a shard replays, and back. Used by the runtime only. Control batches are told as the end of a
 * transaction; a record that cannot be read is reported and passed over, since the topic is open to tools that write what they like.
 */
import { type BatchHeader, decodeRecords, encodeBatch, forEachBatch } from '../wire/records'
import { DecodeError } from '../wire/wire-error'
import type { EndTransactionMarker } from './coordinator-log'
import type { CoordinatorRecord, Shard, TransactionalProducer, TransactionResult } from './shard'

const MARKER_ABORT = 0
const MARKER_COMMIT = 1

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
      const result = key === null ? null : markerResult(key)
      if (isTransactional && result !== null) shard.replayEndTransaction(producerId, producerEpoch, result)
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

/** ControlRecordType and EndTransactionMarker, both of version 0. */
export function encodeMarker(marker: EndTransactionMarker, nowMs: number): Uint8Array {
  const key = Buffer.alloc(4)
  key.writeInt16BE(marker.result === 'commit' ? MARKER_COMMIT : MARKER_ABORT, 2)
  const value = Buffer.alloc(6)
  value.writeInt32BE(marker.coordinatorEpoch, 2)
  return encodeBatch({
    records: [{ timestamp: BigInt(Math.floor(nowMs)), key, value, headers: [] }],
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    isTransactional: true,
    isControl: true,
  })
}

function markerResult(key: Uint8Array): TransactionResult | null {
  if (key.length < 4) return null
  const type = (key[2]! << 8) | key[3]!
  return type === MARKER_COMMIT ? 'commit' : type === MARKER_ABORT ? 'abort' : null
}
