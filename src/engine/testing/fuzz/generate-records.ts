/** Valid record batches of every compression and size that a fuzz input should have, and the mending of their lengths and checksums after a change. */
import {
  BATCH_OVERHEAD,
  type Compression,
  compress,
  encodeBatch,
  LOG_OVERHEAD,
  type RecordToEncode,
  updateCrc,
} from '../../wire/records'
import type { FuzzRandom } from './fuzz-random'

const COMPRESSIONS: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const BASE_TIMESTAMP = 1_700_000_000_000n

export function generateRecords(random: FuzzRandom, countMax = 6): RecordToEncode[] {
  const word = random.bytes(3).toString('hex')
  const data = (): Buffer | null => {
    if (random.chance(0.1)) return null
    return random.chance(0.5) ? Buffer.from(word.repeat(random.size(60))) : random.bytes(random.size(120))
  }
  return Array.from({ length: random.between(1, countMax) }, (_, index) => ({
    timestamp: random.chance(0.9) ? BASE_TIMESTAMP + BigInt(index) : random.int64(),
    key: data(),
    value: data(),
    headers: random.chance(0.7) ? [] : Array.from({ length: random.between(1, 3) }, () => ({ key: word, value: data() })),
  }))
}

/** `baseOffset` 0, as producers send it, unless given. zstd must have been loaded. */
export function validBatch(random: FuzzRandom, baseOffset = 0, compressions = COMPRESSIONS): Buffer {
  const isIdempotent = random.chance(0.3)
  const batch = encodeBatch({
    records: generateRecords(random),
    baseOffset,
    compression: random.chance(0.4) ? 'none' : random.pick(compressions),
    partitionLeaderEpoch: random.chance(0.5) ? 0 : random.below(4),
    ...(isIdempotent ? { producerId: BigInt(random.below(3)), producerEpoch: 0, baseSequence: random.below(20) } : {}),
    ...(random.chance(0.1) ? { timestampType: 'LogAppendTime' as const } : {}),
    ...(random.chance(0.05) ? { isTransactional: true } : {}),
  })
  return Buffer.from(batch)
}

/** A batch with `header`'s header around another body, its length and checksum right. */
export function rebuildBatch(header: Uint8Array, body: Uint8Array, compression: Compression): Buffer {
  return mendBatch(Buffer.concat([header.subarray(0, BATCH_OVERHEAD), compress(compression, body)]))
}

/** Makes the first batch's length fit the bytes, if wanted, and its checksum. */
export function mendBatch(batch: Buffer, mendsLength = true): Buffer {
  if (batch.length < BATCH_OVERHEAD) return batch
  if (mendsLength) batch.writeInt32BE(batch.length - LOG_OVERHEAD, 8)
  const size = batch.readInt32BE(8) + LOG_OVERHEAD
  if (size >= BATCH_OVERHEAD && size <= batch.length) updateCrc(batch, 0)
  return batch
}
