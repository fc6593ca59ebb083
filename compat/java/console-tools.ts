/**
 * Kafka's console tools, each started as its script in bin/ starts it, with the options that its users give it. What they print is looked at only
 * where it says what the brokers answered.
 */
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expectEqual, expectThat } from '../run/checks'
import { complaintOf } from '../run/programs'
import type { SuiteContext } from '../run/suite'
import { javaArguments } from './maven'

const tools = 'org.apache.kafka.tools'
const startTimeLimitMs = 180_000

class ConsoleTools {
  constructor(
    private readonly context: SuiteContext,
    private readonly classPath: string,
    readonly bootstrap: string,
  ) {}

  /** What it printed, both ways; throws where it ended badly. */
  async run(main: string, args: readonly string[], input = ''): Promise<string> {
    const all = javaArguments(this.classPath, main, ...args)
    const result = await this.context.run('java', all, { input, timeLimitMs: startTimeLimitMs })
    const complaint = complaintOf(main, result)
    if (complaint !== '') throw new Error(complaint)
    return result.stdout.toString() + result.stderr
  }

  /** What it printed, both ways, where it ends badly; throws where it does not. */
  async refused(main: string, ...args: readonly string[]): Promise<string> {
    const all = javaArguments(this.classPath, `${tools}.${main}`, '--bootstrap-server', this.bootstrap, ...args)
    const result = await this.context.run('java', all, { input: '', timeLimitMs: startTimeLimitMs })
    expectThat(`${main} was not refused: ${result.stdout}`, result.code !== 0)
    return result.stdout.toString() + result.stderr
  }

  /** With the option that nearly all have. */
  ask(main: string, ...args: readonly string[]): Promise<string> {
    return this.run(`${tools}.${main}`, ['--bootstrap-server', this.bootstrap, ...args])
  }

  check(name: string, action: () => Promise<unknown>): Promise<boolean> {
    return this.context.checks.check(name, action)
  }
}

function expectMatch(what: string, text: string, pattern: RegExp): void {
  expectThat(`${what}: ${text.slice(-400)}`, pattern.test(text))
}

const topic = 'console'
const group = 'console-readers'
const lines = Array.from({ length: 200 }, (_, n) => `key${n % 7}:line ${n}`)

export async function consoleTools(context: SuiteContext, classPath: string): Promise<void> {
  const server = await context.serve()
  const bootstrap = server.bootstrapServers
  const kit = new ConsoleTools(context, classPath, bootstrap)
  await topicsAndConfigs(kit)
  await records(kit, bootstrap)
  await groups(kit)
  await operations(kit, bootstrap)
  await reassignments(kit)
  await measurements(kit, bootstrap)
  await kit.check('kafka-topics --delete', async () => {
    await kit.ask('TopicCommand', '--delete', '--topic', topic)
    expectThat('it is still listed', !(await kit.ask('TopicCommand', '--list')).split('\n').includes(topic))
  })
}

async function topicsAndConfigs(kit: ConsoleTools): Promise<void> {
  await kit.check('kafka-topics --create, --list and --alter', async () => {
    const size = ['--partitions', '3', '--replication-factor', '3']
    await kit.ask('TopicCommand', '--create', '--topic', topic, ...size, '--config', 'retention.ms=5000000')
    expectThat('it is not listed', (await kit.ask('TopicCommand', '--list')).split('\n').includes(topic))
    await kit.ask('TopicCommand', '--alter', '--topic', topic, '--partitions', '4')
  })
  await kit.check('kafka-topics --describe', async () => {
    const text = await kit.ask('TopicCommand', '--describe', '--topic', topic)
    expectMatch('the topic', text, /PartitionCount: 4\s+ReplicationFactor: 3\s+Configs:.*retention\.ms=5000000/)
    const partitions = [...text.matchAll(/Partition: (\d)\s+Leader: (\d)\s+Replicas: ([\d,]+)\s+Isr: ([\d,]+)/g)]
    expectEqual('partitions', partitions.length, 4)
    for (const [, , leader, replicas] of partitions) expectEqual('the first replica leads', leader, replicas?.split(',')[0])
  })
  await kit.check('kafka-topics --describe of what is under-replicated', async () => {
    const text = await kit.ask('TopicCommand', '--describe', '--under-replicated-partitions')
    expectThat(`there is one: ${text}`, !text.includes('Partition:'))
  })
  await kit.check('kafka-configs describes and alters topics, brokers and clients', async () => {
    const main = 'kafka.admin.ConfigCommand'
    const run = (...args: string[]) => kit.run(main, ['--bootstrap-server', kit.bootstrap, ...args])
    const ofTopic = ['--entity-type', 'topics', '--entity-name', topic]
    await run(...ofTopic, '--alter', '--add-config', 'max.message.bytes=700000,cleanup.policy=[delete,compact]')
    expectMatch('set', await run(...ofTopic, '--describe'), /cleanup\.policy=delete,compact.*/)
    await run(...ofTopic, '--alter', '--delete-config', 'max.message.bytes,cleanup.policy')
    expectThat('still set', !(await run(...ofTopic, '--describe')).includes('max.message.bytes=700000'))
    expectMatch(
      'a broker',
      await run('--entity-type', 'brokers', '--entity-name', '1', '--describe', '--all'),
      /log\.segment\.bytes=/,
    )
    const ofClient = ['--entity-type', 'clients', '--entity-name', 'limited']
    await run(...ofClient, '--alter', '--add-config', 'producer_byte_rate=1000000')
    expectMatch('the quota', await run(...ofClient, '--describe'), /producer_byte_rate=1000000/)
    await run(...ofClient, '--alter', '--delete-config', 'producer_byte_rate')
  })
}

async function records(kit: ConsoleTools, bootstrap: string): Promise<void> {
  await kit.check('kafka-console-producer writes', async () => {
    const properties = ['--reader-property', 'parse.key=true', '--reader-property', 'key.separator=:']
    const args = ['--bootstrap-server', bootstrap, '--topic', topic, '--compression-codec', 'zstd', ...properties]
    await kit.run(`${tools}.ConsoleProducer`, args, `${lines.join('\n')}\n`)
  })
  await kit.check('kafka-console-consumer reads, as a group', async () => {
    const limits = ['--from-beginning', '--max-messages', String(lines.length), '--timeout-ms', '60000']
    const properties = ['--formatter-property', 'print.key=true', '--formatter-property', 'key.separator=:']
    const text = await kit.ask('consumer.ConsoleConsumer', '--topic', topic, '--group', group, ...limits, ...properties)
    const read = text.split('\n').filter((line) => line.startsWith('key'))
    expectEqual('what was written', read.sort(), [...lines].sort())
  })
  await kit.check('kafka-get-offsets', async () => {
    const offsets = (text: string) =>
      [...text.matchAll(/^console:\d+:(\d+)$/gm)].reduce((sum, [, offset]) => sum + Number(offset), 0)
    expectEqual('latest', offsets(await kit.ask('GetOffsetShell', '--topic', topic)), lines.length)
    expectEqual('earliest', offsets(await kit.ask('GetOffsetShell', '--topic', topic, '--time', 'earliest')), 0)
  })
  await kit.check('kafka-delete-records', async () => {
    const file = join(tmpdir(), `broker-workbench-delete-${process.pid}.json`)
    writeFileSync(file, JSON.stringify({ version: 1, partitions: [{ topic, partition: 0, offset: 1 }] }))
    expectMatch('told', await kit.ask('DeleteRecordsCommand', '--offset-json-file', file), /low_watermark:\s*1/)
  })
}

async function groups(kit: ConsoleTools): Promise<void> {
  const ask = (...args: string[]) => kit.ask('consumer.group.ConsumerGroupCommand', ...args)
  await kit.check('kafka-consumer-groups --list and --describe', async () => {
    expectThat('it is not listed', (await ask('--list')).split('\n').includes(group))
    const text = await ask('--describe', '--group', group)
    const lags = [...text.matchAll(/^console-readers\s+console\s+\d\s+(\d+)\s+(\d+)\s+(\d+)/gm)]
    expectThat(`partitions: ${text}`, lags.length > 0)
    for (const [, committed, end, lag] of lags) expectEqual('the lag', [committed, lag], [end, '0'])
    expectMatch('its state', await ask('--describe', '--group', group, '--state'), /\bEmpty\b/)
    await ask('--describe', '--group', group, '--members', '--verbose')
  })
  await kit.check('kafka-consumer-groups --reset-offsets', async () => {
    const reset = ['--reset-offsets', '--group', group, '--topic', topic]
    await ask(...reset, '--to-earliest', '--execute')
    expectMatch('a lag', await ask('--describe', '--group', group), /^console-readers\s+console\s+1\s+0\s+(\d+)\s+\1/m)
    await ask(...reset, '--shift-by', '2', '--execute')
    await ask(...reset, '--to-datetime', '2020-01-01T00:00:00.000', '--dry-run')
  })
  await kit.check('kafka-consumer-groups --delete-offsets and --delete', async () => {
    expectMatch('offsets', await ask('--delete-offsets', '--group', group, '--topic', topic), /Successful/)
    expectMatch('the group', await ask('--delete', '--group', group), /success/)
  })
  await kit.check('kafka-groups --list', async () => {
    await kit.ask('GroupsCommand', '--list')
  })
}

async function operations(kit: ConsoleTools, bootstrap: string): Promise<void> {
  await kit.check('kafka-broker-api-versions', async () => {
    const text = await kit.ask('BrokerApiVersionsCommand')
    expectEqual('brokers', text.match(/\(id: [123] rack: null/g)?.length, 3)
    expectMatch('what is served', text, /Fetch\(1\): 4 to 17 \[usable: 17\]/)
  })
  await kit.check('kafka-leader-election', async () => {
    await kit.ask('LeaderElectionCommand', '--election-type', 'preferred', '--all-topic-partitions')
  })
  await kit.check('kafka-log-dirs', async () => {
    const text = await kit.ask('LogDirsCommand', '--describe', '--topic-list', topic)
    const { brokers } = JSON.parse(text.split('\n').find((line) => line.startsWith('{')) ?? '{}') as {
      brokers?: { logDirs: { error: string | null; partitions: unknown[] }[] }[]
    }
    expectEqual('brokers', brokers?.length, 3)
    expectEqual(
      'replicas',
      brokers?.map(({ logDirs }) => logDirs[0]?.partitions.length),
      [4, 4, 4],
    )
  })
  await kit.check('kafka-features describe', async () => {
    expectMatch('the feature of groups', await kit.ask('FeatureCommand', 'describe'), /group\.version.*FinalizedVersionLevel: 1/)
  })
  await kit.check('kafka-cluster cluster-id', async () => {
    expectMatch(
      'an id',
      await kit.run(`${tools}.ClusterTool`, ['cluster-id', '--bootstrap-server', bootstrap]),
      /Cluster ID: \S+/,
    )
  })
  await kit.check('kafka-transactions list, describe, describe-producers and find-hanging', async () => {
    const perf = ['--topic', topic, '--num-records', '200', '--record-size', '50', '--throughput', '-1']
    const transactions = ['--transactional-id', 'console-tx', '--transaction-duration-ms', '50']
    await kit.run(`${tools}.ProducerPerformance`, [...perf, '--bootstrap-server', bootstrap, ...transactions])
    expectMatch('the id', await kit.ask('TransactionsCommand', 'list'), /console-tx/)
    const described = await kit.ask('TransactionsCommand', 'describe', '--transactional-id', 'console-tx')
    expectMatch('its state', described, /Complete(Commit|Abort)|Empty/)
    await kit.ask('TransactionsCommand', 'describe-producers', '--topic', topic, '--partition', '1')
    await kit.ask('TransactionsCommand', 'find-hanging', '--broker-id', '1')
  })
  await kit.check('kafka-acls is refused where no authorizer is set up', async () => {
    const ended = await kit.ask('AclCommand', '--list').catch((error: Error) => error.message)
    expectMatch('refused', ended, /AclCommand ended with 1/)
  })
}

async function reassignments(kit: ConsoleTools): Promise<void> {
  const file = join(tmpdir(), `broker-workbench-reassign-${process.pid}.json`)
  const plan = (...replicas: readonly (readonly number[])[]) =>
    writeFileSync(
      file,
      JSON.stringify({ version: 1, partitions: replicas.map((each, partition) => ({ topic, partition, replicas: each })) }),
    )
  const main = 'reassign.ReassignPartitionsCommand'
  const ask = (...args: string[]) => kit.ask(main, ...args)
  const ofFile = ['--reassignment-json-file', file]
  const untilComplete = async () => {
    for (let left = 5; ; left--) {
      const text = await ask('--verify', ...ofFile)
      if (/console-0 is completed/.test(text) && /console-1 is completed/.test(text)) return
      expectThat(`it is not completed: ${text}`, left > 0)
    }
  }
  const replicasOf = async () => {
    const text = await kit.ask('TopicCommand', '--describe', '--topic', topic)
    return [...text.matchAll(/Partition: (\d)\s+Leader: (\d)\s+Replicas: ([\d,]+)\s+Isr: ([\d,]+)/g)]
      .slice(0, 2)
      .map(([, , leader = '', replicas = '', isr = '']) => ({
        isLed: replicas.includes(leader),
        replicas,
        isr: isr.split(',').sort().join(),
      }))
  }
  await kit.check('kafka-reassign-partitions --execute and --verify move partitions', async () => {
    plan([2, 3], [3, 1])
    expectMatch(
      'begun',
      await ask('--execute', ...ofFile),
      /Successfully started partition reassignments for console-0,\s?console-1/,
    )
    await untilComplete()
    expectEqual('where they are', await replicasOf(), [
      { isLed: true, replicas: '2,3', isr: '2,3' },
      { isLed: true, replicas: '3,1', isr: '1,3' },
    ])
    plan([1, 2, 3], [2, 3, 1])
    await ask('--execute', ...ofFile)
    await untilComplete()
    expectEqual('where they are again', await replicasOf(), [
      { isLed: true, replicas: '1,2,3', isr: '1,2,3' },
      { isLed: true, replicas: '2,3,1', isr: '1,2,3' },
    ])
  })
  await kit.check('kafka-reassign-partitions --generate, --list and --cancel', async () => {
    const topics = join(tmpdir(), `broker-workbench-topics-${process.pid}.json`)
    writeFileSync(topics, JSON.stringify({ version: 1, topics: [{ topic }] }))
    const proposed = await ask('--generate', '--topics-to-move-json-file', topics, '--broker-list', '1,2,3')
    expectMatch('a proposal', proposed, /Proposed partition reassignment configuration/)
    expectMatch('none', await ask('--list'), /No partition reassignments found/)
    expectMatch('nothing to cancel', await ask('--cancel', ...ofFile), /None of the specified partition moves are active/)
  })
  await kit.check('kafka-reassign-partitions is refused brokers that there are not', async () => {
    plan([1, 9])
    expectMatch('refused', await kit.refused(main, '--execute', ...ofFile), /Unknown broker id 9/)
  })
  await kit.check('kafka-reassign-partitions --disallow-replication-factor-change', async () => {
    plan([1, 2])
    const said = await kit.refused(main, '--execute', ...ofFile, '--disallow-replication-factor-change')
    expectMatch('refused', said, /The replication factor is changed from 3 to 2/)
  })
}

async function measurements(kit: ConsoleTools, bootstrap: string): Promise<void> {
  await kit.check('kafka-producer-perf-test', async () => {
    const args = ['--topic', topic, '--num-records', '20000', '--record-size', '100', '--throughput', '-1']
    const text = await kit.run(`${tools}.ProducerPerformance`, [...args, '--bootstrap-server', bootstrap])
    expectMatch('all are sent', text, /20000 records sent/)
  })
  await kit.check('kafka-consumer-perf-test', async () => {
    await kit.ask('ConsumerPerformance', '--topic', topic, '--num-records', '20000', '--timeout', '60000')
  })
  await kit.check('kafka-verifiable-producer and kafka-verifiable-consumer', async () => {
    const produced = await kit.ask('VerifiableProducer', '--topic', topic, '--max-messages', '500', '--acks', '-1')
    expectMatch('all are acknowledged', produced, /"name":"tool_data".*"acked":500|"acked":500/)
    for (const protocol of ['classic', 'consumer']) {
      const args = ['--topic', topic, '--group-id', `verifiable-${protocol}`, '--group-protocol', protocol]
      const consumed = await kit.ask('VerifiableConsumer', ...args, '--max-messages', '500', '--reset-policy', 'earliest')
      expectMatch(`read by the protocol ${protocol}`, consumed, /"name":"records_consumed"/)
    }
  })
  await kit.check('kafka-e2e-latency', async () => {
    const args = ['--topic', topic, '--num-records', '100', '--producer-acks', 'all', '--record-size', '20']
    expectMatch('a time', await kit.ask('EndToEndLatency', ...args), /Avg latency/i)
  })
}
