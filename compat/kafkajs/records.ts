/** Checks of kafkajs: what is written is read again, as it was written, or refused with the right error. */
import type { Checks } from '../run/checks'
import { expectEqual, expectThat } from '../run/checks'
import { codecs } from '../run/suite'
import { Client, errorOf, unique } from './client'
import { compressionTypes } from './codecs'

/** Records as old as theirs are beyond the default retention, and go when it next looks. */
const kept = { 'retention.ms': '-1' }

export async function checkRecords(checks: Checks, bootstrap: string, whyNoCodecs: string | null): Promise<void> {
  const client = new Client(bootstrap)
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => ({ value: String(index), partition: 0 }))
  const valuesOf = (messages: readonly { value: Buffer | null }[]) => messages.map(({ value }) => value?.toString() ?? null)

  for (const acks of [0, 1, -1]) {
    await checks.check(`writes with acks=${acks}`, async () => {
      const topic = await client.create(unique('acks'))
      await client.withProducer((producer) => producer.send({ topic, acks, messages: numbers(50) }))
      expectEqual('values', valuesOf(await client.read(topic, 50)), valuesOfNumbers(50))
    })
  }
  for (const codec of codecs) {
    const name = `writes and reads ${codec}`
    if (whyNoCodecs !== null && codec !== 'none' && codec !== 'gzip') {
      checks.skipped(name, whyNoCodecs)
      continue
    }
    await checks.check(name, async () => {
      const topic = await client.create(unique('codec'))
      const messages = Array.from({ length: 300 }, (_, index) => ({
        value: `${index} ${'compress me '.repeat(20)}`,
        partition: 0,
      }))
      await client.withProducer((producer) => producer.send({ topic, acks: -1, compression: compressionTypes[codec], messages }))
      expectEqual(
        'values',
        valuesOf(await client.read(topic, 300)),
        messages.map(({ value }) => value),
      )
    })
  }
  await checks.check('writes as an idempotent producer', async () => {
    const topic = await client.create(unique('idempotent'))
    await client.withProducer(
      async (producer) => {
        for (const message of numbers(30)) await producer.send({ topic, messages: [message] })
      },
      { idempotent: true, maxInFlightRequests: 1 },
    )
    expectEqual('values', valuesOf(await client.read(topic, 30)), valuesOfNumbers(30))
  })
  await checks.check('tells null from empty in keys and values', async () => {
    const topic = await client.create(unique('nulls'))
    const pairs: [Buffer | null, Buffer | null][] = [
      [null, null],
      [Buffer.alloc(0), Buffer.alloc(0)],
      [null, Buffer.alloc(0)],
      [Buffer.alloc(0), null],
      [Buffer.from('k'), null],
      [null, Buffer.from('v')],
    ]
    const messages = pairs.map(([key, value]) => ({ key, value, partition: 0 }))
    await client.withProducer((producer) => producer.send({ topic, messages }))
    expectEqual(
      'pairs',
      (await client.read(topic, pairs.length)).map(({ key, value }) => [key, value]),
      pairs,
    )
  })
  await checks.check('keeps headers: repeated names, empty values, bytes', async () => {
    const topic = await client.create(unique('headers'))
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
    const headers = { one: 'a', many: ['b', 'c'], empty: '', bytes }
    await client.withProducer((producer) => producer.send({ topic, messages: [{ value: 'v', headers }] }))
    const [read] = await client.read(topic, 1)
    const plain = Object.entries(read?.headers ?? {}).map(([name, value]) => [
      name,
      [value].flat().map((part) => Buffer.from(part ?? '').toString('hex')),
    ])
    const expected = [
      ['one', ['61']],
      ['many', ['62', '63']],
      ['empty', ['']],
      ['bytes', [bytes.toString('hex')]],
    ]
    expectEqual('headers', plain, expected)
  })
  await checks.check('keeps timestamps, and finds offsets by them', async () => {
    const topic = await client.create(unique('times'), 1, kept)
    const messages = Array.from({ length: 20 }, (_, index) => ({
      value: String(index),
      timestamp: String(1_600_000_000_000 + index * 1000),
    }))
    await client.withProducer((producer) => producer.send({ topic, messages }))
    expectEqual(
      'timestamps',
      (await client.read(topic, 20)).map(({ timestamp }) => timestamp),
      messages.map(({ timestamp }) => timestamp),
    )
    await client.withAdmin(async (admin) => {
      const offsetAt = async (timestampMs: number) => (await admin.fetchTopicOffsetsByTimestamp(topic, timestampMs))[0]?.offset
      expectEqual('in the middle', await offsetAt(1_600_000_007_500), '8')
      expectEqual('before all', await offsetAt(1_500_000_000_000), '0')
      expectEqual('behind all: the end', await offsetAt(1_900_000_000_000), '20')
      const [ends] = await admin.fetchTopicOffsets(topic)
      expectEqual('ends', [ends?.low, ends?.high], ['0', '20'])
    })
  })
  await checks.check('writes and reads messages of almost a megabyte', async () => {
    const topic = await client.create(unique('big'))
    const values = Array.from({ length: 5 }, (_, index) => Buffer.alloc(900_000, index))
    await client.withProducer(async (producer) => {
      for (const value of values) await producer.send({ topic, messages: [{ value }] })
    })
    const read = await client.read(topic, 5)
    expectThat(
      'values differ',
      read.every(({ value }, index) => value?.equals(values[index]!)),
    )
  })
  await checks.check('is told of a message that is too large', async () => {
    const topic = await client.create(unique('large'))
    const send = () => client.withProducer((producer) => producer.send({ topic, messages: [{ value: Buffer.alloc(2_000_000) }] }))
    expectEqual('error', await errorOf(send), 'MESSAGE_TOO_LARGE')
  })
  await checks.check('is told of a topic that there is not', async () => {
    const send = () =>
      client.withProducer((producer) => producer.send({ topic: unique('unknown'), messages: [{ value: 'v' }] }), {
        retry: { retries: 2 },
      })
    expectEqual('error', await errorOf(send), 'UNKNOWN_TOPIC_OR_PARTITION')
  })
  await checks.check('is told that a compacted topic takes no record without a key', async () => {
    const topic = await client.create(unique('compacted'), 1, { 'cleanup.policy': 'compact' })
    const send = (key: string | null) => () =>
      client.withProducer((producer) => producer.send({ topic, messages: [{ key, value: 'v' }] }))
    expectThat('it was taken', (await errorOf(send(null))) !== 'none')
    expectEqual('with a key', await errorOf(send('k')), 'none')
  })
}

const valuesOfNumbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index))
