/** Calls and events about the app itself: its window, its look, what stands on this computer. */
import * as v from 'valibot'
import { nothing } from './atoms'

export interface AppInfo {
  readonly name: string
  readonly version: string
  readonly electron: string
  readonly platform: string
  readonly theme: 'system' | 'light' | 'dark'
}

/** Which files a dialog offers: `{ name: 'JSON Lines', extensions: ['jsonl'] }`. */
const fileFilters = v.pipe(
  v.array(v.strictObject({ name: v.string(), extensions: v.array(v.pipe(v.string(), v.regex(/^(?:\*|[\w-]+)$/))) })),
  v.maxLength(20),
)
const dialogTitle = v.pipe(v.string(), v.maxLength(200))

export const appArguments = {
  'app.info': nothing,
  'app.copyText': v.strictObject({ text: v.pipe(v.string(), v.maxLength(50_000_000)) }),
  'app.setTheme': v.strictObject({ theme: v.picklist(['system', 'light', 'dark']) }),
  'app.openDataDirectory': nothing,
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
  /** What the person chose in the system's dialog; null where it was closed without. Overwriting was asked there. */
  'app.chooseSaveFile': { readonly path: string } | null
  'app.chooseOpenFile': { readonly path: string } | null
}

export interface AppEvents {
  /** From a native menu. */
  'app.command': { readonly command: string }
  /** A fault of ours in the main process that no call stands for, once for each message; the log has the rest. */
  'app.problem': { readonly message: string }
}

export const appEventNames = ['app.command', 'app.problem'] as const satisfies readonly (keyof AppEvents)[]
