/**
 * DescribeCluster (key 60), versions 0–1: the cluster's id, its controller and its live brokers. There are no controllers beside the brokers
 * (endpoint type 2), and asking for them is answered as Kafka's brokers do.
 */
import { ErrorCode } from '../../wire/errors'
import { DescribeCluster } from '../../wire/messages/60-describe-cluster'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

const BROKERS = 1
const CONTROLLERS = 2

export function describeClusterHandler({
  metadata,
  clusterId,
}: Pick<BrokerServices, 'metadata' | 'clusterId'>): Handler<
  RequestOf<typeof DescribeCluster>,
  ResponseOf<typeof DescribeCluster>
> {
  return {
    api: DescribeCluster,
    minVersion: 0,
    maxVersion: 1,
    handle(context) {
      const { endpointType } = context.request
      if (endpointType !== BROKERS) {
        return context.respond({
          throttleTimeMs: 0,
          errorCode: endpointType === CONTROLLERS ? ErrorCode.MISMATCHED_ENDPOINT_TYPE : ErrorCode.UNSUPPORTED_ENDPOINT_TYPE,
          errorMessage: `The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type ${endpointType}`,
          endpointType,
          clusterId,
          brokers: [],
        })
      }
      return context.respond({
        throttleTimeMs: 0,
        errorCode: ErrorCode.NONE,
        endpointType,
        clusterId,
        controllerId: metadata.controller()?.id ?? -1,
        brokers: metadata.liveBrokers().map(({ id, host, port, rack }) => ({ brokerId: id, host, port, rack })),
      })
    },
  }
}
