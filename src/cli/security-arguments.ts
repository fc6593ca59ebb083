/** The part of `serve`'s command line that says what clients have to prove and what they may. What contradicts itself there the host says. */
import type { ClusterSecurity } from '../cluster'
import { err, ok, type Result } from '../shared/lang/result'

export interface SecurityValues {
  readonly sasl?: string | undefined
  readonly user?: readonly string[] | undefined
  readonly tls?: boolean | undefined
  readonly 'client-certificates'?: string | undefined
  readonly acls?: boolean | undefined
  readonly 'super-user'?: readonly string[] | undefined
}

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']
const CLIENT_CERTIFICATES = ['requested', 'required'] as const

/** Null where nothing of it was asked for. */
export function securityArguments(values: SecurityValues): Result<ClusterSecurity | null, string> {
  const { sasl, user = [], tls = false, acls = false } = values
  const superUsers = values['super-user'] ?? []
  const clientCertificates = CLIENT_CERTIFICATES.find((known) => known === values['client-certificates'])
  if (values['client-certificates'] !== undefined && clientCertificates === undefined)
    return err(`--client-certificates is requested or required, not '${values['client-certificates']}'`)
  if (clientCertificates !== undefined && !tls) return err('--client-certificates needs --tls')
  if (user.length > 0 && sasl === undefined) return err('--user needs --sasl')
  if (sasl !== undefined && user.length === 0) return err('--sasl needs a --user NAME:PASSWORD')
  if (acls && superUsers.length === 0) return err('--acls needs a --super-user, who makes the first ACL')
  if (!acls && superUsers.length > 0) return err('--super-user needs --acls')
  const saslMechanisms = sasl === undefined ? undefined : mechanismsOf(sasl)
  const unknown = saslMechanisms?.find((mechanism) => !MECHANISMS.includes(mechanism))
  if (unknown !== undefined) return err(`--sasl knows ${MECHANISMS.join(', ')} and all, not '${unknown}'`)
  const users: { name: string; password: string }[] = []
  for (const text of user) {
    const at = text.indexOf(':')
    if (at <= 0 || at === text.length - 1) return err('--user takes NAME:PASSWORD')
    if (users.some(({ name }) => name === text.slice(0, at))) return err(`--user names ${text.slice(0, at)} twice`)
    users.push({ name: text.slice(0, at), password: text.slice(at + 1) })
  }
  if (sasl === undefined && !tls && !acls) return ok(null)
  return ok({
    protocol: sasl === undefined ? (tls ? 'SSL' : 'PLAINTEXT') : tls ? 'SASL_SSL' : 'SASL_PLAINTEXT',
    ...(saslMechanisms === undefined ? {} : { saslMechanisms, users }),
    ...(clientCertificates === undefined ? {} : { clientCertificates }),
    usesAcls: acls,
    superUsers,
  })
}

function mechanismsOf(sasl: string): string[] {
  return sasl === 'all' ? MECHANISMS : sasl.split(',').map((name) => name.trim())
}
