/**
 * OffsetCommit (key 8), versions 2–9: answered once the offsets are on all in-sync replicas.
 *
 * A consumer that is in no group commits with generation -1 while the group is empty. Partitions that do not exist are refused one by one. The
 * retention time of versions 2–4 is honoured.
 */
import type { TopicErrors } from '../../coordinator/group/group-shard'
import { ErrorCode } from '../../wire/errors'
import { OffsetCommit } from '../../wire/messages/08-offset-commit'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'
import { atGroup, commitError, type GroupServices, offsetsToCommit } from './group-requests'

type Request = RequestOf<typeof OffsetCommit>
type Services = GroupServices & Pick<BrokerServices, 'metadata'>

export function offsetCommitHandler(services: Services): Handler<Request, ResponseOf<typeof OffsetCommit>> {
  const { metadata } = services
  return {
    api: OffsetCommit,
    minVersion: 2,
    maxVersion: 9,
    handle(context) {
      const { groupId, generationIdOrMemberEpoch, memberId, groupInstanceId, retentionTimeMs, topics } = context.request
      const isKnown = (topic: string, partition: number) => metadata.partition(topic, partition) !== undefined
      const known = offsetsToCommit(topics, isKnown)
      const answer = (errorCode: number, committed: TopicErrors) => {
        const codes = new Map(
          committed.flatMap(({ topic, partitions }) =>
            partitions.map((partition) => [`${topic}/${partition.partition}`, partition.errorCode] as const),
          ),
        )
        context.respond({
          topics: topics.map(({ name, partitions }) => ({
            name,
            partitions: partitions.map(({ partitionIndex }) => ({
              partitionIndex,
              errorCode:
                codes.get(`${name}/${partitionIndex}`) ??
                (errorCode === ErrorCode.NONE ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : errorCode),
            })),
          })),
        })
      }
      const commit = {
        groupId,
        memberId,
        groupInstanceId,
        generationId: generationIdOrMemberEpoch,
        retentionTimeMs,
        topics: known,
      }
      atGroup<{ errorCode: number; topics: TopicErrors }>(
        services,
        groupId,
        (shard, step, slot, at) => step.answer(slot, shard.commit(commit, null, step, at)),
        ({ errorCode, topics: committed }) => answer(errorCode, committed),
        (errorCode) => answer(commitError(errorCode), []),
      )
    },
  }
}
