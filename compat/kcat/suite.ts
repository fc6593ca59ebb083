/** kcat, as its users type it: lists, writes, reads, asks for offsets, joins groups. It cannot create topics, so kafkajs does. */
import { Client, unique } from '../kafkajs/client'
import { expectEqual, expectThat } from '../run/checks'
import { findProgram } from '../run/programs'
import { type CodecClient, type CodecRecord, type CompatSuite, codecs, type Detected, type SuiteContext } from '../run/suite'
import { Kcat } from './command'

async function prepare({ run }: Pick<SuiteContext, 'run'>): Promise<Detected> {
  if (findProgram('kcat') === null) return { skipped: 'kcat is not installed (apt-get install kcat)' }
  const { stdout } = await run('kcat', ['-V'])
  const [, version = '', library = ''] = /Version ([\d.]+).*librdkafka ([\d.]+)/.exec(stdout.toString()) ?? []
  return { version: `${version} (librdkafka ${library})` }
}

const base64 = (text: string) => Buffer.from(text).toString('base64')
const plain = (value: string): CodecRecord => ({ key: null, value: base64(value), headers: [] })
const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index))
const valuesOf = (messages: readonly { value: Buffer | null }[]) => messages.map(({ value }) => value?.toString() ?? null)

const quickChecks = [
  'lists brokers, topics, leaders and replicas',
  'writes with acks=all',
  'writes and reads lz4',
  'tells null from empty, and keeps keys and headers',
  'finds offsets by timestamp, and reads between two',
  'reads in a group, and goes on from there',
]

async function run(context: SuiteContext): Promise<void> {
  const { checks } = context
  if (context.isQuick) checks.restrictTo(quickChecks)
  const { bootstrapServers } = await context.serve()
  const client = new Client(bootstrapServers)
  const kcat = new Kcat(context, bootstrapServers)

  await checks.check('lists brokers, topics, leaders and replicas', async () => {
    const topic = await client.create(unique('listed'), 3)
    const told = JSON.parse(await kcat.output(['-L', '-J', '-t', topic])) as {
      brokers: { id: number }[]
      topics: { partitions: { leader: number; replicas: unknown[]; isrs: unknown[] }[] }[]
    }
    expectEqual('brokers', told.brokers.map(({ id }) => id).sort(), [1, 2, 3])
    const partitions = told.topics[0]?.partitions ?? []
    expectEqual(
      'replicas and ISR',
      partitions.map(({ replicas, isrs }) => [replicas.length, isrs.length]),
      [
        [3, 3],
        [3, 3],
        [3, 3],
      ],
    )
    const { topics } = await client.withAdmin((admin) => admin.fetchTopicMetadata({ topics: [topic] }))
    const leaders = [...(topics[0]?.partitions ?? [])].sort((a, b) => a.partitionId - b.partitionId).map(({ leader }) => leader)
    expectEqual(
      'leaders as kafkajs is told',
      partitions.map(({ leader }) => leader),
      leaders,
    )
  })
  for (const acks of ['0', '1', 'all']) {
    await checks.check(`writes with acks=${acks}`, async () => {
      const topic = await client.create(unique('acks'))
      await kcat.produce(topic, numbers(50).map(plain), [`acks=${acks}`])
      expectEqual('values', valuesOf(await kcat.read(topic)), numbers(50))
    })
  }
  for (const codec of codecs) {
    await checks.check(`writes and reads ${codec}`, async () => {
      const topic = await client.create(unique('codec'))
      const values = numbers(300).map((number) => `${number} ${'compress me '.repeat(20)}`)
      await kcat.produce(topic, values.map(plain), [`compression.codec=${codec}`])
      expectEqual('values', valuesOf(await kcat.read(topic)), values)
    })
  }
  await checks.check('writes as an idempotent producer', async () => {
    const topic = await client.create(unique('idempotent'))
    await kcat.produce(topic, numbers(500).map(plain), ['enable.idempotence=true'])
    expectEqual('values', valuesOf(await kcat.read(topic)), numbers(500))
  })
  await checks.check('writes in a transaction', async () => {
    const topic = await client.create(unique('transaction'))
    await kcat.produce(topic, numbers(20).map(plain), [`transactional.id=${unique('id')}`])
    expectEqual('values', valuesOf(await kcat.read(topic, ['-o', 'beginning'], ['isolation.level=read_committed'])), numbers(20))
  })
  await checks.check('tells null from empty, and keeps keys and headers', async () => {
    const topic = await client.create(unique('kinds'))
    const records: CodecRecord[] = [
      { key: base64('k'), value: null, headers: [] },
      {
        key: base64('k'),
        value: base64('v'),
        headers: [
          ['one', base64('1')],
          ['two', base64('2 3')],
        ],
      },
      { key: null, value: base64('v'), headers: [] },
    ]
    await kcat.produce(topic, records)
    const read = await kcat.read(topic)
    expectEqual(
      'keys',
      read.map(({ key }) => key?.toString() ?? null),
      ['k', 'k', null],
    )
    expectEqual('values', valuesOf(read), [null, 'v', 'v'])
    expectEqual('headers', read[1]?.headers, [
      ['one', '1'],
      ['two', '2 3'],
    ])
  })
  await checks.check('reads from an offset, the last ones, and a number of them', async () => {
    const topic = await client.create(unique('offsets'))
    await kcat.produce(topic, numbers(30).map(plain))
    expectEqual('from 25', valuesOf(await kcat.read(topic, ['-p', '0', '-o', '25'])), numbers(30).slice(25))
    expectEqual('the last 3', valuesOf(await kcat.read(topic, ['-p', '0', '-o', '-3'])), numbers(30).slice(27))
    expectEqual('two', valuesOf(await kcat.read(topic, ['-p', '0', '-o', '4', '-c', '2'])), ['4', '5'])
  })
  await checks.check('finds offsets by timestamp, and reads between two', async () => {
    const topic = await client.create(unique('times'), 1, { 'retention.ms': '-1' })
    const messages = numbers(20).map((value, index) => ({ value, timestamp: String(1_600_000_000_000 + index * 1_000) }))
    await client.withProducer((producer) => producer.send({ topic, messages }))
    expectEqual('asked', await kcat.output(['-Q', '-t', `${topic}:0:1600000007500`]), `${topic} [0] offset 8\n`)
    const between = await kcat.read(topic, ['-o', 's@1600000003000', '-o', 'e@1600000006000'])
    expectEqual('between', valuesOf(between), ['3', '4', '5'])
    expectEqual('timestamp', between[0]?.timestamp, 1_600_000_003_000)
  })
  await checks.check('reads in a group, and goes on from there', async () => {
    const topic = await client.create(unique('grouped'), 2)
    await client.withProducer((producer) =>
      producer.send({ topic, messages: numbers(40).map((value, index) => ({ value, partition: index % 2 })) }),
    )
    const group = unique('group')
    const options = ['-q', '-e', '-f', '%s\\n', '-X', 'auto.offset.reset=earliest']
    const first = (await kcat.output([...options, '-c', '15', '-G', group, topic])).trim().split('\n')
    const rest = (await kcat.output([...options, '-G', group, topic])).trim().split('\n')
    expectEqual(
      'each once',
      [...first, ...rest].map(Number).sort((a, b) => a - b),
      numbers(40).map(Number),
    )
  })
  await checks.check('is told of a message that is too large', async () => {
    const topic = await client.create(unique('large'))
    const result = await kcat.run(['-P', '-t', topic, '-p', '0', '-X', 'message.max.bytes=5000000'], `${'x'.repeat(2_000_000)}\n`)
    expectThat(`it said ${result.stderr}`, /size too large/i.test(result.stderr))
  })
  await checks.check('is told of a topic that there is not', async () => {
    const result = await kcat.run(['-C', '-e', '-t', unique('unknown')])
    expectThat(
      `it ended with ${result.code} and said ${result.stderr}`,
      result.code !== 0 && /unknown topic/i.test(result.stderr),
    )
  })
}

export const suites: readonly CompatSuite[] = [{ name: 'kcat', prepare, run }]

export const codecClients: readonly CodecClient[] = [
  {
    name: 'kcat',
    writes: codecs,
    reads: codecs,
    prepare,
    write: (context, bootstrap, topic, codec, records) =>
      new Kcat(context, bootstrap).produce(topic, records, [`compression.codec=${codec}`, 'linger.ms=100', 'acks=all']),
    async read(context, bootstrap, topic, count) {
      const messages = await new Kcat(context, bootstrap).read(topic, ['-p', '0', '-o', 'beginning', '-c', String(count)])
      const text = (bytes: Buffer | null) => bytes?.toString('base64') ?? null
      return messages.map(({ key, value, headers }) => ({
        key: text(key),
        value: text(value),
        headers: headers.map(([name, part]) => [name, base64(part)] as const),
      }))
    },
  },
]
