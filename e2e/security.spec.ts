/** What the page can and cannot do. Its code is ours, but it shows data of strangers, so it is treated as if it were theirs. */
import { expect, test } from './workbench-app'

test('the page has no Node and sees nothing of ours but the bridge', async ({ shared: app }) => {
  const seen = await app.page.evaluate(() => ({
    require: typeof Reflect.get(window, 'require'),
    process: typeof Reflect.get(window, 'process'),
    module: typeof Reflect.get(window, 'module'),
    electron: typeof Reflect.get(window, 'electron'),
    bridge: Object.keys(Reflect.get(window, 'workbench') as object),
    origin: location.origin,
  }))
  expect(seen).toEqual({
    require: 'undefined',
    process: 'undefined',
    module: 'undefined',
    electron: 'undefined',
    bridge: ['call', 'on'],
    origin: 'app://bundle',
  })
})

test('the window runs in the sandbox with its context isolated', async ({ shared: app }) => {
  const preferences = await app.electron.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences(): { sandbox: boolean; contextIsolation: boolean; nodeIntegration: boolean }
    }
    const { sandbox, contextIsolation, nodeIntegration } = contents.getLastWebPreferences()
    return { sandbox, contextIsolation, nodeIntegration }
  })
  expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false })
})

test('inline scripts do not run', async ({ shared: app }) => {
  app.expectComplaint(/Refused to execute inline script|violates the following Content Security Policy/)
  const hasRun = await app.page.evaluate(async () => {
    const script = document.createElement('script')
    script.textContent = 'window.inlineHasRun = true'
    document.body.append(script)
    await new Promise((resolve) => setTimeout(resolve, 50))
    return Reflect.has(window, 'inlineHasRun')
  })
  expect(hasRun).toBe(false)
})

test('eval is refused', async ({ shared: app }) => {
  // The debugger's own evaluation is let past the policy; what runs later is not.
  const error = await app.page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        setTimeout(() => {
          try {
            // biome-ignore lint/security/noGlobalEval: that it fails is the test
            // biome-ignore lint/complexity/noCommaOperator: an indirect eval
            resolve(String((0, eval)('1 + 1')))
          } catch (thrown) {
            resolve((thrown as Error).name)
          }
        })
      }),
  )
  expect(error).toBe('EvalError')
})

test('nothing can be fetched from elsewhere', async ({ shared: app }) => {
  app.expectComplaint(
    /Refused to connect|violates the following Content Security Policy|Refused to load the image|A request to the outside/,
  )
  const outcomes = await app.page.evaluate(async () => {
    const fetched = await fetch('http://127.0.0.1:9/').then(
      () => 'answered',
      () => 'refused',
    )
    const image = await new Promise<string>((resolve) => {
      const element = new Image()
      element.onload = () => resolve('loaded')
      element.onerror = () => resolve('refused')
      element.src = 'https://example.com/pixel.png'
    })
    return { fetched, image }
  })
  expect(outcomes).toEqual({ fetched: 'refused', image: 'refused' })
})

test('the page stays where it is, and no second window opens', async ({ shared: app }) => {
  app.expectComplaint(/A link was not opened/)
  const before = app.page.url()
  await app.page.evaluate(() => {
    window.open('http://127.0.0.1:9/window')
    location.href = 'http://127.0.0.1:9/away'
  })
  await app.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)))
  expect(app.page.url()).toBe(before)
  expect(app.electron.windows()).toHaveLength(1)
})

test('a file outside the bundle is not served', async ({ shared: app }) => {
  app.expectComplaint(/404|ERR_FILE_NOT_FOUND|Failed to load resource/)
  const status = await app.page.evaluate(() => fetch('app://bundle/%2e%2e/main/index.js').then((response) => response.status))
  expect(status).toBe(404)
})

test('a call that is not of the contract, or with a wrong argument, reaches no service', async ({ shared: app }) => {
  app.expectComplaint(/by a fault of ours/)
  const replies = await app.page.evaluate(async () => {
    const bridge = Reflect.get(window, 'workbench') as {
      call(name: string, argument?: unknown): Promise<{ ok: boolean; error?: { code: string } }>
    }
    const codes: (string | undefined)[] = []
    for (const [name, argument] of [
      ['app.quit', undefined],
      ['toString', undefined],
      ['cluster.killBroker', { brokerId: '1' }],
      ['topics.delete', { topic: 'a', force: true }],
    ] as const) {
      codes.push((await bridge.call(name, argument)).error?.code)
    }
    return codes
  })
  expect(replies).toEqual(['UNKNOWN_CALL', 'UNKNOWN_CALL', 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'])
})
