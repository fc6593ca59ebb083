/**
 * Walks the headers of a segment's batches without reading the records between them: for look-ups between two index entries,
 * rebuilding indexes and finding the end of a log. Checks that each header is plausible, never the CRC: that is recovery's work.
 */
import type { DiskFile } from '../platform/disk'
import { batchOverhead, batchSizeAt, lastOffsetDeltaAt, magicAt } from './batch-fields'

/** One a thread: scans do not nest, and nothing keeps a view on it. */
const scratch = Buffer.allocUnsafeSlow(16 * 1024)

/** Sees a header at `bytes[at]`, whose batch stands at `position` in the file; true stops the scan. It must not start another scan. */
export type HeaderVisitor = (bytes: Uint8Array, at: number, position: number, batchSize: number) => boolean

/**
 * Visits every batch that lies wholly in [from, end). 'damaged' says that the bytes at the place after the last one visited are no batch
 * or a part of one.
 */
export function scanHeaders(file: DiskFile, from: number, end: number, visit: HeaderVisitor): 'stopped' | 'end' | 'damaged' {
  let position = from
  let chunkStart = from
  let chunkEnd = from
  while (position < end) {
    if (position + batchOverhead > end) return 'damaged'
    if (position + batchOverhead > chunkEnd) {
      chunkStart = position
      chunkEnd = position + readFully(file, scratch, Math.min(scratch.byteLength, end - position), position)
      if (position + batchOverhead > chunkEnd) return 'damaged'
    }
    const at = position - chunkStart
    const batchSize = batchSizeAt(scratch, at)
    if (!isPlausible(scratch, at, batchSize) || position + batchSize > end) return 'damaged'
    if (visit(scratch, at, position, batchSize)) return 'stopped'
    position += batchSize
  }
  return 'end'
}

function isPlausible(bytes: Uint8Array, at: number, batchSize: number): boolean {
  return batchSize >= batchOverhead && magicAt(bytes, at) === 2 && lastOffsetDeltaAt(bytes, at) >= 0
}

/** Reads `length` bytes into the start of `target`, or as many as the file has; answers how many. */
export function readFully(file: DiskFile, target: Uint8Array, length: number, position: number): number {
  let done = 0
  while (done < length) {
    const count = file.read(target, done, length - done, position + done)
    if (count === 0) break
    done += count
  }
  return done
}
