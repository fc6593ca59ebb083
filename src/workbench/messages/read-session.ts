/**
 * One read for the window, of one topic or several: finds where to begin, reads on over changes of leaders, keeps what its filters let through,
 * stops at its limit or at the end, goes on from there when asked, and serves pages of what it has. A newest-N read goes back from the end in
 * strides until it has N, each put in order of time, newest first; all others keep the order of each partition. Made by the messages service.
 */
import { type ClientError, type KafkaClient, PartitionConsumer, retrying } from '../../engine/client'
import { type BatchHeader, decodeRecords, readBatchHeader } from '../../engine/wire/records'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { ReadProgress, ReadRequest, ReadState } from '../../shared/model/messages'
import { LatestPerKey } from './latest-per-key'
import type { RowDecoder } from './message-row'
import { findRanges } from './read-ranges'
import { RecordSelection } from './record-selection'
import { RowStore, type StoredRow } from './row-store'

/** A read keeps at most this much; then it stops and says so. A live one forgets old rows instead. */
const bytesMax = 256 * 1024 * 1024
const progressIntervalMs = 100
/** The first rows are told of sooner. */
const firstProgressMs = 15
const startTimeoutMs = 10_000
/** Metadata may miss a topic for a moment, as while a broker starts; this long, and it is deleted. */
const goneAfterMs = 1_500
/** What is filtered comes in smaller answers, so that pages are served between them; so much may wait to be filtered. */
const filteredFetchBytesMax = 2 << 20
const queuedBytesMax = 8 << 20
/** A stride back of a filtered read: doubled up to this while it finds too little. */
const strideMin = 1_000
const strideMax = 100_000
/** This thread's other work gets its turn after so long. */
const turnMs = 12

interface Cursor {
  readonly topic: string
  readonly partition: number
  earliest: number
  /** Forward: the next offset to read. */
  next: number
  /** Backward: all from here on has been read. */
  low: number
  /** Exclusive. */
  end: number
}

interface Stretch {
  readonly cursor: Cursor
  readonly from: number
  readonly to: number
}

interface QueuedBatch extends Stretch {
  readonly header: BatchHeader
  readonly bytes: Uint8Array
}

export class ReadSession {
  private readonly store = new RowStore()
  private readonly selection: RecordSelection | null
  private readonly latest: LatestPerKey | null
  private consumers: PartitionConsumer[] = []
  private cursors: Cursor[] = []
  private state: ReadState
  /** What is amiss now and tried again. */
  private trouble: string | null = null
  /** What this read will not get over. */
  private failure: string | null = null
  private goneSinceMs: number | null = null
  private bytesRead = 0
  private scannedCount = 0
  private expectedCount: number | null = null
  private startedAtMs: number
  private elapsedBeforeMs = 0
  private endedAtMs: number | null = null
  private progressTimer: { cancel(): void } | null = null
  private hasToldRows = false
  /** Rows up to here are in order and can be shown; others are when they are read. */
  private shownCount = 0
  private limit: number
  /** A stride back that was broken off has a gap: it cannot be gone on from. */
  private isBroken = false
  private readonly queue: QueuedBatch[] = []
  private queuedBytes = 0
  private draining: Promise<void> | null = null
  private onRoom: (() => void) | null = null
  /** Counts the stretches of work: one that was stopped may only come to its end when the next is under way, and must not end that. */
  private generation = 0

  /** Throws BAD_FILTER. Without a decoder filters see payloads as they were sent. */
  constructor(
    readonly id: number,
    private readonly client: KafkaClient,
    private readonly request: ReadRequest,
    private readonly onProgress: (progress: ReadProgress) => void,
    decoder: RowDecoder | null = null,
  ) {
    this.startedAtMs = client.platform.clock.monotonicMs()
    this.state = this.isLive ? 'live' : 'reading'
    const hasFilter = (request.filters?.length ?? 0) > 0 || (request.script ?? null) !== null
    this.selection = hasFilter ? new RecordSelection(request, decoder) : null
    this.latest = request.isLatestPerKey === true && !this.isLive ? new LatestPerKey() : null
    this.limit = request.start.kind === 'newest' ? Math.min(request.start.count, request.limit) : request.limit
  }

  /** Runs until the end of the read; never rejects. */
  async run(): Promise<void> {
    await this.guarded(async (generation) => {
      const { clock } = this.client.platform
      const onRetry = (error: Error) => this.note(error.message)
      await retrying({ clock, timeoutMs: startTimeoutMs, onRetry }, () => this.findCursors())
      if (!this.isCurrent(generation)) return
      this.note(null)
      await this.readOn()
    })
  }

  /** Goes on where it ended for `count` records more; never rejects. Throws READ_RUNNING, or READ_AT_END where it cannot. */
  continue(count: number): void {
    if (this.isActive) throw new WorkbenchError('expected', 'READ_RUNNING', 'This read is still under way.')
    if (!this.canContinue && !this.isLive)
      throw new WorkbenchError('expected', 'READ_AT_END', 'This read is at its end. Read again.')
    this.elapsedBeforeMs += (this.endedAtMs ?? 0) - this.startedAtMs
    this.startedAtMs = this.client.platform.clock.monotonicMs()
    this.endedAtMs = null
    this.state = this.isLive ? 'live' : 'reading'
    this.failure = null
    this.trouble = null
    if (!this.isLive) this.limit = this.store.rowCount + count
    // At once: what the last progress said, that it is at its end, is not so any more.
    this.onProgress(this.progress())
    void this.guarded(async (generation) => {
      // A live read that was stopped while it was looking for its beginning.
      if (this.isLive && this.cursors.length === 0) await this.findCursors()
      if (!this.isBack && !this.isLive) await this.refreshEnds()
      if (this.isCurrent(generation)) await this.readOn()
    })
  }

  stop(): void {
    this.stopConsumers()
    if (this.isActive) this.end('stopped')
  }

  /** Stopped for good: a sandbox is a thread of its own. */
  close(): void {
    this.stop()
    this.selection?.close()
  }

  /** What there is of rows `from` on, as the store has them. */
  rows(from: number, count: number): StoredRow[] {
    const rows: StoredRow[] = []
    const end = Math.min(from + count, this.visibleCount)
    for (let index = Math.max(from, this.store.droppedCount); index < end; index++) {
      const row = this.store.row(index)
      if (row !== null) rows.push(row)
    }
    return rows
  }

  /** Throws ROW_GONE. */
  row(index: number): StoredRow {
    const row = index < this.visibleCount ? this.store.row(index) : null
    if (row === null) throw new WorkbenchError('expected', 'ROW_GONE', `Row ${index} is not in this read any more.`)
    return row
  }

  /** Indexes from the first number up to the second, exclusive. */
  get bounds(): readonly [number, number] {
    return [this.store.droppedCount, this.visibleCount]
  }

  private get isLive(): boolean {
    return this.request.start.kind === 'live'
  }

  private get isBack(): boolean {
    return this.request.start.kind === 'newest'
  }

  private get isActive(): boolean {
    return this.state === 'reading' || this.state === 'live'
  }

  private get visibleCount(): number {
    return this.isBack || this.latest !== null ? this.shownCount : this.store.rowCount
  }

  private get canContinue(): boolean {
    if (this.isActive || this.isBroken || this.state === 'failed') return false
    if (this.isLive) return true
    return this.cursors.some((cursor) => (this.isBack ? cursor.low > cursor.earliest : cursor.next < cursor.end))
  }

  private isCurrent(generation: number): boolean {
    return this.isActive && generation === this.generation
  }

  private async guarded(work: (generation: number) => Promise<void>): Promise<void> {
    const generation = ++this.generation
    try {
      await work(generation)
      if (this.isCurrent(generation)) this.end(this.failure === null ? 'finished' : 'failed')
    } catch (error) {
      // Stopped by the user while it was looking for the beginning: that is no failure.
      if (this.isCurrent(generation)) this.fail((error as Error).message)
    }
  }

  // ---- where to read

  private async findCursors(): Promise<void> {
    const { topic, alsoTopics = [], partitions, start } = this.request
    const topics = [topic, ...alsoTopics.filter((also) => also !== topic)]
    const found = await Promise.all(
      topics.map((each) => findRanges(this.client, each, each === topic ? partitions : null, start)),
    )
    this.cursors = found.flat().map(({ topic: of, partition, earliest, from, to }) => {
      return { topic: of, partition, earliest, next: from, low: from, end: to }
    })
  }

  /** More may have been written since it was read to its end. */
  private async refreshEnds(): Promise<void> {
    const { start } = this.request
    if (start.kind === 'time' && start.untilMs !== undefined) return
    for (const topic of new Set(this.cursors.map((cursor) => cursor.topic))) {
      const mine = this.cursors.filter((cursor) => cursor.topic === topic)
      const partitions = mine.map(({ partition }) => partition)
      const ranges = await findRanges(this.client, topic, partitions, { kind: 'live' })
      for (const [at, { to }] of ranges.entries()) mine[at]!.end = to
    }
  }

  private async readOn(): Promise<void> {
    if (this.isBack) await this.readBack()
    else await this.readForward()
  }

  private async readForward(): Promise<void> {
    const wanted = this.cursors.filter((cursor) => this.isLive || cursor.next < cursor.end)
    if (!this.isLive) this.expectedCount = this.scannedCount + wanted.reduce((sum, cursor) => sum + cursor.end - cursor.next, 0)
    await this.consume(
      wanted.map((cursor) => ({ cursor, from: cursor.next, to: this.isLive ? Number.MAX_SAFE_INTEGER : cursor.end })),
    )
  }

  private async readBack(): Promise<void> {
    const { generation } = this
    const isFiltered = this.selection !== null
    let stride = isFiltered ? strideMin : this.limit - this.shownCount
    if (isFiltered)
      this.expectedCount = this.scannedCount + this.cursors.reduce((sum, cursor) => sum + cursor.low - cursor.earliest, 0)
    while (this.isCurrent(generation) && this.failure === null && this.shownCount < this.limit) {
      const left = this.cursors.filter((cursor) => cursor.low > cursor.earliest)
      if (left.length === 0) return
      const stretches = left.map((cursor) => ({ cursor, from: Math.max(cursor.earliest, cursor.low - stride), to: cursor.low }))
      await this.consume(stretches)
      // Broken off: what it has is shown all the same, but there may be a gap between.
      if (!this.isCurrent(generation)) return
      this.takeStride(stretches)
      stride = Math.min(strideMax, stride * 2)
    }
  }

  /** Puts what a stride back found in order, keeps what is wanted, and sets where the next one ends. */
  private takeStride(stretches: readonly Stretch[]): void {
    const letGo = this.store.sort(newestFirst, this.limit - this.shownCount, this.shownCount)
    const cut = new Set(letGo.map(({ batch }) => nameOf(batch)))
    const lowest = new Map<string, number>()
    for (let index = this.shownCount; index < this.store.rowCount; index++) {
      const row = this.store.row(index)
      if (row === null) continue
      const name = nameOf(row.batch)
      lowest.set(name, Math.min(lowest.get(name) ?? Number.MAX_SAFE_INTEGER, row.record?.offset ?? row.batch.header.baseOffset))
    }
    for (const { cursor, from, to } of stretches) {
      const name = nameOf(cursor)
      cursor.low = cut.has(name) ? (lowest.get(name) ?? to) : from
    }
    this.shownCount = this.store.rowCount
    this.scheduleProgress()
  }

  // ---- reading

  private async consume(stretches: readonly Stretch[]): Promise<void> {
    if (!this.isActive || stretches.length === 0) return
    const byTopic = new Map<string, Map<number, Stretch>>()
    for (const stretch of stretches) {
      const { topic, partition } = stretch.cursor
      const mine = byTopic.get(topic) ?? new Map<number, Stretch>()
      mine.set(partition, stretch)
      byTopic.set(topic, mine)
    }
    const isQueued = this.selection !== null || this.latest !== null
    this.consumers = [...byTopic].map(([topic, mine]) => {
      const consumer: PartitionConsumer = new PartitionConsumer({
        client: this.client,
        topic,
        positions: new Map([...mine].map(([partition, { from }]) => [partition, from])),
        ...(isQueued ? { fetchBytesMax: filteredFetchBytesMax, whenReady: () => this.whenRoom() } : {}),
        onBatch: (partition, batch) => this.take(mine.get(partition)!, batch),
        onCaughtUp: (partition) => {
          if (!this.isLive) consumer.leave(partition)
        },
        onTrouble: (error) => this.onTrouble(topic, error),
        onFailed: (partition, error) => {
          this.failure = `${topic}-${partition}: ${error.message}`
          this.scheduleProgress()
        },
      })
      return consumer
    })
    this.scheduleProgress()
    await Promise.all(this.consumers.map((consumer) => consumer.run()))
    while (this.draining !== null) await this.draining
  }

  private stopConsumers(): void {
    for (const consumer of this.consumers) consumer.stop()
    this.queue.length = 0
    this.queuedBytes = 0
    this.onRoom?.()
  }

  /** Answers whether more of this partition is wanted. */
  private take(stretch: Stretch, bytes: Uint8Array): boolean {
    if (!this.isActive) return false
    const header = readBatchHeader(bytes, 0)
    this.bytesRead += bytes.length
    this.scheduleProgress()
    if (!header.isControl) {
      if (this.selection !== null || this.latest !== null) {
        this.queue.push({ ...stretch, header, bytes })
        this.queuedBytes += bytes.length
        this.draining ??= this.drain()
      } else this.keepAll({ ...stretch, header, bytes })
    }
    if (!this.isActive || this.isOver()) return false
    return header.lastOffset + 1 < stretch.to
  }

  private keepAll({ cursor, from, to, header, bytes }: QueuedBatch): void {
    const room = this.isLive || this.isBack ? Number.MAX_SAFE_INTEGER : this.limit - this.store.rowCount
    const batch = { topic: cursor.topic, partition: cursor.partition, header, bytes }
    const taken = this.store.addBatch(batch, this.isBack ? from : Math.max(from, cursor.next), to, room)
    this.scannedCount += taken
    const last = taken === room ? this.store.row(this.store.rowCount - 1) : null
    cursor.next = last === null ? header.lastOffset + 1 : (last.record?.offset ?? header.lastOffset) + 1
    this.forgetOld()
  }

  private async drain(): Promise<void> {
    // So that `draining` is set before it can be cleared again.
    await Promise.resolve()
    try {
      await this.siftAll()
    } catch (error) {
      if (this.isActive) this.fail((error as Error).message)
    } finally {
      this.draining = null
    }
  }

  private async siftAll(): Promise<void> {
    let turnEndsMs = this.client.platform.clock.monotonicMs() + turnMs
    for (let queued = this.queue.shift(); queued !== undefined; queued = this.queue.shift()) {
      this.queuedBytes -= queued.bytes.length
      await this.sift(queued)
      if (this.queuedBytes < queuedBytesMax) this.onRoom?.()
      if (this.isOver()) return
      if (this.client.platform.clock.monotonicMs() < turnEndsMs) continue
      await new Promise((resolve) => setImmediate(resolve))
      turnEndsMs = this.client.platform.clock.monotonicMs() + turnMs
    }
  }

  private whenRoom(): Promise<void> | null {
    if (this.queuedBytes < queuedBytesMax) return null
    return new Promise((resolve) => {
      const before = this.onRoom
      this.onRoom = () => {
        before?.()
        this.onRoom = null
        resolve()
      }
    })
  }

  private async sift({ cursor, from, to, header, bytes }: QueuedBatch): Promise<void> {
    const { topic, partition } = cursor
    const records = recordsOf(bytes)
    const places: number[] = []
    for (let place = 0; place < records.length; place++) {
      const { offset } = records[place]!
      if (offset >= from && offset >= (this.isBack ? 0 : cursor.next) && offset < to) places.push(place)
    }
    let kept = this.selection === null ? places : await this.selection.keep(topic, partition, records, places)
    if (!this.isActive) return
    const room = this.isLive || this.isBack || this.latest !== null ? Number.MAX_SAFE_INTEGER : this.limit - this.store.rowCount
    const isCut = kept.length > room
    if (isCut) kept = kept.slice(0, room)
    const lastTaken = isCut || kept.length === room ? records[kept[kept.length - 1] ?? 0] : undefined
    cursor.next = lastTaken === undefined ? header.lastOffset + 1 : lastTaken.offset + 1
    this.scannedCount +=
      lastTaken === undefined ? places.length : places.findIndex((place) => place === kept[kept.length - 1]) + 1
    if (kept.length > 0) {
      // A part of a fetch's answer keeps all of it in memory: worth it only where most of it is kept.
      const own = kept.length * 2 > records.length ? bytes : Uint8Array.from(bytes)
      const first = this.store.addRecords({ topic, partition, header, bytes: own }, kept)
      this.latest?.onKept(`${topic}-${partition}`, records, places, kept, first)
    } else this.latest?.onKept(`${topic}-${partition}`, records, places, kept, this.store.rowCount)
    this.latest?.maybeCompact(this.store)
    this.forgetOld()
    this.scheduleProgress()
  }

  private forgetOld(): void {
    if (!this.isLive) return
    this.store.keepNewest(this.limit)
    while (this.store.byteLength > bytesMax) {
      const kept = this.store.rowCount - this.store.droppedCount
      if (kept <= 1) return
      this.store.keepNewest(Math.floor(kept / 2))
    }
  }

  /** Whether it has what it was asked for, or as much as it may; then nothing more is fetched. */
  private isOver(): boolean {
    if (this.isLive) return false
    if (!this.isBack && this.latest === null && this.store.rowCount >= this.limit) {
      this.stopConsumers()
      return true
    }
    if (this.store.byteLength <= bytesMax) return false
    this.note(
      `Stopped after ${this.store.rowCount} records: a read keeps at most 256 MiB. Start a later one at the last offset shown.`,
    )
    if (this.isBack) this.isBroken = true
    this.limit = this.store.rowCount
    this.stopConsumers()
    return true
  }

  private onTrouble(topic: string, error: ClientError | null): void {
    this.note(error === null ? null : `${sentence(error.message)} Reading goes on when a leader answers.`)
    const isGone = error !== null && this.client.known?.topics.has(topic) === false
    const nowMs = this.client.platform.clock.monotonicMs()
    this.goneSinceMs = isGone ? (this.goneSinceMs ?? nowMs) : null
    if (this.goneSinceMs === null || nowMs - this.goneSinceMs < goneAfterMs) return
    this.stopConsumers()
    if (this.isActive) this.fail(`There is no topic ${topic} any more: it was deleted while it was read.`)
  }

  // ---- telling

  private note(trouble: string | null): void {
    if (this.trouble === trouble) return
    this.trouble = trouble
    this.scheduleProgress()
  }

  private fail(failure: string): void {
    this.failure = failure
    this.stopConsumers()
    this.end('failed')
  }

  private end(state: ReadState): void {
    this.endedAtMs = this.client.platform.clock.monotonicMs()
    if (this.isBack && this.shownCount < this.store.rowCount) {
      this.store.sort(newestFirst, Math.max(0, this.limit - this.shownCount), this.shownCount)
      this.shownCount = this.store.rowCount
      this.isBroken = true
    }
    if (this.isBack && state === 'stopped' && this.cursors.length === 0) this.isBroken = true
    if (this.latest !== null) {
      this.latest.compact(this.store)
      this.shownCount = this.store.rowCount
    }
    this.state = state
    this.progressTimer?.cancel()
    this.progressTimer = null
    this.onProgress(this.progress())
  }

  private scheduleProgress(): void {
    if (!this.isActive) return
    const delayMs = this.hasToldRows ? progressIntervalMs : firstProgressMs
    this.progressTimer ??= this.client.platform.clock.setTimer(delayMs, () => {
      this.progressTimer = null
      this.hasToldRows ||= this.visibleCount > 0
      this.onProgress(this.progress())
    })
  }

  private progress(): ReadProgress {
    return {
      readId: this.id,
      state: this.state,
      rowCount: this.visibleCount,
      droppedCount: this.store.droppedCount,
      bytesRead: this.bytesRead,
      scannedCount: this.scannedCount,
      expectedCount: this.expectedCount,
      canContinue: this.canContinue,
      elapsedMs: this.elapsedBeforeMs + (this.endedAtMs ?? this.client.platform.clock.monotonicMs()) - this.startedAtMs,
      error: this.failure ?? this.trouble ?? this.selection?.problem ?? null,
    }
  }
}

/** None where the batch cannot be decoded: it is nobody's match. */
function recordsOf(bytes: Uint8Array) {
  try {
    return decodeRecords(bytes)
  } catch {
    return []
  }
}

const nameOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string => `${topic}-${partition}`

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`
}

function newestFirst(a: StoredRow, b: StoredRow): number {
  const left = a.record?.timestamp ?? 0n
  const right = b.record?.timestamp ?? 0n
  if (left !== right) return left > right ? -1 : 1
  if (a.batch.topic !== b.batch.topic) return a.batch.topic < b.batch.topic ? -1 : 1
  if (a.batch.partition !== b.batch.partition) return a.batch.partition - b.batch.partition
  return (b.record?.offset ?? 0) - (a.record?.offset ?? 0)
}
