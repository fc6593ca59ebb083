/**
 * Broker configs that Kafka lets tools change while a broker runs, or that tools like to read, and on which this broker does not act: they have Kafka's
 * defaults, are read-only, and say why. So a tool that looks for them finds them, and nothing that somebody sets is kept and ignored.
 */
import { type ConfigDefinition, define } from './config-definition'

const fixed = (name: string, type: ConfigDefinition['type'], value: string, why: string) =>
  define(name, type, value, why, { isReadOnly: true })

const ONE_THREAD = 'A broker here has one thread for everything, so it cannot be changed.'
const NO_CLEANER = 'There is no cleaner yet, so it cannot be changed.'
const NO_THROTTLE = 'Replication is not slowed down here, so it cannot be changed.'
const NO_PLUGINS = 'Classes of Java cannot be loaded here, so it cannot be changed.'

export const unheededConfigDefinitions: readonly ConfigDefinition[] = [
  fixed('background.threads', 'int', '10', `Threads for what is done beside requests. ${ONE_THREAD}`),
  fixed(
    'follower.replication.throttled.rate',
    'long',
    '9223372036854775807',
    `Bytes a second that a follower may fetch. ${NO_THROTTLE}`,
  ),
  fixed(
    'leader.replication.throttled.rate',
    'long',
    '9223372036854775807',
    `Bytes a second that a leader may send to followers. ${NO_THROTTLE}`,
  ),
  fixed('log.cleaner.backoff.ms', 'long', '15000', `The pause of the cleaner with nothing to clean. ${NO_CLEANER}`),
  fixed('log.cleaner.dedupe.buffer.size', 'long', '134217728', `Memory in which the cleaner finds keys. ${NO_CLEANER}`),
  fixed('log.cleaner.enable', 'boolean', 'true', `Whether compacted topics are compacted. ${NO_CLEANER}`),
  fixed('log.cleaner.io.buffer.load.factor', 'double', '0.9', `How full the cleaner's memory may get. ${NO_CLEANER}`),
  fixed('log.cleaner.io.buffer.size', 'int', '524288', `Memory with which the cleaner reads and writes. ${NO_CLEANER}`),
  fixed('log.cleaner.io.max.bytes.per.second', 'double', '1.7976931348623157E308', `How fast the cleaner may be. ${NO_CLEANER}`),
  fixed('log.cleaner.threads', 'int', '1', `Threads of the cleaner. ${NO_CLEANER}`),
  fixed(
    'log.roll.hours',
    'int',
    '168',
    'Kafka uses it where log.roll.ms is not set; here log.roll.ms always is, so it cannot be changed.',
  ),
  fixed(
    'log.retention.hours',
    'int',
    '168',
    'Kafka uses it where log.retention.ms is not set; here log.retention.ms always is, so it cannot be changed.',
  ),
  fixed(
    'max.connection.creation.rate',
    'int',
    '2147483647',
    'Connections a second that the broker takes. Not acted on, so it cannot be changed: the quota connection_creation_rate of an address is.',
  ),
  fixed('max.connections', 'int', '2147483647', 'How many connections the broker takes. Not acted on, so it cannot be changed.'),
  fixed('metric.reporters', 'list', '', `Classes that report metrics. ${NO_PLUGINS}`),
  fixed('num.io.threads', 'int', '8', `Threads that work on requests. ${ONE_THREAD}`),
  fixed('num.network.threads', 'int', '3', `Threads that read and write sockets. ${ONE_THREAD}`),
  fixed('num.recovery.threads.per.data.dir', 'int', '1', `Threads that recover logs. ${ONE_THREAD}`),
  fixed(
    'num.replica.fetchers',
    'int',
    '1',
    'Connections on which a broker follows another. There is one, and a second for what was added meanwhile; it cannot be changed.',
  ),
  fixed(
    'replica.alter.log.dirs.io.max.bytes.per.second',
    'double',
    '1.7976931348623157E308',
    'How fast replicas move between folders. There is one folder, so it cannot be changed.',
  ),
]
