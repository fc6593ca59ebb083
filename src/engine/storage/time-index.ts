/**
 * A segment's `.timeindex`: from a timestamp to an offset to start searching at.
 *
 *     entry, 12 bytes, big-endian:   int64 timestamp   |   int32 offset - baseOffset
 *
 * An entry (T, O) says that T was the largest timestamp up to some place, first reached in the batch that ends with O. Timestamps
 * rise strictly and offsets do not fall. Written along with the offset index; the segment's largest timestamp is always added on roll and close.
 * No checksum; `parse` keeps the valid prefix, and a doubtful index is rebuilt from the segment. Owned by LogSegment.
 */
import type { Disk } from '../platform/disk'
import { readInt32, readInt64 } from './batch-fields'
import { floorSlot, grownCapacity, writeIndexTail } from './index-file'

export const timeIndexEntryBytes = 12

export class TimeIndex {
  #timestamps: Float64Array
  #relativeOffsets: Int32Array
  #count: number
  #persistedCount: number
  #hasFileMore = false

  private constructor(timestamps: Float64Array, relativeOffsets: Int32Array, count: number) {
    this.#timestamps = timestamps
    this.#relativeOffsets = relativeOffsets
    this.#count = count
    this.#persistedCount = count
  }

  static empty(): TimeIndex {
    const index = new TimeIndex(new Float64Array(0), new Int32Array(0), 0)
    index.#hasFileMore = true
    return index
  }

  static parse(bytes: Uint8Array): TimeIndex {
    const slots = Math.floor(bytes.byteLength / timeIndexEntryBytes)
    const timestamps = new Float64Array(slots)
    const relativeOffsets = new Int32Array(slots)
    let count = 0
    for (; count < slots; count++) {
      const timestamp = readInt64(bytes, count * timeIndexEntryBytes)
      const relativeOffset = readInt32(bytes, count * timeIndexEntryBytes + 8)
      if (timestamp < 0 || timestamp > Number.MAX_SAFE_INTEGER || relativeOffset < 0) break
      if (count > 0 && (timestamp <= timestamps[count - 1]! || relativeOffset < relativeOffsets[count - 1]!)) break
      // All zeros is padding, unless the file holds just this one entry: timestamp 0 at the segment's first offset.
      if (count === 0 && timestamp === 0 && relativeOffset === 0 && slots > 1) break
      timestamps[count] = timestamp
      relativeOffsets[count] = relativeOffset
    }
    const isTight = count === slots
    const index = new TimeIndex(
      isTight ? timestamps : timestamps.slice(0, count),
      isTight ? relativeOffsets : relativeOffsets.slice(0, count),
      count,
    )
    index.#hasFileMore = bytes.byteLength > count * timeIndexEntryBytes
    return index
  }

  get count(): number {
    return this.#count
  }

  get memoryBytes(): number {
    return this.#timestamps.byteLength + this.#relativeOffsets.byteLength
  }

  get isPersisted(): boolean {
    return this.#persistedCount === this.#count && !this.#hasFileMore
  }

  /** The largest timestamp in the index; -1 where it is empty. */
  get lastTimestamp(): number {
    return this.#count === 0 ? -1 : this.#timestamps[this.#count - 1]!
  }

  get lastRelativeOffset(): number {
    return this.#count === 0 ? 0 : this.#relativeOffsets[this.#count - 1]!
  }

  timestamp(slot: number): number {
    return this.#timestamps[slot]!
  }

  relativeOffset(slot: number): number {
    return this.#relativeOffsets[slot]!
  }

  /** One slot is kept free for the entry that the roll adds. */
  isFull(maxBytes: number): boolean {
    return this.#count >= Math.floor(maxBytes / timeIndexEntryBytes) - 1
  }

  /** Adds an entry if its timestamp is larger than the last one's. */
  maybeAppend(timestamp: number, relativeOffset: number): void {
    if (timestamp <= this.lastTimestamp || relativeOffset < this.lastRelativeOffset) return
    if (this.#count === this.#timestamps.length) {
      const capacity = grownCapacity(this.#count)
      const timestamps = new Float64Array(capacity)
      const relativeOffsets = new Int32Array(capacity)
      timestamps.set(this.#timestamps)
      relativeOffsets.set(this.#relativeOffsets)
      this.#timestamps = timestamps
      this.#relativeOffsets = relativeOffsets
    }
    this.#timestamps[this.#count] = timestamp
    this.#relativeOffsets[this.#count] = relativeOffset
    this.#count++
  }

  /** The slot of the last entry whose timestamp is at or below `timestamp`; -1 if there is none. */
  slotForTimestamp(timestamp: number): number {
    return floorSlot(this.#timestamps, this.#count, timestamp)
  }

  /** Forgets entries at or above an offset. */
  truncateTo(relativeOffset: number): void {
    let kept = this.#count
    while (kept > 0 && this.#relativeOffsets[kept - 1]! >= relativeOffset) kept--
    if (kept === this.#count) return
    this.#count = kept
    if (kept < this.#persistedCount) {
      this.#persistedCount = kept
      this.#hasFileMore = true
    }
  }

  persist(disk: Disk, path: string, isDurable: boolean): void {
    const tail = new Uint8Array((this.#count - this.#persistedCount) * timeIndexEntryBytes)
    const view = new DataView(tail.buffer)
    for (let slot = this.#persistedCount; slot < this.#count; slot++) {
      const at = (slot - this.#persistedCount) * timeIndexEntryBytes
      view.setBigInt64(at, BigInt(this.timestamp(slot)))
      view.setInt32(at + 8, this.relativeOffset(slot))
    }
    writeIndexTail(disk, path, this.#persistedCount * timeIndexEntryBytes, tail, isDurable)
    this.#persistedCount = this.#count
    this.#hasFileMore = false
  }
}
