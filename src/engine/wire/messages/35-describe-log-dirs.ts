/**
 * DescribeLogDirs (key 35): the data folders of the broker that is asked, and how much each replica takes there. Versions 1–4.
 */
import { array, bool, defineApi, int16, int32, int64n, string } from '../schema'

export const DescribeLogDirs = defineApi({
  key: 35,
  name: 'DescribeLogDirs',
  versions: [1, 4],
  flexibleFrom: 2,
  request: {
    topics: array(
      '0+',
      {
        topic: string('0+'),
        partitions: array('0+', 'int32'),
      },
      { nullable: '0+' },
    ),
  },
  response: {
    throttleTimeMs: int32('0+'),
    errorCode: int16('3+', { ignorable: true }),
    results: array('0+', {
      errorCode: int16('0+'),
      logDir: string('0+'),
      topics: array('0+', {
        name: string('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          partitionSize: int64n('0+'),
          offsetLag: int64n('0+'),
          isFutureKey: bool('0+'),
        }),
      }),
      totalBytes: int64n('4+', { ignorable: true, default: -1 }),
      usableBytes: int64n('4+', { ignorable: true, default: -1 }),
    }),
  },
})
