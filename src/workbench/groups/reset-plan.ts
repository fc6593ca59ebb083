/**
 * What a reset of committed offsets would do, row by row, before anything is changed (the table old → new). Looks up what it needs; the rules are pure
 * (`resetRow`). Bounds: a new offset lies within the partition's log, as kafka-consumer-groups.sh holds it.
 */
import {
  type CommittedOffset,
  earliestOffset,
  type FoundOffset,
  findOffsets,
  type KafkaClient,
  keyOf,
  latestOffset,
  type TopicPartition,
} from '../../engine/client'
import type { ResetRow, ResetTarget } from '../../shared/model/groups'

export interface ResetFacts {
  readonly committed: CommittedOffset | null
  readonly start: FoundOffset | null
  readonly end: FoundOffset | null
  /** Of a time: the first record at or after it. */
  readonly atTime: FoundOffset | null
  /** Of another group. */
  readonly other: CommittedOffset | null
}

const unknownEpoch = -1

export async function planRows(
  client: KafkaClient,
  partitions: readonly TopicPartition[],
  target: ResetTarget,
  committed: readonly CommittedOffset[],
  other: readonly CommittedOffset[],
): Promise<ResetRow[]> {
  const nothing = Promise.resolve(new Map<string, FoundOffset>())
  const [starts, ends, atTime] = await Promise.all([
    findOffsets(client, partitions, { timestamp: earliestOffset }),
    findOffsets(client, partitions, { timestamp: latestOffset }),
    target.kind === 'time' ? findOffsets(client, partitions, { timestamp: target.timestampMs }) : nothing,
  ])
  const byKey = (list: readonly CommittedOffset[]) => new Map(list.map((each) => [keyOf(each), each]))
  const committedBy = byKey(committed)
  const otherBy = byKey(other)
  return partitions.map((each) => {
    const key = keyOf(each)
    const facts = {
      committed: committedBy.get(key) ?? null,
      start: starts.get(key) ?? null,
      end: ends.get(key) ?? null,
      atTime: atTime.get(key) ?? null,
      other: otherBy.get(key) ?? null,
    }
    return resetRow(each, target, facts)
  })
}

export function resetRow({ topic, partition }: TopicPartition, target: ResetTarget, facts: ResetFacts): ResetRow {
  const { committed, start, end } = facts
  const old = committed === null ? null : committed.offset
  const row = (next: bigint | null, leaderEpoch: number, note: string, recordAtMs: number | null = null): ResetRow => ({
    topic,
    partition,
    committed: old === null ? null : String(old),
    next: next === null ? null : String(next),
    leaderEpoch,
    change: next === null || old === null ? null : Number(next - old),
    recordAtMs,
    note,
  })
  if (start === null || end === null) return row(null, unknownEpoch, 'no leader answers: left as it is')
  const first = BigInt(start.offset)
  const last = BigInt(end.offset)
  // The epoch stands for the record before the offset; it is known where the offset was looked up, and where the commit stays.
  const epochAt = (offset: bigint): number =>
    offset === old
      ? (committed?.leaderEpoch ?? unknownEpoch)
      : offset === last
        ? end.leaderEpoch
        : offset === first
          ? start.leaderEpoch
          : unknownEpoch
  const within = (wanted: bigint): ResetRow => {
    if (wanted < first) return row(first, epochAt(first), `the log begins at ${first}`)
    if (wanted > last) return row(last, epochAt(last), `the log ends at ${last}`)
    return row(wanted, epochAt(wanted), '')
  }
  switch (target.kind) {
    case 'earliest':
      return row(first, start.leaderEpoch, '')
    case 'latest':
      return row(last, end.leaderEpoch, '')
    case 'time': {
      const { atTime } = facts
      if (atTime === null || atTime.offset < 0) return row(last, end.leaderEpoch, 'no record is as young: the end')
      return row(BigInt(atTime.offset), atTime.leaderEpoch, '', atTime.timestamp)
    }
    case 'shift':
      return old === null ? row(null, unknownEpoch, 'no commit to shift') : within(old + BigInt(target.by))
    case 'offset': {
      const wanted = target.byPartition[keyOf({ topic, partition })] ?? target.offset
      return wanted === null ? row(null, unknownEpoch, 'left as it is') : within(BigInt(wanted))
    }
    case 'group': {
      const { other } = facts
      if (other === null) return row(null, unknownEpoch, `${target.groupId} has no commit here: left as it is`)
      const found = within(other.offset)
      return found.next === String(other.offset) ? { ...found, leaderEpoch: other.leaderEpoch } : found
    }
  }
}
