/**
 * The promise of acks=all, judged by other people's clients: every client creates a topic and produces without pause while each broker in turn is
 * killed and started again; then everything acknowledged is read back, in order within its partition.
 *
 *   npx tsx compat/kafka-clients/rounds.ts [--rounds 20] [--client NAME,NAME]
 *
 * Prints a line a round and client, the times from each kill to the next acknowledged write of the partitions that the killed broker led, and the
 * sums by client. Nobody may lose, idempotent clients may write nothing twice, and who keeps its own order must find it kept (clients.ts says who does).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type ClientUnderTest, confluentKafka, confluentKafkaIdempotent, kafkajs, kafkajsIdempotent, kcat } from './clients'
import { type Acknowledged, broken, percentile, Tally, verify } from './history'
import { workbench } from './own-client'
import { ServeProcess } from './serve-process'

const allClients = [kafkajs, confluentKafka, kcat, kafkajsIdempotent, confluentKafkaIdempotent, workbench]

const partitions = 3
const settleTimeoutMs = 30_000

interface Kill {
  readonly brokerId: number
  readonly atMs: number
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' }, client: { type: 'string' } } })
  const rounds = Number(values.rounds)
  const wanted = values.client?.split(',')
  const clients = allClients.filter((client) => wanted?.includes(client.name) ?? true)
  const usable = clients.filter((client) => {
    const why = client.unavailable()
    if (why !== null) console.log(`skipped ${client.name}: ${why}`)
    return why === null
  })
  if (usable.length === 0) return 1
  const dataDirectory = mkdtempSync(join(tmpdir(), 'workbench-rounds-'))
  const server = await ServeProcess.start(['--port', '0', '--coordination-port', '0', '--data-dir', dataDirectory])
  const gaps: number[] = []
  const tally = new Tally()
  let failures = 0
  let total = 0
  try {
    for (let round = 1; round <= rounds; round++) {
      const { kills, results } = await playRound(server, usable, round)
      for (const { client, acknowledged, read, failedSends } of results) {
        const verdict = verify(acknowledged, read)
        const complaints = broken(verdict, client)
        tally.add(client.name, verdict)
        total += verdict.acknowledged
        if (complaints.length > 0) failures++
        const own = client === kcat ? [] : gapsAfter(kills, acknowledged)
        gaps.push(...own)
        console.log(
          `round ${round} ${client.name}: ${verdict.acknowledged} acknowledged, ${verdict.read} read, ${verdict.lost.length} lost, ` +
            `${verdict.reordered.length} reordered, ${verdict.duplicates} twice${own.length === 0 ? '' : `, longest wait after a kill ${Math.max(...own)} ms`}`,
        )
        if (failedSends.length > 0) console.log(`  ${failedSends.length} sends were given up, the first: ${failedSends[0]}`)
        for (const line of complaints.slice(0, 6)) console.log(`  ${line}`)
      }
    }
  } finally {
    const code = await server.terminate()
    if (code !== 0) {
      console.log(`serve ended with ${code}`)
      failures++
    }
    if (failures === 0) rmSync(dataDirectory, { recursive: true, force: true })
    else console.log(`kept: ${dataDirectory}\n${server.stderr.slice(-40).join('\n')}`)
  }
  console.log(
    `from kill to the next acknowledged write, worst partition: n=${gaps.length} p50=${percentile(gaps, 0.5)} p95=${percentile(gaps, 0.95)} max=${Math.max(...gaps)} ms`,
  )
  for (const line of tally.lines()) console.log(line)
  console.log(`${rounds} rounds, ${total} acknowledged records, ${failures} failures`)
  return failures === 0 ? 0 : 1
}

async function playRound(server: ServeProcess, clients: readonly ClientUnderTest[], round: number) {
  const { bootstrapServers } = server
  const running = []
  for (const client of clients) {
    const topic = `round-${round}-${client.name}`
    await client.create(bootstrapServers, topic, partitions)
    running.push({ client, topic, producer: client.produce(bootstrapServers, topic, partitions) })
  }
  const kills: Kill[] = []
  await pause(300)
  for (const { id: brokerId } of (await server.status()).brokers) {
    kills.push({ brokerId, atMs: Date.now() })
    await server.command(`kill ${brokerId}`)
    // Long enough for the cluster to notice and to elect, so that writes go on without the broker.
    await pause(2_500)
    await server.command(`start ${brokerId}`)
    await server.whenSettled(settleTimeoutMs)
  }
  const results = []
  for (const { client, topic, producer } of running) {
    const acknowledged = await producer.stop()
    results.push({ client, topic, acknowledged, failedSends: producer.failures })
  }
  await server.whenSettled(settleTimeoutMs)
  const read = []
  for (const result of results)
    read.push({ ...result, read: await result.client.consume(bootstrapServers, result.topic, partitions) })
  return { kills, results: read }
}

/** For each kill the longest time in which a partition had no acknowledgement, measured from the kill: the partition that was led by the killed one. */
function gapsAfter(kills: readonly Kill[], acknowledged: readonly Acknowledged[]): number[] {
  const byPartition = new Map<number, number[]>()
  for (const { partition, atMs } of acknowledged) {
    const times = byPartition.get(partition)
    if (times === undefined) byPartition.set(partition, [atMs])
    else times.push(atMs)
  }
  return kills.map(({ atMs }) => {
    const next = [...byPartition.values()].map((times) => longestGapFrom(atMs, times))
    return Math.max(...next)
  })
}

/** A last write of the dying leader may still be acknowledged a moment after the kill was asked for; so the longest silence in the next seconds counts, from the kill on. */
function longestGapFrom(killMs: number, times: readonly number[]): number {
  let last = killMs
  let longest = 0
  let end = 0
  for (const atMs of [...times].sort((a, b) => a - b)) {
    if (atMs < killMs) continue
    if (last > killMs + 2_000) break
    if (atMs - last > longest) {
      longest = atMs - last
      end = atMs
    }
    last = atMs
  }
  return end === 0 ? Number.POSITIVE_INFINITY : end - killMs
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
