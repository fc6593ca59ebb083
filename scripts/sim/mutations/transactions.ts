/** Planted bugs in transactions: their coordinator, what logs keep of them, what readers of committed records are given. */
import type { Mutation } from './mutation'

const transaction = 'src/engine/coordinator/transaction'
const storage = 'src/engine/storage'

export const transactionMutations: readonly Mutation[] = [
  {
    name: 'committed-readers-read-to-the-high-watermark',
    file: 'src/engine/replication/replica.ts',
    find: 'const maxOffset = isCommittedOnly ? log.lastStableOffset(state.highWatermark) : decision.maxOffset',
    replace: 'const { maxOffset } = decision',
    breaks: 'readers of committed records are given what nobody has decided yet',
  },
  {
    name: 'aborted-transactions-not-told',
    file: 'src/engine/replication/replica.ts',
    find: 'if (slice === null || slice.nextOffset <= fetchOffset) return []',
    replace: 'if (slice === null || slice.nextOffset >= 0) return []',
    breaks: 'readers of committed records take aborted ones for committed',
  },
  {
    name: 'index-of-aborted-not-recovered',
    file: `${storage}/log-loading.ts`,
    find: 'indexFrom = segments[first]!.baseOffset',
    replace: '',
    breaks: 'after a crash nobody knows any more what was aborted in the segments that were read anew',
  },
  {
    name: 'open-transactions-not-in-snapshots',
    file: `${storage}/producer-state.ts`,
    find: 'if (entry.currentTxnFirstOffset >= 0) this.#transactions.begin(entry.producerId, entry.currentTxnFirstOffset)',
    replace: '',
    breaks: 'a transaction that is open over a restart is taken for decided',
  },
  {
    name: 'producer-epoch-not-checked',
    file: `${storage}/producer-state.ts`,
    find: 'if (epoch >= lastEpoch) return null',
    replace: 'if (epoch >= 0) return null',
    breaks: 'a producer that was fenced goes on writing',
  },
  {
    name: 'fenced-in-the-same-epoch',
    file: `${transaction}/init-producer-id.ts`,
    find: 'current.producerEpoch + (current.clientVersion >= 2 ? 2 : 1)',
    replace: 'current.producerEpoch',
    breaks: 'a producer whose transaction was aborted for it does not notice',
  },
  {
    name: 'complete-with-the-first-marker',
    file: `${transaction}/marker-sender.ts`,
    find: 'if (remaining.size > 0 || ',
    replace: 'if (',
    breaks: 'a transaction is over before all of its partitions know how it ended',
  },
  {
    name: 'decisions-not-resumed',
    file: `${transaction}/transaction-shard.ts`,
    find: 'if (current !== undefined && isPrepared(current)) found.push(decided(current, context))',
    replace: '',
    breaks: 'what a coordinator has decided and not told everybody its successor tells nobody',
  },
]
