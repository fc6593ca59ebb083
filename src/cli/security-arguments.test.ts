import { describe, expect, it } from 'vitest'
import { parseServeArguments } from './arguments'

function securityOf(...argv: string[]) {
  const parsed = parseServeArguments(argv)
  return parsed.ok ? parsed.value.security : parsed.error
}

describe('the security of serve', () => {
  it('is none unless it is asked for', () => {
    expect(securityOf('--brokers', '1')).toBeNull()
  })

  it('is what the arguments say together', () => {
    expect(securityOf('--sasl', 'all', '--user', 'alice:se:cret')).toEqual({
      protocol: 'SASL_PLAINTEXT',
      saslMechanisms: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
      users: [{ name: 'alice', password: 'se:cret' }],
      usesAcls: false,
      superUsers: [],
    })
    expect(
      securityOf('--tls', '--client-certificates', 'required', '--acls', '--super-user', 'CN=client,O=Broker Workbench'),
    ).toEqual({
      protocol: 'SSL',
      clientCertificates: 'required',
      usesAcls: true,
      superUsers: ['CN=client,O=Broker Workbench'],
    })
    const both = ['--tls', '--sasl', 'PLAIN,SCRAM-SHA-512', '--user', 'a:b', '--user', 'c:d']
    expect(securityOf(...both)).toMatchObject({ protocol: 'SASL_SSL', saslMechanisms: ['PLAIN', 'SCRAM-SHA-512'] })
    expect(securityOf('--acls', '--super-user', 'ANONYMOUS')).toMatchObject({ protocol: 'PLAINTEXT', usesAcls: true })
  })

  it.each([
    [['--sasl', 'GSSAPI', '--user', 'a:b'], /not 'GSSAPI'/],
    [['--sasl', 'PLAIN'], /needs a --user/],
    [['--user', 'a:b'], /needs --sasl/],
    [['--sasl', 'PLAIN', '--user', 'nopassword'], /NAME:PASSWORD/],
    [['--sasl', 'PLAIN', '--user', ':b'], /NAME:PASSWORD/],
    [['--sasl', 'PLAIN', '--user', 'a:b', '--user', 'a:c'], /twice/],
    [['--client-certificates', 'required'], /needs --tls/],
    [['--tls', '--client-certificates', 'maybe'], /requested or required/],
    [['--acls'], /super-user/],
    [['--super-user', 'a'], /needs --acls/],
  ])('says what is wrong with %j', (argv, message) => {
    expect(securityOf(...argv)).toMatch(message)
  })
})
