/** The frame on the real app: what comes back after a restart, two panes, the palette, keys that were changed, and security switched on in the window. */
import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { Person, settleMs } from './person'
import { expect, test, type WorkbenchApp } from './workbench-app'

const directory = (): string => mkdtempSync(join(tmpdir(), 'broker-workbench-e2e-'))

const tabIds = (app: WorkbenchApp, pane?: 0 | 1): Promise<string[]> =>
  app.page
    .locator(pane === undefined ? '[data-tab]' : `[data-testid=pane-${pane}] [data-tab]`)
    .evaluateAll((tabs) => tabs.map((tab) => (tab as HTMLElement).dataset['tab'] ?? ''))

/** As a page of the window asks main for a file. */
function choose(app: WorkbenchApp, name: 'app.chooseSaveFile' | 'app.chooseOpenFile', argument: unknown): Promise<unknown> {
  return app.page.evaluate(
    async ([call, value]) => {
      const bridge = Reflect.get(window, 'workbench') as { call(name: string, argument: unknown): Promise<unknown> }
      return bridge.call(call, value)
    },
    [name, argument] as const,
  )
}

test('tabs, panes, keys and zoom are as they were after a restart', async ({ launch }) => {
  const dataDirectory = directory()
  const first = await launch({ dataDirectory })
  const person = new Person(first.page)
  await person.untilHealthy()
  // Every dialog names the object; what a person would answer is answered for them.
  await first.electron.evaluate(({ dialog }) => {
    dialog.showSaveDialog = async () => ({ canceled: false, filePath: '/chosen/records.jsonl' })
    dialog.showOpenDialog = async () => ({ canceled: true, filePaths: [] })
  })
  const filters = [{ name: 'JSON Lines', extensions: ['jsonl'] }]
  expect(await choose(first, 'app.chooseSaveFile', { title: 'Export', suggestedName: '../records.jsonl', filters })).toEqual({
    ok: true,
    value: { path: '/chosen/records.jsonl' },
  })
  expect(await choose(first, 'app.chooseOpenFile', { title: 'Import', filters })).toEqual({ ok: true, value: null })

  await person.createTopic('orders')
  await person.click('topic-section-partitions')
  await person.click('rail-schemas')
  await first.page.keyboard.press('Control+\\')
  await expect(person.sees('pane-1')).toBeVisible()
  expect(await tabIds(first, 0)).toEqual(['cluster', 'topics', 'topic:orders'])
  expect(await tabIds(first, 1)).toEqual(['schemas'])

  // A chord that is changed works at once, inside fields too; the old one is free.
  await first.page.keyboard.press('Control+,')
  await person.click('settings-page-keys')
  await person.type('keys-filter', 'go to or run')
  await person.click('keys-change-palette.open')
  await first.page.keyboard.press('Control+1')
  await expect(person.sees('keys-conflict')).toContainText('Cluster')
  await person.click('keys-change-palette.open')
  await first.page.keyboard.press('Control+p')
  await person.sees('keys-filter').focus()
  await first.page.keyboard.press('Control+k')
  await expect(person.sees('palette')).toBeHidden()
  await first.page.keyboard.press('Control+p')
  await expect(person.sees('palette')).toBeVisible()
  await first.page.keyboard.press('Escape')
  const accelerator = () =>
    first.electron.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('palette.open')?.accelerator)
  await expect.poll(accelerator).toBe('CommandOrControl+P')

  await first.page.keyboard.press('Control+=')
  await expect
    .poll(() => first.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getZoomFactor()))
    .toBeCloseTo(1.1)
  // What is kept is written a moment later.
  await expect
    .poll(() => statSync(join(dataDirectory, 'window', 'tabs.json'), { throwIfNoEntry: false })?.size ?? 0)
    .toBeGreaterThan(0)
  await first.page.waitForTimeout(600)
  await first.electron.close()

  const second = await launch({ dataDirectory })
  const again = new Person(second.page)
  await expect(again.sees('pane-1')).toBeVisible()
  expect(await tabIds(second, 0)).toEqual(['cluster', 'topics', 'topic:orders'])
  expect(await tabIds(second, 1)).toEqual(['schemas', 'settings'])
  expect(
    await second.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getZoomFactor()),
  ).toBeCloseTo(1.1)
  await again.click('tab-topic:orders')
  await expect(again.sees('topic-section-partitions')).toHaveAttribute('aria-selected', 'true')
  await expect(again.sees('partition-row-orders-0')).toBeVisible({ timeout: settleMs })

  // Closed and opened again, dragged across, and one pane again.
  await second.page.keyboard.press('Control+w')
  expect(await tabIds(second, 0)).toEqual(['cluster', 'topics'])
  await second.page.keyboard.press('Control+Shift+t')
  await expect.poll(() => tabIds(second, 0)).toEqual(['cluster', 'topics', 'topic:orders'])
  await again.sees('tab-topic:orders').dragTo(again.sees('tab-schemas'), { targetPosition: { x: 4, y: 10 } })
  await expect.poll(() => tabIds(second, 1)).toEqual(['topic:orders', 'schemas', 'settings'])
  await again.click('split-toggle')
  await expect.poll(() => tabIds(second)).toEqual(['cluster', 'topics', 'topic:orders', 'schemas', 'settings'])

  // By name, narrowed to the object.
  await second.page.keyboard.press('Control+p')
  await again.type('palette-input', '#ord')
  await second.page.keyboard.press('Tab')
  await expect(again.sees('palette-object')).toHaveText('orders')
  await again.type('palette-input', 'config')
  await second.page.keyboard.press('Enter')
  await expect(again.sees('topic-section-config')).toHaveAttribute('aria-selected', 'true')
})

test('security switched on in the window holds for clients, and the window goes on', async ({ app }) => {
  // Brokers that are told to stop say so to each other.
  app.expectComplaint(/WARN/)
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.createTopic('orders')
  const [broker = ''] = (await person.bootstrapAddress()).split(',')
  await app.page.keyboard.press('Control+,')
  await person.click('settings-page-security')
  await person.click('security-sasl')
  await expect(person.sees('security-problem')).toBeVisible()
  await person.click('security-add-user')
  await person.type('security-user-0', 'alice')
  const password = await person.sees('security-password-0').inputValue()
  expect(password.length).toBeGreaterThan(20)
  await expect(person.sees('security-changes')).toContainText('SASL_PLAINTEXT')
  await person.click('security-switch')

  const topicsFor = async (sasl: { username: string; password: string } | null): Promise<string[]> => {
    const kafka = new Kafka({
      brokers: [broker],
      logLevel: logLevel.NOTHING,
      retry: { retries: 0 },
      connectionTimeout: 3_000,
      ...(sasl === null ? {} : { sasl: { mechanism: 'scram-sha-512' as const, ...sasl } }),
    })
    const admin = kafka.admin()
    try {
      await admin.connect()
      return await admin.listTopics()
    } catch {
      return []
    } finally {
      await admin.disconnect().catch(() => undefined)
    }
  }
  await expect.poll(() => topicsFor({ username: 'alice', password }), { timeout: settleMs }).toContain('orders')
  expect(await topicsFor(null)).toEqual([])
  expect(await topicsFor({ username: 'alice', password: 'wrong' })).toEqual([])
  expect(statSync(join(app.dataDirectory, 'security.json')).mode & 0o077).toBe(0)

  // The page was loaded anew, where it was, and shows the cluster that now runs, its own clients included.
  await expect(person.sees('settings-page-security')).toHaveAttribute('aria-selected', 'true')
  await person.untilHealthy()
  await person.produce('orders', { value: 'let in', count: 3 })
  await person.untilAcknowledged(3)
  expect(await person.readAll('orders')).toBe(3)
})

test('a workspace whose security cannot be read does not open itself to everybody', async ({ launch }) => {
  const dataDirectory = directory()
  writeFileSync(join(dataDirectory, 'security.json'), '{"protocol":"SASL_PLAINTXT"}')
  const app = await launch({ dataDirectory })
  app.expectComplaint(/security\.json|The workbench did not start/)
  const person = new Person(app.page)
  await expect(person.sees('cluster-unreachable')).toContainText('security.json cannot be read', { timeout: settleMs })
})
