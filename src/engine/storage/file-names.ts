/**
 * How Kafka names a broker's partition folders and the files in them (LogFileUtils.java, UnifiedLog.parseTopicPartitionName).
 * Pure functions; LogManager and the opening of a log go by them.
 */
export const deletedDirectorySuffix = '-delete'

export type SegmentSuffix = '.log' | '.index' | '.timeindex' | '.txnindex' | '.snapshot'

/** All files that belong to one base offset; the log comes last, so that a half-done deletion leaves a log and never an orphaned index. */
export const segmentSuffixes: readonly SegmentSuffix[] = ['.index', '.timeindex', '.txnindex', '.snapshot', '.log']

export function segmentFileName(baseOffset: number, suffix: SegmentSuffix): string {
  return `${String(baseOffset).padStart(20, '0')}${suffix}`
}

export interface SegmentFileName {
  readonly baseOffset: number
  /** With its dots, `.log` or `.log.deleted` */
  readonly suffix: string
}

/** Null for files that belong to no segment. */
export function parseSegmentFileName(name: string): SegmentFileName | null {
  const match = /^(\d{20})(\.[a-z.]+)$/.exec(name)
  if (!match) return null
  const baseOffset = Number(match[1])
  return Number.isSafeInteger(baseOffset) ? { baseOffset, suffix: match[2]! } : null
}

export function partitionDirectoryName(topic: string, partition: number): string {
  return `${topic}-${partition}`
}

/** Null for folders that are no partition's: those being deleted, other programs'. */
export function parsePartitionDirectoryName(name: string): { topic: string; partition: number } | null {
  const match = /^([a-zA-Z0-9._-]{1,249})-(\d{1,10})$/.exec(name)
  if (!match || match[1] === '.' || match[1] === '..') return null
  const partition = Number(match[2])
  return partition <= 0x7fffffff && String(partition) === match[2] ? { topic: match[1]!, partition } : null
}

/** What a folder is renamed to when its partition is deleted: `topic-0.<32 hex digits>-delete`, kept within a file name's 255 bytes. */
export function deletedDirectoryName(topic: string, partition: number, uniqueHex: string): string {
  const tail = `-${partition}.${uniqueHex}${deletedDirectorySuffix}`
  return topic.slice(0, 255 - tail.length) + tail
}
