/** Node: kafkajs, and Confluent's client with librdkafka's settings. */
import { hasSasl, hasTls, librdkafkaSettings, quoted, type Snippet, type SnippetInput } from './snippet'

export function nodeKafkajs(input: SnippetInput): Snippet {
  const { topic, group, access } = input
  const { security } = access
  const readsFiles = hasTls(access)
  const settings = [
    `clientId: 'my-app',`,
    `brokers: ${quoted(access.bootstrapServers)}.split(','),`,
    ...(hasSasl(access)
      ? [
          `sasl: { mechanism: ${quoted((security.saslMechanism ?? '').toLowerCase())}, username: ${quoted(security.username ?? '')}, password: ${quoted(security.password ?? '')} },`,
        ]
      : []),
    ...(readsFiles
      ? [
          security.certificateFile === null
            ? `ssl: { ca: [readFileSync(${quoted(security.authorityFile ?? '')})] },`
            : `ssl: { ca: [readFileSync(${quoted(security.authorityFile ?? '')})], cert: readFileSync(${quoted(security.certificateFile)}), key: readFileSync(${quoted(security.keyFile ?? '')}) },`,
        ]
      : []),
  ]
    .map((line) => `  ${line}`)
    .join('\n')
  const head = `${readsFiles ? "import { readFileSync } from 'node:fs'\n" : ''}import { Kafka } from 'kafkajs'

const kafka = new Kafka({
${settings}
})
`
  return {
    id: 'node-kafkajs',
    label: 'Node, kafkajs',
    install: 'npm install kafkajs',
    run: 'node produce.mjs',
    note:
      access.registryUrl === null
        ? null
        : `For schemas: npm install @kafkajs/confluent-schema-registry, new SchemaRegistry({ host: '${access.registryUrl}' }).`,
    produce: {
      name: 'produce.mjs',
      text: `${head}
const producer = kafka.producer()
await producer.connect()
const [written] = await producer.send({
  topic: ${quoted(topic)},
  acks: -1,
  messages: [{ key: 'key-1', value: 'hello' }],
})
console.log(\`\${written.topicName}-\${written.partition} at offset \${written.baseOffset}\`)
await producer.disconnect()
`,
    },
    consume: {
      name: 'consume.mjs',
      text: `${head}
const consumer = kafka.consumer({ groupId: ${quoted(group)} })
await consumer.connect()
await consumer.subscribe({ topic: ${quoted(topic)}, fromBeginning: true })
await consumer.run({
  eachMessage: async ({ partition, message }) => {
    console.log(partition, message.offset, message.key?.toString(), message.value?.toString())
  },
})
process.once('SIGINT', () => consumer.disconnect())
`,
    },
  }
}

export function nodeConfluent(input: SnippetInput): Snippet {
  const { topic, group, access } = input
  const settings = (extra: readonly (readonly [string, string])[] = []) =>
    [...librdkafkaSettings(input), ...extra].map(([name, value]) => `  ${quoted(name)}: ${quoted(value)},`).join('\n')
  const head = `import { KafkaJS } from '@confluentinc/kafka-javascript'
`
  return {
    id: 'node-confluent',
    label: 'Node, @confluentinc/kafka-javascript',
    install: 'npm install @confluentinc/kafka-javascript',
    run: 'node produce.mjs',
    note:
      access.registryUrl === null
        ? null
        : `For schemas: npm install @confluentinc/schemaregistry, new SchemaRegistryClient({ baseURLs: ['${access.registryUrl}'] }).`,
    produce: {
      name: 'produce.mjs',
      text: `${head}
const producer = new KafkaJS.Kafka({}).producer({
${settings([['acks', 'all']])}
})
await producer.connect()
const [written] = await producer.send({ topic: ${quoted(topic)}, messages: [{ key: 'key-1', value: 'hello' }] })
console.log(\`\${written.topicName}-\${written.partition} at offset \${written.baseOffset}\`)
await producer.disconnect()
`,
    },
    consume: {
      name: 'consume.mjs',
      text: `${head}
const consumer = new KafkaJS.Kafka({}).consumer({
${settings([
  ['group.id', group],
  ['auto.offset.reset', 'earliest'],
])}
})
await consumer.connect()
await consumer.subscribe({ topic: ${quoted(topic)} })
await consumer.run({
  eachMessage: async ({ partition, message }) => {
    console.log(partition, message.offset, message.key?.toString(), message.value?.toString())
  },
})
process.once('SIGINT', () => consumer.disconnect())
`,
    },
  }
}
