/**
 * DeleteTopics (key 20), versions 1–6; only the controller does it. From 6 on topics are named by name or by id: an id that nobody has is
 * UNKNOWN_TOPIC_ID, giving both is INVALID_REQUEST.
 */
import { ErrorCode, errorMessage } from '../../wire/errors'
import { DeleteTopics } from '../../wire/messages/20-delete-topics'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { ZERO_UUID } from '../../wire/uuid'
import type { MetadataCache } from '../metadata-cache'
import { mutationLimit } from '../quotas/mutation-limit'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

const BY_ID_VERSION = 6
/** From which clients know THROTTLING_QUOTA_EXCEEDED (KIP-599). */
const THROTTLING_VERSION = 5

interface Asked {
  readonly name: string | null
  readonly topicId: string
  readonly errorCode: number
  readonly errorMessage: string | null
}

export function deleteTopicsHandler({
  controller,
  metadata,
  quotas,
}: Pick<BrokerServices, 'controller' | 'metadata' | 'quotas'>): Handler<
  RequestOf<typeof DeleteTopics>,
  ResponseOf<typeof DeleteTopics>
> {
  return {
    api: DeleteTopics,
    minVersion: 1,
    maxVersion: 6,
    async handle(context) {
      const { request, version } = context
      const asked =
        version >= BY_ID_VERSION ? request.topics.map((topic) => resolve(metadata, topic)) : request.topicNames.map(byName)
      if (!controller.isActive) {
        const refused = { errorCode: ErrorCode.NOT_CONTROLLER, errorMessage: errorMessage(ErrorCode.NOT_CONTROLLER) }
        return context.respond({ responses: asked.map((topic) => ({ ...topic, ...refused })) })
      }
      const limit = mutationLimit(quotas, context, version >= THROTTLING_VERSION)
      const refusals = new Map<string, { errorCode: number; errorMessage: string }>()
      const names = asked.flatMap(({ name, errorCode }) => {
        if (name === null || errorCode !== ErrorCode.NONE) return []
        const refusal = limit.refusalOf(metadata.topic(name)?.partitions.size ?? 0)
        if (refusal !== null) refusals.set(name, refusal)
        return refusal === null ? [name] : []
      })
      const ids = new Map(names.map((name) => [name, metadata.topic(name)?.topicId ?? ZERO_UUID]))
      const outcomes = new Map(
        (await controller.deleteTopics([...new Set(names)], request.timeoutMs)).map((outcome) => [outcome.name, outcome]),
      )
      return context.respond({
        responses: asked.map((topic) => {
          const outcome = topic.name === null ? undefined : outcomes.get(topic.name)
          const refusal = topic.name === null ? undefined : refusals.get(topic.name)
          if (outcome === undefined) return refusal === undefined ? topic : { ...topic, ...refusal }
          const topicId = topic.topicId === ZERO_UUID ? (ids.get(outcome.name) ?? ZERO_UUID) : topic.topicId
          return { name: topic.name, topicId, errorCode: outcome.errorCode, errorMessage: outcome.errorMessage }
        }),
      })
    },
  }
}

function byName(name: string): Asked {
  return { name, topicId: ZERO_UUID, errorCode: ErrorCode.NONE, errorMessage: null }
}

function resolve(metadata: MetadataCache, { name, topicId }: { readonly name: string | null; readonly topicId: string }): Asked {
  if (name !== null && topicId !== ZERO_UUID) {
    return {
      name,
      topicId,
      errorCode: ErrorCode.INVALID_REQUEST,
      errorMessage: 'You may not specify both topic name and topic id.',
    }
  }
  if (name !== null) return byName(name)
  if (topicId === ZERO_UUID) {
    return { name, topicId, errorCode: ErrorCode.INVALID_REQUEST, errorMessage: 'Neither topic name nor id were specified.' }
  }
  const known = metadata.topicName(topicId)
  if (known !== undefined) return { ...byName(known), topicId }
  return { name: null, topicId, errorCode: ErrorCode.UNKNOWN_TOPIC_ID, errorMessage: errorMessage(ErrorCode.UNKNOWN_TOPIC_ID) }
}
