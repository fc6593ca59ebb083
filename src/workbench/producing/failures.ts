/** Failures of sending in words: Kafka's name, what happened, and what to do about it. */
import { ClientError } from '../../engine/client'
import { ErrorCode, errorName } from '../../engine/wire/errors'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { ProduceFailure } from '../../shared/model/producing'

/** What to do, where Kafka's own sentence does not say it. */
const advice: Readonly<Partial<Record<number, string>>> = {
  [ErrorCode.MESSAGE_TOO_LARGE]: "Raise the topic's max.message.bytes, send less at once, or compress it.",
  [ErrorCode.RECORD_LIST_TOO_LARGE]: "Make batches smaller, or raise the topic's segment.bytes.",
  [ErrorCode.NOT_ENOUGH_REPLICAS]: 'Start a broker that holds the partition, lower min.insync.replicas, or write with acks 1.',
  [ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND]:
    'It is in the log of the leader, but in too few replicas. Start a broker that holds the partition.',
  [ErrorCode.PRODUCER_FENCED]: 'Another producer has begun with this transactional id. Use an id of its own for each run.',
  [ErrorCode.INVALID_PRODUCER_EPOCH]:
    'Another producer has begun with this transactional id, or the transaction was open for too long.',
  [ErrorCode.INVALID_TIMESTAMP]:
    "The timestamp is too far from the broker's time: see the topic's message.timestamp.before.max.ms and after.max.ms.",
  [ErrorCode.INVALID_RECORD]: 'A compacted topic takes no message without a key. Give it one.',
  [ErrorCode.TOPIC_AUTHORIZATION_FAILED]: 'Give the user of the workbench the right to write to the topic.',
  [ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED]: 'Give the user of the workbench the right to this transactional id.',
}

export function failureOf(error: Error, next: string | null): ProduceFailure {
  const name = nameOf(error)
  const sentence = error.message.startsWith(`${name}: `) ? error.message.slice(name.length + 2) : error.message
  const todo = next ?? (error instanceof ClientError && error.code !== null ? advice[error.code] : undefined)
  return { name, message: todo === undefined ? sentence : `${/[.!?]$/.test(sentence) ? sentence : `${sentence}.`} ${todo}` }
}

function nameOf(error: Error): string {
  if (error instanceof WorkbenchError) return error.code
  if (!(error instanceof ClientError)) return 'INTERNAL'
  return error.code === null ? error.kind.toUpperCase() : errorName(error.code)
}
