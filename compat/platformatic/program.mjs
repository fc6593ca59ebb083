/**
 * @platformatic/kafka: what its users do, each as a check, and the command line of the codec matrix. Runs in a Node of its own, since the client
 * wants a newer one than ours; so it is plain JavaScript and takes nothing of this repository. PLATFORMATIC is the folder that npm has put it into.
 *
 *   program.mjs check --bootstrap B [--quick]
 *   program.mjs write --bootstrap B --topic T --codec C --count N   (records on standard input)
 *   program.mjs read  --bootstrap B --topic T --count N
 */
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const folder = join(process.env['PLATFORMATIC'], 'node_modules', '@platformatic', 'kafka', 'dist', 'index.js')
const { Admin, Consumer, MessagesStreamModes, Producer, stringDeserializers, stringSerializers } = await import(pathToFileURL(folder).href)

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: {
    bootstrap: { type: 'string' },
    topic: { type: 'string' },
    codec: { type: 'string' },
    count: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
})
const bootstrapBrokers = options.bootstrap.split(',')
const common = { clientId: 'compat', bootstrapBrokers, retries: 20, retryDelay: 100 }
const checkLimitMs = 60_000
let names = 0

const unique = (prefix) => `${prefix}-${process.pid}-${++names}`
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const numbers = (count) => Array.from({ length: count }, (_, index) => String(index))
const json = (value) => JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part))

function expect(what, actual, expected) {
  if (json(actual) !== json(expected)) throw new Error(`${what}: ${json(actual)?.slice(0, 300)} is not ${json(expected)}`)
}

async function check(name, action) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${checkLimitMs / 1000} s`)), checkLimitMs)
  })
  try {
    await Promise.race([action(), late])
    console.log(`ok ${name}`)
  } catch (error) {
    console.log(`failed ${name}: ${describe(error).replaceAll('\n', ' / ')}`)
  } finally {
    clearTimeout(timer)
  }
}

function describe(error) {
  const inner = [error.cause, ...(error.errors ?? [])].filter(Boolean).map(describe)
  return [`${error.apiId ?? error.code ?? ''} ${error.message}`.trim(), ...inner].join(' < ')
}

/** The protocol errors' names within an error; empty where the action ends well. */
async function errorsOf(action) {
  const found = []
  const visit = (error) => {
    if (error.apiId) found.push(error.apiId)
    for (const inner of [error.cause, ...(error.errors ?? [])]) if (inner) visit(inner)
  }
  try {
    await action()
  } catch (error) {
    found.push('failed')
    visit(error)
  }
  return found
}

async function using(client, use) {
  try {
    return await use(client)
  } finally {
    // Not to wait for streams that are still open; an admin has none, and would take it for a callback.
    await (client instanceof Admin ? client.close() : client.close(true))
  }
}

const withAdmin = (use) => using(new Admin(common), use)
const withProducer = (use, more = {}) => using(new Producer({ ...common, autocreateTopics: false, ...more }), use)
const withConsumer = (use, more = {}) => using(new Consumer({ ...common, groupId: unique('group'), autocommit: false, maxWaitTime: 500, ...more }), use)

async function eventually(what, condition, limitMs = 20_000) {
  const deadlineMs = Date.now() + limitMs
  while (!(await condition())) {
    if (Date.now() > deadlineMs) throw new Error(`${what}: not within ${limitMs / 1000} s`)
    await sleep(50)
  }
}

async function create(topic, partitions = 1, configs = {}, replicas = 3) {
  const rows = Object.entries(configs).map(([name, value]) => ({ name, value }))
  await withAdmin((admin) => admin.createTopics({ topics: [topic], partitions, replicas, configs: rows }))
  return topic
}

async function take(stream, count) {
  const messages = []
  for await (const message of stream) {
    messages.push(message)
    if (messages.length === count) break
  }
  return messages
}

const read = (topic, count, more = {}) =>
  withConsumer(async (consumer) => take(await consumer.consume({ topics: [topic], mode: MessagesStreamModes.EARLIEST, ...more }), count))

const texts = { deserializers: stringDeserializers }
const produce = (topic, values, more = {}) =>
  withProducer((producer) => producer.send({ messages: values.map((value) => ({ topic, partition: 0, value })), acks: -1, ...more }), {
    serializers: stringSerializers,
  })
const valuesOf = (messages) => messages.map(({ value }) => value)

async function checks() {
  await check('tells the cluster: its brokers and its id', () =>
    withAdmin(async (admin) => {
      const { brokers, id } = await admin.metadata({ topics: [] })
      expect('brokers', [...brokers.keys()].sort(), [1, 2, 3])
      expect('id', id.length > 10, true)
    }),
  )
  await check('creates topics, and is refused twice the same and too many replicas', async () => {
    const topic = await create(unique('created'), 4)
    const metadata = await withAdmin((admin) => admin.metadata({ topics: [topic] }))
    expect('replicas', metadata.topics.get(topic).partitions.map(({ replicas }) => replicas.length), [3, 3, 3, 3])
    expect('again', (await errorsOf(() => create(topic))).includes('TOPIC_ALREADY_EXISTS'), true)
    expect('replicas', (await errorsOf(() => create(unique('wide'), 1, {}, 9))).includes('INVALID_REPLICATION_FACTOR'), true)
  })
  for (const compression of options.quick ? ['snappy'] : ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    await check(`writes and reads ${compression}`, async () => {
      const topic = await create(unique('codec'))
      const values = numbers(300).map((number) => `${number} ${'compress me '.repeat(20)}`)
      await produce(topic, values, { acks: -1, compression })
      expect('values', valuesOf(await read(topic, 300, texts)), values)
    })
  }
  for (const acks of options.quick ? [-1] : [0, 1, -1]) {
    await check(`writes with acks=${acks}`, async () => {
      const topic = await create(unique('acks'))
      await produce(topic, numbers(50), { acks })
      expect('values', valuesOf(await read(topic, 50, texts)), numbers(50))
    })
  }
  await check('writes as an idempotent producer', async () => {
    const topic = await create(unique('idempotent'))
    await withProducer(
      async (producer) => {
        for (const value of numbers(30)) await producer.send({ messages: [{ topic, partition: 0, value }] })
      },
      { serializers: stringSerializers, idempotent: true },
    )
    expect('values', valuesOf(await read(topic, 30, texts)), numbers(30))
  })
  await check('tells null from empty, and keeps headers', async () => {
    const topic = await create(unique('kinds'))
    const [empty, bytes] = [Buffer.alloc(0), Buffer.from(Array.from({ length: 256 }, (_, index) => index))]
    const headers = new Map([[Buffer.from('bytes'), bytes], [Buffer.from('empty'), empty]])
    const messages = [
      { topic, partition: 0, key: Buffer.from('k'), value: bytes, headers },
      { topic, partition: 0, key: empty, value: empty },
      { topic, partition: 0, value: Buffer.from('v') },
      { topic, partition: 0, key: Buffer.from('k'), value: null },
    ]
    await withProducer((producer) => producer.send({ messages }))
    const got = await read(topic, 4)
    expect('keys', got.map(({ key }) => key?.toString() ?? null), ['k', '', null, 'k'])
    expect('values', got.map(({ value }) => value?.toString('hex') ?? null), [bytes.toString('hex'), '', '76', null])
    expect('headers', [...got[0].headers].map(([name, value]) => [name.toString(), value.toString('hex')]), [['bytes', bytes.toString('hex')], ['empty', '']])
  })
  await check('finds offsets by timestamp', async () => {
    const topic = await create(unique('times'), 1, { 'retention.ms': '-1' })
    const messages = numbers(20).map((value, index) => ({ topic, partition: 0, value, timestamp: BigInt(1_600_000_000_000 + index * 1_000) }))
    await withProducer((producer) => producer.send({ messages }), { serializers: stringSerializers })
    await withConsumer(async (consumer) => {
      const offsetAt = async (timestamp) => (await consumer.listOffsets({ topics: [topic], timestamp })).get(topic)[0]
      expect('in the middle', await offsetAt(1_600_000_007_500n), 8n)
      expect('ends', [await offsetAt(-2n), await offsetAt(-1n)], [0n, 20n])
    })
    const got = await read(topic, 2, { ...texts, mode: MessagesStreamModes.MANUAL, offsets: [{ topic, partition: 0, offset: 8n }] })
    expect('from there', [valuesOf(got), got[0].timestamp], [['8', '9'], 1_600_000_008_000n])
  })
  await check('writes and reads messages of almost a megabyte, and is told of one that is too large', async () => {
    const topic = await create(unique('big'))
    const values = numbers(3).map((digit) => digit.repeat(900_000))
    for (const value of values) await produce(topic, [value])
    expect('lengths', valuesOf(await read(topic, 3, texts)).map(({ length }) => length), [900_000, 900_000, 900_000])
    expect('error', (await errorsOf(() => produce(topic, ['x'.repeat(2_000_000)]))).includes('MESSAGE_TOO_LARGE'), true)
  })
  await check('is told of a topic that there is not', async () => {
    const send = () => withProducer((producer) => producer.send({ messages: [{ topic: unique('unknown'), value: 'v' }] }), { serializers: stringSerializers, retries: 1 })
    // It asks for the metadata, finds nothing there, and says so in its own words.
    const told = await send().then(String, ({ message }) => message)
    expect('error', /^Unknown topic unknown-/.test(told), true)
  })
  for (const groupProtocol of ['classic', 'consumer']) {
    await check(`reads in a group, commits, and goes on from there (${groupProtocol})`, async () => {
      const topic = await create(unique('grouped'))
      await produce(topic, numbers(40))
      const more = { groupId: unique('group'), groupProtocol, ...texts }
      const stream = { topics: [topic], mode: MessagesStreamModes.COMMITTED, fallbackMode: 'earliest' }
      const first = await withConsumer(async (consumer) => {
        const messages = await take(await consumer.consume(stream), 15)
        await consumer.commit({ offsets: [{ topic, partition: 0, offset: 15n, leaderEpoch: 0 }] })
        const committed = await consumer.listCommittedOffsets({ topics: [{ topic, partitions: [0] }] })
        expect('committed', committed.get(topic)[0], 15n)
        return messages
      }, more)
      const rest = await withConsumer(async (consumer) => take(await consumer.consume(stream), 25), more)
      expect('each once', valuesOf([...first, ...rest]), numbers(40))
    })
  }
  await check('shares partitions with another member, and takes them over when it leaves', async () => {
    const topic = await create(unique('shared'), 6)
    const more = { groupId: unique('group'), heartbeatInterval: 300, sessionTimeout: 10_000 }
    const count = (consumer) => (consumer.assignments ?? []).flatMap(({ partitions }) => partitions).length
    await withConsumer(async (first) => {
      const drain = async (consumer) => {
        const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.LATEST })
        stream.on('error', () => undefined).resume()
      }
      await drain(first)
      await eventually('all six', () => count(first) === 6, 30_000)
      await withConsumer(async (second) => {
        await drain(second)
        await eventually('three each', () => count(first) === 3 && count(second) === 3, 30_000)
      }, more)
      await eventually('all six again', () => count(first) === 6, 30_000)
    }, more)
  })
  await check('lists, describes, resets and deletes groups', async () => {
    const topic = await create(unique('listed'))
    await produce(topic, numbers(10))
    const groupId = unique('group')
    await withAdmin(async (admin) => {
      await withConsumer(async (consumer) => {
        await take(await consumer.consume({ topics: [topic], mode: MessagesStreamModes.EARLIEST }), 10)
        await consumer.commit({ offsets: [{ topic, partition: 0, offset: 10n, leaderEpoch: 0 }] })
        expect('listed', (await admin.listGroups()).has(groupId), true)
      }, { groupId })
      await eventually('empty', async () => (await admin.describeGroups({ groups: [groupId] })).get(groupId).state === 'Empty')
      const offset = async () => (await admin.listConsumerGroupOffsets({ groups: [groupId] }))[0].topics[0]?.partitions[0]?.committedOffset ?? null
      expect('offset', await offset(), 10n)
      await admin.alterConsumerGroupOffsets({ groupId, topics: [{ name: topic, partitionOffsets: [{ partition: 0, offset: 3n }] }] })
      expect('reset', await offset(), 3n)
      await admin.deleteGroups({ groups: [groupId] })
      expect('listed', (await admin.listGroups()).has(groupId), false)
    })
  })
  await check('describes and alters configs, adds partitions, deletes records and topics', async () => {
    const topic = await create(unique('administered'), 1, { 'retention.ms': '5000000' })
    await produce(topic, numbers(10))
    await withAdmin(async (admin) => {
      const resource = { resourceType: 2, resourceName: topic }
      const retention = async () => {
        const [told] = await admin.describeConfigs({ resources: [{ ...resource, configurationKeys: ['retention.ms'] }] })
        return told.configs[0].value
      }
      expect('set', await retention(), '5000000')
      const configs = [{ name: 'retention.ms', configOperation: 0, value: '7000000' }]
      await admin.incrementalAlterConfigs({ resources: [{ ...resource, configs }] })
      await eventually('altered', async () => (await retention()) === '7000000')
      const deleted = await admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset: 6n }] }] })
      expect('low watermark', deleted[0].partitions[0].lowWatermark, 6n)
      await admin.createPartitions({ topics: [{ name: topic, count: 3, assignments: null }] })
      await admin.deleteTopics({ topics: [topic] })
      await eventually('gone', async () => !(await admin.listTopics()).includes(topic))
    })
  })
  const outcomes = (isCommitted) => async () => {
    const topic = await create(unique('transactions'))
    const expected = isCommitted.flatMap((is, index) => (is ? [String(index)] : []))
    await withProducer(
      async (producer) => {
        for (const [index, is] of isCommitted.entries()) {
          const transaction = await producer.beginTransaction()
          await transaction.send({ messages: [{ topic, partition: 0, value: String(index) }] })
          await (is ? transaction.commit() : transaction.abort())
        }
      },
      { serializers: stringSerializers, idempotent: true, transactionalId: unique('id') },
    )
    expect('committed', valuesOf(await read(topic, expected.length, { ...texts, isolationLevel: 1 })), expected)
    expect('uncommitted', valuesOf(await read(topic, isCommitted.length, { ...texts, isolationLevel: 0 })), numbers(isCommitted.length))
  }
  await check('commits and aborts transactions, and readers see what is committed', outcomes([true, false, true]))
  await check('reads over two aborted transactions of one producer', outcomes([true, false, true, false, true]))
  await check('commits offsets in transactions', async () => {
    const [source, target, groupId] = [await create(unique('source')), await create(unique('target')), unique('group')]
    await produce(source, numbers(5))
    await withConsumer(async (consumer) => {
      const messages = await take(await consumer.consume({ topics: [source], mode: MessagesStreamModes.EARLIEST }), 5)
      await withProducer(
        async (producer) => {
          const transaction = await producer.beginTransaction()
          await transaction.addConsumer(consumer)
          for (const message of messages) {
            await transaction.send({ messages: [{ topic: target, partition: 0, value: message.value }] })
            await transaction.addOffset(message)
          }
          await transaction.commit()
        },
        { idempotent: true, transactionalId: unique('id') },
      )
      await eventually('committed', async () => {
        const committed = await consumer.listCommittedOffsets({ topics: [{ topic: source, partitions: [0] }] })
        return committed.get(source)[0] === 5n
      })
    }, { groupId })
    expect('copied', (await read(target, 5, { isolationLevel: 1 })).length, 5)
  })
}

const encoded = (bytes) => (bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString('base64'))
const decoded = (part) => (part === null ? null : Buffer.from(part, 'base64'))

async function write() {
  const lines = (await text(process.stdin)).split('\n').filter((line) => line !== '')
  if (lines.length !== Number(options.count)) throw new Error(`${lines.length} records came, not ${options.count}`)
  const messages = lines.map((line) => {
    const { key, value, headers } = JSON.parse(line)
    const named = new Map(headers.map(([name, part]) => [Buffer.from(name), decoded(part)]))
    return { topic: options.topic, partition: 0, ...(key === null ? {} : { key: decoded(key) }), value: decoded(value), headers: named }
  })
  await withProducer((producer) => producer.send({ acks: -1, compression: options.codec, messages }))
}

async function readAll() {
  for (const { key, value, headers } of await read(options.topic, Number(options.count))) {
    const pairs = [...headers].map(([name, part]) => [name.toString(), encoded(part)])
    process.stdout.write(`${JSON.stringify({ key: encoded(key), value: encoded(value), headers: pairs })}\n`)
  }
}

await { check: checks, write, read: readAll }[positionals[0]]()
// Whoever reads us may be slower than we write, and what is not written yet would be lost.
process.stdout.write('', () => process.exit(0))
