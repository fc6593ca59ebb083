/**
 * The transactional ids of one partition of `__transaction_state`: the state machine that CoordinatorRuntime drives, and TransactionCoordinator asks.
 * Decides with the rules beside it, writes what it has decided, knows what was written. It sends nothing: whoever ends a transaction is answered with
 * what is to be written to its partitions, once the decision is committed.
 */
import { ErrorCode } from '../../wire/errors'
import type { OperationContext, ReplayedRecord, Shard, Step } from '../shard'
import { isInTransaction, type PartitionsRequest, whyNotNow, withPartitions } from './add-partitions'
import { complete, decideEnd, type EndTransactionRequest, producerAfter } from './end-transaction'
import { decideInit, fence, type InitProducerIdRequest } from './init-producer-id'
import {
  decodeTransaction,
  decodeTransactionalId,
  type TransactionLogVersion,
  transactionRecord,
  transactionTombstone,
} from './transaction-log'
import {
  isAtRest,
  isPrepared,
  NO_PRODUCER_EPOCH,
  type TransactionMetadata,
  type TransactionPartitions,
} from './transaction-metadata'

/** A decided transaction, as its partitions are to be told. */
export interface DecidedTransaction {
  readonly transactionalId: string
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  readonly isCommit: boolean
  readonly partitions: TransactionPartitions
  /** As its client spoke; see TransactionMetadata. */
  readonly clientVersion: number
}

export interface ProducerAnswer {
  readonly errorCode: number
  readonly producerId: bigint
  readonly producerEpoch: number
  /** To be written to its partitions; null: nothing. */
  readonly decided: DecidedTransaction | null
}

export type NeedsProducerId = 'needs-producer-id'

export interface TransactionShardOptions {
  /** Of the values that are written; see transaction-log.ts. */
  readonly logVersion: TransactionLogVersion
}

export class TransactionShard implements Shard {
  private readonly transactions = new Map<string, TransactionMetadata>()
  /** Those that are Ongoing or prepared: what time may have to end, and what has markers to write. */
  private readonly busy = new Set<string>()
  /** The epochs before the bumps that this coordinator has made last of all; by them a producer is known that asks for the bump a second time. */
  private readonly lastEpochs = new Map<string, number>()
  /** Since when transactions are taken to be open; see isTimedOut. */
  private readonly openSinceMs = new Map<string, number>()
  private loadedMs = 0

  constructor(private readonly options: TransactionShardOptions) {}

  replay({ key, value }: ReplayedRecord): void {
    const transactionalId = decodeTransactionalId(key)
    const metadata = value === null ? null : decodeTransaction(transactionalId, value)
    this.busy.delete(transactionalId)
    // Its producer has gone on since, or was fenced.
    this.lastEpochs.delete(transactionalId)
    if (metadata?.state !== 'Ongoing' || metadata.startMs !== this.transactions.get(transactionalId)?.startMs) {
      this.openSinceMs.delete(transactionalId)
    }
    if (metadata === null) {
      this.transactions.delete(transactionalId)
      return
    }
    this.transactions.set(transactionalId, metadata)
    if (!isAtRest(metadata)) this.busy.add(transactionalId)
  }

  /** Nobody writes to this topic in a transaction. */
  replayEndTransaction(): void {}

  onDidLoad(_step: Step, { nowMs }: OperationContext): void {
    this.loadedMs = nowMs
  }

  get size(): number {
    return this.transactions.size
  }

  /** A hint, from what may not be committed yet: whether time may have something to do here. */
  get isBusy(): boolean {
    return this.busy.size > 0
  }

  find(transactionalId: string): TransactionMetadata | undefined {
    return this.transactions.get(transactionalId)
  }

  all(): IterableIterator<TransactionMetadata> {
    return this.transactions.values()
  }

  initProducerId(request: InitProducerIdRequest, step: Step, context: OperationContext): ProducerAnswer | NeedsProducerId {
    const { transactionalId } = request
    const lastEpoch = this.lastEpochs.get(transactionalId) ?? NO_PRODUCER_EPOCH
    const decision = decideInit(this.transactions.get(transactionalId), lastEpoch, request, context.nowMs)
    switch (decision.kind) {
      case 'needs-producer-id':
        return decision.kind
      case 'refuse':
        return failure(decision.errorCode)
      case 'keep':
        return success(decision.metadata)
      case 'become':
        this.write(decision.next, step)
        // What is lost with this coordinator is that a repeated request is answered; it is then fenced, as by Kafka.
        step.whenAppended(() => this.lastEpochs.set(transactionalId, decision.lastEpoch))
        return success(decision.next)
      case 'fence':
        this.write(decision.next, step)
        return { ...failure(ErrorCode.CONCURRENT_TRANSACTIONS), decided: decided(decision.next, context) }
    }
  }

  /** Answers an error code. */
  addPartitions(transactionalId: string, request: PartitionsRequest, step: Step, context: OperationContext): number {
    const current = this.transactions.get(transactionalId)
    const errorCode = whyNotNow(current, request)
    if (errorCode !== ErrorCode.NONE || current === undefined) return errorCode
    const next = withPartitions(current, request, context.nowMs)
    if (next !== null) this.write(next, step)
    return ErrorCode.NONE
  }

  /** For each partition whether it takes part in the transaction: NONE, TRANSACTION_ABORTABLE, or why that cannot be told. */
  verifyPartitions(transactionalId: string, request: PartitionsRequest): (topic: string, partition: number) => number {
    const current = this.transactions.get(transactionalId)
    const errorCode = whyNotNow(current, request)
    if (errorCode !== ErrorCode.NONE || current === undefined) return () => errorCode
    return (topic, partition) => (isInTransaction(current, topic, partition) ? ErrorCode.NONE : ErrorCode.TRANSACTION_ABORTABLE)
  }

  endTransaction(
    transactionalId: string,
    request: EndTransactionRequest,
    step: Step,
    context: OperationContext,
  ): ProducerAnswer | NeedsProducerId {
    const decision = decideEnd(this.transactions.get(transactionalId), request, context.nowMs)
    switch (decision.kind) {
      case 'needs-producer-id':
        return decision.kind
      case 'refuse':
        return failure(decision.errorCode)
      case 'done':
        return success(decision.metadata)
      case 'prepare': {
        this.write(decision.next, step)
        return { errorCode: ErrorCode.NONE, ...producerAfter(decision.next), decided: decided(decision.next, context) }
      }
    }
  }

  /** All markers of `ended` are written. False: it is not what is prepared here any more. */
  completeTransaction(ended: DecidedTransaction, step: Step, { nowMs }: OperationContext): boolean {
    const current = this.transactions.get(ended.transactionalId)
    const isThat =
      current !== undefined &&
      isPrepared(current) &&
      current.producerId === ended.producerId &&
      current.producerEpoch === ended.producerEpoch
    if (isThat) this.write(complete(current, nowMs), step)
    return isThat
  }

  /** Decides the abort of transactions that have been open for too long, as if their producers had been fenced. At most `countMax` in one step. */
  abortTimedOut(countMax: number, step: Step, context: OperationContext): void {
    let count = 0
    for (const transactionalId of this.busy) {
      const current = this.transactions.get(transactionalId)
      if (current === undefined || !this.isTimedOut(current, context.nowMs)) continue
      this.write(fence(current, context.nowMs), step)
      if (++count === countMax) return
    }
  }

  hasTimedOut(nowMs: number): boolean {
    for (const transactionalId of this.busy) {
      const current = this.transactions.get(transactionalId)
      if (current !== undefined && this.isTimedOut(current, nowMs)) return true
    }
    return false
  }

  /** What is decided, and not known to be written everywhere. */
  decidedTransactions(context: Pick<OperationContext, 'leaderEpoch'>): DecidedTransaction[] {
    const found: DecidedTransaction[] = []
    for (const transactionalId of this.busy) {
      const current = this.transactions.get(transactionalId)
      if (current !== undefined && isPrepared(current)) found.push(decided(current, context))
    }
    return found
  }

  /** Forgets ids that nobody has used for `expirationMs`. At most `countMax` in one step; answers how many. */
  expire(expirationMs: number, countMax: number, step: Step, { nowMs }: OperationContext): number {
    let count = 0
    for (const metadata of this.transactions.values()) {
      if (!isAtRest(metadata) || nowMs - metadata.lastUpdateMs < expirationMs) continue
      step.append(transactionTombstone(metadata.transactionalId))
      if (++count === countMax) break
    }
    return count
  }

  /**
   * From the time on at which the producer could reach a coordinator: that the whole cluster was down is not its fault. (Kafka counts that too.) A beginning in
   * the future, another broker's or one from before the clock was set back, counts from now on; in Kafka it is waited for.
   */
  private isTimedOut({ transactionalId, state, startMs, timeoutMs }: TransactionMetadata, nowMs: number): boolean {
    if (state !== 'Ongoing') return false
    const knownMs = this.openSinceMs.get(transactionalId) ?? Math.max(startMs, this.loadedMs)
    const sinceMs = Math.min(knownMs, nowMs)
    this.openSinceMs.set(transactionalId, sinceMs)
    return nowMs - sinceMs >= timeoutMs
  }

  private write(next: TransactionMetadata, step: Step): void {
    step.append(transactionRecord(next, this.options.logVersion))
  }
}

function decided(metadata: TransactionMetadata, { leaderEpoch }: Pick<OperationContext, 'leaderEpoch'>): DecidedTransaction {
  const { transactionalId, producerId, producerEpoch, state, partitions, clientVersion } = metadata
  return {
    transactionalId,
    producerId,
    producerEpoch,
    coordinatorEpoch: leaderEpoch,
    isCommit: state === 'PrepareCommit',
    partitions,
    clientVersion,
  }
}

function success({ producerId, producerEpoch }: TransactionMetadata): ProducerAnswer {
  return { errorCode: ErrorCode.NONE, producerId, producerEpoch, decided: null }
}

function failure(errorCode: number): ProducerAnswer {
  return { errorCode, producerId: -1n, producerEpoch: -1, decided: null }
}
