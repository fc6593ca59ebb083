/**
 * StopReplica (key 5): the controller tells a broker to stop replicas, and to delete those that are marked. Between brokers only;
 * versions 3–4, the ones with a leader epoch a partition (-2: the topic is being deleted, -1: none).
 */
import { array, bool, defineApi, int16, int32, int64n, string } from '../schema'

export const StopReplica = defineApi({
  key: 5,
  name: 'StopReplica',
  versions: [3, 4],
  flexibleFrom: 2,
  request: {
    controllerId: int32('0+'),
    isKRaftController: bool('4+', { default: false }),
    controllerEpoch: int32('0+'),
    brokerEpoch: int64n('1+', { default: -1, ignorable: true }),
    topicStates: array('3+', {
      topicName: string('3+'),
      partitionStates: array('3+', {
        partitionIndex: int32('3+'),
        leaderEpoch: int32('3+', { default: -1 }),
        deletePartition: bool('3+'),
      }),
    }),
  },
  response: {
    errorCode: int16('0+'),
    partitionErrors: array('0+', {
      topicName: string('0+'),
      partitionIndex: int32('0+'),
      errorCode: int16('0+'),
    }),
  },
})
