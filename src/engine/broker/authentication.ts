/**
 * The SASL state of one connection, from its first byte on: which mechanism was agreed, how far its exchange has come, who it turned out to be and
 * until when (KIP-43, KIP-152, KIP-368). Made by ServerConnection for listeners with SASL, moved by the handlers of SaslHandshake and
 * SaslAuthenticate, asked by the connection before any other request. Holds no socket and no timer.
 *
 * The rules and sentences are those of Kafka's SaslServerAuthenticator. Before it is authenticated a connection may ask for ApiVersions and for
 * these two, nothing else. Authenticating anew restarts the exchange on the living connection, and must end with the same user.
 */
import type { Clock } from '../platform'
import { userPrincipal } from '../security/principal'
import { isSaslMechanism, type SaslMechanism, type SaslServer } from '../security/sasl/sasl'
import { ErrorCode, errorMessage } from '../wire/errors'
import { SaslHandshake } from '../wire/messages/17-sasl-handshake'
import { ApiVersions } from '../wire/messages/18-api-versions'
import { SaslAuthenticate } from '../wire/messages/36-sasl-authenticate'

/** What a listener with SASL offers. */
export interface SaslSettings {
  readonly mechanisms: readonly SaslMechanism[]
  /** `connections.max.reauth.ms`; 0: a session lives as long as its connection. */
  readonly sessionLifetimeMsMax: number
  /** `connection.failed.authentication.delay.ms`: a refusal is held back this long, so that guessing takes time. */
  readonly failureDelayMs: number
  serverFor(mechanism: SaslMechanism): SaslServer
  /** `User:` and the name, where it is absent. */
  principalOf?(user: string): string
}

/** `sasl.server.max.receive.size`: nobody unknown makes the broker hold more. */
export const UNAUTHENTICATED_FRAME_BYTES_MAX = 524_288
/** KafkaChannel.MIN_REAUTH_INTERVAL_ONE_SECOND_NANOS. */
const REAUTHENTICATION_INTERVAL_MS_MIN = 1_000
/** SaslHandshake with it is followed by raw tokens. */
const RAW_TOKENS_VERSION = 0

const KEYS_BEFORE: ReadonlySet<number> = new Set([ApiVersions.key, SaslHandshake.key, SaslAuthenticate.key])

export interface HandshakeOutcome {
  readonly errorCode: number
  readonly mechanisms: readonly string[]
  /** Where it is not null, the connection ends after the answer, for this reason. */
  readonly endsBecause: string | null
}

export interface AuthenticateOutcome {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly authBytes: Uint8Array
  readonly sessionLifetimeMs: number
  readonly endsBecause: string | null
}

interface Exchange {
  readonly server: SaslServer
  readonly isRaw: boolean
}

const NO_BYTES = new Uint8Array(0)

export class SaslConversation {
  private exchange: Exchange | null = null
  private authenticated: { readonly principal: string; readonly mechanism: SaslMechanism } | null = null
  private expiresAtMs = Number.POSITIVE_INFINITY
  private lastReauthenticationMs = Number.NEGATIVE_INFINITY
  private hasFailed = false

  constructor(
    private readonly settings: SaslSettings,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
  ) {}

  /** Null until somebody has proved to be somebody. */
  get principal(): string | null {
    return this.authenticated?.principal ?? null
  }

  get failureDelayMs(): number {
    return this.settings.failureDelayMs
  }

  /** Which it came in with; null before that. */
  get mechanism(): SaslMechanism | null {
    return this.authenticated?.mechanism ?? null
  }

  /** The next frame is a token of its mechanism, without a header: SaslHandshake came in version 0. */
  get expectsRawToken(): boolean {
    return this.exchange?.isRaw === true
  }

  /** Authenticated, and in nothing else: the way of every request of a connection that is at work. */
  get isOpen(): boolean {
    return this.authenticated !== null && this.exchange === null && !this.hasFailed
  }

  /** Null where a request with this key may be served now; else why the connection must close. */
  whyRefused(apiKey: number, apiName: string): string | null {
    if (this.isOpen) {
      const hasExpired = this.clock.monotonicMs() > this.expiresAtMs
      return hasExpired && !KEYS_BEFORE.has(apiKey) ? `${apiName} came after its SASL session had expired` : null
    }
    if (KEYS_BEFORE.has(apiKey) && !this.hasFailed) return null
    return `Unexpected Kafka request of type ${apiName} during SASL ${this.authenticated === null ? 'handshake' : 're-authentication'}.`
  }

  handshake(mechanism: string, version: number): HandshakeOutcome {
    const { mechanisms } = this.settings
    const answer = { mechanisms, endsBecause: null }
    const illegal = (endsBecause: string | null) => ({ ...answer, errorCode: ErrorCode.ILLEGAL_SASL_STATE, endsBecause })
    if (this.exchange !== null || this.hasFailed) return illegal('a SaslHandshake in the middle of a SASL exchange')
    if (this.authenticated !== null) {
      // As in Kafka one that comes too soon is answered, and the session goes on; so is one of before SaslAuthenticate.
      const nowMs = this.clock.monotonicMs()
      if (version === RAW_TOKENS_VERSION || nowMs - this.lastReauthenticationMs < REAUTHENTICATION_INTERVAL_MS_MIN)
        return illegal(null)
      this.lastReauthenticationMs = nowMs
    }
    if (!isSaslMechanism(mechanism) || !mechanisms.includes(mechanism)) {
      this.hasFailed = true
      const endsBecause = `Unsupported SASL mechanism ${printable(mechanism)}`
      return { ...answer, errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM, endsBecause }
    }
    this.exchange = { server: this.settings.serverFor(mechanism), isRaw: version === RAW_TOKENS_VERSION }
    return { ...answer, errorCode: ErrorCode.NONE }
  }

  /** One message of the client. Of a raw token only `authBytes` and `endsBecause` count: there is no room to tell of an error. */
  authenticate(message: Uint8Array): AuthenticateOutcome {
    const { exchange } = this
    if (exchange === null) {
      if (this.authenticated !== null) {
        const told = 'SaslAuthenticate request received after successful authentication'
        return outcome({ errorCode: ErrorCode.ILLEGAL_SASL_STATE, errorMessage: told })
      }
      return this.fail(ErrorCode.ILLEGAL_SASL_STATE, errorMessage(ErrorCode.ILLEGAL_SASL_STATE), 'no SaslHandshake came before')
    }
    const step = exchange.server.evaluate(message)
    if (step.kind === 'continue') return outcome({ authBytes: step.challenge })
    const { mechanism } = exchange.server
    if (step.kind === 'failed') {
      const what = this.authenticated === null ? 'authentication' : 're-authentication'
      const general = `Authentication failed during ${what} due to invalid credentials with SASL mechanism ${mechanism}`
      return this.fail(ErrorCode.SASL_AUTHENTICATION_FAILED, step.told ?? general, step.reason)
    }
    const principal = (this.settings.principalOf ?? userPrincipal)(step.user)
    const refusal = this.whyNotTheSame(principal, mechanism)
    if (refusal !== null) return this.fail(ErrorCode.SASL_AUTHENTICATION_FAILED, refusal, refusal)
    const lifetimeMs = this.settings.sessionLifetimeMsMax
    this.exchange = null
    if (this.authenticated === null) this.lastReauthenticationMs = Number.NEGATIVE_INFINITY
    this.authenticated = { principal, mechanism }
    this.expiresAtMs = lifetimeMs > 0 ? this.clock.monotonicMs() + lifetimeMs : Number.POSITIVE_INFINITY
    return outcome({ authBytes: step.challenge, sessionLifetimeMs: lifetimeMs })
  }

  private whyNotTheSame(principal: string, mechanism: SaslMechanism): string | null {
    const before = this.authenticated
    if (before === null) return null
    if (before.principal !== principal)
      return `Cannot change principals during re-authentication from ${before.principal} to ${principal}`
    if (before.mechanism !== mechanism)
      return `Cannot change SASL mechanism during re-authentication from ${before.mechanism} to ${mechanism}`
    return null
  }

  private fail(errorCode: number, told: string, reason: string): AuthenticateOutcome {
    this.hasFailed = true
    this.exchange = null
    return outcome({ errorCode, errorMessage: told, endsBecause: `Failed authentication: ${reason}` })
  }
}

function outcome(parts: Partial<AuthenticateOutcome>): AuthenticateOutcome {
  return { errorCode: ErrorCode.NONE, errorMessage: null, authBytes: NO_BYTES, sessionLifetimeMs: 0, endsBecause: null, ...parts }
}

function printable(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
}
