/**
 * Topics that come and go while the run lasts: one is created, written to by a producer of its own, read back and held against the history, and deleted;
 * then the next one, now and then under the name of an earlier one. One step a call, so that whatever breaks in between breaks in every state.
 */
import { type Admin, ClientError, type KafkaClient } from '../../../client'
import type { SimProcess } from '../process'
import type { SeededRandom } from '../seeded-random'
import { ProducerClient } from './producer-client'
import { readWholePartition } from './whole-partition'
import type { WorkloadContext } from './workload-context'

/** Where no leader comes up in this time, it is deleted as it is. */
const fillLimitMs = 20_000
const reusedNames = ['scratch-a', 'scratch-b']

type Life =
  | { readonly state: 'none' }
  | { readonly state: 'filling'; readonly topic: string; readonly producer: ProducerClient; readonly sinceMs: number }
  | { readonly state: 'read'; readonly topic: string }
  /** `away`: a broker that was shut down before, and comes back when the topic is deleted. */
  | { readonly state: 'deleting'; readonly topic: string; readonly away: number | null }

export class ScratchTopic {
  readonly #random: SeededRandom
  readonly #producers: SimProcess
  #life: Life = { state: 'none' }
  #generation = 0
  /** Deleted while a broker was away: the next one gets its name. */
  #again: string | null = null

  constructor(
    private readonly context: WorkloadContext,
    private readonly client: KafkaClient,
    private readonly admin: Admin,
  ) {
    this.#random = context.random('scratch')
    this.#producers = context.world.clientProcess('scratch')
  }

  get isIdle(): boolean {
    return this.#life.state !== 'filling' || this.#life.producer.isIdle
  }

  /** Rejects with a ClientError where the cluster would not: the next call tries again. */
  async step(): Promise<void> {
    switch (this.#life.state) {
      case 'none':
        return this.#create()
      case 'filling':
        return this.#lookAfter(this.#life)
      case 'read':
        return this.#read(this.#life.topic)
      case 'deleting':
        return this.#delete(this.#life)
    }
  }

  /** Brings back whom it has sent away. */
  restore(): void {
    if (this.#life.state === 'deleting' && this.#life.away !== null) this.context.world.startBroker(this.#life.away)
  }

  async #create(): Promise<void> {
    const { context } = this
    this.#generation++
    const isReused = this.#random.chance(0.6) || this.#again !== null
    const topic = this.#again ?? (isReused ? this.#random.pick(reusedNames) : `scratch-${this.#generation}`)
    if (isReused) context.reusedTopics.add(topic)
    const replicationFactor = Math.min(context.world.config.brokerCount, this.#random.between(1, 3))
    const configs: Record<string, string> = this.#random.chance(0.3) ? { 'flush.messages': '1' } : {}
    await this.admin.createTopic({ name: topic, partitionCount: this.#random.between(1, 2), replicationFactor, configs })
    this.#again = null
    context.world.count('topics created')
    const producer = new ProducerClient(
      context,
      {
        name: `scratch-producer-${this.#generation}`,
        acks: -1,
        isIdempotent: this.#random.chance(0.5),
        topic,
        partition: null,
        recordsPerSecond: 30,
        valueBytes: [40, 200],
        lingerMs: 0,
        compression: 'none',
      },
      this.#producers,
    )
    this.#life = { state: 'filling', topic, producer, sinceMs: context.world.nowMs }
    producer.start(this.#random.between(5, 30))
  }

  #lookAfter(life: Extract<Life, { state: 'filling' }>): void {
    const isOverdue = this.context.world.nowMs - life.sinceMs > fillLimitMs
    if (!life.producer.isDone && !isOverdue) return
    life.producer.stop()
    if (!life.producer.isIdle) return
    life.producer.close()
    this.#life = { state: 'read', topic: life.topic }
  }

  async #read(topic: string): Promise<void> {
    const { history } = this.context
    for (const { partition } of history.partitions.filter((held) => held.topic === topic)) {
      try {
        await readWholePartition(this.client, history, 'admin', topic, partition, false)
      } catch (error) {
        // It cannot be read now: then it is deleted unread.
        if (!(error instanceof ClientError)) throw error
      }
    }
    this.#life = { state: 'deleting', topic, away: this.#sendAway() }
  }

  /** Now and then a broker is down for maintenance while a topic is deleted and made anew: it knows the old one. */
  #sendAway(): number | null {
    const { world, isStopped } = this.context
    const running = [...world.brokers.values()].filter(({ state, isWanted }) => state === 'running' && isWanted)
    if (isStopped || running.length < 2 || !this.#random.chance(0.4)) return null
    const { id } = this.#random.pick(running)
    world.shutdownBroker(id)
    return id
  }

  async #delete({ topic, away }: Extract<Life, { state: 'deleting' }>): Promise<void> {
    const { world, history } = this.context
    history.onTopicDeleted(topic)
    await this.admin.deleteTopic(topic)
    world.count('topics deleted')
    this.#life = { state: 'none' }
    if (away === null) return
    world.count('topics deleted while a broker was away')
    world.startBroker(away)
    this.#again = topic
  }
}
