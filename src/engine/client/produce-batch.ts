/**
 * One attempt to have one batch appended: the request, its answer, and whether a failure leaves open that the batch was written. What is made of
 * that is up to who asks: BatchDelivery for producers, and the schema registry, which numbers its batches otherwise.
 */
import { ErrorCode, isRetriable } from '../wire/errors'
import { Produce } from '../wire/messages/00-produce'
import { ClientError, protocolError } from './errors'
import type { KafkaClient } from './kafka-client'

export interface ProduceOptions {
  readonly client: KafkaClient
  readonly acks: 0 | 1 | -1
  readonly requestTimeoutMs: number
}

export interface AppendedBatch {
  /** -1: written, but nobody says where. */
  readonly baseOffset: number
  readonly logAppendTimeMs: number
}

/** `records`: the batch as it is to stand in the log. Throws ClientError; its isUnknownOutcome says whether this attempt may have written the batch. */
export async function produceBatch(
  { client, acks, requestTimeoutMs }: ProduceOptions,
  topic: string,
  partition: number,
  records: Uint8Array,
): Promise<AppendedBatch> {
  const leader = client.leaderOf(topic, partition)
  if (leader === null) throw protocolError(ErrorCode.LEADER_NOT_AVAILABLE, `${topic}-${partition} has no leader now`)
  const connection = client.connectionTo(leader.broker)
  const topicData = [{ name: topic, partitionData: [{ index: partition, records }] }]
  const body = { acks, timeoutMs: requestTimeoutMs, topicData }
  if (acks === 0) {
    await connection.send(Produce, body)
    return { baseOffset: -1, logAppendTimeMs: -1 }
  }
  // The broker answers REQUEST_TIMED_OUT by itself; ours only ends the wait for one that says nothing.
  const response = await connection.request(Produce, body, { timeoutMs: requestTimeoutMs + 1_000 })
  const answer = response.responses[0]?.partitionResponses[0]
  if (answer === undefined) {
    const message = `broker ${leader.broker.id} answered a produce without its partition`
    throw new ClientError('protocol', message, true, null, { isUnknownOutcome: true })
  }
  const { errorCode, errorMessage, baseOffset, logAppendTimeMs } = answer
  if (errorCode === ErrorCode.NONE) return { baseOffset, logAppendTimeMs }
  const { message } = protocolError(errorCode, errorMessage)
  const isUnknownOutcome = !REFUSALS.has(errorCode)
  throw new ClientError('protocol', message, isRetriable(errorCode), errorCode, { isUnknownOutcome })
}

/**
 * Answers that say that this attempt wrote nothing. All others can come from a leader that appended the batch and then lost its followers,
 * its leadership, its disk or its wits: DelayedProduce answers NOT_LEADER_OR_FOLLOWER, too.
 */
const REFUSALS: ReadonlySet<number> = new Set([
  ErrorCode.CORRUPT_MESSAGE,
  ErrorCode.LEADER_NOT_AVAILABLE,
  ErrorCode.MESSAGE_TOO_LARGE,
  ErrorCode.INVALID_TOPIC_EXCEPTION,
  ErrorCode.RECORD_LIST_TOO_LARGE,
  ErrorCode.NOT_ENOUGH_REPLICAS,
  ErrorCode.INVALID_REQUIRED_ACKS,
  ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
  ErrorCode.INVALID_TIMESTAMP,
  ErrorCode.UNSUPPORTED_VERSION,
  ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT,
  ErrorCode.POLICY_VIOLATION,
  ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
  ErrorCode.DUPLICATE_SEQUENCE_NUMBER,
  ErrorCode.INVALID_PRODUCER_EPOCH,
  ErrorCode.INVALID_PRODUCER_ID_MAPPING,
  ErrorCode.UNKNOWN_PRODUCER_ID,
  ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
  ErrorCode.INVALID_RECORD,
  ErrorCode.THROTTLING_QUOTA_EXCEEDED,
  ErrorCode.PRODUCER_FENCED,
])
