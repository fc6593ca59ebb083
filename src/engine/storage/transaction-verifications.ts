/**
 * Which producers' first transactional write to a log is being asked about: whether the partition is part of their transaction (KIP-890 part 1,
 * VerificationStateEntry). In memory only, of a leader; ProducerState keeps it.
 *
 * Whoever wants to append takes a guard, asks the transaction's coordinator, and appends with the guard. A marker, or an append that opens the
 * transaction, takes all guards of the producer back: what was asked before says nothing of the transaction after.
 */
export interface VerificationGuard {
  readonly epoch: number
}

interface Verification {
  guard: VerificationGuard
  /** The least first sequence that came while it was asked. */
  lowestSequence: number
  readonly sinceMs: number
}

export class TransactionVerifications {
  readonly #byProducer = new Map<number | bigint, Verification>()

  /** The guard is shared by all of the producer's requests of one epoch that come while the coordinator is asked. */
  start(producerId: number | bigint, epoch: number, sequence: number, nowMs: number): VerificationGuard {
    const known = this.#byProducer.get(producerId)
    if (known !== undefined && known.guard.epoch >= epoch) {
      known.lowestSequence = Math.min(known.lowestSequence, sequence)
      return known.guard
    }
    const guard = { epoch }
    this.#byProducer.set(producerId, { guard, lowestSequence: sequence, sinceMs: nowMs })
    return guard
  }

  isHeld(producerId: number | bigint, guard: VerificationGuard | null): boolean {
    return guard !== null && this.#byProducer.get(producerId)?.guard === guard
  }

  /** Of several batches whose verification is under way the lowest goes first; null where none is under way. */
  lowestSequence(producerId: number | bigint): number | null {
    return this.#byProducer.get(producerId)?.lowestSequence ?? null
  }

  end(producerId: number | bigint): void {
    this.#byProducer.delete(producerId)
  }

  removeExpired(nowMs: number, expirationMs: number): void {
    for (const [producerId, { sinceMs }] of this.#byProducer) {
      if (nowMs - sinceMs >= expirationMs) this.#byProducer.delete(producerId)
    }
  }

  clear(): void {
    this.#byProducer.clear()
  }
}
