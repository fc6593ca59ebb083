/**
 * Whether everybody is told the same of the cluster: `kcat -L`, Java's `kafka-topics --describe` and the window name the same leaders, replicas and
 * in-sync replicas of every partition. The window's part is what its store reads, the services behind it, started as main starts them.
 *
 *   npx tsx compat/administration/agreement.ts
 *
 * One line a check: `ok`, `failed` with the reason, or `skipped` with what is missing. Exit code 1 where one failed. Looks after a start, while a broker
 * is dead (with a partition that has no leader because of it), when it is back, and when partitions were added.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import type { PartitionView } from '../../src/shared/model/cluster'
import { startWorkbench, type WorkbenchServices } from '../../src/workbench'
import { javaClassPath } from './java-class-path'

/** One line a partition: `topic-0 leader 1 replicas 1,2,3 isr 1,2,3`. Replicas in their order, which says whom the leader should be. */
type Picture = readonly string[]

interface Witness {
  readonly name: string
  ask(bootstrap: string): Promise<Picture>
}

const settleTimeoutMs = 60_000
const commandTimeoutMs = 120_000
let failures = 0

function say(line: string): void {
  if (line.startsWith('failed')) failures++
  console.log(line)
}

function lineOf(
  topic: string,
  partition: number,
  leader: number | null,
  replicas: readonly number[],
  isr: readonly number[],
): string {
  const inSync = [...isr].sort((a, b) => a - b)
  return `${topic}-${partition} leader ${leader ?? 'none'} replicas ${replicas.join(',')} isr ${inSync.join(',')}`
}

/** Not spawnSync: the host of the cluster lives in this thread, and must go on hearing from its brokers. */
async function run(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: commandTimeoutMs })
  let [output, errors] = ['', '']
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => (errors += String(chunk)))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${errors.trim() || output.trim()}`)
  return output
}

const kcat: Witness = {
  name: 'kcat -L',
  async ask(bootstrap) {
    interface Node {
      readonly id: number
    }
    interface Told {
      readonly topics: readonly {
        readonly topic: string
        readonly partitions: readonly { partition: number; leader: number; replicas: Node[]; isrs: Node[] }[]
      }[]
    }
    const { topics } = JSON.parse(await run('kcat', ['-L', '-J', '-b', bootstrap])) as Told
    const lines = topics.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, leader, replicas, isrs }) =>
        lineOf(topic, partition, leader === -1 ? null : leader, replicas.map(idOf), isrs.map(idOf)),
      ),
    )
    return lines.sort()
  },
}

function idOf({ id }: { readonly id: number }): number {
  return id
}

function javaTool(classPath: string): Witness {
  const numbers = (text: string | undefined) => (text ?? '').split(',').filter(Boolean).map(Number)
  return {
    name: 'Java’s kafka-topics --describe',
    async ask(bootstrap) {
      const tool = ['-XX:TieredStopAtLevel=1', '-cp', classPath, 'org.apache.kafka.tools.TopicCommand']
      const output = await run('java', [...tool, '--bootstrap-server', bootstrap, '--describe'])
      const lines: string[] = []
      for (const line of output.split('\n')) {
        const told = /Topic: (\S+)\s+Partition: (\d+)\s+Leader: (\S+)\s+Replicas: (\S*)\s+Isr: ([\d,]*)/.exec(line)
        if (told === null) continue
        const leader = told[3] === 'none' ? null : Number(told[3])
        lines.push(lineOf(told[1] ?? '', Number(told[2]), leader, numbers(told[4]), numbers(told[5])))
      }
      return lines.sort()
    },
  }
}

async function windowPicture(services: WorkbenchServices): Promise<Picture> {
  const partitions = await services['topics.partitions']({ topic: null })
  return partitions
    .map(({ topic, partition, leader, replicas, isr }) =>
      lineOf(
        topic,
        partition,
        leader,
        replicas.map(({ brokerId }) => brokerId),
        isr,
      ),
    )
    .sort()
}

/** Waits until the window says so of all partitions. */
async function until(
  what: string,
  services: WorkbenchServices,
  holds: (partitions: readonly PartitionView[]) => boolean,
): Promise<void> {
  const deadlineMs = Date.now() + settleTimeoutMs
  while (!holds(await services['topics.partitions']({ topic: null }))) {
    if (Date.now() > deadlineMs) throw new Error(`the window did not see within ${settleTimeoutMs} ms that ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Asked between two looks at the window that saw the same: leaders may move while a virtual machine starts. */
async function compare(
  moment: string,
  services: WorkbenchServices,
  bootstrap: string,
  witnesses: readonly Witness[],
): Promise<void> {
  for (const { name, ask } of witnesses) {
    const deadlineMs = Date.now() + settleTimeoutMs
    for (;;) {
      const before = await windowPicture(services)
      const told = await ask(bootstrap)
      const after = await windowPicture(services)
      const isStill = before.join() === after.join()
      if (isStill && told.join() === after.join()) {
        say(`ok ${name} and the window show the same of ${told.length} partitions ${moment}`)
        break
      }
      if (Date.now() > deadlineMs) {
        const other = told.filter((line) => !after.includes(line))
        const own = after.filter((line) => !told.includes(line))
        say(`failed ${name} and the window show the same ${moment}: ${other.join('; ')} is not ${own.join('; ')}`)
        break
      }
    }
  }
}

async function judge(services: WorkbenchServices, witnesses: readonly Witness[]): Promise<void> {
  const { brokers } = await services['cluster.view'](undefined)
  const bootstrap = brokers.map(({ host, port }) => `${host}:${port}`).join(',')
  const look = (moment: string) => compare(moment, services, bootstrap, witnesses)
  const configs = {}
  await services['topics.create']({ name: 'whole', partitionCount: 12, replicationFactor: 3, configs })
  await services['topics.create']({ name: 'pair', partitionCount: 6, replicationFactor: 2, configs })
  await services['topics.create']({ name: 'single', partitionCount: 3, replicationFactor: 1, configs })
  const isWhole = (partitions: readonly PartitionView[]) =>
    partitions.every(({ leader, replicas, isr }) => leader !== null && isr.length === replicas.length)
  await until('all is in sync', services, (partitions) => partitions.length === 21 && isWhole(partitions))
  await look('after a start')
  await services['cluster.killBroker']({ brokerId: 2 })
  await until('broker 2 leads nothing', services, (partitions) =>
    partitions.every(({ leader, replicas, isr }) => leader !== 2 && (replicas.length === 1 || !isr.includes(2))),
  )
  await look('while a broker is dead')
  await services['cluster.startBroker']({ brokerId: 2 })
  await until('broker 2 is back', services, isWhole)
  await look('when it is back')
  const admin = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createPartitions({ topicPartitions: [{ topic: 'pair', count: 9 }] })
  await admin.disconnect()
  await until('partitions were added', services, (partitions) => partitions.length === 24 && isWhole(partitions))
  await look('when partitions were added')
}

async function main(): Promise<number> {
  const witnesses: Witness[] = []
  if (spawnSync('kcat', ['-V']).status === 0) witnesses.push(kcat)
  else say('skipped kcat: it is not installed (apt-get install kcat)')
  const classPath = javaClassPath('tools-pom.xml')
  if (classPath.ok) witnesses.push(javaTool(classPath.value))
  else say(`skipped Java’s kafka-topics: ${classPath.error}`)
  const directory = mkdtempSync(join(tmpdir(), 'broker-workbench-agreement-'))
  const quiet = () => undefined
  const workbench = await startWorkbench({
    dataDirectory: directory,
    workerDirectory: join(__dirname, '../../out/main'),
    brokerPorts: [0],
    coordinationPort: 0,
    brokerCount: 3,
    emit: quiet,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  })
  try {
    const { services } = workbench
    const deadlineMs = Date.now() + settleTimeoutMs
    while ((await services['cluster.view'](undefined)).state !== 'running') {
      if (Date.now() > deadlineMs) throw new Error('the cluster does not serve')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await judge(services, witnesses)
  } finally {
    await workbench.stop()
    rmSync(directory, { recursive: true, force: true })
  }
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
