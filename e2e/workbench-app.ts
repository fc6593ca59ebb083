/**
 * The real app in the real Electron, for one test: an empty data directory, free ports, and an ear on everything that goes wrong. A
 * console error, a page error or a line on standard error that no test expects fails the test.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, test as base, type ElectronApplication, expect, type Page, type TestInfo } from '@playwright/test'

export interface WorkbenchApp {
  readonly electron: ElectronApplication
  readonly page: Page
  readonly dataDirectory: string
  /** Complaints that match do not fail the test: for one that provokes them. */
  expectComplaint(pattern: RegExp): void
  /** What was complained about so far, expected or not. */
  readonly complaints: readonly string[]
}

export interface LaunchOptions {
  readonly dataDirectory?: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const root = join(__dirname, '..')

/** What Chromium says on a machine without desktop services, graphics card or window manager, and what debugging says of itself. */
const harmless = [
  // A follower says it of every leader that goes: killed by a test, or stopped before it when the app is closed.
  /WARN \[broker-\d+\] Fetching from the leader failed; trying again/,
  /ERROR:(?:bus|object_proxy)\.cc/,
  /(?:ERROR|WARNING):(?:gpu|viz|gl_|angle|vaapi|gles2|command_buffer|passthrough|sandbox_linux|vulkan|egl|display\.cc)/i,
  /ERROR:(?:atom_cache|browser_main_loop|gtk|cursor|x11)/,
  /^Debugger (?:listening|attached|ending)|^DevTools listening|^For help, see:|^Waiting for the debugger/,
  /libva|MESA|dri|Gtk-(?:WARNING|Message)|dconf-WARNING|GLib-GIO/,
]

/** Each step would be painted, encoded and copied on cores that the brokers need: only where somebody runs a failed journey again to look at it. */
const isTraced = Boolean(process.env['E2E_TRACE'])

interface WorkerFixtures {
  /** Starts with the first test that asks for it, and ends with the last. */
  readonly house: House
}

interface Fixtures {
  /**
   * One app for all tests that need no empty data directory and no start of their own: a start costs seconds, and there were fifty. Each finds it without
   * topics, with all brokers running and the window as it first opens, but with the history of those before: newest first is what a test may rely on.
   */
  readonly shared: WorkbenchApp
  /** Started with an empty data directory; stopped and checked after the test. */
  readonly app: WorkbenchApp
  /** For tests that start it in their own way, or more than once. */
  readonly launch: (options?: LaunchOptions) => Promise<WorkbenchApp>
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  house: [
    // biome-ignore lint/correctness/noEmptyPattern: as below
    async ({}, use) => {
      const house = new House()
      await use(house)
      await house.end()
    },
    { scope: 'worker' },
  ],

  shared: async ({ house }, use, testInfo) => {
    const running = await house.open(testInfo)
    await use(running)
    await running.picture()
    expect(running.unexpectedComplaints(), 'complaints of the app that the test does not expect').toEqual([])
  },

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of a fixture's dependencies from this pattern
  launch: async ({}, use, testInfo) => {
    const started: Running[] = []
    const directories: string[] = []
    await use(async (options = {}) => {
      const dataDirectory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), 'broker-workbench-e2e-'))
      directories.push(dataDirectory)
      const running = await Running.start(dataDirectory, options, testInfo)
      started.push(running)
      return running
    })
    for (const running of started) {
      await running.end()
    }
    for (const directory of directories) {
      rmSync(directory, { recursive: true, force: true })
    }
    const unexpected = started.flatMap((running) => running.unexpectedComplaints())
    expect(unexpected, 'complaints of the app that the test does not expect').toEqual([])
  },

  app: async ({ launch }, use) => {
    await use(await launch())
  },
})

export { expect } from '@playwright/test'

/** The app that tests share, put in order before each. */
class House {
  private running: Running | null = null
  private dataDirectory: string | null = null

  async open(testInfo: TestInfo): Promise<Running> {
    if (this.running === null) {
      this.dataDirectory = mkdtempSync(join(tmpdir(), 'broker-workbench-e2e-'))
      this.running = await Running.start(this.dataDirectory, {}, testInfo)
    } else {
      this.running.begin(testInfo)
      await this.running.page.evaluate(putInOrder)
      await this.running.page.reload()
      await this.running.page.getByTestId('rail-cluster').waitFor()
      // What brokers say of being started again is nobody's test.
      this.running.forgetComplaints(/stderr: .*WARN/)
    }
    return this.running
  }

  async end(): Promise<void> {
    await this.running?.end()
    if (this.dataDirectory !== null) rmSync(this.dataDirectory, { recursive: true, force: true })
  }
}

/** Runs in the page: all brokers up, no topic, and the window as it opens for the first time. */
async function putInOrder(): Promise<void> {
  const bridge = Reflect.get(window, 'workbench') as {
    call(name: string, argument?: unknown): Promise<{ ok: boolean; value?: unknown }>
  }
  const deadline = performance.now() + 60_000
  const until = async (what: string, isSo: () => Promise<boolean>): Promise<void> => {
    while (!(await isSo())) {
      if (performance.now() > deadline) throw new Error(`The shared app could not be put in order: ${what}.`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  type View = { readonly brokers: readonly { readonly id: number; readonly state: string }[] }
  const mends: Readonly<Record<string, string>> = {
    killed: 'cluster.startBroker',
    stopped: 'cluster.startBroker',
    crashed: 'cluster.startBroker',
    frozen: 'cluster.resumeBroker',
  }
  await until('not all brokers run', async () => {
    const { brokers } = (await bridge.call('cluster.view')).value as View
    for (const { id, state } of brokers) if (mends[state] !== undefined) await bridge.call(mends[state], { brokerId: id })
    return brokers.every(({ state }) => state === 'running')
  })
  await until('topics are left', async () => {
    const topics = (await bridge.call('topics.list')).value as readonly { readonly name: string; readonly isInternal: boolean }[]
    const own = topics.filter(({ isInternal, name }) => !isInternal && !name.startsWith('_'))
    for (const { name } of own) await bridge.call('topics.delete', { topic: name })
    return own.length === 0
  })
  // The page would write what it has when it goes.
  window.addEventListener('pagehide', (event) => event.stopImmediatePropagation(), { capture: true })
  localStorage.clear()
  await bridge.call('app.writeWindowState', { text: '{}' })
}

class Running implements WorkbenchApp {
  readonly complaints: string[] = []
  private readonly expected: RegExp[] = []
  private isEnded = false
  private isPictured = false

  private constructor(
    readonly electron: ElectronApplication,
    readonly page: Page,
    readonly dataDirectory: string,
    private testInfo: TestInfo,
  ) {}

  static async start(dataDirectory: string, options: LaunchOptions, testInfo: TestInfo): Promise<Running> {
    const isRoot = process.platform === 'linux' && process.getuid?.() === 0
    const electron = await _electron.launch({
      // Of two that say the same the app takes the first.
      args: [
        ...(isRoot ? ['--no-sandbox'] : []),
        root,
        ...(options.args ?? []),
        '--port=0',
        '--coordination-port=0',
        '--registry-port=0',
      ],
      env: { ...process.env, BROKER_WORKBENCH_DATA_DIR: dataDirectory, ...options.env } as Record<string, string>,
      cwd: root,
      chromiumSandbox: !isRoot,
      // Playwright pretends a light system otherwise, and the theme that the app sets would not be seen.
      colorScheme: null,
    })
    const early: string[] = []
    electron.process().stderr?.on('data', (chunk: Buffer) => early.push(...chunk.toString('utf8').split('\n')))
    if (isTraced) await electron.context().tracing.start({ screenshots: true, snapshots: true })
    const page = await electron.firstWindow()
    const running = new Running(electron, page, dataDirectory, testInfo)
    const listen = (lines: readonly string[]) => {
      for (const line of lines) {
        if (line.trim() !== '' && !harmless.some((pattern) => pattern.test(line))) {
          running.complaints.push(`stderr: ${line}`)
        }
      }
    }
    listen(early)
    electron.process().stderr?.on('data', (chunk: Buffer) => listen(chunk.toString('utf8').split('\n')))
    page.on('pageerror', (error) => running.complaints.push(`page: ${error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') {
        running.complaints.push(`console: ${message.text()}`)
      }
    })
    await page.waitForLoadState('load')
    return running
  }

  /** Another test has it from here. */
  begin(testInfo: TestInfo): void {
    this.testInfo = testInfo
    this.isPictured = false
    this.expected.length = 0
    this.complaints.length = 0
  }

  forgetComplaints(pattern: RegExp): void {
    const others = this.complaints.filter((complaint) => !pattern.test(complaint))
    this.complaints.splice(0, this.complaints.length, ...others)
  }

  expectComplaint(pattern: RegExp): void {
    this.expected.push(pattern)
  }

  unexpectedComplaints(): string[] {
    return this.complaints.filter((complaint) => !this.expected.some((pattern) => pattern.test(complaint)))
  }

  /** Of the window, where the test has failed; answers whether it has. */
  async picture(): Promise<boolean> {
    const hasFailed = this.testInfo.status !== this.testInfo.expectedStatus || this.unexpectedComplaints().length > 0
    if (hasFailed && !this.isPictured && !this.page.isClosed()) {
      this.isPictured = true
      const screenshot = this.testInfo.outputPath('window.png')
      await this.page.screenshot({ path: screenshot }).catch(() => undefined)
      await this.testInfo.attach('window', { path: screenshot, contentType: 'image/png' }).catch(() => undefined)
    }
    return hasFailed
  }

  /** Idempotent: a test may end the app itself to start it again. */
  async end(): Promise<void> {
    if (this.isEnded) {
      return
    }
    this.isEnded = true
    const hasFailed = await this.picture()
    if (isTraced) {
      await this.electron
        .context()
        .tracing.stop(hasFailed ? { path: this.testInfo.outputPath('trace.zip') } : {})
        .catch(() => undefined)
    }
    await this.electron.close()
  }
}
