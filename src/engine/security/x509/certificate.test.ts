import { execFileSync, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthority, isServerCertificateGood, issueClientCertificate, issueServerCertificate } from './authority'
import { subjectOf } from './certificate'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
if (!hasOpenssl) console.info('skipped: certificates are not held against openssl, which is not on this machine')

const nowMs = Date.now()
const authority = createAuthority('a test', nowMs)
const server = issueServerCertificate(
  authority,
  'broker-1',
  ['broker.example', '192.168.1.20', 'fe80::1:2', '::ffff:10.0.0.1'],
  nowMs,
)
const client = issueClientCertificate(authority, 'älice, of Wonderland', nowMs)

describe('a certificate that we made', () => {
  it('is read by Node as it was meant', () => {
    const read = new X509Certificate(server.certificate)
    expect(read.subject).toBe('O=Broker Workbench\nCN=broker-1')
    expect(read.issuer).toBe('O=Broker Workbench\nCN=a test')
    expect(read.ca).toBe(false)
    expect(read.checkIssued(new X509Certificate(authority.certificate))).toBe(true)
    expect(read.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true)
    expect(Date.parse(read.validFrom)).toBe(Math.floor((nowMs - 86_400_000) / 1000) * 1000)
    for (const host of ['localhost', 'broker.example']) expect(read.checkHost(host)).toBe(host)
    for (const address of ['127.0.0.1', '::1', '192.168.1.20', 'fe80::1:2', '::ffff:10.0.0.1'])
      expect(read.checkIP(address)).toBe(address)
    expect(read.checkHost('elsewhere.example')).toBeUndefined()
    expect(read.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
  })

  it('is an authority where it was made one, and signs itself', () => {
    const read = new X509Certificate(authority.certificate)
    expect(read.ca).toBe(true)
    expect(read.verify(read.publicKey)).toBe(true)
    // Its life goes beyond 2049, from where on years have four digits, or stays before it.
    const old = new X509Certificate(createAuthority('later', Date.UTC(2045, 0, 1)).certificate)
    expect(new Date(old.validTo).getUTCFullYear()).toBe(2054)
  })

  it('gives its subject back byte for byte, whatever the characters', () => {
    const der = new X509Certificate(client.certificate).raw
    expect(subjectOf(der).toString('utf8')).toContain('älice, of Wonderland')
    expect(() => subjectOf(Buffer.from('nonsense'))).toThrow(RangeError)
  })

  it('is no longer good when its time is near, for another host, or of another authority', () => {
    expect(isServerCertificateGood(server.certificate, authority, ['broker.example'], nowMs)).toBe(true)
    expect(isServerCertificateGood(server.certificate, authority, [], nowMs + 800 * 86_400_000)).toBe(false)
    expect(isServerCertificateGood(server.certificate, authority, ['other.example'], nowMs)).toBe(false)
    expect(isServerCertificateGood(server.certificate, createAuthority('a test', nowMs), [], nowMs)).toBe(false)
    expect(isServerCertificateGood('-----BEGIN', authority, [], nowMs)).toBe(false)
  })
})

describe.skipIf(!hasOpenssl)('openssl', () => {
  let directory = ''
  const file = (name: string) => join(directory, name)
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'broker-workbench-x509-'))
    writeFileSync(file('ca.pem'), authority.certificate)
    writeFileSync(file('server.pem'), server.certificate)
    writeFileSync(file('client.pem'), client.certificate)
    writeFileSync(file('server.key'), server.privateKey)
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  it('verifies what the authority signed, strictly, for its purposes and its hosts', () => {
    const verify = (...args: string[]) =>
      execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', file('ca.pem'), ...args], { stdio: 'pipe' }).toString()
    expect(verify('-purpose', 'sslserver', '-verify_hostname', 'localhost', file('server.pem'))).toContain('OK')
    expect(verify('-purpose', 'sslserver', '-verify_ip', '::1', file('server.pem'))).toContain('OK')
    expect(verify('-purpose', 'sslclient', file('client.pem'))).toContain('OK')
    expect(() => verify('-purpose', 'sslserver', '-verify_hostname', 'elsewhere', file('server.pem'))).toThrow()
    expect(() => verify('-purpose', 'sslserver', file('client.pem'))).toThrow()
  })

  it('finds nothing amiss in the encoding, and the key to fit', () => {
    const text = execFileSync('openssl', ['x509', '-in', file('server.pem'), '-noout', '-text']).toString()
    expect(text).toContain('ecdsa-with-SHA256')
    expect(text).toContain('IP Address:FE80:0:0:0:0:0:1:2')
    const publicKey = execFileSync('openssl', ['x509', '-in', file('server.pem'), '-noout', '-pubkey']).toString()
    expect(execFileSync('openssl', ['pkey', '-in', file('server.key'), '-pubout']).toString()).toBe(publicKey)
  })
})
