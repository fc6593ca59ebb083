/**
 * FindCoordinator (key 10), versions 0–6: where a consumer group or a transactional id is looked after, which is at the leader of its partition of the
 * internal topic. That topic is made when the first client asks, and COORDINATOR_NOT_AVAILABLE is answered until it has leaders: every client asks again.
 *
 * Deviation: there are no share groups (key type 2); UNSUPPORTED_VERSION, which no client tries again.
 */
import { partitionFor } from '../../coordinator'
import { ErrorCode } from '../../wire/errors'
import { FindCoordinator } from '../../wire/messages/10-find-coordinator'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Coordinators } from '../coordinators'
import { CONSUMER_OFFSETS, TRANSACTION_STATE } from '../internal-topics'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

type Services = Pick<BrokerServices, 'metadata' | 'autoCreateTopic'> & { readonly coordinators: Pick<Coordinators, 'brokerOf'> }

const TOPICS = [CONSUMER_OFFSETS, TRANSACTION_STATE] as const
const SHARE_GROUP = 2
const BATCHED_VERSION = 4

export function findCoordinatorHandler(
  services: Services,
): Handler<RequestOf<typeof FindCoordinator>, ResponseOf<typeof FindCoordinator>> {
  return {
    api: FindCoordinator,
    minVersion: 0,
    maxVersion: 6,
    handle(context) {
      const { keyType, key, coordinatorKeys } = context.request
      if (context.version < BATCHED_VERSION) context.respond(find(services, keyType, key))
      else context.respond({ coordinators: coordinatorKeys.map((each) => ({ key: each, ...find(services, keyType, each) })) })
    },
  }
}

function find({ metadata, coordinators, autoCreateTopic }: Services, keyType: number, key: string) {
  const topic = TOPICS[keyType]
  if (topic === undefined) {
    return keyType === SHARE_GROUP
      ? nowhere(ErrorCode.UNSUPPORTED_VERSION, 'Share groups are not served by this version of the broker.')
      : nowhere(ErrorCode.INVALID_REQUEST, `Unknown coordinator type ${keyType}`)
  }
  const partitionCount = metadata.topic(topic)?.partitions.size ?? 0
  if (partitionCount === 0) {
    autoCreateTopic(topic)
    return nowhere(ErrorCode.COORDINATOR_NOT_AVAILABLE, `The topic ${topic} is being made.`)
  }
  const broker = coordinators.brokerOf(topic, partitionFor(key, partitionCount))
  if (broker === null) return nowhere(ErrorCode.COORDINATOR_NOT_AVAILABLE, 'The coordinator is not available.')
  return { errorCode: ErrorCode.NONE, errorMessage: null, nodeId: broker.id, host: broker.host, port: broker.port }
}

function nowhere(errorCode: number, errorMessage: string) {
  return { errorCode, errorMessage, nodeId: -1, host: '', port: -1 }
}
