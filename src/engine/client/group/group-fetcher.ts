/**
 * One round of fetching for a consumer of several topics: every leader asked once and at the same time for all that it leads of what is wanted. Batches come
 * back whole, aborted transactions and nothing else left out, since a group's consumers read what is committed. Who calls it keeps the positions. Used by
 * GroupConsumer; PartitionConsumer, which follows one topic by itself, has other needs.
 */
import { ErrorCode } from '../../wire/errors'
import { Fetch } from '../../wire/messages/01-fetch'
import { type BatchHeader, forEachBatch } from '../../wire/records'
import { AbortedTransactions } from '../aborted-transactions'
import { protocolError } from '../errors'
import type { KafkaClient } from '../kafka-client'
import type { BrokerEndpoint } from '../metadata'
import { grouped, keyOf, type TopicPartition } from './topic-partitions'

export interface WantedPartition extends TopicPartition {
  readonly offset: number
}

export interface FetchedBatch extends TopicPartition {
  readonly header: BatchHeader
  /** The caller's to keep. */
  readonly bytes: Uint8Array
}

export interface FetchRound {
  readonly batches: readonly FetchedBatch[]
  readonly outOfRange: readonly (TopicPartition & { readonly logStartOffset: number })[]
}

/** Fetch 12 is the last that names topics. */
const fetchVersion = 12
const waitMs = 250
const fetchBytesMax = 4 << 20
const partitionBytesMax = 1 << 20
const READ_COMMITTED = 1

export class GroupFetcher {
  constructor(private readonly client: KafkaClient) {}

  /** Rejects with a ClientError where no leader could be read; those that can be are read while others are away. */
  async fetch(wanted: readonly WantedPartition[]): Promise<FetchRound> {
    if (wanted.some(({ topic, partition }) => this.client.leaderOf(topic, partition) === null)) await this.client.refresh()
    const byLeader = new Map<BrokerEndpoint, WantedPartition[]>()
    for (const each of wanted) {
      const broker = this.client.leaderOf(each.topic, each.partition)?.broker
      if (broker === undefined) continue
      const list = byLeader.get(broker)
      if (list === undefined) byLeader.set(broker, [each])
      else list.push(each)
    }
    if (byLeader.size === 0) {
      const [first] = wanted
      throw protocolError(ErrorCode.LEADER_NOT_AVAILABLE, `${first?.topic}-${first?.partition} has no leader now`)
    }
    const batches: FetchedBatch[] = []
    const outOfRange: FetchRound['outOfRange'][number][] = []
    const rounds = await Promise.allSettled(
      [...byLeader].map(([broker, list]) => this.fetchFrom(broker, list, batches, outOfRange)),
    )
    const failed = rounds.find((round) => round.status === 'rejected')
    if (failed !== undefined) {
      if (batches.length === 0) throw failed.reason
      await this.client.refresh().catch(() => undefined)
    }
    return { batches, outOfRange }
  }

  private async fetchFrom(
    broker: BrokerEndpoint,
    wanted: readonly WantedPartition[],
    batches: FetchedBatch[],
    outOfRange: (TopicPartition & { readonly logStartOffset: number })[],
  ): Promise<void> {
    const offsets = new Map(wanted.map((each) => [keyOf(each), each.offset]))
    const response = await this.client.connectionTo(broker).request(
      Fetch,
      {
        replicaId: -1,
        maxWaitMs: waitMs,
        minBytes: 1,
        maxBytes: fetchBytesMax,
        isolationLevel: READ_COMMITTED,
        topics: grouped(wanted).map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map((partition) => ({
            partition,
            currentLeaderEpoch: this.client.leaderOf(topic, partition)?.partition.leaderEpoch ?? -1,
            fetchOffset: offsets.get(keyOf({ topic, partition })) ?? 0,
            partitionMaxBytes: partitionBytesMax,
          })),
        })),
        forgottenTopicsData: [],
      },
      { version: fetchVersion, timeoutMs: waitMs + 3_000 },
    )
    if (response.errorCode !== ErrorCode.NONE) throw protocolError(response.errorCode)
    let failure: number | null = null
    for (const { topic, partitions } of response.responses) {
      for (const { partitionIndex: partition, errorCode, logStartOffset, records, abortedTransactions } of partitions) {
        if (errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) outOfRange.push({ topic, partition, logStartOffset })
        else if (errorCode !== ErrorCode.NONE) failure = errorCode
        else if (records !== null && records.length > 0) {
          const aborted = new AbortedTransactions(abortedTransactions ?? [])
          const from = offsets.get(keyOf({ topic, partition })) ?? 0
          forEachBatch(records, (header, at) => {
            const isVisible = aborted.isVisible(header, records, at)
            if (header.lastOffset < from) return
            // A batch that nobody reads moves the position on all the same.
            const seen = isVisible ? header : { ...header, isControl: true }
            batches.push({ topic, partition, header: seen, bytes: records.slice(at, at + header.sizeInBytes) })
          })
        }
      }
    }
    if (failure !== null) throw protocolError(failure)
  }
}
