/**
 * Reads chosen partitions of one topic from chosen offsets on, over changes of leaders, without a group. One fetch a leader is under way at a
 * time and asks for all partitions that it leads. Batches are handed over whole and undecoded, as the broker keeps them; the caller skips
 * records below the offset it asked for. Control batches are nobody's records and are not handed over; with `isolation` read_committed neither are those of
 * transactions that were aborted, and nothing is read that is not decided yet.
 */

import { ErrorCode } from '../wire/errors'
import { Fetch } from '../wire/messages/01-fetch'
import { forEachBatch } from '../wire/records'
import type { ResponseOf } from '../wire/schema'
import { AbortedTransactions } from './aborted-transactions'
import type { BrokerConnection } from './broker-connection'
import { ClientError, protocolError } from './errors'
import type { KafkaClient } from './kafka-client'
import { pause } from './retry'

export interface PartitionConsumerOptions {
  readonly client: KafkaClient
  readonly topic: string
  /** Partition to the first offset wanted. */
  readonly positions: ReadonlyMap<number, number>
  readonly fetchBytesMax?: number
  readonly partitionBytesMax?: number
  readonly waitMs?: number
  /** Awaited before each fetch, so that a caller who takes longer over batches than they take to come is not buried under them. */
  readonly whenReady?: () => Promise<void> | null
  /** 'read_uncommitted' unless said otherwise. */
  readonly isolation?: 'read_uncommitted' | 'read_committed'
  /** One whole batch, the caller's to keep. Answer false to stop reading this partition. */
  readonly onBatch: (partition: number, batch: Uint8Array) => boolean
  /** The partition has been read up to its high watermark, or last stable offset; called at least once a partition, and again after more was read. */
  readonly onCaughtUp: (partition: number, highWatermark: number) => void
  /** Something is amiss and is tried again: a leader is gone, a broker does not answer. null: it works again. */
  readonly onTrouble: (error: ClientError | null) => void
  /** This partition cannot be read on, ever. */
  readonly onFailed: (partition: number, error: ClientError) => void
}

/** Fetch 12 is the last that names topics; enough for a reader that goes by name. */
const fetchVersion = 12
const retryPauseMs = 100
const READ_UNCOMMITTED = 0
const READ_COMMITTED = 1

export class PartitionConsumer {
  private readonly positions: Map<number, number>
  private readonly busy = new Set<number>()
  private isStopped = false
  private isTroubled = false

  constructor(private readonly options: PartitionConsumerOptions) {
    this.positions = new Map(options.positions)
  }

  /** Runs until stopped or until no partition is left to read. */
  async run(): Promise<void> {
    const loops = new Map<number, Promise<void>>()
    while (!this.isStopped && this.positions.size > 0) {
      const leaders = this.leadersOfIdlePartitions()
      for (const brokerId of leaders) {
        if (loops.has(brokerId)) continue
        loops.set(
          brokerId,
          this.readFrom(brokerId).finally(() => loops.delete(brokerId)),
        )
      }
      if (loops.size === 0) {
        this.trouble(protocolError(ErrorCode.LEADER_NOT_AVAILABLE, `no partition of ${this.options.topic} has a leader now`))
        await this.recover()
      } else {
        await Promise.race([...loops.values(), pause(this.options.client.platform.clock, 500)])
        if (this.hasLeaderless()) await this.options.client.refresh().catch(() => undefined)
      }
    }
    await Promise.all(loops.values())
  }

  stop(): void {
    this.isStopped = true
  }

  /** Reads this partition no further. */
  leave(partition: number): void {
    this.positions.delete(partition)
  }

  private leadersOfIdlePartitions(): Set<number> {
    const leaders = new Set<number>()
    for (const partition of this.positions.keys()) {
      const leader = this.options.client.leaderOf(this.options.topic, partition)
      if (leader !== null && !this.busy.has(partition)) leaders.add(leader.broker.id)
    }
    return leaders
  }

  private hasLeaderless(): boolean {
    for (const partition of this.positions.keys())
      if (this.options.client.leaderOf(this.options.topic, partition) === null) return true
    return false
  }

  /** Fetches from one broker as long as it leads something that is wanted. */
  private async readFrom(brokerId: number): Promise<void> {
    const { client } = this.options
    while (!this.isStopped) {
      const broker = client.known?.brokers.get(brokerId)
      const partitions = this.partitionsLedBy(brokerId)
      if (broker === undefined || partitions.length === 0) return
      for (const partition of partitions) this.busy.add(partition)
      try {
        await this.options.whenReady?.()
        if (this.isStopped) return
        const isStale = await this.fetch(client.connectionTo(broker), partitions)
        if (isStale) {
          await this.recover()
          return
        }
      } catch (error) {
        this.trouble(
          error instanceof ClientError ? error : new ClientError('protocol', String(error), true, null, { cause: error }),
        )
        await this.recover()
        return
      } finally {
        for (const partition of partitions) this.busy.delete(partition)
      }
    }
  }

  private partitionsLedBy(brokerId: number): number[] {
    const led: number[] = []
    for (const partition of this.positions.keys()) {
      if (!this.busy.has(partition) && this.options.client.leaderOf(this.options.topic, partition)?.broker.id === brokerId)
        led.push(partition)
    }
    return led
  }

  /** Answers whether what is known of the leaders is out of date. */
  private async fetch(connection: BrokerConnection, partitions: readonly number[]): Promise<boolean> {
    const { client, topic, fetchBytesMax = 16 << 20, partitionBytesMax = 4 << 20, waitMs = 500 } = this.options
    const response = await connection.request(
      Fetch,
      {
        replicaId: -1,
        maxWaitMs: waitMs,
        minBytes: 1,
        maxBytes: fetchBytesMax,
        isolationLevel: this.options.isolation === 'read_committed' ? READ_COMMITTED : READ_UNCOMMITTED,
        topics: [
          {
            topic,
            partitions: partitions.map((partition) => ({
              partition,
              currentLeaderEpoch: client.leaderOf(topic, partition)?.partition.leaderEpoch ?? -1,
              fetchOffset: this.positions.get(partition) ?? 0,
              partitionMaxBytes: partitionBytesMax,
            })),
          },
        ],
        forgottenTopicsData: [],
      },
      { version: fetchVersion, timeoutMs: waitMs + 3_000 },
    )
    if (response.errorCode !== ErrorCode.NONE) throw protocolError(response.errorCode)
    let isStale = false
    for (const answer of response.responses[0]?.partitions ?? []) if (this.onAnswer(answer)) isStale = true
    return isStale
  }

  private onAnswer(answer: ResponseOf<typeof Fetch>['responses'][number]['partitions'][number]): boolean {
    const partition = answer.partitionIndex
    if (this.isStopped || !this.positions.has(partition)) return false
    if (answer.errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) {
      const position = this.positions.get(partition) ?? 0
      // Retention or DeleteRecords moved the start past us: go on at what is still there. Anything else is for the caller to hear.
      if (answer.logStartOffset > position) this.positions.set(partition, answer.logStartOffset)
      else this.fail(partition, protocolError(answer.errorCode, `${this.options.topic}-${partition} has no offset ${position}`))
      return false
    }
    if (answer.errorCode !== ErrorCode.NONE) {
      const error = protocolError(answer.errorCode)
      if (error.retriable) this.trouble(error)
      else this.fail(partition, error)
      return error.retriable
    }
    if (this.isTroubled) this.trouble(null)
    this.takeBatches(partition, answer.records, new AbortedTransactions(answer.abortedTransactions ?? []))
    const position = this.positions.get(partition)
    const end = this.options.isolation === 'read_committed' ? answer.lastStableOffset : answer.highWatermark
    if (position !== undefined && position >= end) this.options.onCaughtUp(partition, end)
    return false
  }

  private takeBatches(partition: number, records: Uint8Array | null, aborted: AbortedTransactions): void {
    if (records === null || records.length === 0) return
    let wantsMore = true
    forEachBatch(records, (header, position) => {
      if (!wantsMore) return
      const isVisible = aborted.isVisible(header, records, position)
      if (header.lastOffset < (this.positions.get(partition) ?? 0)) return
      this.positions.set(partition, header.lastOffset + 1)
      if (isVisible) wantsMore = this.options.onBatch(partition, records.subarray(position, position + header.sizeInBytes))
    })
    if (!wantsMore) this.positions.delete(partition)
  }

  private fail(partition: number, error: ClientError): void {
    this.positions.delete(partition)
    this.options.onFailed(partition, error)
  }

  private trouble(error: ClientError | null): void {
    this.isTroubled = error !== null
    this.options.onTrouble(error)
  }

  private async recover(): Promise<void> {
    if (this.isStopped) return
    await pause(this.options.client.platform.clock, retryPauseMs)
    await this.options.client.refresh().catch((error: unknown) => this.trouble(error instanceof ClientError ? error : null))
  }
}
