/**
 * SASL PLAIN (RFC 4616): one message with authorization id, user and password, a NUL between them. The sentences for what is wrong are those of
 * Kafka's PlainSaslServer. The password crosses the connection as it is: over anything but loopback it wants TLS. Pure.
 */
import { equalTexts } from './constant-time'
import { NO_BYTES, type SaslClient, type SaslServer, type SaslServerStep, shown } from './sasl'

/** The password of a user; undefined where there is no such user. */
export type PasswordOf = (user: string) => string | undefined

export class PlainServer implements SaslServer {
  readonly mechanism = 'PLAIN'

  constructor(private readonly passwordOf: PasswordOf) {}

  evaluate(message: Uint8Array): SaslServerStep {
    const tokens = Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString('utf8').split('\0')
    const [authorizationId, user, password] = tokens
    if (authorizationId === undefined || user === undefined || password === undefined || tokens.length !== 3)
      return failed(null, `Invalid SASL/PLAIN response: expected 3 tokens, got ${tokens.length}`)
    if (user === '') return failed(null, 'Authentication failed: username not specified')
    if (password === '') return failed(null, 'Authentication failed: password not specified')
    const expected = this.passwordOf(user)
    // An unknown user costs the same comparison as a wrong password.
    const isRight = equalTexts(password, expected ?? '') && expected !== undefined
    if (!isRight)
      return failed('Authentication failed: Invalid username or password', `wrong password or unknown user '${shown(user)}'`)
    if (authorizationId !== '' && authorizationId !== user) {
      const told = 'Authentication failed: Client requested an authorization id that is different from username'
      return failed(told, `the user '${shown(user)}' wants to be '${shown(authorizationId)}'`)
    }
    return { kind: 'authenticated', challenge: NO_BYTES, user }
  }
}

export class PlainClient implements SaslClient {
  readonly mechanism = 'PLAIN'

  constructor(
    private readonly user: string,
    private readonly password: string,
  ) {}

  start(): Uint8Array {
    return Buffer.from(`\0${this.user}\0${this.password}`, 'utf8')
  }

  evaluate(): null {
    return null
  }
}

function failed(told: string | null, reason: string): SaslServerStep {
  return { kind: 'failed', told, reason }
}
