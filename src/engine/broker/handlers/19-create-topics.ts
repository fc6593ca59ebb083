/**
 * CreateTopics (key 19), versions 2–7; only the controller does it, other brokers answer NOT_CONTROLLER.
 *
 * -1 for partitions and replication factor means the broker's defaults (4+). Configs are judged here, placement and names by the controller.
 * From 5 the answer tells what came out, configs included. A topic that is named twice in one request is refused both times, as in Kafka.
 */
import type { CreateTopicResult, NewTopic } from '../../controller/topic-creation'
import { ErrorCode, errorMessage } from '../../wire/errors'
import { CreateTopics } from '../../wire/messages/19-create-topics'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { ZERO_UUID } from '../../wire/uuid'
import { ConfigSource } from '../config-store'
import { mutationLimit } from '../quotas/mutation-limit'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'
import { topicConfigDefinitions, whyTopicConfigsInvalid } from '../topic-configs'

type Services = Pick<BrokerServices, 'controller' | 'configs' | 'quotas'>
type Asked = RequestOf<typeof CreateTopics>['topics'][number]

/** From which clients know THROTTLING_QUOTA_EXCEEDED (KIP-599). */
const THROTTLING_VERSION = 6

export function createTopicsHandler(
  services: Services,
): Handler<RequestOf<typeof CreateTopics>, ResponseOf<typeof CreateTopics>> {
  const { controller, configs, quotas } = services
  return {
    api: CreateTopics,
    minVersion: 2,
    maxVersion: 7,
    async handle(context) {
      const { topics, timeoutMs, validateOnly } = context.request
      const refusals = new Map<string, { errorCode: number; message: string }>()
      const accepted: NewTopic[] = []
      const limit = mutationLimit(quotas, context, context.version >= THROTTLING_VERSION, validateOnly)
      for (const asked of topics) {
        const refusal = controller.isActive
          ? whyRefused(asked, topics)
          : { errorCode: ErrorCode.NOT_CONTROLLER, message: errorMessage(ErrorCode.NOT_CONTROLLER) }
        const topic = refusal === null ? newTopic(asked, configs) : null
        const excess = topic === null ? null : limit.refusalOf(topic.assignments?.length ?? Math.max(0, topic.partitionCount))
        if (refusal !== null) refusals.set(asked.name, refusal)
        else if (excess !== null) refusals.set(asked.name, { errorCode: excess.errorCode, message: excess.errorMessage })
        else if (topic !== null) accepted.push(topic)
      }
      const created = accepted.length === 0 ? [] : await controller.createTopics(accepted, timeoutMs, validateOnly)
      const outcomes = new Map(created.map((outcome) => [outcome.name, outcome]))
      context.respond({
        topics: [...new Set(topics.map(({ name }) => name))].map((name) => {
          const outcome = outcomes.get(name)
          if (outcome !== undefined && outcome.errorCode === ErrorCode.NONE) return success(outcome, accepted, configs)
          const refusal = refusals.get(name)
          return {
            name,
            topicId: ZERO_UUID,
            errorCode: outcome?.errorCode ?? refusal?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR,
            errorMessage: outcome?.errorMessage ?? refusal?.message ?? null,
            configs: null,
          }
        }),
      })
    },
  }
}

function whyRefused(asked: Asked, all: readonly Asked[]): { errorCode: number; message: string } | null {
  const invalid = (message: string) => ({ errorCode: ErrorCode.INVALID_REQUEST, message })
  if (all.filter(({ name }) => name === asked.name).length > 1) return invalid('Duplicate topic name.')
  const nullConfig = asked.configs.find(({ value }) => value === null)
  if (nullConfig !== undefined) return invalid(`Null value not supported for topic configs: ${nullConfig.name}`)
  if (asked.assignments.length > 0 && (asked.numPartitions !== -1 || asked.replicationFactor !== -1)) {
    return invalid(
      'Both numPartitions or replicationFactor and replicasAssignments were set. Both cannot be used at the same time.',
    )
  }
  const problem = whyTopicConfigsInvalid(new Map(asked.configs.map(({ name, value }) => [name, value ?? ''])))
  return problem === null ? null : { errorCode: ErrorCode.INVALID_CONFIG, message: problem }
}

function newTopic(asked: Asked, configs: Services['configs']): NewTopic {
  const { name, numPartitions, replicationFactor, assignments } = asked
  // Whoever places the replicas himself has said how many there are, and the defaults would contradict him.
  const isPlaced = assignments.length > 0
  const orDefault = (count: number, config: string) => (count === -1 && !isPlaced ? configs.brokerNumber(config) : count)
  return {
    name,
    partitionCount: orDefault(numPartitions, 'num.partitions'),
    replicationFactor: orDefault(replicationFactor, 'default.replication.factor'),
    assignments: isPlaced ? assignments.map(({ partitionIndex, brokerIds }) => ({ partition: partitionIndex, brokerIds })) : null,
    configs: Object.fromEntries(asked.configs.map((config) => [config.name, config.value ?? ''])),
  }
}

function success(outcome: CreateTopicResult, accepted: readonly NewTopic[], configs: Services['configs']) {
  const own = accepted.find(({ name }) => name === outcome.name)?.configs ?? {}
  return {
    name: outcome.name,
    topicId: outcome.topicId,
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    numPartitions: outcome.partitionCount,
    replicationFactor: outcome.replicationFactor,
    configs: topicConfigDefinitions.map((definition) => {
      const given = own[definition.name]
      const [inherited] = configs.topicChain('', definition)
      return {
        name: definition.name,
        value: given ?? inherited!.value,
        readOnly: definition.isReadOnly,
        configSource: given === undefined ? inherited!.source : ConfigSource.DYNAMIC_TOPIC_CONFIG,
        isSensitive: false,
      }
    }),
  }
}
