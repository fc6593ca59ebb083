/** The command line: kcat, and Kafka's own tools. */
import {
  certificateNote,
  isSecured,
  javaSettings,
  librdkafkaSettings,
  type Snippet,
  type SnippetInput,
  shellQuoted,
} from './snippet'

export function kcat(input: SnippetInput): Snippet {
  const { topic, group, access } = input
  const [, ...security] = librdkafkaSettings(input)
  const options = [
    `-b ${shellQuoted(access.bootstrapServers)}`,
    ...security.map(([name, value]) => `-X ${shellQuoted(`${name}=${value}`)}`),
  ].join(' \\\n  ')
  const registry =
    access.registryUrl === null ? '' : `\n# Avro by its schema: add  -r ${shellQuoted(access.registryUrl)} -s value=avro\n`
  return {
    id: 'kcat',
    label: 'kcat',
    install: 'apt install kcat    # or: brew install kcat',
    run: 'sh produce.sh',
    note: null,
    produce: {
      name: 'produce.sh',
      text: `printf 'key-1:hello\\n' | kcat ${options} \\\n  -P -t ${shellQuoted(topic)} -K : -X acks=all\n`,
    },
    consume: {
      name: 'consume.sh',
      text: `# One reader of all partitions, from the beginning to the end there is now.
kcat ${options} \\
  -C -t ${shellQuoted(topic)} -o beginning -e -f '%p %o %k %s\\n'

# As a member of a group, until Ctrl C.
kcat ${options} \\
  -G ${shellQuoted(group)} -X auto.offset.reset=earliest ${shellQuoted(topic)}
${registry}`,
    },
  }
}

export function kafkaTools(input: SnippetInput): Snippet {
  const { topic, group, access } = input
  const settings = javaSettings(input)
    .filter(([name]) => name !== 'bootstrap.servers')
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')
  const file = isSecured(access) ? `cat > client.properties <<'SETTINGS'\n${settings}\nSETTINGS\n` : ''
  const producer = isSecured(access) ? ' \\\n  --producer.config client.properties' : ''
  const consumer = isSecured(access) ? ' \\\n  --consumer.config client.properties' : ''
  return {
    id: 'kafka-tools',
    label: 'Kafka\u2019s console tools',
    install: 'https://kafka.apache.org/downloads, then its bin folder in PATH',
    run: 'sh produce.sh',
    note: certificateNote(
      input,
      'Put it and its key into ssl.keystore.certificate.chain and ssl.keystore.key with ssl.keystore.type=PEM.',
    ),
    produce: {
      name: 'produce.sh',
      text: `${file}echo 'key-1:hello' | kafka-console-producer.sh --bootstrap-server ${shellQuoted(access.bootstrapServers)}${producer} \\
  --topic ${shellQuoted(topic)} --property parse.key=true --property key.separator=:
`,
    },
    consume: {
      name: 'consume.sh',
      text: `${file}kafka-console-consumer.sh --bootstrap-server ${shellQuoted(access.bootstrapServers)}${consumer} \\
  --topic ${shellQuoted(topic)} --group ${shellQuoted(group)} --from-beginning \\
  --property print.partition=true --property print.offset=true --property print.key=true
`,
    },
  }
}
