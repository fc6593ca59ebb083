/** Topics: what the form says before and after it asks the cluster, what a topic's page shows as it changes, and how one is deleted. */
import { connectClient } from './client'
import { Person, settleMs } from './person'
import { expect, test } from './workbench-app'

test('the form says what Kafka would refuse, and creates nothing until it is right', async ({ shared: app }) => {
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.openTopicForm()
  const dialog = person.sees('create-topic-dialog')
  const submit = () => person.click('create-topic-submit')

  await submit()
  await expect(dialog).toContainText('A topic needs a name.')
  for (const [name, complaint] of [
    ['two words', 'A space cannot stand in a topic name'],
    ['a/b', '“/” cannot stand in a topic name'],
    ['..', 'A topic cannot be called'],
    ['x'.repeat(250), 'The name has 250 characters. Kafka takes 249 at most.'],
  ] as const) {
    await person.type('create-topic-name', name)
    await submit()
    await expect(dialog).toContainText(complaint)
  }
  await person.type('create-topic-name', 'orders')
  await person.type('create-topic-partitions', '0')
  await submit()
  await expect(dialog).toContainText('At least 1.')
  await person.type('create-topic-partitions', '3')
  await person.type('create-topic-replication', '4')
  await submit()
  await expect(dialog).toContainText('Only 3 brokers are up')
  await person.type('create-topic-replication', '3')
  await person.type('create-topic-config-retention.ms', 'a week')
  await submit()
  await expect(dialog).toContainText('A whole number.')
  await expect(dialog).toBeVisible()

  await person.type('create-topic-config-retention.ms', '3600000')
  await submit()
  await expect(dialog).toBeHidden({ timeout: settleMs })
  await expect(person.sees('topic-title')).toHaveText('orders')
  await person.click('topic-section-config')
  await expect(person.sees('config-value-retention.ms')).toContainText('3600000')

  await person.openTopicForm()
  await person.type('create-topic-name', 'orders')
  await submit()
  await expect(dialog).toContainText('orders exists already.')
})

test('what only the cluster can refuse is said where it was typed', async ({ shared: app }) => {
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.createTopic('first_name')
  await person.openTopicForm()
  // Kafka's metrics cannot tell the two apart; the form warns, the cluster refuses.
  await person.fillTopicForm('first.name', {})
  await expect(person.sees('create-topic-dialog')).toContainText('Kafka refuses it beside first_name')
  await person.click('create-topic-submit')
  await expect(person.sees('create-topic-dialog')).toContainText(/collides with existing topic/i)

  // What was refused goes once it is mended.
  await person.type('create-topic-name', 'second')
  await person.click('create-topic-submit')
  await expect(app.page.getByTestId('create-topic-dialog')).toBeHidden({ timeout: settleMs })
  await expect(person.sees('topic-title')).toHaveText('second')
})

test('offsets, leaders and in-sync replicas of a topic change on its page as they change', async ({ shared: app }) => {
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.createTopic('orders')
  await expect(person.sees('partitions-table')).toBeVisible()
  expect(await person.ends('orders', 3)).toEqual([0, 0, 0])

  const client = await connectClient(await person.bootstrapAddress())
  await person.openTopic('orders', 'partitions')
  for (const [round, counts] of [
    [1, [1, 2, 3]],
    [2, [2, 4, 6]],
  ] as const) {
    for (const partition of [0, 1, 2]) {
      const messages = Array.from({ length: partition + 1 }, (_, index) => ({ partition, value: `${round}-${index}` }))
      await client.producer.send({ topic: 'orders', acks: -1, messages })
    }
    await expect.poll(() => person.ends('orders', 3), { timeout: settleMs }).toEqual(counts)
    for (const partition of [0, 1, 2]) {
      await expect(person.sees(`partition-high-watermark-orders-${partition}`)).toHaveText(String(counts[partition]))
    }
  }
  await client.disconnect()

  const leader = Number(await person.sees('partition-leader-orders-0').getAttribute('data-leader'))
  const epoch = Number(await person.sees('partition-epoch-orders-0').getAttribute('data-epoch'))
  await person.act(leader, 'kill')
  await person.openTopic('orders', 'partitions')
  await expect(person.sees('partition-leader-orders-0')).not.toHaveAttribute('data-leader', String(leader), { timeout: settleMs })
  await expect(person.sees('partition-leader-orders-0')).toHaveAttribute('data-leader', /^[123]$/, { timeout: settleMs })
  expect(Number(await person.sees('partition-epoch-orders-0').getAttribute('data-epoch'))).toBeGreaterThan(epoch)
  await expect(person.sees('partition-isr-orders-0')).not.toHaveAttribute('data-isr', new RegExp(String(leader)), {
    timeout: settleMs,
  })
  await expect(person.sees(`partition-replica-orders-0-${leader}`)).toHaveAttribute('data-state', /offline|was-leader/)
})

test('deleting a topic with records names them and wants its name typed', async ({ shared: app }) => {
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.createTopic('doomed')
  const client = await connectClient(await person.bootstrapAddress())
  await client.producer.send({ topic: 'doomed', acks: -1, messages: [{ value: 'one' }, { value: 'two' }] })
  await person.openTopic('doomed', 'partitions')
  await expect.poll(async () => sum(await person.ends('doomed', 3)), { timeout: settleMs }).toBe(2)

  await person.click('topic-menu')
  await person.click('menu-topic-delete')
  const dialog = person.sees('delete-topic-dialog')
  await expect(dialog).toContainText('2 records', { timeout: settleMs })
  await expect(person.sees('delete-topic-submit')).toHaveAttribute('aria-disabled', 'true')
  await person.type('delete-topic-name', 'dooomed')
  await app.page.keyboard.press('Control+Enter')
  await expect(dialog, 'nothing happens before its name is typed').toBeVisible()
  await person.type('delete-topic-name', 'doomed')
  await person.click('delete-topic-submit')
  await expect(app.page.getByTestId('delete-topic-dialog')).toBeHidden({ timeout: settleMs })
  await person.click('rail-topics')
  await expect(app.page.getByTestId('topic-row-doomed')).toHaveCount(0)
  expect(await client.admin.listTopics()).not.toContain('doomed')
  await client.disconnect()

  // The name is free again, and what was there is not.
  await person.createTopic('doomed')
  expect(await person.ends('doomed', 3)).toEqual([0, 0, 0])
})

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

test('a topic is changed: a config and back, more partitions, one like it, its records counted and deleted', async ({
  shared: app,
}) => {
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.createTopic('orders', { partitions: 2, configs: { 'retention.ms': '3600000' } })
  const client = await connectClient(await person.bootstrapAddress())
  const messages = Array.from({ length: 500 }, (_, index) => ({
    key: `customer-${index % 7}`,
    value: index % 10 === 0 ? null : `{"n":${index}}`,
  }))
  await client.producer.send({ topic: 'orders', acks: -1, messages })
  await client.disconnect()

  await person.openTopic('orders', 'config')
  await person.click('config-row-retention.ms')
  await person.type('config-editor-value', 'a week')
  await expect(person.sees('config-editor')).toContainText('A whole number.')
  await person.type('config-editor-value', '7200000')
  await person.click('config-editor-set')
  await expect(person.sees('config-value-retention.ms')).toContainText('7200000')
  await app.page.getByRole('button', { name: 'Undo' }).click()
  await expect(person.sees('config-value-retention.ms')).toContainText('3600000')

  await person.click('topic-menu')
  await person.click('menu-topic-partitions')
  await person.type('add-partitions-total', '2')
  await expect(person.sees('add-partitions-dialog')).toContainText('Kafka takes no partition away')
  await person.type('add-partitions-total', '6')
  await expect(person.sees('add-partitions-effect')).toContainText('67 %')
  await person.click('add-partitions-submit')
  await expect(person.sees('topic-section-partitions')).toContainText('6', { timeout: settleMs })

  await person.click('topic-section-analysis')
  await person.click('analysis-start')
  const counted = person.sees('analysis-result')
  await expect(counted).toContainText('7 keys')
  await expect(counted.getByRole('row', { name: /^JSON/ })).toContainText('450')
  await expect(counted.getByRole('row', { name: /^null/ })).toContainText('50')

  await person.click('topic-menu')
  await person.click('menu-topic-clone')
  await person.type('clone-topic-name', 'orders-again')
  await person.click('clone-topic-submit')
  await expect(person.sees('config-value-retention.ms')).toContainText('3600000')
  await expect(person.sees('topic-title')).toHaveText('orders-again')

  await person.openTopic('orders', 'partitions')
  await person.click('topic-menu')
  await person.click('menu-topic-purge')
  await expect(person.sees('purge-topic-dialog')).toContainText('500 records')
  await person.type('purge-name', 'orders')
  await person.click('purge-submit')
  await expect(person.sees('purge-done')).toBeVisible()
  await person.click('purge-close')
  await person.openTopic('orders', 'messages')
  expect(await person.readAll('orders')).toBe(0)
})
