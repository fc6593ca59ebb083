/**
 * The leader epochs of one log and the offset at which each began, mirrored in the partition's `leader-epoch-checkpoint`
 * (entries `epoch startOffset`, LeaderEpochCheckpointFile.java). Followers and leaders find by it where their histories part.
 *
 * Owned by PartitionLog. Epochs and start offsets both rise strictly; every change keeps that by dropping what contradicts the newer
 * entry (LeaderEpochFileCache.java). A change by an append only marks the file as behind: the epochs stand in the batches too, and
 * recovery reads them there from the recovery point on, so the file must be written only before the recovery point moves (`persist`).
 */
import { assert } from '../../shared/lang/assert'
import type { Disk } from '../platform/disk'
import { parseWhole, readCheckpoint, writeCheckpoint } from './checkpoint-file'

export interface EpochEntry {
  readonly epoch: number
  readonly startOffset: number
}

export interface EpochEndOffset {
  /** -1 with endOffset -1 where the epoch asked for is unknown. */
  readonly leaderEpoch: number
  readonly endOffset: number
}

const unknownEpoch: EpochEndOffset = { leaderEpoch: -1, endOffset: -1 }

export class LeaderEpochs {
  #entries: EpochEntry[] = []
  #isBehind = false

  private constructor(
    private readonly disk: Disk,
    private readonly path: string,
  ) {}

  /** `isUsable` is false where the file is missing or broken: whoever opens a log that has batches then derives the epochs from them. */
  static load(disk: Disk, directory: string): { epochs: LeaderEpochs; isUsable: boolean } {
    const epochs = new LeaderEpochs(disk, `${directory}/leader-epoch-checkpoint`)
    const fields = readCheckpoint(disk, epochs.path, 2)
    const entries = fields === null || fields === 'corrupt' ? null : parseEntries(fields)
    if (entries !== null) epochs.#entries = entries
    else epochs.#isBehind = fields === 'corrupt'
    return { epochs, isUsable: entries !== null }
  }

  get entries(): readonly EpochEntry[] {
    return this.#entries
  }

  /** -1: none. */
  get latestEpoch(): number {
    return this.#entries.at(-1)?.epoch ?? -1
  }

  /** The first batch of `epoch` is at `startOffset`. Known and contradicting entries give way to it. */
  assign(epoch: number, startOffset: number): void {
    assert(epoch >= 0 && startOffset >= 0, 'a leader epoch and its start offset are not negative')
    const last = this.#entries.at(-1)
    if (last && last.epoch === epoch && startOffset >= last.startOffset) return
    const kept = this.#entries.filter((entry) => entry.epoch < epoch && entry.startOffset < startOffset)
    kept.push({ epoch, startOffset })
    this.#entries = kept
    this.#isBehind = true
  }

  /** The end of `epoch`'s batches: where the next larger epoch starts, or the log's end for the latest one. */
  endOffsetFor(epoch: number, logEndOffset: number): EpochEndOffset {
    if (epoch < 0) return unknownEpoch
    if (epoch === this.latestEpoch) return { leaderEpoch: epoch, endOffset: logEndOffset }
    const higherIndex = this.#entries.findIndex((entry) => entry.epoch > epoch)
    const higher = this.#entries[higherIndex]
    if (!higher) return unknownEpoch
    // Below the first known epoch Kafka answers the epoch asked for, with the start of the first known one.
    return { leaderEpoch: this.#entries[higherIndex - 1]?.epoch ?? epoch, endOffset: higher.startOffset }
  }

  /** The epoch in which `offset` was written, -1 if not known. */
  epochAt(offset: number): number {
    for (let index = this.#entries.length - 1; index >= 0; index--) {
      const entry = this.#entries[index]!
      if (entry.startOffset <= offset) return entry.epoch
    }
    return -1
  }

  /** The log was cut: nothing at or above `endOffset` is left. */
  truncateFromEnd(endOffset: number): void {
    const kept = this.#entries.filter((entry) => entry.startOffset < endOffset)
    if (kept.length === this.#entries.length) return
    this.#entries = kept
    this.#isBehind = true
  }

  /** The log starts at `startOffset` now; the epoch that spans it begins there. */
  truncateFromStart(startOffset: number): void {
    let spanning = -1
    while (spanning + 1 < this.#entries.length && this.#entries[spanning + 1]!.startOffset <= startOffset) spanning++
    if (spanning < 0) return
    const { epoch, startOffset: before } = this.#entries[spanning]!
    if (spanning === 0 && before === startOffset) return
    this.#entries = [{ epoch, startOffset }, ...this.#entries.slice(spanning + 1)]
    this.#isBehind = true
  }

  clear(): void {
    if (this.#entries.length === 0) return
    this.#entries = []
    this.#isBehind = true
  }

  /** Brings the file up to date, durably, if it is behind. */
  persist(): void {
    if (!this.#isBehind) return
    writeCheckpoint(
      this.disk,
      this.path,
      this.#entries.map((entry) => `${entry.epoch} ${entry.startOffset}`),
    )
    this.#isBehind = false
  }
}

function parseEntries(fields: readonly string[][]): EpochEntry[] | null {
  const entries: EpochEntry[] = []
  for (const [epochText = '', offsetText = ''] of fields) {
    const epoch = parseWhole(epochText)
    const startOffset = parseWhole(offsetText)
    if (epoch === null || epoch < 0 || epoch > 0x7fffffff || startOffset === null || startOffset < 0) return null
    const last = entries.at(-1)
    if (last && (last.epoch >= epoch || last.startOffset >= startOffset)) return null
    entries.push({ epoch, startOffset })
  }
  return entries
}
