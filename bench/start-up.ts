/**
 * From the start of `serve` with three brokers on an empty directory to the first acknowledged acks=all write of an ordinary client (kafkajs),
 * against the start of the bare runtime in the same run.
 *
 *   npx tsx bench/start-up.ts [--runs 10]
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import { percentile } from '../compat/kafka-clients/history'
import { ServeProcess } from '../compat/kafka-clients/serve-process'

interface Run {
  readonly bareMs: number
  readonly readyMs: number
  readonly writtenMs: number
}

async function measure(): Promise<Run> {
  const bareFrom = performance.now()
  spawnSync(process.execPath, ['-e', ''])
  const bareMs = performance.now() - bareFrom
  const dataDirectory = mkdtempSync(join(tmpdir(), 'workbench-start-'))
  const from = performance.now()
  const server = await ServeProcess.start(['--port', '0', '--coordination-port', '0', '--data-dir', dataDirectory])
  const readyMs = performance.now() - from
  try {
    const kafka = new Kafka({
      clientId: 'bench',
      brokers: server.bootstrapServers.split(','),
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 20, retries: 50 },
    })
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic: 'first', numPartitions: 1, replicationFactor: 3 }] })
    const producer = kafka.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    await producer.send({ topic: 'first', acks: -1, messages: [{ value: 'first' }] })
    const writtenMs = performance.now() - from
    await Promise.all([producer.disconnect(), admin.disconnect()])
    return { bareMs, readyMs, writtenMs }
  } finally {
    await server.terminate()
    rmSync(dataDirectory, { recursive: true, force: true })
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { runs: { type: 'string', default: '10' } } })
  const runs: Run[] = []
  // The first run warms the page cache and is not counted.
  for (let run = 0; run <= Number(values.runs); run++) {
    const measured = await measure()
    if (run > 0) runs.push(measured)
  }
  for (const name of ['bareMs', 'readyMs', 'writtenMs'] as const) {
    const figures = runs.map((run) => run[name])
    console.log(`${name}: median ${percentile(figures, 0.5).toFixed(0)}, worst ${Math.max(...figures).toFixed(0)} ms`)
  }
  const ratio = percentile(
    runs.map((run) => run.writtenMs / run.bareMs),
    0.5,
  )
  console.log(`first acknowledged write / bare runtime start: median ${ratio.toFixed(1)}`)
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
