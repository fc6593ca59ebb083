/**
 * ListTransactions (key 66), versions 0–1: the transactions that this broker coordinates, by state, producer, and for how long they have run (KIP-664,
 * KIP-994). COORDINATOR_LOAD_IN_PROGRESS while it does not know all of them.
 */
import { TRANSACTION_STATES, type TransactionState } from '../../coordinator/transaction/transaction-metadata'
import { ListTransactions } from '../../wire/messages/66-list-transactions'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

export function listTransactionsHandler({
  transactions,
  clock,
}: Pick<BrokerServices, 'transactions' | 'clock'>): Handler<
  RequestOf<typeof ListTransactions>,
  ResponseOf<typeof ListTransactions>
> {
  return {
    api: ListTransactions,
    minVersion: 0,
    maxVersion: 1,
    async handle(context) {
      const { stateFilters, producerIdFilters, durationFilter } = context.request
      const isState = (name: string): boolean => TRANSACTION_STATES.includes(name as TransactionState)
      const unknownStateFilters = stateFilters.filter((name) => !isState(name))
      const { errorCode, answer } = await transactions.coordinator.list()
      const nowMs = clock.nowMs()
      const transactionStates = (answer ?? [])
        .filter(({ state, producerId, startMs }) => {
          if (stateFilters.length > 0 && !stateFilters.includes(state)) return false
          if (producerIdFilters.length > 0 && !producerIdFilters.includes(producerId)) return false
          return durationFilter < 0 || (startMs >= 0 && nowMs - startMs > durationFilter)
        })
        .map(({ transactionalId, producerId, state }) => ({ transactionalId, producerId, transactionState: state }))
      context.respond({ throttleTimeMs: 0, errorCode, unknownStateFilters, transactionStates })
    },
  }
}
