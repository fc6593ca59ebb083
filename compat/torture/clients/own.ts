/** The engine's own client library as producer, reader and administrator. */
import { Admin, KafkaClient, PartitionConsumer, Producer } from '../../../src/engine/client'
import { latestOffset, listOffsets } from '../../../src/engine/client/offsets'
import { createNodePlatform } from '../../../src/engine/platform/node'
import { decodeRecords } from '../../../src/engine/wire/records'
import type { PartitionContents } from '../history/ledger'
import { parseValue, recordValue } from '../history/values'
import { type ProducerContext, type ProducerKind, type ProducerUnderTest, pause, within } from './client'

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const outstandingMax = 3_000
const loopMs = 20
const readTimeoutMs = 180_000
const endsAttemptsMax = 50

export function openClient(bootstrap: string): KafkaClient {
  return new KafkaClient({
    platform: createNodePlatform({ logger: silent }),
    bootstrap: bootstrap
      .split(',')
      .map((address) => ({ host: address.split(':')[0] ?? '', port: Number(address.split(':')[1]) })),
    clientId: 'torture',
    requestTimeoutMs: 8_000,
  })
}

export const ownPlain: ProducerKind = {
  name: 'workbench-plain',
  isIdempotent: false,
  unavailable: () => null,
  start: (context) => run(context, false),
}

export const ownIdempotent: ProducerKind = {
  name: 'workbench-idempotent',
  isIdempotent: true,
  unavailable: () => null,
  start: (context) => run(context, true),
}

function run(context: ProducerContext, isIdempotent: boolean): ProducerUnderTest {
  const client = openClient(context.bootstrap)
  const producer = new Producer({
    client,
    acks: -1,
    isIdempotent,
    lingerMs: 15,
    deliveryTimeoutMs: 280_000,
    requestTimeoutMs: 8_000,
  })
  let isStopping = false
  const work = (async () => {
    await known(client, [...new Set(context.streams.map(({ topic }) => topic))])
    const next = new Map(context.streams.map(({ id }) => [id, 0]))
    let due = 0
    let lastMs = Date.now()
    while (!isStopping) {
      const nowMs = Date.now()
      due = Math.min(due + ((nowMs - lastMs) * context.recordsPerSecond) / 1000, context.recordsPerSecond)
      lastMs = nowMs
      while (due >= context.streams.length && producer.outstandingCount < outstandingMax) {
        due -= context.streams.length
        for (const { id, topic, partition } of context.streams) {
          const sequence = next.get(id) ?? 0
          next.set(id, sequence + 1)
          const floor = context.ledger.floorOf(id)
          producer.append(
            { topic, partition, key: null, value: recordValue(id, sequence), headers: [], timestamp: null },
            (delivery, error) => {
              if (delivery !== null) context.ledger.acknowledge(id, sequence, delivery.offset, floor, Date.now())
              else context.onTrouble('failed', error?.message ?? '')
            },
          )
        }
      }
      await pause(loopMs)
    }
    await producer.flush()
  })()
  work.catch(() => undefined)
  return {
    async stop(timeoutMs) {
      isStopping = true
      await within(timeoutMs, 'our own client', work)
      producer.close()
      client.close()
    },
    kill() {
      isStopping = true
      producer.close()
      client.close()
    },
  }
}

async function known(client: KafkaClient, topics: readonly string[]): Promise<void> {
  for (;;) {
    const snapshot = await client.metadata(topics).catch(() => null)
    if (snapshot !== null && topics.every((topic) => (snapshot.topics.get(topic)?.partitions.length ?? 0) > 0)) return
    await pause(100)
  }
}

export async function createTopic(
  client: KafkaClient,
  name: string,
  partitionCount: number,
  configs: Record<string, string>,
): Promise<void> {
  await new Admin(client).createTopic({ name, partitionCount, replicationFactor: 3, configs })
}

export async function deleteTopic(client: KafkaClient, name: string): Promise<void> {
  await new Admin(client).deleteTopic(name)
}

/** A leader may go back to the preferred replica at this very moment. */
async function endsOf(client: KafkaClient, topic: string, partitions: readonly number[]): Promise<Map<number, number>> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.metadata([topic])
      return await listOffsets(client, topic, partitions, latestOffset)
    } catch (error) {
      if (attempt === endsAttemptsMax) throw error
      await pause(200)
    }
  }
}

/** Every partition of the topics from its beginning to its high watermark. */
export async function readWithOwnClient(
  client: KafkaClient,
  topics: ReadonlyMap<string, number>,
): Promise<Map<string, PartitionContents>> {
  const contents = new Map<string, PartitionContents>()
  for (const [topic, partitionCount] of topics) {
    const positions = new Map(Array.from({ length: partitionCount }, (_, partition) => [partition, 0]))
    for (const partition of positions.keys()) contents.set(`${topic}-${partition}`, { offsets: [], streams: [], sequences: [] })
    const ends = await endsOf(client, topic, [...positions.keys()])
    const open = new Set([...ends].filter(([, end]) => end > 0).map(([partition]) => partition))
    if (open.size === 0) continue
    let failure: Error | null = null
    const consumer = new PartitionConsumer({
      client,
      topic,
      positions,
      onBatch: (partition, batch) => {
        const columns = contents.get(`${topic}-${partition}`)
        if (columns === undefined) return false
        for (const record of decodeRecords(batch)) {
          const [stream, sequence] = parseValue(record.value)
          columns.offsets.push(Number(record.offset))
          columns.streams.push(stream)
          columns.sequences.push(sequence)
        }
        if ((columns.offsets.at(-1) ?? -1) >= (ends.get(partition) ?? 0) - 1) open.delete(partition)
        if (open.size === 0) consumer.stop()
        return true
      },
      onCaughtUp: () => undefined,
      onTrouble: () => undefined,
      onFailed: (partition, error) => {
        failure = new Error(`${topic}-${partition} cannot be read: ${error.message}`)
        consumer.stop()
      },
    })
    await within(readTimeoutMs, `reading ${topic}`, consumer.run())
    if (failure !== null) throw failure
  }
  return contents
}
