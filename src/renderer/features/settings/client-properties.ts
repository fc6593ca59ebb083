/** What a Java client has to be configured with to come in, in its own words; other clients name the same things a little differently. Pure. */
import type { SecurityView } from '../../../shared/model/security'

/** `client.properties` for one user; without SASL the user does not count. */
export function clientProperties(
  { wishes, authorityFile, clientCertificateFile, clientKeyFile }: SecurityView,
  bootstrapServers: string,
  user: { readonly name: string; readonly password: string } | null,
): string {
  const lines = [`bootstrap.servers=${bootstrapServers}`, `security.protocol=${wishes.protocol}`]
  if (wishes.protocol.startsWith('SASL') && user) {
    const mechanism = [...wishes.saslMechanisms].sort((left, right) => strength(right) - strength(left))[0] ?? 'SCRAM-SHA-512'
    const module =
      mechanism === 'PLAIN'
        ? 'org.apache.kafka.common.security.plain.PlainLoginModule'
        : 'org.apache.kafka.common.security.scram.ScramLoginModule'
    lines.push(
      `sasl.mechanism=${mechanism}`,
      `sasl.jaas.config=${module} required username="${escaped(user.name)}" password="${escaped(user.password)}";`,
    )
  }
  if (wishes.protocol.endsWith('SSL') && authorityFile) {
    lines.push('ssl.truststore.type=PEM', `ssl.truststore.location=${path(authorityFile)}`)
    // One file holds both in Java's own reading of PEM; the two are named for whoever puts them together.
    if (clientCertificateFile && clientKeyFile)
      lines.push(`# certificate: ${path(clientCertificateFile)}`, `# its key: ${path(clientKeyFile)}`)
  }
  return `${lines.join('\n')}\n`
}

const strength = (mechanism: string): number => ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'].indexOf(mechanism)

/** Twice: once for the quotes of JAAS, once for the properties file that it stands in. */
const escaped = (text: string): string => text.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll('\\', '\\\\')

/** A backslash begins an escape in a properties file. */
const path = (file: string): string => file.replaceAll('\\', '\\\\')
