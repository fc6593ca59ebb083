/**
 * A run's records in transactions of so many each, committed or, on purpose, aborted. Records of one partition go as one batch. What was
 * acknowledged is told when its transaction has ended. One that fails is aborted and all its records count as failed; when several in a row
 * fail, or somebody else has taken the id over, the run is told to stop.
 */
import { ClientError, type Delivery, type KafkaClient, type ProducerRecord, TransactionalProducer } from '../../engine/client'
import { ErrorCode } from '../../engine/wire/errors'
import { partitionForKey } from '../../shared/lang/murmur2'
import type { ProduceRequestInput, TransactionInput } from '../../shared/model/producing'
import type { Outlet, OutletEvents } from './outlet'
import { SeededRandom, seedOf } from './template/random'

/** Half of what a coordinator allows before it aborts: a slow run ends its transactions earlier than by their count. */
const openMax = 30_000
const failuresInARowMax = 3
/** Records without a key stay with a partition for so many, as Kafka's sticky partitioner has them. */
const stickyRecords = 64

/** What of a TransactionalProducer is used here. */
export type Transactions = Pick<TransactionalProducer, 'init' | 'state' | 'begin' | 'send' | 'commit' | 'abort' | 'close'>

export class TransactionOutlet implements Outlet {
  committedCount = 0
  abortedCount = 0
  private readonly producer: Transactions
  private readonly waiting: ProducerRecord[] = []
  /** Acknowledged in the open transaction: told once it has ended, since it may still fail and take them with it. */
  private held: { readonly delivery: Delivery; readonly latencyMs: number }[] = []
  /** In the open transaction, those waiting included. */
  private countInTransaction = 0
  private transactionNumber = 0
  private openSinceMs: number | null = null
  private spreadCount = 0
  private failuresInARow = 0
  private isClosed = false

  constructor(
    private readonly client: KafkaClient,
    private readonly input: ProduceRequestInput,
    private readonly transaction: TransactionInput,
    private readonly events: OutletEvents,
    producer?: Transactions,
  ) {
    this.producer =
      producer ??
      new TransactionalProducer({
        client,
        transactionalId: transaction.transactionalId,
        onRetry: (error) => events.onRetry(error),
      })
  }

  open(): Promise<void> {
    return this.producer.init()
  }

  add(record: ProducerRecord): Promise<void> | null {
    this.waiting.push(record)
    this.countInTransaction++
    return this.countInTransaction >= this.transaction.recordsPerTransaction ? this.carryOut(true) : null
  }

  idle(): Promise<void> | null {
    if (this.countInTransaction === 0) return null
    const isOld = this.openSinceMs !== null && this.client.platform.clock.monotonicMs() - this.openSinceMs >= openMax
    return this.waiting.length === 0 && !isOld ? null : this.carryOut(isOld)
  }

  async finish(): Promise<void> {
    if (this.countInTransaction > 0) await this.carryOut(true)
  }

  close(): void {
    this.isClosed = true
    this.producer.close()
  }

  /** Sends what waits inside of the transaction, and ends it if `isEnd`. */
  private async carryOut(isEnd: boolean): Promise<void> {
    const { clock } = this.client.platform
    const records = this.waiting.splice(0)
    try {
      if (this.producer.state === 'ready') {
        this.producer.begin()
        this.openSinceMs = clock.monotonicMs()
      }
      for (const [partition, batch] of this.byPartition(records)) {
        const sentAtMs = clock.monotonicMs()
        const deliveries = await this.producer.send(this.input.topic, partition, batch)
        const latencyMs = clock.monotonicMs() - sentAtMs
        for (const delivery of deliveries) this.held.push({ delivery, latencyMs })
      }
      if (isEnd) await this.end()
      this.failuresInARow = 0
    } catch (error) {
      await this.onFailed(error as Error)
    }
  }

  private async end(): Promise<void> {
    const { abortPercent } = this.transaction
    const number = this.transactionNumber++
    const isAborted = new SeededRandom(seedOf(this.input.seed ?? 0, number, 'abort')).next() * 100 < abortPercent
    if (isAborted) await this.producer.abort()
    else await this.producer.commit()
    if (isAborted) this.abortedCount++
    else this.committedCount++
    const delivered = this.held
    this.forgetTransaction()
    for (const { delivery, latencyMs } of delivered) this.events.onDelivered(delivery, latencyMs)
  }

  private async onFailed(error: Error): Promise<void> {
    // None of it is delivered, whatever of it was acknowledged, in this turn or before.
    const failedCount = this.countInTransaction
    this.forgetTransaction()
    for (let each = 0; each < failedCount; each++) this.events.onFailed(error)
    this.failuresInARow++
    if (this.isClosed || this.producer.state === 'fenced' || this.failuresInARow >= failuresInARowMax) throw error
    // Ends what was left open; where that fails as well, a new beginning under the same id does it.
    if (this.producer.state === 'abortable' || this.producer.state === 'open')
      await this.producer.abort().then(
        () => this.abortedCount++,
        () => undefined,
      )
    if (this.producer.state !== 'ready') await this.producer.init()
  }

  private forgetTransaction(): void {
    this.held = []
    this.countInTransaction = 0
    this.openSinceMs = null
  }

  private byPartition(records: readonly ProducerRecord[]): Map<number, ProducerRecord[]> {
    const { topic } = this.input
    const partitionCount = this.client.known?.topics.get(topic)?.partitions.length ?? 0
    if (partitionCount === 0)
      throw new ClientError('protocol', `There is no topic ${topic}.`, false, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    const groups = new Map<number, ProducerRecord[]>()
    for (const record of records) {
      const partition =
        record.partition ?? (record.key === null ? this.spread(partitionCount) : partitionForKey(record.key, partitionCount))
      const group = groups.get(partition)
      if (group === undefined) groups.set(partition, [record])
      else group.push(record)
    }
    return groups
  }

  private spread(partitionCount: number): number {
    return Math.floor(this.spreadCount++ / stickyRecords) % partitionCount
  }
}
