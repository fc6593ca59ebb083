/** Reads a topic once through and counts: on demand, with progress and stop. The reading is a client's, so a broker that dies is waited for. */
import { earliestOffset, type KafkaClient, latestOffset, listOffsets, PartitionConsumer, retrying } from '../../engine/client'
import { decodeRecords, readBatchHeader } from '../../engine/wire/records'
import type { AnalysisProgress, AnalysisRequest } from '../../shared/model/topic-analysis'
import { TopicTally } from './topic-tally'

const progressIntervalMs = 400
const startTimeoutMs = 10_000

export class TopicAnalysisRun {
  private readonly tally = new TopicTally()
  private consumer: PartitionConsumer | null = null
  private state: AnalysisProgress['state'] = 'reading'
  private error: string | null = null
  private wantedCount = 0
  private readonly startedAtMs: number
  private toldAtMs: number

  constructor(
    readonly id: number,
    private readonly client: KafkaClient,
    private readonly request: AnalysisRequest,
    private readonly onProgress: (progress: AnalysisProgress) => void,
  ) {
    this.startedAtMs = client.platform.clock.monotonicMs()
    this.toldAtMs = this.startedAtMs
  }

  /** Runs to the end; never rejects. */
  async run(): Promise<void> {
    try {
      await this.read()
      if (this.state === 'reading') this.state = 'finished'
    } catch (error) {
      this.state = 'failed'
      this.error = error instanceof Error ? `${error.message}.` : String(error)
    }
    this.onProgress(this.progress())
  }

  stop(): void {
    if (this.state !== 'reading') return
    this.state = 'stopped'
    this.consumer?.stop()
  }

  private async read(): Promise<void> {
    const { topic, newest } = this.request
    const { clock } = this.client.platform
    const [first, end] = await retrying({ clock, timeoutMs: startTimeoutMs }, async () => {
      const metadata = await this.client.refresh()
      const partitions = (metadata.topics.get(topic)?.partitions ?? []).map(({ partition }) => partition)
      return Promise.all([
        listOffsets(this.client, topic, partitions, earliestOffset),
        listOffsets(this.client, topic, partitions, latestOffset),
      ])
    })
    const positions = new Map<number, number>()
    const share = newest === null ? Number.POSITIVE_INFINITY : Math.ceil(newest / Math.max(1, end.size))
    for (const [partition, last] of end) {
      const from = Math.max(first.get(partition) ?? 0, last - share)
      this.wantedCount += Math.max(0, last - from)
      if (from < last) positions.set(partition, from)
    }
    this.consumer = new PartitionConsumer({
      client: this.client,
      topic,
      positions,
      onBatch: (partition, batch) => this.take(partition, batch, positions.get(partition) ?? 0, end.get(partition) ?? 0),
      onCaughtUp: (partition) => this.consumer?.leave(partition),
      // The consumer tries on; what it cannot get over comes as onFailed.
      onTrouble: () => undefined,
      onFailed: (partition, error) => {
        this.error = `Partition ${partition} was not read to its end: ${error.message}.`
      },
    })
    if (this.state === 'reading' && positions.size > 0) await this.consumer.run()
  }

  private take(partition: number, batch: Uint8Array, from: number, end: number): boolean {
    if (this.state !== 'reading') return false
    const header = readBatchHeader(batch, 0)
    if (!header.isControl) {
      this.tally.addBatch(partition, header.sizeInBytes, header.compression ?? 'unknown')
      try {
        for (const record of decodeRecords(batch))
          if (record.offset >= from && record.offset < end) this.tally.addRecord(partition, record)
      } catch {
        this.tally.undecodableBatches++
      }
    }
    const now = this.client.platform.clock.monotonicMs()
    if (now - this.toldAtMs >= progressIntervalMs) {
      this.toldAtMs = now
      this.onProgress(this.progress())
    }
    return header.lastOffset + 1 < end
  }

  private progress(): AnalysisProgress {
    return {
      analysisId: this.id,
      topic: this.request.topic,
      state: this.state,
      recordCount: this.tally.recordCount,
      wantedCount: this.wantedCount,
      elapsedMs: Math.round(this.client.platform.clock.monotonicMs() - this.startedAtMs),
      error: this.error,
      analysis: this.tally.analysis(),
    }
  }
}
