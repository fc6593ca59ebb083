/**
 * OffsetFetch (key 9), versions 1–9: offsets come back with the metadata and the leader epoch that they were committed with, -1 where there is none.
 *
 * Topics null: all that the group has (2+). With require_stable (7+) a partition that a transaction has yet to say something about is answered with
 * UNSTABLE_OFFSET_COMMIT (KIP-447). From 8 on many groups at once, each with an error of its own (KIP-709).
 */
import type { FetchedOffset, TopicOf } from '../../coordinator/group/offset-operations'
import { ErrorCode } from '../../wire/errors'
import { OffsetFetch } from '../../wire/messages/09-offset-fetch'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import { atGroup, type GroupServices } from './group-requests'

const BATCHED_VERSION = 8
const GROUP_ERROR_VERSION = 2

interface AskedGroup {
  readonly groupId: string
  readonly memberId: string | null
  readonly memberEpoch: number
  readonly topics: readonly TopicOf<number>[] | null
}

interface GroupAnswer {
  readonly errorCode: number
  readonly topics: readonly TopicOf<FetchedOffset>[]
}

export function offsetFetchHandler(
  services: GroupServices,
): Handler<RequestOf<typeof OffsetFetch>, ResponseOf<typeof OffsetFetch>> {
  return {
    api: OffsetFetch,
    minVersion: 1,
    maxVersion: 9,
    handle(context) {
      const { groupId, topics, groups, requireStable } = context.request
      const fetch = (group: AskedGroup, onAnswer: (answer: GroupAnswer) => void) =>
        atGroup<GroupAnswer>(
          services,
          group.groupId,
          (shard, step, slot) => step.answer(slot, shard.fetch(group, requireStable)),
          onAnswer,
          (errorCode) => onAnswer({ errorCode, topics: [] }),
        )
      if (context.version < BATCHED_VERSION) {
        const asked = topics === null ? null : topics.map(askedTopic)
        fetch({ groupId, memberId: null, memberEpoch: -1, topics: asked }, (answer) => {
          const isTold = context.version >= GROUP_ERROR_VERSION || answer.errorCode === ErrorCode.NONE
          const answered = isTold ? answer.topics : failed(asked ?? [], answer.errorCode)
          context.respond({ errorCode: answer.errorCode, topics: answered.map(answeredTopic) })
        })
        return
      }
      const answers: GroupAnswer[] = []
      let count = 0
      const respond = () =>
        context.respond({
          groups: groups.map((group, index) => {
            const { errorCode, topics: answered } = answers[index]!
            return { groupId: group.groupId, errorCode, topics: answered.map(answeredTopic) }
          }),
        })
      if (groups.length === 0) respond()
      for (const [index, group] of groups.entries()) {
        fetch({ ...group, topics: group.topics === null ? null : group.topics.map(askedTopic) }, (answer) => {
          answers[index] = answer
          if (++count === groups.length) respond()
        })
      }
    },
  }
}

function askedTopic({ name, partitionIndexes }: { readonly name: string; readonly partitionIndexes: readonly number[] }) {
  return { topic: name, partitions: [...partitionIndexes] }
}

function answeredTopic({ topic, partitions }: TopicOf<FetchedOffset>) {
  return {
    name: topic,
    partitions: partitions.map(({ partition, offset, leaderEpoch, metadata, errorCode }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: leaderEpoch,
      metadata,
      errorCode,
    })),
  }
}

/** Version 1 has no place for the group's error but each partition's. */
function failed(topics: readonly TopicOf<number>[], errorCode: number): TopicOf<FetchedOffset>[] {
  return topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((partition) => ({ partition, offset: -1n, leaderEpoch: -1, metadata: '', errorCode })),
  }))
}
