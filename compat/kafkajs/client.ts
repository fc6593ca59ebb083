/** kafkajs as the checks and the codec matrix use it: connections that are closed whatever happens, and reading until so many messages have come. */
import {
  type Admin,
  type Consumer,
  type ConsumerConfig,
  Kafka,
  type KafkaMessage,
  logLevel,
  type Producer,
  type ProducerConfig,
} from 'kafkajs'

export type ReadMessage = KafkaMessage & {
  readonly partition: number
}

const readLimitMs = 60_000
let topicCount = 0

export const unique = (prefix: string): string => `${prefix}-${process.pid}-${++topicCount}`

export class Client {
  readonly kafka: Kafka

  constructor(bootstrap: string) {
    this.kafka = new Kafka({
      clientId: 'compat',
      brokers: bootstrap.split(','),
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 20 },
    })
  }

  withAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
    return connected(this.kafka.admin(), use)
  }

  withProducer<T>(use: (producer: Producer) => Promise<T>, config: ProducerConfig = {}): Promise<T> {
    return connected(this.kafka.producer({ allowAutoTopicCreation: false, ...config }), use)
  }

  withConsumer<T>(use: (consumer: Consumer) => Promise<T>, config: Partial<ConsumerConfig> = {}): Promise<T> {
    return connected(this.kafka.consumer({ groupId: unique('group'), heartbeatInterval: 300, ...config }), use)
  }

  async create(topic: string, partitions = 1, config: Readonly<Record<string, string>> = {}, replicas = 3): Promise<string> {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
    const topics = [{ topic, numPartitions: partitions, replicationFactor: replicas, configEntries }]
    await this.withAdmin((admin) => admin.createTopics({ waitForLeaders: true, topics }))
    return topic
  }

  /** The first messages of a topic, as a group of its own reads them from the beginning; in each partition's order. */
  read(topic: string, count: number, config: Partial<ConsumerConfig> = {}): Promise<ReadMessage[]> {
    return this.withConsumer(async (consumer) => {
      await consumer.subscribe({ topics: [topic], fromBeginning: true })
      return take(consumer, count)
    }, config)
  }
}

/** Runs a subscribed consumer until so many messages have come. */
export async function take(consumer: Consumer, count: number, onRun: () => void = () => undefined): Promise<ReadMessage[]> {
  const messages: ReadMessage[] = []
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${messages.length} of ${count} messages read`)), readLimitMs)
    const stop = consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) reject(payload.error)
    })
    consumer
      .run({
        eachMessage: async ({ partition, message }) => {
          if (messages.length < count) messages.push({ ...message, partition })
          if (messages.length < count) return
          clearTimeout(timer)
          stop()
          resolve(messages)
        },
      })
      .then(onRun, reject)
  })
}

async function connected<C extends { connect(): Promise<void>; disconnect(): Promise<void> }, T>(
  client: C,
  use: (client: C) => Promise<T>,
): Promise<T> {
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.disconnect()
  }
}

/** The `type` of the protocol error that an action ends with; 'none' where it ends well, the message where it is another error. */
export async function errorOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action()
    return 'none'
  } catch (error) {
    return typeOf(error)
  }
}

function typeOf(error: unknown): string {
  const { type, message, cause, errors, groups } = error as {
    type?: string
    message: string
    cause?: unknown
    errors?: unknown[]
    groups?: { error?: unknown }[]
  }
  if (type !== undefined) return type
  const inner = errors?.[0] ?? groups?.[0]?.error
  if (inner !== undefined) return typeOf(inner)
  return cause === undefined ? message : typeOf(cause)
}
