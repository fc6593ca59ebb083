/**
 * DeleteRecords (key 21), versions 0–2: gives up the records below an offset, -1 for all that are committed. The leader moves its log start at
 * once and answers when every live replica has followed, or when the time is up. Not for topics that are only compacted, as in Kafka.
 */
import { ErrorCode } from '../../wire/errors'
import { DeleteRecords } from '../../wire/messages/21-delete-records'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { listOf } from '../config-definition'
import { refineError } from '../partition-errors'
import { type DelayedOperation, partitionKey } from '../purgatory'
import type { Handler, RequestContext } from '../registry'
import type { BrokerServices } from '../services'

type Services = Pick<BrokerServices, 'replicas' | 'metadata' | 'configs' | 'deletions'>
type Context = RequestContext<RequestOf<typeof DeleteRecords>, ResponseOf<typeof DeleteRecords>>

interface PartitionOutcome {
  readonly topic: string
  readonly partition: number
  errorCode: number
  lowWatermark: number
  /** Not yet reached by all replicas; -1 otherwise. */
  requiredOffset: number
}

export function deleteRecordsHandler(
  services: Services,
): Handler<RequestOf<typeof DeleteRecords>, ResponseOf<typeof DeleteRecords>> {
  return {
    api: DeleteRecords,
    minVersion: 0,
    maxVersion: 2,
    handle(context) {
      const outcomes = context.request.topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, offset }) => deleteOne(services, name, partitionIndex, offset)),
      )
      const delayed = new DelayedDeletion(services, context, outcomes)
      const keys = outcomes.filter(isPending).map(({ topic, partition }) => partitionKey(topic, partition))
      services.deletions.tryCompleteElseWatch(delayed, keys, Math.max(0, context.request.timeoutMs))
    },
  }
}

function deleteOne(
  { replicas, metadata, configs }: Services,
  topic: string,
  partition: number,
  offset: number,
): PartitionOutcome {
  const outcome = { topic, partition, errorCode: ErrorCode.NONE as number, lowWatermark: -1, requiredOffset: -1 }
  if (!listOf(configs.topicValue(topic, 'cleanup.policy')).includes('delete'))
    return { ...outcome, errorCode: ErrorCode.POLICY_VIOLATION }
  const { errorCode, requiredOffset } = replicas.deleteRecords(topic, partition, offset)
  return { ...outcome, errorCode: refineError(metadata, topic, partition, errorCode), requiredOffset }
}

const isPending = ({ requiredOffset }: PartitionOutcome): boolean => requiredOffset >= 0

class DelayedDeletion implements DelayedOperation {
  constructor(
    private readonly services: Services,
    private readonly context: Context,
    private readonly outcomes: readonly PartitionOutcome[],
  ) {}

  tryComplete(): boolean {
    for (const outcome of this.outcomes) {
      if (!isPending(outcome)) continue
      const reached = this.services.replicas.lowWatermark(outcome.topic, outcome.partition)
      if (reached === null) this.settle(outcome, ErrorCode.NOT_LEADER_OR_FOLLOWER, -1)
      else if (reached >= outcome.requiredOffset) this.settle(outcome, ErrorCode.NONE, reached)
    }
    if (this.outcomes.some(isPending)) return false
    this.respond()
    return true
  }

  onExpire(): void {
    for (const outcome of this.outcomes) if (isPending(outcome)) this.settle(outcome, ErrorCode.REQUEST_TIMED_OUT, -1)
    this.respond()
  }

  private settle(outcome: PartitionOutcome, errorCode: number, lowWatermark: number): void {
    outcome.requiredOffset = -1
    outcome.errorCode = errorCode
    outcome.lowWatermark = lowWatermark
  }

  private respond(): void {
    const topics = this.context.request.topics.map(({ name }) => ({
      name,
      partitions: this.outcomes
        .filter(({ topic }) => topic === name)
        .map(({ partition, errorCode, lowWatermark }) => ({ partitionIndex: partition, errorCode, lowWatermark })),
    }))
    this.context.respond({ throttleTimeMs: 0, topics })
  }
}
