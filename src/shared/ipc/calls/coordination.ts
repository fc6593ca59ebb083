/** Calls and events about the znodes, sessions and watches of the coordination service. */
import * as v from 'valibot'
import type { CoordinationOverview, ZnodeView } from '../../model/coordination'
import { nothing } from './atoms'

const path = v.pipe(v.string(), v.startsWith('/'), v.maxLength(10_000))

export const coordinationArguments = {
  /** A znode with its children; null where there is none. It is watched from then on: its next change is told once. */
  'coordination.znode': v.strictObject({ path }),
  /** Sessions, watches and the controller's claim as they are now. */
  'coordination.overview': nothing,
} as const

export interface CoordinationResults {
  'coordination.znode': ZnodeView | null
  'coordination.overview': CoordinationOverview
}

export interface CoordinationEvents {
  /** These znodes are not as they were answered. Empty: anything may be, the service was away. */
  'coordination.changed': { readonly paths: readonly string[] }
}

export const coordinationEventNames = ['coordination.changed'] as const satisfies readonly (keyof CoordinationEvents)[]
