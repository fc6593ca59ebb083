/**
 * Works through a long list without holding the thread: what the controller asks of hundreds of partitions at once means files to make and to sync,
 * and a broker that does nothing else for a second and a half loses its coordination session. Used by the handlers of the controller's requests.
 */
import type { Clock } from '../platform'

const SLICE_MS = 25

/** Calls `step` for each of `items` in order; others get their turn whenever 25 ms have gone by. Synchronous while it takes no longer than that. */
export function inTimeSlices<T>(clock: Clock, items: readonly T[], step: (item: T) => void): void | Promise<void> {
  const run = (from: number): number => {
    const endMs = clock.monotonicMs() + SLICE_MS
    let index = from
    while (index < items.length && (index === from || clock.monotonicMs() < endMs)) step(items[index++]!)
    return index
  }
  const reached = run(0)
  if (reached === items.length) return
  return new Promise<void>((resolve, reject) => {
    const goOn = (from: number): void => {
      clock.defer(() => {
        try {
          const next = run(from)
          if (next === items.length) resolve()
          else goOn(next)
        } catch (error) {
          reject(error)
        }
      })
    }
    goOn(reached)
  })
}
