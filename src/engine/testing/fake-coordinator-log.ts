/** The partitions of an internal topic in memory, for tests of coordinators: a test says who leads, what fails, and how far it is committed. Imported by tests only. */
import type { AppendAnswer, CoordinatorLog, LedPartition } from '../coordinator/coordinator-log'
import { forEachBatch, readBatchHeader, setBaseOffset } from '../wire/records'

interface FakePartition {
  leaderEpoch: number | null
  batches: Buffer[]
  logEndOffset: number
  highWatermark: number
}

export class FakeCoordinatorLog implements CoordinatorLog {
  /** What is appended is committed at once, as with one replica. */
  isCommitting = true
  /** What the next appends are refused with; 0: nothing. */
  appendErrorCode = 0
  readonly partitions = new Map<number, FakePartition>()

  lead(partition: number, leaderEpoch: number): void {
    this.partition(partition).leaderEpoch = leaderEpoch
  }

  unlead(partition: number): void {
    this.partition(partition).leaderEpoch = null
  }

  commit(partition: number, offset = this.partition(partition).logEndOffset): void {
    this.partition(partition).highWatermark = offset
  }

  partition(number: number): FakePartition {
    let partition = this.partitions.get(number)
    if (partition === undefined) {
      partition = { leaderEpoch: null, batches: [], logEndOffset: 0, highWatermark: 0 }
      this.partitions.set(number, partition)
    }
    return partition
  }

  led(number: number): LedPartition | null {
    const { leaderEpoch, logEndOffset, highWatermark } = this.partition(number)
    return leaderEpoch === null ? null : { leaderEpoch, logStartOffset: 0, logEndOffset, highWatermark }
  }

  append(number: number, batch: Uint8Array): AppendAnswer {
    if (this.appendErrorCode !== 0) return { errorCode: this.appendErrorCode, requiredOffset: -1 }
    const partition = this.partition(number)
    forEachBatch(batch, (header, position) => {
      const copy = Buffer.from(batch.subarray(position, position + header.sizeInBytes))
      setBaseOffset(copy, 0, partition.logEndOffset)
      partition.batches.push(copy)
      partition.logEndOffset += header.lastOffsetDelta + 1
      return true
    })
    if (this.isCommitting) partition.highWatermark = partition.logEndOffset
    return { errorCode: 0, requiredOffset: partition.logEndOffset }
  }

  read(number: number, offset: number, maxBytes: number): Uint8Array | null {
    const found = this.partition(number).batches.filter((batch) => readBatchHeader(batch).lastOffset >= offset)
    const read: Buffer[] = []
    let size = 0
    for (const batch of found) {
      size += batch.length
      if (size > maxBytes && read.length > 0) break
      read.push(batch)
    }
    return Buffer.concat(read)
  }
}
