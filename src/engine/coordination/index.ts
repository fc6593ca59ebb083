/** What other parts of the engine and its hosts use of coordination. */
export type {
  CoordinationClientEvent,
  CoordinationClientOptions,
  CreateOptions,
  MultiOp,
  MultiResult,
  Stat,
  WatchEvent,
  Watcher,
} from './coordination-client'
export { CoordinationClient } from './coordination-client'
export { CoordinationError } from './coordination-error'
export type { CoordinationServerOptions, CoordinationStatistics } from './coordination-server'
export { CoordinationServer } from './coordination-server'
export { CoordinationDataError } from './coordination-store'
