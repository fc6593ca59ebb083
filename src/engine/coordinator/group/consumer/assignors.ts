/**
 * Who of a group's members shall own which partitions: the two assignors of Kafka's server side (KIP-848), by name. Pure: the same members, topics and
 * present assignment give the same, in whatever order they come.
 */
import { type Assignment, assignmentOf, each, type TopicPartitions } from './assignment'

export interface AssignableMember {
  readonly memberId: string
  readonly instanceId: string | null
  /** Those that there are. */
  readonly topicIds: ReadonlySet<string>
  /** What it is to own so far. */
  readonly assignment: Assignment
}

export interface AssignableTopic {
  readonly topicId: string
  readonly partitionCount: number
}

export type Assignor = (
  members: readonly AssignableMember[],
  topics: readonly AssignableTopic[],
) => ReadonlyMap<string, Assignment>

/** Named here first is what groups get that ask for none. */
export const assignors: ReadonlyMap<string, Assignor> = new Map([
  ['uniform', assignUniformly],
  ['range', assignRanges],
])

export const DEFAULT_ASSIGNOR = 'uniform'

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Of each topic a run of neighbours to each member, by instance id or member id, so that topics with as many partitions and the same members have the same
 * member at the same number, and keys meet.
 */
export function assignRanges(
  members: readonly AssignableMember[],
  topics: readonly AssignableTopic[],
): ReadonlyMap<string, Assignment> {
  const shares = new Map<string, TopicPartitions[]>(members.map(({ memberId }) => [memberId, []]))
  const sorted = [...members].sort((a, b) => order(a.instanceId ?? a.memberId, b.instanceId ?? b.memberId))
  for (const { topicId, partitionCount } of topics) {
    const subscribers = sorted.filter(({ topicIds }) => topicIds.has(topicId))
    let next = 0
    for (const [index, { memberId }] of subscribers.entries()) {
      const share = Math.floor(partitionCount / subscribers.length) + (index < partitionCount % subscribers.length ? 1 : 0)
      shares.get(memberId)!.push({ topicId, partitions: Array.from({ length: share }, (_, offset) => next + offset) })
      next += share
    }
  }
  return new Map(Array.from(shares, ([memberId, share]) => [memberId, assignmentOf(share)]))
}

interface Load {
  readonly member: AssignableMember
  readonly owned: Set<string>
}

/**
 * As many partitions to each as to the others, so far as subscriptions allow, and no more moves than that takes: what a member has it keeps; what is left
 * over goes to those who have least; and while somebody has two more than another who could take one of them, one moves.
 */
export function assignUniformly(
  members: readonly AssignableMember[],
  topics: readonly AssignableTopic[],
): ReadonlyMap<string, Assignment> {
  const loads: Load[] = [...members]
    .sort((a, b) => order(a.memberId, b.memberId))
    .map((member) => ({ member, owned: new Set<string>() }))
  const counts = new Map(topics.map(({ topicId, partitionCount }) => [topicId, partitionCount]))
  const owners = new Map<string, Load>()
  for (const load of loads) {
    for (const [topicId, partition] of each(load.member.assignment)) {
      const name = nameOf(topicId, partition)
      const isThere = partition < (counts.get(topicId) ?? 0) && load.member.topicIds.has(topicId)
      if (isThere && !owners.has(name)) give(load, name, owners)
    }
  }
  // Those first that fewest can take, or the only one who could may be full of what others could have had.
  const subscribersOf = new Map(
    topics.map(({ topicId }) => [topicId, loads.filter(({ member }) => member.topicIds.has(topicId))]),
  )
  const scarceFirst = [...topics].sort(
    (a, b) => subscribersOf.get(a.topicId)!.length - subscribersOf.get(b.topicId)!.length || order(a.topicId, b.topicId),
  )
  for (const { topicId, partitionCount } of scarceFirst) {
    const subscribers = subscribersOf.get(topicId)!
    if (subscribers.length === 0) continue
    for (let partition = 0; partition < partitionCount; partition++) {
      const name = nameOf(topicId, partition)
      if (!owners.has(name)) give(leastOf(subscribers), name, owners)
    }
  }
  level(loads, subscribersOf, owners)
  return new Map(loads.map(({ member, owned }) => [member.memberId, assignmentOf(Array.from(owned, partitionOf))]))
}

function level(loads: readonly Load[], subscribersOf: ReadonlyMap<string, readonly Load[]>, owners: Map<string, Load>): void {
  // Each move brings two loads nearer to each other, so this ends.
  for (let hasMoved = true; hasMoved; ) {
    hasMoved = false
    for (const load of [...loads].sort((a, b) => b.owned.size - a.owned.size)) {
      // The last that came goes first: what was there longest stays.
      for (const name of [...load.owned].reverse()) {
        const { topicId } = partitionOf(name)
        const least = leastOf(subscribersOf.get(topicId)!)
        if (load.owned.size - least.owned.size < 2) continue
        load.owned.delete(name)
        give(least, name, owners)
        hasMoved = true
      }
    }
  }
}

function give(load: Load, name: string, owners: Map<string, Load>): void {
  load.owned.add(name)
  owners.set(name, load)
}

function leastOf(loads: readonly Load[]): Load {
  let least = loads[0]!
  for (const load of loads) if (load.owned.size < least.owned.size) least = load
  return least
}

// A topic id is 22 characters of base64url.
const nameOf = (topicId: string, partition: number) => `${topicId}/${partition}`

function partitionOf(name: string): TopicPartitions {
  const at = name.lastIndexOf('/')
  return { topicId: name.slice(0, at), partitions: [Number(name.slice(at + 1))] }
}
