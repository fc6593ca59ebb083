/** Who waits until the log has been read up to an offset, or once to its end. Each wait ends by itself after its time. */
import type { Clock } from '../../platform'

interface Waiter {
  /** -1: the first reading to the end. */
  readonly offset: number
  readonly done: (isReached: boolean) => void
}

const FIRST_READ = -1

export class OffsetWaiters {
  private waiters: Waiter[] = []

  /** Answers false where the time was over first. */
  reached(offset: number, clock: Clock, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = clock.setTimer(timeoutMs, () => {
        this.waiters = this.waiters.filter((other) => other !== waiter)
        resolve(false)
      })
      const waiter: Waiter = {
        offset,
        done: (isReached) => {
          timer.cancel()
          resolve(isReached)
        },
      }
      this.waiters.push(waiter)
    })
  }

  firstRead(clock: Clock, timeoutMs: number): Promise<boolean> {
    return this.reached(FIRST_READ, clock, timeoutMs)
  }

  /** All below `position` has been read. */
  advance(position: number): void {
    this.release((waiter) => waiter.offset !== FIRST_READ && waiter.offset <= position)
  }

  onFirstRead(): void {
    this.release((waiter) => waiter.offset === FIRST_READ)
  }

  /** Nothing more will be read. */
  fail(): void {
    for (const waiter of this.waiters.splice(0)) waiter.done(false)
  }

  private release(isDue: (waiter: Waiter) => boolean): void {
    const due = this.waiters.filter(isDue)
    if (due.length === 0) return
    this.waiters = this.waiters.filter((waiter) => !isDue(waiter))
    for (const waiter of due) waiter.done(true)
  }
}
