/**
 * Many deadlines by key on one timer of the clock: a member's session moves with each of its heartbeats, which here is a write to a map. Used by the
 * runtime for the timers of one shard.
 */
import type { Clock, Timer } from '../platform'

interface Deadline<T> {
  readonly atMs: number
  readonly value: T
}

export class Deadlines<T> {
  private readonly deadlines = new Map<string, Deadline<T>>()
  private timer: Timer | null = null
  private timerAtMs = Number.POSITIVE_INFINITY

  constructor(
    private readonly clock: Clock,
    private readonly onDue: (value: T) => void,
  ) {}

  get size(): number {
    return this.deadlines.size
  }

  has(key: string): boolean {
    return this.deadlines.has(key)
  }

  set(key: string, delayMs: number, value: T): void {
    const atMs = this.clock.monotonicMs() + delayMs
    // Behind all others of its time, also where it stood before.
    this.deadlines.delete(key)
    this.deadlines.set(key, { atMs, value })
    if (atMs < this.timerAtMs) this.wakeAt(atMs)
  }

  cancel(key: string): void {
    this.deadlines.delete(key)
  }

  clear(): void {
    this.deadlines.clear()
    this.timer?.cancel()
    this.timer = null
    this.timerAtMs = Number.POSITIVE_INFINITY
  }

  private wakeAt(atMs: number): void {
    this.timer?.cancel()
    this.timerAtMs = atMs
    this.timer = this.clock.setTimer(Math.max(0, atMs - this.clock.monotonicMs()), () => this.wake())
  }

  private wake(): void {
    this.timer = null
    this.timerAtMs = Number.POSITIVE_INFINITY
    const nowMs = this.clock.monotonicMs()
    const due = [...this.deadlines].filter(([, { atMs }]) => atMs <= nowMs).sort(([, a], [, b]) => a.atMs - b.atMs)
    for (const [key, deadline] of due) {
      // One that ran before it may have cancelled it, or given it more time.
      if (this.deadlines.get(key) !== deadline) continue
      this.deadlines.delete(key)
      this.onDue(deadline.value)
    }
    let nextMs = Number.POSITIVE_INFINITY
    for (const { atMs } of this.deadlines.values()) nextMs = Math.min(nextMs, atMs)
    if (nextMs < this.timerAtMs) this.wakeAt(nextMs)
  }
}
