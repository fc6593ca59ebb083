/**
 * The Electron main process: composes profile folder, log, window, menu, contract and workbench, and ends them in order. The window opens
 * at once; calls that need the workbench wait for it. No logic of its own lives here.
 */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { app, type BrowserWindow, nativeTheme, session } from 'electron'
import type { CallName, EventName, EventPayloads } from '../shared/ipc/contract'
import { startWorkbench } from '../workbench'
import { createAppServices } from './app-services'
import { ChosenPaths } from './chosen-paths'
import { bindCalls, sendTo } from './ipc/bind'
import type { Services } from './ipc/dispatch'
import { MainLog } from './log'
import { readLaunchOptions } from './options'
import { RunningWorkbench } from './running-workbench'
import { asksSomething, SecuritySetting } from './security-setting'
import { registerAppScheme, serveApp } from './shell/app-protocol'
import { createExternalDoor, guardContents, guardSession } from './shell/guard'
import { installMenu } from './shell/menu'
import { openWindow, preloadPath, rendererDirectory } from './shell/window'
import { WindowSettingsFile } from './shell/window-settings'

/** How long the cluster gets to stop in order when the window is closed. */
const stopTimeoutMs = 10_000

const options = readLaunchOptions(process.argv.slice(1), process.env)
const defaultUserData = app.getPath('userData')
const dataDirectory = resolve(options.dataDirectory ?? join(defaultUserData, 'workspaces', 'default'))
// A profile of its own for each data directory: Electron's single-instance lock lies in it, so two workspaces can be open, one not twice.
if (options.dataDirectory !== null) {
  const profile = join(dataDirectory, 'window')
  mkdirSync(profile, { recursive: true })
  app.setPath('userData', profile)
}
const profileDirectory = app.getPath('userData')
const log = new MainLog(join(profileDirectory, 'logs'))
/** Set by `npm run dev` only; a packaged app never loads its page from a server. */
const devServer = app.isPackaged ? null : (process.env['ELECTRON_RENDERER_URL'] ?? null)

registerAppScheme()
// This switch takes --no-sandbox off the command line, without which nothing starts as root.
if (!app.commandLine.hasSwitch('no-sandbox')) {
  app.enableSandbox()
}
// Chromium's own errands: none of them may leave this computer.
for (const name of ['disable-background-networking', 'disable-component-update', 'disable-domain-reliability']) {
  app.commandLine.appendSwitch(name)
}

if (app.requestSingleInstanceLock()) {
  reportFaults()
  app.whenReady().then(run, fail)
} else {
  process.stderr.write(`${dataDirectory} is open in another window, which comes to the front.\n`)
  app.exit(0)
}

async function run(): Promise<void> {
  for (const problem of options.problems) {
    log.warn(problem)
  }
  const settings = new WindowSettingsFile(join(profileDirectory, 'window.json'))
  nativeTheme.themeSource = settings.current.theme
  let window: BrowserWindow | null = null
  const emit = <N extends EventName>(name: N, payload: EventPayloads[N]) => sendTo(window, name, payload)

  tellFaults((message) => emit('app.problem', { message }))

  const showMenu = () =>
    installMenu({
      theme: settings.current.theme,
      keys: settings.current.keys,
      isDevelopment: devServer !== null,
      send: (command) => emit('app.command', { command }),
    })
  const security = new SecuritySetting(dataDirectory)
  const openExternal = createExternalDoor(() => window, log)
  const chosenPaths = new ChosenPaths()
  const appServices = createAppServices({
    settings,
    dataDirectory,
    profileDirectory,
    workbench: () => workbench,
    security,
    chosenPaths,
    window: () => window,
    openExternal,
    onDidSet: showMenu,
  })
  const serviceFor = async <N extends CallName>(name: N): Promise<Services[N]> => {
    const services: Partial<Services> = name in appServices ? appServices : await workbench.services
    const service: Services[N] | undefined = services[name]
    if (name === 'messages.export' && services['messages.export'] !== undefined)
      return chosenPaths.guard(services['messages.export']) as Services[N]
    return service as Services[N]
  }
  bindCalls({ devServer, log, serviceFor })

  serveApp(rendererDirectory)
  guardSession(session.defaultSession, devServer, log)
  guardContents(openExternal)
  showMenu()
  window = openWindow({ preload: preloadPath, devServer, settings, log })

  const workbench = new RunningWorkbench(
    // A cluster that was closed to others does not open where that cannot be read: the workbench does not start then, and the window says why.
    async (ports) =>
      startWorkbench({
        dataDirectory,
        // Bundled beside this file, under every layout: out/main in development, app.asar when packaged.
        workerDirectory: __dirname,
        emit,
        log,
        ...(asksSomething(security.current) ? { security: security.current } : {}),
        ...(options.brokerCount === null ? {} : { brokerCount: options.brokerCount }),
        ...(options.brokerPorts === null ? {} : { brokerPorts: options.brokerPorts }),
        ...(options.coordinationPort === null ? {} : { coordinationPort: options.coordinationPort }),
        ...(options.registryPort === null ? {} : { registryPort: options.registryPort }),
        ...ports,
      }),
    (error) => log.error('The workbench did not start', { error: String(error) }),
  )

  app.on('second-instance', () => {
    if (window?.isMinimized()) {
      window.restore()
    }
    window?.show()
    window?.focus()
  })
  // On macOS too: a cluster that nobody can see would hold its ports.
  app.on('window-all-closed', () => app.quit())
  stopBeforeQuit(() => workbench.stop())
}

/** Holds the end of the app back until the cluster has stopped in order, for as long as that may take. */
function stopBeforeQuit(stop: () => Promise<void>): void {
  let isStopping = false
  app.on('before-quit', (event) => {
    event.preventDefault()
    if (isStopping) {
      return
    }
    isStopping = true
    const timeout = new Promise<string>((resolve) => setTimeout(() => resolve('timeout'), stopTimeoutMs))
    Promise.race([stop().then(() => 'stopped'), timeout]).then(
      (how) => {
        if (how === 'timeout') {
          log.error('The cluster did not stop in time and is ended as it is', { timeoutMs: stopTimeoutMs })
        }
        app.exit(0)
      },
      (error: unknown) => {
        log.error('The cluster did not stop in order', { error: String(error) })
        app.exit(1)
      },
    )
  })
}

/** A fault that nobody caught is never lost, never a dialog, and never the end of a running cluster. */
function reportFaults(): void {
  process.on('uncaughtException', (error) => log.error('An error that nobody caught', { error: stackOf(error) }))
  process.on('unhandledRejection', (reason) =>
    log.error('A promise that failed and nobody waited for', { error: stackOf(reason) }),
  )
}

/** Tells the window of them too, each message once: a fault in a timer would otherwise fill it. */
function tellFaults(tell: (message: string) => void): void {
  const told = new Set<string>()
  const tellOnce = (reason: unknown) => {
    const message = reason instanceof Error ? reason.message : String(reason)
    if (!told.has(message)) {
      told.add(message)
      tell(message)
    }
  }
  process.on('uncaughtException', tellOnce)
  process.on('unhandledRejection', tellOnce)
}

function stackOf(reason: unknown): string {
  return reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)
}

function fail(error: unknown): void {
  log.error('The app could not start', { error: stackOf(error) })
  app.exit(1)
}
