/**
 * ListTransactions (key 66): the transactions that this broker coordinates (KIP-664). Versions 0–1; 1 can ask for those that have run for long (KIP-994).
 */
import { array, defineApi, int16, int32, int64, int64n, string } from '../schema'

export const ListTransactions = defineApi({
  key: 66,
  name: 'ListTransactions',
  versions: [0, 1],
  flexibleFrom: 0,
  request: {
    stateFilters: array('0+', 'string'),
    producerIdFilters: array('0+', 'int64'),
    durationFilter: int64n('1+', { default: -1 }),
  },
  response: {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    unknownStateFilters: array('0+', 'string'),
    transactionStates: array('0+', {
      transactionalId: string('0+'),
      producerId: int64('0+'),
      transactionState: string('0+'),
    }),
  },
})
