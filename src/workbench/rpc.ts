/** Calls and events between the main thread and the clients worker: the contract's own names, failures as values. */
import type { CallArgument, CallResults, EventName, EventPayloads } from '../shared/ipc/contract'
import type { WireError } from '../shared/ipc/errors'
import type { ServiceCallName } from './services'

/** The calls that the cluster's host answers: supervision and what brokers report. */
export type HostCallName = Extract<
  ServiceCallName,
  | `cluster.${string}`
  | `metrics.${string}`
  | `clients.${string}`
  | 'topics.list'
  | 'topics.partitions'
  | 'topics.configDefinitions'
>

/** All others are carried out in the clients worker. */
export type ClientCallName = Exclude<ServiceCallName, HostCallName>

/** Where the schema registry is, as its host knows it. */
export interface RegistryAddress {
  /** null: it is not up, and `problem` says why. With an address, `problem` says why it cannot read or write now. */
  readonly url: string | null
  readonly problem: string | null
  /** Moves when something was written to it, by anybody. */
  readonly revision: number
}

export interface BootstrapAddress {
  /** Where brokers are reached by their own listener, of which clients are told nothing: whose address it is. */
  readonly id?: number
  readonly host: string
  readonly port: number
}

export type ToClients =
  | { readonly type: 'call'; readonly id: number; readonly name: ClientCallName; readonly argument: unknown }
  /** The brokers' addresses, whenever they change. */
  | { readonly type: 'bootstrap'; readonly addresses: readonly BootstrapAddress[] }
  | { readonly type: 'registry'; readonly address: RegistryAddress }
  /** Where the coordination service listens; null: it is not up. */
  | { readonly type: 'coordination'; readonly address: { readonly host: string; readonly port: number } | null }

export type FromClients =
  | { readonly type: 'answer'; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly type: 'answer'; readonly id: number; readonly ok: false; readonly error: WireError }
  | { readonly type: 'event'; readonly name: EventName; readonly payload: EventPayloads[EventName] }

export type ClientHandlers = {
  readonly [N in ClientCallName]: (argument: CallArgument<N>) => Promise<CallResults[N]> | CallResults[N]
}
