/** Figures and clients of a real cluster, as the window asks for them: counted by brokers that serve, kept over a restart, unknown of brokers that do not. */
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ClientsList } from '../shared/model/clients'
import { WorkbenchKit } from './testing/workbench-kit'

const kit = new WorkbenchKit()
let startedMs = 0

beforeAll(async () => {
  await kit.open()
  await kit.untilWhole()
  startedMs = Date.now()
})
afterAll(() => kit.dispose())

const valuesOf = async (name: string): Promise<readonly number[]> => {
  const { series } = await kit.services['metrics.query']({
    series: [name],
    fromMs: startedMs - 1_000,
    toMs: Date.now(),
    pointCount: 600,
  })
  return [...series[0]!.values]
}
const known = async (name: string) => (await valuesOf(name)).filter((value) => !Number.isNaN(value))
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

it('counts what a client does, tells what the client is like, and says nothing of a broker that stands still', async () => {
  const { bootstrapServers } = await kit.services['clients.access'](undefined)
  const kafka = new Kafka({ clientId: 'a-program', brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await Promise.all([admin.connect(), producer.connect()])
  await admin.createTopics({ topics: [{ topic: 'measured', numPartitions: 3, replicationFactor: 3 }] })
  for (let each = 0; each < 40; each++)
    await producer.send({
      topic: 'measured',
      acks: -1,
      messages: [
        { partition: 0, value: `${each}` },
        { partition: 0, value: 'x'.repeat(500) },
      ],
    })
  await expect.poll(async () => sum(await known('topic/measured/messages-in')), { timeout: 15_000 }).toBeGreaterThanOrEqual(70)
  const perBroker = await Promise.all([1, 2, 3].map((id) => known(`broker/${id}/request/Produce/p99`)))
  expect(sum(perBroker.flat())).toBeGreaterThan(0)
  for (const name of [
    'broker/1/heap',
    'broker/1/connections',
    'coordination/sessions',
    'coordination/requests',
    'cluster/brokers-up',
  ])
    expect((await known(name)).at(-1), name).toBeGreaterThan(0)
  expect((await known('topic/measured/batch-records')).every((value) => value === 2)).toBe(true)
  expect(await kit.services['metrics.catalog'](undefined)).toMatchObject({ brokers: [1, 2, 3], notices: [] })

  const { clients } = await kit.services['clients.list'](undefined)
  const program = clients.find(({ clientId }) => clientId === 'a-program')
  expect(program).toMatchObject({
    kind: 'foreign',
    host: '127.0.0.1',
    produced: { acks: [-1], compressions: ['none'], recordCount: 80 },
    topics: ['measured'],
  })
  expect(program?.apis.find(({ name }) => name === 'Produce')?.count).toBeGreaterThanOrEqual(40)
  expect(new Set(clients.map(({ kind }) => kind))).toContain('broker')

  await kit.services['cluster.freezeBroker']({ brokerId: 3 })
  const list: ClientsList = await kit.services['clients.list'](undefined)
  expect(list.silentBrokers).toEqual([3])
  await expect
    .poll(async () => (await valuesOf('broker/3/heap')).slice(-4, -1).every(Number.isNaN), { timeout: 15_000 })
    .toBe(true)
  expect((await valuesOf('broker/1/heap')).slice(-4).some((value) => value > 0)).toBe(true)
  await kit.services['cluster.resumeBroker']({ brokerId: 3 })
  await Promise.all([admin.disconnect(), producer.disconnect()])

  const before = sum(await known('topic/measured/messages-in'))
  await kit.reopen()
  await kit.untilWhole()
  expect(sum(await known('topic/measured/messages-in'))).toBeGreaterThanOrEqual(before)
  expect(kit.problems).toEqual([])
})
