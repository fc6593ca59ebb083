/**
 * The rows of a read that the window holds: pages around what is in sight, forgotten in the order they were last looked at. A million rows
 * scroll through it in the memory of some thousands. Indexes are the read's own, which never change while it runs.
 */
import type { MessageRow } from '../../../shared/model/messages'

export const pageSize = 100
const pagesMax = 40

export class RowPages {
  /** In the order of last use. */
  private readonly pages = new Map<number, readonly MessageRow[]>()
  private readonly asked = new Set<number>()

  row(index: number): MessageRow | undefined {
    const page = this.pages.get(Math.floor(index / pageSize))
    if (page === undefined) return undefined
    // A page at the dropped end of a live read begins later than its number says.
    const first = page[0]?.index ?? 0
    return page[index - first]
  }

  get rowCount(): number {
    let count = 0
    for (const page of this.pages.values()) count += page.length
    return count
  }

  /** The pages that rows `first` to `last` need and nobody has asked for yet, of those rows that there are. */
  missing(first: number, last: number, rows: { readonly from: number; readonly to: number }): number[] {
    const wanted: number[] = []
    for (let page = Math.floor(first / pageSize); page <= Math.floor(last / pageSize); page++) {
      const known = this.pages.get(page)
      if (known !== undefined) {
        this.pages.delete(page)
        this.pages.set(page, known)
      }
      const from = Math.max(rows.from, page * pageSize)
      const to = Math.min(rows.to, (page + 1) * pageSize)
      if (to <= from || this.asked.has(page)) continue
      const lastKnown = known?.[known.length - 1]?.index ?? -1
      if (lastKnown < to - 1) wanted.push(page)
    }
    return wanted
  }

  ask(page: number): void {
    this.asked.add(page)
  }

  /** The answer for a page; null where it failed, so that it is asked for again when it is next in sight. */
  put(page: number, rows: readonly MessageRow[] | null): void {
    this.asked.delete(page)
    if (rows === null) return
    this.pages.delete(page)
    this.pages.set(page, rows)
    while (this.pages.size > pagesMax) {
      const oldest = this.pages.keys().next().value
      if (oldest === undefined) break
      this.pages.delete(oldest)
    }
  }

  clear(): void {
    this.pages.clear()
    this.asked.clear()
  }
}
