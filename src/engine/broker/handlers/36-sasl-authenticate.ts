/**
 * SaslAuthenticate (key 36), versions 0–2: one message of the exchange that SaslHandshake began. A failure is answered with Kafka's sentence, late
 * (`connection.failed.authentication.delay.ms`), and the connection ends. From 1 on success tells how long the session may live (KIP-368).
 */
import { ErrorCode } from '../../wire/errors'
import { SaslAuthenticate } from '../../wire/messages/36-sasl-authenticate'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'

export function saslAuthenticateHandler(): Handler<RequestOf<typeof SaslAuthenticate>, ResponseOf<typeof SaslAuthenticate>> {
  return {
    api: SaslAuthenticate,
    minVersion: 0,
    maxVersion: 2,
    handle(context) {
      const { sasl, request } = context
      if (sasl === null) {
        const errorMessage = 'SaslAuthenticate request received on a listener without SASL'
        return context.respond({ errorCode: ErrorCode.ILLEGAL_SASL_STATE, errorMessage, authBytes: new Uint8Array(0) })
      }
      const { errorCode, errorMessage, authBytes, sessionLifetimeMs, endsBecause } = sasl.authenticate(request.authBytes)
      const body = { errorCode, errorMessage, authBytes, sessionLifetimeMs: BigInt(sessionLifetimeMs) }
      return endsBecause === null ? context.respond(body) : context.respondAndClose(body, endsBecause, sasl.failureDelayMs)
    },
  }
}
