/**
 * The records of one read, kept as the batches they came in and decoded a batch at a time when looked at: a million rows cost little more
 * than their bytes on disk. Rows have an index that never changes; a live read forgets the oldest.
 */
import { type BatchHeader, type DecodedRecord, decodeRecords } from '../../engine/wire/records'

export interface StoredBatch {
  readonly topic: string
  readonly partition: number
  readonly header: BatchHeader
  readonly bytes: Uint8Array
}

export interface StoredRow {
  readonly index: number
  readonly batch: StoredBatch
  /** null: the batch cannot be decoded, `failure` says why. */
  readonly record: DecodedRecord | null
  readonly failure: string | null
}

const decodedBatchesMax = 64
const emptyBatchesMax = 256

interface Decoded {
  readonly records: readonly DecodedRecord[]
  readonly failure: string | null
}

export class RowStore {
  /** Two numbers a row: the index of its batch in `batches`, and the record in it. */
  private rows: Int32Array = new Int32Array(2 * 1024)
  private end = 0
  private start = 0
  private batches: (StoredBatch | undefined)[] = []
  private dropped = 0
  private bytes = 0
  private readonly decoded = new Map<StoredBatch, Decoded>()

  /** Rows that can be asked for: indexes `droppedCount` up to this, exclusive. */
  get rowCount(): number {
    return this.dropped + (this.end - this.start)
  }

  get droppedCount(): number {
    return this.dropped
  }

  get byteLength(): number {
    return this.bytes
  }

  /** Adds the records of `batch` from offset `from` up to `to`, exclusive, `recordsMax` at the most; answers how many. */
  addBatch(batch: StoredBatch, from: number, to: number, recordsMax: number): number {
    let skip = 0
    let end = batch.header.recordCount
    // Only what may have to be cut is decoded now.
    if (batch.header.baseOffset < from || batch.header.lastOffset >= to) {
      const { records, failure } = this.decode(batch)
      if (failure === null) {
        end = records.length
        while (skip < end && (records[skip]?.offset ?? 0) < from) skip++
        while (end > skip && (records[end - 1]?.offset ?? 0) >= to) end--
      }
    }
    const taken = Math.min(end - skip, recordsMax)
    if (taken <= 0) return 0
    const batchIndex = this.batches.push(batch) - 1
    this.bytes += batch.bytes.length
    for (let i = 0; i < taken; i++) this.push(batchIndex, skip + i)
    return taken
  }

  /** Adds chosen records of `batch`, by their place in it, ascending; answers the index of the first row. */
  addRecords(batch: StoredBatch, places: readonly number[]): number {
    const first = this.rowCount
    if (places.length === 0) return first
    const batchIndex = this.batches.push(batch) - 1
    this.bytes += batch.bytes.length
    for (const place of places) this.push(batchIndex, place)
    return first
  }

  /** Keeps only the rows of these indexes, ascending. For finished reads only: indexes change, what was dropped counts no more. */
  keepOnly(indexes: readonly number[]): void {
    const kept: number[] = []
    for (const index of indexes) {
      const position = index - this.dropped + this.start
      kept.push(this.rows[2 * position] ?? 0, this.rows[2 * position + 1] ?? 0)
    }
    this.rows = new Int32Array(Math.max(2_048, kept.length))
    this.rows.set(kept)
    this.start = 0
    this.end = kept.length / 2
    this.dropped = 0
    this.forgetUnused()
  }

  /** Forgets the oldest rows beyond `rowsMax`. */
  keepNewest(rowsMax: number): void {
    const excess = this.end - this.start - rowsMax
    if (excess <= 0) return
    const firstKept = this.rows[2 * (this.start + excess)]
    for (let row = this.start; row < this.start + excess; row++) {
      const batchIndex = this.rows[2 * row] ?? 0
      const batch = this.batches[batchIndex]
      if (batch === undefined || batchIndex === firstKept) continue
      this.bytes -= batch.bytes.length
      this.decoded.delete(batch)
      this.batches[batchIndex] = undefined
    }
    this.start += excess
    this.dropped += excess
    this.forgetEmptyBatches(firstKept ?? this.batches.length)
  }

  row(index: number): StoredRow | null {
    const position = index - this.dropped + this.start
    if (position < this.start || position >= this.end) return null
    const batch = this.batches[this.rows[2 * position] ?? 0]
    if (batch === undefined) return null
    const { records, failure } = this.decode(batch)
    return { index, batch, record: records[this.rows[2 * position + 1] ?? 0] ?? null, failure }
  }

  /**
   * Puts the rows from index `from` on in order of `compare` and keeps the first `rowsMax` of them; answers those that it let go. For reads
   * that nobody has been shown these rows of: indexes change.
   */
  sort(compare: (a: StoredRow, b: StoredRow) => number, rowsMax: number, from = this.dropped): StoredRow[] {
    const first = this.start + (from - this.dropped)
    const sorted: { readonly row: StoredRow; readonly batchIndex: number; readonly recordIndex: number }[] = []
    for (let position = first; position < this.end; position++) {
      const row = this.row(position - this.start + this.dropped)
      if (row !== null)
        sorted.push({ row, batchIndex: this.rows[2 * position] ?? 0, recordIndex: this.rows[2 * position + 1] ?? 0 })
    }
    sorted.sort((a, b) => compare(a.row, b.row))
    this.end = first
    for (const { batchIndex, recordIndex } of sorted.slice(0, rowsMax)) this.push(batchIndex, recordIndex)
    if (sorted.length > rowsMax) this.forgetUnused()
    return sorted.slice(rowsMax).map(({ row }) => row)
  }

  /** Lets go of the batches that no row is of any more. */
  private forgetUnused(): void {
    const used = new Set<number>()
    for (let position = this.start; position < this.end; position++) used.add(this.rows[2 * position] ?? 0)
    for (let index = 0; index < this.batches.length; index++) {
      const batch = this.batches[index]
      if (batch === undefined || used.has(index)) continue
      this.bytes -= batch.bytes.length
      this.decoded.delete(batch)
      this.batches[index] = undefined
    }
  }

  private push(batchIndex: number, recordIndex: number): void {
    if (2 * this.end === this.rows.length) this.makeRoom()
    this.rows[2 * this.end] = batchIndex
    this.rows[2 * this.end + 1] = recordIndex
    this.end++
  }

  private makeRoom(): void {
    const live = this.rows.subarray(2 * this.start, 2 * this.end)
    const next = live.length > this.rows.length / 2 ? new Int32Array(this.rows.length * 2) : new Int32Array(this.rows.length)
    next.set(live)
    this.rows = next
    this.end -= this.start
    this.start = 0
  }

  /** A live read may run for days: what it dropped must not go on taking a place each. */
  private forgetEmptyBatches(firstKept: number): void {
    if (firstKept < emptyBatchesMax || firstKept < this.batches.length / 2) return
    this.batches.splice(0, firstKept)
    for (let row = this.start; row < this.end; row++) this.rows[2 * row] = (this.rows[2 * row] ?? 0) - firstKept
  }

  private decode(batch: StoredBatch): Decoded {
    const known = this.decoded.get(batch)
    if (known !== undefined) return known
    let decoded: Decoded
    try {
      decoded = { records: decodeRecords(batch.bytes), failure: null }
    } catch (error) {
      decoded = { records: [], failure: (error as Error).message }
    }
    this.decoded.set(batch, decoded)
    if (this.decoded.size > decodedBatchesMax) {
      const oldest = this.decoded.keys().next().value
      if (oldest !== undefined) this.decoded.delete(oldest)
    }
    return decoded
  }
}
