/**
 * X.509 certificates (RFC 5280), made because Node can read and check them but not write them. ECDSA with P-256 and SHA-256 throughout: what every
 * client of Kafka understands, and quick to make. Takes its time from its caller and its randomness from node:crypto, for keys have to be
 * real; so it is for the host of a cluster, never for the simulator.
 */
import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { isIP } from 'node:net'
import * as der from './der'

/** In the order in which it is written, the most general first: `[['O', 'Example'], ['CN', 'alice']]`. */
export type DistinguishedName = readonly (readonly [attribute: 'O' | 'OU' | 'CN', value: string])[]

export interface CertificateRequest {
  readonly subject: DistinguishedName
  readonly publicKey: KeyObject
  /** Random: no two certificates of one authority may have the same. */
  readonly serial: Uint8Array
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly kind: 'authority' | 'server' | 'client'
  /** Of a server: names and addresses by which clients know it. */
  readonly hosts?: readonly string[]
}

export interface Issuer {
  /** The subject of its own certificate, in DER. */
  readonly name: Buffer
  readonly privateKey: KeyObject
}

const ATTRIBUTES = { O: '2.5.4.10', OU: '2.5.4.11', CN: '2.5.4.3' } as const
const ECDSA_WITH_SHA256 = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'))
const VERSION_3 = 2
const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1'
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2'
/** GeneralName's numbers. */
const DNS_NAME = 2
const IP_ADDRESS = 7

export function encodeName(name: DistinguishedName): Buffer {
  return der.sequence(
    ...name.map(([attribute, value]) =>
      der.setOfOne(der.sequence(der.objectIdentifier(ATTRIBUTES[attribute]), der.utf8String(value))),
    ),
  )
}

/** The certificate in DER. */
export function signCertificate(request: CertificateRequest, issuer: Issuer): Buffer {
  const { subject, publicKey, serial, notBeforeMs, notAfterMs } = request
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(VERSION_3)),
    der.integer(positive(serial)),
    ECDSA_WITH_SHA256,
    issuer.name,
    der.sequence(der.time(notBeforeMs), der.time(notAfterMs)),
    encodeName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, der.sequence(...extensionsOf(request, issuer))),
  )
  const signature = sign('sha256', toBeSigned, issuer.privateKey)
  return der.sequence(toBeSigned, ECDSA_WITH_SHA256, der.bitString(signature))
}

/** The subject of a certificate as it stands in it, for signing in its name. Throws RangeError for what is none. */
export function subjectOf(certificate: Buffer): Buffer {
  const [toBeSigned] = der.elementsOf(der.elementsOf(certificate)[0]?.content ?? Buffer.alloc(0))
  // Version, serial number, algorithm, issuer, validity, subject.
  const subject = der.elementsOf(toBeSigned?.content ?? Buffer.alloc(0))[5]
  if (subject === undefined) throw new RangeError('not a certificate')
  return subject.whole
}

export function toPem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function extensionsOf(request: CertificateRequest, issuer: Issuer): Buffer[] {
  const isAuthority = request.kind === 'authority'
  const issuerKey = createPublicKey(issuer.privateKey)
  const extensions = [
    extension(EXTENSION.basicConstraints, true, isAuthority ? der.sequence(der.boolean(true)) : der.sequence()),
    // keyCertSign and cRLSign, or digitalSignature: bits 5 and 6, or 0, from the left.
    extension(EXTENSION.keyUsage, true, isAuthority ? der.bitString(Buffer.of(0x06), 1) : der.bitString(Buffer.of(0x80), 7)),
    extension(EXTENSION.subjectKeyIdentifier, false, der.octetString(keyIdentifier(request.publicKey))),
    extension(EXTENSION.authorityKeyIdentifier, false, der.sequence(der.implicit(0, keyIdentifier(issuerKey)))),
  ]
  if (!isAuthority) {
    // Brokers are clients of each other.
    const uses = request.kind === 'server' ? [SERVER_AUTHENTICATION, CLIENT_AUTHENTICATION] : [CLIENT_AUTHENTICATION]
    extensions.push(extension(EXTENSION.extendedKeyUsage, false, der.sequence(...uses.map(der.objectIdentifier))))
  }
  const hosts = request.hosts ?? []
  if (hosts.length > 0) extensions.push(extension(EXTENSION.subjectAlternativeName, false, der.sequence(...hosts.map(hostName))))
  return extensions
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  return der.sequence(der.objectIdentifier(id), ...(isCritical ? [der.boolean(true)] : []), der.octetString(value))
}

function hostName(host: string): Buffer {
  return isIP(host) === 0 ? der.implicit(DNS_NAME, Buffer.from(host, 'ascii')) : der.implicit(IP_ADDRESS, addressBytes(host))
}

/** Four bytes of an IPv4 address, sixteen of an IPv6 one. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  // The last two groups may be written as an IPv4 address.
  const plain = address.replace(/%.*$/, '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_match, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number)
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const groupsOf = (text: string) => (text === '' ? [] : text.split(':'))
  const [head = '', tail] = plain.split('::')
  const before = groupsOf(head)
  const after = groupsOf(tail ?? '')
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0')
  const bytes = Buffer.alloc(16)
  for (const [index, group] of [...before, ...zeros, ...after].entries())
    bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2)
  return bytes
}

/** RFC 5280 section 4.2.1.2, method 1. */
function keyIdentifier(publicKey: KeyObject): Buffer {
  const [, bits] = der.elementsOf(
    der.elementsOf(publicKey.export({ type: 'spki', format: 'der' }))[0]?.content ?? Buffer.alloc(0),
  )
  return createHash('sha1')
    .update(bits?.content.subarray(1) ?? Buffer.alloc(0))
    .digest()
}

/** At most twenty bytes, and not zero. */
function positive(serial: Uint8Array): Buffer {
  const bytes = Buffer.from(serial.subarray(0, 20))
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes
}
