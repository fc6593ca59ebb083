/**
 * Metadata (key 3), versions 0–12, from what the controller has told this broker.
 *
 * Version 0: an empty list means all topics; from 1 on null does and an empty one means none; from 12 a topic can be asked for by id.
 * A broker that has just started answers once the controller has told it something. Brokers that are not live are left out, as in KRaft; an unknown leader epoch is -1, never 0. A topic that does not exist is created
 * where the broker's setting and the request allow it: the answer then is LEADER_NOT_AVAILABLE, and the client asks again.
 */
import { validateTopicName } from '../../controller/topic-validation'
import { ErrorCode } from '../../wire/errors'
import { Metadata } from '../../wire/messages/03-metadata'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { ZERO_UUID } from '../../wire/uuid'
import { isInternalTopic } from '../internal-topics'
import type { MetadataCache, PartitionMetadata, TopicMetadata } from '../metadata-cache'
import type { Handler, RequestContext } from '../registry'
import type { BrokerServices } from '../services'

type Services = Pick<BrokerServices, 'metadata' | 'clusterId' | 'configs' | 'autoCreateTopic'>
type Request = RequestOf<typeof Metadata>

export function metadataHandler(services: Services): Handler<Request, ResponseOf<typeof Metadata>> {
  const { metadata, clusterId } = services
  return {
    api: Metadata,
    minVersion: 0,
    maxVersion: 12,
    handle(context) {
      metadata.whenReady(() => answer(context))
    },
  }

  function answer(context: RequestContext<Request, ResponseOf<typeof Metadata>>): void {
    const { request, version } = context
    const asksForAll = request.topics === null || (version === 0 && request.topics.length === 0)
    const topics = asksForAll
      ? metadata.allTopics().map((topic) => describeTopic(metadata, topic))
      : (request.topics ?? []).map((asked) => answerFor(services, request, asked))
    context.respond({
      ...whoIsThere(metadata),
      clusterId,
      topics,
    })
  }
}

export function whoIsThere(metadata: MetadataCache) {
  return {
    brokers: metadata.liveBrokers().map(({ id, host, port, rack }) => ({ nodeId: id, host, port, rack })),
    controllerId: metadata.controller()?.id ?? -1,
  }
}

function answerFor(services: Services, request: Request, asked: { readonly name: string | null; readonly topicId: string }) {
  const { metadata } = services
  // Whoever names an id means it: Java's Admin leaves the name empty beside it, others null.
  if (asked.name === null || asked.topicId !== ZERO_UUID) {
    const name = metadata.topicName(asked.topicId)
    const topic = name === undefined ? undefined : metadata.topic(name)
    if (topic !== undefined) return describeTopic(metadata, topic)
    return { errorCode: ErrorCode.UNKNOWN_TOPIC_ID, name: null, topicId: asked.topicId, partitions: [] }
  }
  const topic = metadata.topic(asked.name)
  if (topic !== undefined) return describeTopic(metadata, topic)
  return { errorCode: missingTopic(services, request, asked.name), name: asked.name, topicId: ZERO_UUID, partitions: [] }
}

function missingTopic(services: Services, request: Request, name: string): number {
  if (validateTopicName(name) !== null) return ErrorCode.INVALID_TOPIC_EXCEPTION
  if (!request.allowAutoTopicCreation || services.configs.brokerValue('auto.create.topics.enable') !== 'true') {
    return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  }
  services.autoCreateTopic(name)
  return ErrorCode.LEADER_NOT_AVAILABLE
}

function describeTopic(metadata: MetadataCache, topic: TopicMetadata) {
  return {
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.topicId,
    isInternal: isInternalTopic(topic.name),
    partitions: [...topic.partitions.values()].map((partition) => describePartition(metadata, partition)),
  }
}

/** Shared with DescribeTopicPartitions. */
export function describePartition(metadata: MetadataCache, partition: PartitionMetadata) {
  const hasLeader = partition.leader >= 0 && metadata.isLive(partition.leader)
  return {
    errorCode: hasLeader ? ErrorCode.NONE : ErrorCode.LEADER_NOT_AVAILABLE,
    partitionIndex: partition.partition,
    leaderId: hasLeader ? partition.leader : -1,
    leaderEpoch: partition.leaderEpoch,
    replicaNodes: partition.replicas,
    isrNodes: partition.isr,
    offlineReplicas: partition.replicas.filter((id) => !metadata.isLive(id)),
  }
}
