/**
 * Who may commit and read the offsets of a group: anybody while nobody is a member, and then its members, each in its present generation or epoch. Pure; used by
 * GroupShard. Rules of Kafka's ClassicGroup and ConsumerGroup (validateOffsetCommit, validateOffsetFetch).
 */
import { ErrorCode } from '../../wire/errors'
import type { ClassicGroup } from './classic-group'
import { checkMember, type MemberIdentity } from './classic-membership'
import type { ConsumerGroup } from './consumer/consumer-group'
import type { PartitionCommit, TopicOf } from './offset-operations'

export interface CommitRequest extends MemberIdentity {
  readonly groupId: string
  /** -1: a consumer that is in no group and only keeps its offsets here. */
  readonly generationId: number
  /** -1: as long as the broker keeps offsets. */
  readonly retentionTimeMs: bigint
  readonly topics: readonly TopicOf<PartitionCommit>[]
}

export interface FetchRequest {
  readonly groupId: string
  /** Null: a client of the classic protocol, or one that is in no group. */
  readonly memberId: string | null
  readonly memberEpoch: number
  /** Null: all that are committed. */
  readonly topics: readonly TopicOf<number>[] | null
}

/** NONE where it may. */
export function whyNotCommit(
  group: ClassicGroup | ConsumerGroup | undefined,
  request: CommitRequest,
  isTransactional: boolean,
): number {
  const { generationId, memberId, groupInstanceId } = request
  // A group that nobody has joined: only who does not claim to be a member may commit.
  if (group === undefined) return generationId < 0 ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION
  if (group.kind === 'consumer') {
    if (generationId < 0 && (isTransactional || group.members.size === 0)) return ErrorCode.NONE
    const code = checkEpoch(group, memberId, generationId)
    // Transactions know of no member epochs.
    return isTransactional && code === ErrorCode.STALE_MEMBER_EPOCH ? ErrorCode.ILLEGAL_GENERATION : code
  }
  // Who has partitions assigned by hand is no member, also where his client has a member id at hand (ClassicGroup.validateOffsetCommit).
  if (generationId < 0 && group.state === 'Empty') return ErrorCode.NONE
  if (generationId >= 0 || memberId !== '' || groupInstanceId !== null) {
    const errorCode = checkMember(group, request)
    if (errorCode !== ErrorCode.NONE) return errorCode
    if (generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
  } else if (!isTransactional) {
    return ErrorCode.UNKNOWN_MEMBER_ID
  }
  // It has been told its generation and not its assignment: what it commits may be another's by now.
  const isBetween = !isTransactional && generationId >= 0 && group.state === 'CompletingRebalance'
  return isBetween ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE
}

/** NONE where it may. `memberId` null: who does not say that it is a member. */
export function whyNotFetch(
  group: ClassicGroup | ConsumerGroup | undefined,
  memberId: string | null,
  memberEpoch: number,
): number {
  if (group?.kind !== 'consumer' || (memberId === null && memberEpoch < 0)) return ErrorCode.NONE
  return checkEpoch(group, memberId ?? '', memberEpoch)
}

/** Members of the new protocol and of the classic one are each told of it as their clients know it. */
function checkEpoch(group: ConsumerGroup, memberId: string, memberEpoch: number): number {
  const member = group.members.get(memberId)
  if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
  const isOver = member.current.memberEpoch !== memberEpoch
  if (isOver) return member.classic === null ? ErrorCode.STALE_MEMBER_EPOCH : ErrorCode.ILLEGAL_GENERATION
  return ErrorCode.NONE
}
