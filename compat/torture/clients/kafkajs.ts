/**
 * kafkajs as a producer: each partition has a loop of its own, strictly one request after the other. Never several partitions in one send: kafkajs 2.2
 * answers such a send without an error, and without the partition, when the leader moves during a retry to a broker that has answered for others already
 * (sendMessages.js keeps what is done by broker). An idempotent producer that gives up is replaced, as its application would have to.
 */
import { Kafka, logLevel, type Producer } from 'kafkajs'
import type { Stream } from '../history/ledger'
import { recordValue } from '../history/values'
import { type ProducerContext, type ProducerKind, type ProducerUnderTest, pause, within } from './client'

/** A send with acks=all and a sync takes about as long; a loop has one under way. */
const loopMs = 50
const sendMs = 150

export const kafkajsIdempotent: ProducerKind = {
  name: 'kafkajs-idempotent',
  isIdempotent: true,
  unavailable: () => null,
  start: (context) => run(context, true),
}

export const kafkajsPlain: ProducerKind = {
  name: 'kafkajs-plain',
  isIdempotent: false,
  unavailable: () => null,
  start: (context) => run(context, false),
}

function run(context: ProducerContext, isIdempotent: boolean): ProducerUnderTest {
  let isStopping = false
  const perLoop = Math.max(1, Math.round((context.recordsPerSecond * (loopMs + sendMs)) / 1000 / context.streams.length))
  const producers: Producer[] = []
  const create = async (): Promise<Producer> => {
    const kafka = new Kafka({
      clientId: 'torture',
      brokers: context.bootstrap.split(','),
      logLevel: logLevel.NOTHING,
      connectionTimeout: 1_500,
      requestTimeout: 3_000,
      retry: { initialRetryTime: 50, maxRetryTime: 500, retries: Number.MAX_SAFE_INTEGER },
    })
    const producer = kafka.producer({
      allowAutoTopicCreation: false,
      idempotent: isIdempotent,
      ...(isIdempotent ? { maxInFlightRequests: 1 } : {}),
      retry: { initialRetryTime: 50, maxRetryTime: 500, retries: isIdempotent ? Number.MAX_SAFE_INTEGER : 300 },
    })
    producers.push(producer)
    // It asks for its producer id here, and does not try again when the connection is reset.
    for (;;) {
      try {
        await producer.connect()
        return producer
      } catch (error) {
        if (isStopping) throw error
        await pause(loopMs)
      }
    }
  }
  const shared = create()
  const loop = async ({ id, topic, partition }: Stream): Promise<void> => {
    let producer: Producer
    try {
      producer = await shared
    } catch {
      // Told to stop before it was ever connected: nothing was sent.
      return
    }
    for (let base = 0; !isStopping; base += perLoop) {
      const floor = context.ledger.floorOf(id)
      const sequences = Array.from({ length: perLoop }, (_, index) => base + index)
      try {
        const answers = await producer.send({
          topic,
          acks: -1,
          timeout: 2_500,
          messages: sequences.map((sequence) => ({ partition, value: recordValue(id, sequence) })),
        })
        const answer = answers.find((one) => one.topicName === topic && one.partition === partition)
        if (answer === undefined) throw new Error('the answer does not name the partition')
        const baseOffset = Number(answer.baseOffset ?? -1)
        const atMs = Date.now()
        for (const sequence of sequences)
          context.ledger.acknowledge(id, sequence, baseOffset < 0 ? -1 : baseOffset + sequence - base, floor, atMs)
      } catch (error) {
        context.onTrouble('failed', (error as Error).message)
        if (isIdempotent && !isStopping) {
          // Its sequence numbers are in doubt now; these records are never sent again.
          context.onTrouble('replaced', (error as Error).message)
          producer = await create().catch(() => producer)
        }
      }
      await pause(loopMs)
    }
  }
  const loops = Promise.all(context.streams.map(loop))
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
