/**
 * OffsetDelete (key 47), version 0: forgets committed offsets, of a group that reads as well, but for the topics that it is subscribed to (KIP-496).
 * Partitions that do not exist are refused one by one.
 */
import type { TopicErrors } from '../../coordinator/group/group-shard'
import { ErrorCode } from '../../wire/errors'
import { OffsetDelete } from '../../wire/messages/47-offset-delete'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'
import { atGroup, type GroupServices } from './group-requests'

export function offsetDeleteHandler(
  services: GroupServices & Pick<BrokerServices, 'metadata'>,
): Handler<RequestOf<typeof OffsetDelete>, ResponseOf<typeof OffsetDelete>> {
  return {
    api: OffsetDelete,
    minVersion: 0,
    maxVersion: 0,
    handle(context) {
      const { groupId, topics } = context.request
      const isKnown = (topic: string, partition: number) => services.metadata.partition(topic, partition) !== undefined
      const known = topics.map(({ name, partitions }) => ({
        topic: name,
        partitions: partitions.map(({ partitionIndex }) => partitionIndex).filter((partition) => isKnown(name, partition)),
      }))
      atGroup<{ errorCode: number; topics: TopicErrors }>(
        services,
        groupId,
        (shard, step, slot) => step.answer(slot, shard.deleteOffsets(groupId, known, step)),
        ({ errorCode, topics: deleted }) => {
          if (errorCode !== ErrorCode.NONE) {
            context.respond({ errorCode, topics: [] })
            return
          }
          context.respond({
            errorCode,
            topics: topics.map(({ name, partitions }, index) => ({
              name,
              partitions: partitions.map(({ partitionIndex }) => ({
                partitionIndex,
                errorCode:
                  deleted[index]?.partitions.find(({ partition }) => partition === partitionIndex)?.errorCode ??
                  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
              })),
            })),
          })
        },
        (errorCode) => context.respond({ errorCode, topics: [] }),
      )
    },
  }
}
