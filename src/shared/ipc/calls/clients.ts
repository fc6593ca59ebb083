/** Calls and events about who is connected, and how to connect. */
import type { ConnectedClient } from '../../model/clients'
import { nothing } from './atoms'

export const clientsArguments = {
  'clients.list': nothing,
} as const

export interface ClientsResults {
  'clients.list': readonly ConnectedClient[]
}

// biome-ignore lint/suspicious/noEmptyInterface: the window asks while somebody looks; nothing is told unasked yet
export interface ClientsEvents {}

export const clientsEventNames = [] as const satisfies readonly (keyof ClientsEvents)[]
