/**
 * Every config of a topic that Kafka 3.9 and 4.0 have: what it means, what may be written, and which broker config gives its default. Those that
 * this engine does not act on are read-only and say so, rather than being stored and ignored. Used by CreateTopics, DescribeConfigs and the
 * altering APIs; exported for the window's create form.
 */
import { type ConfigDefinition, type ConfigTable, define, tableOf, whyInvalid } from './config-definition'

const INT64_MAX = '9223372036854775807'
const NOT_HERE = 'Not acted on by this broker, so it cannot be changed.'

export const topicConfigDefinitions: readonly ConfigDefinition[] = [
  define(
    'cleanup.policy',
    'list',
    'delete',
    'What happens to old records: delete drops whole segments, compact is to keep the newest record of each key, but this version has no cleaner yet and keeps all.',
    {
      validValues: ['compact', 'delete'],
      brokerSynonym: 'log.cleanup.policy',
    },
  ),
  define('compression.gzip.level', 'int', '-1', `The level for gzip where the broker compresses. ${NOT_HERE}`, {
    brokerSynonym: 'compression.gzip.level',
    isReadOnly: true,
  }),
  define('compression.lz4.level', 'int', '9', `The level for lz4 where the broker compresses. ${NOT_HERE}`, {
    brokerSynonym: 'compression.lz4.level',
    isReadOnly: true,
  }),
  define(
    'compression.type',
    'string',
    'producer',
    'How batches are stored: as the producer compressed them, or in this one compression, whatever they came in.',
    {
      validValues: ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'],
      brokerSynonym: 'compression.type',
    },
  ),
  define('compression.zstd.level', 'int', '3', `The level for zstd where the broker compresses. ${NOT_HERE}`, {
    brokerSynonym: 'compression.zstd.level',
    isReadOnly: true,
  }),
  define('delete.retention.ms', 'long', '86400000', 'How long a compacted topic keeps the marker that a key was deleted.', {
    min: '0',
    brokerSynonym: 'log.cleaner.delete.retention.ms',
  }),
  define(
    'file.delete.delay.ms',
    'long',
    '60000',
    `How long the file of a dropped segment is kept. Here it goes at once. ${NOT_HERE}`,
    {
      min: '0',
      brokerSynonym: 'log.segment.delete.delay.ms',
      isReadOnly: true,
    },
  ),
  define(
    'flush.messages',
    'long',
    INT64_MAX,
    'After this many records the log is forced to disk; by default that is left to the system.',
    {
      min: '1',
      brokerSynonym: 'log.flush.interval.messages',
    },
  ),
  define(
    'flush.ms',
    'long',
    INT64_MAX,
    'No record waits longer than this before the log is forced to disk; by default that is left to the system.',
    {
      min: '0',
      brokerSynonym: 'log.flush.interval.ms',
    },
  ),
  define('follower.replication.throttled.replicas', 'list', '', `Replicas whose fetching is slowed down. ${NOT_HERE}`, {
    isReadOnly: true,
  }),
  define(
    'index.interval.bytes',
    'int',
    '4096',
    'How many bytes of log lie between two entries of its index: fewer make look-ups quicker and the index larger.',
    {
      min: '0',
      brokerSynonym: 'log.index.interval.bytes',
    },
  ),
  define('leader.replication.throttled.replicas', 'list', '', `Replicas whose sending is slowed down. ${NOT_HERE}`, {
    isReadOnly: true,
  }),
  define('local.retention.bytes', 'long', '-2', `How much is kept locally with tiered storage. ${NOT_HERE}`, {
    min: '-2',
    isReadOnly: true,
  }),
  define('local.retention.ms', 'long', '-2', `How long records are kept locally with tiered storage. ${NOT_HERE}`, {
    min: '-2',
    isReadOnly: true,
  }),
  define(
    'max.compaction.lag.ms',
    'long',
    INT64_MAX,
    'The longest time for which a record of a compacted topic may stay uncompacted.',
    {
      min: '1',
      brokerSynonym: 'log.cleaner.max.compaction.lag.ms',
    },
  ),
  define(
    'message.downconversion.enable',
    'boolean',
    'true',
    'Whether old clients get the format of records that they know. Gone with Fetch 0 to 3, so it cannot be changed.',
    {
      brokerSynonym: 'log.message.downconversion.enable',
      isReadOnly: true,
    },
  ),
  define(
    'message.format.version',
    'string',
    '3.0-IV1',
    'The format in which records are stored. There is one since Kafka 3.0, so it cannot be changed.',
    {
      brokerSynonym: 'log.message.format.version',
      isReadOnly: true,
    },
  ),
  define(
    'message.timestamp.difference.max.ms',
    'long',
    INT64_MAX,
    'Replaced by message.timestamp.before.max.ms and message.timestamp.after.max.ms, which do the same for past and future; so it cannot be changed.',
    {
      min: '0',
      brokerSynonym: 'log.message.timestamp.difference.max.ms',
      isReadOnly: true,
    },
  ),
  define('max.message.bytes', 'int', '1048588', 'The largest batch that a producer may send, after compression, in bytes.', {
    min: '0',
    brokerSynonym: 'message.max.bytes',
  }),
  define(
    'message.timestamp.after.max.ms',
    'long',
    '3600000',
    'How far in the future a record may say that it was made; beyond it is refused.',
    {
      min: '0',
      brokerSynonym: 'log.message.timestamp.after.max.ms',
    },
  ),
  define(
    'message.timestamp.before.max.ms',
    'long',
    INT64_MAX,
    'How far in the past a record may say that it was made; beyond it is refused.',
    {
      min: '0',
      brokerSynonym: 'log.message.timestamp.before.max.ms',
    },
  ),
  define(
    'message.timestamp.type',
    'string',
    'CreateTime',
    'Whether a record carries the time at which its producer made it, or at which the broker stored it.',
    {
      validValues: ['CreateTime', 'LogAppendTime'],
      brokerSynonym: 'log.message.timestamp.type',
    },
  ),
  define(
    'min.cleanable.dirty.ratio',
    'double',
    '0.5',
    'How much of a compacted log must be uncompacted before it is compacted again.',
    {
      min: '0',
      max: '1',
      brokerSynonym: 'log.cleaner.min.cleanable.ratio',
    },
  ),
  define('min.compaction.lag.ms', 'long', '0', 'The shortest time for which a record of a compacted topic stays uncompacted.', {
    min: '0',
    brokerSynonym: 'log.cleaner.min.compaction.lag.ms',
  }),
  define(
    'min.insync.replicas',
    'int',
    '1',
    'With acks=all, how many replicas must be in sync for a write to be taken; with fewer the producer gets an error.',
    {
      min: '1',
      brokerSynonym: 'min.insync.replicas',
    },
  ),
  define('preallocate', 'boolean', 'false', `Whether segment files are made at full size. ${NOT_HERE}`, {
    brokerSynonym: 'log.preallocate',
    isReadOnly: true,
  }),
  define('remote.log.copy.disable', 'boolean', 'false', `Whether tiered storage takes no more segments. ${NOT_HERE}`, {
    isReadOnly: true,
  }),
  define(
    'remote.log.delete.on.disable',
    'boolean',
    'false',
    `Whether disabling tiered storage deletes what it holds. ${NOT_HERE}`,
    { isReadOnly: true },
  ),
  define('remote.storage.enable', 'boolean', 'false', `Whether old segments move to tiered storage. ${NOT_HERE}`, {
    isReadOnly: true,
  }),
  define(
    'retention.bytes',
    'long',
    '-1',
    'How large a partition may grow before its oldest segments are dropped; -1 sets no limit.',
    {
      min: '-1',
      brokerSynonym: 'log.retention.bytes',
    },
  ),
  define(
    'retention.ms',
    'long',
    '604800000',
    'How long records are kept before their segment is dropped; -1 keeps them for ever.',
    {
      min: '-1',
      brokerSynonym: 'log.retention.ms',
    },
  ),
  define(
    'segment.bytes',
    'int',
    '1073741824',
    'The size at which a new segment file is begun. Records are dropped a whole segment at a time.',
    {
      min: '14',
      brokerSynonym: 'log.segment.bytes',
    },
  ),
  define('segment.index.bytes', 'int', '10485760', 'The largest size of a segment index; a full one begins a new segment.', {
    min: '4',
    brokerSynonym: 'log.index.size.max.bytes',
  }),
  define('segment.jitter.ms', 'long', '0', `A random part taken off segment.ms. ${NOT_HERE}`, {
    min: '0',
    brokerSynonym: 'log.roll.jitter.ms',
    isReadOnly: true,
  }),
  define('segment.ms', 'long', '604800000', 'The age at which a new segment file is begun even if the old one is not full.', {
    min: '1',
    brokerSynonym: 'log.roll.ms',
  }),
  define(
    'unclean.leader.election.enable',
    'boolean',
    'false',
    'Whether a replica that is not in sync may lead when no other is left: the partition is available again, records that only the others had are lost.',
    { brokerSynonym: 'unclean.leader.election.enable' },
  ),
]

export const topicConfigTable: ConfigTable = tableOf(topicConfigDefinitions)

/** What is wrong with a topic's own configs taken together; null: nothing. */
export function whyTopicConfigsInvalid(configs: ReadonlyMap<string, string>): string | null {
  for (const [name, value] of configs) {
    const definition = topicConfigTable.get(name)
    if (definition === undefined) return `Unknown topic config name: ${name}`
    const reason = whyInvalid(definition, value)
    if (reason !== null) return reason
    if (definition.isReadOnly && value.trim() !== definition.default) {
      return `Invalid value ${value} for configuration ${name}: ${definition.documentation}`
    }
  }
  const minLag = BigInt(configs.get('min.compaction.lag.ms')?.trim() ?? '0')
  const maxLag = BigInt(configs.get('max.compaction.lag.ms')?.trim() ?? INT64_MAX)
  if (minLag > maxLag)
    return `conflict topic config setting min.compaction.lag.ms (${minLag}) > max.compaction.lag.ms (${maxLag})`
  return null
}
