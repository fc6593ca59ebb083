/**
 * Exactly once, judged by other people's clients: records go from one topic to another in transactions, with the offsets of the group that reads them, while the
 * three brokers are killed and started again in turn. Readers of committed records then find each input once, and in order for each key.
 *
 *   npx tsx compat/kafka-clients/exactly-once.ts [--client librdkafka,java] [--transaction-version 1|2] [--seconds 180]
 *
 * Without --client all that this machine has. One line a client: `ok`, `failed` with the reason, or `skipped` with what is missing.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { kafkajs } from './clients'
import { type ChainJudge, chainJudges } from './exactly-once-judges'
import { ServeProcess } from './serve-process'

const partitionCount = 3
const downMs = 2_500
const upMs = 2_000

interface Running {
  readonly done: Promise<string>
  stop(): void
  kill(): void
}

function start(judge: ChainJudge, ...args: string[]): Running {
  const [program, ...before] = judge.command()
  const child = spawn(program, [...before, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  let complaint = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2_000)
  })
  const done = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`${args[0]} ended with ${String(code)}: ${output}${complaint}`)
    return output.trim()
  })
  done.catch(() => undefined)
  return { done, stop: () => void child.stdin.write('\n'), kill: () => void child.kill('SIGKILL') }
}

/** Kills each broker in turn and starts it again, for so long; answers how often. */
async function killInTurn(server: ServeProcess, seconds: number): Promise<number> {
  const endMs = Date.now() + seconds * 1000
  let kills = 0
  for (let brokerId = 1; Date.now() < endMs; brokerId = (brokerId % 3) + 1) {
    await server.command(`kill ${brokerId}`)
    kills++
    await pause(downMs)
    await server.command(`start ${brokerId}`)
    await pause(upMs)
    await server.whenSettled(60_000)
  }
  return kills
}

/** On a machine at full load a broker may lose its session now and then, and three replicas need three. */
async function create(server: ServeProcess, topic: string): Promise<void> {
  for (let left = 10; ; left--) {
    try {
      return await kafkajs.create(server.bootstrapServers, topic, partitionCount)
    } catch (error) {
      if (left === 0) throw error
      await server.whenSettled(60_000)
    }
  }
}

/** Throws where anything is wrong; answers what was done. */
async function experiment(judge: ChainJudge, transactionVersion: string, seconds: number): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'broker-workbench-eos-'))
  const config = ['--config', `transaction.version=${transactionVersion}`]
  let server: ServeProcess | null = null
  const running: Running[] = []
  const run = (...args: string[]): Running => {
    const one = start(judge, ...args)
    running.push(one)
    return one
  }
  try {
    server = await ServeProcess.start([
      '--brokers',
      '3',
      '--port',
      '0',
      '--coordination-port',
      '0',
      '--data-dir',
      directory,
      ...config,
    ])
    const { bootstrapServers } = server
    for (const topic of ['eos-in', 'eos-out']) await create(server, topic)
    const feed = run('feed', bootstrapServers)
    // These know no end: there is always one more.
    const chains = ['eos-1', 'eos-2'].map((name) => run('chain', bootstrapServers, name, String(Number.MAX_SAFE_INTEGER)))
    const kills = await killInTurn(server, seconds)
    feed.stop()
    const count = Number(await feed.done)
    if (!(count > 0)) throw new Error('no input was written')
    // One that knows where the end is joins the group, and ends when all of it is behind them.
    const worked = await run('chain', bootstrapServers, 'eos-3', String(count)).done
    for (const chain of chains) chain.kill()
    const read = await run('verify', bootstrapServers, String(count)).done
    const what = `${count} inputs, ${kills} kills, at the end ${worked}; ${read}`
    if (read !== `read ${count} missing 0 twice 0 out of order 0`) throw new Error(what)
    return what
  } finally {
    for (const one of running) one.kill()
    await server?.terminate()
    rmSync(directory, { recursive: true, force: true })
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '180' },
      client: { type: 'string', default: chainJudges.map(({ name }) => name).join() },
      'transaction-version': { type: 'string', default: '1' },
    },
  })
  const version = values['transaction-version']
  let failures = 0
  for (const name of values.client.split(',')) {
    const judge = chainJudges.find((each) => each.name === name)
    if (judge === undefined) throw new Error(`--client knows ${chainJudges.map((each) => each.name).join(', ')}, not ${name}`)
    const what = `exactly once by ${name}, transaction.version ${version}`
    const why = judge.unavailable()
    if (why !== null) {
      console.log(`skipped ${what}: ${why}`)
      continue
    }
    try {
      console.log(`  ${await experiment(judge, version, Number(values.seconds))}`)
      console.log(`ok ${what}`)
    } catch (error) {
      failures++
      console.log(`failed ${what}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return failures === 0 ? 0 : 1
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
