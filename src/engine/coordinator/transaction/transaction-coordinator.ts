/**
 * The coordinator of transactions, as handlers ask it (TransactionCoordinator.scala): finds the shard, gives out producer ids, has markers written once an
 * end is decided and committed, and completes the transaction when they are. Time is its own too: transactions that are open for too long are aborted, and
 * ids that nobody uses are forgotten. What is to be decided the shard decides; this one only carries it out.
 */
import type { Clock, Logger, Timer } from '../../platform'
import { ErrorCode } from '../../wire/errors'
import { CoordinatorRuntime, type CoordinatorRuntimeOptions, type Outcome } from '../runtime'
import type { OperationContext, Step } from '../shard'
import type { PartitionsRequest } from './add-partitions'
import type { EndTransactionRequest } from './end-transaction'
import type { InitProducerIdRequest } from './init-producer-id'
import { type MarkerPorts, MarkerSender } from './marker-sender'
import type { TransactionLogVersion } from './transaction-log'
import { isPrepared, type TransactionMetadata } from './transaction-metadata'
import { type DecidedTransaction, type NeedsProducerId, type ProducerAnswer, TransactionShard } from './transaction-shard'

export interface TransactionCoordinatorOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly runtime: Omit<
    CoordinatorRuntimeOptions<TransactionShard>,
    'createShard' | 'onDidLoad' | 'onDidUnload' | 'clock' | 'logger'
  >
  readonly markers: Pick<MarkerPorts, 'leaderOf' | 'write'>
  /** One that was never given out. Rejects where none can be had now. */
  takeProducerId(): Promise<bigint>
  readonly logVersion: TransactionLogVersion
  /** transaction.max.timeout.ms */
  readonly timeoutMsMax: number
  /** transactional.id.expiration.ms */
  readonly idExpirationMs: number
  readonly abortCheckIntervalMs: number
  readonly expirationCheckIntervalMs: number
}

/** As long as Kafka's brokers try again before they tell a client to (add.partitions.to.txn.retry.backoff.max.ms). */
const SETTLE_MS = 100

/** Records of one step: one batch of the log. */
const STEP_RECORDS_MAX = 500

const refused = (errorCode: number): ProducerAnswer => ({ errorCode, producerId: -1n, producerEpoch: -1, decided: null })

export class TransactionCoordinator {
  readonly runtime: CoordinatorRuntime<TransactionShard>
  private readonly markers: MarkerSender
  /** As loaded, and as written since; what they say may not be committed yet. */
  private readonly shards = new Map<number, TransactionShard>()
  private readonly tickers: Timer[] = []
  /** Requests that wait for the transaction before to be over, by transactional id. */
  private readonly waiting = new Map<string, Set<() => void>>()
  private isClosed = false

  constructor(private readonly options: TransactionCoordinatorOptions) {
    const { clock, logger, logVersion } = options
    this.runtime = new CoordinatorRuntime<TransactionShard>({
      ...options.runtime,
      clock,
      logger,
      createShard: () => new TransactionShard({ logVersion }),
      onDidLoad: (partition, shard, leaderEpoch) => {
        this.shards.set(partition, shard)
        for (const decided of shard.decidedTransactions({ leaderEpoch })) this.tell(decided, partition)
      },
      onDidUnload: (partition) => {
        this.shards.delete(partition)
        this.markers.drop(partition)
      },
    })
    this.markers = new MarkerSender({
      clock,
      logger,
      ...options.markers,
      onWritten: (transaction, partition) => this.complete(transaction, partition),
    })
  }

  async initProducerId(request: Omit<InitProducerIdRequest, 'freshProducerId'>): Promise<ProducerAnswer> {
    if (request.timeoutMs <= 0 || request.timeoutMs > this.options.timeoutMsMax) {
      return refused(ErrorCode.INVALID_TRANSACTION_TIMEOUT)
    }
    const ask = () =>
      this.withProducerId(request.transactionalId, (freshProducerId, shard, step, context) =>
        shard.initProducerId({ ...request, freshProducerId }, step, context),
      )
    return this.onceSettled(request.transactionalId, ask, ({ errorCode }) => errorCode)
  }

  endTransaction(transactionalId: string, request: Omit<EndTransactionRequest, 'freshProducerId'>): Promise<ProducerAnswer> {
    return this.withProducerId(transactionalId, (freshProducerId, shard, step, context) =>
      shard.endTransaction(transactionalId, { ...request, freshProducerId }, step, context),
    )
  }

  addPartitions(transactionalId: string, request: PartitionsRequest): Promise<number> {
    const ask = async () => {
      const outcome = await this.runtime.write(this.runtime.partitionFor(transactionalId), (shard, step, context) =>
        shard.addPartitions(transactionalId, request, step, context),
      )
      return outcome.answer ?? outcome.errorCode
    }
    return this.onceSettled(transactionalId, ask, (errorCode) => errorCode)
  }

  /** For each partition its error code. */
  async verifyPartitions(
    transactionalId: string,
    request: PartitionsRequest,
  ): Promise<(topic: string, partition: number) => number> {
    const outcome = await this.runtime.read(this.runtime.partitionFor(transactionalId), (shard) =>
      shard.verifyPartitions(transactionalId, request),
    )
    return outcome.answer ?? (() => outcome.errorCode)
  }

  /** As committed. Of a transaction that is ending, the partitions are those without a marker. */
  async describe(transactionalId: string): Promise<Outcome<TransactionMetadata | null>> {
    const outcome = await this.runtime.read(
      this.runtime.partitionFor(transactionalId),
      (shard) => shard.find(transactionalId) ?? null,
    )
    if (outcome.answer === null || !isPrepared(outcome.answer)) return outcome
    const remaining = this.markers.remaining(transactionalId)
    return remaining === null ? outcome : { errorCode: 0, answer: { ...outcome.answer, partitions: remaining } }
  }

  /** All that this broker coordinates. An error where some of it is not loaded. */
  async list(): Promise<Outcome<readonly TransactionMetadata[]>> {
    const all: TransactionMetadata[] = []
    for (const partition of this.runtime.partitions) {
      const outcome = await this.runtime.read(partition, (shard) => [...shard.all()])
      if (outcome.answer !== null) all.push(...outcome.answer)
      // One that has gone to another broker meanwhile is listed there.
      else if (outcome.errorCode !== ErrorCode.NOT_COORDINATOR) return { errorCode: outcome.errorCode, answer: null }
    }
    return { errorCode: 0, answer: all }
  }

  startTickers(): void {
    const { clock, abortCheckIntervalMs, expirationCheckIntervalMs } = this.options
    this.tickers.push(
      clock.setTicker(abortCheckIntervalMs, () => this.lookAtTime()),
      clock.setTicker(expirationCheckIntervalMs, () => this.expireIds()),
    )
  }

  close(): void {
    this.isClosed = true
    for (const ticker of this.tickers) ticker.cancel()
    this.markers.close()
    for (const waiting of [...this.waiting.values()]) for (const end of [...waiting]) end()
  }

  /** Aborts what has been open for too long, and sends what should be on its way and is not: an answer that told of a decision may have come too late. */
  private lookAtTime(): void {
    const nowMs = this.options.clock.nowMs()
    for (const [partition, shard] of this.shards) {
      if (!shard.isBusy) continue
      if (shard.hasTimedOut(nowMs)) this.abortTimedOut(partition)
      else void this.sendDecided(partition)
    }
  }

  /** Fewer at once where they are too much for one batch: each names all of its partitions. */
  private abortTimedOut(partition: number, countMax = STEP_RECORDS_MAX): void {
    void this.runtime
      .write(partition, (shard, step, context) => shard.abortTimedOut(countMax, step, context))
      .then(({ errorCode }) => {
        if (errorCode === ErrorCode.MESSAGE_TOO_LARGE && countMax > 1)
          this.abortTimedOut(partition, Math.floor(countMax / 8) || 1)
        // What was decided before is not to wait for what cannot be.
        else return this.sendDecided(partition)
      })
  }

  private async sendDecided(partition: number): Promise<void> {
    const { answer } = await this.runtime.read(partition, (shard, context) => shard.decidedTransactions(context))
    for (const decided of answer ?? []) this.tell(decided, partition)
  }

  private expireIds(): void {
    const { idExpirationMs } = this.options
    for (const [partition, shard] of this.shards) {
      if (shard.size === 0) continue
      void this.runtime.write(partition, (loaded, step, context) =>
        loaded.expire(idExpirationMs, STEP_RECORDS_MAX, step, context),
      )
    }
  }

  /**
   * Who begins a transaction right behind another asks while the markers of that one are being written: a moment later it is done, and clients that are
   * told to come again wait for longer than that, kafkajs a quarter of a second.
   */
  private async onceSettled<A>(transactionalId: string, ask: () => Promise<A>, errorCodeOf: (answer: A) => number): Promise<A> {
    const answer = await ask()
    if (errorCodeOf(answer) !== ErrorCode.CONCURRENT_TRANSACTIONS || this.isClosed) return answer
    await new Promise<void>((resolve) => {
      const waiting = this.waiting.get(transactionalId) ?? new Set()
      this.waiting.set(transactionalId, waiting)
      const end = () => {
        timer.cancel()
        waiting.delete(end)
        if (waiting.size === 0) this.waiting.delete(transactionalId)
        resolve()
      }
      const timer = this.options.clock.setTimer(SETTLE_MS, end)
      waiting.add(end)
    })
    return ask()
  }

  private async withProducerId(
    transactionalId: string,
    operation: (
      freshProducerId: bigint | null,
      shard: TransactionShard,
      step: Step,
      context: OperationContext,
    ) => ProducerAnswer | NeedsProducerId,
  ): Promise<ProducerAnswer> {
    const partition = this.runtime.partitionFor(transactionalId)
    const attempt = (freshProducerId: bigint | null) =>
      this.runtime.write(partition, (shard, step, context) => operation(freshProducerId, shard, step, context))
    let outcome = await attempt(null)
    if (outcome.answer === 'needs-producer-id') {
      const fresh = await this.takeProducerId()
      if (fresh === null) return refused(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
      outcome = await attempt(fresh)
    }
    const { answer, errorCode } = outcome
    if (answer === null || answer === 'needs-producer-id') return refused(errorCode || ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    if (answer.decided !== null) this.tell(answer.decided, partition)
    return answer
  }

  private async takeProducerId(): Promise<bigint | null> {
    try {
      return await this.options.takeProducerId()
    } catch (error) {
      this.options.logger.warn('No producer id could be given out', { reason: String(error) })
      return null
    }
  }

  /**
   * `decided` is committed. But it may have been heard of twice, and be complete since: a marker that came after that would end the next transaction of
   * the producer.
   */
  private tell(decided: DecidedTransaction, partition: number): void {
    const current = this.shards.get(partition)?.find(decided.transactionalId)
    if (current === undefined || !isPrepared(current)) return
    if (current.producerId === decided.producerId && current.producerEpoch === decided.producerEpoch) {
      this.markers.send(decided, partition)
    }
  }

  private complete(transaction: DecidedTransaction, partition: number): void {
    void this.runtime
      .write(partition, (shard, step, context) => shard.completeTransaction(transaction, step, context))
      .then(() => {
        for (const end of [...(this.waiting.get(transaction.transactionalId) ?? [])]) end()
      })
  }
}
