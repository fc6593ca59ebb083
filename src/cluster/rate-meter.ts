/** Rates from running totals, over the last two seconds, so that a figure is neither nervous nor stale. */
interface Totals {
  readonly atMs: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly messagesIn: number
}

const windowMs = 2_000

export class RateMeter {
  private samples: Totals[] = []

  add(totals: Totals): void {
    const { atMs, bytesIn, bytesOut, messagesIn } = totals
    this.samples.push({ atMs, bytesIn, bytesOut, messagesIn })
    while (this.samples.length > 2 && atMs - (this.samples[1]?.atMs ?? atMs) >= windowMs) this.samples.shift()
  }

  /** A restarted broker counts from zero again. */
  reset(): void {
    this.samples = []
  }

  perSecond(): { bytesIn: number; bytesOut: number; messagesIn: number } {
    const first = this.samples[0]
    const last = this.samples[this.samples.length - 1]
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return { bytesIn: 0, bytesOut: 0, messagesIn: 0 }
    const seconds = (last.atMs - first.atMs) / 1000
    return {
      bytesIn: (last.bytesIn - first.bytesIn) / seconds,
      bytesOut: (last.bytesOut - first.bytesOut) / seconds,
      messagesIn: (last.messagesIn - first.messagesIn) / seconds,
    }
  }
}
