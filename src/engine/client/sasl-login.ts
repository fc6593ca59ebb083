/**
 * How a client's connection logs in: SaslHandshake, then SaslAuthenticate until both sides are content (KIP-152). Used by BrokerConnection for
 * each new TCP connection, and again on a living one whose session is about to expire (KIP-368). Sends through its owner, keeps no socket.
 */
import type { Random } from '../platform'
import type { TlsConnectOptions } from '../platform/network'
import { PlainClient } from '../security/sasl/plain'
import { type SaslClient, SaslClientError, type SaslMechanism } from '../security/sasl/sasl'
import { SaltedPasswords, ScramClient } from '../security/sasl/scram-client'
import { ErrorCode } from '../wire/errors'
import { SaslHandshake } from '../wire/messages/17-sasl-handshake'
import { SaslAuthenticate } from '../wire/messages/36-sasl-authenticate'
import type { Api, Encodable } from '../wire/schema'
import { ClientError, protocolError } from './errors'

export interface SaslCredentials {
  readonly mechanism: SaslMechanism
  readonly user: string
  readonly password: string
}

/** How to connect where a listener is not plain. */
export interface ClientSecurity {
  readonly tls?: TlsConnectOptions
  readonly sasl?: SaslCredentials
}

/** Answers, or says that the connection is being given up. */
export type LoginRequest = <Req, Res>(
  api: Api<Req, Res>,
  version: number,
  body: Encodable<Req>,
  onResponse: (response: Res) => void,
) => void

const HANDSHAKE_VERSION = 1
/** Any broker that knows SaslAuthenticate has 0; from 1 on it tells how long a session lives. */
const SESSION_VERSION = 1
/** More messages than any mechanism has. */
const STEPS_MAX = 8
/** Of the session's life, after which the client renews it: Kafka's own takes a random share from here to 0.95. */
const RENEWAL_SHARE = 0.85
const NONCE_BYTES = 18

export class SaslLogin {
  private readonly saltedPasswords = new SaltedPasswords()

  constructor(
    private readonly credentials: SaslCredentials,
    private readonly random: Random,
  ) {}

  /** One login. `onDone` is told for how long the session may be used before it is to be renewed: Infinity where it does not end. */
  run(request: LoginRequest, onDone: (usableMs: number) => void, onError: (error: ClientError) => void): void {
    const { mechanism } = this.credentials
    const client = this.makeClient()
    const refuse = (code: number, message: string | null) => onError(loginError(code, message))
    const step = (message: Uint8Array, count: number): void =>
      request(SaslAuthenticate, SESSION_VERSION, { authBytes: message }, (answer) => {
        if (answer.errorCode !== ErrorCode.NONE) return refuse(answer.errorCode, answer.errorMessage)
        try {
          const reply = client.evaluate(answer.authBytes)
          if (reply === null) return onDone(usableMsOf(Number(answer.sessionLifetimeMs), this.random))
          if (count >= STEPS_MAX) throw new SaslClientError('the SASL exchange does not end')
          return step(reply, count + 1)
        } catch (cause) {
          if (!(cause instanceof SaslClientError)) throw cause
          return onError(new ClientError('protocol', `the login failed: ${cause.message}`, false, null, { cause }))
        }
      })
    request(SaslHandshake, HANDSHAKE_VERSION, { mechanism }, ({ errorCode, mechanisms }) => {
      if (errorCode === ErrorCode.UNSUPPORTED_SASL_MECHANISM)
        return refuse(errorCode, `the broker has no SASL mechanism ${mechanism}, it has ${mechanisms.join(', ')}`)
      if (errorCode !== ErrorCode.NONE) return refuse(errorCode, null)
      return step(client.start(), 1)
    })
  }

  private makeClient(): SaslClient {
    const { mechanism, user, password } = this.credentials
    if (mechanism === 'PLAIN') return new PlainClient(user, password)
    const nonce = this.random.bytes(NONCE_BYTES).toString('base64')
    return new ScramClient({ mechanism, user, password, nonce, saltedPasswords: this.saltedPasswords })
  }
}

/** Nobody gets in by trying again with the same password. */
function loginError(code: number, message: string | null): ClientError {
  const error = protocolError(code, message)
  return new ClientError('protocol', error.message, false, code)
}

function usableMsOf(lifetimeMs: number, random: Random): number {
  return lifetimeMs > 0 ? lifetimeMs * (RENEWAL_SHARE + random.below(100) / 1000) : Number.POSITIVE_INFINITY
}
