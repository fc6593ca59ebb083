/**
 * The engine's only source of time. Nothing in the engine calls Date.now, setTimeout or setImmediate: it is given a Clock,
 * so that all brokers can run in one thread on a simulated one.
 */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. May jump; for timestamps only. */
  nowMs(): number
  /** Monotonic clock in milliseconds, fractions allowed. For time-outs and durations. */
  monotonicMs(): number
  /** Runs `callback` once, `delayMs` from now or later. */
  setTimer(delayMs: number, callback: () => void): Timer
  /** Runs `callback` every `intervalMs`, first after one interval, until cancelled. */
  setTicker(intervalMs: number, callback: () => void): Timer
  /** Runs `callback` after the current event has been handled, before any timer that is due later. */
  defer(callback: () => void): void
}

export interface Timer {
  /** Cancelling twice, or after it ran, does nothing. */
  cancel(): void
}
