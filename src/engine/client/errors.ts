/**
 * What can go wrong between a client and a broker, as one typed error. Thrown or handed over by everything in this folder; a protocol
 * error code inside a well-formed response is not one of these until a client of a higher level (Admin, Producer) makes it one.
 */
import { errorMessage, errorName, isRetriable } from '../wire/errors'

export type ClientErrorKind =
  /** The connection could not be made, or went away before the answer came. */
  | 'connection'
  /** No answer within the request's time. */
  | 'timeout'
  /** The broker answered with an error code ({@link ClientError.code}), or with bytes that are no answer. */
  | 'protocol'
  /** Client and broker have no version of this API in common. */
  | 'version'
  /** This client was closed by its owner. */
  | 'closed'

export interface ClientErrorOptions extends ErrorOptions {
  readonly isUnknownOutcome?: boolean
}

export class ClientError extends Error {
  override readonly name = 'ClientError'
  /**
   * The request left this client and no answer says that it was not carried out: it may have been, or may yet be. False: it was not and will
   * not be. On what a Producer hands over it speaks of the record and all attempts: true, the record may be in the log; false, it is not.
   */
  readonly isUnknownOutcome: boolean

  constructor(
    readonly kind: ClientErrorKind,
    message: string,
    /** Whether the same request may succeed later, at this broker or another. */
    readonly retriable: boolean,
    /** Kafka's error code where the broker named one, else null. */
    readonly code: number | null = null,
    options?: ClientErrorOptions,
  ) {
    super(message, options)
    this.isUnknownOutcome = options?.isUnknownOutcome ?? false
  }
}

/** The error for a code that a broker answered. `message` is the broker's own sentence where it sent one. */
export function protocolError(code: number, message: string | null = null): ClientError {
  return new ClientError('protocol', `${errorName(code)}: ${message ?? errorMessage(code)}`, isRetriable(code), code)
}
