/**
 * The workbench's own producer: batches by partition, one request a partition in flight, so records of a partition keep their order over
 * retries. Retriable errors are tried again until the delivery time-out. Without idempotence (a later issue) a retry after a lost answer may
 * write a batch twice, as in Kafka; the retry is told through onRetry.
 */
import { ErrorCode } from '../wire/errors'
import { Produce } from '../wire/messages/00-produce'
import type { Compression } from '../wire/records'
import { encodeBatch } from '../wire/records'
import { ClientError, protocolError } from './errors'
import type { KafkaClient } from './kafka-client'
import { partitionForKey, StickyPartitioner } from './partitioner'
import { pause } from './retry'

export interface ProducerRecord {
  readonly topic: string
  /** null: by the key, or sticky without one. */
  readonly partition: number | null
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly { readonly key: string; readonly value: Uint8Array | null }[]
  /** ms since the epoch; null: now. */
  readonly timestamp: bigint | null
}

export interface Delivery {
  readonly partition: number
  /** -1 with acks=0, which is not answered. */
  readonly offset: number
  readonly timestamp: bigint
}

export interface ProducerOptions {
  readonly client: KafkaClient
  readonly acks: 0 | 1 | -1
  readonly compression?: Compression
  readonly lingerMs?: number
  readonly batchBytesMax?: number
  readonly requestTimeoutMs?: number
  readonly deliveryTimeoutMs?: number
  readonly onRetry?: (error: ClientError) => void
}

type OnDelivered = (delivery: Delivery | null, error: ClientError | null) => void

interface Pending {
  readonly record: ProducerRecord
  readonly timestamp: bigint
  readonly sizeInBytes: number
  readonly deadlineMs: number
  readonly onDelivered: OnDelivered
}

class PartitionQueue {
  readonly pending: Pending[] = []
  isSending = false
  isScheduled = false

  constructor(
    readonly topic: string,
    readonly partition: number,
  ) {}
}

export class Producer {
  private readonly client: KafkaClient
  private readonly queues = new Map<string, PartitionQueue>()
  private readonly sticky: StickyPartitioner
  private outstanding = 0
  private idleWaiters: (() => void)[] = []
  private isClosed = false

  constructor(private readonly options: ProducerOptions) {
    this.client = options.client
    this.sticky = new StickyPartitioner(options.client.platform.random)
  }

  /** Records handed over and neither acknowledged nor failed. */
  get outstandingCount(): number {
    return this.outstanding
  }

  send(record: ProducerRecord): Promise<Delivery> {
    return new Promise((resolve, reject) => {
      this.append(record, (delivery, error) => (delivery === null ? reject(error) : resolve(delivery)))
    })
  }

  /** Without a promise a record. `onDelivered` is called exactly once. The topic must be known to the client's metadata, else it fails. */
  append(record: ProducerRecord, onDelivered: OnDelivered): void {
    const { clock } = this.client.platform
    const topic = this.client.known?.topics.get(record.topic)
    if (this.isClosed) return onDelivered(null, new ClientError('closed', 'the producer was closed', false))
    if (topic === undefined || topic.partitions.length === 0)
      return onDelivered(null, protocolError(topic?.errorCode || ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
    const partitionCount = topic.partitions.length
    const partition =
      record.partition ?? (record.key === null ? this.sticky.next(partitionCount) : partitionForKey(record.key, partitionCount))
    if (partition < 0 || partition >= partitionCount) {
      const message = `${record.topic} has partitions 0 to ${partitionCount - 1}, no ${partition}`
      return onDelivered(null, new ClientError('protocol', message, false, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
    }
    const queue = this.queueOf(record.topic, partition)
    this.outstanding++
    queue.pending.push({
      record,
      timestamp: record.timestamp ?? BigInt(clock.nowMs()),
      sizeInBytes: (record.key?.length ?? 0) + (record.value?.length ?? 0) + 64,
      deadlineMs: clock.monotonicMs() + (this.options.deliveryTimeoutMs ?? 30_000),
      onDelivered,
    })
    this.schedule(queue)
  }

  /** Resolves when everything handed over so far, and since, has been acknowledged or has failed. */
  flush(): Promise<void> {
    return this.outstanding === 0 ? Promise.resolve() : new Promise((resolve) => this.idleWaiters.push(resolve))
  }

  /** What is not yet sent fails; what is under way is still told. */
  close(): void {
    this.isClosed = true
    for (const queue of this.queues.values()) {
      for (const pending of queue.pending.splice(0))
        this.complete(pending, null, new ClientError('closed', 'the producer was closed', false))
    }
  }

  private queueOf(topic: string, partition: number): PartitionQueue {
    const key = `${topic}-${partition}`
    let queue = this.queues.get(key)
    if (queue === undefined) {
      queue = new PartitionQueue(topic, partition)
      this.queues.set(key, queue)
    }
    return queue
  }

  private schedule(queue: PartitionQueue): void {
    if (queue.isSending || queue.isScheduled) return
    queue.isScheduled = true
    const begin = () => {
      queue.isScheduled = false
      // Its own failures go to the records' callbacks.
      void this.drain(queue)
    }
    const { clock } = this.client.platform
    if ((this.options.lingerMs ?? 0) > 0) clock.setTimer(this.options.lingerMs ?? 0, begin)
    else clock.defer(begin)
  }

  private async drain(queue: PartitionQueue): Promise<void> {
    if (queue.isSending) return
    queue.isSending = true
    while (queue.pending.length > 0) await this.deliver(queue, this.takeBatch(queue))
    queue.isSending = false
  }

  private takeBatch(queue: PartitionQueue): Pending[] {
    const bytesMax = this.options.batchBytesMax ?? 256 * 1024
    let bytes = 0
    let count = 0
    for (const pending of queue.pending) {
      if (count > 0 && bytes + pending.sizeInBytes > bytesMax) break
      bytes += pending.sizeInBytes
      count++
    }
    return queue.pending.splice(0, count)
  }

  private async deliver(queue: PartitionQueue, batch: readonly Pending[]): Promise<void> {
    const { clock } = this.client.platform
    let records: Uint8Array
    try {
      records = this.encode(batch)
    } catch (cause) {
      // Nothing was sent, and no later attempt would be better: the records hear of it, and the queue goes on.
      const error = new ClientError('protocol', `a batch cannot be encoded: ${(cause as Error).message}`, false, null, { cause })
      for (const pending of batch) this.complete(pending, null, error)
      return
    }
    const deadlineMs = Math.min(...batch.map((pending) => pending.deadlineMs))
    for (let attempt = 0; ; attempt++) {
      let error: ClientError
      try {
        const { baseOffset, logAppendTimeMs } = await this.request(queue, records)
        batch.forEach((pending, index) => {
          const timestamp = logAppendTimeMs >= 0 ? BigInt(logAppendTimeMs) : pending.timestamp
          this.complete(
            pending,
            { partition: queue.partition, offset: baseOffset < 0 ? -1 : baseOffset + index, timestamp },
            null,
          )
        })
        return
      } catch (thrown) {
        error =
          thrown instanceof ClientError ? thrown : new ClientError('protocol', String(thrown), false, null, { cause: thrown })
      }
      const pauseMs = Math.min(500, 30 * 2 ** Math.min(attempt, 5))
      if (!error.retriable || this.isClosed || clock.monotonicMs() + pauseMs >= deadlineMs) {
        for (const pending of batch) this.complete(pending, null, error)
        return
      }
      this.options.onRetry?.(error)
      await pause(clock, pauseMs)
      // A failure to refresh shows as no leader in the next attempt.
      await this.client.refresh().catch(() => undefined)
    }
  }

  private encode(batch: readonly Pending[]): Uint8Array {
    return encodeBatch({
      compression: this.options.compression ?? 'none',
      records: batch.map(({ record, timestamp }) => ({
        timestamp,
        key: record.key,
        value: record.value,
        headers: record.headers,
      })),
    })
  }

  private async request(queue: PartitionQueue, records: Uint8Array): Promise<{ baseOffset: number; logAppendTimeMs: number }> {
    const { topic, partition } = queue
    const leader = this.client.leaderOf(topic, partition)
    if (leader === null) throw protocolError(ErrorCode.LEADER_NOT_AVAILABLE, `${topic}-${partition} has no leader now`)
    const connection = this.client.connectionTo(leader.broker)
    const timeoutMs = this.options.requestTimeoutMs ?? 5_000
    const body = {
      acks: this.options.acks,
      timeoutMs,
      topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
    }
    if (this.options.acks === 0) {
      await connection.send(Produce, body)
      return { baseOffset: -1, logAppendTimeMs: -1 }
    }
    // The broker answers REQUEST_TIMED_OUT by itself; ours only ends the wait for one that says nothing.
    const response = await connection.request(Produce, body, { timeoutMs: timeoutMs + 1_000 })
    const answer = response.responses[0]?.partitionResponses[0]
    if (answer === undefined)
      throw new ClientError('protocol', `broker ${leader.broker.id} answered a produce without its partition`, true)
    if (answer.errorCode !== ErrorCode.NONE) throw protocolError(answer.errorCode, answer.errorMessage)
    return answer
  }

  private complete(pending: Pending, delivery: Delivery | null, error: ClientError | null): void {
    this.outstanding--
    pending.onDelivered(delivery, error)
    if (this.outstanding > 0) return
    for (const waiter of this.idleWaiters.splice(0)) waiter()
  }
}
