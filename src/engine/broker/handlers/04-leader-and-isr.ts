/**
 * LeaderAndIsr (key 4), versions 5–7, from the controller: which partitions this broker leads and follows from now on.
 *
 * A request for an earlier registration of this broker is refused (STALE_BROKER_EPOCH): it was decided before a restart. The configuration
 * of a topic that is new here is read before its logs are made. Whoever waits for one of the partitions is looked at again.
 */
import { ErrorCode } from '../../wire/errors'
import { LeaderAndIsr } from '../../wire/messages/04-leader-and-isr'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { partitionKey } from '../purgatory'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

type Services = Pick<
  BrokerServices,
  'replicas' | 'metadata' | 'configs' | 'controlQueue' | 'fetches' | 'produces' | 'brokerEpoch' | 'logger'
>

export function leaderAndIsrHandler(
  services: Services,
): Handler<RequestOf<typeof LeaderAndIsr>, ResponseOf<typeof LeaderAndIsr>> {
  const { replicas, metadata, configs, controlQueue, fetches, produces, logger } = services

  /** Undefined where all are known, so that an election is not held up by the coordination service. */
  function readNewConfigs(request: RequestOf<typeof LeaderAndIsr>): Promise<unknown> | undefined {
    const fresh = request.topicStates.filter(
      ({ topicName, partitionStates }) =>
        !configs.isKnown({ type: 'topics', name: topicName }) || partitionStates.some(({ isNew }) => isNew),
    )
    if (fresh.length === 0) return undefined
    return Promise.all(fresh.map(({ topicName }) => configs.reload({ type: 'topics', name: topicName }))).catch(
      (error: unknown) => {
        logger.warn('The configuration of new topics could not be read; defaults count until it can', { reason: String(error) })
      },
    )
  }

  return {
    api: LeaderAndIsr,
    minVersion: 5,
    maxVersion: 7,
    handle(context) {
      const { request } = context
      const apply = () => {
        if (isBrokerEpochStale(request.brokerEpoch, services.brokerEpoch())) {
          return context.respond({ errorCode: ErrorCode.STALE_BROKER_EPOCH, topics: [] })
        }
        for (const { topicName, topicId } of request.topicStates) metadata.learnTopicId(topicName, topicId)
        const response = replicas.becomeLeaderOrFollower(request)
        for (const { topicName, partitionStates } of request.topicStates) {
          for (const { partitionIndex } of partitionStates) {
            const key = partitionKey(topicName, partitionIndex)
            produces.onDidChange(key)
            fetches.onDidChange(key)
          }
        }
        return context.respond(response)
      }
      return controlQueue.run(() => readNewConfigs(request)?.then(apply) ?? apply())
    },
  }
}

/** A request from before this broker's last registration. An epoch ahead of ours is one that we have not heard of ourselves yet. */
export function isBrokerEpochStale(inRequest: number, current: number): boolean {
  return inRequest >= 0 && inRequest < current
}
