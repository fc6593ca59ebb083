/** The clients under test, each behind the same three verbs: create, produce until told to stop, read everything by assignment. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Kafka, logLevel } from 'kafkajs'
import type { Acknowledged, Promises } from './history'

export interface RunningProducer {
  /** Why sends failed that were given up; their records are acknowledged to nobody. */
  readonly failures: readonly string[]
  /** Stops, waits for what is under way, and answers every acknowledgement. */
  stop(): Promise<readonly Acknowledged[]>
}

export interface ClientUnderTest extends Promises {
  readonly name: string
  /** null, or why it cannot run on this machine. */
  unavailable(): string | null
  create(bootstrap: string, topic: string, partitions: number): Promise<void>
  produce(bootstrap: string, topic: string, partitions: number): RunningProducer
  /** The sequences of each partition in the order of offsets. */
  consume(bootstrap: string, topic: string, partitions: number): Promise<Map<number, number[]>>
}

const replicationFactor = 3
const padding = ` ${'x'.repeat(100)}`

const python = '/usr/bin/python3'
const pythonScript = join(__dirname, 'confluent_client.py')

const confluentKafkaOf = (isIdempotent: boolean): ClientUnderTest => ({
  name: isIdempotent ? 'python3-confluent-kafka-idempotent' : 'python3-confluent-kafka',
  isIdempotent,
  // Without idempotence librdkafka does not, not even with one request in flight: librdkafka-order.ts shows it.
  keepsOrder: isIdempotent,
  unavailable() {
    const check = spawnSync(python, ['-c', 'import confluent_kafka'])
    return check.status === 0 ? null : 'python3-confluent-kafka is not installed (apt-get install python3-confluent-kafka)'
  },
  async create(bootstrap, topic, partitions) {
    await run(python, [pythonScript, 'create', bootstrap, topic, String(partitions), String(replicationFactor)])
  },
  produce(bootstrap, topic, partitions) {
    const mode = isIdempotent ? ['idempotent'] : []
    const child = spawn(python, [pythonScript, 'produce', bootstrap, topic, String(partitions), ...mode], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const acknowledged: Acknowledged[] = []
    const errors: string[] = []
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [partition, sequence, atMs] = line.split(' ').map(Number)
      acknowledged.push({ partition: partition ?? -1, sequence: sequence ?? -1, atMs: atMs ?? 0 })
    })
    createInterface({ input: child.stderr }).on('line', (line) => errors.push(line))
    const closed = once(child, 'close')
    return {
      failures: errors,
      async stop() {
        child.stdin.write('stop\n')
        const [code] = await closed
        if (code !== 0) throw new Error(`the producer ended with ${code}: ${errors.slice(0, 3).join(' / ')}`)
        return acknowledged
      },
    }
  },
  async consume(bootstrap, topic, partitions) {
    return group(await run(python, [pythonScript, 'consume', bootstrap, topic, String(partitions)]))
  },
})

export const confluentKafka = confluentKafkaOf(false)
export const confluentKafkaIdempotent = confluentKafkaOf(true)

export const kcat: ClientUnderTest = {
  name: 'kcat',
  isIdempotent: false,
  keepsOrder: false,
  unavailable() {
    return spawnSync('kcat', ['-V']).status === 0 ? null : 'kcat is not installed (apt-get install kcat)'
  },
  // kcat itself cannot create topics.
  create: (bootstrap, topic, partitions) => kafkajs.create(bootstrap, topic, partitions),
  produce(bootstrap, topic, partitions) {
    let isStopping = false
    const acknowledged: Acknowledged[] = []
    const failures: string[] = []
    const settings = [
      'acks=all',
      'max.in.flight=1',
      'message.timeout.ms=60000',
      'request.timeout.ms=5000',
      'retry.backoff.ms=50',
      'log_level=0',
    ]
    // It tells of no single acknowledgement; an invocation that ends well has had all of its messages acknowledged.
    const loops = Array.from({ length: partitions }, async (_, partition) => {
      for (let sequence = 0; !isStopping; sequence += 20) {
        const sequences = Array.from({ length: 20 }, (_unused, index) => sequence + index)
        const child = spawn('kcat', [
          '-P',
          '-q',
          '-b',
          bootstrap,
          '-t',
          topic,
          '-p',
          String(partition),
          ...settings.flatMap((setting) => ['-X', setting]),
        ])
        child.stdin.end(sequences.map((value) => `${value}${padding}\n`).join(''))
        const [code] = await once(child, 'close')
        if (code === 0) for (const value of sequences) acknowledged.push({ partition, sequence: value, atMs: Date.now() })
        else failures.push(`kcat ended with ${code}`)
      }
    })
    return {
      failures,
      async stop() {
        isStopping = true
        await Promise.all(loops)
        return acknowledged
      },
    }
  },
  async consume(bootstrap, topic, partitions) {
    const all = await Promise.all(
      Array.from({ length: partitions }, (_, partition) =>
        run('kcat', [
          '-C',
          '-q',
          '-e',
          '-b',
          bootstrap,
          '-t',
          topic,
          '-p',
          String(partition),
          '-o',
          'beginning',
          '-f',
          '%p %s\n',
        ]),
      ),
    )
    return group(all.join(''))
  },
}

const kafkajsOf = (isIdempotent: boolean): ClientUnderTest => ({
  name: isIdempotent ? 'kafkajs-idempotent' : 'kafkajs',
  isIdempotent,
  keepsOrder: true,
  unavailable: () => null,
  async create(bootstrap, topic, partitions) {
    const admin = connect(bootstrap).admin()
    await admin.connect()
    try {
      await admin.createTopics({
        waitForLeaders: true,
        topics: [
          { topic, numPartitions: partitions, replicationFactor, configEntries: [{ name: 'min.insync.replicas', value: '2' }] },
        ],
      })
    } finally {
      await admin.disconnect()
    }
  },
  produce(bootstrap, topic, partitions) {
    let isStopping = false
    const acknowledged: Acknowledged[] = []
    const failures: string[] = []
    const open = () =>
      connect(bootstrap).producer({
        allowAutoTopicCreation: false,
        metadataMaxAge: 1_000,
        ...(isIdempotent
          ? { idempotent: true, maxInFlightRequests: 1, retry: { ...retry, retries: Number.MAX_SAFE_INTEGER } }
          : { maxInFlightRequests: 20 }),
      })
    // A loop a partition, each message sent after the one before it was acknowledged or given up: order is then the broker's business only.
    const loops = Array.from({ length: partitions }, async (_, partition) => {
      let producer = open()
      await producer.connect()
      for (let sequence = 0; !isStopping; ) {
        const messages = Array.from({ length: 5 }, (_unused, index) => ({ partition, value: `${sequence + index}${padding}` }))
        try {
          await producer.send({ topic, acks: -1, timeout: 5_000, messages })
          for (let index = 0; index < messages.length; index++)
            acknowledged.push({ partition, sequence: sequence + index, atMs: Date.now() })
        } catch (error) {
          // Not acknowledged: the same numbers are never used again.
          failures.push(String(error))
          if (isIdempotent) {
            // It would give the next messages the sequence of these, which a broker that has these drops, and takes them for acknowledged.
            await producer.disconnect()
            producer = open()
            await producer.connect()
          }
        }
        sequence += messages.length
      }
      await producer.disconnect()
    })
    return {
      failures,
      async stop() {
        isStopping = true
        await Promise.all(loops)
        return acknowledged
      },
    }
  },
  consume: (bootstrap, topic, partitions) => consumeWithKafkaJs(bootstrap, topic, partitions),
})

export const kafkajs = kafkajsOf(false)
/** One request in flight, as kafkajs demands of an idempotent producer; so each partition's loop has a producer of its own. */
export const kafkajsIdempotent = kafkajsOf(true)

const retry = { initialRetryTime: 50, maxRetryTime: 500, retries: 60 }

function connect(bootstrap: string): Kafka {
  return new Kafka({
    clientId: 'compat',
    brokers: bootstrap.split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 8_000,
    retry,
  })
}

/**
 * kafkajs has no public reading by assignment, so its Cluster and Broker are used as its own consumer uses them: leader by metadata, then
 * ListOffsets and Fetch as this version of it encodes and decodes them.
 */
async function consumeWithKafkaJs(bootstrap: string, topic: string, partitions: number): Promise<Map<number, number[]>> {
  const { createRequire } = await import('node:module')
  const load = createRequire(join(__dirname, 'clients.ts'))
  const Cluster = load('kafkajs/src/cluster') as new (options: object) => KafkaJsCluster
  const { createLogger } = load('kafkajs/src/loggers') as { createLogger(options: object): unknown }
  const socketFactory = (load('kafkajs/src/network/socketFactory') as () => unknown)()
  const logger = createLogger({ level: logLevel.NOTHING, logCreator: () => () => undefined })
  const cluster = new Cluster({
    logger,
    socketFactory,
    brokers: bootstrap.split(','),
    clientId: 'compat',
    connectionTimeout: 1_000,
    requestTimeout: 8_000,
    metadataMaxAge: 1_000,
    allowAutoTopicCreation: false,
    isolationLevel: 0,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 20 },
  })
  const read = new Map<number, number[]>()
  await cluster.connect()
  try {
    await cluster.addTargetTopic(topic)
    // Leadership goes back to the preferred replica some seconds after it has returned, perhaps just now.
    const atLeader = async <T>(partition: number, ask: (broker: KafkaJsBroker) => Promise<T>): Promise<T> => {
      for (let attempt = 1; ; attempt++) {
        try {
          const leaders = cluster.findLeaderForPartitions(topic, [partition])
          return await ask(await cluster.findBroker({ nodeId: Object.keys(leaders)[0] ?? '' }))
        } catch (error) {
          if (attempt === LEADER_ATTEMPTS) throw error
          await new Promise((resolve) => setTimeout(resolve, 200))
          await cluster.refreshMetadata().catch(() => undefined)
        }
      }
    }
    for (let partition = 0; partition < partitions; partition++) {
      const listed = await atLeader(partition, (broker) =>
        broker.listOffsets({ topics: [{ topic, partitions: [{ partition, timestamp: -1 }] }] }),
      )
      const answer = listed.responses[0]?.partitions[0]
      const end = Number(answer?.offset ?? answer?.offsets?.[0] ?? 0)
      const sequences: number[] = []
      for (let offset = 0; offset < end; ) {
        const topics = [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: 1_000_000 }] }]
        const fetched = await atLeader(partition, (broker) =>
          broker.fetch({ maxWaitTime: 500, minBytes: 1, maxBytes: 10_000_000, topics }),
        )
        for (const message of fetched.responses[0]?.partitions[0]?.messages ?? []) {
          if (Number(message.offset) < offset) continue
          sequences.push(Number.parseInt(message.value.toString(), 10))
          offset = Number(message.offset) + 1
        }
      }
      read.set(partition, sequences)
    }
  } finally {
    await cluster.disconnect()
  }
  return read
}

/** A leader is found again within some seconds. */
const LEADER_ATTEMPTS = 50

interface KafkaJsCluster {
  connect(): Promise<void>
  refreshMetadata(): Promise<void>
  disconnect(): Promise<void>
  addTargetTopic(topic: string): Promise<void>
  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>
  findBroker(options: { nodeId: string }): Promise<KafkaJsBroker>
}

interface KafkaJsBroker {
  listOffsets(options: object): Promise<{ responses: { partitions: { offset?: string; offsets?: string[] }[] }[] }>
  fetch(options: object): Promise<{ responses: { partitions: { messages: { offset: string; value: Buffer }[] }[] }[] }>
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command} ${args.slice(0, 4).join(' ')} ended with ${code}: ${errors.trim()}`)
  return output
}

/** Lines "partition sequence…" by partition. */
function group(lines: string): Map<number, number[]> {
  const read = new Map<number, number[]>()
  for (const line of lines.split('\n')) {
    if (line === '') continue
    const [partition, sequence] = line.split(' ').map((part) => Number.parseInt(part, 10))
    const list = read.get(partition ?? -1)
    if (list === undefined) read.set(partition ?? -1, [sequence ?? -1])
    else list.push(sequence ?? -1)
  }
  return read
}
