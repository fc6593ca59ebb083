/**
 * The window's only way to the outside: typed calls that answer or throw a WorkbenchError, and events. Two implementations: the bridge of
 * the preload, and a fake for tests and for looking at the window in a browser. Stores and views take it from Vue's injection.
 */
import { type InjectionKey, inject } from 'vue'
import type { CallArgument, CallName, CallResults, EventName, EventPayloads } from '../../shared/ipc/contract'

export interface Host {
  call<N extends CallName>(
    name: N,
    ...argument: undefined extends CallArgument<N> ? [] : [CallArgument<N>]
  ): Promise<CallResults[N]>
  /** Answers a function that stops the subscription. */
  on<N extends EventName>(name: N, listener: (payload: EventPayloads[N]) => void): () => void
}

export const hostKey: InjectionKey<Host> = Symbol('host')

export function useHost(): Host {
  const host = inject(hostKey)
  if (!host) throw new Error('no host is provided to this app')
  return host
}
