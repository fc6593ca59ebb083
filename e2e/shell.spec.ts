/** The window itself: how it starts, what it keeps, and how it ends. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, type WorkbenchApp } from './workbench-app'

function call(app: WorkbenchApp, name: string, argument?: unknown): Promise<unknown> {
  return app.page.evaluate(
    async ([callName, callArgument]) => {
      const bridge = Reflect.get(window, 'workbench') as {
        call(name: string, argument?: unknown): Promise<{ ok: boolean; value?: unknown }>
      }
      const reply = await bridge.call(callName, callArgument)
      if (!reply.ok) {
        throw new Error(`${callName} failed: ${JSON.stringify(reply)}`)
      }
      return reply.value
    },
    [name, argument] as const,
  )
}

async function untilServing(app: WorkbenchApp): Promise<void> {
  await expect
    .poll(async () => ((await call(app, 'cluster.view')) as { state: string }).state, { timeout: 30_000 })
    .toBe('running')
}

test('the window opens with a running cluster', async ({ shared: app }) => {
  await untilServing(app)
  const view = (await call(app, 'cluster.view')) as { brokers: { state: string }[]; dataDirectory: string }
  expect(view.brokers.map((broker) => broker.state)).toEqual(['running', 'running', 'running'])
  expect(view.dataDirectory).toBe(app.dataDirectory)
  expect(await app.page.title()).toBe('Broker Workbench')
})

test('the theme is kept, and stands before the page has run', async ({ launch }) => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'broker-workbench-e2e-'))
  let app = await launch({ dataDirectory })
  for (const theme of ['dark', 'light'] as const) {
    await call(app, 'app.setTheme', { theme })
    await app.electron.close()

    app = await launch({ dataDirectory })
    expect(await call(app, 'app.info')).toMatchObject({ theme, name: 'Broker Workbench' })
    expect(await app.page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)).toBe(theme === 'dark')
    const served = await app.page.evaluate(() => fetch('app://bundle/index.html').then((response) => response.text()))
    expect(served).toContain(`<html data-theme="${theme}"`)
  }
})

test('a copied text is on the clipboard', async ({ shared: app }) => {
  await call(app, 'app.copyText', { text: '127.0.0.1:9092' })
  expect(await app.electron.evaluate(({ clipboard }) => clipboard.readText())).toBe('127.0.0.1:9092')
})

test('closing the window stops the brokers in order', async ({ app }) => {
  await untilServing(app)
  const ended = new Promise<number | null>((resolve) => app.electron.process().once('exit', resolve))
  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
  expect(await ended).toBe(0)
  for (const id of [1, 2, 3]) {
    expect(
      existsSync(join(app.dataDirectory, 'brokers', `broker-${id}`, '.kafka_cleanshutdown')),
      `broker ${id} wrote its marker`,
    ).toBe(true)
  }
})

test('a second start on the same data directory leaves the first alone and ends', async ({ shared: app }) => {
  const [executable = '', ...args] = app.electron.process().spawnargs
  const own = args.filter((argument, index) => !/^--(?:inspect|remote-debugging)|^-r$/.test(argument) && args[index - 1] !== '-r')
  const second = spawn(executable, own, {
    env: { ...process.env, BROKER_WORKBENCH_DATA_DIR: app.dataDirectory },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  second.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
  })
  const code = await new Promise<number | null>((resolve) => second.once('close', resolve))
  expect(said).toContain('is open in another window')
  expect(code).toBe(0)
  expect(app.electron.windows()).toHaveLength(1)
})

test('an error that nobody caught is shown in the window and ends nothing', async ({ shared: app }) => {
  app.expectComplaint(/An error that nobody caught/)
  await untilServing(app)
  await app.electron.evaluate(() => {
    setTimeout(() => {
      throw new Error('planted by a test')
    })
  })
  await expect(app.page.getByText('planted by a test')).toBeVisible()
  expect(((await call(app, 'cluster.view')) as { state: string }).state).toBe('running')
})
