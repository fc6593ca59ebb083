/** What the handlers of ACLs have in common: Kafka's sentences, and what a failure of the coordination service becomes. */
import type { Logger } from '../platform'
import { ErrorCode } from '../wire/errors'

export const NO_AUTHORIZER = 'No Authorizer is configured.'

export function writeFailure(logger: Logger, error: unknown): { readonly errorCode: number; readonly errorMessage: string } {
  logger.error('ACLs could not be written', { reason: String(error) })
  return { errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, errorMessage: String(error) }
}
