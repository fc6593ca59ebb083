/** Settings of the controller, under the names of Kafka's, with the defaults of a sandbox. */
import type { TopicConfigs } from './znodes'

export interface ControllerConfig {
  /** num.partitions: for a topic that is created without a number. */
  readonly defaultPartitionCount: number
  /** default.replication.factor. */
  readonly defaultReplicationFactor: number
  /** auto.leader.rebalance.enable */
  readonly autoLeaderRebalanceEnable: boolean
  /** leader.imbalance.check.interval.seconds, in milliseconds. Kafka's 300 s are for clusters where a move costs; here one wants to see it. */
  readonly leaderImbalanceCheckIntervalMs: number
  /** leader.imbalance.per.broker.percentage: above this share of its preferred leaderships led by others, a broker takes them back. Kafka: 10. */
  readonly leaderImbalancePerBrokerPercentage: number
  /** unclean.leader.election.enable, for topics that do not say. */
  readonly uncleanLeaderElectionEnable: boolean
  /** delete.topic.enable */
  readonly deleteTopicEnable: boolean
}

export const defaultControllerConfig: ControllerConfig = {
  defaultPartitionCount: 1,
  defaultReplicationFactor: 1,
  autoLeaderRebalanceEnable: true,
  leaderImbalanceCheckIntervalMs: 5_000,
  leaderImbalancePerBrokerPercentage: 0,
  uncleanLeaderElectionEnable: false,
  deleteTopicEnable: true,
}

/** What the broker knows of topic configurations, and the controller does not. */
export interface TopicConfigRules {
  /** Kafka's sentence on what is wrong with a topic's own configuration, or null. */
  validate(configs: TopicConfigs): string | null
}

export const anyTopicConfig: TopicConfigRules = { validate: () => null }
