/** The topics that node-rdkafka's maker creates by hand before his specs run. */
import { Kafka, logLevel } from 'kafkajs'

export async function createTopics(bootstrapServers: string, names: readonly string[]): Promise<void> {
  const admin = new Kafka({ brokers: bootstrapServers.split(','), logLevel: logLevel.ERROR }).admin()
  await admin.connect()
  try {
    const topics = names.map((topic) => ({ topic, numPartitions: 1, replicationFactor: 1 }))
    await admin.createTopics({ topics, waitForLeaders: true })
  } finally {
    await admin.disconnect()
  }
}
