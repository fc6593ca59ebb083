/** Java: Kafka's own client. */
import { certificateNote, javaSettings, quoted, type Snippet, type SnippetInput } from './snippet'

export function java(input: SnippetInput): Snippet {
  const { topic, group, access } = input
  const puts = (extra: readonly (readonly [string, string])[]) =>
    [...javaSettings(input), ...extra]
      .map(([name, value]) => `        settings.put(${quoted(name)}, ${quoted(value)});`)
      .join('\n')
  const serializer = 'org.apache.kafka.common.serialization.StringSerializer'
  const deserializer = 'org.apache.kafka.common.serialization.StringDeserializer'
  const registry =
    access.registryUrl === null
      ? ''
      : `        // With schemas: io.confluent:kafka-avro-serializer, and "schema.registry.url" = ${quoted(access.registryUrl)}\n`
  return {
    id: 'java',
    label: 'Java, kafka-clients',
    install: 'implementation("org.apache.kafka:kafka-clients:3.9.1")  // Gradle',
    run: 'java --class-path "libs/*" Produce.java',
    note: certificateNote(
      input,
      'Put it and its key into ssl.keystore.certificate.chain and ssl.keystore.key with ssl.keystore.type=PEM.',
    ),
    produce: {
      name: 'Produce.java',
      text: `import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

public class Produce {
    public static void main(String[] arguments) throws Exception {
        Properties settings = new Properties();
${puts([
  ['acks', 'all'],
  ['key.serializer', serializer],
  ['value.serializer', serializer],
])}
${registry}
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings)) {
            var written = producer.send(new ProducerRecord<>(${quoted(topic)}, "key-1", "hello")).get();
            System.out.println(written.topic() + "-" + written.partition() + " at offset " + written.offset());
        }
    }
}
`,
    },
    consume: {
      name: 'Consume.java',
      text: `import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;

public class Consume {
    public static void main(String[] arguments) {
        Properties settings = new Properties();
${puts([
  ['group.id', group],
  ['auto.offset.reset', 'earliest'],
  ['key.deserializer', deserializer],
  ['value.deserializer', deserializer],
])}
${registry}
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings)) {
            consumer.subscribe(List.of(${quoted(topic)}));
            while (true) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    System.out.println(record.partition() + " " + record.offset() + " " + record.key() + " " + record.value());
                }
            }
        }
    }
}
`,
    },
  }
}
