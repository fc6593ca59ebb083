/**
 * InitProducerId (key 22): a producer id and epoch for idempotence and transactions. Versions 0–5; 3 can bump the epoch of an id that
 * the producer has (KIP-360). Producer ids are bigint everywhere: a client may send any.
 */
import { defineApi, int16, int32, int64, string } from '../schema'

export const InitProducerId = defineApi({
  key: 22,
  name: 'InitProducerId',
  versions: [0, 5],
  flexibleFrom: 2,
  request: {
    transactionalId: string('0+', { nullable: '0+' }),
    transactionTimeoutMs: int32('0+'),
    producerId: int64('3+', { default: -1n }),
    producerEpoch: int16('3+', { default: -1 }),
  },
  response: {
    throttleTimeMs: int32('0+', { ignorable: true }),
    errorCode: int16('0+'),
    producerId: int64('0+', { default: -1n }),
    producerEpoch: int16('0+'),
  },
})
