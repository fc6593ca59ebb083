/**
 * UpdateMetadata (key 6): the controller tells a broker about the cluster, which is what the broker answers Metadata from. Between
 * brokers only; versions 7–8, the ones with topic ids. A leader of -2 says that the topic is being deleted.
 */
import { array, bool, defineApi, int8, int16, int32, int64n, string, uuid } from '../schema'

const updateMetadataPartitionState = {
  partitionIndex: int32('0+'),
  controllerEpoch: int32('0+'),
  leader: int32('0+'),
  leaderEpoch: int32('0+'),
  isr: array('0+', 'int32'),
  zkVersion: int32('0+'),
  replicas: array('0+', 'int32'),
  offlineReplicas: array('4+', 'int32', { ignorable: true }),
} as const

export const UpdateMetadata = defineApi({
  key: 6,
  name: 'UpdateMetadata',
  versions: [7, 8],
  flexibleFrom: 6,
  request: {
    controllerId: int32('0+'),
    isKRaftController: bool('8+', { default: false }),
    type: int8('8+', { default: 0, tag: 0, tagged: '8+' }),
    controllerEpoch: int32('0+'),
    brokerEpoch: int64n('5+', { default: -1, ignorable: true }),
    topicStates: array('5+', {
      topicName: string('5+'),
      topicId: uuid('7+', { ignorable: true }),
      partitionStates: array('5+', updateMetadataPartitionState),
    }),
    liveBrokers: array('0+', {
      id: int32('0+'),
      endpoints: array(
        '1+',
        {
          port: int32('1+'),
          host: string('1+'),
          listener: string('3+', { ignorable: true }),
          securityProtocol: int16('1+'),
        },
        { ignorable: true },
      ),
      rack: string('2+', { nullable: '0+', ignorable: true }),
    }),
  },
  response: {
    errorCode: int16('0+'),
  },
})
