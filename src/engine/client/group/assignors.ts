/**
 * Who of a classic group's members shall own which partitions, as its leader decides it: range and round robin as in Kafka's clients (RangeAssignor,
 * RoundRobinAssignor), and cooperative-sticky by its promises (CooperativeStickyAssignor, KIP-429): balanced, as few moves as that allows, and what moves is
 * first taken away in one generation and given in the next. Pure: the same members in whatever order get the same.
 */
import { compare, grouped, keyOf, type TopicPartition, type TopicPartitions } from './topic-partitions'

export interface AssignableMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly topics: readonly string[]
  readonly owned: readonly TopicPartition[]
  /** In which generation it was given what it owns; who says nothing older than others is not believed against them. */
  readonly generationId: number
}

/** Topics that do not exist have no entry, and nobody is given anything of them. */
export type PartitionCounts = ReadonlyMap<string, number>
export type Assignment = ReadonlyMap<string, readonly TopicPartitions[]>
export type AssignorName = 'range' | 'roundrobin' | 'cooperative-sticky'

export function assign(name: AssignorName, members: readonly AssignableMember[], counts: PartitionCounts): Assignment {
  const ordered = [...members].sort(byIdentity)
  const given =
    name === 'range'
      ? assignRanges(ordered, counts)
      : name === 'roundrobin'
        ? assignInTurn(ordered, counts)
        : assignCooperatively(ordered, counts)
  return new Map([...given].map(([memberId, partitions]) => [memberId, grouped(partitions)]))
}

/** Static members first, by instance id, so that a restart, which brings another member id, changes nothing (KIP-345). */
function byIdentity(a: AssignableMember, b: AssignableMember): number {
  if (a.groupInstanceId !== null && b.groupInstanceId !== null) return compare(a.groupInstanceId, b.groupInstanceId)
  if (a.groupInstanceId !== null) return -1
  if (b.groupInstanceId !== null) return 1
  return compare(a.memberId, b.memberId)
}

const nothingFor = (members: readonly AssignableMember[]): Map<string, TopicPartition[]> =>
  new Map(members.map(({ memberId }) => [memberId, []]))

function assignRanges(members: readonly AssignableMember[], counts: PartitionCounts): Map<string, TopicPartition[]> {
  const given = nothingFor(members)
  for (const [topic, count] of counts) {
    const readers = members.filter(({ topics }) => topics.includes(topic))
    let next = 0
    readers.forEach(({ memberId }, index) => {
      const size = Math.floor(count / readers.length) + (index < count % readers.length ? 1 : 0)
      for (const end = next + size; next < end; next++) given.get(memberId)?.push({ topic, partition: next })
    })
  }
  return given
}

function assignInTurn(members: readonly AssignableMember[], counts: PartitionCounts): Map<string, TopicPartition[]> {
  const given = nothingFor(members)
  let turn = 0
  for (const each of allPartitions(counts)) {
    if (!members.some(({ topics }) => topics.includes(each.topic))) continue
    while (!members[turn % members.length]?.topics.includes(each.topic)) turn++
    given.get(members[turn++ % members.length]?.memberId ?? '')?.push(each)
  }
  return given
}

function assignCooperatively(members: readonly AssignableMember[], counts: PartitionCounts): Map<string, TopicPartition[]> {
  const owners = ownersOf(members, counts)
  const target = balanced(members, counts, owners)
  const given = nothingFor(members)
  for (const each of allPartitions(counts)) {
    const owner = owners.get(keyOf(each))
    const next = target.get(keyOf(each))
    // Whoever has it still reads it: nobody else gets it before it has been given up, which brings the group's next generation.
    if (next !== undefined && (owner === undefined || owner === next)) given.get(next)?.push(each)
  }
  return given
}

/** By partition: who owns it by the newest generation in which somebody says so. Two that say so of the same one are both not believed. */
function ownersOf(members: readonly AssignableMember[], counts: PartitionCounts): Map<string, string> {
  const claims = new Map<string, { memberId: string | null; generationId: number }>()
  for (const { memberId, topics, owned, generationId } of members) {
    for (const each of owned) {
      if (!topics.includes(each.topic) || each.partition >= (counts.get(each.topic) ?? 0)) continue
      const claim = claims.get(keyOf(each))
      if (claim === undefined || claim.generationId < generationId) claims.set(keyOf(each), { memberId, generationId })
      else if (claim.generationId === generationId) claim.memberId = null
    }
  }
  return new Map([...claims].flatMap(([key, { memberId }]): [string, string][] => (memberId === null ? [] : [[key, memberId]])))
}

/** By partition the member that shall have it: the present one where balance allows. No two members that read the same topics differ by more than one. */
function balanced(
  members: readonly AssignableMember[],
  counts: PartitionCounts,
  owners: ReadonlyMap<string, string>,
): Map<string, string> {
  const target = new Map(owners)
  const load = new Map(members.map(({ memberId }) => [memberId, 0]))
  const loadOf = (memberId: string) => load.get(memberId) ?? 0
  for (const memberId of owners.values()) load.set(memberId, loadOf(memberId) + 1)
  const readers = new Map([...counts.keys()].map((topic) => [topic, members.filter(({ topics }) => topics.includes(topic))]))
  const leastLoaded = (topic: string): string | null => {
    let least: string | null = null
    for (const { memberId } of readers.get(topic) ?? []) if (least === null || loadOf(memberId) < loadOf(least)) least = memberId
    return least
  }
  const partitions = allPartitions(counts)
  const give = (each: TopicPartition, to: string): void => {
    const from = target.get(keyOf(each))
    if (from !== undefined) load.set(from, loadOf(from) - 1)
    target.set(keyOf(each), to)
    load.set(to, loadOf(to) + 1)
  }
  for (const each of partitions) {
    const to = target.has(keyOf(each)) ? null : leastLoaded(each.topic)
    if (to !== null) give(each, to)
  }
  // Each move lowers the sum of the squares of the loads, so this ends.
  for (let hasMoved = true; hasMoved; ) {
    hasMoved = false
    for (const each of partitions) {
      const from = target.get(keyOf(each))
      const to = leastLoaded(each.topic)
      if (from === undefined || to === null || loadOf(from) - loadOf(to) <= 1) continue
      give(each, to)
      hasMoved = true
    }
  }
  return target
}

function allPartitions(counts: PartitionCounts): TopicPartition[] {
  return [...counts]
    .sort(([a], [b]) => compare(a, b))
    .flatMap(([topic, count]) => Array.from({ length: count }, (_, partition) => ({ topic, partition })))
}
