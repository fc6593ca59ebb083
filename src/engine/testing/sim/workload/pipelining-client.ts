/**
 * An idempotent producer that has several batches of a partition under way at once, as Java and librdkafka have up to five; the engine's own has one. When
 * some of them fail all that are not acknowledged are sent again, in order: a leader must know those that it has, however many of the five came behind them.
 *
 * Its first ones it need not have: a leader that knows nothing of a producer takes any batch for its first. If those before that one were refused unwritten
 * Kafka never takes them any more, and the producer begins anew.
 *
 * The topic is its own, made here. What it sends and hears goes into the history; what it can judge by itself is that it gets on: in a cluster that is
 * whole nothing that it sends is out of order.
 */
import { Admin, ClientError, type KafkaClient, protocolError } from '../../../client'
import { ProducerIds } from '../../../client/producer-ids'
import { ErrorCode } from '../../../wire/errors'
import { Produce } from '../../../wire/messages'
import { encodeBatch } from '../../../wire/records'
import type { PipelinePlan } from '../plan'
import type { SimProcess } from '../process'
import type { SeededRandom } from '../seeded-random'
import { recordFor } from './record-content'
import type { SentRecord } from './sent-record'
import { every, type WorkloadContext } from './workload-context'

export const pipeliningRule = 'a batch that is sent again is known while no more than four have followed it'

const requestTimeoutMs = 3_000
/** How often it may be told that it is out of order when nothing is broken any more: a deposed leader is heard of late. */
const refusalsMax = 30

export interface PipeliningOptions {
  readonly context: WorkloadContext
  readonly plan: PipelinePlan
  /** Whether the rules have let go of anything that was acknowledged in the topic's partition: then a gap is nobody's fault. */
  isAnyLost(): boolean
  /** Whether the first batch that the partition has of the producer is a later one than that: that one was never there to be known. */
  isTakenUpBehind(producerId: bigint, sequence: number): boolean
  /** Throws. */
  violate(rule: string, message: string): never
}

interface Batch {
  readonly sequence: number
  readonly sent: SentRecord
  readonly bytes: Uint8Array
}

type Answer = { readonly offset: number } | { readonly error: ClientError }

export class PipeliningClient {
  readonly #process: SimProcess
  readonly #random: SeededRandom
  readonly #client: KafkaClient
  readonly #ids: ProducerIds
  /** Not acknowledged, in order. */
  readonly #window: Batch[] = []
  #identity: { readonly producerId: bigint; readonly producerEpoch: number } | null = null
  #burnt: bigint | null = null
  #instances = 1
  #nextSequence = 0
  #refusals = 0
  #isClosed = false

  constructor(private readonly options: PipeliningOptions) {
    const { context, plan } = options
    this.#process = context.world.clientProcess(plan.name)
    this.#random = context.random(plan.name)
    this.#client = context.newClient(this.#process)
    this.#ids = new ProducerIds(this.#client)
  }

  get isIdle(): boolean {
    return this.#window.length === 0
  }

  start(): void {
    const { context, plan } = this.options
    const step = async (): Promise<boolean> => {
      if (this.#isClosed || (context.isStopped && this.isIdle)) return false
      try {
        await this.#round()
      } catch (error) {
        if (!(error instanceof ClientError)) throw error
        context.note(plan.name, () => `is in trouble: ${error.message}`)
      }
      return true
    }
    every(this.#process.platform.clock, () => this.#random.within(0, 2 * plan.pauseMs), step, context.onBug)
  }

  close(): void {
    this.#isClosed = true
    this.#client.close()
  }

  get #name(): string {
    return this.#instances === 1 ? this.options.plan.name : `${this.options.plan.name}.${this.#instances}`
  }

  async #round(): Promise<void> {
    const { context, plan } = this.options
    await this.#client.refresh()
    if ((this.#client.known?.topics.get(plan.topic)?.partitions.length ?? 0) === 0) return this.#create()
    this.#identity ??= await this.#ids.take(this.#burnt)
    if (!context.isStopped) this.#fill()
    const leader = this.#client.leaderOf(plan.topic, 0)
    if (leader === null) return
    const connection = this.#client.connectionTo(leader.broker)
    const batches = [...this.#window]
    const answers = await Promise.all(batches.map((batch) => this.#send(connection, batch)))
    this.#take(batches, answers)
  }

  /** Never so far that the oldest could be forgotten. */
  #fill(): void {
    const { plan } = this.options
    while (this.#nextSequence - (this.#window[0]?.sequence ?? this.#nextSequence) < plan.batchesInFlight)
      this.#window.push(this.#next())
  }

  #next(): Batch {
    const { context, plan } = this.options
    const producer = this.#name
    const counter = context.history.partition(plan.topic, 0).nextCounter(producer)
    const id = { producer, topic: plan.topic, partition: 0, counter }
    const timestamp = BigInt(this.#process.platform.clock.nowMs())
    const record = recordFor(id, null, this.#random.between(20, 200), timestamp)
    const sequence = this.#nextSequence++
    const batch = { records: [{ ...record, timestamp }], ...this.#identity, baseSequence: sequence }
    return { sequence, sent: context.history.onSent(id, record, -1, true), bytes: encodeBatch(batch) }
  }

  async #send(connection: ReturnType<KafkaClient['connectionTo']>, { bytes }: Batch): Promise<Answer> {
    const { topic } = this.options.plan
    const body = {
      ...{ acks: -1, timeoutMs: requestTimeoutMs },
      topicData: [{ name: topic, partitionData: [{ index: 0, records: bytes }] }],
    }
    try {
      const { responses } = await connection.request(Produce, body, { timeoutMs: requestTimeoutMs + 1_000 })
      const answer = responses[0]?.partitionResponses[0]
      if (answer?.errorCode === ErrorCode.NONE) return { offset: answer.baseOffset }
      return { error: protocolError(answer?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR) }
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      return { error }
    }
  }

  #take(batches: readonly Batch[], answers: readonly Answer[]): void {
    const { history } = this.options.context
    let firstError: ClientError | null = null
    for (const [index, batch] of batches.entries()) {
      const answer = answers[index] as Answer
      if ('offset' in answer) {
        this.#window.splice(this.#window.indexOf(batch), 1)
        history.onDelivered(batch.sent, answer.offset)
      } else {
        firstError ??= answer.error
        history.onRetry(this.#name, answer.error)
      }
    }
    // What lies behind one that failed is out of order and may say so; the first one is not.
    if (firstError !== null && isRefusalForGood(firstError)) this.#onRefused(firstError)
    else this.#refusals = 0
  }

  #onRefused(error: ClientError): void {
    const { context, plan, isAnyLost, violate } = this.options
    context.note(this.#name, () => `is told of sequence ${this.#window[0]?.sequence}: ${error.message}`)
    if (isAnyLost()) return this.#beginAnew()
    if (this.#isTakenUpBehind(error)) {
      context.world.count('producers taken up behind their first batch')
      return this.#beginAnew()
    }
    if (!context.isStopped) return
    this.#refusals++
    if (this.#refusals > refusalsMax) {
      const place = `sequence ${this.#window[0]?.sequence} of ${this.#nextSequence} that ${this.#name} has sent to ${plan.topic}-0`
      violate(pipeliningRule, `${place} is refused for good: ${error.message}`)
    }
  }

  /** What else it may be told, of its epoch for one, that does not explain. */
  #isTakenUpBehind({ code }: ClientError): boolean {
    const [head] = this.#window
    if (head === undefined || this.#identity === null || code !== ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER) return false
    return this.options.isTakenUpBehind(this.#identity.producerId, head.sequence)
  }

  /** As another producer: what became of the window nobody can say. */
  #beginAnew(): void {
    const { history } = this.options.context
    const open = new ClientError('protocol', 'the leader has not what it acknowledged', false, null, { isUnknownOutcome: true })
    for (const { sent } of this.#window.splice(0)) history.onFailed(sent, open)
    this.#burnt = this.#identity?.producerId ?? null
    this.#identity = null
    this.#nextSequence = 0
    this.#instances++
  }

  async #create(): Promise<void> {
    const { plan, context } = this.options
    const { brokerCount, brokerConfigs } = context.world.config
    if (context.isStopped) return
    const replicationFactor = Math.min(3, brokerCount)
    const configs = {
      'min.insync.replicas': String(Math.min(2, replicationFactor)),
      'segment.bytes': brokerConfigs['log.segment.bytes'] ?? '4000',
    }
    await new Admin(this.#client).createTopic({ name: plan.topic, partitionCount: 1, replicationFactor, configs })
  }
}

function isRefusalForGood({ code }: ClientError): boolean {
  return (
    code === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER ||
    code === ErrorCode.DUPLICATE_SEQUENCE_NUMBER ||
    code === ErrorCode.INVALID_PRODUCER_EPOCH ||
    code === ErrorCode.UNKNOWN_PRODUCER_ID
  )
}
