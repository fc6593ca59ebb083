/**
 * The workbench's own transactional producer: what is sent between begin and commit, to whatever partitions, and the offsets of a group with it, is read by
 * readers of committed records altogether or not at all (KIP-98). One transaction at a time, one batch a partition at a time.
 *
 *     init → begin → send, sendOffsets … → commit | abort → begin → …
 *
 * After an error inside of a transaction it can only be aborted (state 'abortable'). After one that says that somebody else has taken over the transactional
 * id ('fenced'), or where the fate of a commit is not known ('unknown'), only init goes on: it ends whatever was left open, and takes the id back.
 *
 * Where the brokers have finalized transaction.version 2, partitions are not announced and the epoch grows with each transaction (KIP-890 part 2).
 */
import { ErrorCode, isRetriable } from '../wire/errors'
import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  ApiVersions,
  EndTxn,
  InitProducerId,
  Produce,
  TxnOffsetCommit,
} from '../wire/messages'
import { encodeBatch, type RecordToEncode, sequenceAfter } from '../wire/records'
import type { Api, Encodable } from '../wire/schema'
import { ClientError, protocolError } from './errors'
import type { KafkaClient } from './kafka-client'
import type { ProducerIdentity } from './partition-sequence'
import type { Delivery, ProducerRecord } from './producer'
import { pause } from './retry'
import { CoordinatorLink, GROUP, TRANSACTION } from './transaction-coordinator-link'

export interface TransactionalProducerOptions {
  readonly client: KafkaClient
  readonly transactionalId: string
  /** How long a transaction may be open before its coordinator aborts it. */
  readonly transactionTimeoutMs?: number
  readonly requestTimeoutMs?: number
  /** How long each operation is tried. */
  readonly deliveryTimeoutMs?: number
  readonly onRetry?: (error: ClientError) => void
}

export interface GroupPosition {
  readonly topic: string
  readonly partition: number
  /** Of the next record to read. */
  readonly offset: bigint
}

/** As whom offsets are committed; a generation of -1: as nobody in particular. */
export interface GroupIdentity {
  readonly groupId: string
  readonly generationId?: number
  readonly memberId?: string
  readonly groupInstanceId?: string | null
}

type State = 'uninitialized' | 'ready' | 'open' | 'abortable' | 'fenced' | 'unknown' | 'closed'

/** The last version by which clients ask for one transaction. */
const ADD_PARTITIONS_VERSION = 3
/** Of Kafka 2.8 and on: nothing newer says more. */
const VERSION_1 = { produce: 9, endTxn: 3, txnOffsetCommit: 3 } as const
const VERSION_2 = { produce: 12, endTxn: 5, txnOffsetCommit: 5 } as const

export class TransactionalProducer {
  private readonly coordinator: CoordinatorLink
  private current: State = 'uninitialized'
  private identity: ProducerIdentity | null = null
  private versions: typeof VERSION_1 | typeof VERSION_2 = VERSION_1
  /** Next sequences by partition, of the present epoch. */
  private readonly sequences = new Map<string, number>()
  /** Partitions and groups that the open transaction has announced. */
  private readonly announced = new Set<string>()
  /** Of the open transaction, whether the coordinator knows of anything that is to be ended. */
  private hasBegun = false
  /** A batch has failed and may be in a log: its sequences are burnt, and the next transaction needs a new epoch (KIP-360). */
  private needsNewEpoch = false

  constructor(private readonly options: TransactionalProducerOptions) {
    this.coordinator = new CoordinatorLink(options.client, TRANSACTION, options.transactionalId, (error) => this.onRetry(error))
  }

  get state(): State {
    return this.current
  }

  get producer(): ProducerIdentity | null {
    return this.identity
  }

  /** Fences every other producer of the transactional id, and ends what was left open under it. */
  async init(): Promise<void> {
    this.expect('uninitialized', 'ready', 'fenced', 'unknown')
    await this.learnVersions()
    await this.takeIdentity(null)
    this.current = 'ready'
  }

  begin(): void {
    this.expect('ready')
    this.announced.clear()
    this.hasBegun = false
    this.current = 'open'
  }

  /** One batch to one partition. Rejects with a {@link ClientError}; the transaction can then only be aborted. */
  async send(
    topic: string,
    partition: number,
    records: readonly Omit<ProducerRecord, 'topic' | 'partition'>[],
  ): Promise<Delivery[]> {
    this.expect('open')
    return this.inTransaction(async () => {
      await this.announce(topic, partition)
      const { clock } = this.options.client.platform
      const stamped = records.map(({ key, value, headers, timestamp }) => ({
        ...{ key, value, headers },
        timestamp: timestamp ?? BigInt(Math.floor(clock.nowMs())),
      }))
      const baseOffset = await this.deliver(topic, partition, stamped)
      return stamped.map(({ timestamp }, index) => ({ partition, offset: baseOffset < 0 ? -1 : baseOffset + index, timestamp }))
    })
  }

  /** The group has read up to these positions, if the transaction is committed. */
  async sendOffsets(positions: readonly GroupPosition[], group: GroupIdentity): Promise<void> {
    this.expect('open')
    await this.inTransaction(async () => {
      const { transactionalId } = this.options
      const { groupId } = group
      if (this.versions === VERSION_1 && !this.announced.has(`group ${groupId}`)) {
        await this.ask(AddOffsetsToTxn, { transactionalId, ...this.named(), groupId }, (response) => response.errorCode, 3)
        this.announced.add(`group ${groupId}`)
      }
      this.hasBegun = true
      const topics = new Map<string, GroupPosition[]>()
      for (const position of positions) topics.set(position.topic, [...(topics.get(position.topic) ?? []), position])
      const link = new CoordinatorLink(this.options.client, GROUP, groupId, (error) => this.onRetry(error))
      await link.request({
        api: TxnOffsetCommit,
        body: {
          ...{ transactionalId, groupId, ...this.named() },
          ...{ generationId: group.generationId ?? -1, memberId: group.memberId ?? '' },
          groupInstanceId: group.groupInstanceId ?? null,
          topics: [...topics].map(([name, places]) => ({
            name,
            partitions: places.map(({ partition, offset }) => ({
              ...{ partitionIndex: partition, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: '' },
            })),
          })),
        },
        errorCodeOf: (response) =>
          firstError(response.topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode))),
        timeoutMs: this.timeoutMs,
        version: this.versions.txnOffsetCommit,
      })
    })
  }

  /**
   * Rejects with a {@link ClientError}: isUnknownOutcome says whether it may have been committed all the same. If not, it will not be: 'abortable' or
   * 'fenced'.
   */
  async commit(): Promise<void> {
    this.expect('open')
    await this.end(true)
  }

  async abort(): Promise<void> {
    this.expect('open', 'abortable')
    await this.end(false)
  }

  close(): void {
    this.current = 'closed'
  }

  private async end(isCommit: boolean): Promise<void> {
    // Of version 2 nothing says whether something that failed has reached a partition.
    if (this.hasBegun || (this.versions === VERSION_2 && this.needsNewEpoch)) {
      try {
        const { transactionalId } = this.options
        const body = { transactionalId, ...this.named(), committed: isCommit }
        const ended = await this.ask(EndTxn, body, (response) => response.errorCode, this.versions.endTxn)
        if (this.versions === VERSION_2) this.adopt({ producerId: ended.producerId, producerEpoch: ended.producerEpoch })
      } catch (error) {
        this.onEndFailed(error, isCommit)
        throw error
      }
    }
    if (this.needsNewEpoch && this.versions === VERSION_1) await this.takeIdentity(this.identity)
    this.needsNewEpoch = false
    this.current = 'ready'
  }

  private onEndFailed(error: unknown, isCommit: boolean): void {
    if (this.current === 'closed') return
    const isUnknown = !(error instanceof ClientError) || error.isUnknownOutcome || error.retriable
    if (isUnknown) this.current = 'unknown'
    else if (isFencing(error)) this.current = 'fenced'
    else this.current = isCommit ? 'abortable' : 'unknown'
  }

  private async inTransaction<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (this.current === 'open') this.current = error instanceof ClientError && isFencing(error) ? 'fenced' : 'abortable'
      throw error
    }
  }

  private async announce(topic: string, partition: number): Promise<void> {
    const place = `${topic}/${partition}`
    if (this.versions === VERSION_2 || this.announced.has(place)) return
    const { producerId, producerEpoch } = this.named()
    const body = {
      v3AndBelowTransactionalId: this.options.transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [{ name: topic, partitions: [partition] }],
    }
    // Also where no answer came: what may have begun must be ended.
    this.hasBegun = true
    await this.ask(
      AddPartitionsToTxn,
      body,
      ({ resultsByTopicV3AndBelow: topics }) =>
        firstError(
          topics.flatMap(({ resultsByPartition }) => resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode)),
        ),
      ADD_PARTITIONS_VERSION,
    )
    this.announced.add(place)
  }

  /** Answers the base offset, -1 where it is written and nobody says where. */
  private async deliver(topic: string, partition: number, records: readonly RecordToEncode[]): Promise<number> {
    const { client } = this.options
    const { clock } = client.platform
    const place = `${topic}/${partition}`
    const baseSequence = this.sequences.get(place) ?? 0
    const batch = encodeBatch({ records, ...this.named(), baseSequence, isTransactional: true })
    const deadlineMs = clock.monotonicMs() + this.timeoutMs
    let mayBeInLog = false
    this.hasBegun = true
    for (let attempt = 0; ; attempt++) {
      let failure: ClientError
      try {
        const baseOffset = await this.produce(topic, partition, batch)
        this.sequences.set(place, sequenceAfter(baseSequence, records.length))
        return baseOffset
      } catch (error) {
        if (!(error instanceof ClientError)) throw error
        if (error.code === ErrorCode.DUPLICATE_SEQUENCE_NUMBER && mayBeInLog) {
          this.sequences.set(place, sequenceAfter(baseSequence, records.length))
          return -1
        }
        failure = error
        mayBeInLog ||= error.isUnknownOutcome
      }
      const pauseMs = Math.min(500, 30 * 2 ** Math.min(attempt, 5))
      if (!failure.retriable || this.current === 'closed' || clock.monotonicMs() + pauseMs >= deadlineMs) {
        this.needsNewEpoch = true
        throw new ClientError(failure.kind, failure.message, false, failure.code, { isUnknownOutcome: mayBeInLog })
      }
      this.onRetry(failure)
      await pause(clock, pauseMs)
      // A failure to refresh shows as no leader in the next attempt.
      await client.refresh().catch(() => undefined)
    }
  }

  private async produce(topic: string, partition: number, records: Uint8Array): Promise<number> {
    const { client, transactionalId, requestTimeoutMs = 5_000 } = this.options
    const leader = client.leaderOf(topic, partition)
    if (leader === null) throw protocolError(ErrorCode.LEADER_NOT_AVAILABLE, `${topic}-${partition} has no leader now`)
    const response = await client.connectionTo(leader.broker).request(
      Produce,
      {
        transactionalId,
        acks: -1,
        timeoutMs: requestTimeoutMs,
        topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
      },
      { version: this.versions.produce, timeoutMs: requestTimeoutMs + 1_000 },
    )
    const answer = response.responses[0]?.partitionResponses[0]
    const errorCode = answer?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
    if (answer !== undefined && errorCode === ErrorCode.NONE) return answer.baseOffset
    const { message } = protocolError(errorCode, answer?.errorMessage ?? null)
    // Nothing but an answer that everything is well says that nothing was written; the transaction is aborted where it matters.
    throw new ClientError('protocol', message, isRetriable(errorCode), errorCode, { isUnknownOutcome: true })
  }

  private async takeIdentity(expected: ProducerIdentity | null): Promise<void> {
    const { transactionalId, transactionTimeoutMs = 60_000 } = this.options
    try {
      const body = { transactionalId, transactionTimeoutMs, ...(expected ?? {}) }
      const given = await this.ask(InitProducerId, body, (response) => response.errorCode, null)
      this.adopt({ producerId: given.producerId, producerEpoch: given.producerEpoch })
      this.needsNewEpoch = false
    } catch (error) {
      this.current = error instanceof ClientError && isFencing(error) ? 'fenced' : 'unknown'
      throw error
    }
  }

  private adopt(identity: ProducerIdentity): void {
    if (identity.producerId === this.identity?.producerId && identity.producerEpoch === this.identity.producerEpoch) return
    this.identity = identity
    this.sequences.clear()
  }

  /** What the finalized features let a client use. */
  private async learnVersions(): Promise<void> {
    const { client } = this.options
    const { finalizedFeatures } = await client.askAny((connection) =>
      connection.request(ApiVersions, { clientSoftwareName: 'broker-workbench', clientSoftwareVersion: '1' }, { version: 3 }),
    )
    const level = finalizedFeatures.find(({ name }) => name === 'transaction.version')?.maxVersionLevel ?? 0
    this.versions = level >= 2 ? VERSION_2 : VERSION_1
  }

  private ask<Req, Res>(
    api: Api<Req, Res>,
    body: Encodable<Req>,
    errorCodeOf: (response: Res) => number,
    version: number | null,
  ): Promise<Res> {
    return this.coordinator.request({ api, body, errorCodeOf, timeoutMs: this.timeoutMs, version })
  }

  private get timeoutMs(): number {
    return this.options.deliveryTimeoutMs ?? 30_000
  }

  private named(): ProducerIdentity {
    if (this.identity === null) throw new ClientError('protocol', 'a transactional producer is initialized first', false)
    return this.identity
  }

  private expect(...states: readonly State[]): void {
    if (states.includes(this.current)) return
    const kind = this.current === 'closed' ? 'closed' : 'protocol'
    throw new ClientError(
      kind,
      `the transactional producer is ${this.current}, it would have to be ${states.join(' or ')}`,
      false,
    )
  }

  private onRetry(error: ClientError): void {
    this.options.onRetry?.(error)
  }
}

/** Somebody else is the producer of this transactional id now, or its coordinator has given this one up. */
function isFencing({ code }: ClientError): boolean {
  return (
    code === ErrorCode.PRODUCER_FENCED ||
    code === ErrorCode.INVALID_PRODUCER_EPOCH ||
    code === ErrorCode.INVALID_PRODUCER_ID_MAPPING
  )
}

const firstError = (codes: readonly number[]): number => codes.find((code) => code !== ErrorCode.NONE) ?? ErrorCode.NONE
