/**
 * The part of a topic's configuration that its logs go by, under Kafka's names, with Kafka's defaults (TopicConfig, LogConfig.java of 4.0).
 * Whoever reads topic configuration makes one of these from it; PartitionLog takes it and never looks configuration up by itself.
 */
export interface LogConfig {
  /** segment.bytes: a segment is rolled before it would grow beyond this. */
  readonly segmentBytes: number
  /** segment.ms: and once its first batch is this much older than the one to append. */
  readonly segmentMs: number
  /** segment.index.bytes: and once an index would grow beyond this. */
  readonly segmentIndexBytes: number
  /** index.interval.bytes: an index entry for every this many bytes. */
  readonly indexIntervalBytes: number
  /** max.message.bytes: the largest batch taken from a producer. */
  readonly maxMessageBytes: number
  /** flush.messages and flush.ms: an fsync after this many messages, or once they have waited this long. Infinity: left to the system. */
  readonly flushMessages: number
  readonly flushMs: number
  readonly messageTimestampType: 'CreateTime' | 'LogAppendTime'
  /** message.timestamp.before.max.ms and after.max.ms: how far a producer's timestamps may lie in the past and in the future. */
  readonly messageTimestampBeforeMaxMs: number
  readonly messageTimestampAfterMaxMs: number
  readonly cleanupPolicy: 'delete' | 'compact' | 'compact,delete'
  /** compression.type: how batches are stored; 'producer': as they come. */
  readonly compressionType: CompressionType
}

const compressionTypes = ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type CompressionType = (typeof compressionTypes)[number]

export const defaultLogConfig: LogConfig = {
  segmentBytes: 1_073_741_824,
  segmentMs: 604_800_000,
  segmentIndexBytes: 10_485_760,
  indexIntervalBytes: 4096,
  maxMessageBytes: 1_048_588,
  flushMessages: Number.POSITIVE_INFINITY,
  flushMs: Number.POSITIVE_INFINITY,
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: Number.POSITIVE_INFINITY,
  messageTimestampAfterMaxMs: 3_600_000,
  cleanupPolicy: 'delete',
  compressionType: 'producer',
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

type NumberField = { [K in keyof LogConfig]: LogConfig[K] extends number ? K : never }[keyof LogConfig]

const numberConfigs: Readonly<Record<string, NumberField>> = {
  'segment.bytes': 'segmentBytes',
  'segment.ms': 'segmentMs',
  'segment.index.bytes': 'segmentIndexBytes',
  'index.interval.bytes': 'indexIntervalBytes',
  'max.message.bytes': 'maxMessageBytes',
  'flush.messages': 'flushMessages',
  'flush.ms': 'flushMs',
  'message.timestamp.before.max.ms': 'messageTimestampBeforeMaxMs',
  'message.timestamp.after.max.ms': 'messageTimestampAfterMaxMs',
}

/** What of a topic's own configuration bears on its logs. Values have been validated where they were set; one that is not understood is left out. */
export function logConfigOverrides(entries: Iterable<readonly [name: string, value: string]>): Partial<LogConfig> {
  const overrides: Partial<Writable<LogConfig>> = {}
  for (const [name, value] of entries) {
    const field = numberConfigs[name]
    if (field !== undefined) {
      const number = Number(value)
      // Int64's maximum is how Kafka writes "never".
      if (value.trim() !== '' && number >= 0) overrides[field] = number >= 2 ** 62 ? Number.POSITIVE_INFINITY : number
    } else if (name === 'message.timestamp.type') {
      if (value === 'CreateTime' || value === 'LogAppendTime') overrides.messageTimestampType = value
    } else if (name === 'compression.type') {
      const type = compressionTypes.find((known) => known === value)
      if (type !== undefined) overrides.compressionType = type
    } else if (name === 'cleanup.policy') {
      const policies = new Set(value.split(',').map((policy) => policy.trim()))
      const isCompacted = policies.has('compact')
      if (isCompacted) overrides.cleanupPolicy = policies.has('delete') ? 'compact,delete' : 'compact'
      else if (policies.has('delete')) overrides.cleanupPolicy = 'delete'
    }
  }
  return overrides
}
