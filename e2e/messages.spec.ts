/** Reading records in every way the window offers, showing them as they are, and saying in words what a broker refuses. */
import { connectClient } from './client'
import { Person, settleMs } from './person'
import { expect, test } from './workbench-app'

const largest = '9223372036854775807'

test('records are read from the beginning, the newest, an offset, a time, and as they come', async ({ app }) => {
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

test('a record is shown as it is: null and empty, bytes, repeated headers, and all digits of a number', async ({ app }) => {
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

test('what is written in the window arrives as it was written', async ({ app }) => {
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

test('what a broker refuses is said in words, with the name that Kafka has for it', async ({ app }) => {
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
