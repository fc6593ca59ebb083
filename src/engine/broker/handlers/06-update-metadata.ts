/**
 * UpdateMetadata (key 6), versions 7–8, from the controller: the live brokers, and partitions that have changed. What Metadata answers from.
 * Refused for an earlier registration of this broker, and from a controller that has been replaced.
 */
import { ErrorCode } from '../../wire/errors'
import { UpdateMetadata } from '../../wire/messages/06-update-metadata'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { partitionKey } from '../purgatory'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

type Services = Pick<BrokerServices, 'replicas' | 'metadata' | 'configs' | 'controlQueue' | 'fetches'> & {
  readonly coordinators: Pick<BrokerServices['coordinators'], 'onDidDeleteTopics'>
}

export function updateMetadataHandler(
  services: Services,
): Handler<RequestOf<typeof UpdateMetadata>, ResponseOf<typeof UpdateMetadata>> {
  const { replicas, metadata, configs, controlQueue, fetches } = services
  return {
    api: UpdateMetadata,
    minVersion: 7,
    maxVersion: 8,
    handle(context) {
      const { request } = context
      return controlQueue.run(() => {
        // Who has introduced itself with metadata is the controller for LeaderAndIsr and StopReplica, too.
        const refusal = replicas.admitController(request)
        if (refusal !== ErrorCode.NONE) return context.respond({ errorCode: refusal })
        const deleted = new Set<string>()
        const errorCode = metadata.update(request, (name) => deleted.add(name))
        for (const { topicName, partitionStates } of request.topicStates) {
          if (metadata.topic(topicName) === undefined) deleted.add(topicName)
          // A consumer that waits at a broker which has lost the partition is told where it went.
          for (const { partitionIndex } of partitionStates) fetches.onDidChange(partitionKey(topicName, partitionIndex))
        }
        for (const name of deleted) configs.forget({ type: 'topics', name })
        if (deleted.size > 0) services.coordinators.onDidDeleteTopics(deleted)
        return context.respond({ errorCode })
      })
    },
  }
}
