/**
 * Fetch (key 1), versions 4–17, for consumers and for following brokers.
 *
 * Waits in purgatory until min_bytes are there (to the high watermark for consumers, to the log end for followers), something went wrong,
 * a follower has to be told a new high watermark, its log diverges, or the consumer is to read elsewhere. Whole batches; the first partition with
 * records gets at least one batch whatever the limits say (KIP-74). Sessions from version 7 on (KIP-227). From 11 a consumer may be served by a follower,
 * and the leader sends it to the one in its rack (KIP-392). From 13 topics are named by id; 16 names the new leader (KIP-951).
 * Records are read from the log straight into the response.
 */

import { DiskError } from '../../platform'
import { type ReadResult, readFailure } from '../../replication/outcomes'
import { ErrorCode } from '../../wire/errors'
import { Fetch } from '../../wire/messages/01-fetch'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { RecordsSource } from '../../wire/writer'
import { type FetchContext, fetchContext } from '../fetch-sessions/fetch-context'
import type { FetchPartition } from '../fetch-sessions/fetch-partition'
import { type LeaderHint, leaderHint, nodeEndpoints, refineError } from '../partition-errors'
import type { DelayedOperation } from '../purgatory'
import type { Handler, RequestContext } from '../registry'
import type { BrokerServices } from '../services'

type Services = Pick<
  BrokerServices,
  'replicas' | 'metadata' | 'fetches' | 'fetchSessions' | 'quotas' | 'deletions' | 'traffic' | 'clock' | 'configs'
>
type Request = RequestOf<typeof Fetch>
type Context = RequestContext<Request, ResponseOf<typeof Fetch>>

/** From which clients know zstd (KIP-110). */
const ZSTD_VERSION = 10
/** Versions from which a consumer may be served by a follower (KIP-392), topics have ids (KIP-516), and answers name the new leader (KIP-951). */
const FOLLOWER_FETCH_VERSION = 11
const TOPIC_ID_VERSION = 13
const LEADER_HINT_VERSION = 16
/** What one partition takes in a response beside its records, roughly. */
const PARTITION_OVERHEAD_BYTES = 128

export function fetchHandler(services: Services): Handler<Request, ResponseOf<typeof Fetch>> {
  const fetchBytesMax = services.configs.brokerNumber('fetch.max.bytes')
  const names = (topicId: string) => services.metadata.topicName(topicId)
  return {
    api: Fetch,
    minVersion: 4,
    maxVersion: 17,
    handle(context) {
      const { request, version } = context
      const replicaId = replicaIdOf(request)
      const fetching = fetchContext(services.fetchSessions, {
        request,
        isFollower: replicaId >= 0,
        names: version >= TOPIC_ID_VERSION ? names : null,
        nowMs: services.clock.monotonicMs(),
      })
      if (fetching.kind === 'refused') {
        return context.respond({ errorCode: fetching.errorCode, sessionId: fetching.sessionId, responses: [] })
      }
      const delayed = new DelayedFetch(services, context, fetching, replicaId, fetchBytesMax)
      const keys = fetching.partitions.map(({ watchKey }) => watchKey)
      services.fetches.tryCompleteElseWatch(delayed, keys, Math.max(0, request.maxWaitMs))
      // A follower's fetch tells where its log begins.
      if (replicaId >= 0 && services.deletions.size > 0) for (const key of keys) services.deletions.onDidChange(key)
    },
  }
}

function replicaIdOf(request: Request): number {
  return request.replicaState.replicaId >= 0 ? request.replicaState.replicaId : request.replicaId
}

class DelayedFetch implements DelayedOperation {
  private readonly partitions: readonly FetchPartition[]
  private readonly replicaEpoch: number
  private readonly bytesMax: number
  private readonly bytesMin: number
  /** A follower's position was recorded by the first reading. */
  private isReread = false

  constructor(
    private readonly services: Services,
    private readonly context: Context,
    private readonly fetching: Extract<FetchContext, { kind: 'fetch' }>,
    private readonly replicaId: number,
    fetchBytesMax: number,
  ) {
    const { request } = context
    this.partitions = fetching.partitions
    this.replicaEpoch = request.replicaState.replicaEpoch
    const quotaBytesMax = replicaId < 0 ? services.quotas.fetchBytesMax(context.client) : Number.POSITIVE_INFINITY
    this.bytesMax = Math.min(request.maxBytes, fetchBytesMax, quotaBytesMax)
    // Who asks to wait for more than may be answered would always sit out its whole time (KafkaApis.handleFetchRequest).
    this.bytesMin = Math.min(request.minBytes, this.bytesMax)
  }

  tryComplete(): boolean {
    const { request } = this.context
    const results = this.read()
    let available = 0
    let mustAnswer = request.maxWaitMs <= 0 || this.partitions.length === 0 || this.bytesMin <= 0
    for (const result of results) {
      available += result.availableBytes
      mustAnswer ||=
        result.errorCode !== ErrorCode.NONE ||
        result.divergingEpoch !== null ||
        result.followerNeedsHighWatermark ||
        result.preferredReadReplica >= 0
    }
    if (!mustAnswer && available < this.bytesMin) return false
    this.respond(results)
    return true
  }

  onExpire(): void {
    this.respond(this.read())
  }

  private read(): ReadResult[] {
    const { replicas, clock } = this.services
    const isFollower = this.replicaId >= 0
    const isolation = this.context.request.isolationLevel === 1 ? 'read_committed' : 'read_uncommitted'
    const nowMs = clock.monotonicMs()
    let left = Math.min(this.bytesMax, this.context.responseBytesMax)
    let hasRecords = false
    const results = this.partitions.map((partition): ReadResult => {
      if (partition.errorCode !== ErrorCode.NONE) return readFailure(partition.errorCode, -1)
      if (this.isTooOldFor(partition.topic)) return readFailure(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, -1)
      const result = replicas.read(partition.topic, partition.partition, {
        replicaId: this.replicaId,
        brokerEpoch: this.replicaEpoch,
        fetchOffset: partition.fetchOffset,
        currentLeaderEpoch: partition.currentLeaderEpoch,
        lastFetchedEpoch: partition.lastFetchedEpoch,
        followerLogStartOffset: partition.logStartOffset,
        maxBytes: Math.max(0, Math.min(partition.maxBytes, left)),
        minOneMessage: !hasRecords,
        isolation,
        nowMs,
        allowFollower: !isFollower && this.context.version >= FOLLOWER_FETCH_VERSION,
        clientRack: isFollower ? '' : this.context.request.rackId,
        isReread: this.isReread,
      })
      const size = result.slice?.sizeInBytes ?? 0
      if (size > 0) hasRecords = true
      left -= size
      return result
    })
    this.isReread = true
    return results
  }

  /** As in Kafka only the topic's own setting is asked, not the batches: those of a producer with zstd go out to whoever asks (KafkaApis.handleFetchRequest). */
  private isTooOldFor(topic: string): boolean {
    if (this.context.version >= ZSTD_VERSION || this.replicaId >= 0) return false
    return this.services.configs.topicValue(topic, 'compression.type') === 'zstd'
  }

  /** Whether a quota has this consumer wait: it is told at once, gets nothing, and its session stays as it is (getThrottledResponse). */
  private mustWait(results: readonly ReadResult[]): boolean {
    const bytes = results.reduce((sum, { slice }) => sum + (slice?.sizeInBytes ?? 0), 0)
    const throttleMs = this.services.quotas.onFetch(this.context.client, bytes)
    if (throttleMs <= 0) return false
    this.context.throttle(throttleMs)
    this.context.respond({ errorCode: ErrorCode.NONE, sessionId: this.fetching.sessionId, responses: [] })
    return true
  }

  private countConsumed(topic: string, bytes: number): void {
    if (bytes === 0) return
    this.services.traffic.onConsume(topic, bytes)
    this.context.activity?.onFetchedTopic(topic)
  }

  private respond(results: readonly ReadResult[]): void {
    const { metadata, traffic, clock } = this.services
    if (this.replicaId < 0 && this.mustWait(results)) return
    const errorCodes = results.map(({ errorCode }, index) => {
      const { topic, partition } = this.partitions[index]!
      return refineError(metadata, topic, partition, errorCode)
    })
    const session = this.fetching.answer(
      results.map((result, index) => ({
        errorCode: errorCodes[index]!,
        highWatermark: result.highWatermark,
        logStartOffset: result.logStartOffset,
        recordBytes: result.slice?.sizeInBytes ?? 0,
        isDiverging: result.divergingEpoch !== null,
        preferredReadReplica: result.preferredReadReplica,
      })),
      clock.monotonicMs(),
    )
    const hints: LeaderHint[] = []
    const responses: { topic: string; topicId: string; partitions: ReturnType<typeof partitionResponse>[] }[] = []
    let recordBytes = 0
    let partitionCount = 0
    for (const [index, partition] of this.partitions.entries()) {
      if (!session.isTold(index)) continue
      partitionCount++
      const result = results[index]!
      const errorCode = errorCodes[index]!
      if (errorCode !== ErrorCode.NONE) traffic.failedFetchCount++
      const hint =
        this.context.version >= LEADER_HINT_VERSION
          ? leaderHint(this.services, partition.topic, partition.partition, errorCode)
          : null
      if (hint !== null) hints.push(hint)
      let topic = responses.at(-1)
      if (topic?.topic !== partition.topic || topic.topicId !== partition.topicId) {
        topic = { topic: partition.topic, topicId: partition.topicId, partitions: [] }
        responses.push(topic)
      }
      const bytes = result.slice?.sizeInBytes ?? 0
      recordBytes += bytes
      if (this.replicaId < 0) this.countConsumed(partition.topic, bytes)
      topic.partitions.push(partitionResponse(this.services, partition, result, errorCode, hint))
    }
    if (this.replicaId >= 0) traffic.replicationBytesOut += recordBytes
    this.context.activity?.onFetch(recordBytes)
    const { errorCode, sessionId } = session
    this.context.respond(
      { errorCode, sessionId, responses, ...(hints.length === 0 ? {} : { nodeEndpoints: nodeEndpoints(metadata, hints) }) },
      recordBytes + partitionCount * PARTITION_OVERHEAD_BYTES + 256,
    )
  }
}

function partitionResponse(
  services: Services,
  partition: FetchPartition,
  result: ReadResult,
  errorCode: number,
  hint: LeaderHint | null,
) {
  const { slice } = result
  return {
    partitionIndex: partition.partition,
    errorCode,
    highWatermark: result.highWatermark,
    lastStableOffset: result.lastStableOffset,
    logStartOffset: result.logStartOffset,
    ...(result.divergingEpoch === null ? {} : { divergingEpoch: result.divergingEpoch }),
    ...(hint === null ? {} : { currentLeader: hint }),
    // Null to whoever reads uncommitted records too, as in Kafka.
    abortedTransactions:
      result.abortedTransactions?.map(({ producerId, firstOffset }) => ({ producerId: BigInt(producerId), firstOffset })) ?? null,
    preferredReadReplica: result.preferredReadReplica,
    records: slice === null ? NO_RECORDS : new LogRecords(services, partition, slice),
  }
}

/**
 * Records that the encoder reads from the log. Where they cannot be read the replica goes offline, as it does where an append fails; the
 * response is half written by then, so this connection closes, and no other.
 */
class LogRecords implements RecordsSource {
  constructor(
    private readonly services: Services,
    private readonly partition: Pick<FetchPartition, 'topic' | 'partition'>,
    private readonly slice: RecordsSource,
  ) {}

  get sizeInBytes(): number {
    return this.slice.sizeInBytes
  }

  readInto(target: Uint8Array): void {
    try {
      this.slice.readInto(target)
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      const { topic, partition } = this.partition
      this.services.replicas.onLogFailure(topic, partition, error)
      throw new Error(`${topic}-${partition} cannot be read: ${error.message}`)
    }
  }
}

/** Empty rather than null: several clients trip over null. */
const NO_RECORDS = new Uint8Array(0)
