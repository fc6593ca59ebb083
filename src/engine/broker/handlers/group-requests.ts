/** What the handlers of groups share: which group ids are taken, and how a request becomes an operation on the group's shard. */
import type { GroupShard, OperationContext, Slot, Step } from '../../coordinator'
import { ErrorCode } from '../../wire/errors'
import type { Coordinators } from '../coordinators'
import type { ClientIdentity } from '../registry'

export type GroupServices = { readonly coordinators: Pick<Coordinators, 'groups' | 'uniqueId'> }

/** Membership needs a name; offsets have been kept under an empty one by clients of old (GroupCoordinator.isValidGroupId). */
export function isGroupIdForMembers(groupId: string): boolean {
  return groupId !== ''
}

/** Runs `operation` where the group is; `onError` has the code where it is not, or not now. */
export function atGroup<A>(
  { coordinators }: GroupServices,
  groupId: string,
  operation: (shard: GroupShard, step: Step, slot: Slot<A>, context: OperationContext) => void,
  onAnswer: (answer: A) => void,
  onError: (errorCode: number) => void,
): void {
  const { groups } = coordinators
  groups.execute(groups.partitionFor(groupId), operation, onAnswer, onError)
}

interface RequestedOffsets {
  readonly name: string
  readonly partitions: readonly {
    readonly partitionIndex: number
    readonly committedOffset: bigint
    readonly committedLeaderEpoch: number
    readonly committedMetadata: string | null
  }[]
}

/** What the group is asked to keep of OffsetCommit and TxnOffsetCommit: only partitions that exist, and only topics with any. */
export function offsetsToCommit(topics: readonly RequestedOffsets[], isKnown: (topic: string, partition: number) => boolean) {
  return topics
    .map(({ name, partitions }) => ({
      topic: name,
      partitions: partitions
        .filter(({ partitionIndex }) => isKnown(name, partitionIndex))
        .map(({ partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }) => ({
          partition: partitionIndex,
          offset: committedOffset,
          leaderEpoch: committedLeaderEpoch,
          metadata: committedMetadata,
        })),
    }))
    .filter(({ partitions }) => partitions.length > 0)
}

/** A member is shown with the address as Java prints one. */
export function clientHostOf({ host }: ClientIdentity): string {
  return `/${host}`
}

/** Whatever the request holds is a view on a buffer that is used again; a coordinator keeps what it is given. */
export function keep(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes)
}

/** A record that is too large for a batch is an offset that is: its metadata, or the number of partitions (GroupCoordinator, OffsetCommit). */
export function commitError(errorCode: number): number {
  return errorCode === ErrorCode.MESSAGE_TOO_LARGE || errorCode === ErrorCode.RECORD_LIST_TOO_LARGE
    ? ErrorCode.INVALID_COMMIT_OFFSET_SIZE
    : errorCode
}

/** Bits of AclOperation: READ 3, DELETE 6, DESCRIBE 8. */
export const ALL_GROUP_OPERATIONS = (1 << 3) | (1 << 6) | (1 << 8)
export const OPERATIONS_NOT_ASKED_FOR = -2147483648
