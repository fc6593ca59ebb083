/**
 * The topic `_schemas` as the registry's log: made when there is first something to write, read from its beginning, followed from then
 * on, and appended to with acks=all. It speaks Kafka's protocol as any client does, so it goes on over the death of brokers.
 *
 * It tells records in the order of the log and knows nothing of what they mean. Where the topic was deleted, replaced or cut behind what was
 * read, it says so (onReset) and reads from the beginning again. Used by SchemaRegistry; never decides what to write.
 */
import {
  Admin,
  ClientError,
  type KafkaClient,
  latestOffset,
  listOffsets,
  PartitionConsumer,
  Producer,
  pause,
  retrying,
} from '../../client'
import { ErrorCode } from '../../wire/errors'
import { decodeRecords } from '../../wire/records'
import { storeError, storeTimeout } from './errors'
import { OffsetWaiters } from './offset-waiters'
import type { RecordBytes } from './records'

export interface SchemasLogOptions {
  /** To ask and to write. */
  readonly client: KafkaClient
  /** To follow the topic. Not the same one: a broker answers the requests of a connection in order, and a fetch that waits would hold up what is asked behind it. */
  readonly reader: KafkaClient
  readonly topic: string
  /** Of a topic that is made, as far as there are brokers. */
  readonly replicationFactorMax: number
  /** How long an append is tried. */
  readonly deliveryTimeoutMs: number
  readonly onRecord: (key: Uint8Array | null, value: Uint8Array | null, timestampMs: number) => void
  /** All that was told is to be forgotten: it is told anew. */
  readonly onReset: () => void
}

/** How often, at most, somebody else's creation of the topic is looked for; and when nobody asks for schemas. */
const lookAgainMs = 1_000
const idleMs = 30_000
/** When a topic that cannot be used, or brokers that do not answer, are tried again. */
const retryMs = 500
const fetchWaitMs = 500
/** A topic that no broker has known for so long was deleted. */
const missingForMs = 3_000

/** Records were sent, and whether they are in the log is not known. */
export class UnknownOutcomeError extends Error {
  override readonly name = 'UnknownOutcomeError'
}

/** Nothing but a change of the topic mends it. */
class UnusableTopicError extends Error {
  override readonly name = 'UnusableTopicError'
}

export class SchemasLog {
  private readonly waiters = new OffsetWaiters()
  private producer: Producer
  private consumer: PartitionConsumer | null = null
  /** The offset behind the last record that was told. */
  private position = 0
  private topicId: string | null = null
  private lookedAtMs = 0
  /** The topic is there and cannot be used. */
  private isRefused = false
  /** How often it was looked at and could not be used. */
  private refusals = 0
  private missingSinceMs: number | null = null
  private isClosed = false
  private hasReadOnce = false
  private wakeUp: () => void = () => undefined
  private problemNow: string | null = 'The registry has not read its topic yet.'

  constructor(private readonly options: SchemasLogOptions) {
    this.producer = this.newProducer()
  }

  /** Why it cannot be read or written now, in a sentence; null while all is well. */
  get problem(): string | null {
    return this.problemNow
  }

  /** The offset behind the last record that was told. */
  get endOfRead(): number {
    return this.position
  }

  /** Follows the topic until closed; never rejects. */
  async run(): Promise<void> {
    while (!this.isClosed) {
      try {
        await this.follow()
      } catch (error) {
        if (this.isClosed) return
        this.isRefused = error instanceof UnusableTopicError
        if (this.isRefused) this.refusals++
        this.problemNow = `The registry cannot read ${this.options.topic}: ${(error as Error).message}.`
      }
      if (!this.isClosed) await this.pauseUntilWoken(this.topicId === null ? retryMs : 100)
    }
  }

  /** Somebody wants to know: where there was no topic a while ago, somebody else may have made it since. */
  wake(): void {
    const nowMs = this.options.client.platform.clock.monotonicMs()
    if (this.topicId === null && nowMs - this.lookedAtMs >= lookAgainMs) this.wakeUp()
  }

  /** Resolves when the log has been read to its end once; at once later on, until it has to be read anew. Throws 50001 with the problem when that takes too long. */
  async whenRead(timeoutMs: number): Promise<void> {
    if (this.hasReadOnce) return
    const { clock } = this.options.client.platform
    const isRead = await Promise.race([
      this.waiters.firstRead(clock, timeoutMs),
      this.whenRefusedAgain(clock.monotonicMs() + timeoutMs),
    ])
    if (!isRead) throw storeError(this.problemNow ?? 'The registry has not read its topic in time')
  }

  /**
   * A topic that cannot be used is never read, and nobody is to wait all his time to be told so. Two looks: the first may have begun before whoever asks had
   * mended the topic. Never resolves where it is read, or refused only once.
   */
  private async whenRefusedAgain(deadlineMs: number): Promise<false> {
    const { clock } = this.options.client.platform
    const enough = this.refusals + 2
    while (this.refusals < enough && clock.monotonicMs() < deadlineMs && !this.hasReadOnce && !this.isClosed) {
      if (this.isRefused) this.wakeUp()
      await pause(clock, 20)
    }
    return this.refusals >= enough ? false : new Promise<never>(() => undefined)
  }

  /**
   * Reads all that was in the log when this was called: also what other registries have written. Throws 50001 where the brokers do not
   * say where the log ends, 50002 where reading up to there takes too long.
   */
  async readToEnd(timeoutMs: number): Promise<void> {
    const { client, topic } = this.options
    const { clock } = client.platform
    if (this.topicId === null && !(await this.isThereNow())) return
    let end: number
    try {
      end = await retrying({ clock, timeoutMs }, async () => {
        // It was deleted meanwhile.
        if (this.topicId === null) return 0
        try {
          return (await listOffsets(client, topic, [0], latestOffset)).get(0) ?? 0
        } catch (error) {
          await client.refresh().catch(() => undefined)
          throw error
        }
      })
    } catch (error) {
      throw storeError(`The brokers do not say where ${topic} ends: ${(error as Error).message}`, error)
    }
    await this.waitFor(end, timeoutMs)
  }

  /**
   * Appends all of them or none and resolves when they have been read back. Throws 50001 where they are not in the log and will not be,
   * UnknownOutcomeError where nobody can say; a ClientError's code stays at hand as `cause`.
   */
  async append(records: readonly RecordBytes[], readTimeoutMs: number): Promise<void> {
    await this.ensureTopic()
    const { topic } = this.options
    // In one turn, so that they are one batch: it is in the log whole or not at all.
    const deliveries = records.map(({ key, value }) =>
      this.producer.send({ topic, partition: 0, key, value, headers: [], timestamp: null }),
    )
    const results = await Promise.allSettled(deliveries)
    const failed = results.find((result): result is PromiseRejectedResult => result.status === 'rejected')
    if (failed !== undefined) throw this.appendError(failed.reason)
    const offsets = results.map((result) => (result.status === 'fulfilled' ? result.value.offset : -1))
    // A leader that has them already may not know where: then all that is there is read.
    if (offsets.includes(-1)) await this.readToEnd(readTimeoutMs)
    else await this.waitFor(Math.max(...offsets) + 1, readTimeoutMs)
  }

  /** What was under way is given up: a producer with another id begins, so that nothing of the old one stands in its way. */
  renewProducer(): void {
    this.producer.close()
    this.producer = this.newProducer()
  }

  close(): void {
    this.isClosed = true
    this.consumer?.stop()
    this.producer.close()
    this.waiters.fail()
    this.wakeUp()
  }

  private async waitFor(offset: number, timeoutMs: number): Promise<void> {
    if (this.position >= offset) return
    const isRead = await this.waiters.reached(offset, this.options.client.platform.clock, timeoutMs)
    if (!isRead) throw storeTimeout(`${this.options.topic} was not read up to offset ${offset} within ${timeoutMs} ms`)
  }

  private appendError(error: unknown): Error {
    const { topic } = this.options
    if (!(error instanceof ClientError)) return error as Error
    if (error.isUnknownOutcome)
      return new UnknownOutcomeError(`whether ${topic} took the records is not known: ${error.message}`, { cause: error })
    return storeError(`Error while writing to the backend Kafka store ${topic}: ${error.message}`, error)
  }

  private newProducer(): Producer {
    const { client, deliveryTimeoutMs } = this.options
    // One lost answer is to leave time for another try.
    const requestTimeoutMs = Math.min(5_000, deliveryTimeoutMs / 2)
    return new Producer({ client, acks: -1, isIdempotent: true, deliveryTimeoutMs, requestTimeoutMs, batchBytesMax: 8 << 20 })
  }

  private async ensureTopic(): Promise<void> {
    const { client, topic } = this.options
    if (this.topicId === null) await this.createTopic()
    // The producer writes to what its client knows.
    if (client.known?.topics.get(topic)?.errorCode !== ErrorCode.NONE) await client.metadata([topic]).catch(() => undefined)
    await this.whenFollowed()
  }

  /** Whether the topic can be used is decided by who follows it. Throws 50001 where it cannot. */
  private async whenFollowed(): Promise<void> {
    const { clock } = this.options.client.platform
    const deadlineMs = clock.monotonicMs() + this.options.deliveryTimeoutMs
    this.isRefused = false
    while (this.topicId === null && !this.isRefused && clock.monotonicMs() < deadlineMs && !this.isClosed) {
      this.wakeUp()
      await pause(clock, 20)
    }
    if (this.topicId === null) throw storeError(this.problemNow ?? `${this.options.topic} cannot be used`)
  }

  /** Before the first write: another registry may have made the topic since it was last looked for. */
  private async isThereNow(): Promise<boolean> {
    const { client, topic } = this.options
    const { topics } = await client.metadata([topic]).catch((error: Error) => {
      throw storeError(`No broker says whether there is ${topic}: ${error.message}`, error)
    })
    if (topics.get(topic)?.errorCode !== ErrorCode.NONE) return false
    await this.whenFollowed()
    return true
  }

  private async createTopic(): Promise<void> {
    const { client, topic, replicationFactorMax } = this.options
    try {
      const { brokers, topics } = await client.refresh()
      if (topics.get(topic)?.errorCode === ErrorCode.NONE) return
      await new Admin(client).createTopic({
        name: topic,
        partitionCount: 1,
        replicationFactor: Math.max(1, Math.min(replicationFactorMax, brokers.size)),
        configs: { 'cleanup.policy': 'compact' },
      })
    } catch (error) {
      if (error instanceof ClientError && error.code === ErrorCode.TOPIC_ALREADY_EXISTS) return
      throw storeError(`${topic} could not be created: ${(error as Error).message}`, error)
    }
  }

  /** One life of the topic: until it is gone, replaced, or cannot be read on. */
  private async follow(): Promise<void> {
    const { reader: client, topic } = this.options
    const found = (await client.metadata([topic])).topics.get(topic)
    if (found === undefined || found.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
      if (this.isPerhapsThere()) throw new Error('the brokers do not know it now')
      this.forget()
      this.problemNow = null
      this.onCaughtUp()
      this.lookedAtMs = client.platform.clock.monotonicMs()
      // Nobody is asked again and again for what may never be: whoever wants schemas wakes it.
      await this.pauseUntilWoken(idleMs)
      return
    }
    if (found.errorCode !== ErrorCode.NONE) throw new Error(`the brokers answer with error ${found.errorCode}`)
    this.missingSinceMs = null
    if (found.topicId !== this.topicId) {
      this.forget()
      await this.requireUsable(found.partitions.length)
      this.topicId = found.topicId
    }
    let failure: ClientError | null = null
    const consumer = new PartitionConsumer({
      client,
      topic,
      positions: new Map([[0, this.position]]),
      waitMs: fetchWaitMs,
      onBatch: (_partition, batch) => {
        this.take(batch)
        return true
      },
      onCaughtUp: (_partition, highWatermark) => {
        this.problemNow = null
        // The end may lie behind records that are nobody's, such as a transaction's markers.
        this.position = Math.max(this.position, highWatermark)
        this.onCaughtUp()
      },
      onTrouble: (error) => {
        this.problemNow = error === null ? null : `The registry cannot read ${topic} now: ${error.message}.`
        const known = client.known?.topics.get(topic)
        // A topic of that name may be another one by now, or none.
        if (error !== null && known?.topicId !== this.topicId) consumer.stop()
      },
      onFailed: (_partition, error) => {
        failure = error
      },
    })
    this.consumer = consumer
    await consumer.run()
    this.consumer = null
    if (failure !== null) {
      // The log ends before what was read: records that were not on all replicas went with their leader, or it is another log.
      this.forget()
      throw failure
    }
  }

  /** A broker that has just begun may not have heard of it yet: what was read is only forgotten when it stays away. */
  private isPerhapsThere(): boolean {
    const nowMs = this.options.client.platform.clock.monotonicMs()
    this.missingSinceMs ??= nowMs
    return this.topicId !== null && nowMs - this.missingSinceMs < missingForMs
  }

  private take(batch: Uint8Array): void {
    for (const record of decodeRecords(batch)) {
      if (record.offset < this.position) continue
      this.position = record.offset + 1
      this.options.onRecord(record.key, record.value, Number(record.timestamp))
    }
    this.waiters.advance(this.position)
  }

  private onCaughtUp(): void {
    this.hasReadOnce = true
    this.waiters.onFirstRead()
    this.waiters.advance(this.position)
  }

  private forget(): void {
    const hadRead = this.position > 0
    this.topicId = null
    this.position = 0
    if (!hadRead) return
    // What is known is less than what is there until it has been read again: whoever asks waits, and is not told that nothing is there.
    this.hasReadOnce = false
    this.options.onReset()
  }

  private async requireUsable(partitionCount: number): Promise<void> {
    const { client, topic } = this.options
    if (partitionCount !== 1)
      throw new UnusableTopicError(
        `the topic has ${partitionCount} partitions, and the order of its records counts: it must have one`,
      )
    const configs = await new Admin(client).describeTopicConfigs(topic)
    const policy = configs.find(({ name }) => name === 'cleanup.policy')?.value ?? 'delete'
    if (policy !== 'compact')
      throw new UnusableTopicError(`its cleanup.policy is ${policy}, which deletes schemas with time; set it to compact`)
  }

  private pauseUntilWoken(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.options.client.platform.clock.setTimer(delayMs, resolve)
      this.wakeUp = () => {
        timer.cancel()
        resolve()
      }
    })
  }
}
