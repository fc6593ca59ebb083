/**
 * The topics that belong to the cluster itself (Topic.INTERNAL_TOPICS): clients are told, and hide them. Those of the coordinators come into being when
 * somebody first looks for one, laid out as Kafka lays them out.
 */
import type { ConfigStore } from './config-store'

export const CONSUMER_OFFSETS = '__consumer_offsets'
export const TRANSACTION_STATE = '__transaction_state'

const INTERNAL_TOPICS: ReadonlySet<string> = new Set([CONSUMER_OFFSETS, TRANSACTION_STATE, '__share_group_state'])

export function isInternalTopic(name: string): boolean {
  return INTERNAL_TOPICS.has(name)
}

export interface TopicToCreate {
  readonly name: string
  readonly numPartitions: number
  readonly replicationFactor: number
  readonly assignments: readonly never[]
  readonly configs: readonly { readonly name: string; readonly value: string }[]
}

/**
 * What a topic is like that is made because somebody asked for it. An internal one has as many replicas as its config says, and cannot be made before so many
 * brokers live, as in Kafka: what is made with fewer keeps them until somebody moves it. Only where nobody has set the config is it no more than there are brokers,
 * as in Kafka before 3.0: a broker alone has groups as well. The workbench sets it, to what its workspace has.
 */
export function topicOnDemand(
  name: string,
  configs: Pick<ConfigStore, 'brokerNumber' | 'brokerValue' | 'isBrokerDefault'>,
  liveBrokerCount: number,
): TopicToCreate {
  const replicas = (config: string) =>
    configs.isBrokerDefault(config)
      ? Math.max(1, Math.min(configs.brokerNumber(config), liveBrokerCount))
      : configs.brokerNumber(config)
  const topic = (numPartitions: number, replicationFactor: number, own: Readonly<Record<string, string>>): TopicToCreate => ({
    name,
    numPartitions,
    replicationFactor,
    assignments: [],
    configs: Object.entries(own).map(([config, value]) => ({ name: config, value })),
  })
  switch (name) {
    case CONSUMER_OFFSETS:
      return topic(configs.brokerNumber('offsets.topic.num.partitions'), replicas('offsets.topic.replication.factor'), {
        'cleanup.policy': 'compact',
        'compression.type': 'producer',
        'segment.bytes': configs.brokerValue('offsets.topic.segment.bytes'),
      })
    case TRANSACTION_STATE: {
      const replicationFactor = replicas('transaction.state.log.replication.factor')
      return topic(configs.brokerNumber('transaction.state.log.num.partitions'), replicationFactor, {
        'cleanup.policy': 'compact',
        'compression.type': 'producer',
        'min.insync.replicas': String(Math.min(configs.brokerNumber('transaction.state.log.min.isr'), replicationFactor)),
        'segment.bytes': configs.brokerValue('transaction.state.log.segment.bytes'),
        'unclean.leader.election.enable': 'false',
      })
    }
    default:
      return topic(configs.brokerNumber('num.partitions'), configs.brokerNumber('default.replication.factor'), {})
  }
}
