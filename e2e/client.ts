/** An ordinary Kafka client beside the window: kafkajs, which knows nothing of the workbench but the address that the window shows. */
import { type Admin, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'

export interface OrdinaryClient {
  readonly admin: Admin
  readonly producer: Producer
  disconnect(): Promise<void>
}

export async function connectClient(bootstrap: string): Promise<OrdinaryClient> {
  const kafka = new Kafka({
    clientId: 'an-ordinary-client',
    brokers: bootstrap.split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2_000,
    requestTimeout: 8_000,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 60 },
  })
  const admin = kafka.admin()
  const producer = kafka.producer({ allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner })
  await admin.connect()
  await producer.connect()
  return {
    admin,
    producer,
    async disconnect() {
      await Promise.all([admin.disconnect(), producer.disconnect()])
    },
  }
}
