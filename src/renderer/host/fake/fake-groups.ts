/** Consumer groups of the fake cluster. */
import type { Handlers } from './fake-host'

type Name = Extract<keyof Handlers, `groups.${string}`>

export function groupHandlers(): Pick<Handlers, Name> {
  return {
    'groups.list': () => [],
  }
}
