/**
 * A segment's `.index`: from an offset to a place in the segment's file to start searching at.
 *
 *     entry, 8 bytes, big-endian:   int32 offset - baseOffset   |   int32 position in the .log file
 *
 * One entry for every `index.interval.bytes` of log: the last offset of a batch and the position where that batch starts, both rising strictly.
 * No checksum; `parse` keeps the valid prefix (Kafka pads active ones with zeros), readers check what they find at a position, and
 * a doubtful index is rebuilt from the segment. Owned by LogSegment; it does no input or output but `persist`.
 */
import type { Disk } from '../platform/disk'
import { readInt32 } from './batch-fields'
import { floorSlot, grownCapacity, writeIndexTail } from './index-file'

export const offsetIndexEntryBytes = 8

export class OffsetIndex {
  /** Pairs of relative offset and position. */
  #pairs: Int32Array
  #count: number
  /** Entries that stand in the file as they stand here. */
  #persistedCount: number
  #hasFileMore = false

  private constructor(pairs: Int32Array, count: number, persistedCount: number) {
    this.#pairs = pairs
    this.#count = count
    this.#persistedCount = persistedCount
  }

  static empty(): OffsetIndex {
    const index = new OffsetIndex(new Int32Array(0), 0, 0)
    // What stands in the file, if anything, is not what stands here.
    index.#hasFileMore = true
    return index
  }

  /** The entries of a file that can be true of a segment of `logBytes` bytes. */
  static parse(bytes: Uint8Array, logBytes: number): OffsetIndex {
    const slots = Math.floor(bytes.byteLength / offsetIndexEntryBytes)
    const pairs = new Int32Array(slots * 2)
    let count = 0
    for (; count < slots; count++) {
      const relativeOffset = readInt32(bytes, count * offsetIndexEntryBytes)
      const position = readInt32(bytes, count * offsetIndexEntryBytes + 4)
      if (position <= 0 || position >= logBytes || relativeOffset < 0) break
      if (count > 0 && (relativeOffset <= pairs[count * 2 - 2]! || position <= pairs[count * 2 - 1]!)) break
      pairs[count * 2] = relativeOffset
      pairs[count * 2 + 1] = position
    }
    const index = new OffsetIndex(count === slots ? pairs : pairs.slice(0, count * 2), count, count)
    index.#hasFileMore = bytes.byteLength > count * offsetIndexEntryBytes
    return index
  }

  get count(): number {
    return this.#count
  }

  get memoryBytes(): number {
    return this.#pairs.byteLength
  }

  get isPersisted(): boolean {
    return this.#persistedCount === this.#count && !this.#hasFileMore
  }

  relativeOffset(slot: number): number {
    return this.#pairs[slot * 2]!
  }

  position(slot: number): number {
    return this.#pairs[slot * 2 + 1]!
  }

  isFull(maxBytes: number): boolean {
    return this.#count >= Math.floor(maxBytes / offsetIndexEntryBytes)
  }

  append(relativeOffset: number, position: number): void {
    if (this.#count > 0 && relativeOffset <= this.relativeOffset(this.#count - 1)) return
    if (this.#count * 2 === this.#pairs.length) {
      const grown = new Int32Array(grownCapacity(this.#count) * 2)
      grown.set(this.#pairs)
      this.#pairs = grown
    }
    this.#pairs[this.#count * 2] = relativeOffset
    this.#pairs[this.#count * 2 + 1] = position
    this.#count++
  }

  /** The slot of the last entry whose offset is at or below `relativeOffset`; -1 if there is none. */
  slotForOffset(relativeOffset: number): number {
    return floorSlot(this.#pairs, this.#count, relativeOffset, 2, 0)
  }

  /** The slot of the last entry whose position is at or below `position`; -1 if there is none. */
  slotForPosition(position: number): number {
    return floorSlot(this.#pairs, this.#count, position, 2, 1)
  }

  /** Forgets entries at or above an offset. */
  truncateTo(relativeOffset: number): void {
    const kept = this.slotForOffset(relativeOffset - 1) + 1
    if (kept === this.#count) return
    this.#count = kept
    if (kept < this.#persistedCount) {
      this.#persistedCount = kept
      this.#hasFileMore = true
    }
  }

  persist(disk: Disk, path: string, isDurable: boolean): void {
    const tail = new Uint8Array((this.#count - this.#persistedCount) * offsetIndexEntryBytes)
    const view = new DataView(tail.buffer)
    for (let slot = this.#persistedCount; slot < this.#count; slot++) {
      const at = (slot - this.#persistedCount) * offsetIndexEntryBytes
      view.setInt32(at, this.relativeOffset(slot))
      view.setInt32(at + 4, this.position(slot))
    }
    writeIndexTail(disk, path, this.#persistedCount * offsetIndexEntryBytes, tail, isDurable)
    this.#persistedCount = this.#count
    this.#hasFileMore = false
  }
}
