/** What the driver tells the cluster's process and its workers about the faults to come. Passed as a JSON file named by an environment variable. */
import { readFileSync } from 'node:fs'

export const settingsVariable = 'BROKER_WORKBENCH_TORTURE'
/** The channel from the cluster's main thread to its workers. */
export const controlChannel = 'torture'

export interface TortureSettings {
  readonly dataDirectory: string
  readonly journalDirectory: string
  readonly sessionTimeoutMs: number
  readonly brokerConfigs: Readonly<Record<string, string>>
  readonly coordinationPort: number
  /** Where brokers really listen, in the order of their ids from 1 on. */
  readonly hiddenPorts: readonly number[]
  /** The port that a broker believes to listen on and tells everybody: the driver's proxy for clients stands there. */
  readonly frontPorts: readonly number[]
  /** By worker ('broker-1'): a port that it wants to connect to, and the proxy that it gets instead. */
  readonly routes: Readonly<Record<string, Readonly<Record<string, number>>>>
}

export type DiskFaultKind = 'no-space' | 'io' | 'read-io' | 'slow-sync'

export type WorkerOrder =
  | { readonly to: string; readonly type: 'disk'; readonly kind: DiskFaultKind; readonly forMs: number }
  | { readonly to: string; readonly type: 'disk-heals' }
  /** The thread ends where it stands. */
  | { readonly to: string; readonly type: 'die' }
  /** The thread stands still. */
  | { readonly to: string; readonly type: 'freeze'; readonly forMs: number }

export function readSettings(): TortureSettings {
  const path = process.env[settingsVariable]
  if (path === undefined) throw new Error(`${settingsVariable} is not set: only the torture test starts this`)
  return JSON.parse(readFileSync(path, 'utf8')) as TortureSettings
}
