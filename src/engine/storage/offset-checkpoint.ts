/**
 * The checkpoints of one offset a partition, beside the partition folders in a broker's data folder:
 * `replication-offset-checkpoint` (high watermarks), `recovery-point-offset-checkpoint` (flushed up to here) and
 * `log-start-offset-checkpoint`. Entries are `topic partition offset` (OffsetCheckpointFile.java). Only LogManager uses it.
 */
import type { Disk } from '../platform/disk'
import type { Logger } from '../platform/logger'
import { parseWhole, readCheckpoint, writeCheckpoint } from './checkpoint-file'

export interface PartitionOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export class OffsetCheckpoint {
  constructor(
    private readonly disk: Disk,
    private readonly logger: Logger,
    private readonly path: string,
  ) {}

  /**
   * All entries. A missing file and a broken one are both empty: each of these offsets is safe at "unknown" (recover everything,
   * high watermark 0, start where the first segment starts), and a broker that would not start for it serves nobody.
   */
  read(): PartitionOffset[] {
    const fields = readCheckpoint(this.disk, this.path, 3)
    if (fields === null) return []
    const entries = fields === 'corrupt' ? null : parseEntries(fields)
    if (entries === null) {
      this.logger.warn('An offset checkpoint is damaged and is taken for empty', { path: this.path })
      return []
    }
    return entries
  }

  write(entries: Iterable<PartitionOffset>): void {
    const lines: string[] = []
    for (const { topic, partition, offset } of entries) lines.push(`${topic} ${partition} ${offset}`)
    writeCheckpoint(this.disk, this.path, lines)
  }
}

function parseEntries(fields: readonly string[][]): PartitionOffset[] | null {
  const entries: PartitionOffset[] = []
  for (const [topic = '', partitionText = '', offsetText = ''] of fields) {
    const partition = parseWhole(partitionText)
    const offset = parseWhole(offsetText)
    if (partition === null || partition < 0 || offset === null || offset < 0) return null
    entries.push({ topic, partition, offset })
  }
  return entries
}
