/**
 * What the offset and the time index share: writing their tail to disk, and the growth of their arrays. No format of its own.
 *
 * Kafka keeps an index memory-mapped and padded with zeros to `segment.index.bytes` while its segment is active. Here the entries live in
 * a small array that grows, and the file gets them when the segment is flushed, released or closed, without padding: Kafka reads both.
 */
import type { Disk } from '../platform/disk'

/** Writes `tail` behind the first `keptBytes` of an index file and cuts off what stood behind. */
export function writeIndexTail(disk: Disk, path: string, keptBytes: number, tail: Uint8Array, isDurable: boolean): void {
  const file = disk.open(path, 'create')
  try {
    if (tail.byteLength > 0) file.write(tail, keptBytes)
    const size = keptBytes + tail.byteLength
    if (file.size() !== size) file.truncate(size)
    if (isDurable) file.syncNow()
  } finally {
    file.close()
  }
}

/** Room for one more than `count` slots: doubles, from a start that suits the many partitions that hold little. */
export function grownCapacity(count: number): number {
  return Math.max(8, count * 2)
}
