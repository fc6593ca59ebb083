/**
 * One transactional id of the workload: transactions over several partitions and the offsets of a group, some committed, some aborted, some left lying; and
 * now and then a second producer of the same id, while the first one still believes that it is the one. Its end may be in the middle of a transaction, which
 * then only time ends. What it hears goes into the history.
 */
import { ClientError, type KafkaClient, TransactionalProducer } from '../../../client'
import { pause } from '../../../client/retry'
import type { TransactionPlan } from '../plan'
import type { SimProcess } from '../process'
import type { SeededRandom } from '../seeded-random'
import type { Transaction, TransactionHistory } from './transaction-history'
import { every, type WorkloadContext } from './workload-context'

const restPauseMs = 200
const recordsMax = 6
/** Of leaving the last transaction open. */
const lastLeftOpenChance = 0.5

interface Instance {
  readonly producer: TransactionalProducer
  readonly generation: number
}

export class TransactionalClient {
  /** All that it was ever given. */
  readonly producerIds: bigint[] = []
  readonly #process: SimProcess
  readonly #random: SeededRandom
  readonly #client: KafkaClient
  #instance: Instance | null = null
  #isBusy = false
  #isWorking = false
  #isClosed = false

  constructor(
    private readonly context: WorkloadContext,
    private readonly history: TransactionHistory,
    private readonly plan: TransactionPlan,
  ) {
    this.#process = context.world.clientProcess(plan.name)
    this.#random = context.random(plan.name)
    this.#client = context.newClient(this.#process)
  }

  get name(): string {
    return this.plan.name
  }

  get isIdle(): boolean {
    return !this.#isBusy && !this.#isWorking
  }

  start(): void {
    this.#isWorking = true
    every(
      this.#process.platform.clock,
      () => this.#random.within(0, 2 * restPauseMs),
      async () => {
        if (this.#isClosed) return false
        const isLast = this.context.isStopped
        this.#isBusy = true
        await (isLast ? this.#die() : this.#live())
          .catch((error: unknown) => this.#onTrouble(error))
          .finally(() => {
            this.#isBusy = false
          })
        if (isLast) this.#isWorking = false
        return !isLast
      },
      this.context.onBug,
    )
  }

  close(): void {
    this.#isClosed = true
    this.#client.close()
  }

  async #live(): Promise<void> {
    await this.#client.refresh()
    this.#instance ??= await this.#begin()
    const instance = this.#instance
    const { producer } = instance
    producer.begin()
    const transaction = this.history.onBegun(this.plan.name, instance.generation)
    try {
      await this.#write(instance, transaction)
      const zombie = this.#random.chance(this.plan.zombieChance)
      if (zombie) {
        // Another process of the same program has been started, and this one does not know.
        this.context.note(
          this.plan.name,
          () => `generation ${instance.generation} becomes a zombie in transaction ${transaction.number}`,
        )
        this.#instance = null
        this.#instance = await this.#begin()
        if (this.#random.chance(0.5)) await this.#write(instance, transaction)
      }
      await this.#end(instance, transaction)
    } catch (error) {
      await this.#recover(instance, error)
      throw error
    }
  }

  async #die(): Promise<void> {
    if (!this.#random.chance(lastLeftOpenChance)) return
    await this.#client.refresh()
    const instance = this.#instance ?? (await this.#begin())
    instance.producer.begin()
    const transaction = this.history.onBegun(this.plan.name, instance.generation)
    this.context.note(this.plan.name, () => `leaves transaction ${transaction.number} of generation ${instance.generation} open`)
    await this.#write(instance, transaction).finally(() => instance.producer.close())
  }

  async #begin(): Promise<Instance> {
    const { name, timeoutMs } = this.plan
    const producer = new TransactionalProducer({
      client: this.#client,
      transactionalId: name,
      transactionTimeoutMs: timeoutMs,
      requestTimeoutMs: 3_000,
      deliveryTimeoutMs: this.#random.pick([1_500, 6_000, 20_000]),
      onRetry: (error) => this.context.note(name, () => `tries again: ${error.message}`),
    })
    await producer.init()
    if (producer.producer !== null) this.producerIds.push(producer.producer.producerId)
    const generation = this.history.onInitialized(name)
    this.context.note(
      name,
      () => `generation ${generation} is ${producer.producer?.producerId} in epoch ${producer.producer?.producerEpoch}`,
    )
    return { producer, generation }
  }

  async #write({ producer }: Instance, transaction: Transaction): Promise<void> {
    const { clock } = this.#process.platform
    const { name, topic, partitions, offsetsChance, silenceChance, timeoutMs } = this.plan
    const count = this.#random.between(1, recordsMax)
    // Longer than its coordinator waits, or nearly; in the middle, so that a part may be aborted, or at the end.
    const silentBefore = this.#random.chance(silenceChance) ? this.#random.between(1, count) : -1
    const fallSilent = () => pause(clock, timeoutMs * this.#random.within(0.7, 1.6))
    for (let index = 0; index < count; index++) {
      if (index === silentBefore) await fallSilent()
      const sent = this.history.onSent(transaction, this.#random.below(partitions))
      const record = { key: null, value: Buffer.from(sent.value), headers: [], timestamp: null }
      const [delivery] = await producer.send(topic, sent.partition, [record])
      sent.offset = delivery?.offset ?? -1
      if (this.#random.chance(0.5)) await pause(clock, this.#random.within(0, 60))
    }
    if (this.#random.chance(offsetsChance)) {
      transaction.hasOffsets = true
      await producer.sendOffsets([{ topic, partition: 0, offset: BigInt(transaction.number) }], { groupId: `${name}-group` })
    }
    if (silentBefore === count) await fallSilent()
  }

  async #end(instance: Instance, transaction: Transaction): Promise<void> {
    const { producer, generation } = instance
    const { name, abortChance } = this.plan
    if (this.#random.chance(abortChance)) {
      await producer.abort()
      this.history.onAborted()
      return
    }
    this.history.onCommitAsked(transaction)
    try {
      await producer.commit()
    } catch (error) {
      const isUnknown = !(error instanceof ClientError) || error.isUnknownOutcome || error.retriable
      this.context.note(
        name,
        () => `does not know of transaction ${transaction.number} of generation ${generation}: ${String(error)}`,
      )
      this.history.onCommitFailed(transaction, isUnknown)
      throw error
    }
    this.context.note(name, () => `has committed transaction ${transaction.number} of generation ${generation}`)
    this.history.onCommitted(transaction)
  }

  async #recover(instance: Instance, error: unknown): Promise<void> {
    if (!(error instanceof ClientError) || this.#isClosed) return
    const { producer } = instance
    const isLeft = this.#random.chance(0.3)
    if (producer.state === 'abortable' && !isLeft) {
      try {
        await producer.abort()
        this.history.onAborted()
        return
      } catch (failure) {
        this.#onTrouble(failure)
      }
    }
    // A new one, which ends what this one has left lying; a successor may be there already.
    producer.close()
    if (this.#instance === instance) this.#instance = null
  }

  #onTrouble(error: unknown): void {
    if (!(error instanceof ClientError)) throw error
    this.context.note(this.plan.name, () => `is in trouble: ${error.message}`)
  }
}
