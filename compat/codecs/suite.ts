/**
 * Compressed batches of every codec, written by each client and read by every other, byte by byte. The clients come from the other folders; what
 * each wrote is looked up in the broker's log, so that a client which silently does not compress is found out.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client, unique } from '../kafkajs/client'
import { expectThat } from '../run/checks'
import { discoverSuites } from '../run/discover'
import { type Codec, type CodecClient, type CodecRecord, type CompatSuite, codecs, type SuiteContext } from '../run/suite'
import { Matrix } from './matrix'
import { writtenBatches } from './on-disk'
import { codecRecords } from './records'

const topicLimitMs = 60_000

async function run(context: SuiteContext): Promise<void> {
  const { checks } = context
  const all = (await discoverSuites()).flatMap(({ codecClients = [] }) => codecClients)
  const clients: CodecClient[] = []
  for (const client of all) {
    const prepared = await client.prepare(context)
    if ('skipped' in prepared) checks.skipped(`${client.name} takes part`, prepared.skipped)
    else clients.push(client)
  }
  expectThat('there are fewer than two clients', clients.length > 1)
  const server = await context.serve()
  const kafkajs = new Client(server.bootstrapServers)
  const matrix = new Matrix()
  const framings = new Set<string>()
  const asked: readonly Codec[] = context.isQuick ? ['gzip', 'snappy'] : codecs

  for (const writer of clients) {
    for (const codec of asked) {
      if (!writer.writes.includes(codec)) {
        for (const reader of clients) matrix.set(writer.name, reader.name, codec, 'cannot')
        checks.skipped(`${writer.name} writes ${codec}`, `${writer.name} has no ${codec}`)
        continue
      }
      const topic = unique(`codec-${writer.name.replaceAll(/[^a-z0-9]+/gi, '-')}-${codec}`)
      const records = codecRecords(topic)
      const isWritten = await checks.check(
        `${writer.name} writes ${codec}`,
        async () => {
          await kafkajs.create(topic)
          await writer.write(context, server.bootstrapServers, topic, codec, records)
          const written = writtenBatches(context.dataDirectoryOf(server), topic)
          expectThat(`its batches are ${written.codecs.join(' and ')}`, written.codecs.includes(codec))
          if (codec !== 'snappy') return
          for (const framing of written.framings) framings.add(framing)
          matrix.note(writer.name, `snappy ${written.framings.join(' and ')}`)
        },
        topicLimitMs,
      )
      if (!isWritten) {
        for (const reader of clients) matrix.set(writer.name, reader.name, codec, 'failed')
        continue
      }
      await readByAll(context, server.bootstrapServers, clients, writer, codec, topic, records, matrix)
    }
  }
  const bothFramings = 'snappy was written in both framings, raw and xerial'
  if (framings.has('raw') && framings.has('xerial')) checks.passed(bothFramings)
  else checks.skipped(bothFramings, `the clients of this machine write only ${[...framings].join() || 'none'}`)
  const file = join(context.cacheDirectory, 'codecs.md')
  writeFileSync(file, matrix.markdown(clients.map(({ name }) => name)))
}

/** Two at a time: each is a process that starts, connects and ends, and a machine has at least two cores. */
async function readByAll(
  context: SuiteContext,
  bootstrap: string,
  clients: readonly CodecClient[],
  writer: CodecClient,
  codec: Codec,
  topic: string,
  records: readonly CodecRecord[],
  matrix: Matrix,
): Promise<void> {
  const waiting = [...clients]
  const readNext = async (): Promise<void> => {
    for (let reader = waiting.shift(); reader !== undefined; reader = waiting.shift()) {
      const name = `${reader.name} reads ${codec} of ${writer.name}`
      if (!reader.reads.includes(codec)) {
        matrix.set(writer.name, reader.name, codec, 'cannot')
        context.checks.skipped(name, `${reader.name} has no ${codec}`)
        continue
      }
      const client = reader
      const isRead = await context.checks.check(
        name,
        async () => compare(await client.read(context, bootstrap, topic, records.length), records),
        topicLimitMs,
      )
      matrix.set(writer.name, reader.name, codec, isRead ? 'ok' : 'failed')
    }
  }
  await Promise.all([readNext(), readNext()])
}

function compare(read: readonly CodecRecord[], written: readonly CodecRecord[]): void {
  expectThat(`${read.length} of ${written.length} records came`, read.length === written.length)
  for (const [index, record] of written.entries()) {
    for (const part of ['key', 'value', 'headers'] as const) {
      const [is, was] = [JSON.stringify(read[index]?.[part]), JSON.stringify(record[part])]
      expectThat(`${part} of record ${index}: ${is?.slice(0, 100)} is not ${was.slice(0, 100)}`, is === was)
    }
  }
}

export const suites: readonly CompatSuite[] = [
  {
    name: 'codecs',
    timeLimitMs: 40 * 60_000,
    isInQuickRuns: false,
    prepare: async () => ({ version: '' }),
    run,
  },
]
