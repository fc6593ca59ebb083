/**
 * DeleteRecords (key 21): moves a partition's log start offset forward; -1 stands for the high watermark. Versions 0–2.
 */
import { array, defineApi, int16, int32, int64n, string } from '../schema'

export const DeleteRecords = defineApi({
  key: 21,
  name: 'DeleteRecords',
  versions: [0, 2],
  flexibleFrom: 2,
  request: {
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        offset: int64n('0+'),
      }),
    }),
    timeoutMs: int32('0+'),
  },
  response: {
    throttleTimeMs: int32('0+'),
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        lowWatermark: int64n('0+'),
        errorCode: int16('0+'),
      }),
    }),
  },
})
