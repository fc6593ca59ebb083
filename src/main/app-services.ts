/** The `app.` calls: about the window and this computer, so they are answered here and not by the workbench. */
import { app, clipboard, nativeTheme, shell } from 'electron'
import { WorkbenchError } from '../shared/ipc/errors'
import type { Services } from './ipc/dispatch'
import type { WindowSettingsFile } from './shell/window-settings'

export type AppServices = Pick<Services, 'app.info' | 'app.copyText' | 'app.setTheme' | 'app.openDataDirectory'>

export function createAppServices(options: {
  settings: WindowSettingsFile
  dataDirectory: string
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
  }
}
