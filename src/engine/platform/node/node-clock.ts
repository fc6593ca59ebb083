/**
 * The system's clocks and timers as a {@link Clock}. Made once a thread by createNodePlatform; holds no state of its own,
 * so whoever sets a timer or ticker cancels it: a running one keeps its thread alive.
 */
import type { Clock, Timer } from '../clock'

/** Node turns a longer delay into 1 ms; a longer one is waited out in steps. */
const LONGEST_DELAY_MS = 0x7fffffff

export class NodeClock implements Clock {
  nowMs(): number {
    return Date.now()
  }

  monotonicMs(): number {
    return performance.now()
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    if (delayMs > LONGEST_DELAY_MS) return this.setLongTimer(delayMs, callback)
    const handle = setTimeout(callback, Math.ceil(delayMs))
    return { cancel: () => clearTimeout(handle) }
  }

  setTicker(intervalMs: number, callback: () => void): Timer {
    const handle = setInterval(callback, Math.min(Math.ceil(intervalMs), LONGEST_DELAY_MS))
    return { cancel: () => clearInterval(handle) }
  }

  /** The check phase follows the poll phase: all sockets that were readable have been read by then, and no timer has run in between. */
  defer(callback: () => void): void {
    setImmediate(callback)
  }

  private setLongTimer(delayMs: number, callback: () => void): Timer {
    let current: Timer
    const step = (restMs: number): void => {
      const stepMs = Math.min(restMs, LONGEST_DELAY_MS)
      current = this.setTimer(stepMs, () => (restMs > stepMs ? step(restMs - stepMs) : callback()))
    }
    step(delayMs)
    return { cancel: () => current.cancel() }
  }
}
