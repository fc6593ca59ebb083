/**
 * Takes the window through the states that are worth looking at, and a picture of each in both themes and two sizes. The pictures are in
 * out/screenshots: for people who change the looks, and for the README.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectClient, type OrdinaryClient } from './client'
import { Person, settleMs } from './person'
import { expect, test, type WorkbenchApp } from './workbench-app'

const directory = join(__dirname, '..', 'out', 'screenshots')
const sizes = [
  [1440, 900],
  [1024, 700],
] as const
const themes = ['light', 'dark'] as const

test.beforeAll(() => {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
})

test('a tour of the window', async ({ launch }) => {
  // The window names the workspace after its folder.
  const parent = mkdtempSync(join(tmpdir(), 'broker-workbench-tour-'))
  const app = await launch({ dataDirectory: join(parent, 'default') })
  // It kills and freezes brokers; what they say of it is not the subject here.
  app.expectComplaint(/WARN/)
  const person = new Person(app.page)
  const shoot = (name: string, ready: () => Promise<unknown> = async () => undefined) => takeAll(app, name, ready)

  await person.untilHealthy()
  await shoot('first-run')

  await person.openTopicForm()
  await person.fillTopicForm('orders/new', { replicationFactor: 4, configs: { 'retention.ms': '604800000' } })
  await person.click('create-topic-submit')
  await shoot('create-topic')
  await app.page.keyboard.press('Escape')

  const client = await connectClient(await person.bootstrapAddress())
  await client.admin.createTopics({
    waitForLeaders: true,
    topics: [
      { topic: 'orders', numPartitions: 6, replicationFactor: 3, configEntries: [{ name: 'min.insync.replicas', value: '2' }] },
      { topic: 'payments', numPartitions: 3, replicationFactor: 3 },
      { topic: 'clicks', numPartitions: 8, replicationFactor: 2, configEntries: [{ name: 'retention.ms', value: '3600000' }] },
      {
        topic: 'customers',
        numPartitions: 2,
        replicationFactor: 3,
        configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
      },
      { topic: 'audit', numPartitions: 1, replicationFactor: 1 },
      { topic: 'nothing-yet', numPartitions: 1, replicationFactor: 3 },
    ],
  })
  await client.producer.send({
    topic: 'audit',
    messages: [{ key: Buffer.from([0xff, 0x10]), value: Buffer.from([0x0a, 0x80, 0x00]) }],
  })
  const traffic = startTraffic(client)
  await person.openCluster()
  await expect
    .poll(async () => Number((await person.sees('status-rate-in').textContent())?.length), { timeout: settleMs })
    .toBeGreaterThan(0)
  await traffic.untilSent(1_500)
  await shoot('cluster-busy')
  await person.click('rail-topics')
  await shoot('topics')

  await person.openTopic('nothing-yet', 'messages')
  await shoot('messages-empty')
  await person.openTopic('orders', 'messages')
  await person.untilRead()
  await shoot('messages')
  await app.page.locator('[data-testid^="message-row-"]').filter({ visible: true }).nth(2).click()
  await expect(person.sees('message-tree')).toBeVisible()
  await shoot('messages-detail')
  await app.page.keyboard.press('Escape')
  await person.click('filter-add')
  await person.choose('filter-field', 'value-field')
  await person.type('filter-name', 'status')
  await person.choose('filter-operator', 'equals')
  await person.type('filter-value', 'paid')
  await shoot('messages-filter')
  await person.click('filter-apply')
  await person.untilRead()
  await person.click('filter-script')
  await person.type('script-text', 'return value.total > 100 && headers.length > 1')
  await person.click('script-try')
  await expect(person.sees('script-result')).toBeVisible({ timeout: settleMs })
  await shoot('messages-script')
  await person.click('script-apply')
  await person.untilRead()
  await shoot('messages-filtered')
  await person.click('messages-start-live')
  await expect(person.sees('messages-status')).not.toHaveAttribute('data-row-count', '0', { timeout: settleMs })
  await shoot('messages-live')
  await person.click('messages-stop')
  await person.click('topic-section-config')
  await shoot('topic-config')
  await person.click('topic-section-analysis')
  await person.click('analysis-start')
  await expect(person.sees('analysis-result')).toBeVisible({ timeout: settleMs })
  await shoot('topic-analysis')

  const value =
    '{\n  "orderId": {{index}},\n  "customer": "c-{{index}}",\n  "total": 129.90,\n  "items": [{ "sku": "A-1", "count": 2 }]\n}'
  await person.produce('payments', { key: 'order-{{index}}', format: 'json', value, count: 1_000 })
  await person.untilAcknowledged(1_000)
  await shoot('produce-result')
  await person.type('produce-value', '{\n  "orderId": 1,\n  "total": ,\n}')
  await shoot('produce-error')
  await person.type('produce-value', value)
  await person.click('produce-mode-lines')
  await person.type('lines-text', '{"key":"a","value":{"id":7205759403792793601}}\n{"key":"b" "value":1}')
  await expect(person.sees('lines-problem-0')).toBeVisible({ timeout: settleMs })
  await shoot('produce-lines')

  await app.page.keyboard.press('Control+k')
  await person.type('palette-input', 'or')
  await shoot('palette')
  await person.type('palette-input', '#orders')
  await app.page.keyboard.press('Tab')
  await shoot('palette-narrowed')
  await app.page.keyboard.press('Escape')
  await app.page.keyboard.press('Escape')
  await person.openCluster()
  await app.page.keyboard.press('?')
  await shoot('keys')
  await app.page.keyboard.press('Escape')

  const groupOffsets = Array.from({ length: 6 }, (_, partition) => ({ partition, offset: String(partition * 7) }))
  await client.admin.setOffsets({ groupId: 'billing', topic: 'orders', partitions: groupOffsets })
  await person.click('rail-groups')
  await person.click('groups-start')
  await person.type('start-group', 'shipping')
  await shoot('start-consumers')
  await person.click('start-submit')
  await expect(person.sees('group-state')).toHaveAttribute('data-state', 'Stable', { timeout: settleMs })
  await shoot('group')
  await person.click('group-section-own')
  await shoot('group-own')
  await person.click('group-reset')
  await expect(person.sees('reset-outcome')).toBeVisible({ timeout: settleMs })
  await shoot('group-reset')
  await app.page.keyboard.press('Escape')
  for (const part of ['groups', 'metrics', 'clients', 'coordination']) {
    await person.click(`rail-${part}`)
    // Figures over time need some time to have any.
    await app.page.waitForTimeout(2_500)
    await shoot(part)
  }
  await app.page.getByRole('tab', { name: /Sessions/ }).click()
  await shoot('coordination-sessions')
  await person.click('rail-clients')
  await person.sees('client-an-ordinary-client').click()
  await expect(person.sees('client-detail')).toBeVisible({ timeout: settleMs })
  await shoot('clients-detail')
  await person.click('connect-java')
  await expect(person.sees('connect-produce')).toBeVisible({ timeout: settleMs })
  await shoot('clients-connect')
  await person.click('rail-settings')
  for (const page of ['appearance', 'keys', 'cluster', 'sample', 'about']) {
    await person.click(`settings-page-${page}`)
    await shoot(`settings-${page}`)
  }
  await person.click('settings-page-security')
  await person.click('security-sasl')
  await person.click('security-add-user')
  await shoot('settings-security')

  await person.openTopic('orders', 'messages')
  await app.page.keyboard.press('Control+\\')
  await person.openCluster()
  await shoot('split')
  await person.click('split-toggle')

  await person.act(2, 'kill')
  await person.untilBroker(2, 'killed')
  await person.untilIsr('payments', 3, [1, 3])
  await shoot('cluster-killed')
  await person.openTopic('orders', 'partitions')
  await shoot('partitions-killed')
  await person.click('topic-menu')
  await person.click('menu-topic-delete')
  await shoot('delete-topic')
  await app.page.keyboard.press('Escape')
  await person.act(3, 'freeze')
  await person.untilBroker(3, 'frozen')
  await person.click('broker-3-menu')
  await person.click('menu-broker-3-remove')
  await shoot('remove-broker')
  await app.page.keyboard.press('Escape')
  await person.act(3, 'resume')
  await person.act(2, 'start')
  await person.untilBroker(2, 'running')
  await person.untilIsr('payments', 3, [1, 2, 3])
  await shoot('cluster-recovered')

  await traffic.stop()
  await client.disconnect()
  await app.electron.close()
  rmSync(parent, { recursive: true, force: true })
})

test('a tour of the schemas', async ({ launch }) => {
  const parent = mkdtempSync(join(tmpdir(), 'broker-workbench-tour-'))
  const app = await launch({ dataDirectory: join(parent, 'default') })
  const person = new Person(app.page)
  const shoot = (name: string, ready: () => Promise<unknown> = async () => undefined) => takeAll(app, name, ready)
  await person.untilHealthy()
  await person.createTopic('orders')
  const client = await connectClient(await person.bootstrapAddress())
  await client.producer.send({ topic: 'orders', messages: Array.from({ length: 500 }, (_, index) => order(index)) })
  await client.disconnect()

  await person.click('rail-schemas')
  await expect(person.sees('schemas-empty-new')).toBeVisible({ timeout: settleMs })
  await shoot('schemas-empty')
  await person.click('schemas-empty-new')
  await person.click('new-schema-from-topic')
  await person.choose('new-schema-topic', 'orders')
  await shoot('schemas-new')
  await person.click('new-schema-submit')
  const verdict = (wanted: string) =>
    expect(person.sees('schema-compatibility')).toHaveAttribute('data-verdict', wanted, { timeout: settleMs })
  await verdict('first')
  await shoot('schemas-inferred')
  await person.click('schema-register')
  await verdict('unchanged')
  await person.sees('schema-text').click()
  await app.page.keyboard.press('Control+Home')
  await app.page.keyboard.press('ArrowDown')
  await app.page.keyboard.press('End')
  await app.page.keyboard.insertText('\n  "doc": "One order", "logicalType": "order",')
  await expect(person.sees('schema-compatibility')).toHaveAttribute('data-stale', 'false', { timeout: settleMs })
  await shoot('schemas-draft')
  await person.click('changes-view-text')
  await expect(person.sees('schema-text-diff')).toBeVisible()
  await shoot('schemas-difference')
  await person.click('subject-section-settings')
  await shoot('schemas-settings')
  await person.click('rail-schemas')
  await shoot('schemas')

  await app.electron.close()
  rmSync(parent, { recursive: true, force: true })
})

async function takeAll(app: WorkbenchApp, name: string, ready: () => Promise<unknown>): Promise<void> {
  for (const [width, height] of sizes) {
    await app.electron.evaluate(({ BrowserWindow }, [w, h]) => BrowserWindow.getAllWindows()[0]?.setContentSize(w, h), [
      width,
      height,
    ] as const)
    await app.page.waitForFunction(([w, h]) => innerWidth === w && innerHeight === h, [width, height] as const)
    for (const theme of themes) {
      await setTheme(app, theme)
      await ready()
      await app.page.screenshot({ path: join(directory, `${name}-${theme}-${width}.png`), animations: 'disabled' })
    }
  }
  const [width, height] = sizes[0]
  await app.electron.evaluate(({ BrowserWindow }, [w, h]) => BrowserWindow.getAllWindows()[0]?.setContentSize(w, h), [
    width,
    height,
  ] as const)
  await app.page.waitForFunction((w) => innerWidth === w, width)
}

/** What the native menu does when a theme is chosen, so that an open dialog is not in the way. */
async function setTheme(app: WorkbenchApp, theme: 'light' | 'dark'): Promise<void> {
  await app.page.evaluate((wanted) => {
    document.documentElement.dataset['theme'] = wanted
  }, theme)
}

/** A client that goes on writing, so that rates, offsets and live reads have something to show. */
function startTraffic(client: OrdinaryClient) {
  let isStopping = false
  let sent = 0
  const ended = (async () => {
    for (let round = 0; !isStopping; round++) {
      await client.producer.sendBatch({
        acks: 1,
        topicMessages: [
          { topic: 'orders', messages: Array.from({ length: 12 }, (_, index) => order(round * 12 + index)) },
          {
            topic: 'clicks',
            messages: Array.from({ length: 20 }, (_, index) => ({ value: `/product/${(round * 7 + index) % 90}` })),
          },
          {
            topic: 'customers',
            messages: [{ key: `c-${round % 40}`, value: round % 9 === 0 ? null : `{"name":"Ada","round":${round}}` }],
          },
        ],
      })
      sent += 33
      await new Promise((resolve) => setTimeout(resolve, 40))
    }
  })()
  return {
    untilSent: (count: number) => expect.poll(() => sent, { timeout: settleMs }).toBeGreaterThan(count),
    async stop() {
      isStopping = true
      await ended
    },
  }
}

function order(index: number) {
  return {
    key: `customer-${index % 57}`,
    value: JSON.stringify({
      orderId: 90_000_000_000 + index,
      status: ['created', 'paid', 'shipped'][index % 3],
      total: Math.round(((index * 37) % 50_000) + 99) / 100,
      currency: 'EUR',
      items: [{ sku: `A-${index % 300}`, count: 1 + (index % 4) }],
      note: index % 5 === 0 ? null : 'Leave it with the neighbours, please.',
    }),
    headers: { 'content-type': 'application/json', trace: [`t-${index}`, `p-${index % 7}`] },
  }
}
