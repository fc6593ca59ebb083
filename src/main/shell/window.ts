/**
 * The one window: sandboxed, in the right colours before anything is painted, where it was last time. It is opened before the cluster is
 * up, and it shows the cluster starting.
 */
import { join } from 'node:path'
import { BrowserWindow, nativeTheme, screen } from 'electron'
import type { Logger } from '../../workbench/services'
import { appOrigin } from './app-files'
import { type WindowSettingsFile, windowBounds } from './window-settings'

/** The frame surface of the two themes (`--s-0` of the tokens): what is seen until the page has painted, and at its edges on a resize. */
const frameColours = { light: '#e9ebed', dark: '#0d0f11' }

/** A page that fails again and again is not loaded for ever. */
const reloadsMax = 3

function frameColour(): string {
  return nativeTheme.shouldUseDarkColors ? frameColours.dark : frameColours.light
}

export function openWindow(options: {
  preload: string
  devServer: string | null
  settings: WindowSettingsFile
  log: Logger
}): BrowserWindow {
  const { settings, log } = options
  const workAreas = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map((display) => display.workArea)
  const window = new BrowserWindow({
    ...windowBounds(settings.current.bounds, workAreas),
    minWidth: 800,
    minHeight: 560,
    show: false,
    title: 'Broker Workbench',
    icon: iconPath,
    backgroundColor: frameColour(),
    // The native menu is one key away (Alt); its commands are in the palette too.
    autoHideMenuBar: true,
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      // Its dictionaries are fetched from the network.
      spellcheck: false,
      zoomFactor: settings.current.zoomPercent / 100,
    },
  })
  if (settings.current.isMaximized) {
    window.maximize()
  }
  rememberBounds(window, settings, log)
  const recolour = () => window.setBackgroundColor(frameColour())
  nativeTheme.on('updated', recolour)
  window.once('closed', () => nativeTheme.removeListener('updated', recolour))
  window.once('ready-to-show', () => window.show())
  // Chromium keeps a zoom of its own for each address: ours holds.
  window.webContents.on('did-finish-load', () => window.webContents.setZoomFactor(settings.current.zoomPercent / 100))
  recoverPage(window, log)
  const address = options.devServer === null ? `${appOrigin}/index.html` : `${options.devServer}/index.html`
  window.loadURL(address).catch((error: unknown) => {
    log.error('The page could not be loaded', { address, error: String(error) })
    window.show()
  })
  return window
}

function rememberBounds(window: BrowserWindow, settings: WindowSettingsFile, log: Logger): void {
  let timer: NodeJS.Timeout | null = null
  const save = () => {
    timer = null
    try {
      settings.update({ bounds: window.getNormalBounds(), isMaximized: window.isMaximized() })
    } catch (error) {
      log.warn('Where the window is could not be kept', { error: String(error) })
    }
  }
  const saveSoon = () => {
    timer ??= setTimeout(save, 500)
  }
  window.on('resize', saveSoon)
  window.on('move', saveSoon)
  window.on('close', () => {
    if (timer !== null) {
      clearTimeout(timer)
    }
    save()
  })
}

function recoverPage(window: BrowserWindow, log: Logger): void {
  let reloads = 0
  window.webContents.on('render-process-gone', (_event, details) => {
    if (details.reason === 'clean-exit') {
      return
    }
    log.error('The page ended by itself', { reason: details.reason, exitCode: details.exitCode })
    if (reloads++ < reloadsMax) {
      window.webContents.reload()
    }
  })
  window.on('unresponsive', () => log.warn('The page does not answer'))
  window.on('responsive', () => log.info('The page answers again'))
}

/** Linux and Windows take it from here; macOS from the bundle. */
const iconPath = join(__dirname, '../../resources/icon.png')
export const preloadPath = join(__dirname, '../preload/index.js')
export const rendererDirectory = join(__dirname, '../renderer')
