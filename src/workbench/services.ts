/** What stands behind the window: one function a call of the contract. Main validates arguments before they come here. */
import type { CallArgument, CallName, CallResults, EventName, EventPayloads } from '../shared/ipc/contract'

/** The calls that main answers itself, about the app and not about a cluster. */
export type AppCallName = Extract<CallName, `app.${string}`>
export type ServiceCallName = Exclude<CallName, AppCallName>

export type WorkbenchServices = { readonly [N in ServiceCallName]: (argument: CallArgument<N>) => Promise<CallResults[N]> }

export type Emit = <N extends EventName>(name: N, payload: EventPayloads[N]) => void

export type { LogFields, Logger } from '../engine/platform/logger'
