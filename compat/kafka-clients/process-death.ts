/**
 * `kill -9` of the whole process while clients produce, and a start on the same data directory: every acks=all acknowledgement given before
 * must be there, and nothing twice that an idempotent client wrote. Repeated, each time on what the deaths before left behind.
 *
 *   npx tsx compat/kafka-clients/process-death.ts [--deaths 5]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { confluentKafka, confluentKafkaIdempotent, kafkajs, kafkajsIdempotent } from './clients'
import { broken, Tally, verify } from './history'
import { workbench } from './own-client'
import { ServeProcess } from './serve-process'

const partitions = 3

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { deaths: { type: 'string', default: '5' } } })
  const deaths = Number(values.deaths)
  const clients = [kafkajs, confluentKafka, kafkajsIdempotent, confluentKafkaIdempotent, workbench].filter((client) => {
    const why = client.unavailable()
    if (why !== null) console.log(`skipped ${client.name}: ${why}`)
    return why === null
  })
  const dataDirectory = mkdtempSync(join(tmpdir(), 'workbench-death-'))
  // The ports of the first life are kept, so that the clients find the cluster again by themselves.
  let ports = ['0', '0']
  const tally = new Tally()
  let failures = 0
  let total = 0
  for (let death = 1; death <= deaths; death++) {
    const start = () => ServeProcess.start(['--port', ports[0]!, '--coordination-port', ports[1]!, '--data-dir', dataDirectory])
    const server = await start()
    ports = [server.bootstrapServers.replaceAll(/[^,]*:/g, ''), server.coordination.replace(/.*:/, '')]
    await server.whenSettled(30_000)
    const running = []
    for (const client of clients) {
      const topic = `death-${death}-${client.name}`
      await client.create(server.bootstrapServers, topic, partitions)
      running.push({ client, topic, producer: client.produce(server.bootstrapServers, topic, partitions) })
    }
    await pause(1_000 + Math.random() * 1_000)
    await server.killHard()
    const reborn = await start()
    await reborn.whenSettled(30_000)
    await pause(500)
    const results = []
    for (const { client, topic, producer } of running) results.push({ client, topic, acknowledged: await producer.stop() })
    for (const { client, topic, acknowledged } of results) {
      const verdict = verify(acknowledged, await client.consume(reborn.bootstrapServers, topic, partitions))
      const complaints = broken(verdict, client)
      tally.add(client.name, verdict)
      total += verdict.acknowledged
      if (complaints.length > 0) failures++
      console.log(
        `death ${death} ${client.name}: ${verdict.acknowledged} acknowledged, ${verdict.read} read, ${verdict.lost.length} lost, ${verdict.reordered.length} reordered, ${verdict.duplicates} twice`,
      )
      for (const line of complaints.slice(0, 6)) console.log(`  ${line}`)
    }
    const code = await reborn.terminate()
    if (code !== 0) failures++
  }
  if (failures === 0) rmSync(dataDirectory, { recursive: true, force: true })
  else console.log(`kept: ${dataDirectory}`)
  for (const line of tally.lines()) console.log(line)
  console.log(`${deaths} deaths of the whole process, ${total} acknowledged records, ${failures} failures`)
  return failures === 0 ? 0 : 1
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
