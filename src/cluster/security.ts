/**
 * Security of a cluster that was asked for: what each broker is told of it, and the files in `security/` of the workspace that clients need. The
 * workspace's authority is made once and stays, so that who trusts it need not be told anew; the brokers' certificate is renewed when it must be.
 * Used by the host at each start. Whether somebody asks for it is no part of the workspace: it is said at each start, as ports are.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BrokerSecurity,
  createAuthority,
  interBrokerSecurity,
  isCertificateGood,
  isSaslMechanism,
  isServerCertificateGood,
  issueClientCertificate,
  issueServerCertificate,
  type KeyAndCertificate,
  type SaslCredentials,
} from '../engine'
import { WorkbenchError } from '../shared/ipc/errors'
import { type ClusterSecurity, defaultHost } from './options'

/** What a client has to be given, as paths. */
export interface SecurityFiles {
  /** The authority that signed the brokers' certificates, in PEM. */
  readonly authorityFile: string
  /** A certificate and its key for a client, where brokers ask for one. */
  readonly clientCertificateFile: string | null
  readonly clientKeyFile: string | null
}

const CLIENT_NAME = 'client'
const SECRET_BYTES = 24

export class SecuritySetup {
  readonly files: SecurityFiles | null
  readonly configs: Readonly<Record<string, string>>
  private readonly tls: Required<Pick<BrokerSecurity, 'tls'>> | Record<string, never>
  /** Of this run: brokers are started by nobody else. */
  private readonly secret = randomBytes(SECRET_BYTES).toString('base64')

  /** Throws where the wishes contradict each other, or the files cannot be made. `nowMs` is the wall clock's. */
  constructor(
    private readonly wishes: ClusterSecurity,
    directory: string,
    nowMs: number,
  ) {
    const problem = whyImpossible(wishes)
    if (problem !== null) throw new WorkbenchError('expected', 'SECURITY_SETTINGS', problem)
    const { protocol, saslMechanisms, clientCertificates = 'none', usesAcls = false, superUsers = [] } = wishes
    this.configs = {
      ...(saslMechanisms === undefined ? {} : { 'sasl.enabled.mechanisms': saslMechanisms.join(',') }),
      ...(usesAcls ? { 'authorizer.class.name': 'kafka.security.authorizer.AclAuthorizer' } : {}),
      ...(superUsers.length === 0 ? {} : { 'super.users': superUsers.map(principalOf).join(';') }),
      'ssl.client.auth': clientCertificates,
    }
    if (!protocol.endsWith('SSL')) {
      this.files = null
      this.tls = {}
      return
    }
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const authority = openPair(directory, 'ca', () =>
      createAuthority(`Authority of a workspace, ${new Date(nowMs).toISOString().slice(0, 10)}`, nowMs),
    )
    const isGood = ({ certificate }: KeyAndCertificate) => isServerCertificateGood(certificate, authority, [defaultHost], nowMs)
    const server = openPair(directory, 'broker', () => issueServerCertificate(authority, 'broker', [defaultHost], nowMs), isGood)
    const asksClients = clientCertificates !== 'none'
    if (asksClients)
      openPair(
        directory,
        CLIENT_NAME,
        () => issueClientCertificate(authority, CLIENT_NAME, nowMs),
        ({ certificate }) => isCertificateGood(certificate, authority, nowMs),
      )
    this.tls = { tls: { ...server, clientAuthorities: authority.certificate } }
    this.files = {
      authorityFile: certificatePath(directory, 'ca'),
      clientCertificateFile: asksClients ? certificatePath(directory, CLIENT_NAME) : null,
      clientKeyFile: asksClients ? keyPath(directory, CLIENT_NAME) : null,
    }
  }

  /** For a part of the cluster that is no broker and reaches them on their own listener, as one of them. */
  get credentials(): SaslCredentials | null {
    return interBrokerSecurity(this.forBroker(0))?.sasl ?? null
  }

  /** `interBrokerPort`: the broker's own for the others, kept over its restarts. */
  forBroker(interBrokerPort: number): BrokerSecurity {
    const { protocol, users = [] } = this.wishes
    const interBroker = { host: defaultHost, port: interBrokerPort, user: 'broker', password: this.secret }
    return { protocol, users, interBroker, ...this.tls }
  }
}

function whyImpossible({
  protocol,
  saslMechanisms = [],
  users = [],
  clientCertificates = 'none',
  usesAcls = false,
  superUsers = [],
}: ClusterSecurity): string | null {
  const hasSasl = protocol.startsWith('SASL')
  const unknown = saslMechanisms.find((mechanism) => !isSaslMechanism(mechanism))
  if (unknown !== undefined)
    return `There is no SASL mechanism ${unknown} here. There are PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512.`
  if (hasSasl && users.length === 0) return 'With SASL nobody can come in unless there is a user.'
  if (!hasSasl && users.length > 0) return 'Users are of use with SASL only.'
  const unnamed = users.find(({ name, password }) => name === '' || password === '')
  if (unnamed !== undefined) return 'A user has a name and a password, and neither is empty.'
  if (clientCertificates !== 'none' && !protocol.endsWith('SSL')) return 'Brokers can ask for certificates with TLS only.'
  if (usesAcls && superUsers.length === 0) return 'With ACLs somebody has to be a super user, or nobody may make the first ACL.'
  return null
}

/** A name alone is a user's. */
function principalOf(name: string): string {
  return name.startsWith('User:') ? name : `User:${name}`
}

/** The pair that is there, or a new one where there is none that is good. */
function openPair(
  directory: string,
  name: string,
  make: () => KeyAndCertificate,
  isGood: (pair: KeyAndCertificate) => boolean = () => true,
): KeyAndCertificate {
  const [certificateFile, keyFile] = [certificatePath(directory, name), keyPath(directory, name)]
  if (existsSync(certificateFile) && existsSync(keyFile)) {
    const pair = { certificate: readFileSync(certificateFile, 'utf8'), privateKey: readFileSync(keyFile, 'utf8') }
    if (isGood(pair)) return pair
  }
  const pair = make()
  // The key first: a certificate without its key would be taken for a whole pair.
  writeAtOnce(keyFile, pair.privateKey, 0o600)
  writeAtOnce(certificateFile, pair.certificate, 0o644)
  return pair
}

function writeAtOnce(path: string, text: string, mode: number): void {
  writeFileSync(`${path}.tmp`, text, { mode })
  renameSync(`${path}.tmp`, path)
}

function certificatePath(directory: string, name: string): string {
  return join(directory, `${name}.pem`)
}

function keyPath(directory: string, name: string): string {
  return join(directory, `${name}-key.pem`)
}
