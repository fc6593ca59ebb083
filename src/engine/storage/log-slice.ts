/**
 * A run of whole batches in one segment's file, named now and read when the response is encoded, straight into its buffer.
 *
 * Between the two the log may have been truncated, or the segment deleted. A slice never answers other bytes than those it named: once its
 * segment has lost any bytes since, `sizeInBytes` is 0, which to a client is a fetch that found nothing. Appends and rolls do not touch it.
 * Encoders ask for sizeInBytes and call readInto in one go, so the two agree; should they not, the rest of the target is zeroed.
 */
import type { LogSegment } from './segment'

export class LogSlice {
  readonly #segment: LogSegment | null
  readonly #truncationCount: number
  readonly #length: number

  constructor(
    segment: LogSegment | null,
    readonly position: number,
    length: number,
    /** The first offset behind the slice; for an empty one the offset that was asked for. */
    readonly nextOffset: number,
  ) {
    this.#segment = segment
    this.#truncationCount = segment?.truncationCount ?? 0
    this.#length = length
  }

  static empty(offset: number): LogSlice {
    return new LogSlice(null, 0, 0, offset)
  }

  get sizeInBytes(): number {
    return this.#isCurrent() ? this.#length : 0
  }

  /** Fills `target`, which is sizeInBytes long. Throws DiskError where the file cannot be read. */
  readInto(target: Uint8Array): void {
    let done = 0
    if (this.#segment && this.#isCurrent()) {
      done = this.#segment.readAt(target, Math.min(target.byteLength, this.#length), this.position)
    }
    if (done < target.byteLength) target.fill(0, done)
  }

  #isCurrent(): boolean {
    return this.#segment !== null && this.#segment.truncationCount === this.#truncationCount
  }
}
