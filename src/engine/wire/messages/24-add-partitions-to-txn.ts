/**
 * AddPartitionsToTxn (key 24): a transaction will write to these partitions. Versions 0–5: up to 3 a client asks for one transaction, from 4 on
 * brokers ask for several at once, and may only want to know whether the partitions are in it already (KIP-890).
 */
import { array, bool, defineApi, int16, int32, int64, string } from '../schema'

export const AddPartitionsToTxn = defineApi({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: [0, 5],
  flexibleFrom: 3,
  request: {
    transactions: array('4+', {
      transactionalId: string('4+'),
      producerId: int64('4+'),
      producerEpoch: int16('4+'),
      verifyOnly: bool('4+', { default: false }),
      topics: array('4+', {
        name: string('0+'),
        partitions: array('0+', 'int32'),
      }),
    }),
    v3AndBelowTransactionalId: string('0-3'),
    v3AndBelowProducerId: int64('0-3'),
    v3AndBelowProducerEpoch: int16('0-3'),
    v3AndBelowTopics: array('0-3', {
      name: string('0+'),
      partitions: array('0+', 'int32'),
    }),
  },
  response: {
    throttleTimeMs: int32('0+'),
    errorCode: int16('4+', { ignorable: true }),
    resultsByTransaction: array('4+', {
      transactionalId: string('4+'),
      topicResults: array('4+', {
        name: string('0+'),
        resultsByPartition: array('0+', {
          partitionIndex: int32('0+'),
          partitionErrorCode: int16('0+'),
        }),
      }),
    }),
    resultsByTopicV3AndBelow: array('0-3', {
      name: string('0+'),
      resultsByPartition: array('0+', {
        partitionIndex: int32('0+'),
        partitionErrorCode: int16('0+'),
      }),
    }),
  },
})
