/** Python: confluent-kafka and kafka-python. */
import { hasSasl, hasTls, isSecured, librdkafkaSettings, quoted, type Snippet, type SnippetInput } from './snippet'

export function pythonConfluent(input: SnippetInput): Snippet {
  const { topic, group, access } = input
  const settings = (extra: readonly (readonly [string, string])[] = []) =>
    [...librdkafkaSettings(input), ...extra].map(([name, value]) => `    ${quoted(name)}: ${quoted(value)},`).join('\n')
  const registry =
    access.registryUrl === null
      ? ''
      : `# Schemas: SchemaRegistryClient({"url": ${quoted(access.registryUrl)}}) from confluent_kafka.schema_registry\n`
  return {
    id: 'python-confluent',
    label: 'Python, confluent-kafka',
    install: 'pip install confluent-kafka',
    run: 'python produce.py',
    note: null,
    produce: {
      name: 'produce.py',
      text: `from confluent_kafka import Producer

${registry}producer = Producer({
${settings([['acks', 'all']])}
})

def delivered(error, message):
    if error is not None:
        raise SystemExit(f"not written: {error}")
    print(f"{message.topic()}-{message.partition()} at offset {message.offset()}")

producer.produce(${quoted(topic)}, key="key-1", value="hello", on_delivery=delivered)
producer.flush(10)
`,
    },
    consume: {
      name: 'consume.py',
      text: `from confluent_kafka import Consumer, KafkaException

${registry}consumer = Consumer({
${settings([
  ['group.id', group],
  ['auto.offset.reset', 'earliest'],
])}
})
consumer.subscribe([${quoted(topic)}])
try:
    while True:
        message = consumer.poll(1.0)
        if message is None:
            continue
        if message.error():
            raise KafkaException(message.error())
        print(message.partition(), message.offset(), message.key(), message.value())
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
`,
    },
  }
}

export function pythonKafka(input: SnippetInput): Snippet {
  const { topic, group, access } = input
  const { security } = access
  const settings = [
    `bootstrap_servers=${quoted(access.bootstrapServers)}.split(","),`,
    ...(isSecured(access) ? [`security_protocol=${quoted(security.protocol)},`] : []),
    ...(hasSasl(access)
      ? [
          `sasl_mechanism=${quoted(security.saslMechanism ?? '')},`,
          `sasl_plain_username=${quoted(security.username ?? '')},`,
          `sasl_plain_password=${quoted(security.password ?? '')},`,
        ]
      : []),
    ...(hasTls(access) ? [`ssl_cafile=${quoted(security.authorityFile ?? '')},`] : []),
    ...(security.certificateFile === null
      ? []
      : [`ssl_certfile=${quoted(security.certificateFile)},`, `ssl_keyfile=${quoted(security.keyFile ?? '')},`]),
  ]
    .map((line) => `    ${line}`)
    .join('\n')
  return {
    id: 'python-kafka',
    label: 'Python, kafka-python',
    install: 'pip install kafka-python',
    run: 'python produce.py',
    note: null,
    produce: {
      name: 'produce.py',
      text: `from kafka import KafkaProducer

producer = KafkaProducer(
${settings}
    acks="all",
)
written = producer.send(${quoted(topic)}, key=b"key-1", value=b"hello").get(timeout=10)
print(f"{written.topic}-{written.partition} at offset {written.offset}")
producer.close()
`,
    },
    consume: {
      name: 'consume.py',
      text: `from kafka import KafkaConsumer

consumer = KafkaConsumer(
    ${quoted(topic)},
${settings}
    group_id=${quoted(group)},
    auto_offset_reset="earliest",
)
try:
    for message in consumer:
        print(message.partition, message.offset, message.key, message.value)
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
`,
    },
  }
}
