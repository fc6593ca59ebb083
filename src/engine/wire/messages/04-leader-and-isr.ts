/**
 * LeaderAndIsr (key 4): the controller tells a broker which partitions it leads and follows. Between brokers only; versions 5–7, the ones
 * with topic ids and a type (0 unknown, 1 incremental, 2 full: what a full request does not name the broker does not have).
 */
import { array, bool, defineApi, int8, int16, int32, int64n, string, uuid } from '../schema'

const leaderAndIsrPartitionState = {
  partitionIndex: int32('0+'),
  controllerEpoch: int32('0+'),
  leader: int32('0+'),
  leaderEpoch: int32('0+'),
  isr: array('0+', 'int32'),
  partitionEpoch: int32('0+'),
  replicas: array('0+', 'int32'),
  addingReplicas: array('3+', 'int32', { ignorable: true }),
  removingReplicas: array('3+', 'int32', { ignorable: true }),
  isNew: bool('1+', { default: false, ignorable: true }),
  leaderRecoveryState: int8('6+', { default: 0 }),
} as const

const leaderAndIsrPartitionError = {
  partitionIndex: int32('0+'),
  errorCode: int16('0+'),
} as const

export const LeaderAndIsr = defineApi({
  key: 4,
  name: 'LeaderAndIsr',
  versions: [5, 7],
  flexibleFrom: 4,
  request: {
    controllerId: int32('0+'),
    isKRaftController: bool('7+', { default: false }),
    controllerEpoch: int32('0+'),
    brokerEpoch: int64n('2+', { default: -1, ignorable: true }),
    type: int8('5+'),
    topicStates: array('2+', {
      topicName: string('2+'),
      topicId: uuid('5+', { ignorable: true }),
      partitionStates: array('2+', leaderAndIsrPartitionState),
    }),
    liveLeaders: array('0+', {
      brokerId: int32('0+'),
      hostName: string('0+'),
      port: int32('0+'),
    }),
  },
  response: {
    errorCode: int16('0+'),
    topics: array('5+', {
      topicId: uuid('5+'),
      partitionErrors: array('5+', leaderAndIsrPartitionError),
    }),
  },
})
