/**
 * Of each key of each partition the row of its last record: what a compacted topic is worth when compaction is done. A last record that the filters
 * leave out takes its key along. Tombstones are records like others. Kept by ReadSession while it reads on; rows are thinned out as they pile up.
 */
import type { DecodedRecord } from '../../engine/wire/records'
import type { RowStore } from './row-store'

/** Rows that nobody wants are let go of when they are as many as those that are wanted, and no sooner than this. */
const superfluousMin = 50_000

export class LatestPerKey {
  private rows = new Map<string, number>()

  get keyCount(): number {
    return this.rows.size
  }

  /** `kept` of the `looked` places of a batch stand in the store from row `first` on. */
  onKept(
    partitionName: string,
    records: readonly DecodedRecord[],
    looked: readonly number[],
    kept: readonly number[],
    first: number,
  ): void {
    let next = 0
    for (const place of looked) {
      const key = records[place]?.key ?? null
      const isKept = kept[next] === place
      const row = isKept ? first + next++ : -1
      if (key === null) continue
      const name = `${partitionName} ${Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')}`
      if (isKept) this.rows.set(name, row)
      else this.rows.delete(name)
    }
  }

  maybeCompact(store: RowStore): void {
    const superfluous = store.rowCount - this.rows.size
    if (superfluous > Math.max(superfluousMin, this.rows.size)) this.compact(store)
  }

  /** Afterwards the store has the last record of each key, in the order in which they were read, and no other. */
  compact(store: RowStore): void {
    const entries = [...this.rows].sort((a, b) => a[1] - b[1])
    store.keepOnly(entries.map(([, row]) => row))
    this.rows = new Map(entries.map(([name], index) => [name, index]))
  }
}
