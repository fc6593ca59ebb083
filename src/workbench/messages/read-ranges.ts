/** Where a read begins and ends in each partition: from its start, as the brokers say where their logs and times stand. */
import { ClientError, earliestOffset, type KafkaClient, latestOffset, listOffsets, protocolError } from '../../engine/client'
import { ErrorCode } from '../../engine/wire/errors'
import type { ReadStart } from '../../shared/model/messages'

export interface PartitionRange {
  readonly topic: string
  readonly partition: number
  /** The first offset that is there. */
  readonly earliest: number
  /** From here … */
  readonly from: number
  /** … up to here, exclusive. */
  readonly to: number
}

/** Throws a ClientError; one that is retriable while leaders or metadata are missing. `partitions` null: all. */
export async function findRanges(
  client: KafkaClient,
  topic: string,
  partitions: readonly number[] | null,
  start: ReadStart,
): Promise<PartitionRange[]> {
  const wanted = await partitionsOf(client, topic, partitions)
  const times = start.kind === 'time' ? [start.timestampMs, ...(start.untilMs === undefined ? [] : [start.untilMs])] : []
  const [earliest, latest, since, until] = await Promise.all(
    [earliestOffset, latestOffset, ...times].map((time) => listOffsets(client, topic, wanted, time)),
  )
  return wanted.map((partition) => {
    const first = earliest?.get(partition)
    const end = latest?.get(partition)
    if (first === undefined || end === undefined) throw protocolError(ErrorCode.LEADER_NOT_AVAILABLE)
    const atTime = (offsets: Map<number, number> | undefined): number => {
      const offset = offsets?.get(partition) ?? -1
      return offset === -1 ? end : offset
    }
    const from = {
      newest: end,
      oldest: first,
      offset: start.kind === 'offset' ? start.offset : 0,
      time: atTime(since),
      live: end,
    }[start.kind]
    const inLog = (offset: number): number => Math.min(end, Math.max(first, offset))
    return { topic, partition, earliest: first, from: inLog(from), to: inLog(until === undefined ? end : atTime(until)) }
  })
}

/** Throws where the topic or one of the partitions is not there. */
export async function partitionsOf(client: KafkaClient, topic: string, partitions: readonly number[] | null): Promise<number[]> {
  const known = (await client.metadata([topic])).topics.get(topic)
  if (known === undefined || known.errorCode !== ErrorCode.NONE) {
    // A cluster that has just started may not name every topic yet; retrying waits for it.
    const message = `There is no topic ${topic}. It may have been deleted.`
    throw new ClientError('protocol', message, known === undefined, known?.errorCode ?? null)
  }
  const missing = partitions?.find((partition) => known.partitions[partition] === undefined)
  if (missing !== undefined)
    throw new ClientError('protocol', `${topic} has partitions 0 to ${known.partitions.length - 1}, no ${missing}.`, false)
  return [...(partitions ?? known.partitions.map(({ partition }) => partition))]
}
