/**
 * The certificates of a workspace: an authority of its own, that clients are told to trust, and what it signs for brokers and for clients. In PEM
 * text; whoever keeps it in files is the cluster's host. The authority's key must not leave the workspace: who has it can be any broker to
 * whoever trusts it.
 */
import { createPrivateKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import {
  type CertificateRequest,
  type DistinguishedName,
  encodeName,
  type Issuer,
  signCertificate,
  subjectOf,
  toPem,
} from './certificate'

export interface KeyAndCertificate {
  readonly certificate: string
  readonly privateKey: string
}

const ORGANIZATION = 'Broker Workbench'
const DAY_MS = 86_400_000
/** Clocks that are behind shall take it at once. */
const BACKDATED_MS = DAY_MS
const AUTHORITY_LIFE_MS = 10 * 365 * DAY_MS
/** The longest that every system's own checks accept for a server. */
const CERTIFICATE_LIFE_MS = 825 * DAY_MS
const SERIAL_BYTES = 16
/** By these a broker on this machine is known in any case. */
export const LOOPBACK_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '::1']

/** `name`: so that a person who finds it among the trusted knows what it is. */
export function createAuthority(name: string, nowMs: number): KeyAndCertificate {
  const subject = [
    ['O', ORGANIZATION],
    ['CN', name],
  ] as const
  const { publicKey, privateKey } = newKeys()
  const request = {
    subject,
    publicKey,
    ...lifeOf(nowMs, AUTHORITY_LIFE_MS),
    serial: randomBytes(SERIAL_BYTES),
    kind: 'authority',
  } as const
  return inPem(request, { name: encodeName(subject), privateKey }, privateKey)
}

/** For a broker that clients reach as any of `hosts`, or over loopback. */
export function issueServerCertificate(
  authority: KeyAndCertificate,
  name: string,
  hosts: readonly string[],
  nowMs: number,
): KeyAndCertificate {
  const all = [...new Set([...LOOPBACK_HOSTS, ...hosts])]
  return issue(
    authority,
    [
      ['O', ORGANIZATION],
      ['CN', name],
    ],
    'server',
    nowMs,
    all,
  )
}

/** For a client where brokers ask for certificates: its principal is then `User:CN=<name>,O=Broker Workbench`. */
export function issueClientCertificate(authority: KeyAndCertificate, name: string, nowMs: number): KeyAndCertificate {
  return issue(
    authority,
    [
      ['O', ORGANIZATION],
      ['CN', name],
    ],
    'client',
    nowMs,
    [],
  )
}

/** Whether it is still good in a month's time, and signed by the authority. Anything that cannot be read is not. */
export function isCertificateGood(certificate: string, authority: KeyAndCertificate, nowMs: number): boolean {
  try {
    const read = new X509Certificate(certificate)
    return Date.parse(read.validTo) > nowMs + 30 * DAY_MS && read.verify(new X509Certificate(authority.certificate).publicKey)
  } catch {
    return false
  }
}

/** The same, and for all of these hosts, and loopback. */
export function isServerCertificateGood(
  certificate: string,
  authority: KeyAndCertificate,
  hosts: readonly string[],
  nowMs: number,
): boolean {
  if (!isCertificateGood(certificate, authority, nowMs)) return false
  const read = new X509Certificate(certificate)
  return [...LOOPBACK_HOSTS, ...hosts].every(
    (host) => (isIP(host) === 0 ? read.checkHost(host) : read.checkIP(host)) !== undefined,
  )
}

function issue(
  authority: KeyAndCertificate,
  subject: DistinguishedName,
  kind: 'server' | 'client',
  nowMs: number,
  hosts: readonly string[],
): KeyAndCertificate {
  const { publicKey, privateKey } = newKeys()
  const issuer = {
    name: subjectOf(new X509Certificate(authority.certificate).raw),
    privateKey: createPrivateKey(authority.privateKey),
  }
  const life = lifeOf(nowMs, CERTIFICATE_LIFE_MS)
  return inPem({ subject, publicKey, ...life, serial: randomBytes(SERIAL_BYTES), kind, hosts }, issuer, privateKey)
}

function newKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function lifeOf(nowMs: number, lifeMs: number) {
  return { notBeforeMs: nowMs - BACKDATED_MS, notAfterMs: nowMs - BACKDATED_MS + lifeMs }
}

function inPem(request: CertificateRequest, issuer: Issuer, privateKey: Issuer['privateKey']): KeyAndCertificate {
  return {
    certificate: toPem(signCertificate(request, issuer)),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
