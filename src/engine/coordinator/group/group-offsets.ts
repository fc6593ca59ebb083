/**
 * What groups have committed, and what they will have once transactions are: the state that follows from offset records and markers. Pure and
 * passive: GroupShard replays into it, OffsetOperations reads it. Offsets of a group live on without members, and without the group's own record.
 */
import type { TransactionResult } from '../shard'
import type { OffsetAndMetadata } from './group-records'

export interface CommittedOffset extends OffsetAndMetadata {
  /** Of its record: a transaction that ends late does not undo what was committed after it. */
  readonly recordOffset: number
}

type Partitions = Map<number, CommittedOffset>
/** By topic, then partition. */
type Topics = Map<string, Partitions>

export class GroupOffsets {
  private readonly committed = new Map<string, Topics>()
  /** By producer id, then group. */
  private readonly pending = new Map<bigint, Map<string, Topics>>()

  has(group: string): boolean {
    return this.committed.has(group)
  }

  get(group: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.committed.get(group)?.get(topic)?.get(partition)
  }

  *all(group: string): IterableIterator<{ topic: string; partition: number; offset: CommittedOffset }> {
    for (const [topic, partitions] of this.committed.get(group) ?? []) {
      for (const [partition, offset] of partitions) yield { topic, partition, offset }
    }
  }

  /** Also those that only a transaction has offsets for. */
  *partitions(group: string): IterableIterator<{ topic: string; partition: number }> {
    yield* this.all(group)
    for (const groups of this.pending.values()) {
      for (const [topic, partitions] of groups.get(group) ?? []) {
        for (const partition of partitions.keys()) if (this.get(group, topic, partition) === undefined) yield { topic, partition }
      }
    }
  }

  topics(group: string): Iterable<readonly [string, Iterable<number>]> {
    return Array.from(this.committed.get(group) ?? [], ([topic, partitions]) => [topic, partitions.keys()] as const)
  }

  hasPending(group: string): boolean {
    for (const groups of this.pending.values()) if (groups.has(group)) return true
    return false
  }

  /** A transaction has yet to say whether the partition's offset changes. */
  isUnstable(group: string, topic: string, partition: number): boolean {
    for (const groups of this.pending.values()) if (groups.get(group)?.get(topic)?.has(partition)) return true
    return false
  }

  commit(group: string, topic: string, partition: number, offset: CommittedOffset): void {
    const present = this.get(group, topic, partition)
    if (present !== undefined && present.recordOffset > offset.recordOffset) return
    put(topicsOf(this.committed, group), topic, partition, offset)
  }

  commitPending(producerId: bigint, group: string, topic: string, partition: number, offset: CommittedOffset): void {
    let groups = this.pending.get(producerId)
    if (groups === undefined) {
      groups = new Map()
      this.pending.set(producerId, groups)
    }
    put(topicsOf(groups, group), topic, partition, offset)
  }

  /** Answers the groups that have offsets now by it. */
  endTransaction(producerId: bigint, result: TransactionResult): string[] {
    const groups = this.pending.get(producerId)
    if (groups === undefined) return []
    this.pending.delete(producerId)
    if (result === 'abort') return []
    for (const [group, topics] of groups) {
      for (const [topic, partitions] of topics) {
        for (const [partition, offset] of partitions) this.commit(group, topic, partition, offset)
      }
    }
    return [...groups.keys()]
  }

  /** Also what a transaction would commit there. */
  remove(group: string, topic: string, partition: number): void {
    drop(this.committed, group, topic, partition)
    for (const [producerId, groups] of this.pending) {
      drop(groups, group, topic, partition)
      if (groups.size === 0) this.pending.delete(producerId)
    }
  }
}

function topicsOf(groups: Map<string, Topics>, group: string): Topics {
  let topics = groups.get(group)
  if (topics === undefined) {
    topics = new Map()
    groups.set(group, topics)
  }
  return topics
}

function put(topics: Topics, topic: string, partition: number, offset: CommittedOffset): void {
  const partitions = topics.get(topic)
  if (partitions === undefined) topics.set(topic, new Map([[partition, offset]]))
  else partitions.set(partition, offset)
}

function drop(groups: Map<string, Topics>, group: string, topic: string, partition: number): void {
  const topics = groups.get(group)
  const partitions = topics?.get(topic)
  if (topics === undefined || partitions === undefined) return
  partitions.delete(partition)
  if (partitions.size === 0) topics.delete(topic)
  if (topics.size === 0) groups.delete(group)
}
