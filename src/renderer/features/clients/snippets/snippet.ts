/** What a snippet is made from, and what it is. Pure; each language has a file of its own. */
import type { ClientAccess } from '../../../../shared/model/clients'

export interface SnippetInput {
  readonly access: ClientAccess
  readonly topic: string
  readonly group: string
}

export interface SnippetFile {
  /** What it is saved as: `produce.py`. */
  readonly name: string
  readonly text: string
}

export interface Snippet {
  readonly id: string
  /** `Python, confluent-kafka`. */
  readonly label: string
  /** What installs the library. */
  readonly install: string
  /** How the files are run. */
  readonly run: string
  readonly produce: SnippetFile
  readonly consume: SnippetFile
  /** What cannot be written for these settings, in a sentence. */
  readonly note: string | null
}

export const hasSasl = ({ security }: ClientAccess): boolean => security.saslMechanism !== null
export const hasTls = ({ security }: ClientAccess): boolean => security.protocol.endsWith('SSL')
export const isSecured = (access: ClientAccess): boolean => hasSasl(access) || hasTls(access)

/** A string as JavaScript, Java, Go, C# and Python all read it. */
export const quoted = (text: string): string => JSON.stringify(text)
/** As a shell takes it, whatever is in it. */
export const shellQuoted = (text: string): string => (/^[\w./:,=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)

/** Settings as librdkafka calls them, in order. */
export function librdkafkaSettings({ access }: Pick<SnippetInput, 'access'>): readonly (readonly [string, string])[] {
  const { security } = access
  const settings: [string, string][] = [['bootstrap.servers', access.bootstrapServers]]
  if (!isSecured(access)) return settings
  settings.push(['security.protocol', security.protocol])
  if (security.saslMechanism !== null) {
    settings.push(
      ['sasl.mechanism', security.saslMechanism],
      ['sasl.username', security.username ?? ''],
      ['sasl.password', security.password ?? ''],
    )
  }
  if (security.authorityFile !== null) settings.push(['ssl.ca.location', security.authorityFile])
  if (security.certificateFile !== null && security.keyFile !== null)
    settings.push(['ssl.certificate.location', security.certificateFile], ['ssl.key.location', security.keyFile])
  return settings
}

/** Settings as Kafka's own (Java) clients call them, in order. Trust in PEM since Kafka 2.7 (KIP-651). */
export function javaSettings({ access }: Pick<SnippetInput, 'access'>): readonly (readonly [string, string])[] {
  const { security } = access
  const settings: [string, string][] = [['bootstrap.servers', access.bootstrapServers]]
  if (!isSecured(access)) return settings
  settings.push(['security.protocol', security.protocol])
  if (security.saslMechanism !== null) {
    const login =
      security.saslMechanism === 'PLAIN'
        ? 'org.apache.kafka.common.security.plain.PlainLoginModule'
        : 'org.apache.kafka.common.security.scram.ScramLoginModule'
    const inQuotes = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
    settings.push(
      ['sasl.mechanism', security.saslMechanism],
      [
        'sasl.jaas.config',
        `${login} required username="${inQuotes(security.username ?? '')}" password="${inQuotes(security.password ?? '')}";`,
      ],
    )
  }
  if (security.authorityFile !== null)
    settings.push(['ssl.truststore.type', 'PEM'], ['ssl.truststore.location', security.authorityFile])
  return settings
}

export const certificateNote = ({ access }: SnippetInput, how: string): string | null =>
  access.security.certificateFile === null
    ? null
    : `Brokers may ask for a certificate: ${access.security.certificateFile}. ${how}`
