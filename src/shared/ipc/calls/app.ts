/** Calls and events about the app itself: its window, its look, what stands on this computer. */
import * as v from 'valibot'
import type { KeyOverrides } from '../../model/keys'
import type { SecurityView } from '../../model/security'
import { nothing } from './atoms'

export interface AppInfo {
  readonly name: string
  readonly version: string
  readonly electron: string
  readonly platform: string
  readonly theme: 'system' | 'light' | 'dark'
  readonly zoomPercent: number
  /** An IANA name; null: the system's. */
  readonly timeZone: string | null
  /** What was changed of the table of keys. */
  readonly keys: KeyOverrides
}

/** Which files a dialog offers: `{ name: 'JSON Lines', extensions: ['jsonl'] }`. */
const fileFilters = v.pipe(
  v.array(v.strictObject({ name: v.string(), extensions: v.array(v.pipe(v.string(), v.regex(/^(?:\*|[\w-]+)$/))) })),
  v.maxLength(20),
)
const secretText = v.pipe(v.string(), v.minLength(1), v.maxLength(300))
const dialogTitle = v.pipe(v.string(), v.maxLength(200))

export const appArguments = {
  'app.info': nothing,
  'app.copyText': v.strictObject({ text: v.pipe(v.string(), v.maxLength(50_000_000)) }),
  'app.setTheme': v.strictObject({ theme: v.picklist(['system', 'light', 'dark']) }),
  'app.openDataDirectory': nothing,
  /** What is absent stays as it is. */
  'app.setPreferences': v.strictObject({
    zoomPercent: v.optional(v.pipe(v.number(), v.integer(), v.minValue(50), v.maxValue(200))),
    timeZone: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(100)))),
    keys: v.optional(v.record(v.pipe(v.string(), v.maxLength(60)), v.pipe(v.string(), v.maxLength(40)))),
  }),
  'app.security': nothing,
  /** Stops the cluster and starts it with this; the window is loaded anew when it is done. */
  'app.setSecurity': v.strictObject({
    protocol: v.picklist(['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']),
    saslMechanisms: v.array(v.picklist(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])),
    users: v.pipe(v.array(v.strictObject({ name: secretText, password: secretText })), v.maxLength(1_000)),
    clientCertificates: v.picklist(['none', 'requested', 'required']),
    usesAcls: v.boolean(),
    superUsers: v.pipe(v.array(secretText), v.maxLength(1_000)),
  }),
  'app.readWindowState': nothing,
  'app.writeWindowState': v.strictObject({ text: v.pipe(v.string(), v.maxLength(2_000_000)) }),
  /** Only an address of the list below, and only after the person was asked. */
  'app.openExternal': v.strictObject({ url: v.pipe(v.string(), v.maxLength(2_000)) }),
  'app.chooseSaveFile': v.strictObject({
    title: dialogTitle,
    /** A file name, without folders. */
    suggestedName: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
    filters: fileFilters,
  }),
  'app.chooseOpenFile': v.strictObject({ title: dialogTitle, filters: fileFilters }),
} as const

export interface AppResults {
  'app.info': AppInfo
  'app.copyText': undefined
  'app.setTheme': undefined
  'app.openDataDirectory': undefined
  'app.setPreferences': undefined
  'app.security': SecurityView
  'app.setSecurity': undefined
  /** What was written last for this workspace; null where nothing was, or it cannot be read. */
  'app.readWindowState': string | null
  'app.writeWindowState': undefined
  /** Whether it was opened. */
  'app.openExternal': { readonly isOpened: boolean }
  /** What the person chose in the system's dialog; null where it was closed without. Overwriting was asked there. */
  'app.chooseSaveFile': { readonly path: string } | null
  'app.chooseOpenFile': { readonly path: string } | null
}

export interface AppEvents {
  /** From a native menu. */
  'app.command': { readonly command: string }
  /** A fault of ours in the main process that no call stands for, once for each message; the log has the rest. */
  'app.problem': { readonly message: string }
  /**
   * The clients worker died, and with it every read, analysis, export, run and own consumer. The next call starts it again. `isAgain`: it had
   * died a moment before too, and nobody should ask it anything unless a person wants it.
   */
  'app.clientsEnded': { readonly reason: string; readonly isAgain: boolean }
}

export const appEventNames = ['app.command', 'app.problem', 'app.clientsEnded'] as const satisfies readonly (keyof AppEvents)[]
