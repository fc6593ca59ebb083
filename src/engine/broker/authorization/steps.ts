/**
 * The words in which rules.ts says what an API needs: of the cluster, of the group or transaction that a request is about, of each topic that it names.
 * Each is a step that looks at a request and says which of it may pass; what may not is taken out and answered with the error that Kafka gives,
 * made from the declaration of the response. Pure.
 */
import { CLUSTER_NAME, Operation, ResourceType } from '../../security/acl/acl'
import { ErrorCode } from '../../wire/errors'
import type { AnyApi } from '../../wire/schema'
import { ZERO_UUID } from '../../wire/uuid'
import { ResourceType as ConfigResource } from '../config-changes'
import type { AnyStruct } from '../interception/message-shape'

/** What the sender of one request may do. */
export interface Authority {
  allows(operation: number, resourceType: number, name: string): boolean
  /** Of whatever resource of the type (KIP-679). */
  allowsOnAny(operation: number, resourceType: number): boolean
}

export interface Question {
  readonly api: AnyApi
  readonly version: number
  readonly request: AnyStruct
  readonly authority: Authority
  nameOfTopic(topicId: string): string | undefined
  allTopics(): readonly string[]
  /** Whether asking for a topic that there is not would create it. */
  wouldCreate(topic: string): boolean
}

export type Finding =
  /** Nothing of it may pass. The error stands at the top of the response where there is such a place, or with `inEach` in everything that was asked for. */
  | { readonly kind: 'refused'; readonly errorCode: number; readonly inEach?: boolean }
  /** `refused` is answered with the error, `rest` may pass; null where nothing is left. */
  | { readonly kind: 'divided'; readonly refused: AnyStruct; readonly rest: AnyStruct | null; readonly errorCode: number }
  /** All of it may pass; the answer has to be gone through. */
  | { readonly kind: 'amended'; readonly amend: (response: AnyStruct) => AnyStruct }
  | { readonly kind: 'answered'; readonly response: AnyStruct }

/** Null: nothing against it. */
export type Step = (question: Question) => Finding | null

export const AUTHORIZATION_ERRORS: ReadonlyMap<number, number> = new Map([
  [ResourceType.TOPIC, ErrorCode.TOPIC_AUTHORIZATION_FAILED],
  [ResourceType.GROUP, ErrorCode.GROUP_AUTHORIZATION_FAILED],
  [ResourceType.CLUSTER, ErrorCode.CLUSTER_AUTHORIZATION_FAILED],
  [ResourceType.TRANSACTIONAL_ID, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED],
])

export function allowsCluster(authority: Authority, operation: number): boolean {
  return authority.allows(operation, ResourceType.CLUSTER, CLUSTER_NAME)
}

function errorOf(resourceType: number): number {
  return AUTHORIZATION_ERRORS.get(resourceType) ?? ErrorCode.CLUSTER_AUTHORIZATION_FAILED
}

const REFUSED_BY_CLUSTER: Finding = { kind: 'refused', errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED }

/** The operation on the cluster, or nothing passes. */
export function cluster(operation: number): Step {
  return ({ authority }) => (allowsCluster(authority, operation) ? null : REFUSED_BY_CLUSTER)
}

/** For what only brokers ask. */
export const brokersOnly: Step = cluster(Operation.CLUSTER_ACTION)

/** The operation on the one group or transaction that a field of the request names; null or absent: there is none. */
export function named(field: string, operation: number, resourceType: number): Step {
  return ({ authority, request }) => {
    const name = request[field]
    if (typeof name !== 'string' || authority.allows(operation, resourceType, name)) return null
    return { kind: 'refused', errorCode: errorOf(resourceType) }
  }
}

/** The operation on every topic of a list of the request: of names, of structs with a name or an id, or of config resources. */
export function eachTopic(operation: number, field = 'topics'): Step {
  return dividing(field, ErrorCode.TOPIC_AUTHORIZATION_FAILED, ({ authority, nameOfTopic }, item) => {
    const topic = topicOf(item, nameOfTopic)
    return topic === null || authority.allows(operation, ResourceType.TOPIC, topic)
  })
}

/** Null: none, or an id that nobody has; whoever asks for that is told so. */
export function topicOf(item: unknown, nameOfTopic: (topicId: string) => string | undefined): string | null {
  if (typeof item === 'string') return item
  const { name, topic, topicId, resourceType, resourceName } = item as AnyStruct
  if (resourceType !== undefined) return resourceType === ResourceType.TOPIC ? String(resourceName) : null
  // The id counts before a name beside it, as in the handlers: else one's own name would open what the id stands for.
  const isById = typeof topicId === 'string' && topicId !== ZERO_UUID
  const identified = isById ? nameOfTopic(topicId) : undefined
  if (identified !== undefined) return identified
  for (const known of [name, topic]) if (typeof known === 'string' && known !== '') return known
  if (isById) return null
  // The empty name is one as well, which no ACL allows.
  return typeof name === 'string' ? '' : null
}

/** The operation on each of a list: of names, or of structs whose `key` is the name. */
export function eachOf(field: string, operation: number, resourceType: number, key = 'groupId'): Step {
  return dividing(field, errorOf(resourceType), ({ authority }, item) => {
    const name = typeof item === 'string' ? item : (item as AnyStruct)[key]
    return typeof name !== 'string' || authority.allows(operation, resourceType, name)
  })
}

/** Of a list of config resources the groups. */
export function eachGroupResource(operation: number): Step {
  return dividing('resources', ErrorCode.GROUP_AUTHORIZATION_FAILED, ({ authority }, item) => {
    const { resourceType, resourceName } = item as AnyStruct
    return resourceType !== ConfigResource.GROUP || authority.allows(operation, ResourceType.GROUP, String(resourceName))
  })
}

/** Of a list of config resources those that are neither topics nor groups: what is the cluster's. */
export function eachOtherResource(operation: number): Step {
  return dividing('resources', ErrorCode.CLUSTER_AUTHORIZATION_FAILED, ({ authority }, item) => {
    const { resourceType } = item as AnyStruct
    const isNamed = resourceType === ConfigResource.TOPIC || resourceType === ConfigResource.GROUP
    return isNamed || allowsCluster(authority, operation)
  })
}

export function dividing(field: string, errorCode: number, mayPass: (question: Question, item: unknown) => boolean): Step {
  return (question) => {
    const { request } = question
    const items: unknown = request[field]
    if (!Array.isArray(items)) return null
    const rest = items.filter((item) => mayPass(question, item))
    if (rest.length === items.length) return null
    const refused = items.filter((item) => !mayPass(question, item))
    return {
      kind: 'divided',
      refused: { ...request, [field]: refused },
      rest: rest.length === 0 ? null : { ...request, [field]: rest },
      errorCode,
    }
  }
}

/** Only those of the response's list are shown that may be described: for requests that ask for all there are. */
export function shownOnly(list: string, key: string, resourceType: number): Step {
  return ({ authority }) => ({
    kind: 'amended',
    amend: (response) => {
      const items: unknown = response[list]
      if (!Array.isArray(items)) return response
      const mayBeShown = (item: AnyStruct) => {
        const name = item[key]
        return typeof name !== 'string' || authority.allows(Operation.DESCRIBE, resourceType, name)
      }
      return { ...response, [list]: (items as AnyStruct[]).filter(mayBeShown) }
    },
  })
}

/** `step` where `condition` holds of the question. */
export function where(condition: (question: Question) => boolean, step: Step): Step {
  return (question) => (condition(question) ? step(question) : null)
}
