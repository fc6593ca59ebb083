/**
 * What a broker remembers of one client's incremental fetches (KIP-227): which partitions it reads and where, and what it was told of each. Kept by
 * FetchSessionCache, driven by the requests of one client through FetchContext. Knows nothing of connections: a session may be continued on another.
 */
import { ErrorCode } from '../../wire/errors'
import type { Fetch } from '../../wire/messages/01-fetch'
import type { RequestOf } from '../../wire/schema'
import { type FetchPartition, rename, type TopicNames, updatePosition } from './fetch-partition'

/** What an answer holds of a partition, in so far as the session has to know. */
export interface FetchedPartition {
  readonly errorCode: number
  readonly highWatermark: number
  readonly logStartOffset: number
  readonly recordBytes: number
  readonly isDiverging: boolean
  readonly preferredReadReplica: number
}

interface SessionPartition {
  readonly asked: FetchPartition
  /** As last told; -1: to be told again, since there was an error since. */
  toldHighWatermark: number
  toldLogStartOffset: number
}

/** 1 follows on the largest: 0 opens a session and -1 ends it. */
export function nextSessionEpoch(epoch: number): number {
  return epoch >= 0x7fffffff ? 1 : epoch + 1
}

export class FetchSession {
  /** Of the next request. */
  epoch = 1
  lastUsedMs: number
  /** By topic id or name, then in the order in which they are served: one that had records goes to the end, so that all get their turn. */
  private readonly partitions = new Map<string, SessionPartition>()

  constructor(
    readonly id: number,
    /** A follower's: a consumer's never takes its place. */
    readonly isPrivileged: boolean,
    readonly usesTopicIds: boolean,
    readonly createdMs: number,
  ) {
    this.lastUsedMs = createdMs
  }

  get size(): number {
    return this.partitions.size
  }

  /** Begins to remember a partition that was just answered. */
  add(asked: FetchPartition, answer: FetchedPartition | null): void {
    const toldHighWatermark =
      answer === null || answer.errorCode !== ErrorCode.NONE || answer.isDiverging ? -1 : answer.highWatermark
    this.partitions.set(this.keyOf(asked), { asked, toldHighWatermark, toldLogStartOffset: answer?.logStartOffset ?? -1 })
  }

  /** Takes over what an incremental request changes: new positions, new partitions, and those it no longer wants. */
  update(asked: readonly FetchPartition[], forgotten: RequestOf<typeof Fetch>['forgottenTopicsData']): void {
    for (const partition of asked) {
      const known = this.partitions.get(this.keyOf(partition))
      if (known === undefined) this.add(partition, null)
      else updatePosition(known.asked, partition)
    }
    for (const { topic, topicId, partitions } of forgotten) {
      for (const partition of partitions) this.partitions.delete(this.keyOf({ topic, topicId, partition }))
    }
  }

  /** All partitions in their order, under the names that their topics have now. */
  current(names: TopicNames | null): FetchPartition[] {
    const all: FetchPartition[] = []
    for (const { asked } of this.partitions.values()) {
      if (names !== null) rename(asked, names(asked.topicId))
      all.push(asked)
    }
    return all
  }

  /** Whether the client has to be told of `answer`, which it then counts as having been (CachedPartition.maybeUpdateResponseData). */
  tell(asked: FetchPartition, answer: FetchedPartition): boolean {
    const key = this.keyOf(asked)
    const partition = this.partitions.get(key)
    if (partition === undefined) return true
    let mustTell = answer.recordBytes > 0 || answer.preferredReadReplica >= 0
    if (partition.toldHighWatermark !== answer.highWatermark || partition.toldLogStartOffset !== answer.logStartOffset)
      mustTell = true
    partition.toldHighWatermark = answer.highWatermark
    partition.toldLogStartOffset = answer.logStartOffset
    if (answer.errorCode !== ErrorCode.NONE || answer.isDiverging) {
      partition.toldHighWatermark = -1
      mustTell = true
    }
    if (answer.recordBytes > 0) {
      this.partitions.delete(key)
      this.partitions.set(key, partition)
    }
    return mustTell
  }

  private keyOf({ topic, topicId, partition }: Pick<FetchPartition, 'topic' | 'topicId' | 'partition'>): string {
    return this.usesTopicIds ? `${topicId}/${partition}` : `${topic}/${partition}`
  }
}
