/** What the pointer rests on in the timeline: its cells keep their colour in the map, all others fade. Pure. */
import type { PartitionView, TimelineEvent } from '../../../shared/model/cluster'

export interface MapFocus {
  readonly brokerId: number | null
  readonly topic: string | null
  readonly partition: number | null
  /** Those that it is about, where they are named. */
  readonly keys: ReadonlySet<string> | null
}

export function focusOf(event: TimelineEvent): MapFocus {
  const { brokerId, topic, partition, partitions } = event
  return {
    brokerId,
    topic,
    partition,
    keys: partitions === undefined ? null : new Set(partitions.map((each) => `${each.topic}-${each.partition}`)),
  }
}

export function isFaded(
  focus: MapFocus | null,
  partition: Pick<PartitionView, 'topic' | 'partition'>,
  brokerId: number,
): boolean {
  if (!focus) return false
  if (focus.keys !== null) return !focus.keys.has(`${partition.topic}-${partition.partition}`)
  if (focus.topic !== null)
    return partition.topic !== focus.topic || (focus.partition !== null && partition.partition !== focus.partition)
  return focus.brokerId !== null && brokerId !== focus.brokerId
}

/** One cell of the map, as pointer and cursor name it. */
export interface MapPlace {
  readonly partition: PartitionView
  readonly brokerId: number
}
