/**
 * One read of a topic for the window: finds where to begin, reads on over changes of leaders, stops at its limit or at the end, and serves
 * pages of what it has. The newest-N read is put in order of time, newest first; all others keep the order of each partition.
 */
import {
  ClientError,
  earliestOffset,
  type KafkaClient,
  latestOffset,
  listOffsets,
  PartitionConsumer,
  protocolError,
  retrying,
} from '../../engine/client'
import { ErrorCode } from '../../engine/wire/errors'
import { readBatchHeader } from '../../engine/wire/records'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { MessageDetail, ReadProgress, ReadRequest, ReadState } from '../../shared/model/messages'
import { type RowDecoder, toMessageRow } from './message-row'
import { RowStore, type StoredRow } from './row-store'

/** A read keeps at most this much; then it stops and says so. A live one forgets old rows instead. */
const bytesMax = 256 * 1024 * 1024
const progressIntervalMs = 100
const startTimeoutMs = 10_000
/** Metadata may miss a topic for a moment, as while a broker starts; this long, and it is deleted. */
const goneAfterMs = 1_500

export class ReadSession {
  private readonly store = new RowStore()
  private consumer: PartitionConsumer | null = null
  private state: ReadState = 'reading'
  /** What is amiss now and tried again. */
  private trouble: string | null = null
  /** What this read will not get over. */
  private failure: string | null = null
  private goneSinceMs: number | null = null
  private bytesRead = 0
  private readonly startedAtMs: number
  private endedAtMs: number | null = null
  private progressTimer: { cancel(): void } | null = null
  private readonly firstOffsets = new Map<number, number>()
  private readonly endOffsets = new Map<number, number>()
  /** A newest-N read shows nothing until it is in order. */
  private isHidden: boolean

  constructor(
    readonly id: number,
    private readonly client: KafkaClient,
    private readonly request: ReadRequest,
    private readonly onProgress: (progress: ReadProgress) => void,
  ) {
    this.startedAtMs = client.platform.clock.monotonicMs()
    this.isHidden = request.start.kind === 'newest'
    this.state = request.start.kind === 'live' ? 'live' : 'reading'
  }

  /** Runs until the end of the read; never rejects. */
  async run(): Promise<void> {
    try {
      await retrying(
        { clock: this.client.platform.clock, timeoutMs: startTimeoutMs, onRetry: (error) => this.note(error.message) },
        () => this.findStart(),
      )
      this.note(null)
      if (this.isActive) await this.read()
      if (this.isActive) this.end(this.failure === null ? 'finished' : 'failed')
    } catch (error) {
      // Stopped by the user while it was looking for the beginning: that is no failure.
      if (this.isActive) this.fail((error as Error).message)
    }
  }

  stop(): void {
    this.consumer?.stop()
    if (this.isActive) this.end('stopped')
  }

  /** What there is of rows `from` on, as the store has them. */
  rows(from: number, count: number): StoredRow[] {
    const rows: StoredRow[] = []
    if (this.isHidden) return rows
    for (let index = Math.max(from, this.store.droppedCount); index < from + count && index < this.store.rowCount; index++) {
      const row = this.store.row(index)
      if (row !== null) rows.push(row)
    }
    return rows
  }

  get topic(): string {
    return this.request.topic
  }

  /** Throws ROW_GONE. */
  row(index: number): StoredRow {
    const row = this.isHidden ? null : this.store.row(index)
    if (row === null) throw new WorkbenchError('expected', 'ROW_GONE', `Row ${index} is not in this read any more.`)
    return row
  }

  detail(row: StoredRow, decoder: RowDecoder): MessageDetail {
    const { header, partition } = row.batch
    return {
      ...toMessageRow(row, this.request.topic, decoder),
      topic: this.request.topic,
      partition,
      timestampType: header.timestampType,
      keyBytes: copyOf(row.record?.key ?? null),
      valueBytes: copyOf(row.record?.value ?? null),
      headers: (row.record?.headers ?? []).map(({ key, value }) => ({ key, value: copyOf(value) })),
      batch: {
        baseOffset: header.baseOffset,
        recordCount: header.recordCount,
        byteLength: header.sizeInBytes,
        compression: header.compression ?? 'unknown',
        leaderEpoch: header.partitionLeaderEpoch,
        producerId: String(header.producerId),
        producerEpoch: header.producerEpoch,
        baseSequence: header.baseSequence,
        isTransactional: header.isTransactional,
      },
    }
  }

  private get isActive(): boolean {
    return this.state === 'reading' || this.state === 'live'
  }

  private async findStart(): Promise<void> {
    const { topic, start } = this.request
    const metadata = await this.client.metadata([topic])
    const known = metadata.topics.get(topic)
    if (known === undefined || known.errorCode !== ErrorCode.NONE) {
      // A cluster that has just started may not name every topic yet; retrying waits for it.
      throw new ClientError(
        'protocol',
        `There is no topic ${topic}. It may have been deleted.`,
        known === undefined,
        known?.errorCode ?? null,
      )
    }
    const partitions = this.request.partitions ?? known.partitions.map(({ partition }) => partition)
    const missing = partitions.find((partition) => known.partitions[partition] === undefined)
    if (missing !== undefined)
      throw new ClientError('protocol', `${topic} has partitions 0 to ${known.partitions.length - 1}, no ${missing}.`, false)
    const [earliest, latest] = await Promise.all([
      listOffsets(this.client, topic, partitions, earliestOffset),
      listOffsets(this.client, topic, partitions, latestOffset),
    ])
    const found = start.kind === 'time' ? await listOffsets(this.client, topic, partitions, start.timestampMs) : null
    for (const partition of partitions) {
      const first = earliest.get(partition)
      const end = latest.get(partition)
      if (first === undefined || end === undefined) throw protocolError(ErrorCode.LEADER_NOT_AVAILABLE)
      const atTime = found?.get(partition) ?? -1
      const wanted = {
        newest: end - (start.kind === 'newest' ? start.count : 0),
        oldest: first,
        offset: start.kind === 'offset' ? start.offset : 0,
        time: atTime === -1 ? end : atTime,
        live: end,
      }[start.kind]
      this.firstOffsets.set(partition, Math.min(end, Math.max(first, wanted)))
      this.endOffsets.set(partition, end)
    }
  }

  private async read(): Promise<void> {
    const isLive = this.request.start.kind === 'live'
    const positions = new Map(
      [...this.firstOffsets].filter(([partition, first]) => isLive || first < (this.endOffsets.get(partition) ?? 0)),
    )
    this.consumer = new PartitionConsumer({
      client: this.client,
      topic: this.request.topic,
      positions,
      onBatch: (partition, batch) => this.take(partition, batch),
      onCaughtUp: (partition) => {
        if (!isLive) this.consumer?.leave(partition)
      },
      onTrouble: (error) => this.onTrouble(error),
      onFailed: (partition, error) => {
        this.failure = `${this.request.topic}-${partition}: ${error.message}`
        this.scheduleProgress()
      },
    })
    this.scheduleProgress()
    await this.consumer.run()
  }

  /** Answers whether more of this partition is wanted. */
  private take(partition: number, bytes: Uint8Array): boolean {
    if (!this.isActive) return false
    const header = readBatchHeader(bytes, 0)
    this.bytesRead += bytes.length
    this.scheduleProgress()
    const isLive = this.request.start.kind === 'live'
    const limit = this.request.start.kind === 'newest' ? Number.MAX_SAFE_INTEGER : this.request.limit
    if (!header.isControl) {
      const room = isLive ? Number.MAX_SAFE_INTEGER : limit - this.store.rowCount
      this.store.addBatch({ partition, header, bytes }, this.firstOffsets.get(partition) ?? 0, room)
    }
    if (isLive) {
      this.store.keepNewest(this.request.limit)
      while (this.store.byteLength > bytesMax)
        this.store.keepNewest(Math.floor((this.store.rowCount - this.store.droppedCount) / 2))
      return true
    }
    if (this.store.rowCount >= limit) {
      this.consumer?.stop()
      return false
    }
    if (this.store.byteLength > bytesMax) {
      this.note(
        `Stopped after ${this.store.rowCount} records: a read keeps at most 256 MiB. Start a later one at the last offset shown.`,
      )
      this.consumer?.stop()
      return false
    }
    return header.lastOffset + 1 < (this.endOffsets.get(partition) ?? 0)
  }

  private onTrouble(error: ClientError | null): void {
    this.note(error === null ? null : `${sentence(error.message)} Reading goes on when a leader answers.`)
    const { topic } = this.request
    const isGone = error !== null && this.client.known?.topics.has(topic) === false
    const nowMs = this.client.platform.clock.monotonicMs()
    this.goneSinceMs = isGone ? (this.goneSinceMs ?? nowMs) : null
    if (this.goneSinceMs === null || nowMs - this.goneSinceMs < goneAfterMs) return
    this.consumer?.stop()
    if (this.isActive) this.fail(`There is no topic ${topic} any more: it was deleted while it was read.`)
  }

  private note(trouble: string | null): void {
    if (this.trouble === trouble) return
    this.trouble = trouble
    this.scheduleProgress()
  }

  private fail(failure: string): void {
    this.failure = failure
    this.end('failed')
  }

  private end(state: ReadState): void {
    this.state = state
    this.endedAtMs = this.client.platform.clock.monotonicMs()
    if (this.request.start.kind === 'newest') {
      this.store.sort(newestFirst, Math.min(this.request.start.count, this.request.limit))
      this.isHidden = false
    }
    this.progressTimer?.cancel()
    this.progressTimer = null
    this.onProgress(this.progress())
  }

  private scheduleProgress(): void {
    if (!this.isActive) return
    this.progressTimer ??= this.client.platform.clock.setTimer(progressIntervalMs, () => {
      this.progressTimer = null
      this.onProgress(this.progress())
    })
  }

  private progress(): ReadProgress {
    return {
      readId: this.id,
      state: this.state,
      rowCount: this.isHidden ? 0 : this.store.rowCount,
      droppedCount: this.store.droppedCount,
      bytesRead: this.bytesRead,
      elapsedMs: (this.endedAtMs ?? this.client.platform.clock.monotonicMs()) - this.startedAtMs,
      error: this.failure ?? this.trouble,
    }
  }
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`
}

function newestFirst(a: StoredRow, b: StoredRow): number {
  const left = a.record?.timestamp ?? 0n
  const right = b.record?.timestamp ?? 0n
  if (left !== right) return left > right ? -1 : 1
  if (a.batch.partition !== b.batch.partition) return a.batch.partition - b.batch.partition
  return (b.record?.offset ?? 0) - (a.record?.offset ?? 0)
}

/** A view on a batch would take the whole batch along when it crosses to another thread. */
function copyOf(bytes: Uint8Array | null): Uint8Array | null {
  return bytes === null ? null : Uint8Array.from(bytes)
}
