/**
 * Administration by other people's clients: python3-confluent-kafka's AdminClient, Java's Admin and consumer, kafkajs's admin, kcat with a rack, and librdkafka
 * as a producer with a quota. Against one process of `serve` with three brokers in three racks, which creates topics on demand.
 *
 *   npx tsx compat/administration/run.ts [--part confluent|java|kafkajs|rack|quotas]…
 *
 * One line a check: `ok`, `failed` with the reason, or `skipped` with what is missing. Exit code 1 where one failed.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs'
import { BrokerConnection } from '../../src/engine/client/broker-connection'
import { createNodePlatform } from '../../src/engine/platform/node'
import { AlterClientQuotas, DescribeClientQuotas, DescribeLogDirs } from '../../src/engine/wire/messages'
import { confluentKafka, kcat } from '../kafka-clients/clients'
import { ServeProcess } from '../kafka-clients/serve-process'
import { javaClassPath } from './java-class-path'

const python = '/usr/bin/python3'
const script = join(__dirname, 'admin_client.py')
const quotaBytesPerSecond = 50_000
let failures = 0
let javaPath: ReturnType<typeof javaClassPath> | null = null

function say(line: string): void {
  if (line.startsWith('failed')) failures++
  console.log(line)
}

async function check(name: string, action: () => Promise<void>): Promise<void> {
  try {
    await action()
    say(`ok ${name}`)
  } catch (error) {
    say(`failed ${name}: ${(error as Error).message}`)
  }
}

function expect(what: string, actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected))
    throw new Error(`${what}: ${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`)
}

function run(command: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', input, timeout: 600_000 })
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr.trim() || stdout.trim()}`)
  return stdout
}

function confluentAdmin(server: ServeProcess): void {
  const why = confluentKafka.unavailable()
  if (why !== null) return say(`skipped python3-confluent-kafka: ${why}`)
  const lines = run(python, [script, server.bootstrapServers, 'check']).trim().split('\n')
  for (const line of lines) say(line.replace(/^(\w+) /, '$1 confluent-kafka '))
}

/** One of the programs beside this file, which says each of its checks itself. */
function javaProbe(server: ServeProcess, probe: 'AdminProbe' | 'TopicProbe', ...verbs: readonly string[]): void {
  javaPath ??= javaClassPath()
  if (!javaPath.ok) return say(`skipped Java: ${javaPath.error}`)
  const args = ['-XX:TieredStopAtLevel=1', '-cp', javaPath.value, join(__dirname, `${probe}.java`), server.bootstrapServers]
  for (const line of run('java', [...args, ...verbs])
    .trim()
    .split('\n'))
    say(line.replace(/^(\w+) /, '$1 Java '))
}

async function java(server: ServeProcess): Promise<void> {
  await check('Java’s administration ran', async () => javaProbe(server, 'AdminProbe'))
  await check('Java’s topics ran', async () => javaProbe(server, 'TopicProbe', 'topics'))
  await check('Java’s elections ran', async () => {
    await server.command('kill 2')
    javaProbe(server, 'TopicProbe', 'dead')
    await server.command('start 2')
    await server.whenSettled(120_000)
    javaProbe(server, 'TopicProbe', 'elect')
  })
  await withServe(['--brokers', '1'], (other) =>
    check('Java’s wish for a topic ran', async () => javaProbe(other, 'TopicProbe', 'no-creation')),
  )
}

async function kafkajsAdmin(server: ServeProcess): Promise<void> {
  const admin = new Kafka({ brokers: server.bootstrapServers.split(','), logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  const topic = 'js-admin'
  const configOf = async (type: ConfigResourceTypes, name: string, config: string) => {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: true,
      resources: [{ type, name, configNames: [config] }],
    })
    return resources[0]?.configEntries[0]
  }
  await check('kafkajs creates', async () => {
    const configEntries = [{ name: 'retention.ms', value: '5000' }]
    expect(
      'created',
      await admin.createTopics({
        waitForLeaders: true,
        topics: [{ topic, numPartitions: 3, replicationFactor: 3, configEntries }],
      }),
      true,
    )
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    expect('partitions', topics[0]?.partitions.length, 3)
  })
  await check('kafkajs describes the cluster', async () => {
    const { brokers, controller } = await admin.describeCluster()
    expect('brokers', brokers.map(({ nodeId }) => nodeId).sort(), [1, 2, 3])
    expect(
      'controller is one of them',
      brokers.some(({ nodeId }) => nodeId === controller),
      true,
    )
  })
  await check('kafkajs describes and alters configs', async () => {
    expect('set', (await configOf(ConfigResourceTypes.TOPIC, topic, 'retention.ms'))?.configValue, '5000')
    expect('of the broker', (await configOf(ConfigResourceTypes.BROKER, '1', 'broker.rack'))?.configValue, 'a')
    const alter = (validateOnly: boolean) =>
      admin.alterConfigs({
        validateOnly,
        resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name: 'retention.ms', value: '7000' }] }],
      })
    await alter(true)
    expect('only judged', (await configOf(ConfigResourceTypes.TOPIC, topic, 'retention.ms'))?.configValue, '5000')
    await alter(false)
    expect('altered', (await configOf(ConfigResourceTypes.TOPIC, topic, 'retention.ms'))?.configValue, '7000')
  })
  await check('kafkajs adds partitions and deletes', async () => {
    await admin.createPartitions({ topicPartitions: [{ topic, count: 6 }] })
    const offsets = await admin.fetchTopicOffsets(topic)
    expect('partitions', offsets.length, 6)
    await admin.deleteTopics({ topics: [topic] })
  })
  await admin.disconnect()
}

/** Who is asked for records is told by rules that delay each fetch a little, one a broker. */
async function kcatWithRack(server: ServeProcess): Promise<void> {
  const why = kcat.unavailable()
  if (why !== null) return say(`skipped kcat: ${why}`)
  await check('kcat reads from the broker in its rack', async () => {
    const topic = 'racked'
    await kcat.create(server.bootstrapServers, topic, 1)
    const input = Array.from({ length: 500 }, (_, index) => `message ${index}\n`).join('')
    run('kcat', ['-P', '-q', '-b', server.bootstrapServers, '-t', topic, '-X', 'acks=all'], input)
    const leader = Number(/partition 0, leader (\d)/.exec(run('kcat', ['-L', '-b', server.bootstrapServers, '-t', topic]))?.[1])
    const follower = leader === 1 ? 2 : 1
    const rack = 'abc'[follower - 1]!
    for (const broker of [1, 2, 3]) {
      const rule = { broker, match: { api: 'Fetch', clientId: `racked-${rack}` }, action: { kind: 'delay', delayMs: 1 } }
      await server.command(`intercept ${JSON.stringify(rule)}`)
    }
    const settings = ['client.id', 'client.rack'].flatMap((name) => [
      '-X',
      `${name}=${name === 'client.id' ? `racked-${rack}` : rack}`,
    ])
    // In small pieces, so that there is something left to read after the leader has sent it away.
    const output = run('kcat', [
      '-C',
      '-q',
      '-e',
      '-b',
      server.bootstrapServers,
      '-t',
      topic,
      '-p',
      '0',
      ...settings,
      '-X',
      'fetch.message.max.bytes=1000',
    ])
    expect('all is read', output.trim().split('\n').length, 500)
    const { interceptions } = await server.command('interceptions')
    const asked = (interceptions as { brokerId: number; hitCount: number }[])
      .filter(({ hitCount }) => hitCount > 0)
      .map(({ brokerId }) => brokerId)
    await server.command('clear-interceptions')
    expect('the follower was asked', asked.includes(follower), true)
    expect(
      'nobody else but the leader',
      asked.every((id) => id === follower || id === leader),
      true,
    )
  })
}

async function quotas(server: ServeProcess): Promise<void> {
  const quiet = () => undefined
  const platform = createNodePlatform({ logger: { debug: quiet, info: quiet, warn: quiet, error: quiet } })
  const bootstrap = server.bootstrapServers
    .split(',')
    .map((address) => ({ host: address.split(':')[0]!, port: Number(address.split(':')[1]) }))
  const connections = bootstrap.map(
    (address) => new BrokerConnection({ platform, ...address, clientId: 'admin', negotiate: true }),
  )
  const entity = [{ entityType: 'client-id', entityName: 'slow' }]
  await check('a quota is set at one broker and told by all', async () => {
    const ops = [{ key: 'producer_byte_rate', value: quotaBytesPerSecond, remove: false }]
    const altered = await connections[0]!.request(AlterClientQuotas, { entries: [{ entity, ops }], validateOnly: false })
    expect('altered', altered.entries[0]?.errorCode, 0)
    const expected = JSON.stringify([{ entity, values: [{ key: 'producer_byte_rate', value: quotaBytesPerSecond }] }])
    for (const connection of connections) {
      const deadlineMs = Date.now() + 10_000
      for (;;) {
        const { entries } = await connection.request(DescribeClientQuotas, { components: [], strict: false })
        if (JSON.stringify(entries) === expected) break
        if (Date.now() > deadlineMs) throw new Error(`one broker says ${JSON.stringify(entries)}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  })
  await check('log directories are told', async () => {
    const { results } = await connections[0]!.request(DescribeLogDirs, { topics: null })
    expect('folders', results.length, 1)
    expect('has topics', (results[0]?.topics.length ?? 0) > 0, true)
  })
  for (const connection of connections) connection.close()
  const why = confluentKafka.unavailable()
  if (why !== null) return say(`skipped the quota of librdkafka: ${why}`)
  await check('a quota slows librdkafka down, and nobody else', async () => {
    const topic = 'slow'
    await confluentKafka.create(server.bootstrapServers, topic, 1)
    const secondsOf = (clientId: string) =>
      Number(run(python, [script, server.bootstrapServers, 'produce', topic, '300000', clientId]))
    const [free, slow] = [secondsOf('free'), secondsOf('slow')]
    // A window of two samples lets the first through at once.
    const expected = 300_000 / quotaBytesPerSecond - 2
    // A busy machine is slow without a quota, too; what the quota takes is the least.
    if (free >= slow || slow < expected * 0.8)
      throw new Error(`${free} s without and ${slow} s with a quota that takes ${expected} s`)
  })
}

async function withServe(options: readonly string[], judge: (server: ServeProcess) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'broker-workbench-administration-'))
  let server: ServeProcess | null = null
  try {
    // On a busy machine a broker must not lose its session because it was not its turn.
    const common = ['--port', '0', '--coordination-port', '0', '--data-dir', directory, '--session-timeout-ms', '10000']
    server = await ServeProcess.start([...common, ...options])
    await judge(server)
  } finally {
    await server?.terminate()
    rmSync(directory, { recursive: true, force: true })
  }
}

const parts: Readonly<Record<string, (server: ServeProcess) => Promise<void>>> = {
  // It says each check itself; this one is for when it does not come that far.
  confluent: (server) => check('python3-confluent-kafka ran', async () => confluentAdmin(server)),
  java,
  kafkajs: kafkajsAdmin,
  rack: kcatWithRack,
  quotas,
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { part: { type: 'string', multiple: true } } })
  // Quick about what Kafka takes its time for, and leaving leaders where a death has put them.
  const configs = ['quota.window.num=2', 'log.retention.check.interval.ms=500', 'auto.leader.rebalance.enable=false']
  const options = [
    '--brokers',
    '3',
    '--rack',
    'a,b,c',
    '--auto-create-topics',
    ...configs.flatMap((config) => ['--config', config]),
  ]
  await withServe(options, async (server) => {
    for (const [name, part] of Object.entries(parts)) if (values.part?.includes(name) ?? true) await part(server)
  })
  console.log(failures === 0 ? 'done' : `${failures} failed`)
  return failures === 0 ? 0 : 1
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
