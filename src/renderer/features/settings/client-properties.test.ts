import { describe, expect, it } from 'vitest'
import { openToAll, type SecurityView } from '../../../shared/model/security'
import { clientProperties } from './client-properties'

const view = (wishes: Partial<SecurityView['wishes']>, files: Partial<SecurityView> = {}): SecurityView => ({
  wishes: { ...openToAll, ...wishes },
  authorityFile: null,
  clientCertificateFile: null,
  clientKeyFile: null,
  ...files,
})

describe('what a client is configured with', () => {
  it('is two lines where everybody may come in', () => {
    expect(clientProperties(view({}), '127.0.0.1:9092', null)).toBe(
      'bootstrap.servers=127.0.0.1:9092\nsecurity.protocol=PLAINTEXT\n',
    )
  })
  it('takes the strongest mechanism that is offered, with the login module that speaks it', () => {
    const user = { name: 'alice', password: 'secret' }
    const text = clientProperties(view({ protocol: 'SASL_PLAINTEXT', saslMechanisms: ['SCRAM-SHA-512', 'PLAIN'] }), 'h:1', user)
    expect(text).toContain('sasl.mechanism=SCRAM-SHA-512\n')
    expect(text).toContain('scram.ScramLoginModule required username="alice" password="secret";')
    expect(clientProperties(view({ protocol: 'SASL_PLAINTEXT', saslMechanisms: ['PLAIN'] }), 'h:1', user)).toContain(
      'plain.PlainLoginModule',
    )
  })
  it('writes quotes and backslashes of a password so that Java reads them back', () => {
    const user = { name: 'a', password: String.raw`x"y\z` }
    const text = clientProperties(view({ protocol: 'SASL_PLAINTEXT', saslMechanisms: ['PLAIN'] }), 'h:1', user)
    expect(text).toContain(String.raw`password="x\\"y\\\\z";`)
  })
  it('names the files of TLS, with the backslashes of Windows doubled', () => {
    const text = clientProperties(view({ protocol: 'SSL' }, { authorityFile: String.raw`C:\data\ca.pem` }), 'h:1', null)
    expect(text).toContain(String.raw`ssl.truststore.location=C:\\data\\ca.pem`)
    expect(text).not.toContain('sasl')
  })
})
