import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PlainClient, PlainServer } from './plain'

const users = new Map([['alice', 'secret']])
const login = (text: string) => new PlainServer((user) => users.get(user)).evaluate(Buffer.from(text))

describe('SASL PLAIN', () => {
  it('authenticates what its own client sends', () => {
    const step = new PlainServer((user) => users.get(user)).evaluate(new PlainClient('alice', 'secret').start())
    expect(step).toMatchObject({ kind: 'authenticated', user: 'alice' })
  })

  it('tells the same of an unknown user as of a wrong password, in Kafka’s words', () => {
    const told = 'Authentication failed: Invalid username or password'
    expect(login('\0alice\0wrong')).toMatchObject({ kind: 'failed', told })
    expect(login('\0bob\0secret')).toMatchObject({ kind: 'failed', told })
    expect(login('\0__proto__\0secret')).toMatchObject({ kind: 'failed', told })
  })

  it('lets nobody act as somebody else', () => {
    expect(login('alice\0alice\0secret')).toMatchObject({ kind: 'authenticated' })
    expect(login('bob\0alice\0secret')).toMatchObject({ kind: 'failed', told: expect.stringContaining('authorization id') })
  })

  it('refuses what is not three tokens, and empty ones, without a word to the client', () => {
    for (const text of ['', 'alice', '\0alice', '\0alice\0secret\0', '\0\0secret', '\0alice\0'])
      expect(login(text)).toMatchObject({ kind: 'failed', told: null })
  })

  it('authenticates nothing by chance', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(new PlainServer((user) => users.get(user)).evaluate(bytes).kind).toBe('failed')
      }),
    )
  })
})
