/** Reading records in every way the window offers, showing them as they are, and saying in words what a broker refuses. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectClient } from './client'
import { Person, settleMs } from './person'
import { expect, test } from './workbench-app'

const largest = '9223372036854775807'

test('records are read from the beginning, the newest, an offset, a time, and as they come', async ({ shared: app }) => {
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.createTopic('readings', { partitions: 2 })
  const client = await connectClient(await person.bootstrapAddress())
  const startMs = Date.now() - 600_000
  for (const partition of [0, 1]) {
    await client.producer.send({
      topic: 'readings',
      acks: -1,
      messages: Array.from({ length: 300 }, (_, index) => ({
        partition,
        value: `${partition}-${index}`,
        timestamp: String(startMs + index * 1_000),
      })),
    })
  }

  expect(await person.readAll('readings')).toBe(600)
  const rows = await person.rows(600)
  for (const partition of [0, 1]) {
    expect(rows.filter((row) => row.partition === partition).map((row) => `${row.offset} ${row.value}`)).toEqual(
      Array.from({ length: 300 }, (_, index) => `${index} ${partition}-${index}`),
    )
  }

  await person.choose('messages-limit', '100')
  await person.click('messages-start-newest')
  expect(await person.untilRead()).toBe(100)
  const newest = await person.rows(100)
  expect(newest.map((row) => row.value).sort()).toEqual(
    [0, 1].flatMap((partition) => Array.from({ length: 50 }, (_, index) => `${partition}-${250 + index}`)).sort(),
  )
  expect(newest.map((row) => row.offset)).toEqual([...newest.map((row) => row.offset)].sort((left, right) => right - left))

  await person.click('messages-start-offset')
  await person.type('messages-offset', '290')
  await person.click('messages-read')
  expect(await person.untilRead()).toBe(20)
  expect(Math.min(...(await person.rows(20)).map((row) => row.offset))).toBe(290)

  await person.click('messages-start-time')
  await person.type('messages-time', String(startMs + 295_000))
  await person.click('messages-read')
  expect(await person.untilRead()).toBe(10)
  expect((await person.rows(10)).map((row) => row.value).sort()).toEqual(
    [0, 1].flatMap((partition) => [295, 296, 297, 298, 299].map((index) => `${partition}-${index}`)),
  )

  await person.click('messages-partitions')
  await person.click('messages-only-1')
  await app.page.keyboard.press('Escape')
  await person.choose('messages-limit', '10000')
  await person.click('messages-start-oldest')
  expect(await person.untilRead()).toBe(300)
  expect(new Set((await person.rows(300)).map((row) => row.partition))).toEqual(new Set([1]))

  const status = person.sees('messages-status')
  await person.click('messages-start-live')
  await expect(status).toHaveAttribute('data-state', 'live')
  await expect(status).toHaveText(/Waiting/)
  for (const round of [1, 2, 3]) {
    await client.producer.send({ topic: 'readings', acks: -1, messages: [{ partition: 1, value: `live-${round}` }] })
    await expect(status).toHaveAttribute('data-row-count', String(round), { timeout: settleMs })
  }
  expect((await person.rows(3)).map((row) => row.value)).toEqual(['live-1', 'live-2', 'live-3'])
  await person.click('messages-stop')
  await expect(status).toHaveAttribute('data-state', 'stopped')
  await client.disconnect()
})

test('a record is shown as it is: null and empty, bytes, repeated headers, and all digits of a number', async ({
  shared: app,
}) => {
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.createTopic('odd', { partitions: 1 })
  const client = await connectClient(await person.bootstrapAddress())
  await client.producer.send({
    topic: 'odd',
    acks: -1,
    messages: [
      { key: null, value: '', headers: { bytes: Buffer.from([0x00, 0xff, 0x80]), twice: ['first', 'second'] } },
      { key: Buffer.from([0xc3, 0x28]), value: `{"id":${largest},"exact":1.0,"list":[1e2]}` },
      { key: 'gone', value: null },
    ],
  })
  await client.disconnect()

  expect(await person.readAll('odd')).toBe(3)
  const [empty, json, tombstone] = await person.rows(3)
  expect(empty).toMatchObject({ key: 'null', value: '""', offset: 0 })
  expect(json?.key).toContain('c3 28')
  expect(json?.value).toContain(`{"id":${largest},"exact":1.0,"list":[1e2]}`)
  expect(tombstone).toMatchObject({ key: 'gone', value: 'tombstone' })

  const detail = person.sees('message-detail')
  await person.click('message-row-0')
  await expect(person.sees('message-place')).toHaveText('odd-0 @ 0')
  await expect(detail).toContainText('Value is empty: 0 B, but not null')
  await expect(person.sees('message-header-0')).toContainText('00 ff 80')
  await expect(person.sees('message-header-0')).toContainText('binary')
  await expect(person.sees('message-header-1')).toContainText('"first"')
  await expect(person.sees('message-header-2')).toContainText('"second"')
  await expect(person.sees('message-header-2')).toContainText('repeated')

  await person.click('message-row-1')
  await expect(person.sees('message-tree')).toContainText(largest)
  await expect(person.sees('message-tree')).toContainText('1.0')
  await person.click('message-view-text')
  await expect(person.sees('message-text')).toContainText(`"id": ${largest}`)
  await person.click('message-view-hex')
  await expect(detail).toContainText('7b 22 69 64')
  await person.click('message-copy-record')
  await expect.poll(() => app.electron.evaluate(({ clipboard }) => clipboard.readText())).toContain(largest)

  await person.click('message-row-2')
  await expect(detail).toContainText('A tombstone')
  await app.page.keyboard.press('Escape')
  await expect(app.page.getByTestId('message-detail').filter({ visible: true })).toHaveCount(0)
})

test('what is written in the window arrives as it was written', async ({ shared: app }) => {
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.createTopic('written', { partitions: 1 })
  await person.fillProduceForm('written', { format: 'json', value: `{"id":${largest},` })
  await app.page.keyboard.press('Control+Enter')
  await expect(person.sees('produce-value-error')).toContainText('Line 1, column')
  await expect(person.sees('produce-submit')).toHaveAttribute('aria-disabled', 'true')

  await person.type('produce-value', `{"id":${largest}}`)
  await person.click('produce-header-add')
  await person.type('produce-header-key-0', 'trace')
  await person.type('produce-header-value-0', 'a')
  await person.click('produce-header-add')
  await person.type('produce-header-key-1', 'trace')
  await person.choose('produce-header-format-1', 'hex')
  await person.type('produce-header-value-1', 'ff00')
  await person.click('produce-submit')
  await person.untilAcknowledged(1)

  // The result leads to the record.
  await person.click('produce-last-link')
  await expect(person.sees('message-place')).toHaveText('written-0 @ 0', { timeout: settleMs })
  await expect(person.sees('message-tree')).toContainText(largest)
  await expect(person.sees('message-header-0')).toContainText('"a"')
  await expect(person.sees('message-header-1')).toContainText('ff 00')

  await person.click('message-resend')
  await expect(person.sees('message-resend-result')).toHaveAttribute('data-state', 'sent', { timeout: settleMs })
  expect(await person.readAll('written')).toBe(2)
  const [first, second] = await person.rows(2)
  expect(second).toMatchObject({ key: first?.key, value: first?.value, offset: 1 })
})

test('what a broker refuses is said in words, with the name that Kafka has for it', async ({ shared: app }) => {
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.createTopic('small', { partitions: 1, configs: { 'max.message.bytes': '1000' } })
  await person.produce('small', { value: 'x'.repeat(5_000) })
  await expect(person.sees('produce-result')).toHaveAttribute('data-state', 'failed', { timeout: settleMs })
  await expect(person.sees('produce-error')).toHaveAttribute('data-error', 'MESSAGE_TOO_LARGE')
  await expect(person.sees('produce-error')).toContainText(/\w+ \w+ \w+/)
  expect(await person.readAll('small')).toBe(0)

  await person.createTopic('careful', { partitions: 1, configs: { 'min.insync.replicas': '3' } })
  await person.act(3, 'kill')
  await person.untilIsr('careful', 1, [1, 2])
  await person.produce('careful', { value: 'held back' })
  await expect(person.sees('produce-error')).toHaveAttribute('data-error', 'NOT_ENOUGH_REPLICAS', { timeout: settleMs })
  await expect(person.sees('produce-result')).toHaveAttribute('data-acknowledged', '0')

  // It goes on trying; the broker's return is all that it needs.
  await person.act(3, 'start')
  await person.untilIsr('careful', 1, [1, 2, 3])
  await person.openTopic('careful', 'partitions')
  await person.click('topic-produce')
  await person.untilAcknowledged(1)
})

test('records are found, taken elsewhere, changed and compared: filters, JavaScript, times, export, resend, several topics, latest per key', async ({
  shared: app,
}) => {
  const person = new Person(app.page)
  await person.untilHealthy()
  const client = await connectClient(await person.bootstrapAddress())
  await client.admin.createTopics({
    topics: [
      { topic: 'sales', numPartitions: 2, replicationFactor: 3 },
      { topic: 'sales-copy', numPartitions: 1, replicationFactor: 3 },
      {
        topic: 'customers',
        numPartitions: 1,
        replicationFactor: 3,
        configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
      },
    ],
  })
  // Beyond what a double can tell apart: …993, …994 and so on.
  const first = 9_007_199_254_740_993n
  const startMs = Date.now() - 600_000
  const sale = (index: number) => ({
    partition: index % 2,
    key: `c-${index % 10}`,
    value: `{"id":${first + BigInt(index)},"total":${index},"customer":{"city":"${index % 4 === 0 ? 'Bern' : 'Basel'}"}}`,
    headers: { channel: index % 5 === 0 ? 'app' : 'web' },
    timestamp: String(startMs + index * 3_000),
  })
  await client.producer.send({ topic: 'sales', acks: -1, messages: Array.from({ length: 200 }, (_, index) => sale(index)) })
  const updates = Array.from({ length: 12 }, (_, index) => ({ key: `c-${index % 3}`, value: `{"version":${index}}` }))
  await client.producer.send({ topic: 'customers', acks: -1, messages: updates })
  await client.disconnect()
  const status = person.sees('messages-status')
  const untilRows = (count: number) => expect(status).toHaveAttribute('data-row-count', String(count), { timeout: settleMs })

  expect(await person.readAll('sales')).toBe(200)

  await test.step('filters without code, all digits of a number, a field below a field, a header', async () => {
    const filter = async (field: string, name: string, value: string) => {
      await person.click('filter-add')
      await person.choose('filter-field', field)
      await person.type('filter-name', name)
      await person.choose('filter-operator', 'equals')
      await person.type('filter-value', value)
      await person.click('filter-apply')
    }
    await filter('value-field', 'id', String(first + 8n))
    await untilRows(1)
    await expect(person.sees('message-row-0')).toContainText(`"id":${first + 8n}`)
    await person.click('filter-chip-1')
    await app.page.getByRole('button', { name: 'Remove', exact: true }).click()
    await untilRows(200)
    await filter('value-field', 'customer.city', 'Bern')
    await untilRows(50)
    await filter('header', 'channel', 'app')
    await untilRows(10)
    await expect(person.sees('filter-counts')).toHaveAttribute('data-scanned', '200')
    // Kept, but not in force.
    await person.click('filter-chip-2')
    await person.click('filter-on')
    await person.click('filter-apply')
    await untilRows(40)
    await person.click('filter-chip-3')
    await app.page.getByRole('button', { name: 'Remove', exact: true }).click()
    await untilRows(200)
  })

  await test.step('JavaScript, tried on one record first', async () => {
    await person.click('filter-script')
    await person.type('script-text', 'return value.total >= 190 && typeof value.id === "bigint"')
    await person.click('script-try')
    await expect(person.sees('script-result')).toHaveAttribute('data-kept', 'false', { timeout: settleMs })
    await person.click('script-apply')
    await untilRows(10)
  })

  await test.step('an export holds what was sent, to the last digit', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'broker-workbench-e2e-'))
    const filePath = join(directory, 'sales.jsonl')
    await app.electron.evaluate(({ dialog }, path) => {
      dialog.showSaveDialog = async () => ({ canceled: false, filePath: path })
    }, filePath)
    await person.click('messages-export')
    await person.click('menu-export-jsonl')
    await expect(person.sees('messages-task')).toHaveAttribute('data-state', 'finished', { timeout: settleMs })
    const lines = readFileSync(filePath, 'utf8').trimEnd().split('\n')
    rmSync(directory, { recursive: true })
    expect(lines).toHaveLength(10)
    for (let index = 190; index < 200; index++)
      expect(lines.some((line) => line.includes(`"value":${sale(index).value},"headers":[{"key":"channel"`))).toBe(true)
  })

  await test.step('two marked records are sent to another topic, byte for byte', async () => {
    await person.click('message-row-0')
    await person.sees('message-row-1').click({ modifiers: ['Control'] })
    await expect(person.sees('messages-marked')).toContainText('2 marked')
    await app.page.keyboard.press('Shift+R')
    await person.type('resend-topic', 'sales-copy')
    await person.click('resend-partition-one')
    await person.click('resend-submit')
    await expect(person.sees('messages-task')).toHaveAttribute('data-kind', 'resend')
    await expect(person.sees('messages-task')).toHaveAttribute('data-state', 'finished', { timeout: settleMs })
    await expect(person.sees('messages-task')).toHaveAttribute('data-done', '2')
    await app.page.keyboard.press('Escape')
    await person.click('filter-script-chip')
    await app.page.getByRole('button', { name: 'Remove', exact: true }).click()
    await untilRows(200)
  })

  await test.step('a stretch of time is brushed over the histogram', async () => {
    await expect(person.sees('messages-histogram')).toHaveAttribute('data-records', '200')
    const box = await person.sees('histogram-plot').boundingBox()
    if (box === null) throw new Error('the histogram has no place')
    const y = box.y + box.height / 2
    await app.page.mouse.move(box.x + box.width * 0.25, y)
    await app.page.mouse.down()
    await app.page.mouse.move(box.x + box.width * 0.75, y, { steps: 4 })
    await app.page.mouse.up()
    // Half of the width is half of the ten minutes, but for a bar at each end.
    const isHalf = async () => Math.abs(Number(await status.getAttribute('data-row-count')) - 100) < 10
    await expect.poll(isHalf, { timeout: settleMs }).toBe(true)
    await person.click('histogram-clear')
    await untilRows(200)
  })

  await test.step('one is changed and sent again', async () => {
    await person.click('message-row-0')
    await expect(person.sees('message-tree')).toBeVisible({ timeout: settleMs })
    await app.page.keyboard.press('e')
    await expect(person.sees('produce-value')).toHaveValue(/"id":900719925474099\d,/)
    await person.type('produce-value', '{"id":1,"total":-1}')
    await person.click('produce-submit')
    await person.untilAcknowledged(1)
  })

  await test.step('two topics are read in one table', async () => {
    await person.openTopic('sales-copy', 'messages')
    await untilRows(2)
    await expect(person.sees('message-row-0')).toContainText('"total":19')
    await person.click('messages-topics')
    await person.click('messages-topic-sales')
    await app.page.keyboard.press('Escape')
    await untilRows(203)
    await expect(person.sees('messages-table').getByRole('row').first()).toContainText('Topic')
  })

  await test.step('of each key its last record', async () => {
    await person.openTopic('customers', 'messages')
    await untilRows(12)
    await person.click('messages-latest')
    await untilRows(3)
    expect((await person.rows(3)).map(({ key, value }) => `${key} ${value}`).sort()).toEqual(
      [9, 10, 11].map((version) => `c-${version % 3} {"version":${version}}`),
    )
  })
})
