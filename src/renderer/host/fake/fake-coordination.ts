/** The znodes of the fake cluster. */
import type { Handlers } from './fake-host'

type Name = Extract<keyof Handlers, `coordination.${string}`>

export function coordinationHandlers(): Pick<Handlers, Name> {
  return {
    'coordination.znode': () => null,
  }
}
