/** Calls and events about who is connected, and how to connect. */
import type { ClientAccess, ClientsList } from '../../model/clients'
import { nothing } from './atoms'

export const clientsArguments = {
  'clients.list': nothing,
  /** Addresses and settings, for whoever writes a client. */
  'clients.access': nothing,
} as const

export interface ClientsResults {
  'clients.list': ClientsList
  'clients.access': ClientAccess
}

// biome-ignore lint/suspicious/noEmptyInterface: the window asks while somebody looks; nothing is told unasked yet
export interface ClientsEvents {}

export const clientsEventNames = [] as const satisfies readonly (keyof ClientsEvents)[]
