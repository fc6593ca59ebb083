/**
 * kafkajs as a producer. With idempotence one loop sends to all partitions at once; without it each partition has a loop of its own, strictly one
 * request after the other. An idempotent producer that gives up is replaced, as its application would have to.
 */
import { Kafka, logLevel, type Producer } from 'kafkajs'
import type { Stream } from '../history/ledger'
import { recordValue } from '../history/values'
import { type ProducerContext, type ProducerKind, type ProducerUnderTest, pause, within } from './client'

const loopMs = 50

export const kafkajsIdempotent: ProducerKind = {
  name: 'kafkajs-idempotent',
  isIdempotent: true,
  unavailable: () => null,
  start: (context) => run(context, [context.streams], true),
}

export const kafkajsPlain: ProducerKind = {
  name: 'kafkajs-plain',
  isIdempotent: false,
  unavailable: () => null,
  start: (context) =>
    run(
      context,
      context.streams.map((stream) => [stream]),
      false,
    ),
}

function run(context: ProducerContext, groups: readonly (readonly Stream[])[], isIdempotent: boolean): ProducerUnderTest {
  let isStopping = false
  const perLoop = Math.max(1, Math.round((context.recordsPerSecond * loopMs) / 1000 / context.streams.length))
  const producers: Producer[] = []
  const create = async (): Promise<Producer> => {
    const kafka = new Kafka({
      clientId: 'torture',
      brokers: context.bootstrap.split(','),
      logLevel: logLevel.NOTHING,
      connectionTimeout: 1_500,
      requestTimeout: 8_000,
      retry: { initialRetryTime: 50, maxRetryTime: 500, retries: Number.MAX_SAFE_INTEGER },
    })
    const producer = kafka.producer({
      allowAutoTopicCreation: false,
      idempotent: isIdempotent,
      ...(isIdempotent ? { maxInFlightRequests: 1 } : {}),
      retry: { initialRetryTime: 50, maxRetryTime: 500, retries: isIdempotent ? Number.MAX_SAFE_INTEGER : 300 },
    })
    producers.push(producer)
    await producer.connect()
    return producer
  }
  const shared = create()
  const loop = async (streams: readonly Stream[]): Promise<void> => {
    let producer = await shared
    let next = 0
    while (!isStopping) {
      const base = next
      const floors = new Map(streams.map((stream) => [stream, context.ledger.floorOf(stream.id)]))
      const sequences = Array.from({ length: perLoop }, (_, index) => base + index)
      next += perLoop
      try {
        const answers = await producer.sendBatch({
          acks: -1,
          timeout: 5_000,
          topicMessages: streams.map(({ id, topic, partition }) => ({
            topic,
            messages: sequences.map((sequence) => ({ partition, value: recordValue(id, sequence) })),
          })),
        })
        const atMs = Date.now()
        for (const stream of streams) {
          const answer = answers.find(({ topicName, partition }) => topicName === stream.topic && partition === stream.partition)
          const baseOffset = Number(answer?.baseOffset ?? -1)
          for (const sequence of sequences) {
            const offset = baseOffset < 0 ? -1 : baseOffset + sequence - base
            context.ledger.acknowledge(stream.id, sequence, offset, floors.get(stream) ?? -1, atMs)
          }
        }
      } catch (error) {
        context.onTrouble('failed', (error as Error).message)
        if (!isIdempotent) continue
        // Its sequence numbers are in doubt now; these records are never sent again.
        context.onTrouble('replaced', (error as Error).message)
        await producer.disconnect().catch(() => undefined)
        producer = await create()
      }
      await pause(loopMs)
    }
  }
  const loops = Promise.all(groups.map(loop))
  loops.catch(() => undefined)
  const disconnect = () => Promise.all(producers.map((producer) => producer.disconnect().catch(() => undefined)))
  return {
    async stop(timeoutMs) {
      isStopping = true
      await within(timeoutMs, 'kafkajs', loops)
      await disconnect()
    },
    kill() {
      isStopping = true
      void disconnect()
    },
  }
}
