/**
 * Reads a whole partition, from its start to its high watermark, as any client could, and holds it against the history: at the end of a run, and
 * before a topic is deleted.
 */
import { type ClientError, type KafkaClient, PartitionConsumer, protocolError } from '../../../client'
import { ErrorCode } from '../../../wire/errors'
import { ListOffsets } from '../../../wire/messages/02-list-offsets'
import { decodeRecords } from '../../../wire/records'
import type { History } from './history'

const earliest = -2
const latest = -1

/**
 * Rejects with a ClientError where it cannot be read now; what breaks a rule is thrown by the history. Only of a cluster that is whole it is expected that
 * all is there: of another each record that is there is judged.
 */
export async function readWholePartition(
  client: KafkaClient,
  history: History,
  reader: string,
  topic: string,
  partition: number,
  isClusterWhole: boolean,
): Promise<void> {
  await client.refresh()
  const logStart = await offsetOf(client, topic, partition, earliest)
  const end = await offsetOf(client, topic, partition, latest)
  const held = history.partition(topic, partition)
  held.onReaderBegins(reader)
  let nextOffset = logStart
  let failure: unknown = null
  if (end > logStart) {
    const consumer = new PartitionConsumer({
      client,
      topic,
      positions: new Map([[partition, logStart]]),
      onBatch: (_partition, batch) => {
        try {
          for (const record of decodeRecords(batch)) {
            if (record.offset < nextOffset) continue
            history.onRead(reader, topic, partition, record)
            nextOffset = record.offset + 1
          }
        } catch (error) {
          failure = error
        }
        return failure === null && nextOffset < end
      },
      onCaughtUp: (_partition, highWatermark) => {
        if (highWatermark >= end) consumer.stop()
      },
      onTrouble: () => undefined,
      onFailed: (_partition, error) => {
        failure = error
      },
    })
    await consumer.run()
  }
  if (failure !== null) throw failure
  // A leader that has not heard of its successor yet ends before it: that is no loss.
  if (isClusterWhole) held.onReadToEnd(reader, logStart, nextOffset)
}

async function offsetOf(client: KafkaClient, topic: string, partition: number, timestamp: number): Promise<number> {
  const leader = client.leaderOf(topic, partition)
  if (leader === null) throw noAnswer(topic, partition)
  const response = await client.connectionTo(leader.broker).request(ListOffsets, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [
      { name: topic, partitions: [{ partitionIndex: partition, currentLeaderEpoch: leader.partition.leaderEpoch, timestamp }] },
    ],
  })
  const answer = response.topics[0]?.partitions[0]
  if (answer === undefined) throw noAnswer(topic, partition)
  if (answer.errorCode !== ErrorCode.NONE) throw protocolError(answer.errorCode)
  return answer.offset
}

function noAnswer(topic: string, partition: number): ClientError {
  return protocolError(ErrorCode.LEADER_NOT_AVAILABLE, `nobody leads ${topic}-${partition}`)
}
