/** librdkafka, through Debian's python3-confluent-kafka, each producer and reader in a process of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { PartitionContents } from '../history/ledger'
import { type ProducerContext, type ProducerKind, type ProducerUnderTest, within } from './client'

const python = '/usr/bin/python3'
const script = join(__dirname, 'rdkafka.py')

let why: string | null | undefined

export function rdkafkaUnavailable(): string | null {
  why ??=
    spawnSync(python, ['-c', 'import confluent_kafka']).status === 0
      ? null
      : 'python3-confluent-kafka is not installed (apt-get install python3-confluent-kafka)'
  return why
}

export const rdkafkaIdempotent: ProducerKind = {
  name: 'librdkafka-idempotent',
  isIdempotent: true,
  unavailable: rdkafkaUnavailable,
  start: (context) => run(context, true),
}

export const rdkafkaPlain: ProducerKind = {
  name: 'librdkafka-plain',
  isIdempotent: false,
  unavailable: rdkafkaUnavailable,
  start: (context) => run(context, false),
}

/** Its standard input ends with the driver, and so does it. */
function run(context: ProducerContext, idempotent: boolean): ProducerUnderTest {
  const settings = {
    bootstrap: context.bootstrap,
    idempotent,
    rate: context.recordsPerSecond,
    streams: context.streams.map(({ id, topic, partition }) => [id, topic, partition]),
  }
  const child = spawn(python, [script, 'produce', JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'pipe'] })
  const errors: string[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    if (line.startsWith('a ')) {
      const [, stream = 0, sequence = 0, offset = -1, floor = -1, atMs = 0] = line.split(' ').map(Number)
      context.ledger.acknowledge(stream, sequence, offset, floor, atMs)
    } else context.onTrouble(line.startsWith('r ') ? 'replaced' : 'failed', line.slice(2))
  })
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.startsWith('%')) return context.onSaid(line)
    errors.push(line)
    return undefined
  })
  child.stdin.on('error', () => undefined)
  const closed = Promise.all([once(child, 'exit'), once(lines, 'close')])
  closed.catch(() => undefined)
  return {
    async stop(timeoutMs) {
      child.stdin.write('stop\n')
      const [[code]] = await within(timeoutMs, 'librdkafka', closed)
      if (code !== 0) throw new Error(`the producer ended with ${code}: ${errors.slice(-3).join(' / ')}`)
    },
    kill() {
      child.kill('SIGKILL')
    },
  }
}

/** Reads each partition from offset 0 to its given end. */
export async function readWithRdkafka(
  bootstrap: string,
  wanted: readonly { topic: string; partition: number; end: number }[],
): Promise<Map<string, PartitionContents>> {
  const contents = new Map<string, PartitionContents>(
    wanted.map(({ topic, partition }) => [`${topic}-${partition}`, { offsets: [], streams: [], sequences: [] }]),
  )
  const list = JSON.stringify(wanted.map(({ topic, partition, end }) => [topic, partition, end]))
  const child: ChildProcess = spawn(python, [script, 'consume', bootstrap, list], { stdio: ['ignore', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  const lines = createInterface({ input: child.stdout! })
  lines.on('line', (line) => {
    const [topic, partition, offset, stream, sequence] = line.split(' ')
    const columns = contents.get(`${topic}-${partition}`)
    columns?.offsets.push(Number(offset))
    columns?.streams.push(Number(stream))
    columns?.sequences.push(Number(sequence))
  })
  const [[code]] = await Promise.all([once(child, 'exit'), once(lines, 'close')])
  if (code !== 0) throw new Error(`librdkafka's reader ended with ${code}: ${errors.trim()}`)
  return contents
}
