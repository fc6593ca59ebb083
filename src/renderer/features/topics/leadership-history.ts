/**
 * Who led each partition when, as far as the window has seen it: one list of stretches a partition, for the ribbon. A stretch without a
 * leader is one in which the cluster names none, or names a broker that does not run. Pure: time comes in with each observation.
 */
import type { BrokerView, PartitionView } from '../../../shared/model/cluster'

export interface LeadershipStretch {
  readonly fromMs: number
  /** null: nobody led. */
  readonly leader: number | null
}

const stretchesMax = 240

export const partitionKey = (topic: string, partition: number): string => `${topic}-${partition}`

export class LeadershipHistory {
  private readonly stretches = new Map<string, LeadershipStretch[]>()

  /**
   * Takes note of what is true now of these: all at first, then those that changed. Answers whether anything did. The first observation of all
   * reaches back: main watches since the cluster started, so a leader that has not changed has led since its broker came up.
   */
  observe(partitions: readonly PartitionView[], brokers: ReadonlyMap<number, BrokerView>, nowMs: number): boolean {
    let hasChanged = false
    const isInitial = this.stretches.size === 0
    for (const partition of partitions) {
      const key = partitionKey(partition.topic, partition.partition)
      const broker = partition.leader === null ? undefined : brokers.get(partition.leader)
      const leads = broker?.state === 'running' || broker?.state === 'stopping'
      const leader = leads ? partition.leader : null
      const list = this.stretches.get(key)
      if (!list) {
        this.stretches.set(
          key,
          first(partition, leader, (isInitial && leader !== null ? broker?.stateSinceMs : undefined) ?? nowMs),
        )
        hasChanged = true
        continue
      }
      const last = list[list.length - 1]
      if (last?.leader === leader) continue
      const sinceMs = leader === null && broker ? broker.stateSinceMs : (partition.leaderChangedAtMs ?? nowMs)
      list.push({ fromMs: Math.min(nowMs, Math.max(sinceMs, (last?.fromMs ?? 0) + 1)), leader })
      if (list.length > stretchesMax) list.shift()
      hasChanged = true
    }
    return hasChanged
  }

  /** Topics that are gone: one of the same name begins anew. */
  forget(topics: readonly string[]): void {
    for (const topic of topics) for (let partition = 0; this.stretches.delete(partitionKey(topic, partition)); partition++);
  }

  of(topic: string, partition: number): readonly LeadershipStretch[] {
    return this.stretches.get(partitionKey(topic, partition)) ?? []
  }
}

/** A partition seen for the first time: what led before is known where the cluster says so. */
function first(partition: PartitionView, leader: number | null, sinceMs: number): LeadershipStretch[] {
  const { leaderChangedAtMs, previousLeader } = partition
  if (leaderChangedAtMs === null || previousLeader === null) return [{ fromMs: leaderChangedAtMs ?? sinceMs, leader }]
  return [
    { fromMs: 0, leader: previousLeader },
    { fromMs: leaderChangedAtMs, leader },
  ]
}
