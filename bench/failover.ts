/**
 * From the kill of a partition's leader to the next acknowledged acks=all write to it, by a client that keeps trying: librdkafka through
 * Debian's python3-confluent-kafka where it is installed, and kafkajs. A killed controller is among the kills, about one in three.
 *
 *   npx tsx bench/failover.ts [--kills 20]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type ClientUnderTest, confluentKafka, kafkajs } from '../compat/kafka-clients/clients'
import { percentile } from '../compat/kafka-clients/history'
import { ServeProcess } from '../compat/kafka-clients/serve-process'

async function measure(client: ClientUnderTest, kills: number): Promise<void> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'workbench-failover-'))
  const server = await ServeProcess.start(['--port', '0', '--coordination-port', '0', '--data-dir', dataDirectory])
  const killed: { atMs: number; wasController: boolean }[] = []
  try {
    await client.create(server.bootstrapServers, 'failover', 1)
    const producer = client.produce(server.bootstrapServers, 'failover', 1)
    for (let kill = 0; kill < kills; kill++) {
      await server.whenSettled(30_000)
      await pause(700)
      const { brokers, controllerId } = await server.status()
      const leader = brokers.find((broker) => broker.leaderCount > 0)
      if (leader === undefined) throw new Error('the partition has no leader')
      killed.push({ atMs: Date.now(), wasController: leader.id === controllerId })
      await server.command(`kill ${leader.id}`)
      await pause(4_000)
      await server.command(`start ${leader.id}`)
    }
    await server.whenSettled(30_000)
    const times = (await producer.stop()).map(({ atMs }) => atMs).sort((a, b) => a - b)
    const waits = killed.map(({ atMs }) => waitAfter(atMs, times))
    for (const [index, { wasController }] of killed.entries())
      console.log(`  ${waits[index]} ms${wasController ? ' (controller)' : ''}`)
    const within = waits.filter((wait) => wait <= 3_000).length
    console.log(
      `${client.name}: ${kills} kills, p50 ${percentile(waits, 0.5)} ms, p95 ${percentile(waits, 0.95)} ms, max ${Math.max(...waits)} ms, ${within} within 3 s`,
    )
  } finally {
    await server.terminate()
    rmSync(dataDirectory, { recursive: true, force: true })
  }
}

/** The last write of the dying leader may be acknowledged just after the kill was asked for: the answer is the first one after the silence. */
function waitAfter(killMs: number, times: readonly number[]): number {
  const after = times.filter((atMs) => atMs >= killMs)
  let last = killMs
  for (const atMs of after) {
    if (atMs - last > 300) return atMs - killMs
    last = atMs
  }
  return after[0] === undefined ? Number.POSITIVE_INFINITY : after[0] - killMs
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { kills: { type: 'string', default: '20' }, client: { type: 'string' } } })
  for (const client of [confluentKafka, kafkajs]) {
    if (values.client !== undefined && client.name !== values.client) continue
    const why = client.unavailable()
    if (why === null) await measure(client, Number(values.kills))
    else console.log(`skipped ${client.name}: ${why}`)
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
