/** Calls and events about the znodes, sessions and watches of the coordination service. */
import * as v from 'valibot'
import type { ZnodeView } from '../../model/coordination'

const path = v.pipe(v.string(), v.startsWith('/'), v.maxLength(10_000))

export const coordinationArguments = {
  /** A znode with its children; null where there is none. */
  'coordination.znode': v.strictObject({ path }),
} as const

export interface CoordinationResults {
  'coordination.znode': ZnodeView | null
}

export interface CoordinationEvents {
  /** These paths are not as they were told. */
  'coordination.changed': { readonly paths: readonly string[] }
}

export const coordinationEventNames = ['coordination.changed'] as const satisfies readonly (keyof CoordinationEvents)[]
