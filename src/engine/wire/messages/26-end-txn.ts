/**
 * EndTxn (key 26): commits or aborts the transaction. Versions 0–5; 5 is for clients of transaction.version 2, whose epoch grows with each
 * transaction and who are told the new one (KIP-890).
 */
import { bool, defineApi, int16, int32, int64, string } from '../schema'

export const EndTxn = defineApi({
  key: 26,
  name: 'EndTxn',
  versions: [0, 5],
  flexibleFrom: 3,
  request: {
    transactionalId: string('0+'),
    producerId: int64('0+'),
    producerEpoch: int16('0+'),
    committed: bool('0+'),
  },
  response: {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    producerId: int64('5+', { default: -1n, ignorable: true }),
    producerEpoch: int16('5+', { default: -1, ignorable: true }),
  },
})
