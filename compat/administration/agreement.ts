/**
 * Whether everybody is told the same of the cluster: `kcat -L`, Java's `kafka-topics --describe` and the window name the same leaders, replicas and
 * in-sync replicas of every partition. The window's part is what its store reads, the services behind it, started as main starts them.
 *
 *   npx tsx compat/administration/agreement.ts
 *
 * One line a check: `ok`, `failed` with the reason, or `skipped` with what is missing. Exit code 1 where one failed. Looks after a start, while a broker
 * is dead (with a partition that has no leader because of it), when it is back, when partitions were added, and when some were moved.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import type { PartitionView } from '../../src/shared/model/cluster'
import { startWorkbench, type WorkbenchServices } from '../../src/workbench'
import { findWitnesses, lineOf, type Picture, type Witness } from './witnesses'

const settleTimeoutMs = 60_000
let failures = 0

function say(line: string): void {
  if (line.startsWith('failed')) failures++
  console.log(line)
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
  await until('partitions were added', services, (partitions) => partitions.length === 24 && isWhole(partitions))
  await look('when partitions were added')
  const partitionAssignment = Array.from({ length: 12 }, (_, partition) => ({
    partition,
    replicas: [1 + (partition % 3), 1 + ((partition + 1) % 3)],
  }))
  await admin.alterPartitionReassignments({ topics: [{ topic: 'whole', partitionAssignment }] })
  await admin.disconnect()
  await until(
    'partitions were moved',
    services,
    (partitions) => partitions.every(({ topic, replicas }) => topic !== 'whole' || replicas.length === 2) && isWhole(partitions),
  )
  await look('when partitions were moved')
  await createsNothing(services, bootstrap)
}

/** In the window topics come into being when a person or a client creates them, and not because somebody mistyped a name. */
async function createsNothing(services: WorkbenchServices, bootstrap: string): Promise<void> {
  const name = 'the window’s cluster creates no topic because a client asks for it'
  const kafka = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING, retry: { retries: 2 } })
  const producer = kafka.producer({ allowAutoTopicCreation: true })
  await producer.connect()
  const said = await producer.send({ topic: 'mistyped', messages: [{ value: 'x' }] }).then(
    () => 'it was written',
    (error: Error) => error.message,
  )
  await producer.disconnect()
  const admin = kafka.admin()
  await admin.connect()
  const names = await admin.listTopics()
  await admin.disconnect()
  const isThere =
    names.includes('mistyped') || (await services['topics.list'](undefined)).some((topic) => topic.name === 'mistyped')
  if (!isThere && /does not host this topic-partition/.test(said)) say(`ok ${name}`)
  else say(`failed ${name}: ${said}`)
}

async function main(): Promise<number> {
  const { witnesses, missing } = findWitnesses()
  for (const why of missing) say(`skipped ${why}`)
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
