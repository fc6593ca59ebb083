/**
 * What the SASL mechanisms have in common: a server and a client of each exchange opaque messages until one of them has decided. Pure and
 * synchronous; who carries the messages is broker/authentication.ts on one side and client/sasl-login.ts on the other.
 */

/** Mechanisms that this engine knows, in the order in which a broker lists them. */
export const SASL_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const
export type SaslMechanism = (typeof SASL_MECHANISMS)[number]

export function isSaslMechanism(name: string): name is SaslMechanism {
  return (SASL_MECHANISMS as readonly string[]).includes(name)
}

export type SaslServerStep =
  | { readonly kind: 'continue'; readonly challenge: Uint8Array }
  /** The user has proved to be who it says; `challenge` is the last word, which may prove the same of the server. */
  | { readonly kind: 'authenticated'; readonly challenge: Uint8Array; readonly user: string }
  /**
   * `told`: the sentence that the client may read, as Kafka's SaslAuthenticationException; null where Kafka tells only that it was the
   * credentials. `reason` is for the broker's own log.
   */
  | { readonly kind: 'failed'; readonly told: string | null; readonly reason: string }

export interface SaslServer {
  readonly mechanism: SaslMechanism
  /** Never throws, whatever the bytes. Must not be called after it has authenticated or failed. */
  evaluate(message: Uint8Array): SaslServerStep
}

export interface SaslClient {
  readonly mechanism: SaslMechanism
  /** The first message; a server speaks only when it is spoken to. */
  start(): Uint8Array
  /** The answer to a server's message, or null where the exchange has come to its good end. Throws {@link SaslClientError}. */
  evaluate(challenge: Uint8Array): Uint8Array | null
}

/** The server has not proved itself, or says what cannot be understood. */
export class SaslClientError extends Error {
  override readonly name = 'SaslClientError'
}

export const NO_BYTES = new Uint8Array(0)

/** As a log may show it: no control characters, no more than a line. */
export function shown(text: string): string {
  const printable = text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, '?')
  return printable.length > 80 ? `${printable.slice(0, 80)}…` : printable
}
