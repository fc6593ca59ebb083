/**
 * Compressed batches of every codec, written by each client and read by every other, byte by byte. The clients come from the other folders; what
 * each wrote is looked up in the broker's log, so that a client which silently does not compress is found out.
 *
 * A writer's codecs stand one after the other in one topic, and each reader reads that once: most of the time goes into starting clients. Only where
 * that fails is each codec read from a topic of its own, to know which it was.
 */
import { Client, unique } from '../kafkajs/client'
import { expectThat } from '../run/checks'
import { discoverSuites } from '../run/discover'
import { type Codec, type CodecClient, type CodecRecord, type CompatSuite, codecs, type SuiteContext } from '../run/suite'
import { Matrix } from './matrix'
import { writtenBatches } from './on-disk'
import { codecRecords } from './records'

const checkLimitMs = 180_000

interface Part {
  readonly codec: Codec
  readonly records: readonly CodecRecord[]
}

class MatrixRun {
  readonly matrix = new Matrix()
  readonly framings = new Set<string>()
  private readonly kafkajs: Client

  constructor(
    private readonly context: SuiteContext,
    private readonly bootstrap: string,
    private readonly dataDirectory: string,
    private readonly clients: readonly CodecClient[],
  ) {
    this.kafkajs = new Client(bootstrap)
  }

  async of(writer: CodecClient, asked: readonly Codec[]): Promise<void> {
    const { checks } = this.context
    for (const codec of asked.filter((one) => !writer.writes.includes(one))) {
      checks.skipped(`${writer.name} writes ${codec}`, `${writer.name} has no ${codec}`)
      for (const reader of this.clients) this.matrix.set(writer.name, reader.name, codec, 'cannot')
    }
    const topic = await this.kafkajs.create(unique(topicName(writer)))
    const parts: Part[] = []
    for (const codec of asked.filter((one) => writer.writes.includes(one))) {
      const part = { codec, records: codecRecords(`${topic}-${codec}`) }
      const write = async () => {
        await writer.write(this.context, this.bootstrap, topic, codec, part.records)
        const written = writtenBatches(this.dataDirectory, topic)
        expectThat(`its batches are ${written.codecs.join(' and ')}`, written.codecs.includes(codec))
        if (codec !== 'snappy') return
        for (const framing of written.framings) this.framings.add(framing)
        this.matrix.note(writer.name, `snappy ${written.framings.join(' and ')}`)
      }
      if (await checks.check(`${writer.name} writes ${codec}`, write, checkLimitMs)) parts.push(part)
      else for (const reader of this.clients) this.matrix.set(writer.name, reader.name, codec, 'failed')
    }
    if (parts.length === 0) return
    // Two at a time: each is a process that starts, connects and ends, and a machine has at least two cores.
    const waiting = [...this.clients]
    const readNext = async (): Promise<void> => {
      for (let reader = waiting.shift(); reader !== undefined; reader = waiting.shift())
        await this.read(reader, writer, topic, parts)
    }
    await Promise.all([readNext(), readNext()])
  }

  private async read(reader: CodecClient, writer: CodecClient, topic: string, parts: readonly Part[]): Promise<void> {
    const readsAll = parts.every(({ codec }) => reader.reads.includes(codec))
    const isRead =
      readsAll &&
      (await this.readsWell(
        reader,
        topic,
        parts.flatMap(({ records }) => records),
      ))
    for (const part of parts) {
      const { codec } = part
      const name = `${reader.name} reads ${codec} of ${writer.name}`
      if (!reader.reads.includes(codec)) {
        this.context.checks.skipped(name, `${reader.name} has no ${codec}`)
        this.matrix.set(writer.name, reader.name, codec, 'cannot')
        continue
      }
      const readAlone = async () => {
        const alone = await this.kafkajs.create(unique(`${topicName(writer)}-${codec}`))
        await writer.write(this.context, this.bootstrap, alone, codec, part.records)
        compare(await reader.read(this.context, this.bootstrap, alone, part.records.length), part.records)
      }
      const isRight = await this.context.checks.check(name, isRead ? async () => undefined : readAlone, checkLimitMs)
      this.matrix.set(writer.name, reader.name, codec, isRight ? 'ok' : 'failed')
    }
  }

  /** Without a check of its own: where it does not go well, each codec is asked for. */
  private async readsWell(reader: CodecClient, topic: string, records: readonly CodecRecord[]): Promise<boolean> {
    try {
      compare(await reader.read(this.context, this.bootstrap, topic, records.length), records)
      return true
    } catch {
      return false
    }
  }
}

const topicName = (writer: CodecClient) => `codec-${writer.name.replaceAll(/[^a-z0-9]+/gi, '-')}`

function compare(read: readonly CodecRecord[], written: readonly CodecRecord[]): void {
  expectThat(`${read.length} of ${written.length} records came`, read.length === written.length)
  for (const [index, record] of written.entries()) {
    for (const part of ['key', 'value', 'headers'] as const) {
      const [is, was] = [JSON.stringify(read[index]?.[part]), JSON.stringify(record[part])]
      expectThat(`${part} of record ${index}: ${is?.slice(0, 100)} is not ${was.slice(0, 100)}`, is === was)
    }
  }
}

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
  const matrixRun = new MatrixRun(context, server.bootstrapServers, context.dataDirectoryOf(server), clients)
  for (const writer of clients) await matrixRun.of(writer, context.isQuick ? ['gzip', 'snappy'] : codecs)
  const { framings, matrix } = matrixRun
  const bothFramings = 'snappy was written in both framings, raw and xerial'
  if (framings.has('raw') && framings.has('xerial')) checks.passed(bothFramings)
  else checks.skipped(bothFramings, `the clients of this machine write only ${[...framings].join() || 'none'}`)
  context.attach(matrix.markdown(clients.map(({ name }) => name)))
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
