/** The `app.` calls: about the window and this computer, so they are answered here and not by the workbench. */
import { basename, join } from 'node:path'
import { app, type BrowserWindow, clipboard, dialog, nativeTheme, shell } from 'electron'
import type { CallName } from '../shared/ipc/contract'
import { WorkbenchError } from '../shared/ipc/errors'
import type { Services } from './ipc/dispatch'
import type { WindowSettingsFile } from './shell/window-settings'

export type AppServices = Pick<Services, Extract<CallName, `app.${string}`>>

export function createAppServices(options: {
  settings: WindowSettingsFile
  dataDirectory: string
  /** The window that dialogs belong to; null while there is none. */
  window: () => BrowserWindow | null
  onDidSetTheme: () => void
}): AppServices {
  const { settings } = options
  return {
    'app.info': async () => ({
      name: app.name,
      version: app.getVersion(),
      electron: process.versions.electron ?? '',
      platform: process.platform,
      theme: settings.current.theme,
    }),

    'app.copyText': async ({ text }) => {
      clipboard.writeText(text)
      return undefined
    },

    'app.setTheme': async ({ theme }) => {
      nativeTheme.themeSource = theme
      options.onDidSetTheme()
      try {
        settings.update({ theme })
      } catch (error) {
        throw new WorkbenchError(
          'expected',
          'SETTINGS_NOT_KEPT',
          `The theme holds until the app is closed: its settings could not be written (${String(error)}).`,
        )
      }
      return undefined
    },

    'app.openDataDirectory': async () => {
      const problem = await shell.openPath(options.dataDirectory)
      if (problem !== '') {
        throw new WorkbenchError('expected', 'NO_FILE_MANAGER', `${options.dataDirectory} could not be opened: ${problem}`)
      }
      return undefined
    },

    'app.chooseSaveFile': async ({ title, suggestedName, filters }) => {
      const settings = {
        title,
        // Only its last part counts: a name made from a topic must not lead to another folder.
        defaultPath: join(app.getPath('downloads'), basename(suggestedName)),
        filters: mutable(filters),
      }
      const window = options.window()
      const answer = await (window ? dialog.showSaveDialog(window, settings) : dialog.showSaveDialog(settings))
      return answer.canceled || !answer.filePath ? null : { path: answer.filePath }
    },

    'app.chooseOpenFile': async ({ title, filters }) => {
      const settings = { title, filters: mutable(filters), properties: ['openFile' as const] }
      const window = options.window()
      const answer = await (window ? dialog.showOpenDialog(window, settings) : dialog.showOpenDialog(settings))
      const path = answer.filePaths[0]
      return answer.canceled || path === undefined ? null : { path }
    },
  }
}

/** Electron wants arrays that it could change. */
function mutable(filters: readonly { readonly name: string; readonly extensions: readonly string[] }[]) {
  return filters.map(({ name, extensions }) => ({ name, extensions: [...extensions] }))
}
