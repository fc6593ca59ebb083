/**
 * The two things about a partition that is not led here which every handler tells alike: which error it is, and who leads instead.
 */
import { ErrorCode } from '../wire/errors'
import type { MetadataCache } from './metadata-cache'
import type { BrokerServices } from './services'

/** A partition that this broker does not have, but the cluster does, is led elsewhere, which makes the client look for its leader. */
export function refineError(metadata: MetadataCache, topic: string, partition: number, errorCode: number): number {
  if (errorCode !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) return errorCode
  return metadata.partition(topic, partition) === undefined ? errorCode : ErrorCode.NOT_LEADER_OR_FOLLOWER
}

export interface LeaderHint {
  readonly leaderId: number
  readonly leaderEpoch: number
}

/**
 * Where the new leader is, for errors that say that it is not here (KIP-951); null where the error is another or nobody leads. A replica here knows it
 * before the metadata do, for LeaderAndIsr comes before UpdateMetadata, and a client drops a hint that is no newer than what it has.
 */
export function leaderHint(
  { metadata, replicas }: Pick<BrokerServices, 'metadata' | 'replicas'>,
  topic: string,
  partition: number,
  errorCode: number,
): LeaderHint | null {
  if (errorCode !== ErrorCode.NOT_LEADER_OR_FOLLOWER && errorCode !== ErrorCode.FENCED_LEADER_EPOCH) return null
  const here = replicas.knownLeader(topic, partition)
  const told = metadata.partition(topic, partition)
  const hint =
    here !== null && here.leaderEpoch >= (told?.leaderEpoch ?? -1)
      ? here
      : told !== undefined && { leaderId: told.leader, leaderEpoch: told.leaderEpoch }
  return hint !== false && hint.leaderId >= 0 && metadata.isLive(hint.leaderId) ? hint : null
}

/** The addresses that go with the hints of one response, each broker once. */
export function nodeEndpoints(metadata: MetadataCache, hints: Iterable<LeaderHint>) {
  return [...new Set(Array.from(hints, (hint) => hint.leaderId))].flatMap((id) => {
    const broker = metadata.broker(id)
    return broker === undefined ? [] : [{ nodeId: id, host: broker.host, port: broker.port, rack: broker.rack }]
  })
}
