/**
 * The format of `<offset>.snapshot`: the producers of a log as they were when it ended at `offset` (ProducerSnapshot.json,
 * ProducerStateManager.writeSnapshot). Pure; producer-state-manager.ts reads and writes the files.
 *
 *     int16 version 1, uint32 CRC-32C of all that follows, int32 count, then for each producer, 46 bytes:
 *     int64 producerId, int16 epoch, int32 lastSequence, int64 lastOffset, int32 offsetDelta, int64 timestamp,
 *     int32 coordinatorEpoch, int64 currentTxnFirstOffset
 *
 * Only the last batch of each producer is in it. Whatever does not add up is answered as a reason, never thrown: the file is then dropped, and the
 * state found in the batches.
 */
import { err, ok, type Result } from '../../shared/lang/result'
import { crc32c } from '../wire/records'
import { readInt64 } from './batch-fields'
import type { ProducerEntry } from './producer-state'

const version = 1
const crcAt = 2
const countAt = 6
const entriesAt = 10
const entryBytes = 46

export function encodeProducerSnapshot(entries: Iterable<ProducerEntry>, count: number): Buffer {
  const bytes = Buffer.allocUnsafe(entriesAt + count * entryBytes)
  bytes.writeInt16BE(version, 0)
  bytes.writeInt32BE(count, countAt)
  let at = entriesAt
  for (const { producerId, epoch, batches, lastTimestamp, coordinatorEpoch, currentTxnFirstOffset } of entries) {
    const last = batches.at(-1)
    bytes.writeBigInt64BE(BigInt(producerId), at)
    bytes.writeInt16BE(epoch, at + 8)
    bytes.writeInt32BE(last?.lastSequence ?? -1, at + 10)
    bytes.writeBigInt64BE(BigInt(last?.lastOffset ?? -1), at + 14)
    bytes.writeInt32BE(last?.offsetDelta ?? 0, at + 22)
    bytes.writeBigInt64BE(BigInt(lastTimestamp), at + 26)
    bytes.writeInt32BE(coordinatorEpoch, at + 34)
    bytes.writeBigInt64BE(BigInt(currentTxnFirstOffset), at + 38)
    at += entryBytes
  }
  bytes.writeUInt32BE(crc32c(bytes, countAt, bytes.byteLength) >>> 0, crcAt)
  return bytes
}

/** `offset` is the one that the file is named by: it describes nothing at or above it. */
export function parseProducerSnapshot(bytes: Buffer, offset: number): Result<ProducerEntry[], string> {
  if (bytes.byteLength < entriesAt) return err(`it has ${bytes.byteLength} bytes, less than its header`)
  if (bytes.readInt16BE(0) !== version) return err(`its version is ${bytes.readInt16BE(0)}`)
  if (bytes.readUInt32BE(crcAt) !== crc32c(bytes, countAt, bytes.byteLength) >>> 0) return err('it does not match its CRC')
  const count = bytes.readInt32BE(countAt)
  if (bytes.byteLength !== entriesAt + count * entryBytes) {
    return err(`it has ${bytes.byteLength} bytes but claims to hold ${count} producers`)
  }
  const entries: ProducerEntry[] = []
  for (let at = entriesAt; at < bytes.byteLength; at += entryBytes) {
    const entry = parseEntry(bytes, at)
    const last = entry.batches[0]
    const isPossible =
      entry.producerId >= 0 &&
      entry.currentTxnFirstOffset < offset &&
      (last === undefined || (last.lastOffset < offset && last.offsetDelta >= 0))
    if (!isPossible) return err(`what it says of producer ${entry.producerId} cannot be`)
    entries.push(entry)
  }
  return ok(entries)
}

function parseEntry(bytes: Buffer, at: number): ProducerEntry {
  const producerId = bytes.readBigInt64BE(at)
  const lastOffset = readInt64(bytes, at + 14)
  const timestamp = Math.min(readInt64(bytes, at + 26), Number.MAX_SAFE_INTEGER)
  const last = {
    lastSequence: bytes.readInt32BE(at + 10),
    lastOffset,
    offsetDelta: bytes.readInt32BE(at + 22),
    timestamp,
  }
  return {
    producerId: producerId <= Number.MAX_SAFE_INTEGER ? Number(producerId) : producerId,
    epoch: bytes.readInt16BE(at + 8),
    batches: lastOffset >= 0 ? [last] : [],
    lastTimestamp: timestamp,
    coordinatorEpoch: bytes.readInt32BE(at + 34),
    currentTxnFirstOffset: readInt64(bytes, at + 38),
    lastSeenMs: timestamp,
  }
}
