/** Authoring a schema in the real window: from a topic's messages to two versions of them, read back with what wrote each. */
import { connectClient } from './client'
import { Person, settleMs } from './person'
import { SchemaAuthor } from './schema-author'
import { expect, test } from './workbench-app'

test('a schema is inferred, mended, registered, evolved, produced with, and its messages are read by version', async ({
  app,
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
