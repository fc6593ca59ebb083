/** What a client knows of a cluster at one moment, from one Metadata answer. Immutable. */

import { ErrorCode } from '../wire/errors'
import type { Metadata } from '../wire/messages/03-metadata'
import type { ResponseOf } from '../wire/schema'

export interface BrokerEndpoint {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

export interface PartitionMetadata {
  readonly partition: number
  /** -1: there is none now. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
}

export interface TopicMetadata {
  readonly name: string
  readonly topicId: string
  readonly isInternal: boolean
  /** NONE, or why there is nothing more to say of it (UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION, …). */
  readonly errorCode: number
  /** By partition number, without gaps. */
  readonly partitions: readonly PartitionMetadata[]
}

export interface MetadataSnapshot {
  readonly clusterId: string | null
  readonly controllerId: number
  readonly brokers: ReadonlyMap<number, BrokerEndpoint>
  readonly topics: ReadonlyMap<string, TopicMetadata>
}

export function snapshotOf(response: ResponseOf<typeof Metadata>): MetadataSnapshot {
  const brokers = new Map<number, BrokerEndpoint>()
  for (const { nodeId, host, port, rack } of response.brokers) brokers.set(nodeId, { id: nodeId, host, port, rack })
  const topics = new Map<string, TopicMetadata>()
  for (const topic of response.topics) {
    if (topic.name === null) continue
    const partitions = topic.partitions
      .map(({ partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes }) => ({
        partition: partitionIndex,
        leader: leaderId,
        leaderEpoch,
        replicas: [...replicaNodes],
        isr: [...isrNodes],
      }))
      .sort((a, b) => a.partition - b.partition)
    topics.set(topic.name, {
      name: topic.name,
      topicId: topic.topicId,
      isInternal: topic.isInternal,
      errorCode: topic.errorCode,
      partitions,
    })
  }
  return { clusterId: response.clusterId, controllerId: response.controllerId, brokers, topics }
}

/** Whether every partition of the topic is known and has a leader. */
export function hasAllLeaders(topic: TopicMetadata | undefined): boolean {
  return (
    topic !== undefined && topic.errorCode === ErrorCode.NONE && topic.partitions.every((partition) => partition.leader !== -1)
  )
}
