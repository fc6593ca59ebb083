/** Go: franz-go. */
import { hasSasl, hasTls, quoted, type Snippet, type SnippetInput } from './snippet'

export function go(input: SnippetInput): Snippet {
  const { topic, group, access } = input
  const { security } = access
  const scram = security.saslMechanism?.startsWith('SCRAM') ?? false
  const sasl = !hasSasl(access)
    ? ''
    : scram
      ? `\t\tkgo.SASL(scram.Auth{User: ${quoted(security.username ?? '')}, Pass: ${quoted(security.password ?? '')}}.${security.saslMechanism === 'SCRAM-SHA-512' ? 'AsSha512Mechanism' : 'AsSha256Mechanism'}()),\n`
      : `\t\tkgo.SASL(plain.Auth{User: ${quoted(security.username ?? '')}, Pass: ${quoted(security.password ?? '')}}.AsMechanism()),\n`
  const trust = hasTls(access)
    ? `\tpem, err := os.ReadFile(${quoted(security.authorityFile ?? '')})
	if err != nil {
		panic(err)
	}
	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(pem)
${security.certificateFile === null ? '' : `\tcertificate, err := tls.LoadX509KeyPair(${quoted(security.certificateFile)}, ${quoted(security.keyFile ?? '')})\n\tif err != nil {\n\t\tpanic(err)\n\t}\n`}`
    : ''
  const dial = hasTls(access)
    ? `\t\tkgo.DialTLSConfig(&tls.Config{RootCAs: authorities${security.certificateFile === null ? '' : ', Certificates: []tls.Certificate{certificate}'}}),\n`
    : ''
  const imports = (extra: readonly string[]) =>
    [
      ...['context', 'fmt', 'strings', ...extra, ...(hasTls(access) ? ['crypto/tls', 'crypto/x509', 'os'] : [])]
        .sort()
        .map((each) => `\t${quoted(each)}`),
      '',
      '\t"github.com/twmb/franz-go/pkg/kgo"',
      ...(hasSasl(access) ? [`\t"github.com/twmb/franz-go/pkg/sasl/${scram ? 'scram' : 'plain'}"`] : []),
    ].join('\n')
  const head = (extra: readonly string[], options: string) => `package main

import (
${imports(extra)}
)

func main() {
${trust}	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(${quoted(access.bootstrapServers)}, ",")...),
${sasl}${dial}${options}	)
	if err != nil {
		panic(err)
	}
	defer client.Close()
`
  return {
    id: 'go',
    label: 'Go, franz-go',
    install: 'go get github.com/twmb/franz-go',
    run: 'go run produce.go',
    note:
      access.registryUrl === null
        ? null
        : `For schemas: go get github.com/twmb/franz-go/pkg/sr, sr.NewClient(sr.URLs("${access.registryUrl}")).`,
    produce: {
      name: 'produce.go',
      text: `${head([], '')}
	record := &kgo.Record{Topic: ${quoted(topic)}, Key: []byte("key-1"), Value: []byte("hello")}
	if err := client.ProduceSync(context.Background(), record).FirstErr(); err != nil {
		panic(err)
	}
	fmt.Printf("%s-%d at offset %d\\n", record.Topic, record.Partition, record.Offset)
}
`,
    },
    consume: {
      name: 'consume.go',
      text: `${head([], `\t\tkgo.ConsumerGroup(${quoted(group)}),\n\t\tkgo.ConsumeTopics(${quoted(topic)}),\n\t\tkgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),\n`)}
	for {
		fetches := client.PollFetches(context.Background())
		if errs := fetches.Errors(); len(errs) > 0 {
			panic(errs[0].Err)
		}
		fetches.EachRecord(func(record *kgo.Record) {
			fmt.Println(record.Partition, record.Offset, string(record.Key), string(record.Value))
		})
	}
}
`,
    },
  }
}
