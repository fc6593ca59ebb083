/** Sets of partitions by topic id, as members own, give up and are to own them. Immutable; partitions of a topic are ascending, and no topic is empty. */

export type Assignment = ReadonlyMap<string, readonly number[]>

export const NO_PARTITIONS: Assignment = new Map()

export interface TopicPartitions {
  readonly topicId: string
  readonly partitions: readonly number[]
}

export function assignmentOf(topics: Iterable<TopicPartitions>): Assignment {
  const assignment = new Map<string, number[]>()
  for (const { topicId, partitions } of topics) {
    if (partitions.length === 0) continue
    const all = new Set([...(assignment.get(topicId) ?? []), ...partitions])
    assignment.set(
      topicId,
      [...all].sort((a, b) => a - b),
    )
  }
  return assignment
}

export function topicsOf(assignment: Assignment): TopicPartitions[] {
  return Array.from(assignment, ([topicId, partitions]) => ({ topicId, partitions: [...partitions] }))
}

export function* each(assignment: Assignment): IterableIterator<readonly [topicId: string, partition: number]> {
  for (const [topicId, partitions] of assignment) for (const partition of partitions) yield [topicId, partition]
}

export function has(assignment: Assignment, topicId: string, partition: number): boolean {
  return assignment.get(topicId)?.includes(partition) ?? false
}

export function where(assignment: Assignment, keeps: (topicId: string, partition: number) => boolean): Assignment {
  const kept = new Map<string, number[]>()
  for (const [topicId, partitions] of assignment) {
    const left = partitions.filter((partition) => keeps(topicId, partition))
    if (left.length > 0) kept.set(topicId, left)
  }
  return kept
}

export function union(a: Assignment, b: Assignment): Assignment {
  return assignmentOf([...topicsOf(a), ...topicsOf(b)])
}

export function isSubset(part: Assignment, whole: Assignment): boolean {
  for (const [topicId, partition] of each(part)) if (!has(whole, topicId, partition)) return false
  return true
}

export function isSame(a: Assignment, b: Assignment): boolean {
  return isSubset(a, b) && isSubset(b, a)
}

export function overlaps(a: Assignment, b: Assignment): boolean {
  for (const [topicId, partition] of each(a)) if (has(b, topicId, partition)) return true
  return false
}

export function sizeOf(assignment: Assignment): number {
  let size = 0
  for (const partitions of assignment.values()) size += partitions.length
  return size
}
