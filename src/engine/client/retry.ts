/** Trying again what may succeed later: the one loop of all clients of this folder. */
import type { Clock } from '../platform'
import { ClientError } from './errors'

export interface RetryOptions {
  readonly clock: Clock
  /** No new attempt is begun after this time. */
  readonly timeoutMs: number
  readonly backoffMs?: number
  /** Told of each failure that is tried again. */
  readonly onRetry?: (error: ClientError) => void
}

/** Runs `attempt` until it succeeds, fails for good, or the time is over; then throws its last error. */
export async function retrying<T>(options: RetryOptions, attempt: () => Promise<T>): Promise<T> {
  const { clock, timeoutMs, backoffMs = 50 } = options
  const deadlineMs = clock.monotonicMs() + timeoutMs
  for (let round = 0; ; round++) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof ClientError) || !error.retriable) throw error
      const pauseMs = Math.min(500, backoffMs * 2 ** Math.min(round, 4))
      if (clock.monotonicMs() + pauseMs >= deadlineMs) throw error
      options.onRetry?.(error)
      await pause(clock, pauseMs)
    }
  }
}

export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.setTimer(delayMs, resolve))
}
