import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SaslServerStep } from './sasl'
import { ScramClient } from './scram-client'
import {
  credentialOfPassword,
  decodeCredential,
  encodeCredential,
  SCRAM_MECHANISMS,
  type ScramCredential,
  type ScramMechanism,
  saltPassword,
  scramHash,
  scramHmac,
} from './scram-credential'
import { decodeClientFirst, encodeName, xor } from './scram-messages'
import { ScramServer } from './scram-server'

const SALT = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')

function server(mechanism: ScramMechanism, users: Readonly<Record<string, ScramCredential>>, nonce = 'server-nonce') {
  return new ScramServer({ mechanism, nonce, credentialOf: (user) => users[user] })
}

/** Runs the exchange to its end; the client's last answer must be that it is content. */
function converse(client: ScramClient, scram: ScramServer): SaslServerStep {
  const first = scram.evaluate(client.start())
  if (first.kind !== 'continue') return first
  const answer = client.evaluate(first.challenge)
  const last = scram.evaluate(answer!)
  if (last.kind === 'authenticated') expect(client.evaluate(last.challenge)).toBeNull()
  return last
}

describe('a SCRAM exchange', () => {
  it('is that of RFC 7677, letter by letter', () => {
    // The example of section 3: user, pencil, and the nonces given there.
    const credential = credentialOfPassword('SCRAM-SHA-256', 'pencil', SALT)
    const scram = server('SCRAM-SHA-256', { user: credential }, '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0')
    const first = scram.evaluate(Buffer.from('n,,n=user,r=rOprNGfwEbeRWgbNEkqO'))
    const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
    expect(first).toEqual({ kind: 'continue', challenge: Buffer.from(`r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`) })
    const proof = 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ='
    expect(scram.evaluate(Buffer.from(`c=biws,r=${nonce},p=${proof}`))).toEqual({
      kind: 'authenticated',
      challenge: Buffer.from('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='),
      user: 'user',
    })
    const client = new ScramClient({
      mechanism: 'SCRAM-SHA-256',
      user: 'user',
      password: 'pencil',
      nonce: 'rOprNGfwEbeRWgbNEkqO',
    })
    client.start()
    const challenge = first.kind === 'continue' ? first.challenge : new Uint8Array()
    expect(Buffer.from(client.evaluate(challenge)!).toString()).toBe(`c=biws,r=${nonce},p=${proof}`)
  })

  it.each(SCRAM_MECHANISMS)('authenticates the right password with %s, and no other', (mechanism) => {
    const users = { 'al,ice=': credentialOfPassword(mechanism, 'sécret', SALT, 5000) }
    const login = (user: string, password: string) =>
      converse(new ScramClient({ mechanism, user, password, nonce: 'client' }), server(mechanism, users))
    expect(login('al,ice=', 'sécret')).toMatchObject({ kind: 'authenticated', user: 'al,ice=' })
    expect(login('al,ice=', 'secret')).toMatchObject({ kind: 'failed', told: null })
    expect(login('bob', 'sécret')).toMatchObject({ kind: 'failed', told: null })
  })

  it('takes no credential of another mechanism for its own', () => {
    const users = { alice: credentialOfPassword('SCRAM-SHA-512', 'secret', SALT) }
    const client = new ScramClient({ mechanism: 'SCRAM-SHA-256', user: 'alice', password: 'secret', nonce: 'c' })
    expect(converse(client, server('SCRAM-SHA-256', users)).kind).toBe('failed')
  })

  it('refuses to be replayed, and a nonce that is cut', () => {
    const users = { alice: credentialOfPassword('SCRAM-SHA-256', 'secret', SALT) }
    const client = new ScramClient({ mechanism: 'SCRAM-SHA-256', user: 'alice', password: 'secret', nonce: 'client' })
    const once = server('SCRAM-SHA-256', users, 'one')
    const first = once.evaluate(client.start())
    const final = client.evaluate(first.kind === 'continue' ? first.challenge : new Uint8Array())!
    const again = server('SCRAM-SHA-256', users, 'two')
    again.evaluate(client.start())
    expect(again.evaluate(final)).toMatchObject({ kind: 'failed', reason: expect.stringContaining('nonce') })
    const cut = server('SCRAM-SHA-256', users, 'one')
    cut.evaluate(client.start())
    expect(cut.evaluate(Buffer.from(Buffer.from(final).toString().replace('clientone', 'one')))).toMatchObject({ kind: 'failed' })
  })

  it('takes a client’s own nonce twice, as librdkafka sends it', () => {
    // librdkafka up to 2.6 concatenates its nonce and the whole of the server's, which begins with it; Kafka looks at the end only.
    const users = { alice: credentialOfPassword('SCRAM-SHA-256', 'secret', SALT) }
    const scram = server('SCRAM-SHA-256', users, 'broker')
    const first = scram.evaluate(Buffer.from('n,,n=alice,r=client'))
    const serverFirst = Buffer.from(first.kind === 'continue' ? first.challenge : []).toString()
    const withoutProof = 'c=biws,r=clientclientbroker'
    const clientKey = scramHmac('SCRAM-SHA-256', saltPassword('SCRAM-SHA-256', 'secret', SALT, 4096), 'Client Key')
    const authMessage = `n=alice,r=client,${serverFirst},${withoutProof}`
    const proof = xor(clientKey, scramHmac('SCRAM-SHA-256', scramHash('SCRAM-SHA-256', clientKey), authMessage))
    expect(scram.evaluate(Buffer.from(`${withoutProof},p=${proof.toString('base64')}`))).toMatchObject({ kind: 'authenticated' })
  })

  it('refuses to act as somebody else, channel binding, and delegation tokens', () => {
    const users = { alice: credentialOfPassword('SCRAM-SHA-256', 'secret', SALT) }
    const begin = (message: string) => server('SCRAM-SHA-256', users).evaluate(Buffer.from(message))
    expect(begin('n,a=bob,n=alice,r=x')).toMatchObject({ told: expect.stringContaining('different from username') })
    expect(begin('n,a=alice,n=alice,r=x').kind).toBe('continue')
    expect(begin('p=tls-unique,,n=alice,r=x').kind).toBe('failed')
    expect(begin('n,,n=alice,r=x,tokenauth=true')).toMatchObject({ kind: 'failed', reason: expect.stringContaining('token') })
  })

  it('makes the broker prove itself', () => {
    const users = { alice: credentialOfPassword('SCRAM-SHA-256', 'secret', SALT) }
    const begin = () => {
      const client = new ScramClient({ mechanism: 'SCRAM-SHA-256', user: 'alice', password: 'secret', nonce: 'client' })
      const first = server('SCRAM-SHA-256', users).evaluate(client.start())
      client.evaluate(first.kind === 'continue' ? first.challenge : new Uint8Array())
      return client
    }
    expect(() => begin().evaluate(Buffer.from(`v=${Buffer.alloc(32).toString('base64')}`))).toThrow(/does not know/)
    expect(() => begin().evaluate(Buffer.from('e=other-error'))).toThrow(/other-error/)
    expect(() => begin().evaluate(Buffer.alloc(0))).toThrow(/cannot be read/)
    const cheap = new ScramClient({ mechanism: 'SCRAM-SHA-256', user: 'a', password: 'b', nonce: 'client' })
    expect(() => cheap.evaluate(Buffer.from('r=clientx,s=AAAA,i=1'))).toThrow(/1 iterations/)
    expect(() => cheap.evaluate(Buffer.from('r=elsex,s=AAAA,i=4096'))).toThrow(/nonce/)
  })

  it('never throws, whatever it is sent', () => {
    const users = { alice: credentialOfPassword('SCRAM-SHA-256', 'secret', SALT) }
    const parts = fc.constantFrom('n,,', 'n=alice', 'r=x', 'c=biws', 'p=AAAA', ',', '=', 'a=', '=2C', '\0', 'm=1', 'i=4096', '€')
    fc.assert(
      fc.property(fc.array(fc.oneof(parts, fc.string())), fc.uint8Array({ maxLength: 64 }), (pieces, bytes) => {
        const scram = server('SCRAM-SHA-256', users)
        const step = scram.evaluate(Buffer.from(pieces.join('')))
        expect(['continue', 'failed']).toContain(step.kind)
        if (step.kind === 'continue') expect(scram.evaluate(bytes).kind).toBe('failed')
      }),
    )
  })
})

describe('a SCRAM credential', () => {
  it('is written as Kafka writes it, and read back', () => {
    const credential = credentialOfPassword('SCRAM-SHA-256', 'pencil', SALT)
    const text = encodeCredential(credential)
    expect(text).toBe(
      'salt=W22ZaJ0SNY7soEsUEjb6gQ==,stored_key=WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,' +
        'server_key=wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=,iterations=4096',
    )
    expect(encodeCredential(decodeCredential(text)!)).toBe(text)
  })

  it('is none where a part is missing or makes no sense', () => {
    expect(decodeCredential('')).toBeNull()
    expect(decodeCredential('salt=AAAA,stored_key=AAAA,server_key=AAAA')).toBeNull()
    expect(decodeCredential('salt=AAAA,stored_key=*,server_key=AAAA,iterations=4096')).toBeNull()
    expect(decodeCredential('salt=AAAA,stored_key=AAAA,server_key=AAAA,iterations=-1')).toBeNull()
  })
})

describe('a name in a SCRAM message', () => {
  it('comes back with its commas and equal signs', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (name) => {
        expect(decodeClientFirst(Buffer.from(`n,,n=${encodeName(name)},r=x`))?.user).toBe(name)
      }),
    )
    expect(decodeClientFirst(Buffer.from('n,,n=a=b,r=x'))).toBeNull()
  })
})
