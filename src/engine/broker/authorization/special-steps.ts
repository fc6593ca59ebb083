/** What some APIs need and the words of steps.ts cannot say. Pure. */
import { Operation, ResourceType } from '../../security/acl/acl'
import { ErrorCode } from '../../wire/errors'
import { errorResponse } from '../interception/error-response'
import type { AnyStruct } from '../interception/message-shape'
import { type Authority, allowsCluster, eachOf, eachTopic, named, type Question, type Step, topicOf } from './steps'

const { READ, WRITE, CREATE, DESCRIBE, DESCRIBE_CONFIGS } = Operation
const { TOPIC, GROUP } = ResourceType

const NO_RECORDS = new Uint8Array(0)

/**
 * Of a fetch session not every partition is named in every request, and a fetch may have waited: so what is about to be answered is judged once more. Nothing has
 * been read for it yet: records are taken from the log when they are written to the connection.
 */
export const fetchAnswers: Step = ({ authority, nameOfTopic }) => ({
  kind: 'amended',
  amend: (response) => {
    const topics = structsOf(response['responses'])
    const isRefused = (entry: AnyStruct) => {
      const name = topicOf(entry, nameOfTopic)
      return name !== null && !authority.allows(READ, TOPIC, name)
    }
    if (!topics.some(isRefused)) return response
    return { ...response, responses: topics.map((topic) => (isRefused(topic) ? withoutRecords(topic) : topic)) }
  },
})

function withoutRecords(topic: AnyStruct): AnyStruct {
  const partitions = structsOf(topic['partitions']).map((partition) => ({
    partitionIndex: partition['partitionIndex'],
    errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    abortedTransactions: null,
    preferredReadReplica: -1,
    records: NO_RECORDS,
  }))
  return { ...topic, partitions }
}

/**
 * Metadata of topics that it names. Asking for one that there is not may create it, which wants a permission of its own. Something is left in any case,
 * for the answer has to name the brokers; in version 0 no topic means all of them, so one is asked for that cannot be.
 */
export const namedMetadata: Step = (question) => {
  const { request, version, authority, nameOfTopic, wouldCreate } = question
  const asked = structsOf(request['topics'])
  const mayCreate = request['allowAutoTopicCreation'] === false || allowsCluster(authority, CREATE)
  const isRefused = (item: AnyStruct) => {
    const topic = topicOf(item, nameOfTopic)
    if (topic === null) return false
    if (!authority.allows(DESCRIBE, TOPIC, topic)) return true
    return !mayCreate && wouldCreate(topic) && !authority.allows(CREATE, TOPIC, topic)
  }
  const refused = asked.filter(isRefused)
  if (refused.length === 0) return null
  const rest = asked.filter((item) => !isRefused(item))
  const topics = rest.length === 0 && version === 0 ? [NO_TOPIC] : rest
  const errorCode = ErrorCode.TOPIC_AUTHORIZATION_FAILED
  return { kind: 'divided', refused: { ...request, topics: refused }, rest: { ...request, topics }, errorCode }
}

const NO_TOPIC: AnyStruct = { name: '' }

export const withoutNoTopic: Step = ({ version }) => {
  if (version !== 0) return null
  const amend = (response: AnyStruct) => ({
    ...response,
    topics: structsOf(response['topics']).filter(({ name }) => name !== ''),
  })
  return { kind: 'amended', amend }
}

/** Who may create a topic but not see its configs is not shown what came out. */
export const createdConfigs: Step = ({ authority }) => ({
  kind: 'amended',
  amend: (response) => ({
    ...response,
    topics: structsOf(response['topics']).map((topic) =>
      topic['errorCode'] !== ErrorCode.NONE || authority.allows(DESCRIBE_CONFIGS, TOPIC, String(topic['name']))
        ? topic
        : {
            ...topic,
            topicConfigErrorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
            numPartitions: -1,
            replicationFactor: -1,
            configs: null,
          },
    ),
  }),
})

const BATCHED_OFFSET_FETCH = 8

/** One group, or from version 8 on many. */
export const offsetGroups: Step = (question) =>
  question.version < BATCHED_OFFSET_FETCH
    ? named('groupId', DESCRIBE, GROUP)(question)
    : eachOf('groups', DESCRIBE, GROUP)(question)

/** The topics that are named, of each group; none are named where all are meant. */
export const offsetTopics: Step = (question) => {
  const { request, version, authority } = question
  if (version < BATCHED_OFFSET_FETCH) return eachTopic(DESCRIBE)(question)
  const isRefused = (topic: AnyStruct) => !authority.allows(DESCRIBE, TOPIC, String(topic['name']))
  const groups = structsOf(request['groups'])
  const refused = groups.flatMap((group) => {
    const topics = structsOf(group['topics']).filter(isRefused)
    return topics.length === 0 ? [] : [{ ...group, topics }]
  })
  if (refused.length === 0) return null
  const rest = groups.map((group) => {
    const topics = group['topics']
    return topics === null ? group : { ...group, topics: structsOf(topics).filter((topic) => !isRefused(topic)) }
  })
  return {
    kind: 'divided',
    refused: { ...request, groups: refused },
    rest: { ...request, groups: rest },
    errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  }
}

/** Who asks for all offsets of a group is shown those of topics that it may describe. */
export const allTopicsOfGroups: Step = ({ request, authority, version }) => {
  const asked = version < BATCHED_OFFSET_FETCH ? [request] : structsOf(request['groups'])
  const meansAll = new Set(asked.filter((group) => group['topics'] === null).map((group) => group['groupId']))
  if (meansAll.size === 0) return null
  const shown = (topics: unknown) => describable(authority, structsOf(topics))
  return {
    kind: 'amended',
    amend: (response) =>
      version < BATCHED_OFFSET_FETCH
        ? { ...response, topics: shown(response['topics']) }
        : {
            ...response,
            groups: structsOf(response['groups']).map((group) =>
              meansAll.has(group['groupId']) ? { ...group, topics: shown(group['topics']) } : group,
            ),
          },
  }
}

/** A member of a group of the new protocol names its topics, and is told their ids and partitions: all of them or none (KafkaApis). */
export const subscribedTopics: Step = ({ request, authority }) => {
  const names: unknown = request['subscribedTopicNames']
  const isRefused = Array.isArray(names) && names.some((name) => !authority.allows(DESCRIBE, TOPIC, String(name)))
  return isRefused ? { kind: 'refused', errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED } : null
}

/**
 * Who subscribes by an expression is not told of topics that he may not describe, nor is a member of those that he no longer may. Kafka does not assign
 * them; here they are his and he does not know it, so that nobody of the group reads them until he has left.
 */
export const assignedTopics: Step = ({ authority, nameOfTopic }) => ({
  kind: 'amended',
  amend: (response) => {
    const assignment = response['assignment'] as AnyStruct | null | undefined
    if (assignment === null || assignment === undefined) return response
    const isTold = (entry: AnyStruct) => {
      const name = topicOf(entry, nameOfTopic)
      return name === null || authority.allows(DESCRIBE, TOPIC, name)
    }
    return {
      ...response,
      assignment: { ...assignment, topicPartitions: structsOf(assignment['topicPartitions']).filter(isTold) },
    }
  },
})

/** What members of a group own names topics; a group is shown with all of them or not at all, as by Kafka. */
export const ownedTopics: Step = ({ authority }) => {
  const topicsOf = (assignment: unknown) => structsOf((assignment as AnyStruct | undefined)?.['topicPartitions'])
  // The name of a topic that was deleted meanwhile is empty.
  const isSecret = ({ topicName }: AnyStruct) => topicName !== '' && !authority.allows(DESCRIBE, TOPIC, String(topicName))
  const isHidden = (group: AnyStruct) =>
    structsOf(group['members']).some((member) =>
      [...topicsOf(member['assignment']), ...topicsOf(member['targetAssignment'])].some(isSecret),
    )
  const hidden = ({ groupId }: AnyStruct) => ({
    errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    errorMessage: 'The group has described topic(s) that the client is not authorized to describe.',
    groupId,
    groupState: '',
    groupEpoch: 0,
    assignmentEpoch: 0,
    assignorName: '',
    members: [],
  })
  return {
    kind: 'amended',
    amend: (response) => ({
      ...response,
      groups: structsOf(response['groups']).map((group) => (isHidden(group) ? hidden(group) : group)),
    }),
  }
}

/** A transaction is shown without the topics that may not be described. */
export const topicsOfTransactions: Step = ({ authority }) => ({
  kind: 'amended',
  amend: (response) => ({
    ...response,
    transactionStates: structsOf(response['transactionStates']).map((state) => ({
      ...state,
      topics: structsOf(state['topics']).filter(({ topic }) => authority.allows(DESCRIBE, TOPIC, String(topic))),
    })),
  }),
})

/** Who asks for all topics asks for those that he may describe: the cursor of a page names the next one, which must not be another's. */
export const allDescribable: Step = ({ api, version, request, authority, allTopics }) => {
  const all = allTopics()
  const topics = all.filter((name) => authority.allows(DESCRIBE, TOPIC, name)).map((name) => ({ name }))
  if (topics.length === all.length) return null
  const errorCode = ErrorCode.TOPIC_AUTHORIZATION_FAILED
  // Nobody is told of the others that they are refused: he has not named them.
  const refused = { ...request, topics: [] }
  if (topics.length === 0) return { kind: 'answered', response: errorResponse(api, version, refused, errorCode) }
  return { kind: 'divided', refused, rest: { ...request, topics }, errorCode }
}

function describable(authority: Authority, topics: readonly AnyStruct[]): AnyStruct[] {
  return topics.filter((topic) => authority.allows(DESCRIBE, TOPIC, String(topic['name'])))
}

/** AddPartitionsToTxn: all or none. Where one topic is refused the others are told that nothing was tried with them. */
export const transactionalTopics: Step = (question: Question) => {
  const { api, version, request, authority } = question
  const isRefused = (topic: string) => !authority.allows(WRITE, TOPIC, topic)
  const topics = structsOf(request['v3AndBelowTopics'])
  const isAnyRefused = topics.some((topic) => isRefused(String(topic['name'])))
  if (!isAnyRefused) return null
  const response = errorResponse(api, version, request, ErrorCode.OPERATION_NOT_ATTEMPTED)
  return {
    kind: 'answered',
    response: {
      ...response,
      resultsByTopicV3AndBelow: structsOf(response['resultsByTopicV3AndBelow']).map((topic) =>
        isRefused(String(topic['name'])) ? withPartitionErrors(topic, ErrorCode.TOPIC_AUTHORIZATION_FAILED) : topic,
      ),
    },
  }
}

function withPartitionErrors(topic: AnyStruct, partitionErrorCode: number): AnyStruct {
  const resultsByPartition = structsOf(topic['resultsByPartition']).map((partition) => ({ ...partition, partitionErrorCode }))
  return { ...topic, resultsByPartition }
}

export function structsOf(value: unknown): readonly AnyStruct[] {
  return Array.isArray(value) ? (value as AnyStruct[]) : []
}
