/**
 * What a member of the new protocol says of itself, compared: whether there is something to write, whether the assignment depends on it. Pure; used by
 * ConsumerGroups, and for describing groups.
 */
import { assignors, DEFAULT_ASSIGNOR } from './assignors'
import type { ConsumerMember } from './consumer-group'
import type { ClassicFacts, MemberFacts } from './consumer-records'

/** Of whom nothing is known. */
export const NOBODY: MemberFacts = {
  instanceId: null,
  rackId: null,
  clientId: '',
  clientHost: '',
  subscribedTopicNames: [],
  subscribedTopicRegex: null,
  rebalanceTimeoutMs: -1,
  serverAssignor: null,
  classic: null,
}

export function factsIn(member: ConsumerMember): MemberFacts {
  const { memberId: _, current: __, ...facts } = member
  return facts
}

export function isSameFacts(a: MemberFacts, b: MemberFacts): boolean {
  return (
    isSameSubscription(a, b) &&
    a.instanceId === b.instanceId &&
    a.rackId === b.rackId &&
    a.clientId === b.clientId &&
    a.clientHost === b.clientHost &&
    a.rebalanceTimeoutMs === b.rebalanceTimeoutMs &&
    isSameClassic(a.classic, b.classic)
  )
}

function isSameClassic(a: ClassicFacts | null, b: ClassicFacts | null): boolean {
  if (a === null || b === null) return a === b
  return (
    a.sessionTimeoutMs === b.sessionTimeoutMs &&
    a.protocols.length === b.protocols.length &&
    a.protocols.every(({ name, metadata }, index) => {
      const other = b.protocols[index]!
      return name === other.name && Buffer.compare(metadata, other.metadata) === 0
    })
  )
}

/** What the assignment depends on. */
export function isSameSubscription(a: MemberFacts, b: MemberFacts): boolean {
  return (
    a.subscribedTopicNames.join('\0') === b.subscribedTopicNames.join('\0') &&
    a.subscribedTopicRegex === b.subscribedTopicRegex &&
    a.serverAssignor === b.serverAssignor
  )
}

/** The one that most members ask for. */
export function preferredAssignor(members: Iterable<ConsumerMember>): string {
  const votes = new Map<string, number>()
  for (const { serverAssignor } of members) {
    if (serverAssignor !== null && assignors.has(serverAssignor)) votes.set(serverAssignor, (votes.get(serverAssignor) ?? 0) + 1)
  }
  let winner = DEFAULT_ASSIGNOR
  for (const [name, count] of votes) if (count > (votes.get(winner) ?? 0)) winner = name
  return winner
}
