/**
 * WriteTxnMarkers (key 27), versions 0–2, from coordinators of transactions: this broker, as the leader of the partitions, writes how a transaction has
 * ended. Answered when all in-sync replicas have it, or nothing more can be said. A marker for `__consumer_offsets` goes through the group's coordinator,
 * whose offsets count from then on, or never.
 *
 * What comes a second time is written a second time, and ends nothing, for there is nothing open. If meanwhile the producer's next transaction is open,
 * in version 2 of transactions it is refused: every transaction there ends in a higher epoch than it began in, so this marker is that of the one before
 * (KIP-1228). In version 1 it ends the next one, as from Kafka.
 */
import { ErrorCode } from '../../wire/errors'
import { WriteTxnMarkers } from '../../wire/messages/27-write-txn-markers'
import { encodeEndTxnMarker } from '../../wire/records'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { CONSUMER_OFFSETS } from '../internal-topics'
import { refineError } from '../partition-errors'
import { type DelayedOperation, partitionKey } from '../purgatory'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'
import { producerKey } from './transaction-requests'

type Services = Pick<BrokerServices, 'replicas' | 'metadata' | 'produces' | 'clock' | 'coordinators'>
type Request = RequestOf<typeof WriteTxnMarkers>
type Marker = Request['markers'][number]

interface Outcome {
  readonly topic: string
  readonly partition: number
  /** Null while it is waited for. */
  errorCode: number | null
  requiredOffset: number
  leaderEpoch: number
}

const TIMEOUT_MS = 5_000

export function writeTxnMarkersHandler(services: Services): Handler<Request, ResponseOf<typeof WriteTxnMarkers>> {
  return {
    api: WriteTxnMarkers,
    minVersion: 0,
    maxVersion: 2,
    async handle(context) {
      const { markers } = context.request
      const outcomes = await Promise.all(markers.map((marker) => write(services, marker)))
      context.respond({ markers: markers.map(({ producerId }, index) => ({ producerId, topics: byTopic(outcomes[index]!) })) })
    },
  }
}

async function write(services: Services, marker: Marker): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const groups: Promise<void>[] = []
  for (const { name, partitionIndexes } of marker.topics) {
    for (const partition of partitionIndexes) {
      const outcome: Outcome = { topic: name, partition, errorCode: null, requiredOffset: -1, leaderEpoch: -1 }
      outcomes.push(outcome)
      if (isOfTheOneBefore(services, marker, name, partition)) outcome.errorCode = ErrorCode.INVALID_PRODUCER_EPOCH
      else if (name === CONSUMER_OFFSETS) groups.push(endInGroups(services, marker, outcome))
      else append(services, marker, outcome)
    }
  }
  await Promise.all([...groups, untilReplicated(services, outcomes)])
  return outcomes
}

function isOfTheOneBefore({ replicas }: Services, marker: Marker, topic: string, partition: number): boolean {
  const { producerId, producerEpoch, transactionVersion } = marker
  return transactionVersion >= 2 && replicas.hasOngoingTransaction(topic, partition, producerKey(producerId), producerEpoch)
}

async function endInGroups({ coordinators }: Services, marker: Marker, outcome: Outcome): Promise<void> {
  const { producerId, producerEpoch, coordinatorEpoch, transactionResult } = marker
  const result = transactionResult ? 'commit' : 'abort'
  const end = { producerId, producerEpoch, coordinatorEpoch, result } as const
  outcome.errorCode = await coordinators.groups.endTransaction(outcome.partition, end)
}

function append({ replicas, metadata, clock }: Services, marker: Marker, outcome: Outcome): void {
  const { topic, partition } = outcome
  const { producerId, producerEpoch, coordinatorEpoch, transactionResult: isCommit } = marker
  const batch = encodeEndTxnMarker({
    producerId,
    producerEpoch,
    coordinatorEpoch,
    isCommit,
    timestampMs: Math.floor(clock.nowMs()),
  })
  const appended = replicas.append(topic, partition, batch, -1, { origin: 'coordinator' })
  if (appended.errorCode !== ErrorCode.NONE) outcome.errorCode = refineError(metadata, topic, partition, appended.errorCode)
  outcome.requiredOffset = appended.requiredOffset ?? -1
  outcome.leaderEpoch = appended.leaderEpoch
}

function untilReplicated(services: Services, outcomes: readonly Outcome[]): Promise<void> {
  const waiting = outcomes.filter(({ errorCode, requiredOffset }) => errorCode === null && requiredOffset >= 0)
  if (waiting.length === 0) return Promise.resolve()
  return new Promise((resolve) => {
    const keys = waiting.map(({ topic, partition }) => partitionKey(topic, partition))
    services.produces.tryCompleteElseWatch(new DelayedMarkers(services, waiting, resolve), keys, TIMEOUT_MS)
  })
}

class DelayedMarkers implements DelayedOperation {
  constructor(
    private readonly services: Services,
    private readonly outcomes: readonly Outcome[],
    private readonly onDone: () => void,
  ) {}

  tryComplete(): boolean {
    let isComplete = true
    for (const outcome of this.outcomes) {
      if (outcome.errorCode !== null) continue
      const { topic, partition, requiredOffset, leaderEpoch } = outcome
      const verdict = this.services.replicas.checkProduce(topic, partition, requiredOffset, leaderEpoch)
      if (verdict === 'pending') isComplete = false
      else outcome.errorCode = refineError(this.services.metadata, topic, partition, verdict)
    }
    if (isComplete) this.onDone()
    return isComplete
  }

  onExpire(): void {
    for (const outcome of this.outcomes) outcome.errorCode ??= ErrorCode.REQUEST_TIMED_OUT
    this.onDone()
  }
}

function byTopic(outcomes: readonly Outcome[]) {
  const topics: { name: string; partitions: { partitionIndex: number; errorCode: number }[] }[] = []
  for (const { topic, partition, errorCode } of outcomes) {
    let last = topics.at(-1)
    if (last?.name !== topic) {
      last = { name: topic, partitions: [] }
      topics.push(last)
    }
    last.partitions.push({ partitionIndex: partition, errorCode: errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR })
  }
  return topics
}
