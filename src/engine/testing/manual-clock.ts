/** A clock that stands until a test moves it; what is deferred runs when the test says so, and before time goes on. Imported by tests only. */
import type { Clock, Timer } from '../platform'

interface ManualTimer {
  atMs: number
  readonly callback: () => void
  readonly intervalMs: number | null
}

export class ManualClock implements Clock {
  private elapsedMs = 0
  private deferred: (() => void)[] = []
  private readonly timers = new Set<ManualTimer>()

  constructor(private readonly startMs = 1_700_000_000_000) {}

  nowMs(): number {
    return this.startMs + this.elapsedMs
  }

  monotonicMs(): number {
    return this.elapsedMs
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    return this.add({ atMs: this.elapsedMs + delayMs, callback, intervalMs: null })
  }

  setTicker(intervalMs: number, callback: () => void): Timer {
    return this.add({ atMs: this.elapsedMs + intervalMs, callback, intervalMs })
  }

  defer(callback: () => void): void {
    this.deferred.push(callback)
  }

  runDeferred(): void {
    while (this.deferred.length > 0) for (const callback of this.deferred.splice(0)) callback()
  }

  /** Runs what is due on the way, in order of time. */
  advance(byMs: number): void {
    const endMs = this.elapsedMs + byMs
    this.runDeferred()
    for (;;) {
      let next: ManualTimer | null = null
      for (const timer of this.timers) if (timer.atMs <= endMs && (next === null || timer.atMs < next.atMs)) next = timer
      if (next === null) break
      this.elapsedMs = next.atMs
      if (next.intervalMs === null) this.timers.delete(next)
      else next.atMs += next.intervalMs
      next.callback()
      this.runDeferred()
    }
    this.elapsedMs = endMs
  }

  private add(timer: ManualTimer): Timer {
    this.timers.add(timer)
    return { cancel: () => void this.timers.delete(timer) }
  }
}
