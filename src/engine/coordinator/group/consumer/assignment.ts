/** Sets of partitions by topic id, as members own, give up and are to own them. Immutable; partitions of a topic are ascending, and no topic is empty. */

export type Assignment = ReadonlyMap<string, readonly number[]>

export const NO_PARTITIONS: Assignment = new Map()

export interface TopicPartitions {
  readonly topicId: string
  readonly partitions: readonly number[]
}

/** A topic may be named many times over. */
export function assignmentOf(topics: Iterable<TopicPartitions>): Assignment {
  const sets = new Map<string, Set<number>>()
  for (const { topicId, partitions } of topics) {
    if (partitions.length === 0) continue
    const set = sets.get(topicId) ?? new Set()
    for (const partition of partitions) set.add(partition)
    sets.set(topicId, set)
  }
  return new Map(Array.from(sets, ([topicId, set]) => [topicId, [...set].sort((a, b) => a - b)]))
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

/** As `has`, for asking of many: members can name as many as a request holds, and each of one list looked for in another takes minutes then. */
export function isIn(assignment: Assignment): (topicId: string, partition: number) => boolean {
  const sets = new Map<string, ReadonlySet<number>>()
  return (topicId, partition) => {
    let partitions = sets.get(topicId)
    if (partitions === undefined) {
      partitions = new Set(assignment.get(topicId))
      sets.set(topicId, partitions)
    }
    return partitions.has(partition)
  }
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
  const isThere = isIn(whole)
  for (const [topicId, partition] of each(part)) if (!isThere(topicId, partition)) return false
  return true
}

export function isSame(a: Assignment, b: Assignment): boolean {
  return a === b || (sizeOf(a) === sizeOf(b) && isSubset(a, b))
}

export function overlaps(a: Assignment, b: Assignment): boolean {
  const isThere = isIn(b)
  for (const [topicId, partition] of each(a)) if (isThere(topicId, partition)) return true
  return false
}

export function sizeOf(assignment: Assignment): number {
  let size = 0
  for (const partitions of assignment.values()) size += partitions.length
  return size
}
