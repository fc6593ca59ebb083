/** Breaking and mending the cluster from its strip of brokers, and what stays when the app is closed. */
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectClient } from './client'
import { Person, settleMs } from './person'
import { breakAtRandom } from './restless'
import { expect, test } from './workbench-app'

test('a broker is killed and started, stopped and started, and its partitions follow', async ({ shared: app }) => {
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.createTopic('orders')
  await person.openCluster()
  await person.untilIsr('orders', 3, [1, 2, 3])

  await person.act(2, 'kill')
  await person.untilBroker(2, 'killed')
  await person.untilIsr('orders', 3, [1, 3])
  await expect(person.sees('cluster-health')).toHaveAttribute('data-health', 'degraded')
  await expect(person.sees('broker-2-leaders')).toHaveText(/^0/)
  await expect(person.sees('timeline-event-broker-killed').first()).toContainText('2')
  await person.act(2, 'start')
  await person.untilBroker(2, 'running')
  await person.untilIsr('orders', 3, [1, 2, 3])

  // A controlled shutdown hands its leaders over before it goes: nobody waits for a session to expire.
  await person.act(1, 'stop')
  await person.untilBroker(1, 'stopped')
  await person.untilIsr('orders', 3, [2, 3])
  await person.act(1, 'start')
  await person.untilBroker(1, 'running')
  await person.untilIsr('orders', 3, [1, 2, 3])
  await expect(person.sees('cluster-health')).toHaveAttribute('data-health', 'healthy', { timeout: settleMs })
})

test('a frozen broker keeps its sockets and loses its partitions, and catches up when it is resumed', async ({ shared: app }) => {
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.createTopic('orders')
  app.expectComplaint(/The coordination session has expired; a new one is begun/)
  await person.act(3, 'freeze')
  await person.untilBroker(3, 'frozen')
  await person.untilIsr('orders', 3, [1, 2])

  const client = await connectClient(await person.bootstrapAddress())
  await client.producer.send({
    topic: 'orders',
    acks: -1,
    messages: [0, 1, 2].map((partition) => ({ partition, value: 'while broker 3 stood still' })),
  })
  await client.disconnect()

  await person.act(3, 'resume')
  await person.untilBroker(3, 'running')
  await person.untilIsr('orders', 3, [1, 2, 3])
})

test('leadership moves where it is sent, and the map goes back to what was', async ({ shared: app }) => {
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.createTopic('orders', { partitions: 2 })
  await person.openCluster()
  await person.untilIsr('orders', 2, [1, 2, 3])
  const first = (await person.leaderInMap('orders', 0)) ?? 0
  const second = first === 1 ? 2 : 1

  await person.click(`replica-cell-orders-0-${second}`)
  await app.page.keyboard.press('Shift+M')
  await expect.poll(() => person.leaderInMap('orders', 0), { timeout: settleMs }).toBe(second)
  await expect(person.sees('timeline-event-preferred-election').first()).toContainText('preferred leader')

  // What will happen is said before it does.
  await app.page.getByTestId(`broker-${second}-kill`).hover()
  await expect(person.sees('consequences-kill').first()).toContainText(/taken over/)
  await person.act(second, 'kill')
  await expect.poll(() => person.leaderInMap('orders', 0), { timeout: settleMs }).not.toBe(second)
  await person.untilIsr(
    'orders',
    2,
    [1, 2, 3].filter((id) => id !== second),
  )
  await expect(person.sees('finding-under-replicated')).toContainText(`Broker ${second} is killed`)

  // Back to the kill: its partitions wait for an election, and nothing can be done to the cluster of then.
  await person.sees('timeline-event-broker-killed').first().getByRole('button').first().click()
  await expect(person.sees('scrub-bar')).toHaveAttribute('data-past', 'true')
  await expect(person.sees(`replica-cell-orders-0-${second}`)).toHaveAttribute('data-state', 'electing')
  await expect(person.sees(`broker-${first}-kill`)).toHaveAttribute('aria-disabled', 'true')
  // The event before the kill is the election that was asked for; that it led shows a moment later.
  await app.page.keyboard.press('[')
  await expect
    .poll(async () => {
      await app.page.keyboard.press('Shift+ArrowRight')
      return person.sees(`replica-cell-orders-0-${second}`).getAttribute('data-state')
    })
    .toBe('leader')
  await app.page.keyboard.press('End')
  await expect(person.sees('scrub-bar')).toHaveAttribute('data-past', 'false')

  await person.click('remedy-under-replicated-broker')
  await person.untilIsr('orders', 2, [1, 2, 3])
  // Nobody has to ask: it goes back by itself once it is in sync (auto.leader.rebalance.enable).
  await expect.poll(() => person.leaderInMap('orders', 0), { timeout: settleMs }).toBe(second)
})

test('brokers are broken at random while every view is open, and the window is never behind', async ({ shared: app }) => {
  const rounds = Number(process.env['RESTLESS_ROUNDS'] ?? 10)
  test.setTimeout(60_000 + rounds * 12_000)
  await breakAtRandom(app, { rounds, seed: Number(process.env['RESTLESS_SEED'] ?? 6) })
})

test('a broker is added, takes replicas of new topics, and is removed with what it held', async ({ shared: app }) => {
  const person = new Person(app.page)
  await person.untilHealthy()
  const before = await person.bootstrapAddress()
  await person.click('add-broker-open')
  await person.click('add-broker-submit')
  await person.untilBroker(4, 'running')
  await expect.poll(async () => (await person.bootstrapAddress()).split(',').length).toBe(4)
  expect(await person.bootstrapAddress()).toContain(before)

  await person.createTopic('wide', { partitions: 4, replicationFactor: 4 })
  await person.openCluster()
  await person.untilIsr('wide', 4, [1, 2, 3, 4])

  await person.click('broker-4-menu')
  await person.click('menu-broker-4-remove')
  await expect(person.sees('remove-broker-dialog')).toContainText('No record is lost')
  await person.click('remove-broker-submit')
  await expect(app.page.getByTestId('broker-4')).toHaveCount(0, { timeout: settleMs })
  await person.untilIsr('wide', 4, [1, 2, 3])
  expect(await person.bootstrapAddress()).toBe(before)
})

test('the only broker with records in sync is not removed before they are somewhere else or given up', async ({ app }) => {
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.createTopic('single', { partitions: 1, replicationFactor: 1 })
  const client = await connectClient(await person.bootstrapAddress())
  await client.producer.send({ topic: 'single', messages: [{ value: 'only here' }] })
  await expect.poll(() => person.leaderInMap('single', 0), { timeout: settleMs }).not.toBeNull()
  const holder = await person.leaderInMap('single', 0)
  await person.click(`broker-${holder}-menu`)
  await person.click(`menu-broker-${holder}-remove`)
  await expect(person.sees('remove-broker-lost')).toContainText('1 partition with 1 record would be lost', { timeout: settleMs })
  await expect(person.sees('remove-broker-lost')).toContainText('single-0')
  await expect(person.sees('remove-broker-submit')).toHaveAttribute('aria-disabled', 'true')

  // The dialog follows what happens to the cluster meanwhile.
  await client.admin.deleteTopics({ topics: ['single'] })
  await client.disconnect()
  await expect(person.sees('remove-broker-submit')).not.toHaveAttribute('aria-disabled', 'true', { timeout: settleMs })
  await person.click('remove-broker-submit')
  await expect(app.page.getByTestId(`broker-${holder}`)).toHaveCount(0, { timeout: settleMs })
})

test('a taken port is moved to the next free one, and the window says so', async ({ launch }) => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as { port: number }
  try {
    const app = await launch({ args: [`--port=${port}`] })
    app.expectComplaint(/Port \d+ is taken/)
    const person = new Person(app.page)
    await person.untilHealthy()
    await expect(person.sees('cluster-notice').first()).toContainText(String(port))
    const ports = (await person.bootstrapAddress()).split(',').map((address) => Number(address.split(':')[1]))
    expect(ports).toHaveLength(3)
    expect(ports).not.toContain(port)
  } finally {
    await new Promise((resolve) => taken.close(resolve))
  }
})

test('topics and records are there when the app is started again', async ({ launch }) => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'broker-workbench-e2e-'))
  const first = await launch({ dataDirectory })
  const before = new Person(first.page)
  await before.untilHealthy()
  await before.createTopic('kept', { partitions: 2 })
  const client = await connectClient(await before.bootstrapAddress())
  const messages = Array.from({ length: 40 }, (_, index) => ({ partition: index % 2, value: `kept-${index}` }))
  await client.producer.send({ topic: 'kept', acks: -1, messages })
  await client.disconnect()
  await first.electron.close()

  const second = await launch({ dataDirectory })
  const after = new Person(second.page)
  await after.untilHealthy()
  await after.untilIsr('kept', 2, [1, 2, 3])
  expect(await after.readAll('kept')).toBe(40)
  const rows = await after.rows(40)
  for (const partition of [0, 1]) {
    expect(rows.filter((row) => row.partition === partition).map((row) => row.value)).toEqual(
      messages.filter((message) => message.partition === partition).map((message) => message.value),
    )
  }
})
