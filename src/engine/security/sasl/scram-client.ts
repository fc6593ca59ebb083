/**
 * The client's side of SCRAM-SHA-256 and -512: proves the password without sending it, and makes the broker prove that it knows a credential of
 * it. The salted password can be kept from one login to the next, for deriving it takes milliseconds.
 */
import { equalBytes } from './constant-time'
import { type SaslClient, SaslClientError } from './sasl'
import { SCRAM_ITERATIONS_MIN, type ScramMechanism, saltPassword, scramHash, scramHmac } from './scram-credential'
import { decodeServerFinal, decodeServerFirst, encodeClientFinalWithoutProof, encodeClientFirst, xor } from './scram-messages'

/** Far above what any broker asks for: a broker must not be able to keep a client busy for minutes. */
const ITERATIONS_ACCEPTED_MAX = 1_000_000

export interface ScramClientOptions {
  readonly mechanism: ScramMechanism
  readonly user: string
  readonly password: string
  /** The client's half of the nonce; never used twice. */
  readonly nonce: string
  readonly saltedPasswords?: SaltedPasswords
}

/** Salted passwords of one user, by salt and iterations: few, since a credential changes seldom. */
export class SaltedPasswords {
  private readonly known = new Map<string, Buffer>()

  of(mechanism: ScramMechanism, password: string, salt: Uint8Array, iterations: number): Buffer {
    const key = `${mechanism} ${iterations} ${Buffer.from(salt).toString('base64')}`
    let salted = this.known.get(key)
    if (salted === undefined) {
      salted = saltPassword(mechanism, password, salt, iterations)
      if (this.known.size >= 16) this.known.clear()
      this.known.set(key, salted)
    }
    return salted
  }
}

export class ScramClient implements SaslClient {
  private readonly gs2Header: string
  private readonly bare: string
  private expectedSignature: Uint8Array | null = null

  constructor(private readonly options: ScramClientOptions) {
    const { gs2Header, bare } = encodeClientFirst(options.user, options.nonce)
    this.gs2Header = gs2Header
    this.bare = bare
  }

  get mechanism(): ScramMechanism {
    return this.options.mechanism
  }

  start(): Uint8Array {
    return Buffer.from(this.gs2Header + this.bare)
  }

  evaluate(challenge: Uint8Array): Uint8Array | null {
    if (this.expectedSignature === null) return this.prove(challenge)
    const final = decodeServerFinal(challenge)
    if (final === null) throw new SaslClientError('the broker’s last SCRAM message cannot be read')
    if ('error' in final) throw new SaslClientError(`the broker refuses: ${final.error}`)
    if (!equalBytes(final.signature, this.expectedSignature))
      throw new SaslClientError('the broker does not know the credential of this user')
    return null
  }

  private prove(challenge: Uint8Array): Uint8Array {
    const { mechanism, password, nonce, saltedPasswords = new SaltedPasswords() } = this.options
    const first = decodeServerFirst(challenge)
    if (first === null) throw new SaslClientError('the broker’s first SCRAM message cannot be read')
    if (!first.nonce.startsWith(nonce) || first.nonce === nonce)
      throw new SaslClientError('the broker’s nonce does not go on from the client’s')
    if (first.iterations < SCRAM_ITERATIONS_MIN || first.iterations > ITERATIONS_ACCEPTED_MAX)
      throw new SaslClientError(`the broker asks for ${first.iterations} iterations`)
    const salted = saltedPasswords.of(mechanism, password, first.salt, first.iterations)
    const clientKey = scramHmac(mechanism, salted, 'Client Key')
    const withoutProof = encodeClientFinalWithoutProof(this.gs2Header, first.nonce)
    const authMessage = `${this.bare},${Buffer.from(challenge).toString('utf8')},${withoutProof}`
    const proof = xor(clientKey, scramHmac(mechanism, scramHash(mechanism, clientKey), authMessage))
    this.expectedSignature = scramHmac(mechanism, scramHmac(mechanism, salted, 'Server Key'), authMessage)
    return Buffer.from(`${withoutProof},p=${proof.toString('base64')}`)
  }
}
