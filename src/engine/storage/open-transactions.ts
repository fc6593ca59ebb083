/**
 * Which transactions of a log are not over for its readers (ProducerStateManager's ongoingTxns and unreplicatedTxns). In memory only; ProducerState
 * keeps it, and tells of every transaction that begins and ends, in the order of the log.
 *
 * The first unstable offset is the first of a transaction that is open, or whose marker is not below the high watermark yet: before that marker is
 * committed, another leader may come who has never seen it.
 */
interface EndedTransaction {
  readonly firstOffset: number
  /** Of its marker. */
  readonly lastOffset: number
}

export class OpenTransactions {
  /** First offsets by producer. Transactions are put in as they begin, so the first one is that of the lowest offset. */
  readonly #ongoing = new Map<number | bigint, number>()
  /** Ended, the marker not known to be below the high watermark; by the marker's offset. */
  readonly #unreplicated: EndedTransaction[] = []

  get ongoingCount(): number {
    return this.#ongoing.size
  }

  has(producerId: number | bigint): boolean {
    return this.#ongoing.has(producerId)
  }

  /** In the order of `firstOffset`, or {@link sort} must follow. */
  begin(producerId: number | bigint, firstOffset: number): void {
    this.#ongoing.set(producerId, firstOffset)
  }

  /** After transactions were put in from a snapshot, which has its producers in any order. */
  sort(): void {
    const byOffset = [...this.#ongoing].sort(([, a], [, b]) => a - b)
    this.#ongoing.clear()
    for (const [producerId, firstOffset] of byOffset) this.#ongoing.set(producerId, firstOffset)
  }

  /** The marker stands at `lastOffset`. Answers where the transaction began; null where none was open. */
  end(producerId: number | bigint, lastOffset: number): number | null {
    const firstOffset = this.#ongoing.get(producerId)
    if (firstOffset === undefined) return null
    this.#ongoing.delete(producerId)
    this.#unreplicated.push({ firstOffset, lastOffset })
    return firstOffset
  }

  /** As if it had never begun: its records were cut off. */
  drop(producerId: number | bigint): void {
    this.#ongoing.delete(producerId)
  }

  /** The lowest first offset of the transactions that are open; null where none is. */
  firstOngoingOffset(): number | null {
    for (const firstOffset of this.#ongoing.values()) return firstOffset
    return null
  }

  /** As the class says; null where all is stable below the high watermark. `highWatermark` moves back only with {@link clear}. */
  firstUnstableOffset(highWatermark: number): number | null {
    const unreplicated = this.#unreplicated
    let settled = 0
    while (settled < unreplicated.length && unreplicated[settled]!.lastOffset < highWatermark) settled++
    if (settled > 0) unreplicated.splice(0, settled)
    let first = this.firstOngoingOffset()
    for (const { firstOffset } of unreplicated) if (first === null || firstOffset < first) first = firstOffset
    return first
  }

  clear(): void {
    this.#ongoing.clear()
    this.#unreplicated.length = 0
  }
}
