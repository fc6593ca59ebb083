/**
 * DescribeTopicPartitions (key 75), version 0: topics with their partitions, a page at a time (KIP-966). An empty list means all topics;
 * a cursor goes on where the page before ended. There are no eligible leader replicas in a cluster of this kind, so those lists are empty:
 * the schema allows null, but Kafka never sends it, and Java's Admin.describeTopics fails with a NullPointerException on it.
 */
import { ErrorCode } from '../../wire/errors'
import { DescribeTopicPartitions } from '../../wire/messages/75-describe-topic-partitions'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { ZERO_UUID } from '../../wire/uuid'
import { isInternalTopic } from '../internal-topics'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'
import { describePartition } from './03-metadata'

/** `max.request.partition.size.limit` of Kafka. */
const PARTITIONS_MAX = 2000

type Response = ResponseOf<typeof DescribeTopicPartitions>

export function describeTopicPartitionsHandler({
  metadata,
}: Pick<BrokerServices, 'metadata'>): Handler<RequestOf<typeof DescribeTopicPartitions>, Response> {
  return {
    api: DescribeTopicPartitions,
    minVersion: 0,
    maxVersion: 0,
    handle(context) {
      const { topics, responsePartitionLimit, cursor } = context.request
      const all = topics.length === 0
      const asked = all
        ? metadata.allTopics().map(({ name }) => name)
        : [...new Set(topics.map(({ name }) => name))].sort((a, b) => (a < b ? -1 : 1))
      const names = asked.filter((name) => cursor === null || name >= cursor.topicName)
      let left = Math.max(1, Math.min(responsePartitionLimit, PARTITIONS_MAX))
      const described = []
      let nextCursor: Response['nextCursor'] = null
      for (const name of names) {
        const topic = metadata.topic(name)
        if (topic === undefined) {
          described.push({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, name, topicId: ZERO_UUID, partitions: [] })
          continue
        }
        const first = cursor !== null && cursor.topicName === name ? cursor.partitionIndex : 0
        const rest = [...topic.partitions.values()].filter(({ partition }) => partition >= first)
        const page = rest.slice(0, left)
        left -= page.length
        described.push({
          errorCode: ErrorCode.NONE,
          name,
          topicId: topic.topicId,
          isInternal: isInternalTopic(name),
          partitions: page.map((partition) => ({
            ...describePartition(metadata, partition),
            eligibleLeaderReplicas: [],
            lastKnownElr: [],
          })),
        })
        const cut = rest[page.length]
        if (cut !== undefined) nextCursor = { topicName: name, partitionIndex: cut.partition }
        else if (left === 0) nextCursor = cursorBehind(names, name)
        if (left === 0) break
      }
      context.respond({ topics: described, nextCursor })
    },
  }
}

function cursorBehind(names: readonly string[], name: string): Response['nextCursor'] {
  const next = names[names.indexOf(name) + 1]
  return next === undefined ? null : { topicName: next, partitionIndex: 0 }
}
