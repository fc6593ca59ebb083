/** Connected programs of the fake cluster. */
import type { Handlers } from './fake-host'

type Name = Extract<keyof Handlers, `clients.${string}`>

export function clientsHandlers(): Pick<Handlers, Name> {
  return {
    'clients.list': () => [],
  }
}
