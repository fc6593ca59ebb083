/**
 * Which replicas have changed since they were last asked for: a supervisor that asks every few hundred milliseconds is sent those, and not
 * thousands that stand still. One for each asker.
 */
import type { PartitionStatus } from '../../engine'

export interface ReplicaChange {
  readonly changed: readonly PartitionStatus[]
  readonly removed: readonly { readonly topic: string; readonly partition: number }[]
}

export class ReplicaChanges {
  private seen = new Map<string, PartitionStatus>()

  /** The first time: all of them. */
  take(states: Iterable<PartitionStatus>): ReplicaChange {
    const present = new Map<string, PartitionStatus>()
    const changed: PartitionStatus[] = []
    for (const state of states) {
      const key = `${state.topic}/${state.partition}`
      present.set(key, state)
      const before = this.seen.get(key)
      if (before === undefined || !isSame(before, state)) changed.push(state)
    }
    const removed = [...this.seen].flatMap(([key, { topic, partition }]) => (present.has(key) ? [] : [{ topic, partition }]))
    this.seen = present
    return { changed, removed }
  }
}

function isSame(a: PartitionStatus, b: PartitionStatus): boolean {
  return (
    a.role === b.role &&
    a.leaderId === b.leaderId &&
    a.leaderEpoch === b.leaderEpoch &&
    a.partitionEpoch === b.partitionEpoch &&
    a.logStartOffset === b.logStartOffset &&
    a.highWatermark === b.highWatermark &&
    a.logEndOffset === b.logEndOffset &&
    a.sizeInBytes === b.sizeInBytes &&
    a.isr.length === b.isr.length &&
    a.isr.every((id, index) => b.isr[index] === id)
  )
}
