/** Figures of the fake cluster. */
import type { Handlers } from './fake-host'

type Name = Extract<keyof Handlers, `metrics.${string}`>

export function metricsHandlers(): Pick<Handlers, Name> {
  return {
    'metrics.query': () => [],
  }
}
