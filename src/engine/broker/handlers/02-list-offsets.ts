/**
 * ListOffsets (key 2), versions 0–9: the offset of the first record at or after a timestamp, or of a special one: -1 latest, -2 earliest,
 * -3 the record with the largest timestamp (7+), -4 the earliest that is held locally (8+), -5 the latest in tiered storage (9+).
 *
 * The epoch answered is that of the record found, not the present one. Version 0 answers a list, here of one offset: what a client before
 * 0.10 does with the starts of all segments it does with one as well.
 */
import { ErrorCode } from '../../wire/errors'
import { ListOffsets } from '../../wire/messages/02-list-offsets'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { refineError } from '../partition-errors'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

type Services = Pick<BrokerServices, 'replicas' | 'metadata'>

const CONSUMER = -1
const MAX_TIMESTAMP = -3
const EARLIEST = -2
const EARLIEST_LOCAL = -4
const LATEST_TIERED = -5

export function listOffsetsHandler({
  replicas,
  metadata,
}: Services): Handler<RequestOf<typeof ListOffsets>, ResponseOf<typeof ListOffsets>> {
  return {
    api: ListOffsets,
    minVersion: 0,
    maxVersion: 9,
    handle(context) {
      const { request, version } = context
      // A follower, or a tool that looks through its eyes, is told of the log end.
      const isolation =
        request.replicaId !== CONSUMER ? null : request.isolationLevel === 1 ? 'read_committed' : 'read_uncommitted'
      const topics = request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, timestamp, currentLeaderEpoch }) => {
          const nothing = { partitionIndex, timestamp: -1, offset: -1, leaderEpoch: -1, oldStyleOffsets: [] }
          if (isTooNew(timestamp, version)) return { ...nothing, errorCode: ErrorCode.UNSUPPORTED_VERSION }
          // Without tiered storage all of the log is local, and none of it tiered.
          const asked = timestamp === EARLIEST_LOCAL ? EARLIEST : timestamp
          if (asked === LATEST_TIERED) return { ...nothing, errorCode: ErrorCode.NONE }
          const found = replicas.listOffset(name, partitionIndex, asked, isolation, currentLeaderEpoch)
          const errorCode = refineError(metadata, name, partitionIndex, found.errorCode)
          if (errorCode !== ErrorCode.NONE) return { ...nothing, errorCode }
          if (version === 0) return { ...nothing, errorCode, oldStyleOffsets: found.offset < 0 ? [] : [found.offset] }
          return { ...nothing, errorCode, timestamp: found.timestamp, offset: found.offset, leaderEpoch: found.leaderEpoch }
        }),
      }))
      context.respond({ topics })
    },
  }
}

function isTooNew(timestamp: number, version: number): boolean {
  return (
    (timestamp === MAX_TIMESTAMP && version < 7) ||
    (timestamp === EARLIEST_LOCAL && version < 8) ||
    (timestamp === LATEST_TIERED && version < 9) ||
    timestamp < LATEST_TIERED
  )
}
