/**
 * Produce (key 0): records from a producer. Versions 3–12: before 3 come the old record formats, which no broker of ours stores; 12 is
 * for transactions of the second kind (KIP-890), 13 for topic ids.
 * We advertise from 0 although 0–2 are refused: librdkafka up to 2.10 takes a broker without Produce 0 for one that cannot compress,
 * and silently sends uncompressed (KAFKA-18659).
 */
import { array, defineApi, int16, int32, int64n, records, string, struct } from '../schema'

export const Produce = defineApi({
  key: 0,
  name: 'Produce',
  versions: [3, 12],
  advertisedMinVersion: 0,
  flexibleFrom: 9,
  request: {
    transactionalId: string('3+', { nullable: '3+', default: null }),
    acks: int16('0+'),
    timeoutMs: int32('0+'),
    topicData: array('0+', {
      name: string('0+'),
      partitionData: array('0+', {
        index: int32('0+'),
        records: records('0+', { nullable: '0+' }),
      }),
    }),
  },
  response: {
    responses: array('0+', {
      name: string('0+'),
      partitionResponses: array('0+', {
        index: int32('0+'),
        errorCode: int16('0+'),
        baseOffset: int64n('0+'),
        logAppendTimeMs: int64n('2+', { default: -1, ignorable: true }),
        logStartOffset: int64n('5+', { default: -1, ignorable: true }),
        recordErrors: array(
          '8+',
          {
            batchIndex: int32('8+'),
            batchIndexErrorMessage: string('8+', { nullable: '8+', default: null }),
          },
          { ignorable: true },
        ),
        errorMessage: string('8+', { nullable: '8+', default: null, ignorable: true }),
        currentLeader: struct(
          '10+',
          { leaderId: int32('10+', { default: -1 }), leaderEpoch: int32('10+', { default: -1 }) },
          { tag: 0, tagged: '10+' },
        ),
      }),
    }),
    throttleTimeMs: int32('1+', { default: 0, ignorable: true }),
    nodeEndpoints: array(
      '10+',
      {
        nodeId: int32('10+'),
        host: string('10+'),
        port: int32('10+'),
        rack: string('10+', { nullable: '10+', default: null }),
      },
      { tag: 0, tagged: '10+' },
    ),
  },
})
