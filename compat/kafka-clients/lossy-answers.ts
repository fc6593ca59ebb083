/**
 * An idempotent producer of librdkafka, 30 % of whose answers are lost by rules of interception: what it was told was written, and what it was not told,
 * is there once and in order. The brokers are real, one process of `serve` with three of them.
 *
 *   npx tsx compat/kafka-clients/lossy-answers.ts [--records 100000]
 *
 * An answer is lost as a network loses it: nothing behind it on the connection arrives either, until the producer gives the connection up. With five
 * requests in flight each loss thus has up to five batches sent again that the broker has.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { confluentKafka } from './clients'
import { ServeProcess } from './serve-process'

const topic = 'lossy'
const partitionCount = 6
const probability = 0.3
const timeoutMs = 900_000

function python(command: string, bootstrap: string, records: number): string {
  const script = join(__dirname, 'confluent_lossy.py')
  const args = [script, command, bootstrap, topic, String(partitionCount), String(records)]
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', args, { encoding: 'utf8', timeout: timeoutMs })
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stdout} ${stderr}`)
  return stdout.trim()
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { records: { type: 'string', default: '100000' } } })
  const records = Number(values.records)
  const why = confluentKafka.unavailable()
  if (why !== null) {
    console.log(`skipped lossy-answers: ${why}`)
    return 0
  }
  const directory = mkdtempSync(join(tmpdir(), 'broker-workbench-lossy-'))
  let server: ServeProcess | null = null
  try {
    server = await ServeProcess.start(['--brokers', '3', '--port', '0', '--coordination-port', '0', '--data-dir', directory])
    await confluentKafka.create(server.bootstrapServers, topic, partitionCount)
    const rule = { match: { api: 'Produce', clientId: 'lossy', topic }, action: { kind: 'drop-answer' }, probability }
    await server.command(`intercept ${JSON.stringify(rule)}`)
    const startedAtMs = Date.now()
    const produced = python('produce', server.bootstrapServers, records)
    const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1)
    const { interceptions } = await server.command('interceptions')
    const [counts] = interceptions as { matchCount: number; hitCount: number }[]
    const read = python('verify', server.bootstrapServers, records)
    console.log(`lossy-answers: ${produced} in ${seconds} s; ${counts?.hitCount} of ${counts?.matchCount} answers lost; ${read}`)
    const isWhole = produced === `acknowledged ${records}` && read === `read ${records} gaps 0 duplicates 0 reordered 0`
    return isWhole && (counts?.hitCount ?? 0) > 0 ? 0 : 1
  } finally {
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
