/**
 * StopReplica (key 5), versions 3–4, from the controller: replicas that this broker gives up, and those of them whose files go too.
 * Refused for an earlier registration of this broker, like LeaderAndIsr.
 */
import { ErrorCode } from '../../wire/errors'
import { StopReplica } from '../../wire/messages/05-stop-replica'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { partitionKey } from '../purgatory'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'
import { isBrokerEpochStale } from './04-leader-and-isr'

type Services = Pick<BrokerServices, 'replicas' | 'controlQueue' | 'fetches' | 'produces' | 'brokerEpoch'>

export function stopReplicaHandler(services: Services): Handler<RequestOf<typeof StopReplica>, ResponseOf<typeof StopReplica>> {
  const { replicas, controlQueue, fetches, produces } = services
  return {
    api: StopReplica,
    minVersion: 3,
    maxVersion: 4,
    handle(context) {
      const { request } = context
      return controlQueue.run(() => {
        if (isBrokerEpochStale(request.brokerEpoch, services.brokerEpoch())) {
          return context.respond({ errorCode: ErrorCode.STALE_BROKER_EPOCH, partitionErrors: [] })
        }
        const response = replicas.stopReplicas(request)
        for (const { topicName, partitionStates } of request.topicStates) {
          for (const { partitionIndex } of partitionStates) {
            produces.onDidChange(partitionKey(topicName, partitionIndex))
            fetches.onDidChange(partitionKey(topicName, partitionIndex))
          }
        }
        return context.respond(response)
      })
    },
  }
}
