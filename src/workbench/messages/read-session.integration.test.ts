/** Reads over a real cluster: filtered, gone on with, back from the end, within a stretch of time, latest per key; counted over time, exported, sent again. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Admin, KafkaClient, Producer } from '../../engine/client'
import { TestCluster } from '../../engine/testing/cluster-kit'
import type { MessageFilter, MessageTask, ReadProgress, ReadRequest } from '../../shared/model/messages'
import { countOverTime } from './histogram'
import type { RowDecoder } from './message-row'
import { MessageTasks } from './message-tasks'
import { ReadSession } from './read-session'

const topic = 'orders'
const recordCount = 3_000
const beganMs = 1_700_000_000_000
const plain: RowDecoder = { prepare: async () => undefined, preview: () => null, json: () => null }

let cluster: TestCluster
let client: KafkaClient
const directory = mkdtempSync(join(tmpdir(), 'broker-workbench-reads-'))

beforeAll(async () => {
  cluster = await TestCluster.start(1)
  const bootstrap = [...cluster.brokers.values()].map(({ port }) => ({ host: '127.0.0.1', port }))
  client = new KafkaClient({ platform: cluster.platform, bootstrap, clientId: 'test' })
  for (const [name, partitionCount] of [
    [topic, 3],
    ['copies', 3],
  ] as const)
    await new Admin(client).createTopic({ name, partitionCount, replicationFactor: 1, configs: {} })
  const producer = new Producer({ client, acks: -1 })
  const sending = Array.from({ length: recordCount }, (_, n) =>
    producer.send({
      topic,
      partition: n % 3,
      key: Buffer.from(`k${n % 30}`),
      value: Buffer.from(
        `{"n":${n},"id":${7_205_759_403_792_000_000n + BigInt(n)},"status":"${n % 10 === 0 ? 'PAID' : 'PLACED'}"}`,
      ),
      headers: [{ key: 'raw', value: Buffer.from([0xff, 0, n % 256]) }],
      timestamp: BigInt(beganMs + n * 1_000),
    }),
  )
  await Promise.all(sending)
  producer.close()
}, 60_000)

afterAll(async () => {
  client.close()
  await cluster.close()
  rmSync(directory, { recursive: true, force: true })
})

function open(request: Partial<ReadRequest> & Pick<ReadRequest, 'start'>) {
  const told: ReadProgress[] = []
  const session = new ReadSession(
    1,
    client,
    { topic, partitions: null, limit: 1_000_000, ...request },
    (progress) => told.push(progress),
    plain,
  )
  const numbers = (): number[] =>
    session.rows(0, 10_000).map(({ record }) => Number(JSON.parse(Buffer.from(record?.value ?? []).toString()).n))
  const last = (): ReadProgress => told[told.length - 1]!
  const ended = async (): Promise<void> => {
    while (last()?.state === 'reading') await new Promise((resolve) => setImmediate(resolve))
  }
  return { session, numbers, last, ended }
}
const paid: MessageFilter = {
  field: { kind: 'field', part: 'value', path: 'status' },
  operator: 'equals',
  operand: 'PAID',
  isCaseSensitive: true,
}
const upTo = (end: number, step: number): number[] => Array.from({ length: Math.ceil(end / step) }, (_, n) => n * step)

describe('reads', () => {
  it('keep what matches, and say how many were looked at', async () => {
    const read = open({ start: { kind: 'oldest' }, filters: [paid] })
    await read.session.run()
    expect(read.numbers().sort((a, b) => a - b)).toEqual(upTo(recordCount, 10))
    expect(read.last()).toMatchObject({
      state: 'finished',
      rowCount: 300,
      scannedCount: recordCount,
      expectedCount: recordCount,
      canContinue: false,
    })
  })

  it('stop at the limit and go on from there without a gap or a repeat', async () => {
    const read = open({ start: { kind: 'oldest' }, filters: [paid], limit: 120 })
    await read.session.run()
    expect(read.last()).toMatchObject({ rowCount: 120, canContinue: true })
    read.session.continue(500)
    await read.ended()
    expect(read.numbers().sort((a, b) => a - b)).toEqual(upTo(recordCount, 10))
    const whole = open({ start: { kind: 'oldest' }, limit: 1_000 })
    await whole.session.run()
    whole.session.continue(2_500)
    await whole.ended()
    expect(whole.numbers().sort((a, b) => a - b)).toEqual(upTo(recordCount, 1))
  })

  it('go back from the end in order of time until there are enough, and on from there', async () => {
    const read = open({ start: { kind: 'newest', count: 100 }, filters: [paid] })
    await read.session.run()
    const newest = upTo(recordCount, 10).reverse()
    expect(read.numbers()).toEqual(newest.slice(0, 100))
    read.session.continue(100)
    await read.ended()
    expect(read.numbers()).toEqual(newest.slice(0, 200))
    const plainRead = open({ start: { kind: 'newest', count: 50 } })
    await plainRead.session.run()
    plainRead.session.continue(60)
    await plainRead.ended()
    expect(plainRead.numbers()).toEqual(upTo(recordCount, 1).reverse().slice(0, 110))
  })

  it('take a stretch of time and nothing beyond it', async () => {
    const read = open({ start: { kind: 'time', timestampMs: beganMs + 100_000, untilMs: beganMs + 200_000 } })
    await read.session.run()
    expect(read.numbers().sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n + 100))
  })

  it('keep the last of each key', async () => {
    const read = open({ start: { kind: 'oldest' }, isLatestPerKey: true })
    await read.session.run()
    expect(read.numbers().sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => recordCount - 30 + n))
  })

  it('hold records to a script, and fail with its reason where it does not end', async () => {
    const read = open({ start: { kind: 'oldest' }, script: 'return value.id === 7205759403792000007n' })
    await read.session.run()
    expect(read.numbers()).toEqual([7])
    read.session.close()
    const endless = open({ start: { kind: 'oldest' }, script: 'while (true) {}' })
    await endless.session.run()
    expect(endless.last()).toMatchObject({ state: 'failed', canContinue: false })
    expect(endless.last().error).toContain('The filter was given up. It took more than 1000 ms')
  })

  it('count records over time, all of them and none twice', async () => {
    const counted = await countOverTime(client, [topic], 30, null)
    expect(counted?.counts.reduce((sum, count) => sum + count, 0)).toBe(recordCount)
    expect(Math.abs((counted?.fromMs ?? 0) - beganMs)).toBeLessThan(60_000)
    expect(await countOverTime(client, ['copies'], 30, null)).toBeNull()
  })

  it('write what they have to a file, and send it again byte for byte', async () => {
    const read = open({ start: { kind: 'oldest' }, filters: [paid] })
    await read.session.run()
    let finish: (task: MessageTask) => void = () => undefined
    const tasks = new MessageTasks(client, (task) => task.state !== 'running' && finish(task), plain)
    const finished = (): Promise<MessageTask> =>
      new Promise((resolve) => {
        finish = resolve
      })
    const path = join(directory, 'paid.jsonl')
    const exported = finished()
    tasks.export(read.session, null, 'jsonl', path)
    expect(await exported).toMatchObject({ state: 'finished', doneCount: 300 })
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(300)
    expect(lines.find((line) => line.includes('"n":10,'))).toContain('"id":7205759403792000010')
    expect(lines[0]).toContain('{"base64":"')

    const sent = finished()
    tasks.resend(read.session, [0, 1, 2], { topic: 'copies', partition: 'same', keepsTimestamps: true })
    expect(await sent).toMatchObject({ state: 'finished', doneCount: 3 })
    const copies = open({ topic: 'copies', start: { kind: 'oldest' } })
    await copies.session.run()
    const exact = ({ session }: ReturnType<typeof open>) =>
      session
        .rows(0, 3)
        .map(({ record, batch }) => [batch.partition, record?.timestamp, record?.key, record?.value, record?.headers])
    expect(exact(copies).map(String).sort()).toEqual(exact(read).map(String).sort())
  })
})
