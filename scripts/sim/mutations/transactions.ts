/** Planted bugs in transactions: their coordinator, what logs keep of them, what readers of committed records are given. */
import type { Mutation } from './mutation'

const coordinator = 'src/engine/coordinator'
const transaction = `${coordinator}/transaction`
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
  {
    name: 'only-the-last-batch-is-recognised',
    file: `${storage}/producer-state.ts`,
    find: 'const batchesRetained = 5',
    replace: 'const batchesRetained = 1',
    breaks:
      'a producer with several batches under way is refused for good when their answers are lost, though all of them are in the log',
  },
  {
    name: 'marker-acknowledged-on-append',
    file: 'src/engine/broker/handlers/27-write-txn-markers.ts',
    find: "if (verdict === 'pending') isComplete = false",
    replace: "if (verdict === 'pending') outcome.errorCode = ErrorCode.NONE",
    breaks: 'a transaction is over when the leaders have its markers, and a leader that dies takes its one with it',
  },
  {
    name: 'markers-before-the-decision-is-committed',
    file: `${coordinator}/led-shard.ts`,
    find: 'if (this.queue.isEmpty && led.highWatermark >= this.position) {',
    replace: "if (this.options.name.startsWith('__transaction_state') || led.highWatermark >= this.position) {",
    breaks: 'a transaction is decided when its coordinator alone has it, and the next one decides otherwise',
  },
  {
    name: 'open-transaction-left-to-the-next-producer',
    file: `${transaction}/init-producer-id.ts`,
    find: "return { kind: 'fence', next: fence(current, nowMs) }",
    replace: 'return bump(current, lastEpoch, request, nowMs)',
    breaks:
      'what a producer has left open is not aborted when the next one begins, and counts with that one’s commit or holds up readers for ever',
  },
  {
    name: 'transactions-never-time-out',
    file: `${transaction}/transaction-shard.ts`,
    find: 'return nowMs - sinceMs >= timeoutMs',
    replace: 'return nowMs - sinceMs >= timeoutMs * 1000',
    breaks: 'a producer that is gone holds up readers for ever',
  },
  {
    name: 'offsets-of-aborted-transactions-count',
    file: 'src/engine/coordinator/group/group-offsets.ts',
    find: "if (result === 'abort') return []",
    replace: '',
    breaks: 'a group goes on behind records whose transaction was aborted',
  },
  {
    name: 'ends-of-transactions-not-replayed',
    file: 'src/engine/coordinator/log-replay.ts',
    find: 'if (marker !== null) shard.replayEndTransaction(',
    replace: 'if (marker !== null && offset < 0) shard.replayEndTransaction(',
    breaks: 'a coordinator of groups that takes over takes the offsets of transactions that are over for undecided',
  },
  {
    name: 'first-write-not-verified',
    file: `${storage}/producer-state.ts`,
    find: 'return !this.hasOngoingTransaction(producerId, producerEpochAt(bytes, at)) && !this.#verifications.isHeld(producerId, guard)',
    replace: 'return false',
    breaks: 'a batch that was late on its way opens a transaction that nobody ends (KIP-890)',
  },
  {
    name: 'late-marker-ends-the-next-transaction',
    file: 'src/engine/broker/handlers/27-write-txn-markers.ts',
    find: 'return transactionVersion >= 2 && ',
    replace: 'return transactionVersion > 2 && ',
    breaks: 'in version 2 a marker that was sent twice ends the transaction behind its own (KIP-1228)',
  },
]
