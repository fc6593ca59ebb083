/** The topic of a registry with thousands of subjects, written at once. For the benches of the registry and of the studio over it. */
import { Kafka, logLevel } from 'kafkajs'
import { encodeRecord } from '../src/engine/schemas/registry/records'

export const versionsPerSubject = 3
const batchRecords = 1_000

function schemaOf(subject: number, version: number): string {
  const fields = Array.from({ length: 8 + version }, (_, index) => ({
    name: `field${index}`,
    type: ['null', 'string'],
    default: null,
  }))
  return JSON.stringify({ type: 'record', name: `Event${subject}`, namespace: 'bench', fields })
}

/** Through Kafka's protocol, as an import from elsewhere would. The topic may be there already. */
export async function fillSchemasTopic(bootstrapServers: string, subjectCount: number): Promise<void> {
  const kafka = new Kafka({ clientId: 'bench', brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const configEntries = [{ name: 'cleanup.policy', value: 'compact' }]
  await admin.createTopics({ topics: [{ topic: '_schemas', numPartitions: 1, replicationFactor: 3, configEntries }] })
  await admin.disconnect()
  const producer = kafka.producer()
  await producer.connect()
  let messages: { key: Buffer; value: Buffer | null }[] = []
  const send = async () => {
    await producer.send({ topic: '_schemas', acks: -1, messages })
    messages = []
  }
  for (let subject = 0; subject < subjectCount; subject++) {
    for (let version = 1; version <= versionsPerSubject; version++) {
      const name = `bench-${String(subject).padStart(5, '0')}-value`
      const value = {
        subject: name,
        version,
        id: subject * versionsPerSubject + version,
        schemaType: 'AVRO' as const,
        references: [],
        metadata: null,
        ruleSet: null,
        schema: schemaOf(subject, version),
        deleted: false,
      }
      messages.push(encodeRecord({ kind: 'schema', subject: name, version, value }))
      if (messages.length === batchRecords) await send()
    }
  }
  if (messages.length > 0) await send()
  await producer.disconnect()
}
