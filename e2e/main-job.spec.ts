/**
 * The main job, through the window alone: a replicated topic, a thousand messages, the death of a leader, and nothing lost. At the same time
 * an ordinary client does the same on the same cluster, through the address that the window shows.
 */

import { kafkajs } from '../compat/kafka-clients/clients'
import { verify } from '../compat/kafka-clients/history'
import { Person, type ShownRow, settleMs } from './person'
import { expect, test } from './workbench-app'

test('a topic outlives its leader, for the window and for an ordinary client at the same time', async ({ app }) => {
  test.setTimeout(240_000)
  const person = new Person(app.page)
  await person.untilHealthy()

  // The client has nothing but the address.
  const bootstrap = await person.bootstrapAddress()
  expect(bootstrap).toMatch(/^127\.0\.0\.1:\d+(,127\.0\.0\.1:\d+){2}$/)
  await kafkajs.create(bootstrap, 'from-a-client', 3)
  const client = kafkajs.produce(bootstrap, 'from-a-client', 3)

  await person.createTopic('orders', { partitions: 3, replicationFactor: 3 })
  await person.produce('orders', { key: 'key-{{index}}', value: 'message-{{index}}', count: 1_000 })
  const first = await person.untilAcknowledged(1_000)
  expect(sum(first)).toBe(1_000)

  await person.openTopic('orders', 'partitions')
  await expect.poll(async () => sum(await person.ends('orders', 3)), { timeout: settleMs }).toBe(1_000)
  expect(await person.ends('orders', 3)).toEqual(first)
  expect(await person.readAll('orders')).toBe(1_000)
  expectWhole(await person.rows(1_000), 'message', 1_000, first)

  await person.openCluster()
  await person.untilIsr('orders', 3, [1, 2, 3])
  const killed = await person.leaderInMap('orders', 0)
  expect([1, 2, 3]).toContain(killed)
  const killedAtMs = Date.now()
  await person.act(Number(killed), 'kill')
  await person.untilBroker(Number(killed), 'killed')
  const survivors = [1, 2, 3].filter((id) => id !== killed)
  for (let partition = 0; partition < 3; partition++) {
    const isLedBySurvivor = async () => survivors.includes(Number(await person.leaderInMap('orders', partition)))
    await expect.poll(isLedBySurvivor, { timeout: settleMs }).toBe(true)
  }
  await person.untilIsr('orders', 3, survivors)
  await expect(person.sees('timeline-event-leaders-elected').first()).toBeVisible()
  await person.openTopic('orders', 'partitions')
  expect(survivors.map(String)).toContain(await person.sees('partition-leader-orders-0').getAttribute('data-leader'))

  await person.produce('orders', { key: 'further-{{index}}', value: 'further-{{index}}', count: 500 })
  const further = await person.untilAcknowledged(500)
  expect(sum(further)).toBe(500)
  expect(await person.readAll('orders')).toBe(1_500)
  const all = await person.rows(1_500)
  expectWhole(
    all.filter((row) => row.value.startsWith('message-')),
    'message',
    1_000,
    first,
  )
  expect(all.filter((row) => row.value.startsWith('further-')).map((row) => row.value)).toHaveLength(500)
  for (let index = 0; index < 500; index++) {
    expect(all.some((row) => row.value === `further-${index}` && row.key === `further-${index}`)).toBe(true)
  }

  await person.act(Number(killed), 'start')
  await person.untilBroker(Number(killed), 'running')
  await person.untilIsr('orders', 3, [1, 2, 3])
  await person.untilIsr('from-a-client', 3, [1, 2, 3])
  await expect(person.sees('cluster-health')).toHaveAttribute('data-health', 'healthy', { timeout: settleMs })

  // What the client was promised, before and after the kill, it reads back in order.
  const acknowledged = await client.stop()
  expect(acknowledged.filter((each) => each.atMs < killedAtMs).length).toBeGreaterThan(0)
  expect(acknowledged.filter((each) => each.atMs > killedAtMs + 5_000).length).toBeGreaterThan(0)
  const verdict = verify(acknowledged, await kafkajs.consume(bootstrap, 'from-a-client', 3))
  expect(verdict.lost).toEqual([])
  expect(verdict.reordered).toEqual([])
})

/** Every message once, under its own key; in each partition offsets from 0 without a gap, in the order in which they were sent. */
function expectWhole(rows: readonly ShownRow[], name: string, count: number, byPartition: readonly number[]): void {
  expect(new Set(rows.map((row) => row.value)).size).toBe(count)
  const numbers = rows.map((row) => Number(row.value.slice(name.length + 1)))
  expect([...numbers].sort((left, right) => left - right)).toEqual(Array.from({ length: count }, (_, index) => index))
  expect(rows.every((row, index) => row.key === `key-${numbers[index]}`)).toBe(true)
  for (const [partition, length] of byPartition.entries()) {
    const own = rows.filter((row) => row.partition === partition)
    expect(own.map((row) => row.offset)).toEqual(Array.from({ length }, (_, offset) => offset))
    const sent = own.map((row) => Number(row.value.slice(name.length + 1)))
    expect(sent).toEqual([...sent].sort((left, right) => left - right))
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
