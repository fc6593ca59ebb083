/**
 * The pair of indexes of one segment: loaded when first used, given up and loaded again when memory is short. Owned by LogSegment, which
 * says how to rebuild a pair that is missing or was caught lying.
 */
import type { Disk } from '../platform/disk'
import { OffsetIndex } from './offset-index'
import { TimeIndex } from './time-index'

export class SegmentIndexes {
  private constructor(
    readonly offset: OffsetIndex,
    readonly time: TimeIndex,
  ) {}

  static empty(): SegmentIndexes {
    return new SegmentIndexes(OffsetIndex.empty(), TimeIndex.empty())
  }

  /** Null where a file is missing. */
  static read(disk: Disk, offsetPath: string, timePath: string, logBytes: number): SegmentIndexes | null {
    const offsetBytes = disk.readFile(offsetPath)
    const timeBytes = disk.readFile(timePath)
    if (offsetBytes === null || timeBytes === null) return null
    return new SegmentIndexes(OffsetIndex.parse(offsetBytes, logBytes), TimeIndex.parse(timeBytes))
  }

  get isPersisted(): boolean {
    return this.offset.isPersisted && this.time.isPersisted
  }

  isFull(maxBytes: number): boolean {
    return this.offset.isFull(maxBytes) || this.time.isFull(maxBytes)
  }

  truncateTo(relativeOffset: number): void {
    this.offset.truncateTo(relativeOffset)
    this.time.truncateTo(relativeOffset)
  }

  persist(disk: Disk, offsetPath: string, timePath: string, isDurable: boolean): void {
    if (isDurable || !this.offset.isPersisted) this.offset.persist(disk, offsetPath, isDurable)
    if (isDurable || !this.time.isPersisted) this.time.persist(disk, timePath, isDurable)
  }
}
