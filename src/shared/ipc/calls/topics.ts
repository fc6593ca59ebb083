/** Calls and events about topics, their partitions and configs. */
import * as v from 'valibot'
import type { PartitionView } from '../../model/cluster'
import type { ConfigDefinitionView, ConfigEntryView, TopicView } from '../../model/topics'
import { count, nothing, topicName } from './atoms'

export const topicsArguments = {
  'topics.list': nothing,
  'topics.partitions': v.strictObject({ topic: v.nullable(topicName) }),
  'topics.configs': v.strictObject({ topic: topicName }),
  'topics.configDefinitions': nothing,
  'topics.create': v.strictObject({
    name: v.string(),
    partitionCount: count(10_000),
    replicationFactor: count(64),
    configs: v.record(v.string(), v.string()),
  }),
  'topics.delete': v.strictObject({ topic: topicName }),
} as const

export interface TopicsResults {
  'topics.list': readonly TopicView[]
  'topics.partitions': readonly PartitionView[]
  'topics.configs': readonly ConfigEntryView[]
  'topics.configDefinitions': readonly ConfigDefinitionView[]
  'topics.create': undefined
  'topics.delete': undefined
}

export interface TopicsEvents {
  /** Topics and partitions whenever one of them changed; the window keeps the newest. */
  'topics.changed': { readonly topics: readonly TopicView[]; readonly partitions: readonly PartitionView[] }
}

export const topicsEventNames = ['topics.changed'] as const satisfies readonly (keyof TopicsEvents)[]
