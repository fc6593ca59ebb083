/** Record batches with every compression, the records in them, and the four decoders on their own. */
import {
  BATCH_OVERHEAD,
  type Compression,
  compress,
  decodeRecords,
  decompress,
  encodeBatch,
  forEachBatch,
  initCompression,
  isCrcValid,
  readBatchHeader,
} from '../../../wire/records'
import { DecodeError } from '../../../wire/wire-error'
import type { FuzzRandom } from '../fuzz-random'
import { check, type FuzzTarget, orRefused } from '../fuzz-target'
import { generateRecords, mendBatch, rebuildBatch, validBatch } from '../generate-records'
import { mutateBytes } from '../mutations'

/** In front of the checksum, behind it, and behind the compression. */
export function mutateBatch(input: Uint8Array, random: FuzzRandom, other: () => Uint8Array): Buffer {
  const way = random.below(10)
  if (way < 2 || input.length < BATCH_OVERHEAD) return mutateBytes(input, random, other)
  if (way < 6) return mendBatch(mutateBytes(input, random, other), random.chance(0.8))
  const { compression } = readBatchHeader(input)
  if (compression === null) return mutateBytes(input, random, other)
  const body = orRefused(() => decompress(compression, input.subarray(BATCH_OVERHEAD), 1 << 20), DecodeError)
  if (body === undefined) return mutateBytes(input, random, other)
  const header = Buffer.from(input.subarray(0, BATCH_OVERHEAD))
  // The count of records and the last offset belong to the header: sometimes they lie.
  if (random.chance(0.2)) header.writeInt32BE(random.int32(), random.pick([23, 57]))
  const changed = mutateBytes(body, random, () => other().subarray(BATCH_OVERHEAD))
  return rebuildBatch(header, changed, compression)
}

const batches: FuzzTarget = {
  name: 'records/batch',
  share: 8,
  minimum: 100_000,
  prepare: initCompression,
  seed: (random) => (random.chance(0.8) ? validBatch(random) : Buffer.concat([validBatch(random), validBatch(random, 5)])),
  mutate: mutateBatch,
  run(input) {
    orRefused(() => {
      forEachBatch(input, (header, position) => {
        isCrcValid(input, position)
        const batch = input.subarray(position, position + header.sizeInBytes)
        const records = orRefused(() => decodeRecords(batch), DecodeError)
        if (records !== undefined && records.length > 0 && header.compression === 'none') checkKept(records)
        return true
      })
    }, DecodeError)
  },
  // What a few kilobytes decompress to counts here, gzip's own pieces of it twice.
  allocationMax: (length) => 64 * 1024 * 1024 + length * 256,
}

function checkKept(records: ReturnType<typeof decodeRecords>): void {
  const again = decodeRecords(Buffer.from(encodeBatch({ records })))
  check(again.length === records.length, 'records that were decoded are encoded, every one')
  for (const [index, record] of records.entries()) {
    const same = again[index]!
    check(same.timestamp === record.timestamp, 'a timestamp of 64 bits is kept')
    check(isSame(same.key, record.key) && isSame(same.value, record.value), 'key and value are kept')
    const areHeadersKept = record.headers.every(
      ({ keyBytes, value }, at) => isSame(same.headers[at]!.keyBytes, keyBytes) && isSame(same.headers[at]!.value, value),
    )
    check(same.headers.length === record.headers.length && areHeadersKept, 'headers are kept')
  }
}

function isSame(left: Uint8Array | null, right: Uint8Array | null): boolean {
  return left === null || right === null ? left === right : Buffer.compare(left, right) === 0
}

const OUTPUT_BYTES_MAX = 1024 * 1024

/** Whatever the bytes: at most so many come out, or it is refused; and what came out goes in and out again. */
function decoder(compression: Compression, share: number, minimum: number): FuzzTarget {
  return {
    name: `compression/${compression}`,
    share,
    minimum,
    prepare: initCompression,
    seed(random) {
      const size = random.chance(0.03) ? random.below(40_000) : random.size(600)
      const content = random.chance(0.6) ? Buffer.alloc(size, random.bytes(random.between(1, 9))) : random.bytes(size)
      const plain = () => Buffer.from(JSON.stringify(generateRecords(random), textOf))
      return Buffer.from(compress(compression, random.chance(0.3) ? plain() : content))
    },
    run(input) {
      const content = orRefused(() => decompress(compression, input, OUTPUT_BYTES_MAX), DecodeError)
      if (content === undefined) return
      check(content.length <= OUTPUT_BYTES_MAX, 'no more comes out than is allowed')
      if (content.length > 20_000) return
      const copy = Buffer.from(content)
      check(copy.equals(decompress(compression, compress(compression, copy))), 'what came out goes in and out again')
    },
    allocationMax: (length) => 4 * OUTPUT_BYTES_MAX + length * 64,
  }
}

const textOf = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)

export const recordTargets: readonly FuzzTarget[] = [
  batches,
  decoder('snappy', 10, 50_000),
  decoder('lz4', 8, 50_000),
  decoder('gzip', 1, 50_000),
  decoder('zstd', 2, 50_000),
]
