/**
 * What a coordinator's state machine is, one for each partition of its internal topic (Kafka's CoordinatorShard): state that follows from the
 * records of that partition, and operations on it. A shard is pure: it has no clock, does no I/O and knows nothing of requests; CoordinatorRuntime
 * drives it, and only it. GroupShard and TransactionShard are the two there are.
 *
 * Two kinds of state, and the rule that keeps them apart:
 * - What has to survive changes through `replay` only. An operation decides, puts records into its Step, and finds the state changed once the
 *   runtime has appended them. An append that fails leaves the shard as the log is: as if nothing had been asked.
 * - What may be lost with the coordinator (who waits for what, members that are joining) an operation may change at once.
 */

/** As it goes into the log. Without a value it is a tombstone. */
export interface CoordinatorRecord {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** As it stands in the log. */
export interface ReplayedRecord extends CoordinatorRecord {
  readonly offset: number
  readonly timestampMs: number
  /** Of the transaction that it belongs to; -1n: of none. */
  readonly producerId: bigint
  readonly producerEpoch: number
}

export type TransactionResult = 'commit' | 'abort'

export interface Shard {
  /**
   * `origin` 'write': an operation of this shard has just made the record. Bytes are views: what is kept must be copied. Throws DecodeError for a
   * record that it cannot read; one of a kind that it does not know it passes over.
   */
  replay(record: ReplayedRecord, origin: 'load' | 'write'): void
  /** A producer's transaction has ended on this partition: what it wrote under this id counts now, or never will. */
  replayEndTransaction(producerId: bigint, producerEpoch: number, result: TransactionResult): void
  /** The whole log has been replayed. The place to set timers, and to write what has to be mended. */
  onDidLoad(step: Step, context: OperationContext): void
}

export interface OperationContext {
  /** Wall clock. */
  readonly nowMs: number
  /** Of the partition, under which this broker leads it: Kafka's coordinator epoch. */
  readonly leaderEpoch: number
}

/** Stands for somebody who waits for an answer of type A. A shard keeps it for as long as it likes and answers it in some step, once. */
export interface Slot<A> {
  /** Never there: it ties the answer's type to the slot. */
  readonly answerOf?: A
}

/** Timers of one shard, by key. They end with its leadership. An operation that is due runs as a step of its own, again where the log refuses it. */
export interface ShardTimers {
  /** Replaces the timer of that key, if there is one. */
  set(key: string, delayMs: number, operation: TimedOperation): void
  cancel(key: string): void
}

export type TimedOperation = (step: Step, context: OperationContext) => void

/** In whose transaction the records of a step are written. */
export interface TransactionalProducer {
  readonly producerId: bigint
  readonly producerEpoch: number
  /** Where it is there, null included: the log refuses records that open the transaction without the right one (KIP-890). */
  readonly guard?: VerificationGuard | null
}

/** See replication: what a producer's transaction was verified under. */
export interface VerificationGuard {
  readonly epoch: number
}

/**
 * What an operation wants done: records to append as one batch, and answers to give once those records, and all before them, are committed. An
 * answer rests on everything that the shard has written so far, so one of a step without records waits as well.
 */
export class Step {
  readonly records: CoordinatorRecord[] = []
  readonly answers: { readonly slot: Slot<unknown>; readonly answer: unknown }[] = []
  /** Null: the records count at once. */
  producer: TransactionalProducer | null = null
  onAppended: ((step: Step) => void) | null = null
  onRefused: ((errorCode: number, step: Step) => void) | null = null

  append(record: CoordinatorRecord): void {
    this.records.push(record)
  }

  answer<A>(slot: Slot<A>, answer: A): void {
    this.answers.push({ slot, answer })
  }

  /** `then` runs once the records are in the log and replayed, before anything else happens to the shard. Its answers wait for them. */
  whenAppended(then: (step: Step) => void): void {
    this.onAppended = then
  }

  /** `then` runs where the records could not be appended; without it whoever was to be answered in this step is given the error code. */
  whenRefused(then: (errorCode: number, step: Step) => void): void {
    this.onRefused = then
  }
}
