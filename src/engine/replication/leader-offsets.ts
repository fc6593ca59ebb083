/**
 * Asks a leader where its log begins and ends, for a follower whose fetch was out of range: rare, and so two plain requests.
 *
 * The end is asked for with OffsetForLeaderEpoch: the present epoch ends at the log end, while ListOffsets speaks of the high watermark.
 */
import { ErrorCode } from '../wire/errors'
import { ListOffsets } from '../wire/messages/02-list-offsets'
import { OffsetForLeaderEpoch } from '../wire/messages/23-offset-for-leader-epoch'
import type { RequestOf, ResponseOf } from '../wire/schema'
import type { FetchPosition } from './core/follower'
import type { FetchConnection } from './ports'
import type { Replica } from './replica'

export interface AskedOffsets {
  readonly startOffset: number
  readonly endOffset: number
}

const EARLIEST_TIMESTAMP = -2
const LIST_OFFSETS_VERSION = 7
const OFFSET_FOR_LEADER_EPOCH_VERSION = 4
const READ_UNCOMMITTED = 0

/** Calls `onAnswer` once; with null where the leader did not answer, or no longer leads in that epoch. */
export function askLeaderOffsets(
  connection: FetchConnection,
  replica: Replica,
  position: FetchPosition,
  timeoutMs: number,
  onAnswer: (offsets: AskedOffsets | null) => void,
): void {
  const { topic, partition, state } = replica
  connection.requestInPlace<RequestOf<typeof OffsetForLeaderEpoch>, ResponseOf<typeof OffsetForLeaderEpoch>>(
    OffsetForLeaderEpoch,
    {
      replicaId: state.localBrokerId,
      topics: [
        { topic, partitions: [{ partition, currentLeaderEpoch: position.leaderEpoch, leaderEpoch: position.leaderEpoch }] },
      ],
    },
    OFFSET_FOR_LEADER_EPOCH_VERSION,
    (response) => {
      const end = response?.topics[0]?.partitions[0]
      if (!end || end.errorCode !== ErrorCode.NONE || end.endOffset < 0) return onAnswer(null)
      // A number: the response itself is gone when the second answer comes.
      const { endOffset } = end
      askStart(connection, replica, position, timeoutMs, (startOffset) =>
        onAnswer(startOffset === null ? null : { startOffset, endOffset }),
      )
    },
    timeoutMs,
  )
}

function askStart(
  connection: FetchConnection,
  { topic, partition, state }: Replica,
  position: FetchPosition,
  timeoutMs: number,
  onAnswer: (startOffset: number | null) => void,
): void {
  connection.requestInPlace<RequestOf<typeof ListOffsets>, ResponseOf<typeof ListOffsets>>(
    ListOffsets,
    {
      replicaId: state.localBrokerId,
      isolationLevel: READ_UNCOMMITTED,
      topics: [
        {
          name: topic,
          partitions: [{ partitionIndex: partition, currentLeaderEpoch: position.leaderEpoch, timestamp: EARLIEST_TIMESTAMP }],
        },
      ],
    },
    LIST_OFFSETS_VERSION,
    (response) => {
      const start = response?.topics[0]?.partitions[0]
      onAnswer(start && start.errorCode === ErrorCode.NONE && start.offset >= 0 ? start.offset : null)
    },
    timeoutMs,
  )
}
