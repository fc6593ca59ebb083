/**
 * The broker's own configs under Kafka's names: those that this broker acts on, and those that clients expect to read. The topic defaults
 * among them can be changed while it runs (they count for topics that do not set their own), the rest when it starts.
 */
import { migrationPolicies } from '../coordinator/group/group-config'
import { type ConfigDefinition, type ConfigTable, define, tableOf } from './config-definition'
import { securityConfigDefinitions } from './security-configs'
import { topicConfigDefinitions } from './topic-configs'
import { unheededConfigDefinitions } from './unheeded-configs'

const FIXED = { isReadOnly: true } as const

const ownDefinitions: readonly ConfigDefinition[] = [
  define('advertised.listeners', 'list', '', 'The address that clients are told to connect to.', FIXED),
  define('auto.create.topics.enable', 'boolean', 'false', 'Whether asking for a topic that does not exist creates it.'),
  define(
    'auto.leader.rebalance.enable',
    'boolean',
    'true',
    'Whether the controller gives leadership back to preferred leaders by itself.',
    FIXED,
  ),
  define('broker.id', 'int', '-1', 'The number of this broker in its cluster.', { min: '-1', isReadOnly: true }),
  define('broker.rack', 'string', '', 'The rack that this broker says to stand in.', FIXED),
  define('connections.max.idle.ms', 'long', '600000', 'A connection that is silent for longer is closed.', FIXED),
  define('controlled.shutdown.enable', 'boolean', 'true', 'Whether a broker hands its leaderships over before it stops.', FIXED),
  define(
    'controlled.shutdown.max.retries',
    'int',
    '3',
    'How often handing over is tried before the broker stops all the same.',
    FIXED,
  ),
  define('controlled.shutdown.retry.backoff.ms', 'long', '500', 'The pause between two attempts to hand over.', FIXED),
  define(
    'controller.socket.timeout.ms',
    'int',
    '30000',
    'How long a request between a broker and the controller may take.',
    FIXED,
  ),
  define('default.replication.factor', 'int', '1', 'The replication factor of topics that are created without one.', {
    min: '1',
  }),
  define('delete.topic.enable', 'boolean', 'true', 'Whether topics can be deleted.', FIXED),
  define('fetch.max.bytes', 'int', '57671680', 'The most that one fetch is answered with, beyond a first batch that is larger.', {
    min: '1024',
    isReadOnly: true,
  }),
  define(
    'group.consumer.heartbeat.interval.ms',
    'int',
    '1000',
    'How often members of the new consumer protocol are to be heard from (5 s in Kafka).',
    {
      min: '1',
      isReadOnly: true,
    },
  ),
  define(
    'group.consumer.migration.policy',
    'string',
    'bidirectional',
    'Which way a group with members may go from one protocol to the other, one member after the other: to the new consumer protocol (upgrade), to the classic one (downgrade), either way or neither.',
    { validValues: migrationPolicies, isReadOnly: true },
  ),
  define(
    'group.consumer.session.timeout.ms',
    'int',
    '45000',
    'A member of the new consumer protocol that is silent for longer is taken for dead.',
    {
      min: '1',
      isReadOnly: true,
    },
  ),
  define('group.initial.rebalance.delay.ms', 'int', '0', 'How long a group that was empty waits for more members.', {
    min: '0',
    isReadOnly: true,
  }),
  define('group.max.session.timeout.ms', 'int', '1800000', 'The longest session that a member of a group may ask for.', FIXED),
  define('group.max.size', 'int', '2147483647', 'How many members a group may have.', { min: '1', isReadOnly: true }),
  define('group.min.session.timeout.ms', 'int', '6000', 'The shortest session that a member of a group may ask for.', FIXED),
  define('inter.broker.protocol.version', 'string', '3.9-IV0', 'The protocol that brokers speak with each other.', FIXED),
  define(
    'leader.imbalance.check.interval.seconds',
    'long',
    '5',
    'How often the controller looks for leaders that are not the preferred ones.',
    FIXED,
  ),
  define('listeners', 'list', '', 'The address that this broker listens on.', FIXED),
  define('log.dir', 'string', '', 'Where this broker keeps its data.', FIXED),
  define('log.dirs', 'string', '', 'Where this broker keeps its data.', FIXED),
  define('log.retention.check.interval.ms', 'long', '30000', 'How often logs are looked over for segments to drop.', FIXED),
  define(
    'max.connections.per.ip',
    'int',
    '2147483647',
    'How many connections one address may have. Other brokers come from the same one, where they come in by the same port.',
    { min: '0' },
  ),
  define(
    'max.connections.per.ip.overrides',
    'string',
    '',
    'How many connections single addresses may have instead, as in 127.0.0.1:100,10.0.0.2:5.',
  ),
  define(
    'max.incremental.fetch.session.cache.slots',
    'int',
    '1000',
    'How many readers this broker remembers between their fetches; the others name all their partitions each time.',
    { min: '0', isReadOnly: true },
  ),
  define('num.partitions', 'int', '1', 'How many partitions a topic gets that is created without a number.', { min: '1' }),
  define('offset.metadata.max.bytes', 'int', '4096', 'How long the text may be that a client commits with an offset.', FIXED),
  define(
    'offsets.commit.timeout.ms',
    'int',
    '5000',
    'How long a coordinator waits until what it has written is on all in-sync replicas.',
    {
      min: '1',
      isReadOnly: true,
    },
  ),
  define(
    'offsets.retention.check.interval.ms',
    'long',
    '600000',
    'How often committed offsets are looked over for expired ones.',
    {
      min: '1',
      isReadOnly: true,
    },
  ),
  define('offsets.retention.minutes', 'int', '10080', 'How long the offsets of a group are kept that nobody reads with.', {
    min: '1',
    isReadOnly: true,
  }),
  define('offsets.topic.num.partitions', 'int', '50', 'How many partitions the topic of committed offsets is made with.', {
    min: '1',
    isReadOnly: true,
  }),
  define(
    'offsets.topic.replication.factor',
    'int',
    '3',
    'The replicas of the topic of committed offsets, which is not made before so many brokers live; by default no more than live then.',
    {
      min: '1',
      isReadOnly: true,
    },
  ),
  define('offsets.topic.segment.bytes', 'int', '104857600', 'The segment size of the topic of committed offsets.', FIXED),
  define(
    'producer.id.expiration.ms',
    'int',
    '86400000',
    'How long a producer that numbers its batches may be idle before a partition forgets it and no longer knows its duplicates.',
    { min: '1' },
  ),
  define('quota.window.num', 'int', '11', 'Over how many samples the rates of client quotas are taken.', {
    min: '1',
    isReadOnly: true,
  }),
  define('quota.window.size.seconds', 'int', '1', 'How long each of these samples is.', { min: '1', isReadOnly: true }),
  define('replica.fetch.max.bytes', 'int', '1048576', 'The most that a follower asks for, a partition.', FIXED),
  define('replica.fetch.wait.max.ms', 'int', '500', 'How long a leader may keep a follower waiting for new records.', FIXED),
  define(
    'replica.lag.time.max.ms',
    'long',
    '10000',
    'A follower that has not caught up for this long leaves the in-sync replicas.',
    FIXED,
  ),
  define(
    'replica.selector.class',
    'string',
    'org.apache.kafka.common.replica.RackAwareReplicaSelector',
    'Whether a consumer that says in which rack it stands is sent to a follower there, where brokers have racks. Kafka sends everybody to the leader unless this is set.',
    {
      validValues: ['org.apache.kafka.common.replica.RackAwareReplicaSelector', 'org.apache.kafka.common.replica.LeaderSelector'],
      isReadOnly: true,
    },
  ),
  define('socket.request.max.bytes', 'int', '104857600', 'The largest request taken; a larger one closes its connection.', {
    min: '1',
    isReadOnly: true,
  }),
  define(
    'transaction.abort.timed.out.transaction.cleanup.interval.ms',
    'int',
    '1000',
    'How often a coordinator looks for transactions that have been open for too long.',
    { min: '1', isReadOnly: true },
  ),
  define('transaction.max.timeout.ms', 'int', '900000', 'The longest that a producer may let its transactions be open.', {
    min: '1',
    isReadOnly: true,
  }),
  define(
    'transaction.partition.verification.enable',
    'boolean',
    'true',
    'Whether a producer’s first write to a partition in a transaction is verified with the coordinator.',
  ),
  define(
    'transaction.remove.expired.transaction.cleanup.interval.ms',
    'int',
    '3600000',
    'How often a coordinator looks for transactional ids that nobody uses.',
    { min: '1', isReadOnly: true },
  ),
  define(
    'transaction.state.log.min.isr',
    'int',
    '2',
    'The in-sync replicas that the topic of transactions needs; no more than it has.',
    {
      min: '1',
      isReadOnly: true,
    },
  ),
  define('transaction.state.log.num.partitions', 'int', '50', 'How many partitions the topic of transactions is made with.', {
    min: '1',
    isReadOnly: true,
  }),
  define(
    'transaction.state.log.replication.factor',
    'int',
    '3',
    'The replicas of the topic of transactions, which is not made before so many brokers live; by default no more than live then.',
    {
      min: '1',
      isReadOnly: true,
    },
  ),
  define('transaction.state.log.segment.bytes', 'int', '104857600', 'The segment size of the topic of transactions.', FIXED),
  define(
    'transaction.version',
    'int',
    '0',
    'The finalized feature of that name: 2 lets clients use the transactions of KIP-890, whose producers have a new epoch after each.',
    { min: '0', max: '2', isReadOnly: true },
  ),
  define('transactional.id.expiration.ms', 'int', '604800000', 'How long a transactional id is kept that nobody uses.', {
    min: '1',
    isReadOnly: true,
  }),
  define('zookeeper.connect', 'string', '', 'Where the coordination service is.', FIXED),
  define('zookeeper.session.timeout.ms', 'int', '1500', 'A broker that is silent for this long is taken for dead.', FIXED),
]

/** The broker's side of each topic config that has one: the same type, range and meaning. */
const topicDefaults: readonly ConfigDefinition[] = topicConfigDefinitions.flatMap((definition) =>
  definition.brokerSynonym === null
    ? []
    : [
        {
          ...definition,
          name: definition.brokerSynonym,
          brokerSynonym: null,
          documentation: `For topics that do not set ${definition.name}: ${definition.documentation}`,
        },
      ],
)

export const brokerConfigDefinitions: readonly ConfigDefinition[] = [
  ...ownDefinitions,
  ...securityConfigDefinitions,
  ...unheededConfigDefinitions,
  ...topicDefaults,
].sort((a, b) => (a.name < b.name ? -1 : 1))

export const brokerConfigTable: ConfigTable = tableOf(brokerConfigDefinitions)
