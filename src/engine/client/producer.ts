/**
 * The workbench's own producer: batches by partition, one batch a partition in flight, so records of a partition keep their order over
 * retries. Retriable errors are tried again until the delivery time-out; each retry is told through onRetry.
 *
 * With `isIdempotent`, for each partition, as long as this object lives: all that was acknowledged is in the log once, in the order in which it was
 * handed over, and so is what failed, as far as it is there at all. It ends with the object: another one has another producer id, and a record that
 * failed and is handed over again is a new record.
 * Without idempotence a retry after a lost answer may write a batch twice, as in Kafka.
 *
 * A record that fails says through ClientError.isUnknownOutcome whether it may be in the log all the same: its request went out, and nothing
 * that settled it came before the delivery time-out. Who hands it over again may then see it twice; who does not, may see it or not. False
 * means that it is not in the log and will not be.
 */
import { ErrorCode } from '../wire/errors'
import type { Compression } from '../wire/records'
import { BatchDelivery } from './batch-delivery'
import { ClientError, protocolError } from './errors'
import type { KafkaClient } from './kafka-client'
import { PartitionSequence } from './partition-sequence'
import { partitionForKey, StickyPartitioner } from './partitioner'
import type { AppendedBatch } from './produce-batch'
import { ProducerIds } from './producer-ids'

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
  /** -1 with acks=0, which is not answered; and where a leader knows the record for one that it has, but not where. */
  readonly offset: number
  readonly timestamp: bigint
}

export interface ProducerOptions {
  readonly client: KafkaClient
  readonly acks: 0 | 1 | -1
  /** See above. Only with acks -1. */
  readonly isIdempotent?: boolean
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
    readonly sequence: PartitionSequence | null,
  ) {}
}

export class Producer {
  private readonly client: KafkaClient
  private readonly queues = new Map<string, PartitionQueue>()
  private readonly sticky: StickyPartitioner
  private readonly delivery: BatchDelivery
  private outstanding = 0
  private idleWaiters: (() => void)[] = []
  private isClosed = false

  constructor(private readonly options: ProducerOptions) {
    const { client, acks, isIdempotent = false, onRetry } = options
    if (isIdempotent && acks !== -1)
      throw new RangeError(`an idempotent producer waits for all in-sync replicas: acks -1, not ${acks}`)
    this.client = client
    this.delivery = new BatchDelivery({
      client,
      acks,
      compression: options.compression ?? 'none',
      requestTimeoutMs: options.requestTimeoutMs ?? 5_000,
      producerIds: isIdempotent ? new ProducerIds(client) : null,
      onRetry: (error) => this.guarded('onRetry', () => onRetry?.(error)),
    })
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

  /** Without a promise a record. `onDelivered` is called exactly once; what it throws is logged, and the others are still told. The topic must be known to the client's metadata, else it fails. */
  append(record: ProducerRecord, onDelivered: OnDelivered): void {
    const { clock } = this.client.platform
    const topic = this.client.known?.topics.get(record.topic)
    if (this.isClosed) return this.tell(onDelivered, null, closedError())
    if (topic === undefined || topic.partitions.length === 0)
      return this.tell(onDelivered, null, protocolError(topic?.errorCode || ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
    const partitionCount = topic.partitions.length
    const partition =
      record.partition ?? (record.key === null ? this.sticky.next(partitionCount) : partitionForKey(record.key, partitionCount))
    if (partition < 0 || partition >= partitionCount) {
      const message = `${record.topic} has partitions 0 to ${partitionCount - 1}, no ${partition}`
      return this.tell(onDelivered, null, new ClientError('protocol', message, false, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
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
    this.delivery.close()
    for (const queue of this.queues.values()) {
      for (const pending of queue.pending.splice(0)) this.complete(pending, null, closedError())
    }
  }

  private queueOf(topic: string, partition: number): PartitionQueue {
    const key = `${topic}-${partition}`
    let queue = this.queues.get(key)
    if (queue === undefined) {
      queue = new PartitionQueue(topic, partition, this.options.isIdempotent === true ? new PartitionSequence() : null)
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

  /** What was taken together stays together: a batch is retried as it is, never split or joined with the next. */
  private async deliver(queue: PartitionQueue, batch: readonly Pending[]): Promise<void> {
    const { topic, partition, sequence } = queue
    const deadlineMs = Math.min(...batch.map((pending) => pending.deadlineMs))
    const records = batch.map(({ record: { key, value, headers }, timestamp }) => ({ timestamp, key, value, headers }))
    let appended: AppendedBatch
    try {
      appended = await this.delivery.deliver({ topic, partition, records, deadlineMs, sequence })
    } catch (error) {
      for (const pending of batch) this.complete(pending, null, error as ClientError)
      return
    }
    const { baseOffset, logAppendTimeMs } = appended
    for (const [index, pending] of batch.entries()) {
      const timestamp = logAppendTimeMs >= 0 ? BigInt(logAppendTimeMs) : pending.timestamp
      this.complete(pending, { partition, offset: baseOffset < 0 ? -1 : baseOffset + index, timestamp }, null)
    }
  }

  private complete(pending: Pending, delivery: Delivery | null, error: ClientError | null): void {
    this.outstanding--
    this.tell(pending.onDelivered, delivery, error)
    if (this.outstanding > 0) return
    for (const waiter of this.idleWaiters.splice(0)) waiter()
  }

  private tell(onDelivered: OnDelivered, delivery: Delivery | null, error: ClientError | null): void {
    this.guarded('onDelivered', () => onDelivered(delivery, error))
  }

  /** A callback that throws must not keep the others from being called, nor stop the queue. */
  private guarded(what: string, callback: () => void): void {
    try {
      callback()
    } catch (thrown) {
      this.client.platform.logger.error(`A producer's ${what} has thrown`, {
        error: thrown instanceof Error ? thrown.stack : String(thrown),
      })
    }
  }
}

function closedError(): ClientError {
  return new ClientError('closed', 'the producer was closed', false)
}
