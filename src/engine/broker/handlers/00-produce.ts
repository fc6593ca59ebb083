/**
 * Produce (key 0), versions 3–11, and 12 where transaction.version is 2; advertised from 0 for librdkafka up to 2.10 (KAFKA-18659), 0–2 close the connection as in Kafka.
 *
 * Appends each partition's batch where it is led here, in the order of the request; acks=1 answers at once, acks=all waits in purgatory
 * until the high watermark has reached it. acks=0 has no response, and an error closes the connection instead, which makes the client
 * look for the leader. Version 10 and on names the new leader (KIP-951). A batch that an idempotent producer sent before is answered with its old
 * offset, once that is committed (KIP-98). A batch that opens a producer's transaction in a partition waits until the transaction's coordinator has said
 * that the partition is part of it (KIP-890); with version 12 it becomes so by that.
 */

import type { VerificationGuard } from '../../replication/ports'
import { ErrorCode, errorMessage, errorName } from '../../wire/errors'
import { Produce } from '../../wire/messages/00-produce'
import { BATCH_OVERHEAD, forEachBatch, readBatchHeader } from '../../wire/records'
import type { RequestOf } from '../../wire/schema'
import { DecodeError } from '../../wire/wire-error'
import type { ConnectionActivity } from '../connection-activity'
import { isTransactionVersion2 } from '../features'
import { isInternalTopic } from '../internal-topics'
import { type LeaderHint, leaderHint, nodeEndpoints, refineError } from '../partition-errors'
import { type DelayedOperation, partitionKey } from '../purgatory'
import type { Handler, RequestContext } from '../registry'
import type { BrokerServices } from '../services'
import { abortableBefore, producerKey } from './transaction-requests'

type Services = Pick<BrokerServices, 'replicas' | 'metadata' | 'produces' | 'traffic'> & {
  readonly configs: Pick<BrokerServices['configs'], 'brokerNumber'>
  readonly transactions: Pick<BrokerServices['transactions'], 'isVerifying'> & {
    readonly verifier: Pick<BrokerServices['transactions']['verifier'], 'verify'>
  }
}
type Request = RequestOf<typeof Produce>
type TopicData = readonly {
  readonly name: string
  readonly partitionData: readonly { readonly index: number; readonly records: Uint8Array | null }[]
}[]
type Context = RequestContext<Request, ReturnType<typeof Produce.response.decode>>

interface PartitionOutcome {
  readonly topic: string
  readonly partition: number
  errorCode: number
  errorMessage: string | null
  recordErrors: readonly { readonly batchIndex: number; readonly message: string }[]
  baseOffset: number
  logAppendTimeMs: number
  logStartOffset: number
  leaderEpoch: number
  /** acks=all: not yet known to be on all in-sync replicas; -1 otherwise. */
  requiredOffset: number
}

/** The first whose producers do not announce their partitions (KIP-890 part 2). */
const IMPLICIT_VERSION = 12
/** Of Kafka's own tools (AdminUtils.ADMIN_CLIENT_ID). */
const ADMIN_CLIENT_ID = '__admin_client'
/** The first that knows TRANSACTION_ABORTABLE. */
const ABORTABLE_VERSION = 11

export function produceHandler(services: Services): Handler<Request, ReturnType<typeof Produce.response.decode>> {
  /** What came of a transactional id while an earlier request of it is being verified, in order: Kafka reads one request of a connection at a time. */
  const behind = new Map<string, (() => void)[]>()
  const begin = (context: Context, topicData: TopicData): void => {
    const { transactionalId, acks } = context.request
    context.activity?.onProduce(acks, transactionalId)
    const outcomes: PartitionOutcome[] = []
    const unverified: Unverified[] = []
    for (const { name, partitionData } of topicData) {
      for (const { index, records } of partitionData) {
        const outcome = newOutcome(name, index)
        outcomes.push(outcome)
        const opening = transactionalId === null ? null : openingOf(services, context, outcome, records)
        if (opening === null) appendOne(services, context, outcome, records, transactionalId === null ? undefined : null)
        else unverified.push(opening)
      }
    }
    if (unverified.length === 0 || transactionalId === null) return conclude(services, context, outcomes)
    const waiting: (() => void)[] = []
    behind.set(transactionalId, waiting)
    verify(services, context, unverified, () => {
      behind.delete(transactionalId)
      conclude(services, context, outcomes)
      for (const [index, next] of waiting.entries()) {
        next()
        // It waits itself now, and those after it behind it.
        const queue = behind.get(transactionalId)
        if (queue !== undefined) return void queue.push(...waiting.slice(index + 1))
      }
    })
  }
  return {
    api: Produce,
    minVersion: 3,
    maxVersion: isTransactionVersion2(services.configs) ? IMPLICIT_VERSION : IMPLICIT_VERSION - 1,
    advertisedMinVersion: 0,
    handle(context) {
      const { topicData, transactionalId } = context.request
      const waiting = transactionalId === null ? undefined : behind.get(transactionalId)
      if (waiting === undefined) return begin(context, topicData)
      const copied = copyOf(topicData)
      waiting.push(() => begin(context, copied))
    },
  }
}

/** The request is a view on a buffer that is used again. */
function copyOf(topicData: TopicData): TopicData {
  return topicData.map(({ name, partitionData }) => ({
    name,
    partitionData: partitionData.map(({ index, records }) => ({
      index,
      records: records === null ? null : Buffer.from(records),
    })),
  }))
}

function conclude(services: Services, context: Context, outcomes: readonly PartitionOutcome[]): void {
  const { acks, timeoutMs } = context.request
  if (acks === 0) return endUnacknowledged(context, outcomes)
  const delayed = new DelayedProduce(services, context, outcomes)
  const keys = outcomes.filter(isPending).map(({ topic, partition }) => partitionKey(topic, partition))
  services.produces.tryCompleteElseWatch(delayed, keys, Math.max(0, timeoutMs))
}

/** A batch that would open its producer's transaction in a partition. */
interface Unverified {
  readonly outcome: PartitionOutcome
  /** A copy: the request is a view on a buffer that is used again. */
  readonly records: Uint8Array
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly guard: VerificationGuard
}

/** Null where the batch opens no transaction, or whatever it does is found out when it is appended. */
function openingOf(
  services: Services,
  { version }: Context,
  outcome: PartitionOutcome,
  records: Uint8Array | null,
): Unverified | null {
  const isImplicit = version >= IMPLICIT_VERSION
  if (records === null || records.length < BATCH_OVERHEAD || !(isImplicit || services.transactions.isVerifying)) return null
  const { isTransactional, isControl, magic, producerId, producerEpoch } = readBatchHeader(records)
  if (magic !== 2 || !isTransactional || isControl || producerId < 0n) return null
  const guard = guardFor(services, outcome, records)
  if (guard === null) return null
  return { outcome, records: Buffer.from(records), producerId, producerEpoch, guard }
}

/** A marker that comes while the coordinator is asked takes the guard back, and it is asked again: but not for ever. */
const ROUNDS_MAX = 3

/** Asks the coordinator about all of them, and appends those that it confirms. */
function verify(services: Services, context: Context, unverified: readonly Unverified[], onDone: () => void, round = 1): void {
  const { version, request } = context
  const [first] = unverified
  const mode = version >= IMPLICIT_VERSION ? 'add' : 'verify'
  const { producerId, producerEpoch } = first!
  const partitions = unverified.map(({ outcome: { topic, partition } }) => ({ topic, partition }))
  const question = { transactionalId: request.transactionalId ?? '', producerId, producerEpoch, mode, partitions } as const
  services.transactions.verifier.verify(question, (errors) => {
    const again: Unverified[] = []
    for (const each of unverified) {
      const { outcome, records } = each
      const isSame = each.producerId === producerId && each.producerEpoch === producerEpoch
      // One request is one transaction's (ReplicaManager.appendRecords).
      const errorCode = isSame ? errors(outcome.topic, outcome.partition) : ErrorCode.INVALID_PRODUCER_ID_MAPPING
      if (errorCode === ErrorCode.NONE) {
        const guard = round < ROUNDS_MAX ? guardFor(services, outcome, records) : each.guard
        if (guard === null || guard === each.guard) appendOne(services, context, outcome, records, guard)
        else again.push({ ...each, guard })
      } else refuse(services, outcome, abortableBefore(ABORTABLE_VERSION, version, errorCode), UNVERIFIED_MESSAGE)
    }
    if (again.length === 0) onDone()
    else verify(services, context, again, onDone, round + 1)
  })
}

/** Null where the producer's transaction is open in the partition. */
function guardFor({ replicas }: Services, { topic, partition }: PartitionOutcome, records: Uint8Array): VerificationGuard | null {
  const { producerId, producerEpoch, baseSequence } = readBatchHeader(records)
  return replicas.startVerification(topic, partition, producerKey(producerId), producerEpoch, baseSequence)
}

const UNVERIFIED_MESSAGE = 'Unable to verify the partition has been added to the transaction.'

function newOutcome(topic: string, partition: number): PartitionOutcome {
  return {
    topic,
    partition,
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    recordErrors: [],
    baseOffset: -1,
    logAppendTimeMs: -1,
    logStartOffset: -1,
    leaderEpoch: -1,
    requiredOffset: -1,
  }
}

function refuse({ traffic }: Services, outcome: PartitionOutcome, errorCode: number, message: string | null = null): void {
  outcome.errorCode = errorCode
  outcome.errorMessage = message
  traffic.onFailedProduce(outcome.topic)
}

/** `guard`: of a transactional producer's request; null without one. */
function appendOne(
  services: Services,
  context: Context,
  outcome: PartitionOutcome,
  records: Uint8Array | null,
  guard: VerificationGuard | null | undefined,
): void {
  const { topic, partition } = outcome
  const { acks, transactionalId } = context.request
  const { transactions } = services
  if (acks < -1 || acks > 1) return refuse(services, outcome, ErrorCode.INVALID_REQUIRED_ACKS)
  // What coordinators keep there they alone write; Kafka lets its own administrator in.
  if (isInternalTopic(topic) && context.client.clientId !== ADMIN_CLIENT_ID)
    return refuse(services, outcome, ErrorCode.INVALID_TOPIC_EXCEPTION, `Cannot append to internal topic ${topic}`)
  const malformed = whyMalformed(records, context.version, transactionalId)
  if (malformed !== null) return refuse(services, outcome, malformed.errorCode, malformed.message)
  const isGuarded = guard !== undefined && (transactions.isVerifying || context.version >= IMPLICIT_VERSION)
  const appended = services.replicas.append(topic, partition, records as Uint8Array, acks, isGuarded ? { guard } : undefined)
  outcome.logStartOffset = appended.logStartOffset
  outcome.leaderEpoch = appended.leaderEpoch
  if (appended.errorCode !== ErrorCode.NONE) {
    const errorCode = refineError(services.metadata, topic, partition, appended.errorCode)
    outcome.recordErrors = appended.recordErrors ?? []
    return refuse(services, outcome, errorCode, appended.errorMessage ?? null)
  }
  const info = appended.appendInfo
  if (info !== undefined) {
    outcome.baseOffset = info.firstOffset
    outcome.logAppendTimeMs = info.logAppendTimeMs
    if (!info.isDuplicate) {
      services.traffic.onAppend(topic, info.recordCount, info.sizeInBytes)
      if (context.activity !== undefined) noteBatch(context.activity, topic, records as Uint8Array, info)
    }
  }
  if (acks === -1) outcome.requiredOffset = appended.requiredOffset ?? -1
}

function noteBatch(
  activity: ConnectionActivity,
  topic: string,
  records: Uint8Array,
  { recordCount, sizeInBytes: bytes }: { readonly recordCount: number; readonly sizeInBytes: number },
): void {
  const { compression, producerId } = readBatchHeader(records)
  activity.onBatch(topic, { compression, isIdempotent: producerId >= 0n, recordCount, bytes })
}

/** What a request of version 3 and on may hold for one partition: exactly one batch of format 2 (ProduceRequest.validateRecords). */
function whyMalformed(
  records: Uint8Array | null,
  version: number,
  transactionalId: string | null,
): { errorCode: number; message: string } | null {
  const invalid = (message: string) => ({ errorCode: ErrorCode.INVALID_RECORD, message })
  let batchCount = 0
  let isOldFormat = false
  let isZstd = false
  let isTransactional = false
  if (records !== null) {
    try {
      forEachBatch(records, (batch) => {
        batchCount++
        isOldFormat ||= batch.magic !== 2
        isZstd ||= batch.compression === 'zstd'
        isTransactional ||= batch.isTransactional
      })
    } catch (error) {
      // One partition's bytes, not the request's: the others are appended, and the client is told.
      if (error instanceof DecodeError) return { errorCode: ErrorCode.CORRUPT_MESSAGE, message: error.message }
      throw error
    }
  }
  if (records === null || records.length === 0) {
    return invalid(`Produce requests with version ${version} must have at least one record batch per partition`)
  }
  if (isOldFormat)
    return invalid(`Produce requests with version ${version} are only allowed to contain record batches with magic version 2`)
  if (batchCount > 1)
    return invalid(`Produce requests with version ${version} are only allowed to contain exactly one record batch per partition`)
  // As from Kafka: nobody may write in a transaction without saying in whose (KafkaApis.handleProduceRequest).
  if (isTransactional && transactionalId === null) {
    return {
      errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
      message: 'A transactional batch came in a request that names no transactional id.',
    }
  }
  if (isZstd && version < 7) {
    return {
      errorCode: ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
      message: `Produce requests with version ${version} are not allowed to use ZStandard compression`,
    }
  }
  return null
}

function endUnacknowledged(context: Context, outcomes: readonly PartitionOutcome[]): void {
  const failed = outcomes.find(({ errorCode }) => errorCode !== ErrorCode.NONE)
  if (failed === undefined) context.respondNothing()
  else context.close(`a produce with acks=0 to ${failed.topic}-${failed.partition} failed with ${errorName(failed.errorCode)}`)
}

const isPending = (outcome: PartitionOutcome): boolean => outcome.requiredOffset >= 0

class DelayedProduce implements DelayedOperation {
  constructor(
    private readonly services: Services,
    private readonly context: Context,
    private readonly outcomes: readonly PartitionOutcome[],
  ) {}

  tryComplete(): boolean {
    let isComplete = true
    for (const outcome of this.outcomes) {
      if (!isPending(outcome)) continue
      const { topic, partition, requiredOffset, leaderEpoch } = outcome
      const verdict = this.services.replicas.checkProduce(topic, partition, requiredOffset, leaderEpoch)
      if (verdict === 'pending') isComplete = false
      else this.settle(outcome, refineError(this.services.metadata, topic, partition, verdict))
    }
    if (isComplete) this.respond()
    return isComplete
  }

  onExpire(): void {
    for (const outcome of this.outcomes) if (isPending(outcome)) this.settle(outcome, ErrorCode.REQUEST_TIMED_OUT)
    this.respond()
  }

  private settle(outcome: PartitionOutcome, errorCode: number): void {
    outcome.requiredOffset = -1
    outcome.errorCode = errorCode
    if (errorCode === ErrorCode.NONE) return
    this.services.traffic.onFailedProduce(outcome.topic)
    outcome.errorMessage = errorMessage(errorCode)
    // The records may be in the log and may yet be committed; what is not known to be is not given an offset.
    outcome.baseOffset = -1
    outcome.logAppendTimeMs = -1
  }

  private respond(): void {
    const { metadata } = this.services
    const hints: LeaderHint[] = []
    const responses: { name: string; partitionResponses: ReturnType<typeof partitionResponse>[] }[] = []
    for (const outcome of this.outcomes) {
      const hint =
        this.context.version >= 10 ? leaderHint(this.services, outcome.topic, outcome.partition, outcome.errorCode) : null
      if (hint !== null) hints.push(hint)
      let topic = responses.at(-1)
      if (topic?.name !== outcome.topic) {
        topic = { name: outcome.topic, partitionResponses: [] }
        responses.push(topic)
      }
      topic.partitionResponses.push(partitionResponse(outcome, hint))
    }
    this.context.respond({ responses, ...(hints.length === 0 ? {} : { nodeEndpoints: nodeEndpoints(metadata, hints) }) })
  }
}

function partitionResponse(outcome: PartitionOutcome, hint: LeaderHint | null) {
  const { partition, errorCode, baseOffset, logAppendTimeMs, logStartOffset, recordErrors, errorMessage: message } = outcome
  return {
    index: partition,
    errorCode,
    baseOffset,
    logAppendTimeMs,
    logStartOffset,
    recordErrors: recordErrors.map(({ batchIndex, message }) => ({ batchIndex, batchIndexErrorMessage: message })),
    errorMessage: message,
    ...(hint === null ? {} : { currentLeader: hint }),
  }
}
