/**
 * The process that is killed: the cluster host as `serve` runs it, with the tortured workers. Commands come one a line as `{ id, line }` and are
 * answered as `{ id, answer }` when they are done, several at a time. It ends when its standard input does: the driver is gone then.
 */
import { createInterface } from 'node:readline'
import { BroadcastChannel } from 'node:worker_threads'
import { runCommand } from '../../../src/cli/commands'
import { Cluster, formatLogEntry } from '../../../src/cluster'
import { controlChannel, readSettings, type WorkerOrder } from './settings'

async function main(): Promise<void> {
  const settings = readSettings()
  const orders = new BroadcastChannel(controlChannel)
  const cluster = Cluster.open({
    dataDirectory: settings.dataDirectory,
    workerDirectory: __dirname,
    onTakenPort: 'fail',
    brokerCount: settings.hiddenPorts.length,
    brokerPorts: settings.hiddenPorts,
    coordinationPort: settings.coordinationPort,
    sessionTimeoutMs: settings.sessionTimeoutMs,
    brokerConfigs: settings.brokerConfigs,
    onLog: (entry) => {
      if (entry.level === 'warn' || entry.level === 'error') process.stderr.write(`${formatLogEntry(entry)}\n`)
    },
  })
  cluster.on('timeline', (events) => {
    for (const event of events) process.stdout.write(`${JSON.stringify({ event: event.title, detail: event.detail })}\n`)
  })
  const answer = (id: unknown, value: unknown): void => {
    process.stdout.write(`${JSON.stringify({ id, answer: value })}\n`)
  }
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (text) => {
    const { id, line, order } = JSON.parse(text) as { id: number; line?: string; order?: WorkerOrder }
    if (order !== undefined) {
      orders.postMessage(order)
      answer(id, { ok: true })
      return
    }
    if (line === 'partitions') {
      const partitions = cluster
        .partitions()
        .map(({ topic, partition, leader, isr }) => `${topic}-${partition}: leader ${leader}, ISR ${isr.join(' ')}`)
      answer(id, { ok: true, partitions })
      return
    }
    if (line === 'quit') {
      cluster.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error)
          process.exit(1)
        },
      )
      return
    }
    void runCommand(cluster, line ?? '').then((value) => answer(id, value))
  })
  lines.on('close', () => process.exit(3))
  // A broker that cannot start under the faults is started again by the driver; the process stays.
  await cluster.whenServing().catch((error: unknown) => console.error(`Not every broker serves: ${(error as Error).message}`))
  process.stdout.write(`${JSON.stringify({ isReady: true })}\n`)
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
