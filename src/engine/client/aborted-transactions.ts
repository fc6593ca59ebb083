/**
 * What a reader of committed records leaves out (KIP-98): the batches of transactions that the broker says were aborted, and control batches. One for each
 * partition and fetch: the list that comes with the records speaks of all of them. Pure.
 */
import { type BatchHeader, readEndTxnMarker } from '../wire/records'

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
}

export class AbortedTransactions {
  /** By first offset; those whose records have begun are gone from here. */
  private readonly upcoming: AbortedTransaction[]
  private readonly underway = new Set<bigint>()

  constructor(aborted: readonly AbortedTransaction[]) {
    this.upcoming = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  }

  /** Whether the records of the batch at `bytes[at]` are for the reader. Asked of every batch, in order. */
  isVisible(header: BatchHeader, bytes: Uint8Array, at: number): boolean {
    while (this.upcoming.length > 0 && this.upcoming[0]!.firstOffset <= header.lastOffset) {
      this.underway.add(this.upcoming.shift()!.producerId)
    }
    if (header.isControl) {
      // The producer's next transaction is another one.
      if (readEndTxnMarker(bytes, at)?.isCommit === false) this.underway.delete(header.producerId)
      return false
    }
    return !header.isTransactional || !this.underway.has(header.producerId)
  }
}
