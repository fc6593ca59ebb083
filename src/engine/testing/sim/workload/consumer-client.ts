/**
 * One reading program of the workload: reads one partition from the beginning, live, and holds every record against the history; now and then it asks
 * for the latest offset. Where its place is gone it begins anew at the start, which compares everything once more. It reads until the run ends.
 */
import { type ClientError, type KafkaClient, PartitionConsumer } from '../../../client'
import { ErrorCode } from '../../../wire/errors'
import { ListOffsets } from '../../../wire/messages/02-list-offsets'
import { decodeRecords } from '../../../wire/records'
import type { ConsumerPlan } from '../plan'
import type { SimProcess } from '../process'
import type { SeededRandom } from '../seeded-random'
import { every, type WorkloadContext } from './workload-context'

const restartPauseMs = 200
const latestPauseMs = 2_500

export class ConsumerClient {
  readonly #process: SimProcess
  readonly #random: SeededRandom
  readonly #client: KafkaClient
  #current: PartitionConsumer | null = null
  /** The next offset to hand to the history. */
  #position = 0
  #isCaughtUp = false
  /** As a leader told last. */
  #latest = Number.POSITIVE_INFINITY
  #isClosed = false

  constructor(
    private readonly context: WorkloadContext,
    private readonly plan: ConsumerPlan,
  ) {
    this.#process = context.world.clientProcess(plan.name)
    this.#random = context.random(plan.name)
    this.#client = context.newClient(this.#process)
  }

  /** It has read all that anybody knows to be there; what was acknowledged and lost, as the rules may allow, it need not wait for. */
  get isIdle(): boolean {
    const { topic, partition } = this.plan
    const { knownEnd } = this.context.history.partition(topic, partition)
    return this.#isCaughtUp && this.#position >= Math.min(knownEnd, this.#latest)
  }

  start(): void {
    const { clock } = this.#process.platform
    every(
      clock,
      () => restartPauseMs,
      async () => {
        if (this.#isClosed) return false
        await this.#readOnce()
        return true
      },
      this.context.onBug,
    )
    every(
      clock,
      () => this.#random.within(0, 2 * latestPauseMs),
      async () => {
        if (!this.#isClosed) await this.#askForLatest()
        return !this.#isClosed
      },
      this.context.onBug,
    )
  }

  close(): void {
    this.#isClosed = true
    this.#current?.stop()
    this.#client.close()
  }

  /** Until its place in the log is gone, or the topic is. */
  async #readOnce(): Promise<void> {
    const { topic, partition, name } = this.plan
    const isKnown = await this.#client.refresh().then(
      (metadata) => (metadata.topics.get(topic)?.partitions.length ?? 0) > partition,
      () => false,
    )
    if (!isKnown) return
    this.#position = 0
    this.#isCaughtUp = false
    this.context.history.partition(topic, partition).onReaderBegins(name)
    this.#current = new PartitionConsumer({
      client: this.#client,
      topic,
      positions: new Map([[partition, 0]]),
      partitionBytesMax: 50_000,
      waitMs: 500,
      onBatch: (_partition, batch) => this.#onBatch(batch),
      onCaughtUp: (_partition, highWatermark) => {
        this.#isCaughtUp = true
        this.#position = Math.max(this.#position, highWatermark)
      },
      onTrouble: (error) => this.#onTrouble(error),
      onFailed: (_partition, error) => {
        this.context.world.count('readers that began anew')
        this.context.note(name, () => `begins anew: ${error.message}`)
      },
    })
    await this.#current.run()
  }

  #onBatch(batch: Uint8Array): boolean {
    const { topic, partition, name } = this.plan
    this.#isCaughtUp = false
    try {
      for (const record of decodeRecords(batch)) {
        // A batch comes whole, also where only its end was asked for.
        if (record.offset < this.#position) continue
        this.context.history.onRead(name, topic, partition, record)
        this.#position = record.offset + 1
      }
    } catch (error) {
      this.context.onBug(error)
      return false
    }
    return true
  }

  #onTrouble(error: ClientError | null): void {
    if (error !== null) this.context.note(this.plan.name, () => `has trouble: ${error.message}`)
  }

  async #askForLatest(): Promise<void> {
    const { topic, partition, name } = this.plan
    const leader = this.#client.leaderOf(topic, partition)
    if (leader === null) return
    const request = {
      replicaId: -1,
      isolationLevel: 0,
      topics: [
        {
          name: topic,
          partitions: [{ partitionIndex: partition, currentLeaderEpoch: leader.partition.leaderEpoch, timestamp: -1 }],
        },
      ],
    }
    const response = await this.#client
      .connectionTo(leader.broker)
      .request(ListOffsets, request)
      .catch(() => null)
    const answer = response?.topics[0]?.partitions[0]
    if (answer === undefined || answer.errorCode !== ErrorCode.NONE) return
    this.#latest = answer.offset
    this.context.history.partition(topic, partition).onLatestOffset(name, answer.leaderEpoch, answer.offset)
  }
}
