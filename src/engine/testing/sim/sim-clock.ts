/**
 * A process' clock in the simulated world: runs a little fast or slow, shows a wall time that is off and may jump, and lets timers come late, as a
 * loaded event loop does. Ends with its process.
 */
import type { Clock, Timer } from '../../platform/clock'
import { ProcessDied, type SimProcess } from './process'
import type { Scheduler } from './scheduler'
import type { SeededRandom } from './seeded-random'

/** Monday, 2026-01-05: any day will do, as long as it is the same one. */
export const EPOCH_MS = 1_767_571_200_000

export interface ClockFaults {
  /** Its seconds against true ones: 1.02 runs two percent fast. */
  rate: number
  /** Wall clock only. */
  offsetMs: number
  /** A timer comes up to this late. */
  lateMsMax: number
}

const NO_TIMER: Timer = { cancel: () => undefined }

export class SimClock implements Clock {
  readonly #startedAtMs: number

  constructor(
    private readonly scheduler: Scheduler,
    private readonly process: SimProcess,
    private readonly random: SeededRandom,
    private readonly faults: ClockFaults,
  ) {
    this.#startedAtMs = scheduler.nowMs
  }

  nowMs(): number {
    return EPOCH_MS + Math.floor(this.scheduler.nowMs + this.process.busyMs + this.faults.offsetMs)
  }

  monotonicMs(): number {
    return (this.scheduler.nowMs - this.#startedAtMs + this.process.busyMs) * this.faults.rate
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    return this.#schedule('timer', delayMs, callback)
  }

  setTicker(intervalMs: number, callback: () => void): Timer {
    let current: Timer = NO_TIMER
    const tick = (): void => {
      current = this.#schedule('tick', intervalMs, tick)
      callback()
    }
    current = this.#schedule('tick', intervalMs, tick)
    return { cancel: () => current.cancel() }
  }

  defer(callback: () => void): void {
    this.#requireAlive()
    this.scheduler.after(0, this.process, 'defer', callback)
  }

  #schedule(what: string, delayMs: number, callback: () => void): Timer {
    if (!this.process.isAlive) return NO_TIMER
    const { rate, lateMsMax } = this.faults
    // Node's timers have whole milliseconds.
    const trueDelayMs = Math.max(1, Math.ceil(delayMs)) / rate
    return this.scheduler.after(
      this.process.busyMs + trueDelayMs + this.random.within(0, lateMsMax),
      this.process,
      what,
      callback,
    )
  }

  #requireAlive(): void {
    if (!this.process.isAlive) throw new ProcessDied(`${this.process.name} is dead`)
  }
}
