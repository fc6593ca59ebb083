/** .NET: Confluent.Kafka, which takes librdkafka's settings by their names. */
import { librdkafkaSettings, quoted, type Snippet, type SnippetInput } from './snippet'

export function dotnet(input: SnippetInput): Snippet {
  const { topic, group, access } = input
  const settings = (extra: readonly (readonly [string, string])[]) =>
    [...librdkafkaSettings(input), ...extra].map(([name, value]) => `    [${quoted(name)}] = ${quoted(value)},`).join('\n')
  return {
    id: 'dotnet',
    label: '.NET, Confluent.Kafka',
    install: 'dotnet add package Confluent.Kafka',
    run: 'dotnet run',
    note:
      access.registryUrl === null
        ? null
        : `For schemas: dotnet add package Confluent.SchemaRegistry, new CachedSchemaRegistryClient(new SchemaRegistryConfig { Url = "${access.registryUrl}" }).`,
    produce: {
      name: 'Program.cs',
      text: `using Confluent.Kafka;

var settings = new ProducerConfig(new Dictionary<string, string>
{
${settings([['acks', 'all']])}
});
using var producer = new ProducerBuilder<string, string>(settings).Build();
var written = await producer.ProduceAsync(${quoted(topic)}, new Message<string, string> { Key = "key-1", Value = "hello" });
Console.WriteLine($"{written.Topic}-{written.Partition.Value} at offset {written.Offset.Value}");
`,
    },
    consume: {
      name: 'Program.cs',
      text: `using Confluent.Kafka;

var settings = new ConsumerConfig(new Dictionary<string, string>
{
${settings([
  ['group.id', group],
  ['auto.offset.reset', 'earliest'],
])}
});
using var consumer = new ConsumerBuilder<string, string>(settings).Build();
consumer.Subscribe(${quoted(topic)});
while (true)
{
    var result = consumer.Consume();
    Console.WriteLine($"{result.Partition.Value} {result.Offset.Value} {result.Message.Key} {result.Message.Value}");
}
`,
    },
  }
}
