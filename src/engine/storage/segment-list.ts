/**
 * The segments of one log in offset order; the last one is the active one, which takes the appends. Owned by PartitionLog.
 * There is always at least one.
 */
import { assert } from '../../shared/lang/assert'
import type { LogSegment } from './segment'

export class SegmentList {
  readonly #segments: LogSegment[]

  constructor(segments: LogSegment[]) {
    assert(segments.length > 0, 'a log has at least one segment')
    this.#segments = segments
  }

  get active(): LogSegment {
    return this.#segments[this.#segments.length - 1]!
  }

  get first(): LogSegment {
    return this.#segments[0]!
  }

  get count(): number {
    return this.#segments.length
  }

  at(index: number): LogSegment | undefined {
    return this.#segments[index]
  }

  [Symbol.iterator](): IterableIterator<LogSegment> {
    return this.#segments[Symbol.iterator]()
  }

  get sizeInBytes(): number {
    let sum = 0
    for (const segment of this.#segments) sum += segment.sizeInBytes
    return sum
  }

  /** The index of the last segment whose base offset is at or below `offset`; 0 for an offset below them all. */
  indexFor(offset: number): number {
    let low = 0
    let high = this.#segments.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#segments[middle]!.baseOffset <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  push(segment: LogSegment): void {
    assert(segment.baseOffset >= this.active.baseOffset, 'segments are in offset order')
    this.#segments.push(segment)
  }

  /** Deletes the active segment's files; it must not be the only one. */
  deleteActive(): void {
    assert(this.#segments.length > 1, 'a log has at least one segment')
    this.active.delete()
    this.#segments.pop()
  }

  deleteFirst(): void {
    assert(this.#segments.length > 1, 'a log has at least one segment')
    this.first.delete()
    this.#segments.shift()
  }

  replaceAll(segment: LogSegment): void {
    this.#segments.splice(0, this.#segments.length, segment)
  }
}
