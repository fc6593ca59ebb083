/**
 * When the window is told that the registry changed: at once where we wrote ourselves, and not more than twice a second where others write,
 * since it reads its lists anew each time; more seldom where a telling takes long, so that reading a large registry again
 * and again keeps nobody waiting. One telling is under way at a time, and the last change is always told.
 */
import type { Clock } from '../../engine/platform'

const pauseMs = 500
/** Of the time, a telling may take a fifth. */
const pausePerTelling = 4

export class ChangeTeller {
  private isTelling = false
  private isDue = false
  private timer: { cancel(): void } | null = null
  private nextAtMs = Number.NEGATIVE_INFINITY

  constructor(
    private readonly clock: Clock,
    private readonly send: () => Promise<void>,
  ) {}

  tell(when: 'now' | 'soon'): void {
    if (this.isTelling) {
      this.isDue = true
      return
    }
    const waitMs = when === 'now' ? 0 : this.nextAtMs - this.clock.monotonicMs()
    if (waitMs > 0) {
      this.timer ??= this.clock.setTimer(waitMs, () => this.start())
      return
    }
    this.start()
  }

  private start(): void {
    this.timer?.cancel()
    this.timer = null
    this.isTelling = true
    const startedAtMs = this.clock.monotonicMs()
    const end = (): void => {
      this.isTelling = false
      const nowMs = this.clock.monotonicMs()
      this.nextAtMs = nowMs + Math.max(pauseMs, pausePerTelling * (nowMs - startedAtMs))
      if (!this.isDue) return
      this.isDue = false
      this.tell('soon')
    }
    this.send().then(end, end)
  }
}
