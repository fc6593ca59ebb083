/**
 * One partition of a fetch, as the request asks for it: made for the request alone, or kept in a session and brought up to date by its requests.
 * The Fetch handler reads it; nobody but this folder writes to it.
 */
import { ErrorCode } from '../../wire/errors'
import type { Fetch } from '../../wire/messages/01-fetch'
import type { RequestOf } from '../../wire/schema'
import { partitionKey } from '../purgatory'

/** Names of topic ids; undefined where nobody knows the id (any more). */
export type TopicNames = (topicId: string) => string | undefined

export interface FetchPartition {
  /** '' while the topic's id is unknown. */
  topic: string
  readonly topicId: string
  readonly partition: number
  /** Under which a fetch of it waits in purgatory. */
  watchKey: string
  fetchOffset: number
  currentLeaderEpoch: number
  lastFetchedEpoch: number
  logStartOffset: number
  maxBytes: number
  /** The error that is known without reading: a topic id that nobody knows. */
  errorCode: number
}

type Position = Pick<FetchPartition, 'fetchOffset' | 'currentLeaderEpoch' | 'lastFetchedEpoch' | 'logStartOffset' | 'maxBytes'>

/** Every partition of the request, in its order. `names` null: the version has no topic ids. */
export function askedPartitions(request: RequestOf<typeof Fetch>, names: TopicNames | null): FetchPartition[] {
  const partitions: FetchPartition[] = []
  for (const topic of request.topics) {
    const name = names === null ? topic.topic : names(topic.topicId)
    for (const asked of topic.partitions) {
      const partition: FetchPartition = {
        topic: '',
        topicId: topic.topicId,
        partition: asked.partition,
        watchKey: '',
        fetchOffset: asked.fetchOffset,
        currentLeaderEpoch: asked.currentLeaderEpoch,
        lastFetchedEpoch: asked.lastFetchedEpoch,
        logStartOffset: asked.logStartOffset,
        maxBytes: asked.partitionMaxBytes,
        errorCode: ErrorCode.NONE,
      }
      rename(partition, name)
      partitions.push(partition)
    }
  }
  return partitions
}

/** What a request that names the partition again may change. */
export function updatePosition(partition: FetchPartition, asked: Position): void {
  partition.fetchOffset = asked.fetchOffset
  partition.currentLeaderEpoch = asked.currentLeaderEpoch
  partition.lastFetchedEpoch = asked.lastFetchedEpoch
  partition.logStartOffset = asked.logStartOffset
  partition.maxBytes = asked.maxBytes
}

/** A topic may come to be known, or be deleted, while a session asks for it. */
export function rename(partition: FetchPartition, name: string | undefined): void {
  if (partition.watchKey !== '' && partition.topic === (name ?? '')) return
  partition.topic = name ?? ''
  partition.errorCode = name === undefined ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.NONE
  partition.watchKey = partitionKey(partition.topic, partition.partition)
}
