/**
 * ControlledShutdown (key 7): a broker asks the controller to take its leaders away before it stops. Between brokers; versions 0–3.
 * Version 0 is the one request of the protocol whose header has no client id.
 */
import { array, defineApi, int16, int32, int64n, string } from '../schema'

export const ControlledShutdown = defineApi({
  key: 7,
  name: 'ControlledShutdown',
  versions: [0, 3],
  flexibleFrom: 3,
  request: {
    brokerId: int32('0+'),
    brokerEpoch: int64n('2+', { default: -1, ignorable: true }),
  },
  response: {
    errorCode: int16('0+'),
    remainingPartitions: array('0+', {
      topicName: string('0+'),
      partitionIndex: int32('0+'),
    }),
  },
})
