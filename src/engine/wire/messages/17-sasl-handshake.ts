/**
 * SaslHandshake (key 17): a client names the SASL mechanism that it wants to use. Versions 0–1; after 0 raw SASL frames follow, after 1
 * SaslAuthenticate requests (KIP-43, KIP-152).
 */
import { array, defineApi, int16, string } from '../schema'

export const SaslHandshake = defineApi({
  key: 17,
  name: 'SaslHandshake',
  versions: [0, 1],
  flexibleFrom: Number.POSITIVE_INFINITY,
  request: {
    mechanism: string('0+'),
  },
  response: {
    errorCode: int16('0+'),
    mechanisms: array('0+', 'string'),
  },
})
