/**
 * ListClientMetricsResources (key 74), called ListConfigResources from version 1 on: the resources that have a configuration, in version 0 those of
 * client metrics only. Version 0.
 */
import { array, defineApi, int16, int32, string } from '../schema'

export const ListClientMetricsResources = defineApi({
  key: 74,
  name: 'ListClientMetricsResources',
  versions: [0, 0],
  flexibleFrom: 0,
  request: {},
  response: {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    clientMetricsResources: array('0+', {
      name: string('0+'),
    }),
  },
})
