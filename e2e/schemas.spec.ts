/** Authoring a schema in the real window: from a topic's messages to two versions of them, read back with what wrote each. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectClient } from './client'
import { Person, settleMs } from './person'
import { SchemaAuthor } from './schema-author'
import { expect, test } from './workbench-app'

test('a schema is inferred, mended, registered, evolved, produced with, and its messages are read by version', async ({
  shared: app,
}) => {
  // A long journey with a cluster of its own: on a machine that did other things too it took half of this.
  test.setTimeout(360_000)
  const person = new Person(app.page)
  const author = new SchemaAuthor(person, app.electron)
  await person.untilHealthy()
  await person.createTopic('orders', { partitions: 1 })
  const client = await connectClient(await person.bootstrapAddress())
  await client.producer.send({
    topic: 'orders',
    acks: -1,
    messages: Array.from({ length: 20 }, (_, index) => ({
      value: JSON.stringify({
        orderId: 9_000_000_000 + index,
        status: index % 2 === 0 ? 'PLACED' : 'PAID',
        note: index === 3 ? null : 'x',
      }),
    })),
  })
  await client.disconnect()

  // Inferred in one step: a draft, and what each decision rests on.
  await author.inferFromTopic('orders')
  await expect(person.sees('subject-view')).toHaveAttribute('data-subject', 'orders-value')
  await expect(person.sees('schema-text')).toContainText('"orderId"')
  await person.click('schema-pane-inference')
  await expect(person.sees('schema-inference')).toHaveAttribute('data-sample-count', '20')
  await author.untilVerdict('first')

  // Broken by a slip, told in place, and mended by the offered fix.
  const slip = author.text({ orderId: 'lnog' })
  await author.write(slip)
  await author.untilVerdict('invalid')
  await expect(person.sees('schema-counts')).toHaveAttribute('data-errors', '1')
  await expect(person.sees('schema-entry-0')).toContainText('lnog')
  await expect(person.sees('schema-entry-0')).toHaveAttribute('data-severity', 'error')
  await expect(person.sees('schema-register')).toHaveAttribute('aria-disabled', 'true')
  await author.fix(0, /long/)
  await author.untilVerdict('first')
  await expect(person.sees('schema-counts')).toHaveAttribute('data-errors', '0')
  expect(await author.register()).toBe('registered')
  await expect(person.sees('schema-version-1')).toBeVisible({ timeout: settleMs })

  // A field that older messages do not have: which, and why.
  await author.write(author.text({ orderId: 'long' }, [{ name: 'currency', type: 'string' }]))
  await author.untilVerdict('incompatible')
  const entry = person.sees('schema-entry-0')
  await expect(entry).toHaveAttribute('data-name', 'currency')
  await expect(entry).toHaveAttribute('data-type', 'READER_FIELD_MISSING_DEFAULT_VALUE')
  await expect(entry).toContainText('currency')
  await expect(entry).toContainText('default')
  await expect(person.sees('schema-version-1')).toHaveAttribute('data-state', 'breaks')
  await expect(person.sees('schema-register')).toHaveAttribute('aria-disabled', 'true')

  // Mended with a default, and version 2 it is.
  await author.fix(0, /default/i)
  await author.untilVerdict('compatible')
  await expect(person.sees('schema-version-1')).toHaveAttribute('data-state', 'agrees')
  expect(await author.register()).toBe('registered')
  await expect(person.sees('schema-version-2')).toBeVisible({ timeout: settleMs })

  // Produced with either version; what does not fit is said before anything is sent.
  await author.produce('orders', { version: '1', value: '{"orderId":1,"status":"PLACED","note":"by v1"}' })
  await person.untilAcknowledged(1)
  await author.produce('orders', { value: '{"orderId":"one","status":"PLACED","note":null,"currency":"EUR"}' }, false)
  await expect(person.sees('produce-value-error')).toContainText('orderId', { timeout: settleMs })
  await author.produce('orders', { value: '{"orderId":9223372036854775807,"status":"PAID","note":null,"currency":"EUR"}' })
  await person.untilAcknowledged(1)

  // Both versions' messages, each with what wrote it, beside the plain ones.
  expect(await person.readAll('orders')).toBe(22)
  await person.rows(22)
  await expect(person.sees('message-schema-20')).toContainText('v1')
  await expect(person.sees('message-schema-21')).toContainText('v2')
  await person.click('message-row-20')
  await expect(person.sees('message-value-schema')).toHaveAttribute('data-version', '1')
  await expect(person.sees('message-tree')).toContainText('by v1')
  await person.click('message-row-21')
  await expect(person.sees('message-value-schema')).toHaveAttribute('data-version', '2')
  await expect(person.sees('message-value-schema')).toHaveAttribute('data-kind', 'decoded')
  await expect(person.sees('message-tree')).toContainText('9223372036854775807')
  await expect(person.sees('message-tree')).toContainText('EUR')
})

const payments = `syntax = "proto3";
package shop;

message Payment {
  string order_id = 1;
  int64 cents = 2;
}

message Refund {
  string order_id = 1;
  string reason = 2;
}
`

const customer = JSON.stringify(
  {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Customer',
    type: 'object',
    properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0 } },
    required: ['name'],
    additionalProperties: false,
  },
  null,
  2,
)

test('subjects of other languages are registered, deleted, restored and imported again, and a draft outlives the app', async ({
  launch,
}) => {
  test.setTimeout(360_000)
  const dataDirectory = mkdtempSync(join(tmpdir(), 'broker-workbench-e2e-'))
  const app = await launch({ dataDirectory })
  const person = new Person(app.page)
  const author = new SchemaAuthor(person, app.electron)
  await person.untilHealthy()
  await person.createTopic('payments', { partitions: 1 })

  await author.author('json-schema', 'customers-value', customer)
  await author.author('protobuf', 'payments-value', payments)
  await expect(person.sees('schema-infer')).toHaveCount(0)

  // Another message of the file than its first, and it is read as that.
  await person.openTopic('payments', 'partitions')
  await person.click('topic-produce')
  await person.click('produce-value-format-schema')
  await person.choose('produce-value-subject', 'payments-value')
  await person.choose('produce-value-message', 'shop.Refund')
  await expect(person.sees('produce-value')).toHaveValue(/"@type": "shop.Refund"/)
  await person.click('produce-submit')
  await person.untilAcknowledged(1)
  expect(await person.readAll('payments')).toBe(1)
  await person.click('message-row-0')
  await expect(person.sees('message-value-schema')).toHaveAttribute('data-kind', 'decoded')
  await expect(person.sees('message-tree')).toContainText('shop.Refund')

  // Its subject: exported, deleted softly, back, deleted again and for good, and there again by the export.
  await author.open('payments-value')
  await person.click('subject-section-settings')
  await author.deleteSoftly(1)
  await expect(person.sees('settings-version-1')).toHaveAttribute('data-deleted', 'true', { timeout: settleMs })
  await person.click('restore-version-1')
  await expect(person.sees('settings-version-1')).toHaveAttribute('data-deleted', 'false', { timeout: settleMs })
  await person.click('rail-schemas')
  await person.click('schemas-export')
  await expect(person.sees('export-text')).toContainText('payments-value', { timeout: settleMs })
  const exported = (await person.sees('export-text').textContent()) ?? ''
  await app.page.keyboard.press('Escape')
  await author.open('payments-value')
  await person.click('subject-section-settings')
  await author.deleteSoftly()
  await person.click('delete-subject-permanently')
  await person.type('delete-schema-name', 'payments-value')
  await person.click('delete-schema-submit')
  await person.click('rail-schemas')
  await expect(person.sees('subject-row-payments-value')).toHaveCount(0, { timeout: settleMs })
  await person.click('schemas-import')
  await person.type('import-text', exported)
  await person.click('import-submit')
  await expect(person.sees('import-result')).toHaveAttribute('data-imported', '1', { timeout: settleMs })
  await expect(person.sees('import-result')).toHaveAttribute('data-refused', '0')
  await app.page.keyboard.press('Escape')
  await author.open('payments-value')
  await expect(person.sees('schema-version-1')).toContainText('2')

  // A draft of another one, as it was when the app was closed.
  await author.open('customers-value')
  await expect(person.sees('schema-editor')).toHaveAttribute('data-ready', 'true', { timeout: settleMs })
  await author.write(customer.replace('"integer"', '"number"'))
  await author.untilVerdict('compatible')
  await app.electron.close()

  const second = await launch({ dataDirectory })
  const again = new Person(second.page)
  await again.untilHealthy()
  const returned = new SchemaAuthor(again, second.electron)
  await returned.open('customers-value')
  await expect(again.sees('subject-view')).toHaveAttribute('data-draft', 'true', { timeout: settleMs })
  await expect(again.sees('schema-text')).toContainText('"number"')
  await returned.untilVerdict('compatible')
})
