/**
 * One partition's log as its files say it: batch headers, read by a parser of its own straight from the simulated disk, so that it judges the storage
 * code and does not repeat it. Follows the log by its new bytes only; a cut is noticed where the log end goes back or the last batch is not where it
 * was. Used by ClusterView; it never changes the disk. Throws InvariantViolation where the bytes are not a run of whole batches with their CRCs.
 */
import { crc32c } from '../../../wire/records/crc32c'
import type { MemoryDisk } from '../../memory-disk'
import { InvariantViolation } from './checker'
import { rules } from './rules'

export interface Batch {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly leaderEpoch: number
  readonly crc: number
  readonly attributes: number
  /** -1: not of an idempotent producer. */
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly recordCount: number
  /** Base offset of the segment that holds it, its place there, and its bytes with all of the header. */
  readonly segment: number
  readonly position: number
  readonly sizeInBytes: number
}

/** What has happened to a log since it was looked at last. */
export interface LogMove {
  readonly cut: readonly Batch[]
  readonly added: readonly Batch[]
}

export type PeekableDisk = Pick<MemoryDisk, 'peek' | 'peekDurable' | 'paths'>

const HEADER_BYTES = 61
const NOTHING: readonly Batch[] = []

export class LogView {
  /** In offset order, from the first that is still on disk. */
  batches: Batch[] = []
  /** Where the next batch goes on. */
  endOffset = 0
  /** Base offset of the first segment: what lies before it has been dropped, not cut. */
  private firstOffset = 0
  /** Batches below this index are known to survive a loss of power. */
  private durableCount = 0

  constructor(
    private readonly disk: PeekableDisk,
    readonly directory: string,
    readonly name: string,
  ) {}

  /** Reads everything anew. `logEndOffset`: what the log says of itself. */
  load(logEndOffset: number): void {
    this.batches = []
    this.durableCount = 0
    const bases = this.segments()
    this.firstOffset = bases[0] ?? logEndOffset
    this.endOffset = this.firstOffset
    for (const [index, base] of bases.entries()) {
      if (this.endOffset >= logEndOffset && index > 0) break
      this.endOffset = Math.max(this.endOffset, base)
      this.readSegment(base, 0, logEndOffset, index === bases.length - 1)
    }
    this.requireEnd(logEndOffset)
  }

  /** The log ends at `logEndOffset` now: reads what is new, forgets what was cut. */
  follow(logEndOffset: number): LogMove {
    const cut = this.forgetFrom(logEndOffset)
    const last = this.batches.at(-1)
    if (last === undefined || !this.isInPlace(last)) return this.reload(logEndOffset, cut)
    if (logEndOffset === this.endOffset) return { cut, added: NOTHING }
    const known = this.batches.length
    let base = last.segment
    this.readSegment(base, last.position + last.sizeInBytes, logEndOffset, true)
    while (this.endOffset < logEndOffset) {
      const next =
        this.disk.peek(this.pathOf(this.endOffset)) !== null ? this.endOffset : this.segments().find((other) => other > base)
      if (next === undefined || next <= base) break
      base = next
      this.endOffset = Math.max(this.endOffset, base)
      this.readSegment(base, 0, logEndOffset, true)
    }
    this.requireEnd(logEndOffset)
    return { cut, added: this.batches.slice(known) }
  }

  /** Index of the batch that holds `offset`, or of the first behind it. */
  indexOf(offset: number): number {
    let low = 0
    let high = this.batches.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.batches[middle] as Batch).lastOffset < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The batch that begins at `baseOffset`. */
  find(baseOffset: number): Batch | undefined {
    const found = this.batches[this.indexOf(baseOffset)]
    return found?.baseOffset === baseOffset ? found : undefined
  }

  /** The last batch that ends below `offset`. */
  lastBelow(offset: number): Batch | undefined {
    return this.batches[this.indexOf(offset) - 1]
  }

  /** The first batch below `recoveryPoint` that a loss of power may take; null where there is none. Looks at each once. */
  firstNotDurable(recoveryPoint: number): Batch | null {
    for (; this.durableCount < this.batches.length; this.durableCount++) {
      const batch = this.batches[this.durableCount] as Batch
      if (batch.baseOffset >= recoveryPoint) return null
      const path = this.pathOf(batch.segment)
      const durable = this.disk.peekDurable(path)
      const bytes = this.disk.peek(path)
      const end = batch.position + batch.sizeInBytes
      // A segment that retention has removed has nothing to lose.
      if (bytes === null) continue
      if (durable === null || durable.length < end || !isSame(durable, bytes, batch.position, end)) return batch
    }
    return null
  }

  /** Of batches that were cut off one that a loss of power would bring back; null where there is none. */
  firstStillDurable(cut: readonly Batch[]): Batch | null {
    const isAt = (bytes: Uint8Array | null, { position, baseOffset, crc }: Batch): boolean =>
      bytes !== null &&
      bytes.length >= position + HEADER_BYTES &&
      int64(bytes, position) === baseOffset &&
      int32(bytes, position + 17) >>> 0 === crc
    const found = cut.find((batch) => {
      const path = this.pathOf(batch.segment)
      return isAt(this.disk.peekDurable(path), batch) && !isAt(this.disk.peek(path), batch)
    })
    return found ?? null
  }

  /** Forgets batches that lie wholly below `offset`: the log starts there. */
  forgetBelow(offset: number): void {
    // Rarely, and many at once: the array is moved each time.
    const count = this.indexOf(offset)
    if (count < 64) return
    this.batches.splice(0, count)
    this.durableCount = Math.max(0, this.durableCount - count)
  }

  private reload(logEndOffset: number, alreadyCut: readonly Batch[]): LogMove {
    const before = this.batches
    const { durableCount } = this
    this.load(logEndOffset)
    const firstLeft = before.findIndex((batch) => batch.baseOffset >= this.firstOffset)
    const dropped = firstLeft < 0 ? before.length : firstLeft
    let kept = 0
    while (isSameBatch(before[dropped + kept], this.batches[kept])) kept++
    this.durableCount = Math.max(0, Math.min(durableCount - dropped, kept))
    const cut = before.slice(dropped + kept)
    return { cut: [...cut, ...alreadyCut], added: this.batches.slice(kept) }
  }

  private forgetFrom(offset: number): readonly Batch[] {
    if (offset >= this.endOffset) return NOTHING
    let count = this.batches.length
    while (count > 0 && (this.batches[count - 1] as Batch).lastOffset >= offset) count--
    const cut = this.batches.splice(count)
    this.durableCount = Math.min(this.durableCount, count)
    const last = this.batches.at(-1)
    this.endOffset = last === undefined ? offset : last.lastOffset + 1
    return cut
  }

  private isInPlace(batch: Batch): boolean {
    const bytes = this.disk.peek(this.pathOf(batch.segment))
    if (bytes === null || bytes.length < batch.position + batch.sizeInBytes) return false
    const { position } = batch
    return (
      int64(bytes, position) === batch.baseOffset &&
      int32(bytes, position + 12) === batch.leaderEpoch &&
      int32(bytes, position + 17) >>> 0 === batch.crc
    )
  }

  private readSegment(base: number, from: number, logEndOffset: number, mayHaveRest: boolean): void {
    const bytes = this.disk.peek(this.pathOf(base))
    if (bytes === null) return
    let position = from
    while (this.endOffset < logEndOffset && position < bytes.length) {
      const batch = this.parse(bytes, position, base)
      this.batches.push(batch)
      this.endOffset = batch.lastOffset + 1
      position += batch.sizeInBytes
    }
    // Behind the log end of the last segment a failed write may have left something, which the next append overwrites.
    if (position < bytes.length && (!mayHaveRest || this.endOffset < logEndOffset))
      throw this.damaged(base, position, `${bytes.length - position} bytes that are no batch of it`)
  }

  private parse(bytes: Uint8Array, position: number, segment: number): Batch {
    if (position + HEADER_BYTES > bytes.length) throw this.damaged(segment, position, 'a header that is cut short')
    const sizeInBytes = int32(bytes, position + 8) + 12
    if (sizeInBytes < HEADER_BYTES || position + sizeInBytes > bytes.length)
      throw this.damaged(segment, position, `a batch of ${sizeInBytes} bytes, and the file ends at ${bytes.length}`)
    if (bytes[position + 16] !== 2) throw this.damaged(segment, position, `a batch of format ${bytes[position + 16]}`)
    const crc = int32(bytes, position + 17) >>> 0
    const baseOffset = int64(bytes, position)
    if (crc32c(bytes, position + 21, position + sizeInBytes) !== crc)
      throw this.damaged(segment, position, `a batch at offset ${baseOffset} that does not match its CRC`)
    if (baseOffset < this.endOffset)
      throw this.damaged(segment, position, `a batch at offset ${baseOffset} where the log goes on at ${this.endOffset}`)
    const lastOffset = baseOffset + int32(bytes, position + 23)
    return {
      baseOffset,
      lastOffset,
      leaderEpoch: int32(bytes, position + 12),
      crc,
      attributes: int16(bytes, position + 21),
      producerId: int64(bytes, position + 43),
      producerEpoch: int16(bytes, position + 51),
      baseSequence: int32(bytes, position + 53),
      recordCount: int32(bytes, position + 57),
      segment,
      position,
      sizeInBytes,
    }
  }

  private requireEnd(logEndOffset: number): void {
    if (this.batches.length === 0) this.endOffset = logEndOffset
    if (this.endOffset === logEndOffset) return
    throw new InvariantViolation(
      rules.wholeBatches,
      `${this.name} says that it ends at ${logEndOffset}, and its files hold batches up to ${this.endOffset}`,
    )
  }

  private damaged(segment: number, position: number, what: string): InvariantViolation {
    return new InvariantViolation(rules.wholeBatches, `${this.name} has ${what}, at byte ${position} of segment ${segment}`)
  }

  private segments(): number[] {
    return this.offsetsOfFiles('.log')
  }

  /** The offsets in the names of its files of this kind, in order. */
  offsetsOfFiles(suffix: string): number[] {
    const prefix = `${this.directory}/`
    const offsets: number[] = []
    for (const path of this.disk.paths) {
      if (!path.startsWith(prefix) || !path.endsWith(suffix)) continue
      const offset = Number(path.slice(prefix.length, -suffix.length))
      if (Number.isSafeInteger(offset)) offsets.push(offset)
    }
    return offsets.sort((a, b) => a - b)
  }

  private pathOf(base: number): string {
    return `${this.directory}/${String(base).padStart(20, '0')}.log`
  }
}

export function isSameBatch(one: Batch | undefined, other: Batch | undefined): boolean {
  return (
    one !== undefined &&
    other !== undefined &&
    one.baseOffset === other.baseOffset &&
    one.leaderEpoch === other.leaderEpoch &&
    one.crc === other.crc &&
    one.lastOffset === other.lastOffset
  )
}

export function describeBatch(batch: Batch | undefined): string {
  if (batch === undefined) return 'nothing'
  return `offsets ${batch.baseOffset} to ${batch.lastOffset} of epoch ${batch.leaderEpoch} (CRC ${batch.crc.toString(16)})`
}

function isSame(one: Uint8Array, other: Uint8Array, start: number, end: number): boolean {
  return Buffer.compare(one.subarray(start, end), other.subarray(start, end)) === 0
}

function int16(bytes: Uint8Array, at: number): number {
  return (((bytes[at] as number) << 24) >> 16) | (bytes[at + 1] as number)
}

function int32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  )
}

function int64(bytes: Uint8Array, at: number): number {
  return int32(bytes, at) * 0x1_0000_0000 + (int32(bytes, at + 4) >>> 0)
}
