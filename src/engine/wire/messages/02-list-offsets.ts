/**
 * ListOffsets (key 2): the offset for a timestamp, or for one of the special ones (-1 latest, -2 earliest, -3 of the largest timestamp,
 * -4 local log start, -5 latest tiered). Versions 0–9: 0 answers a list of segment starts, as clients before 0.10 expect.
 */
import { array, defineApi, int8, int16, int32, int64n, string } from '../schema'

export const ListOffsets = defineApi({
  key: 2,
  name: 'ListOffsets',
  versions: [0, 9],
  flexibleFrom: 6,
  request: {
    replicaId: int32('0+'),
    isolationLevel: int8('2+'),
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        currentLeaderEpoch: int32('4+', { default: -1, ignorable: true }),
        timestamp: int64n('0+'),
        maxNumOffsets: int32('0', { default: 1 }),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32('2+', { ignorable: true }),
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        errorCode: int16('0+'),
        oldStyleOffsets: array('0', 'int64n'),
        timestamp: int64n('1+', { default: -1 }),
        offset: int64n('1+', { default: -1 }),
        leaderEpoch: int32('4+', { default: -1 }),
      }),
    }),
  },
})
