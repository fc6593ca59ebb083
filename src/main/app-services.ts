/** The `app.` calls: about the window and this computer, so they are answered here and not by the workbench. */
import { basename, join } from 'node:path'
import { app, type BrowserWindow, clipboard, dialog, nativeTheme, shell } from 'electron'
import type { CallName } from '../shared/ipc/contract'
import { WorkbenchError } from '../shared/ipc/errors'
import type { ChosenPaths } from './chosen-paths'
import type { Services } from './ipc/dispatch'
import type { RunningWorkbench } from './running-workbench'
import type { SecuritySetting } from './security-setting'
import type { WindowSettings, WindowSettingsFile } from './shell/window-settings'
import { WindowStateFile } from './shell/window-state-file'

export type AppServices = Pick<Services, Extract<CallName, `app.${string}`>>

export function createAppServices(options: {
  settings: WindowSettingsFile
  dataDirectory: string
  /** The window that dialogs belong to; null while there is none. */
  window: () => BrowserWindow | null
  /** The profile's folder of this workspace. */
  profileDirectory: string
  /** Started after the window has been opened. */
  workbench: () => RunningWorkbench
  security: SecuritySetting
  /** Takes what the dialog for saving gives. */
  chosenPaths: ChosenPaths
  openExternal: (url: string) => Promise<boolean>
  /** Something of the settings changed, which the native menu may show. */
  onDidSet: () => void
}): AppServices {
  const { settings } = options
  const windowState = new WindowStateFile(join(options.profileDirectory, 'tabs.json'))
  return {
    'app.info': async () => ({
      name: app.name,
      version: app.getVersion(),
      electron: process.versions.electron ?? '',
      platform: process.platform,
      theme: settings.current.theme,
      zoomPercent: settings.current.zoomPercent,
      timeZone: settings.current.timeZone,
      keys: settings.current.keys,
    }),

    'app.copyText': async ({ text }) => {
      clipboard.writeText(text)
      return undefined
    },

    'app.setTheme': async ({ theme }) => {
      nativeTheme.themeSource = theme
      try {
        keep(settings, { theme })
      } finally {
        options.onDidSet()
      }
      return undefined
    },

    'app.setPreferences': async ({ zoomPercent, timeZone, keys }) => {
      if (zoomPercent !== undefined) options.window()?.webContents.setZoomFactor(zoomPercent / 100)
      try {
        keep(settings, {
          ...(zoomPercent === undefined ? {} : { zoomPercent }),
          ...(timeZone === undefined ? {} : { timeZone }),
          ...(keys === undefined ? {} : { keys }),
        })
      } finally {
        options.onDidSet()
      }
      return undefined
    },

    'app.security': async () => {
      const files = (await options.workbench().whenStarted())?.securityFiles ?? null
      return {
        wishes: options.security.current,
        authorityFile: files?.authorityFile ?? null,
        clientCertificateFile: files?.clientCertificateFile ?? null,
        clientKeyFile: files?.clientKeyFile ?? null,
      }
    },

    'app.setSecurity': async (wishes) => {
      await options.workbench().restart(() => options.security.set(wishes))
      // Everything that the page knows of the cluster is of the one before.
      options.window()?.webContents.reload()
      return undefined
    },

    'app.readWindowState': async () => windowState.read(),

    'app.writeWindowState': async ({ text }) => {
      windowState.write(text)
      return undefined
    },

    'app.openExternal': async ({ url }) => ({ isOpened: await options.openExternal(url) }),

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
      if (answer.canceled || !answer.filePath) return null
      options.chosenPaths.add(answer.filePath)
      return { path: answer.filePath }
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

function keep(settings: WindowSettingsFile, change: Partial<WindowSettings>): void {
  try {
    settings.update(change)
  } catch (error) {
    throw new WorkbenchError(
      'expected',
      'SETTINGS_NOT_KEPT',
      `This holds until the app is closed: its settings could not be written (${String(error)}).`,
    )
  }
}

/** Electron wants arrays that it could change. */
function mutable(filters: readonly { readonly name: string; readonly extensions: readonly string[] }[]) {
  return filters.map(({ name, extensions }) => ({ name, extensions: [...extensions] }))
}
