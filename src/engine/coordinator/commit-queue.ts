/**
 * Answers that wait until what they rest on is committed, for one partition, in the order of its log. Owned by an active shard; delivers nothing by
 * itself: the runtime says how far the high watermark is and what time it is.
 */
export interface PendingAnswer {
  /** Committed when the high watermark is here. */
  readonly requiredOffset: number
  /** Monotonic. */
  readonly deadlineMs: number
  deliver(): void
  fail(errorCode: number): void
}

export class CommitQueue {
  private pending: PendingAnswer[] = []

  get isEmpty(): boolean {
    return this.pending.length === 0
  }

  /** Null where nothing waits. */
  get firstDeadlineMs(): number | null {
    return this.pending[0]?.deadlineMs ?? null
  }

  /** Later ones require no less, and are given no less time. */
  add(answer: PendingAnswer): void {
    this.pending.push(answer)
  }

  onHighWatermark(highWatermark: number): void {
    let count = 0
    while (count < this.pending.length && this.pending[count]!.requiredOffset <= highWatermark) count++
    for (const answer of this.pending.splice(0, count)) answer.deliver()
  }

  /** Whoever has waited too long is told so; the records stay in the log and may yet be committed. */
  expire(nowMs: number, errorCode: number): void {
    let count = 0
    while (count < this.pending.length && this.pending[count]!.deadlineMs <= nowMs) count++
    for (const answer of this.pending.splice(0, count)) answer.fail(errorCode)
  }

  failAll(errorCode: number): void {
    for (const answer of this.pending.splice(0)) answer.fail(errorCode)
  }
}
