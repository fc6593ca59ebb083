/** Calls and events about topics, their partitions and configs. */
import * as v from 'valibot'
import type { PartitionView } from '../../model/cluster'
import type { AnalysisProgress } from '../../model/topic-analysis'
import type { ConfigDefinitionView, ConfigEntryView, TopicsDelta, TopicView } from '../../model/topics'
import { count, nothing, offset, partition, topicName } from './atoms'

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
  /** Configs of a topic, each set to a value or (null) taken back to its default; all or none. */
  'topics.setConfigs': v.strictObject({
    topic: topicName,
    changes: v.array(v.strictObject({ name: v.string(), value: v.nullable(v.string()) })),
  }),
  'topics.addPartitions': v.strictObject({ topic: topicName, total: count(10_000) }),
  /** Deletes records: all that are there now, those before a moment, or those below an offset of each partition. */
  'topics.purge': v.strictObject({
    topic: topicName,
    before: v.variant('kind', [
      v.strictObject({ kind: v.literal('end') }),
      // Less than 0 are no times to ListOffsets: -1 would be the end of the log.
      v.strictObject({ kind: v.literal('time'), timestampMs: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) }),
      v.strictObject({ kind: v.literal('offsets'), offsets: v.array(v.strictObject({ partition, offset })) }),
    ]),
  }),
  /** A topic like another: as many partitions and replicas, and the configs that are set there. No records. */
  'topics.clone': v.strictObject({ topic: topicName, name: v.string() }),
  'topics.analyse': v.strictObject({ topic: topicName, newest: v.nullable(count(100_000_000)) }),
  'topics.stopAnalysis': v.strictObject({ analysisId: v.number() }),
} as const

export interface TopicsResults {
  'topics.list': readonly TopicView[]
  'topics.partitions': readonly PartitionView[]
  'topics.configs': readonly ConfigEntryView[]
  'topics.configDefinitions': readonly ConfigDefinitionView[]
  'topics.create': undefined
  'topics.delete': undefined
  'topics.setConfigs': undefined
  'topics.addPartitions': undefined
  'topics.purge': { readonly partitions: readonly { readonly partition: number; readonly logStartOffset: number }[] }
  'topics.clone': undefined
  'topics.analyse': { readonly analysisId: number }
  'topics.stopAnalysis': undefined
}

export interface TopicsEvents {
  /** What changed since the revision before, at most four times a second: with thousands of partitions, whole lists would be all the window did. */
  'topics.changed': TopicsDelta
  'topics.analysisProgress': AnalysisProgress
}

export const topicsEventNames = ['topics.changed', 'topics.analysisProgress'] as const satisfies readonly (keyof TopicsEvents)[]
