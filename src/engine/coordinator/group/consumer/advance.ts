/**
 * What follows from one member's word for a group of the new protocol, as records: the member itself, the group's epoch where somebody came or reads something
 * else or topics have changed, the target of a new epoch, and the member's next step towards it. Pure. Used by ConsumerGroups for heartbeats and by
 * ClassicMembers for joins, which decide who may speak.
 */
import type { Step } from '../../shard'
import { type Assignment, isSame, NO_PARTITIONS } from './assignment'
import { type AssignableMember, assignors } from './assignors'
import type { ConsumerGroup, ConsumerMember } from './consumer-group'
import {
  type CurrentAssignment,
  currentMemberRecord,
  groupEpochRecord,
  type MemberFacts,
  memberRecord,
  partitionMetadataRecord,
  type SubscribedTopic,
  targetEpochRecord,
  targetMemberRecord,
} from './consumer-records'
import { isSameFacts, isSameSubscription, preferredAssignor } from './member-facts'
import { reconcile } from './reconcile'
import { topicPattern } from './topic-pattern'

/** The cluster's topics as this broker knows them. */
export interface TopicsView {
  find(name: string): SubscribedTopic | undefined
  names(): Iterable<string>
}

export interface FoundMember {
  readonly member: ConsumerMember
  /** The static member whose place it takes. */
  readonly replaced: string | null
  /** What it owns, in so far as it can be believed. */
  readonly owned: Assignment | null
  /** The answer that told it its epoch was lost: it speaks in the one before. */
  readonly isBehind: boolean
}

/** Answers what the member owns from then on. `facts`: what it says of itself now. */
export function advance(
  group: ConsumerGroup,
  { member, replaced, owned, isBehind }: FoundMember,
  facts: MemberFacts,
  view: TopicsView,
  step: Step,
): CurrentAssignment {
  const { groupId } = group
  const { memberId } = member
  const isNew = !group.members.has(memberId)
  if (isNew || !isSameFacts(facts, member)) step.append(memberRecord(groupId, memberId, facts))
  const updated: ConsumerMember = { ...member, ...facts }
  const isSameReader = !isNew && isSameSubscription(facts, member)
  const subscribes = isNew && replaced === null ? true : !isSameSubscription(facts, member)
  const membersNow = () => {
    const members = new Map(group.members)
    if (replaced !== null) members.delete(replaced)
    return members.set(memberId, updated)
  }
  // Of most heartbeats there is nothing new, and then nothing is to be asked of all members.
  const topics = topicsRead(isSameReader ? group.subscriptions : subscriptionsOf(membersNow().values()), view)
  const hasOtherTopics = !isSameTopics(topics, group.topics)
  if (hasOtherTopics) step.append(partitionMetadataRecord(groupId, topics))
  const isDue = subscribes || hasOtherTopics
  const { epoch, targetOf } = assign({ group, membersNow, topics, isDue, replaced, memberId, view, step })
  const isFree = (topicId: string, partition: number) => {
    const owner = group.ownerOf(topicId, partition)
    return owner === undefined || owner === memberId || owner === replaced
  }
  const input = { target: targetOf(memberId), targetEpoch: epoch, owned, isClassic: facts.classic !== null, isFree }
  // Who has not heard of its present epoch is not moved to another: it would not be known by either any more, if that answer were lost, too.
  const current = isBehind ? updated.current : reconcile({ current: updated.current, ...input })
  if (current !== member.current || isNew) step.append(currentMemberRecord(groupId, memberId, current))
  return current
}

interface Assigning {
  readonly group: ConsumerGroup
  readonly membersNow: () => ReadonlyMap<string, ConsumerMember>
  readonly topics: readonly SubscribedTopic[]
  readonly isDue: boolean
  readonly replaced: string | null
  readonly memberId: string
  readonly view: TopicsView
  readonly step: Step
}

/** Raises the epoch where `isDue`, and makes the target of the epoch where it is not made yet. */
function assign({ group, membersNow, topics, isDue, replaced, memberId, view, step }: Assigning): {
  readonly epoch: number
  readonly targetOf: (memberId: string) => Assignment
} {
  const { groupId } = group
  const epoch = isDue ? group.epoch + 1 : group.epoch
  if (isDue) step.append(groupEpochRecord(groupId, epoch))
  // Who takes the place of another is to own what that one was to.
  const before = (id: string) => group.target(replaced !== null && id === memberId ? replaced : id)
  if (epoch === group.targetEpoch) {
    if (replaced !== null) step.append(targetMemberRecord(groupId, memberId, before(memberId)))
    return { epoch, targetOf: before }
  }
  const members = membersNow()
  const assignable: AssignableMember[] = Array.from(members.values(), (member) => ({
    memberId: member.memberId,
    instanceId: member.instanceId,
    topicIds: new Set(readBy(member, topics, view)),
    assignment: before(member.memberId),
  }))
  const targets = assignors.get(preferredAssignor(members.values()))!(assignable, topics)
  for (const [id, target] of targets) {
    const isKnown = group.targets.has(id)
    if (!isKnown || !isSame(target, group.target(id))) step.append(targetMemberRecord(groupId, id, target))
  }
  step.append(targetEpochRecord(groupId, epoch))
  return { epoch, targetOf: (id) => targets.get(id) ?? NO_PARTITIONS }
}

interface Subscriptions {
  readonly names: Iterable<string>
  readonly expressions: Iterable<string>
}

function subscriptionsOf(members: Iterable<ConsumerMember>): Subscriptions {
  const names = new Set<string>()
  const expressions = new Set<string>()
  for (const { subscribedTopicNames, subscribedTopicRegex } of members) {
    for (const name of subscribedTopicNames) names.add(name)
    if (subscribedTopicRegex !== null) expressions.add(subscribedTopicRegex)
  }
  return { names, expressions }
}

/** Those that there are, by name. */
function topicsRead({ names, expressions }: Subscriptions, view: TopicsView): SubscribedTopic[] {
  const all = new Set(names)
  for (const expression of expressions) for (const name of matching(expression, view)) all.add(name)
  const topics: SubscribedTopic[] = []
  for (const name of [...all].sort()) {
    const topic = view.find(name)
    if (topic !== undefined) topics.push(topic)
  }
  return topics
}

function readBy(
  { subscribedTopicNames, subscribedTopicRegex }: ConsumerMember,
  topics: readonly SubscribedTopic[],
  view: TopicsView,
): string[] {
  const names = new Set(subscribedTopicNames)
  if (subscribedTopicRegex !== null) for (const name of matching(subscribedTopicRegex, view)) names.add(name)
  return topics.filter(({ name }) => names.has(name)).map(({ topicId }) => topicId)
}

function matching(expression: string, view: TopicsView): string[] {
  const pattern = topicPattern(expression)
  return pattern === null ? [] : Array.from(view.names()).filter((name) => pattern.test(name))
}

function isSameTopics(a: readonly SubscribedTopic[], b: readonly SubscribedTopic[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ topicId, partitionCount }, index) => topicId === b[index]!.topicId && partitionCount === b[index]!.partitionCount)
  )
}
