import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openToAll, type SecurityWishes } from '../shared/model/security'
import { SecuritySetting } from './security-setting'

const wishes: SecurityWishes = {
  protocol: 'SASL_PLAINTEXT',
  saslMechanisms: ['SCRAM-SHA-512'],
  users: [{ name: 'alice', password: 'secret' }],
  clientCertificates: 'none',
  usesAcls: false,
  superUsers: [],
}

describe('the security of a workspace', () => {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'broker-workbench-security-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  test('asks nothing of anybody until it is set, and then holds at the next start', () => {
    expect(new SecuritySetting(directory).current).toEqual(openToAll)
    new SecuritySetting(directory).set(wishes)
    expect(new SecuritySetting(directory).current).toEqual(wishes)
  })
  test.skipIf(process.platform === 'win32')('is for its user alone, also where the file was open before', () => {
    const path = join(directory, 'security.json')
    writeFileSync(`${path}.tmp`, '', { mode: 0o644 })
    new SecuritySetting(directory).set(wishes)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })
  test('never opens a cluster because its file was spoilt', () => {
    new SecuritySetting(directory).set(wishes)
    const path = join(directory, 'security.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace('SASL_PLAINTEXT', 'SASL_PLAINTXT'))
    expect(() => new SecuritySetting(directory).current).toThrow(/cannot be read/)
  })
})
