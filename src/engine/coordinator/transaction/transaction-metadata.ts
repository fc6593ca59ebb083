/**
 * What a coordinator knows of one transactional id: its producer, and the transaction that is open or was last (TransactionMetadata.scala). Values that
 * do not change; the rules beside this file make the next one from the one before.
 *
 *     Empty ── add ──> Ongoing ── end, time-out, fencing ──> PrepareCommit | PrepareAbort ── all markers written ──> CompleteCommit | CompleteAbort
 *       ^                 ^                                                                                              |            |
 *       └── init ─────────┴──────────────────────────────────── add, init ───────────────────────────────────────────────┴────────────┘
 *
 * A transaction is decided when Prepare… is committed in the coordinator's log: from then on nothing can turn it, whoever dies.
 */

/** By the numbers that stand in the log. PrepareEpochFence and Dead are Kafka's, in memory only: here one step does what they stand for. */
export const TRANSACTION_STATES = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
] as const
export type TransactionState = (typeof TRANSACTION_STATES)[number]

/** Partitions by topic. */
export type TransactionPartitions = ReadonlyMap<string, ReadonlySet<number>>

export const NO_PARTITIONS: TransactionPartitions = new Map()
export const NO_PRODUCER_ID = -1n
export const NO_PRODUCER_EPOCH = -1
export const NO_TIME = -1
/** The last epoch that is given to a producer is one below: the last of all is for fencing it. */
export const PRODUCER_EPOCH_MAX = 0x7fff

export interface TransactionMetadata {
  readonly transactionalId: string
  readonly producerId: bigint
  /** The one before the producer's epochs ran out, or its transaction of version 2 did. */
  readonly previousProducerId: bigint
  /** The one that the producer goes on with when the transaction is over, where its epochs have run out (KIP-890 part 2). */
  readonly nextProducerId: bigint
  readonly producerEpoch: number
  readonly timeoutMs: number
  readonly state: TransactionState
  /** Those that take part; of a transaction that is over, none. */
  readonly partitions: TransactionPartitions
  /** NO_TIME before the first transaction. */
  readonly startMs: number
  readonly lastUpdateMs: number
  /** As the client spoke in this transaction: 2 where its epoch grows with each (KIP-890 part 2). */
  readonly clientVersion: number
}

export function isEpochExhausted(epoch: number): boolean {
  return epoch >= PRODUCER_EPOCH_MAX - 1
}

export function isPrepared({ state }: TransactionMetadata): boolean {
  return state === 'PrepareCommit' || state === 'PrepareAbort'
}

/** Of a transaction that is ending: the id with which its producer, which has been told, goes on when it is over. */
export function isNextProducer(metadata: TransactionMetadata, producerId: bigint): boolean {
  return isPrepared(metadata) && metadata.nextProducerId >= 0n && metadata.nextProducerId === producerId
}

/** Nothing is under way: the id may be forgotten when it is not used for long. */
export function isAtRest({ state }: TransactionMetadata): boolean {
  return state === 'Empty' || state === 'CompleteCommit' || state === 'CompleteAbort'
}

export function containsAll(partitions: TransactionPartitions, others: TransactionPartitions): boolean {
  for (const [topic, indexes] of others) {
    const known = partitions.get(topic)
    for (const index of indexes) if (known?.has(index) !== true) return false
  }
  return true
}

export function union(partitions: TransactionPartitions, others: TransactionPartitions): TransactionPartitions {
  const all = new Map(partitions)
  for (const [topic, indexes] of others) all.set(topic, new Set([...(all.get(topic) ?? []), ...indexes]))
  return all
}
