/** What PartitionLog is opened with, and what an append answers. */
import type { Clock } from '../platform/clock'
import type { Disk } from '../platform/disk'
import type { Logger } from '../platform/logger'
import type { LogConfig } from './log-config'
import type { OpenSegments } from './open-segments'

export interface PartitionLogOptions {
  readonly disk: Disk
  readonly clock: Clock
  readonly logger: Logger
  /** The partition's folder, `…/topic-0`; made where it is not there. */
  readonly directory: string
  readonly topic: string
  readonly partition: number
  /** Null: whatever the folder says. */
  readonly topicId: string | null
  readonly config: LogConfig
  readonly recoveryPoint: number
  readonly wasCleanShutdown: boolean
  readonly logStartOffset: number
  /** Shared by all logs of a broker, to bound open files and indexes in memory. */
  readonly openSegments?: OpenSegments
  /** Told before a truncation below the recovery point: the recovery-point checkpoint must not stay ahead of the log. */
  readonly onDidLowerRecoveryPoint?: () => void
  /** A new segment takes the appends, from this offset on. */
  readonly onDidRoll?: (baseOffset: number) => void
}

export interface AppendInfo {
  readonly firstOffset: number
  readonly lastOffset: number
  /** -1 where the records keep their own timestamps. */
  readonly logAppendTimeMs: number
  readonly recordCount: number
  readonly sizeInBytes: number
  /** An idempotent producer sent it before: nothing was appended, and offsets and time are those of then. */
  readonly isDuplicate?: true
}
