/**
 * Tokens that come in at a steady rate and are used up in lumps, for changes to the cluster: a topic of fifty partitions is one request (KIP-599). The bucket
 * holds what comes in over the whole window; it may be overdrawn by the request that empties it. Pure; time comes with each call, monotonic.
 */
import { THROTTLE_MS_MAX } from './windowed-rate'

export class TokenBucket {
  private tokens: number
  private updatedMs: number

  constructor(
    private readonly perSecond: number,
    private readonly windowSeconds: number,
    nowMs: number,
  ) {
    this.tokens = this.capacity
    this.updatedMs = nowMs
  }

  get lastRecordedMs(): number {
    return this.updatedMs
  }

  take(count: number, nowMs: number): void {
    this.refill(nowMs)
    this.tokens -= count
  }

  /** Until it is no longer overdrawn; 0: it is not. */
  debtMs(nowMs: number): number {
    this.refill(nowMs)
    return this.tokens >= 0 ? 0 : Math.min(THROTTLE_MS_MAX, Math.round((-this.tokens / this.perSecond) * 1000))
  }

  private get capacity(): number {
    return this.perSecond * this.windowSeconds
  }

  private refill(nowMs: number): void {
    this.tokens = Math.min(this.capacity, this.tokens + (this.perSecond * (nowMs - this.updatedMs)) / 1000)
    this.updatedMs = nowMs
  }
}
