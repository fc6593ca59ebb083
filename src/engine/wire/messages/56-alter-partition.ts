/**
 * AlterPartition (key 56): a leader asks the controller for a new ISR. Between brokers; versions 0–3: 2 names topics by id, 3 gives each
 * replica's broker epoch, so that one that has restarted meanwhile is not taken in (KIP-903).
 */
import { array, defineApi, int8, int16, int32, int64n, string, uuid } from '../schema'

export const AlterPartition = defineApi({
  key: 56,
  name: 'AlterPartition',
  versions: [0, 3],
  flexibleFrom: 0,
  request: {
    brokerId: int32('0+'),
    brokerEpoch: int64n('0+', { default: -1 }),
    topics: array('0+', {
      topicName: string('0-1', { ignorable: true }),
      topicId: uuid('2+', { ignorable: true }),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        leaderEpoch: int32('0+'),
        newIsr: array('0-2', 'int32'),
        newIsrWithEpochs: array('3+', {
          brokerId: int32('3+'),
          brokerEpoch: int64n('3+', { default: -1 }),
        }),
        leaderRecoveryState: int8('1+', { default: 0 }),
        partitionEpoch: int32('0+'),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    topics: array('0+', {
      topicName: string('0-1', { ignorable: true }),
      topicId: uuid('2+', { ignorable: true }),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        errorCode: int16('0+'),
        leaderId: int32('0+'),
        leaderEpoch: int32('0+'),
        isr: array('0+', 'int32'),
        leaderRecoveryState: int8('1+', { default: 0, ignorable: true }),
        partitionEpoch: int32('0+'),
      }),
    }),
  },
})
