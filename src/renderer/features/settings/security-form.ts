/** The form of the security settings: what is ticked and typed, as what the brokers are told, and in words what switching changes. Pure. */
import type { SaslMechanism, SecurityWishes } from '../../../shared/model/security'

export interface SecurityForm {
  usesTls: boolean
  usesSasl: boolean
  mechanisms: SaslMechanism[]
  users: { name: string; password: string; isSuper: boolean }[]
  clientCertificates: SecurityWishes['clientCertificates']
  usesAcls: boolean
}

export function formOf(wishes: SecurityWishes): SecurityForm {
  return {
    usesTls: wishes.protocol.endsWith('SSL'),
    usesSasl: wishes.protocol.startsWith('SASL'),
    mechanisms: wishes.saslMechanisms.length > 0 ? [...wishes.saslMechanisms] : ['SCRAM-SHA-512'],
    users: wishes.users.map((user) => ({ ...user, isSuper: wishes.superUsers.includes(user.name) })),
    clientCertificates: wishes.clientCertificates,
    usesAcls: wishes.usesAcls,
  }
}

const protocols = {
  plain: { open: 'PLAINTEXT', sasl: 'SASL_PLAINTEXT' },
  tls: { open: 'SSL', sasl: 'SASL_SSL' },
} as const

/** The subject of the certificate that the workspace makes for clients, as the brokers name who shows it. */
const certificateUser = 'User:CN=client,O=Broker Workbench'

/** What the brokers would be told, and why that cannot be, if it cannot. */
export function wishesOf(form: SecurityForm): { readonly wishes: SecurityWishes; readonly problem: string | null } {
  const users = form.usesSasl ? form.users.map(({ name, password }) => ({ name: name.trim(), password })) : []
  const asksCertificates = form.usesTls && form.clientCertificates !== 'none'
  const wishes: SecurityWishes = {
    protocol: protocols[form.usesTls ? 'tls' : 'plain'][form.usesSasl ? 'sasl' : 'open'],
    saslMechanisms: form.usesSasl ? form.mechanisms : [],
    users,
    clientCertificates: form.usesTls ? form.clientCertificates : 'none',
    usesAcls: form.usesAcls,
    superUsers: !form.usesAcls
      ? []
      : form.usesSasl
        ? form.users.filter((user) => user.isSuper).map((user) => user.name.trim())
        : asksCertificates
          ? [certificateUser]
          : ['ANONYMOUS'],
  }
  return { wishes, problem: problemOf(form, wishes) }
}

function problemOf(form: SecurityForm, { users, usesAcls, superUsers }: SecurityWishes): string | null {
  if (form.usesSasl && form.mechanisms.length === 0) return 'Choose one mechanism at least, or nobody can log in.'
  if (form.usesSasl && users.length === 0) return 'Add a user: with SASL nobody can come in without one.'
  const unnamed = users.findIndex(({ name, password }) => name === '' || password === '')
  if (unnamed >= 0) return `User ${unnamed + 1} needs a name and a password.`
  const double = users.find(({ name }, index) => users.findIndex((other) => other.name === name) !== index)
  if (double) return `There are two users ${double.name}.`
  if (usesAcls && superUsers.length === 0)
    return 'Make one user a super user: with ACLs somebody has to be able to make the first one.'
  return null
}

/** What would be different, a sentence each; none where nothing would. */
export function changesOf(now: SecurityWishes, then: SecurityWishes): string[] {
  const sentences: string[] = []
  if (now.protocol !== then.protocol) sentences.push(`Clients connect with ${then.protocol} in place of ${now.protocol}.`)
  if (list(now.saslMechanisms) !== list(then.saslMechanisms) && then.saslMechanisms.length > 0)
    sentences.push(`They log in with ${then.saslMechanisms.join(', ')}.`)
  const before = new Map(now.users.map((user) => [user.name, user.password]))
  const added = then.users.filter((user) => !before.has(user.name)).map((user) => user.name)
  const gone = now.users.filter((user) => !then.users.some((each) => each.name === user.name)).map((user) => user.name)
  const changed = then.users.filter((user) => before.has(user.name) && before.get(user.name) !== user.password)
  if (added.length > 0) sentences.push(`New: ${added.join(', ')}.`)
  if (gone.length > 0) sentences.push(`No longer known with PLAIN: ${gone.join(', ')}.`)
  if (changed.length > 0) sentences.push(`New password: ${changed.map((user) => user.name).join(', ')}.`)
  if (now.clientCertificates !== then.clientCertificates)
    sentences.push(
      {
        none: 'Certificates of clients are not asked for.',
        requested: 'A client may show a certificate.',
        required: 'A client has to show a certificate.',
      }[then.clientCertificates],
    )
  if (now.usesAcls !== then.usesAcls)
    sentences.push(
      then.usesAcls ? 'ACLs count: what no ACL permits is refused.' : 'ACLs do not count any more: everybody may everything.',
    )
  if (list(now.superUsers) !== list(then.superUsers) && then.superUsers.length > 0)
    sentences.push(`Super users: ${then.superUsers.join(', ')}.`)
  return sentences
}

const list = (names: readonly string[]): string => [...names].sort().join(',')
