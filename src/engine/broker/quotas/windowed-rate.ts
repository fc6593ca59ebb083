/**
 * How much was counted in the last seconds: Kafka's Rate over samples, `quota.window.num` of them of `quota.window.size.seconds` each, the present one
 * included. A rate that has just begun counts as if all but the present sample had gone by empty, so that the first large request does not stand
 * for a second. Pure; time comes with each call, monotonic.
 */

/** What an answer can hold of it (an int32): a quota of next to nothing would ask for more, which no answer could say. */
export const THROTTLE_MS_MAX = 0x7fffffff

export class WindowedRate {
  /** Oldest first; none older than the whole window. */
  private readonly samples: { readonly startMs: number; sum: number }[] = []
  private lastMs = Number.NEGATIVE_INFINITY

  constructor(
    private readonly windowCount: number,
    private readonly windowMs: number,
  ) {}

  get lastRecordedMs(): number {
    return this.lastMs
  }

  record(amount: number, nowMs: number): void {
    this.lastMs = nowMs
    this.forgetOld(nowMs)
    const present = this.samples.at(-1)
    if (present === undefined || nowMs - present.startMs >= this.windowMs) this.samples.push({ startMs: nowMs, sum: amount })
    else present.sum += amount
  }

  /** Per second. */
  perSecond(nowMs: number): number {
    this.forgetOld(nowMs)
    const total = this.samples.reduce((sum, sample) => sum + sample.sum, 0)
    return (total / this.spanMs(nowMs)) * 1000
  }

  /** For how long nothing may come until the rate is `limit` per second again; 0: it is not above. */
  excessMs(limit: number, nowMs: number): number {
    const rate = this.perSecond(nowMs)
    return rate <= limit ? 0 : Math.min(THROTTLE_MS_MAX, Math.round(((rate - limit) / limit) * this.spanMs(nowMs)))
  }

  /** Over which the rate is taken now. */
  private spanMs(nowMs: number): number {
    const elapsedMs = this.samples.length === 0 ? 0 : nowMs - this.samples[0]!.startMs
    const missing = Math.max(0, this.windowCount - 1 - Math.floor(elapsedMs / this.windowMs))
    return Math.max(1, elapsedMs + missing * this.windowMs)
  }

  private forgetOld(nowMs: number): void {
    while (this.samples.length > 0 && nowMs - this.samples[0]!.startMs >= this.windowCount * this.windowMs) this.samples.shift()
  }
}
