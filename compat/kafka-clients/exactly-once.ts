/**
 * Exactly once, judged by librdkafka: records go from one topic to another in transactions, with the offsets of the group that reads them, while the three
 * brokers are killed and started again in turn. Readers of committed records then find each input once, and in order for each key.
 *
 *   npx tsx compat/kafka-clients/exactly-once.ts [--seconds 180]
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { confluentKafka } from './clients'
import { ServeProcess } from './serve-process'

const partitionCount = 3
const script = join(__dirname, 'confluent_exactly_once.py')
const downMs = 2_500
const upMs = 2_000

interface Running {
  readonly done: Promise<string>
  stop(): void
  kill(): void
}

function start(...args: string[]): Running {
  const child = spawn('/usr/bin/python3', [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const done = once(child, 'exit').then(([code]) => {
    if (code !== 0) throw new Error(`${args[0]} ended with ${String(code)}: ${output}`)
    return output.trim()
  })
  done.catch(() => undefined)
  return { done, stop: () => void child.stdin.write('\n'), kill: () => void child.kill('SIGKILL') }
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '180' } } })
  const why = confluentKafka.unavailable()
  if (why !== null) {
    console.log(`skipped exactly-once: ${why}`)
    return 0
  }
  const directory = mkdtempSync(join(tmpdir(), 'broker-workbench-eos-'))
  let server: ServeProcess | null = null
  let chains: Running[] = []
  try {
    server = await ServeProcess.start(['--brokers', '3', '--port', '0', '--coordination-port', '0', '--data-dir', directory])
    const { bootstrapServers } = server
    for (const topic of ['eos-in', 'eos-out']) await confluentKafka.create(bootstrapServers, topic, partitionCount)
    const feed = start('feed', bootstrapServers)
    // These know no end: there is always one more.
    chains = ['eos-1', 'eos-2'].map((name) => start('chain', bootstrapServers, name, String(Number.MAX_SAFE_INTEGER)))
    const endMs = Date.now() + Number(values.seconds) * 1000
    let kills = 0
    for (let brokerId = 1; Date.now() < endMs; brokerId = (brokerId % 3) + 1) {
      await server.command(`kill ${brokerId}`)
      kills++
      await pause(downMs)
      await server.command(`start ${brokerId}`)
      await pause(upMs)
      await server.whenSettled(60_000)
    }
    feed.stop()
    const count = Number(await feed.done)
    // One that knows where the end is joins the group, and ends when all of it is behind them.
    const last = start('chain', bootstrapServers, 'eos-3', String(count))
    const worked = await last.done
    const read = spawnSync('/usr/bin/python3', [script, 'verify', bootstrapServers, String(count)], { encoding: 'utf8', timeout: 200_000 })
    console.log(`exactly-once: ${count} inputs, ${kills} kills, at the end ${worked}; ${read.stdout.trim()}`)
    return read.stdout.trim() === `read ${count} missing 0 twice 0 out of order 0` && count > 0 ? 0 : 1
  } finally {
    for (const chain of chains) chain.kill()
    await server?.terminate()
    rmSync(directory, { recursive: true, force: true })
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
