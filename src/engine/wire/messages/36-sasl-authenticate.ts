/**
 * SaslAuthenticate (key 36): one step of the SASL exchange that SaslHandshake has begun (KIP-152). Versions 0–2; 1 tells how long the session
 * may live before the client has to authenticate anew (KIP-368).
 */
import { bytes, defineApi, int16, int64, string } from '../schema'

export const SaslAuthenticate = defineApi({
  key: 36,
  name: 'SaslAuthenticate',
  versions: [0, 2],
  flexibleFrom: 2,
  request: {
    authBytes: bytes('0+'),
  },
  response: {
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    authBytes: bytes('0+'),
    sessionLifetimeMs: int64('1+', { default: 0n, ignorable: true }),
  },
})
