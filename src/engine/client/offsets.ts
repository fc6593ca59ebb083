/** Where a partition begins and ends, and where a time stands in it: ListOffsets, asked of each leader once. */
import { ErrorCode } from '../wire/errors'
import { ListOffsets } from '../wire/messages/02-list-offsets'
import { protocolError } from './errors'
import type { KafkaClient } from './kafka-client'
import type { BrokerEndpoint } from './metadata'

/** ListOffsets' special times. */
export const latestOffset = -1
export const earliestOffset = -2

/**
 * By partition, the first offset at or after `timestamp`, or -1 where there is none (for a time; the special ones always answer).
 * Throws a retriable ClientError where a partition has no leader now: refresh and try again.
 */
export async function listOffsets(
  client: KafkaClient,
  topic: string,
  partitions: readonly number[],
  timestamp: number,
): Promise<Map<number, number>> {
  const byBroker = new Map<BrokerEndpoint, number[]>()
  for (const partition of partitions) {
    const leader = client.leaderOf(topic, partition)
    if (leader === null) throw protocolError(ErrorCode.LEADER_NOT_AVAILABLE, `${topic}-${partition} has no leader now`)
    const list = byBroker.get(leader.broker)
    if (list === undefined) byBroker.set(leader.broker, [partition])
    else list.push(partition)
  }
  const offsets = new Map<number, number>()
  await Promise.all(
    [...byBroker].map(async ([broker, led]) => {
      const response = await client.connectionTo(broker).request(ListOffsets, {
        replicaId: -1,
        isolationLevel: 0,
        topics: [{ name: topic, partitions: led.map((partitionIndex) => ({ partitionIndex, timestamp })) }],
      })
      for (const answer of response.topics[0]?.partitions ?? []) {
        if (answer.errorCode !== ErrorCode.NONE) throw protocolError(answer.errorCode)
        offsets.set(answer.partitionIndex, answer.offset)
      }
    }),
  )
  return offsets
}
