/**
 * What the offset and the time index share: writing their tail to disk, the growth of their arrays, and the search in them. No format of its own.
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

/** The last of `count` slots, whose values never fall, that holds `value` or less; -1 if there is none. Entry `slot` stands at `slot * stride + field`. */
export function floorSlot(values: ArrayLike<number>, count: number, value: number, stride = 1, field = 0): number {
  let low = 0
  let high = count - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    if (values[middle * stride + field]! <= value) low = middle + 1
    else high = middle - 1
  }
  return high
}
