/** What the fake cluster starts with: topics of an imagined shop, and config definitions as Kafka words them. */
import type { ConfigDefinitionView } from '../../../shared/model/topics'

export interface FakeTopicSeed {
  readonly name: string
  readonly partitionCount: number
  readonly replicationFactor: number
  readonly logEndOffset: number
  readonly messagesPerSecond: number
  readonly recordBytes: number
  readonly configs: Readonly<Record<string, string>>
  readonly isInternal?: boolean
}

export const fakeTopics: readonly FakeTopicSeed[] = [
  {
    name: 'orders',
    partitionCount: 6,
    replicationFactor: 3,
    logEndOffset: 884_660,
    messagesPerSecond: 388,
    recordBytes: 371,
    configs: {},
  },
  {
    name: 'payments',
    partitionCount: 6,
    replicationFactor: 3,
    logEndOffset: 1_421_117,
    messagesPerSecond: 402,
    recordBytes: 290,
    configs: { 'retention.ms': '1209600000', 'min.insync.replicas': '2' },
  },
  {
    name: 'customers',
    partitionCount: 3,
    replicationFactor: 3,
    logEndOffset: 20_647,
    messagesPerSecond: 2,
    recordBytes: 512,
    configs: { 'cleanup.policy': 'compact' },
  },
  {
    name: 'inventory.movements',
    partitionCount: 3,
    replicationFactor: 3,
    logEndOffset: 3_310_487,
    messagesPerSecond: 410,
    recordBytes: 140,
    configs: {},
  },
  {
    name: 'shipments',
    partitionCount: 3,
    replicationFactor: 2,
    logEndOffset: 118_684,
    messagesPerSecond: 14,
    recordBytes: 163,
    configs: {},
  },
  {
    name: 'audit.events.v2',
    partitionCount: 2,
    replicationFactor: 1,
    logEndOffset: 77_246,
    messagesPerSecond: 12,
    recordBytes: 820,
    configs: { 'retention.ms': '2592000000' },
  },
  {
    name: 'carts.abandoned',
    partitionCount: 2,
    replicationFactor: 3,
    logEndOffset: 0,
    messagesPerSecond: 0,
    recordBytes: 200,
    configs: { 'retention.ms': '-1' },
  },
]

const days = (count: number): string => String(count * 86_400_000)

export const fakeConfigDefinitions: readonly ConfigDefinitionView[] = [
  {
    name: 'cleanup.policy',
    type: 'list',
    default: 'delete',
    documentation: 'What happens to old segments: delete drops them by age or size, compact keeps the newest record of each key.',
    validValues: ['delete', 'compact', 'compact,delete'],
    min: null,
    max: null,
  },
  {
    name: 'retention.ms',
    type: 'long',
    default: days(7),
    documentation: 'How long a record is kept before its segment may be deleted, in ms. -1 keeps it for ever.',
    validValues: null,
    min: '-1',
    max: null,
  },
  {
    name: 'retention.bytes',
    type: 'long',
    default: '-1',
    documentation: 'How large a partition may grow before old segments are deleted. -1 sets no limit.',
    validValues: null,
    min: null,
    max: null,
  },
  {
    name: 'min.insync.replicas',
    type: 'int',
    default: '1',
    documentation: 'With acks=all: how many replicas must have a record, or the write is refused with NOT_ENOUGH_REPLICAS.',
    validValues: null,
    min: '1',
    max: null,
  },
  {
    name: 'max.message.bytes',
    type: 'int',
    default: '1048588',
    documentation: 'The largest batch of records that is accepted, after compression.',
    validValues: null,
    min: '0',
    max: null,
  },
  {
    name: 'segment.bytes',
    type: 'int',
    default: '1073741824',
    documentation: 'How large a segment file grows before the next one is begun.',
    validValues: null,
    min: '14',
    max: null,
  },
  {
    name: 'segment.ms',
    type: 'long',
    default: days(7),
    documentation: 'After how long the next segment is begun even if this one is not full.',
    validValues: null,
    min: '1',
    max: null,
  },
  {
    name: 'message.timestamp.type',
    type: 'string',
    default: 'CreateTime',
    documentation: "Whether a record carries its producer's time or the broker's at the append.",
    validValues: ['CreateTime', 'LogAppendTime'],
    min: null,
    max: null,
  },
  {
    name: 'unclean.leader.election.enable',
    type: 'boolean',
    default: 'false',
    documentation: 'Whether a replica outside the ISR may lead when no other is left, at the price of lost records.',
    validValues: null,
    min: null,
    max: null,
  },
  {
    name: 'compression.type',
    type: 'string',
    default: 'producer',
    documentation: 'How batches are stored: as the producer sent them, or recompressed.',
    validValues: ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'],
    min: null,
    max: null,
  },
]
