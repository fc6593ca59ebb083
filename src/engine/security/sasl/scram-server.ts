/**
 * The broker's side of SCRAM-SHA-256 and -512 (RFC 5802, KIP-84): two steps, HMACs only, made anew for each exchange. A wrong user, a wrong proof and
 * a message that cannot be read all look the same from outside, as from Kafka's ScramSaslServer. Delegation tokens (KIP-48) are not known here.
 */
import { equalBytes } from './constant-time'
import type { SaslServer, SaslServerStep } from './sasl'
import { shown } from './sasl'
import { SCRAM_ITERATIONS_MIN, type ScramCredential, type ScramMechanism, scramHash, scramHmac } from './scram-credential'
import { type ClientFirst, decodeClientFinal, decodeClientFirst, encodeServerFirst, xor } from './scram-messages'

export interface ScramServerOptions {
  readonly mechanism: ScramMechanism
  /** The server's half of the nonce, of characters that may stand in one; never used twice. */
  readonly nonce: string
  credentialOf(user: string): ScramCredential | undefined
}

interface Begun {
  readonly first: ClientFirst
  readonly credential: ScramCredential
  readonly serverFirst: string
}

export class ScramServer implements SaslServer {
  private begun: Begun | null = null

  constructor(private readonly options: ScramServerOptions) {}

  get mechanism(): ScramMechanism {
    return this.options.mechanism
  }

  evaluate(message: Uint8Array): SaslServerStep {
    return this.begun === null ? this.begin(message) : this.finish(this.begun, message)
  }

  private begin(message: Uint8Array): SaslServerStep {
    const first = decodeClientFirst(message)
    if (first === null) return failed('Invalid SCRAM first message')
    if (first.extensions.get('tokenauth') === 'true') return failed('delegation tokens are not served')
    const credential = this.options.credentialOf(first.user)
    if (credential === undefined) return failed(`Authentication failed: Invalid user credentials of '${shown(first.user)}'`)
    if (first.authorizationId !== '' && first.authorizationId !== first.user) {
      const told = 'Authentication failed: Client requested an authorization id that is different from username'
      return { kind: 'failed', told, reason: `the user '${shown(first.user)}' wants to be '${shown(first.authorizationId)}'` }
    }
    if (credential.iterations < SCRAM_ITERATIONS_MIN)
      return failed(`Iterations ${credential.iterations} is less than the minimum ${SCRAM_ITERATIONS_MIN}`)
    const nonce = first.nonce + this.options.nonce
    const serverFirst = encodeServerFirst({ nonce, salt: credential.salt, iterations: credential.iterations })
    this.begun = { first, credential, serverFirst }
    return { kind: 'continue', challenge: Buffer.from(serverFirst) }
  }

  private finish({ first, credential, serverFirst }: Begun, message: Uint8Array): SaslServerStep {
    const { mechanism } = this.options
    const final = decodeClientFinal(message)
    if (final === null) return failed('Invalid SCRAM final message')
    // As in Kafka only the end counts: librdkafka before 2.6.1 repeats its own half, and the proof is over what it has sent.
    if (!final.nonce.endsWith(this.options.nonce)) return failed('Invalid client nonce in the final client message.')
    if (final.channelBinding !== Buffer.from(first.gs2Header).toString('base64'))
      return failed('The channel binding of the final client message is not that of the first.')
    const authMessage = `${first.bare},${serverFirst},${final.withoutProof}`
    const signature = scramHmac(mechanism, credential.storedKey, authMessage)
    const isProved =
      final.proof.length === signature.length &&
      equalBytes(scramHash(mechanism, xor(final.proof, signature)), credential.storedKey)
    if (!isProved) return failed(`Invalid client credentials of '${shown(first.user)}'`)
    const verifier = scramHmac(mechanism, credential.serverKey, authMessage).toString('base64')
    return { kind: 'authenticated', challenge: Buffer.from(`v=${verifier}`), user: first.user }
  }
}

function failed(reason: string): SaslServerStep {
  return { kind: 'failed', told: null, reason }
}
