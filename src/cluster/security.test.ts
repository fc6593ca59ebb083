import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { ClusterSecurity } from './options'
import { SecuritySetup } from './security'

const DAY_MS = 86_400_000
const nowMs = Date.now()
const directories: string[] = []
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
})

function newDirectory(): string {
  const directory = join(mkdtempSync(join(tmpdir(), 'broker-workbench-security-')), 'security')
  directories.push(join(directory, '..'))
  return directory
}

const users = [{ name: 'alice', password: 'secret' }]
const setUp = (wishes: ClusterSecurity, directory = newDirectory(), atMs = nowMs) => new SecuritySetup(wishes, directory, atMs)

describe('the security of a cluster', () => {
  it('makes an authority once, and keeps it', () => {
    const directory = newDirectory()
    const first = setUp({ protocol: 'SSL' }, directory)
    const trusted = readFileSync(first.files!.authorityFile, 'utf8')
    const again = setUp({ protocol: 'SSL' }, directory)
    expect(readFileSync(again.files!.authorityFile, 'utf8')).toBe(trusted)
    expect(again.forBroker(1).tls?.certificate).toBe(first.forBroker(1).tls?.certificate)
    // Keys are their owner's.
    expect(statSync(join(directory, 'ca-key.pem')).mode & 0o077).toBe(0)
    expect(statSync(join(directory, 'broker-key.pem')).mode & 0o077).toBe(0)
  })

  it('renews the brokers’ certificate before it ends, of the same authority', () => {
    const directory = newDirectory()
    const first = setUp({ protocol: 'SSL' }, directory).forBroker(1).tls!
    const later = setUp({ protocol: 'SSL' }, directory, nowMs + 800 * DAY_MS).forBroker(1).tls!
    expect(later.certificate).not.toBe(first.certificate)
    expect(later.clientAuthorities).toBe(first.clientAuthorities)
    const authority = new X509Certificate(readFileSync(join(directory, 'ca.pem')))
    expect(new X509Certificate(later.certificate).verify(authority.publicKey)).toBe(true)
  })

  it('makes a certificate for clients where brokers ask for one', () => {
    expect(setUp({ protocol: 'SSL' }).files).toMatchObject({ clientCertificateFile: null, clientKeyFile: null })
    const { files, configs } = setUp({ protocol: 'SSL', clientCertificates: 'required' })
    expect(new X509Certificate(readFileSync(files!.clientCertificateFile!)).subject).toContain('CN=client')
    expect(configs['ssl.client.auth']).toBe('required')
  })

  it('gives all brokers the same secret, and each its port', () => {
    const setup = setUp({ protocol: 'SASL_PLAINTEXT', users })
    expect(setup.files).toBeNull()
    const [one, two] = [setup.forBroker(1001), setup.forBroker(1002)]
    expect(one.interBroker.password).toBe(two.interBroker.password)
    expect([one.interBroker.port, two.interBroker.port]).toEqual([1001, 1002])
    expect(setUp({ protocol: 'SASL_PLAINTEXT', users }).forBroker(1).interBroker.password).not.toBe(one.interBroker.password)
  })

  it('names super users as principals', () => {
    const superUsers = ['admin', 'User:CN=bob,O=X']
    expect(setUp({ protocol: 'SASL_PLAINTEXT', users, usesAcls: true, superUsers }).configs).toMatchObject({
      'super.users': 'User:admin;User:CN=bob,O=X',
      'authorizer.class.name': expect.stringContaining('AclAuthorizer'),
    })
  })

  it.each<[ClusterSecurity, RegExp]>([
    [{ protocol: 'SASL_SSL' }, /unless there is a user/],
    [{ protocol: 'SSL', users }, /SASL only/],
    [{ protocol: 'SASL_PLAINTEXT', users: [{ name: '', password: 'x' }] }, /a name and a password/],
    [{ protocol: 'SASL_PLAINTEXT', users, saslMechanisms: ['GSSAPI'] }, /no SASL mechanism GSSAPI/],
    [{ protocol: 'PLAINTEXT', clientCertificates: 'required' }, /TLS only/],
    [{ protocol: 'PLAINTEXT', usesAcls: true }, /super user/],
  ])('refuses %j', (wishes, message) => {
    expect(() => setUp(wishes)).toThrow(message)
  })
})
