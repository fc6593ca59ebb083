/**
 * OffsetForLeaderEpoch (key 23), versions 2–4: where an epoch ended, for consumers that check whether the log was truncated under them and
 * for followers of the older kind. Answers the largest known epoch not above the one asked for and the start of the next; -1/-1 unknown.
 */
import { OffsetForLeaderEpoch } from '../../wire/messages/23-offset-for-leader-epoch'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { refineError } from '../partition-errors'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

type Services = Pick<BrokerServices, 'replicas' | 'metadata'>

export function offsetForLeaderEpochHandler({
  replicas,
  metadata,
}: Services): Handler<RequestOf<typeof OffsetForLeaderEpoch>, ResponseOf<typeof OffsetForLeaderEpoch>> {
  return {
    api: OffsetForLeaderEpoch,
    minVersion: 2,
    maxVersion: 4,
    handle(context) {
      context.respond({
        topics: context.request.topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => {
            const found = replicas.offsetForLeaderEpoch(topic, partition, currentLeaderEpoch, leaderEpoch)
            const errorCode = refineError(metadata, topic, partition, found.errorCode)
            return { partition, errorCode, leaderEpoch: found.leaderEpoch, endOffset: found.endOffset }
          }),
        })),
      })
    },
  }
}
