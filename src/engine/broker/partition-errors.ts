/**
 * The two things about a partition that is not led here which every handler tells alike: which error it is, and who leads instead.
 */
import { ErrorCode } from '../wire/errors'
import type { MetadataCache } from './metadata-cache'

/** A partition that this broker does not have, but the cluster does, is led elsewhere, which makes the client look for its leader. */
export function refineError(metadata: MetadataCache, topic: string, partition: number, errorCode: number): number {
  if (errorCode !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) return errorCode
  return metadata.partition(topic, partition) === undefined ? errorCode : ErrorCode.NOT_LEADER_OR_FOLLOWER
}

export interface LeaderHint {
  readonly leaderId: number
  readonly leaderEpoch: number
}

/** Where the new leader is, for errors that say that it is not here (KIP-951); null where the error is another or nobody leads. */
export function leaderHint(metadata: MetadataCache, topic: string, partition: number, errorCode: number): LeaderHint | null {
  if (errorCode !== ErrorCode.NOT_LEADER_OR_FOLLOWER && errorCode !== ErrorCode.FENCED_LEADER_EPOCH) return null
  const known = metadata.partition(topic, partition)
  if (known === undefined || known.leader < 0 || !metadata.isLive(known.leader)) return null
  return { leaderId: known.leader, leaderEpoch: known.leaderEpoch }
}

/** The addresses that go with the hints of one response, each broker once. */
export function nodeEndpoints(metadata: MetadataCache, hints: Iterable<LeaderHint>) {
  return [...new Set(Array.from(hints, (hint) => hint.leaderId))].flatMap((id) => {
    const broker = metadata.broker(id)
    return broker === undefined ? [] : [{ nodeId: id, host: broker.host, port: broker.port, rack: broker.rack }]
  })
}
