/**
 * When a worker that died by itself is started again: after a moment, and not for ever. One that never served would not serve the next time either, and one
 * that dies again and again within a minute is broken; both stay down, with their reason shown. Of coordination and registry alike.
 */
const restartsPerMinuteMax = 3
const minuteMs = 60_000

export class RestartPolicy {
  private readonly deaths: number[] = []
  private timer: NodeJS.Timeout | null = null

  constructor(private readonly delayMs: number) {}

  /** Called once a death, with whether it has ever served; answers whether it is to be started again. */
  allowsAfterDeath(hasServed: boolean): boolean {
    const nowMs = Date.now()
    this.deaths.push(nowMs)
    while (nowMs - (this.deaths[0] ?? nowMs) >= minuteMs) this.deaths.shift()
    return hasServed && this.deaths.length <= restartsPerMinuteMax
  }

  /** `start` is called after the delay, unless cancelled; a start that fails is a death of its own, told by the worker's exit. */
  schedule(start: () => Promise<unknown>): void {
    this.cancel()
    this.timer = setTimeout(() => {
      this.timer = null
      start().catch(() => undefined)
    }, this.delayMs)
  }

  cancel(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
  }
}
