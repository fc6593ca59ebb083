/** Credentials that somebody else has written, and what a broker makes of them for its own users. */
import { describe, expect, it } from 'vitest'
import { SteadyCoordination } from '../controller/coordination-port'
import { encodeConfigs } from '../controller/znodes'
import { credentialOfPassword, encodeCredential, saltPassword } from '../security/sasl/scram-credential'
import { FakeCoordination, FakeSession } from '../testing/fake-coordination'
import { RecordingLogger, seededRandom } from '../testing/storage-kit'
import { ScramStore } from './scram-store'

describe('ScramStore', () => {
  it('makes a user’s credential anew where it is another’s, or wants more hashes than Kafka would', async () => {
    const session = new FakeSession(new FakeCoordination(), 1n)
    for (const path of ['/config/users', '/config/changes']) await session.ensurePath(path)
    const store = new ScramStore({
      logger: new RecordingLogger(),
      random: seededRandom(1),
      coordination: () => new SteadyCoordination(session),
    })
    await store.load()
    const own = credentialOfPassword('SCRAM-SHA-512', 'secret', Buffer.from('a salt'), 8192)
    // Deriving a key with so many is refused by Node, with fewer it takes minutes.
    const endless = { ...credentialOfPassword('SCRAM-SHA-256', 'secret', Buffer.from('salt')), iterations: 2 ** 40 }
    expect(() => saltPassword('SCRAM-SHA-256', 'secret', endless.salt, endless.iterations)).toThrow(RangeError)
    const written = { 'SCRAM-SHA-256': encodeCredential(endless), 'SCRAM-SHA-512': encodeCredential(own) }
    await session.create('/config/users/alice', encodeConfigs(written))
    await store.ensurePassword('alice', 'secret')
    const made = await store.read('alice')
    expect(made.get('SCRAM-SHA-256')?.iterations).toBe(4096)
    expect(encodeCredential(made.get('SCRAM-SHA-512')!)).toBe(encodeCredential(own))
  })
})
