/**
 * The one record of the control batch by which a transaction's coordinator ends it in a partition (ControlRecordType, EndTransactionMarker):
 *
 *     key     int16 version 0 · int16 type: 0 abort, 1 commit
 *     value   int16 version 0 · int32 coordinatorEpoch
 *
 * The batch is a transactional control batch without sequences, never compressed. Partition leaders write it; logs, coordinators and consumers that
 * read committed records only, read it. Control records of other types are none of these, and are passed over.
 */
import { BATCH_OVERHEAD, CONTROL_BIT } from './batch-header'
import { encodeBatch } from './encode-batch'

export interface EndTxnMarker {
  readonly isCommit: boolean
  readonly coordinatorEpoch: number
}

export interface EndTxnMarkerBatch extends EndTxnMarker {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly timestampMs: number
}

const VERSION = 0
const ABORT = 0
const COMMIT = 1
const KEY_BYTES = 4
const VALUE_BYTES = 6
const ATTRIBUTES_AT = 21
const COMPRESSION_AND_CONTROL = 0x07 | CONTROL_BIT

export function encodeEndTxnMarker(marker: EndTxnMarkerBatch): Uint8Array {
  const key = Buffer.alloc(KEY_BYTES)
  key.writeInt16BE(VERSION, 0)
  key.writeInt16BE(marker.isCommit ? COMMIT : ABORT, 2)
  const value = Buffer.alloc(VALUE_BYTES)
  value.writeInt16BE(VERSION, 0)
  value.writeInt32BE(marker.coordinatorEpoch, 2)
  return encodeBatch({
    records: [{ timestamp: BigInt(marker.timestampMs), key, value, headers: [] }],
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    isTransactional: true,
    isControl: true,
  })
}

/** From key and value of a control record; null where it is of another type, or no such record. Later versions may only add to its end. */
export function parseEndTxnMarker(key: Uint8Array | null, value: Uint8Array | null): EndTxnMarker | null {
  if (key === null || value === null || key.length < KEY_BYTES || value.length < VALUE_BYTES) return null
  const type = (key[2]! << 8) | key[3]!
  const isNegativeVersion = (key[0]! | value[0]!) >= 0x80
  if (isNegativeVersion || (type !== ABORT && type !== COMMIT)) return null
  const coordinatorEpoch = (value[2]! << 24) | (value[3]! << 16) | (value[4]! << 8) | value[5]!
  return { isCommit: type === COMMIT, coordinatorEpoch }
}

/**
 * From the control batch at `bytes[at]`, of which at least {@link endTxnMarkerBytesMax} bytes or all are there; null as above. Does not throw: what is
 * read here came over the wire or from a disk.
 */
export function readEndTxnMarker(bytes: Uint8Array, at: number): EndTxnMarker | null {
  if (((bytes[at + ATTRIBUTES_AT + 1] ?? 0) & COMPRESSION_AND_CONTROL) !== CONTROL_BIT) return null
  let position = at + BATCH_OVERHEAD
  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 64; shift += 7) {
      const byte = bytes[position++]
      if (byte === undefined) return -1
      // What lies beyond 32 bits is the sign of a varlong that nobody asks for.
      if (shift < 32) value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    return -1
  }
  const data = (): Uint8Array | null => {
    const length = varint()
    if (length < 0 || length > bytes.length - position) return null
    position += length
    return bytes.subarray(position - length, position)
  }
  varint()
  position++
  varint()
  varint()
  const key = data()
  return key === null ? null : parseEndTxnMarker(key, data())
}

/** Header, a record's lengths and deltas at their longest, key and value, and room for what a later version adds. */
export const endTxnMarkerBytesMax = 256
