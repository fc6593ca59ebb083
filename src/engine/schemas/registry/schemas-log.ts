/**
 * The topic `_schemas` as the registry's log: made when there is first something to write, read from its beginning, followed from then
 * on, and appended to with acks=all, each time only if no other registry of ours has appended meanwhile (conditional-writer.ts). It speaks Kafka's
 * protocol as any client does, so it goes on over the death of brokers.
 *
 * It tells records in the order of the log and knows nothing of what they mean. Where the topic was deleted, replaced or cut behind what was
 * read, it says so (onReset) and reads from the beginning again. Used by SchemaRegistry; never decides what to write.
 */
import { Admin, ClientError, type KafkaClient, latestOffset, listOffsets, PartitionConsumer, pause, retrying } from '../../client'
import { ErrorCode } from '../../wire/errors'
import { type DecodedRecord, decodeRecords, readBatchHeader, sequenceAfter } from '../../wire/records'
import { ConditionalWriter, type LogPlace, type Placed, registriesProducerId } from './conditional-writer'
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
  /** How long the first write waits until the topic that it made can be followed. */
  readonly usableTimeoutMs: number
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

/** How far the log was read when something was decided, and in which of its lives: it can be deleted and made anew. */
export interface DecidedAt extends LogPlace {
  readonly life: number
}

/**
 * What became of records that were to be appended: they are in the log; others stand where they were to stand, so they are not and never will be; or nothing
 * was seen under their sequence, and deciding anew and trying again will tell.
 */
export type AppendResult = 'done' | 'overtaken' | 'unseen' | 'unseen-in-doubt'

interface Expected {
  readonly place: LogPlace
  readonly records: readonly RecordBytes[]
  /** Whether what stands in the log under that sequence is what was to be appended. */
  isOurs: boolean | null
  readonly onSeen: () => void
}

/** After so many tries in a row of which nothing was seen, sequences start anew. */
const unseenMax = 3

/** Nothing but a change of the topic mends it. */
class UnusableTopicError extends Error {
  override readonly name = 'UnusableTopicError'
}

export class SchemasLog {
  private readonly waiters = new OffsetWaiters()
  private readonly writer: ConditionalWriter
  private consumer: PartitionConsumer | null = null
  /** The offset behind the last record that was told. */
  private position = 0
  private place: LogPlace = { producerEpoch: 0, sequence: 0 }
  private life = 0
  private expected: Expected | null = null
  private unseenCount = 0
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
    this.writer = new ConditionalWriter(options.client, options.topic)
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
        this.problemNow = `The registry cannot read ${this.options.topic}: ${inWords(error)}.`
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

  /** What is decided now, from all that was told, belongs here. */
  get decidedAt(): DecidedAt {
    return { ...this.place, life: this.life }
  }

  /** Brokers know of batches that are not to be read, such as those that DeleteRecords took: nothing will be taken until a new epoch has begun. */
  get needsNewEpoch(): boolean {
    return this.unseenCount >= unseenMax
  }

  /**
   * Appends all of them or none, and nothing where a registry of ours has appended behind `at`; resolves when what stands there has been read. Throws
   * 50001 where they are not in the log, 50002 where nobody can say: then they may still come, unless something else is appended first. A ClientError's code stays at hand as `cause`.
   */
  async append(records: readonly RecordBytes[], at: DecidedAt, timeoutMs: number): Promise<AppendResult> {
    await this.ensureTopic()
    if (at.life !== this.life) return 'overtaken'
    const { topicId } = this
    // Who writes may hear of a new topic before who reads has.
    const isAnother = () => at.life !== this.life || this.isKnownOtherThan(topicId)
    const { expected, whenSeen } = expecting(at, records)
    this.expected = expected
    const writing = this.writer.append(records, at, timeoutMs, () => expected.isOurs !== null, isAnother)
    let placed: Placed | null = null
    try {
      // What was read is known, however long the answer takes, or is lost.
      placed = await Promise.race([writing, whenSeen])
      if (placed !== null && placed.offset !== null && placed.offset >= 0)
        await this.waitFor(placed.offset + records.length, timeoutMs)
      else if (placed !== null && !isAnother()) await this.readToEnd(timeoutMs)
    } catch (error) {
      if (expected.isOurs === null) throw this.appendError(error, placed?.mayBeInLog === true)
      placed = null
    } finally {
      this.expected = null
    }
    writing.catch(() => undefined)
    if (expected.isOurs !== null) {
      this.unseenCount = 0
      return expected.isOurs ? 'done' : 'overtaken'
    }
    if (placed?.offset === null && isAnother()) return placed.mayBeInLog ? 'unseen-in-doubt' : 'overtaken'
    this.unseenCount++
    return placed?.mayBeInLog === false ? 'unseen' : 'unseen-in-doubt'
  }

  /** Begins a new epoch with `mark`, which means nothing: whatever was under way in the old one is refused from then on, or read before it. */
  async beginEpoch(mark: RecordBytes, timeoutMs: number): Promise<void> {
    // What the brokers have seen may be more than one epoch further.
    const producerEpoch = this.place.producerEpoch + 1 + Math.max(0, this.unseenCount - unseenMax)
    await this.append([mark], { producerEpoch, sequence: 0, life: this.life }, timeoutMs)
  }

  close(): void {
    this.isClosed = true
    this.consumer?.stop()
    this.writer.close()
    this.waiters.fail()
    this.wakeUp()
  }

  private async waitFor(offset: number, timeoutMs: number): Promise<void> {
    if (this.position >= offset) return
    const isRead = await this.waiters.reached(offset, this.options.client.platform.clock, timeoutMs)
    if (!isRead) throw storeTimeout(`${this.options.topic} was not read up to offset ${offset} within ${timeoutMs} ms`)
  }

  /** `mayBeInLog`: a leader has said something of it, and what stands there could not be read. */
  private appendError(error: unknown, mayBeInLog: boolean): Error {
    const { topic } = this.options
    const isUnknown = mayBeInLog || (error instanceof ClientError && error.isUnknownOutcome)
    if (!(error instanceof Error) || (!isUnknown && !(error instanceof ClientError))) return error as Error
    if (isUnknown)
      return storeTimeout(
        `Whether ${topic} took the records is not known: ${error.message}. Try again: what was done of it is found.`,
        error,
      )
    return storeError(`Error while writing to the backend Kafka store ${topic}: ${error.message}`, error)
  }

  private async ensureTopic(): Promise<void> {
    const { client, topic } = this.options
    if (this.topicId === null) await this.createTopic()
    await this.whenFollowed()
    // The producer writes to what its client knows.
    if (client.known?.topics.get(topic)?.errorCode !== ErrorCode.NONE || this.isKnownOtherThan(this.topicId))
      await client.metadata([topic]).catch(() => undefined)
  }

  /** Whether the client that writes knows a topic of this name that is not the one of that id. */
  private isKnownOtherThan(topicId: string | null): boolean {
    const known = this.options.client.known?.topics.get(this.options.topic)
    return known?.errorCode === ErrorCode.NONE && known.topicId !== topicId
  }

  /** Whether the topic can be used is decided by who follows it. Throws 50001 where it cannot. */
  private async whenFollowed(): Promise<void> {
    const { clock } = this.options.client.platform
    const deadlineMs = clock.monotonicMs() + this.options.usableTimeoutMs
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
        this.problemNow = error === null ? null : `The registry cannot read ${topic} now: ${inWords(error)}.`
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
    const records = decodeRecords(batch)
    this.notePlace(batch, records)
    for (const record of records) {
      if (record.offset < this.position) continue
      this.position = record.offset + 1
      this.options.onRecord(record.key, record.value, Number(record.timestamp))
    }
    this.waiters.advance(this.position)
    if (this.expected !== null && this.expected.isOurs !== null) this.expected.onSeen()
  }

  /** Also of a batch whose records compaction has taken: its header stays, for this. */
  private notePlace(batch: Uint8Array, records: readonly DecodedRecord[]): void {
    const { producerId, producerEpoch, baseSequence, lastSequence } = readBatchHeader(batch)
    if (producerId !== registriesProducerId || producerEpoch < this.place.producerEpoch) return
    this.place = { producerEpoch, sequence: sequenceAfter(lastSequence, 1) }
    const { expected } = this
    if (expected?.place.producerEpoch !== producerEpoch || expected.place.sequence !== baseSequence) return
    expected.isOurs = areSame(records, expected.records)
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
    this.place = { producerEpoch: 0, sequence: 0 }
    if (!hadRead) return
    this.life++
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

/** For people: which sockets were tried is nothing that they can mend. */
function inWords(error: unknown): string {
  if (!(error instanceof ClientError) || error.kind !== 'connection') return (error as Error).message
  return error.message.startsWith('no broker answered') ? 'no broker answers' : 'the broker that leads it cannot be reached'
}

function expecting(place: LogPlace, records: readonly RecordBytes[]): { expected: Expected; whenSeen: Promise<null> } {
  let onSeen = (): void => undefined
  const whenSeen = new Promise<null>((resolve) => {
    onSeen = () => resolve(null)
  })
  return { expected: { place, records, isOurs: null, onSeen }, whenSeen }
}

function areSame(records: readonly DecodedRecord[], expected: readonly RecordBytes[]): boolean {
  return (
    records.length === expected.length &&
    expected.every(({ key, value }, index) => isSame(key, records[index]?.key) && isSame(value, records[index]?.value))
  )
}

function isSame(one: Uint8Array | null, other: Uint8Array | null | undefined): boolean {
  if (one === null || other === null || other === undefined) return one === other
  return Buffer.compare(one, other) === 0
}
