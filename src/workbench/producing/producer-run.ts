/**
 * One press of Produce: one message or many, sent through the workbench's own producer, with back-pressure, progress, and a result that
 * names offsets and errors.
 */
import {
  ClientError,
  type Delivery,
  type KafkaClient,
  Producer,
  type ProducerRecord,
  pause,
  protocolError,
  retrying,
} from '../../engine/client'
import { ErrorCode, errorName } from '../../engine/wire/errors'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { ProduceProgress, ProduceRequestInput } from '../../shared/model/producing'
import { LatencySample } from './latency-sample'

const outstandingMax = 20_000
const outstandingBytesMax = 32 * 1024 * 1024
const progressIntervalMs = 100
const startTimeoutMs = 10_000
/** What is under way when a run is cancelled is acknowledged within this time, or given up. */
const unknownTopicMs = 1_000
const cancelGraceMs = 2_000

interface PartitionResult {
  firstOffset: number
  lastOffset: number
  count: number
}

export class ProducerRun {
  private readonly producer: Producer
  private state: ProduceProgress['state'] = 'running'
  private sent = 0
  private acknowledged = 0
  private failed = 0
  private outstandingBytes = 0
  private last: ProduceProgress['last'] = null
  private error: ProduceProgress['error'] = null
  private readonly partitions = new Map<number, PartitionResult>()
  private readonly latencies = new LatencySample()
  private readonly startedAtMs: number
  private lastProgressAtMs = 0
  private cancelTimer: { cancel(): void } | null = null

  constructor(
    readonly id: number,
    private readonly client: KafkaClient,
    private readonly input: ProduceRequestInput,
    /** Throws where a payload with its index filled in cannot be encoded. */
    private readonly recordAt: (index: number) => ProducerRecord,
    private readonly onProgress: (progress: ProduceProgress) => void,
  ) {
    this.startedAtMs = client.platform.clock.monotonicMs()
    this.producer = new Producer({
      client,
      acks: input.acks,
      // As Kafka's own clients since 3.0 (KIP-679): a retry through a broker's death writes nothing twice.
      isIdempotent: input.acks === -1,
      compression: input.compression,
      lingerMs: input.count > 1 ? 5 : 0,
      onRetry: (error) => this.noteError(error, 'Trying again.'),
    })
    // What is wrong with the payloads is said before anything is sent: of many, the first and the last stand for what an index may do.
    recordAt(0)
    recordAt(input.count - 1)
  }

  /** Runs until everything is acknowledged, has failed, or was cancelled; never rejects. */
  async run(): Promise<void> {
    try {
      await this.findTopic()
      for (let index = 0; index < this.input.count && this.state === 'running'; index++) {
        this.sendOne(index)
        while (this.producer.outstandingCount >= outstandingMax || this.outstandingBytes >= outstandingBytesMax)
          await this.breathe()
        if (index % 1_000 === 999) await this.breathe()
      }
      await this.finish()
      if (this.state === 'running') this.state = this.failed > 0 ? 'failed' : 'finished'
    } catch (error) {
      this.state = 'failed'
      this.noteError(error as Error, null)
    }
    this.cancelTimer?.cancel()
    this.producer.close()
    this.onProgress(this.progress())
  }

  /** Nothing new is sent. What was handed over is still acknowledged if a leader answers; if none does, nobody waits for it. */
  cancel(): void {
    if (this.state !== 'running') return
    this.state = 'cancelled'
    this.cancelTimer = this.client.platform.clock.setTimer(cancelGraceMs, () => this.producer.close())
  }

  /** A cluster that has just started may not name every topic yet; retrying waits for it. */
  private findTopic(): Promise<void> {
    const { topic } = this.input
    const onRetry = (error: ClientError) => this.noteError(error, 'Trying again.')
    let unknownSince: number | null = null
    return retrying({ clock: this.client.platform.clock, timeoutMs: startTimeoutMs, onRetry }, async () => {
      if (this.state !== 'running') return
      const errorCode = (await this.client.metadata([topic])).topics.get(topic)?.errorCode ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      if (errorCode === ErrorCode.NONE) return
      const nowMs = this.client.platform.clock.monotonicMs()
      unknownSince ??= nowMs
      const isForGood = nowMs - unknownSince > unknownTopicMs
      throw isForGood
        ? new ClientError('protocol', `There is no topic ${topic}. It may have been deleted.`, false, errorCode)
        : protocolError(errorCode)
    })
  }

  private sendOne(index: number): void {
    const record = this.recordAt(index)
    const sizeInBytes = (record.key?.length ?? 0) + (record.value?.length ?? 0)
    const sentAtMs = this.client.platform.clock.monotonicMs()
    this.sent++
    this.outstandingBytes += sizeInBytes
    this.producer.append(record, (delivery, error) => {
      this.outstandingBytes -= sizeInBytes
      if (delivery === null) {
        this.failed++
        if (error !== null) this.noteError(error, null)
      } else this.onDelivered(delivery, sentAtMs)
      this.maybeProgress()
    })
  }

  private onDelivered(delivery: Delivery, sentAtMs: number): void {
    const { partition, offset } = delivery
    this.acknowledged++
    if (this.failed === 0) this.error = null
    this.last = { partition, offset, timestamp: String(delivery.timestamp) }
    this.latencies.add(this.client.platform.clock.monotonicMs() - sentAtMs)
    const known = this.partitions.get(partition)
    if (known === undefined) this.partitions.set(partition, { firstOffset: offset, lastOffset: offset, count: 1 })
    else {
      known.firstOffset = Math.min(known.firstOffset, offset)
      known.lastOffset = Math.max(known.lastOffset, offset)
      known.count++
    }
  }

  /** All answers, with progress while they come. */
  private async finish(): Promise<void> {
    let isDone = false
    const flushed = this.producer.flush().then(() => {
      isDone = true
    })
    while (!isDone) {
      await Promise.race([flushed, pause(this.client.platform.clock, progressIntervalMs)])
      this.maybeProgress()
    }
  }

  private breathe(): Promise<void> {
    return new Promise((resolve) => this.client.platform.clock.setTimer(1, resolve))
  }

  private noteError(error: Error, next: string | null): void {
    const name = nameOf(error)
    const sentence = error.message.startsWith(`${name}: `) ? error.message.slice(name.length + 2) : error.message
    this.error = { name, message: next === null ? sentence : `${sentence} ${next}` }
    this.maybeProgress()
  }

  private maybeProgress(): void {
    const nowMs = this.client.platform.clock.monotonicMs()
    if (nowMs - this.lastProgressAtMs < progressIntervalMs || this.state !== 'running') return
    this.lastProgressAtMs = nowMs
    this.onProgress(this.progress())
  }

  private progress(): ProduceProgress {
    return {
      runId: this.id,
      state: this.state,
      sentCount: this.sent,
      acknowledgedCount: this.acknowledged,
      failedCount: this.failed,
      elapsedMs: this.client.platform.clock.monotonicMs() - this.startedAtMs,
      last: this.last,
      partitions: [...this.partitions].sort(([a], [b]) => a - b).map(([partition, result]) => ({ partition, ...result })),
      error: this.error,
      latencyMs: this.latencies.percentiles(),
    }
  }
}

function nameOf(error: Error): string {
  if (error instanceof WorkbenchError) return error.code
  if (!(error instanceof ClientError)) return 'INTERNAL'
  return error.code === null ? error.kind.toUpperCase() : errorName(error.code)
}
