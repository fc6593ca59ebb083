/**
 * When the next message of a run is due. Message i of a round is due i/rate seconds after its begin, by the clock and not by the pauses
 * between: a run that was held up catches up, so that the rate is exact over its time. Pure; what is paused does not count.
 */
export class Pacer {
  private roundBeganMs: number
  private pausedSinceMs: number | null = null

  constructor(
    private readonly perSecond: number | null,
    nowMs: number,
  ) {
    this.roundBeganMs = nowMs
  }

  beginRound(nowMs: number): void {
    this.roundBeganMs = nowMs
  }

  pause(nowMs: number): void {
    this.pausedSinceMs ??= nowMs
  }

  resume(nowMs: number): void {
    if (this.pausedSinceMs !== null) this.roundBeganMs += nowMs - this.pausedSinceMs
    this.pausedSinceMs = null
  }

  /** How many of the round should have been sent by now. */
  dueCount(nowMs: number): number {
    if (this.perSecond === null) return Number.POSITIVE_INFINITY
    // A clock's fractions must not put off what is due just now.
    return Math.floor(((nowMs - this.roundBeganMs) * this.perSecond) / 1_000 + 1e-9) + 1
  }

  /** Until the message after `sentCount` is due; at least 1. */
  waitMs(sentCount: number, nowMs: number): number {
    if (this.perSecond === null) return 1
    return Math.max(1, Math.ceil(this.roundBeganMs + (sentCount * 1_000) / this.perSecond - nowMs))
  }
}
