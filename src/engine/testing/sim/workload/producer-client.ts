/**
 * One producing program of the workload: hands records over at its pace, writes into the history what it sends and hears, and lives on whatever the
 * cluster does. Now and then, and after an error that ends a client for good, it goes on with a new client under a new name: to the cluster, and so to
 * the rules, that is another producer. What is outstanding is bounded.
 */
import { ClientError, type KafkaClient, Producer } from '../../../client'
import { partitionForKey } from '../../../client/partitioner'
import type { ProducerPlan } from '../plan'
import type { SimProcess } from '../process'
import type { SeededRandom } from '../seeded-random'
import { recordFor } from './record-content'
import type { SentRecord } from './sent-record'
import { every, type WorkloadContext } from './workload-context'

const outstandingMax = 60
const keyCount = 7
/** A client asks for metadata anew after this, so that it hears of added partitions. */
const metadataAgeMaxMs = 4_000

/** In one of so many steps the program is started anew. */
const restartOneIn = 250

/** One KafkaClient and Producer, to the rules one producer. */
interface Instance {
  readonly name: string
  readonly client: KafkaClient
  readonly producer: Producer
  isEnding: boolean
}

export class ProducerClient {
  readonly #process: SimProcess
  readonly #random: SeededRandom
  readonly #deliveryTimeoutMs: number
  readonly #batchBytesMax: number
  #instance: Instance
  #instances = 0
  #refreshedAtMs = Number.NEGATIVE_INFINITY
  #outstanding = 0
  #left = Number.POSITIVE_INFINITY
  #lastFailure = ''

  constructor(
    private readonly context: WorkloadContext,
    private readonly plan: ProducerPlan,
    process?: SimProcess,
  ) {
    this.#process = process ?? context.world.clientProcess(plan.name)
    this.#random = context.random(plan.name)
    this.#deliveryTimeoutMs = this.#random.pick([3_000, 10_000, 30_000, 30_000])
    this.#batchBytesMax = this.#random.pick([1_500, 8_000])
    this.#instance = this.#newInstance()
  }

  get isIdle(): boolean {
    return this.#outstanding === 0
  }

  /** `count`: stops by itself after so many. */
  start(count = Number.POSITIVE_INFINITY): void {
    this.#left = count
    const { clock } = this.#process.platform
    const meanPauseMs = 1_000 / this.plan.recordsPerSecond
    // In turns quick and slow, so that batches of many records and lone ones both occur.
    const pauseMs = () =>
      this.#random.chance(0.6) ? this.#random.within(0, meanPauseMs / 2) : this.#random.within(0, meanPauseMs * 3.5)
    every(clock, pauseMs, () => this.#step(), this.context.onBug)
  }

  /** All that was to be sent has been, and all of it is settled. */
  get isDone(): boolean {
    return this.#left <= 0 && this.isIdle
  }

  /** Sends no more. */
  stop(): void {
    this.#left = 0
  }

  close(): void {
    this.#end(this.#instance)
  }

  async #step(): Promise<boolean> {
    if (this.context.isStopped || this.#left <= 0) return false
    if (this.#outstanding >= outstandingMax) return true
    if (this.#random.below(restartOneIn) === 0) this.#replace(this.#instance)
    const { clock } = this.#process.platform
    if (clock.monotonicMs() - this.#refreshedAtMs > metadataAgeMaxMs) {
      const { client } = this.#instance
      const isFresh = await client.refresh().then(
        () => true,
        () => false,
      )
      if (isFresh) this.#refreshedAtMs = clock.monotonicMs()
      if (this.context.isStopped) return false
    }
    if ((this.#instance.client.known?.topics.get(this.plan.topic)?.partitions.length ?? 0) > 0) this.#send()
    return true
  }

  #send(): void {
    const { plan, context } = this
    const instance = this.#instance
    const partitionCount = instance.client.known?.topics.get(plan.topic)?.partitions.length ?? 0
    const key = plan.partition === null ? `key-${this.#random.below(keyCount)}` : null
    const partition = plan.partition ?? partitionForKey(Buffer.from(key ?? ''), partitionCount)
    if (partition >= partitionCount) return
    const id = {
      producer: instance.name,
      topic: plan.topic,
      partition,
      counter: context.history.partition(plan.topic, partition).nextCounter(instance.name),
    }
    const timestamp = BigInt(this.#process.platform.clock.nowMs())
    const record = recordFor(id, key, this.#random.between(...plan.valueBytes), timestamp)
    const sent = context.history.onSent(id, record, plan.acks, plan.isIdempotent)
    this.#left--
    this.#outstanding++
    instance.producer.append({ ...record, partition: plan.partition }, (delivery, error) => {
      this.#outstanding--
      try {
        if (delivery !== null) this.#onDelivered(sent, delivery.partition, delivery.offset)
        else this.#onFailed(instance, sent, error ?? new ClientError('protocol', 'failed without a reason', false))
      } catch (bug) {
        context.onBug(bug)
      }
    })
  }

  #onDelivered(sent: SentRecord, partition: number, offset: number): void {
    const { producer, topic, counter } = sent.id
    if (partition !== sent.id.partition)
      throw new Error(`record ${counter} of ${producer} to ${topic}-${sent.id.partition} was delivered to partition ${partition}`)
    this.context.history.onDelivered(sent, offset)
  }

  #onFailed(instance: Instance, sent: SentRecord, error: ClientError): void {
    const { producer, topic, partition, counter } = sent.id
    // A whole batch fails at once: one line for all of it.
    const failure = `${this.context.world.nowMs} ${topic}-${partition} ${error.message}`
    if (failure !== this.#lastFailure)
      this.context.note(
        producer,
        () => `gives up record ${counter} and what goes with it to ${topic}-${partition}: ${error.message}`,
      )
    this.#lastFailure = failure
    this.context.history.onFailed(sent, error)
    if (!instance.isEnding && (error.kind === 'closed' || error.kind === 'version')) this.#replace(instance)
  }

  #replace(instance: Instance): void {
    this.context.world.count('producers replaced')
    this.#instance = this.#newInstance()
    this.#refreshedAtMs = Number.NEGATIVE_INFINITY
    this.#end(instance)
  }

  #newInstance(): Instance {
    const { plan, context } = this
    this.#instances++
    const name = this.#instances === 1 ? plan.name : `${plan.name}.${this.#instances}`
    const client = context.newClient(this.#process)
    const producer = new Producer({
      client,
      acks: plan.acks,
      isIdempotent: plan.isIdempotent,
      compression: plan.compression,
      lingerMs: plan.lingerMs,
      batchBytesMax: this.#batchBytesMax,
      requestTimeoutMs: 3_000,
      deliveryTimeoutMs: this.#deliveryTimeoutMs,
      onRetry: (error) => {
        context.note(name, () => `tries again: ${error.message}`)
        context.history.onRetry(name, error)
      },
    })
    return { name, client, producer, isEnding: false }
  }

  /** What is under way is still told; then its connections go. */
  #end(instance: Instance): void {
    if (instance.isEnding) return
    instance.isEnding = true
    instance.producer.close()
    instance.producer.flush().then(() => instance.client.close(), this.context.onBug)
  }
}
