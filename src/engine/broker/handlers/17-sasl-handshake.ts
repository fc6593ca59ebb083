/**
 * SaslHandshake (key 17), versions 0–1: agrees on the mechanism. An unknown one is answered with those that there are, and the connection ends. On a
 * listener without SASL it is ILLEGAL_SASL_STATE, as from Kafka. On a living session it begins a re-authentication (KIP-368).
 */
import { ErrorCode } from '../../wire/errors'
import { SaslHandshake } from '../../wire/messages/17-sasl-handshake'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'

export function saslHandshakeHandler(): Handler<RequestOf<typeof SaslHandshake>, ResponseOf<typeof SaslHandshake>> {
  return {
    api: SaslHandshake,
    minVersion: 0,
    maxVersion: 1,
    handle(context) {
      const { sasl, request, version } = context
      if (sasl === null) return context.respond({ errorCode: ErrorCode.ILLEGAL_SASL_STATE, mechanisms: [] })
      const { errorCode, mechanisms, endsBecause } = sasl.handshake(request.mechanism, version)
      const body = { errorCode, mechanisms }
      return endsBecause === null ? context.respond(body) : context.respondAndClose(body, endsBecause, sasl.failureDelayMs)
    },
  }
}
