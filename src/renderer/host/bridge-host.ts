/** The host over what the preload exposes. Unwraps replies: failures travel as values and are thrown here. */
import type { Bridge, CallArgument, CallName } from '../../shared/ipc/contract'
import { fromWireError } from '../../shared/ipc/errors'
import type { Host } from './host'

export function createBridgeHost(bridge: Bridge): Host {
  return {
    async call<N extends CallName>(name: N, ...argument: readonly unknown[]) {
      const reply = await bridge.call(name, argument[0] as CallArgument<N>)
      if (!reply.ok) throw fromWireError(reply.error)
      return reply.value
    },
    on: (name, listener) => bridge.on(name, listener),
  }
}
