/**
 * Idempotent producers of librdkafka and of Java, 30 % of whose answers are lost by rules of interception: what they were told was written, and what they
 * were not told, is there once and in order. The brokers are real, one process of `serve` with three of them for each client.
 *
 *   npx tsx compat/kafka-clients/lossy-answers.ts [--records 100000] [--client librdkafka,java]
 *
 * An answer is lost as a network loses it: nothing behind it on the connection arrives either, until the producer gives the connection up. With five
 * requests in flight each loss thus has up to five batches sent again that the broker has. One line a client: `ok`, `failed` with what was found, or
 * `skipped` with what is missing. Exit code 1 where one failed.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import { javaClassPath } from '../administration/java-class-path'
import { confluentKafka } from './clients'
import { ServeProcess } from './serve-process'

/** A program that knows `produce` and `verify`, or why there is none here. */
type Program = { readonly command: readonly string[] } | { readonly missing: string }

const topic = 'lossy'
const partitionCount = 6
const probability = 0.3
const timeoutMs = 1_800_000

const programs: Readonly<Record<string, () => Program>> = {
  librdkafka() {
    const missing = confluentKafka.unavailable()
    return missing === null ? { command: ['/usr/bin/python3', join(__dirname, 'confluent_lossy.py')] } : { missing }
  },
  java() {
    const classPath = javaClassPath()
    if (!classPath.ok) return { missing: classPath.error }
    const machine = ['java', '-XX:TieredStopAtLevel=1', '-cp', classPath.value]
    return { command: [...machine, join(__dirname, 'LossyAnswers.java')] }
  },
}

function ask([program = '', ...before]: readonly string[], verb: string, bootstrap: string, records: number): string {
  const args = [...before, verb, bootstrap, topic, String(partitionCount), String(records)]
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: timeoutMs })
  if (status !== 0) throw new Error(`${verb} ended with ${status}: ${stdout} ${stderr}`)
  return stdout.trim()
}

async function create(bootstrap: string): Promise<void> {
  const admin = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createTopics({
    waitForLeaders: true,
    timeout: 60_000,
    topics: [{ topic, numPartitions: partitionCount, replicationFactor: 3 }],
  })
  await admin.disconnect()
}

/** Throws where anything is wrong; answers what was found. */
async function experiment(command: readonly string[], records: number): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'broker-workbench-lossy-'))
  let server: ServeProcess | null = null
  try {
    // On a busy machine a broker must not lose its session because it was not its turn.
    const options = ['--brokers', '3', '--port', '0', '--coordination-port', '0', '--session-timeout-ms', '10000']
    server = await ServeProcess.start([...options, '--data-dir', directory])
    await create(server.bootstrapServers)
    const rule = { match: { api: 'Produce', clientId: 'lossy', topic }, action: { kind: 'drop-answer' }, probability }
    await server.command(`intercept ${JSON.stringify(rule)}`)
    const startedAtMs = Date.now()
    const produced = ask(command, 'produce', server.bootstrapServers, records)
    const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1)
    const { interceptions } = await server.command('interceptions')
    const [counts] = interceptions as { matchCount: number; hitCount: number }[]
    const read = ask(command, 'verify', server.bootstrapServers, records)
    const what = `${produced} in ${seconds} s; ${counts?.hitCount} of ${counts?.matchCount} answers lost; ${read}`
    const isWhole = produced === `acknowledged ${records}` && read === `read ${records} gaps 0 duplicates 0 reordered 0`
    if (!isWhole || !((counts?.hitCount ?? 0) > 0)) throw new Error(what)
    return what
  } finally {
    await server?.terminate()
    rmSync(directory, { recursive: true, force: true })
  }
}

async function main(): Promise<number> {
  const options = {
    records: { type: 'string', default: '100000' },
    client: { type: 'string', default: 'librdkafka,java' },
  } as const
  const { values } = parseArgs({ options })
  let failures = 0
  for (const name of values.client.split(',')) {
    const program = programs[name]?.()
    if (program === undefined) throw new Error(`--client knows ${Object.keys(programs).join(', ')}, not ${name}`)
    const what = `an idempotent producer of ${name} without a third of its answers`
    if ('missing' in program) {
      console.log(`skipped ${what}: ${program.missing}`)
      continue
    }
    try {
      console.log(`  ${await experiment(program.command, Number(values.records))}`)
      console.log(`ok ${what}`)
    } catch (error) {
      failures++
      console.log(`failed ${what}: ${(error as Error).message}`)
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
