/**
 * When which session expires, in buckets of one tick (ZooKeeper's ExpiryQueue): renewing one is cheap, and a tick looks at due buckets only.
 * Pure: the server brings the time, monotonic milliseconds, and closes what expire() answers.
 */
export class SessionExpiry {
  private readonly dueBySession = new Map<bigint, number>()
  private readonly buckets = new Map<number, Set<bigint>>()

  constructor(private readonly tickMs: number) {}

  get size(): number {
    return this.dueBySession.size
  }

  has(id: bigint): boolean {
    return this.dueBySession.has(id)
  }

  /** Gives the session its full time-out again, rounded up to the next tick. */
  touch(id: bigint, timeoutMs: number, nowMs: number): void {
    const due = (Math.floor((nowMs + timeoutMs) / this.tickMs) + 1) * this.tickMs
    if (this.dueBySession.get(id) === due) return
    this.remove(id)
    this.put(id, due)
  }

  remove(id: bigint): void {
    const due = this.dueBySession.get(id)
    if (due === undefined) return
    this.dueBySession.delete(id)
    const bucket = this.buckets.get(due)
    bucket?.delete(id)
    if (bucket?.size === 0) this.buckets.delete(due)
  }

  /** Takes out the sessions that are due, the longest due first. */
  expire(nowMs: number): bigint[] {
    const due = [...this.buckets.keys()].filter((dueMs) => dueMs <= nowMs).sort((left, right) => left - right)
    const expired = due.flatMap((dueMs) => [...(this.buckets.get(dueMs) ?? [])])
    for (const id of expired) this.remove(id)
    return expired
  }

  /** The server itself stood still for so long, so that nobody could renew: everybody gets that time back. */
  postponeAll(byMs: number): void {
    const sessions = [...this.dueBySession]
    this.dueBySession.clear()
    this.buckets.clear()
    const ticks = Math.ceil(byMs / this.tickMs)
    for (const [id, due] of sessions) this.put(id, due + ticks * this.tickMs)
  }

  /** Buckets by due time, soonest first. */
  dueBuckets(): [number, ReadonlySet<bigint>][] {
    return [...this.buckets].sort(([left], [right]) => left - right)
  }

  private put(id: bigint, due: number): void {
    this.dueBySession.set(id, due)
    const bucket = this.buckets.get(due)
    if (bucket === undefined) this.buckets.set(due, new Set([id]))
    else bucket.add(id)
  }
}
