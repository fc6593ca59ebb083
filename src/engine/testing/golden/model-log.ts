/**
 * A partition's log as a list in memory, for the model cluster: what replication needs of a log and nothing else. One record a batch.
 * Every record carries a value that is unique in a run, so that two logs can be compared record by record.
 */
import { assert } from '../../../shared/lang/assert'
import { ok, type Result } from '../../../shared/lang/result'
import type { EpochEndOffset } from '../../replication/core/types'
import type { AppendInfo, LogSlice, ReplicaLog } from '../../replication/ports'

export interface ModelRecord {
  readonly epoch: number
  readonly value: number
}

/** Base offset at 0, leader epoch at 12, last offset delta (0) at 23, as in a real batch's header; the value at 28. */
const RECORD_BYTES = 32
const EPOCH_AT = 12
const VALUE_AT = 28

export function recordsOf(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * RECORD_BYTES)
  const view = new DataView(bytes.buffer)
  values.forEach((value, index) => {
    view.setUint32(index * RECORD_BYTES + VALUE_AT, value)
  })
  return bytes
}

export class ModelLog implements ReplicaLog {
  readonly topic: string
  readonly partition = 0
  logStartOffset = 0
  /** records[i] stands at offset baseOffset + i. */
  private baseOffset = 0
  private records: ModelRecord[] = []
  private epochs: { epoch: number; startOffset: number }[] = []
  /** Where the disk is to fail, for tests of just that: thrown by every write. */
  failure: Error | null = null

  constructor(
    topic = 't',
    readonly topicId: string | null = null,
  ) {
    this.topic = topic
  }

  get logEndOffset(): number {
    return this.baseOffset + this.records.length
  }

  get latestEpoch(): number {
    return this.epochs.at(-1)?.epoch ?? -1
  }

  get sizeInBytes(): number {
    return this.records.length * RECORD_BYTES
  }

  recordAt(offset: number): ModelRecord | undefined {
    return offset < this.logStartOffset ? undefined : this.records[offset - this.baseOffset]
  }

  /** '0..2@5 3@6': offsets by the epoch they were written in. */
  describe(): string {
    const runs: string[] = []
    for (let from = Math.max(this.logStartOffset, this.baseOffset); from < this.logEndOffset; ) {
      const epoch = this.recordAt(from)?.epoch
      let to = from
      while (this.recordAt(to + 1)?.epoch === epoch) to++
      runs.push(`${from === to ? from : `${from}..${to}`}@${epoch}`)
      from = to + 1
    }
    return runs.length === 0 ? `empty at ${this.logEndOffset}` : runs.join(' ')
  }

  /** Its records have no producers. */
  readonly producers = []

  startVerification(): null {
    return null
  }

  hasOngoingTransaction(): boolean {
    return false
  }

  lastStableOffset(highWatermark: number): number {
    return highWatermark
  }

  abortedTransactions(): readonly [] {
    return []
  }

  appendAsLeader(records: Uint8Array, leaderEpoch: number): Result<AppendInfo, never> {
    this.mayFail()
    const firstOffset = this.logEndOffset
    this.push(records, () => leaderEpoch)
    return ok(this.infoFrom(firstOffset))
  }

  appendAsFollower(records: Uint8Array): AppendInfo | null {
    this.mayFail()
    if (records.length === 0) return null
    const view = new DataView(records.buffer, records.byteOffset)
    const firstOffset = this.logEndOffset
    assert(view.getUint32(4) === firstOffset, 'a follower appends where its log ends')
    this.push(records, (position) => view.getInt32(position + EPOCH_AT))
    return this.infoFrom(firstOffset)
  }

  read(
    offset: number,
    options: { readonly maxBytes: number; readonly maxOffset: number; readonly minOneMessage: boolean },
  ): Result<LogSlice, 'OFFSET_OUT_OF_RANGE'> {
    if (offset < this.logStartOffset || offset > this.logEndOffset) return { ok: false, error: 'OFFSET_OUT_OF_RANGE' }
    const fitting = Math.max(options.minOneMessage ? 1 : 0, Math.floor(options.maxBytes / RECORD_BYTES))
    const end = Math.max(offset, Math.min(options.maxOffset, offset + fitting, this.logEndOffset))
    const readInto = (target: Uint8Array) => {
      const view = new DataView(target.buffer, target.byteOffset)
      for (let at = offset; at < end; at++) {
        const record = this.recordAt(at)
        assert(record, 'a slice is read before its log is truncated')
        const position = (at - offset) * RECORD_BYTES
        view.setUint32(position + 4, at)
        view.setInt32(position + EPOCH_AT, record.epoch)
        view.setUint32(position + VALUE_AT, record.value)
      }
    }
    return ok({ sizeInBytes: (end - offset) * RECORD_BYTES, nextOffset: end, readInto })
  }

  endOffsetForEpoch(epoch: number): EpochEndOffset {
    if (epoch < 0 || epoch > this.latestEpoch) return { leaderEpoch: -1, endOffset: -1 }
    if (epoch === this.latestEpoch) return { leaderEpoch: epoch, endOffset: this.logEndOffset }
    const higher = this.epochs.findIndex((entry) => entry.epoch > epoch)
    return { leaderEpoch: this.epochs[higher - 1]?.epoch ?? epoch, endOffset: this.epochs[higher]?.startOffset ?? -1 }
  }

  assignEpochStart(epoch: number, startOffset: number): void {
    if (epoch <= this.latestEpoch) return
    this.epochs = this.epochs.filter((entry) => entry.startOffset < startOffset)
    this.epochs.push({ epoch, startOffset })
  }

  truncateTo(offset: number): void {
    this.mayFail()
    this.records.length = Math.min(this.records.length, Math.max(0, offset - this.baseOffset))
    this.epochs = this.epochs.filter((entry) => entry.startOffset < offset)
  }

  truncateFullyAndStartAt(offset: number): void {
    this.records = []
    this.epochs = []
    this.baseOffset = offset
    this.logStartOffset = offset
  }

  setLogStartOffset(offset: number): void {
    this.logStartOffset = Math.max(this.logStartOffset, offset)
  }

  offsetForTimestamp(): null {
    return null
  }

  maxTimestamp(): null {
    return null
  }

  private push(records: Uint8Array, epochOf: (position: number) => number): void {
    const view = new DataView(records.buffer, records.byteOffset)
    for (let position = 0; position < records.length; position += RECORD_BYTES) {
      const epoch = epochOf(position)
      this.assignEpochStart(epoch, this.logEndOffset)
      this.records.push({ epoch, value: view.getUint32(position + VALUE_AT) })
    }
  }

  private infoFrom(firstOffset: number): AppendInfo {
    const recordCount = this.logEndOffset - firstOffset
    return {
      firstOffset,
      lastOffset: this.logEndOffset - 1,
      logAppendTimeMs: -1,
      recordCount,
      sizeInBytes: recordCount * RECORD_BYTES,
    }
  }

  private mayFail(): void {
    if (this.failure) throw this.failure
  }
}
