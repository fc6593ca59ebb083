/**
 * ConsumerGroupHeartbeat (key 68), versions 0–1: a member of the new protocol (KIP-848) says what it reads and owns, and is told what to give up and take.
 *
 * From 1 on the client makes the member's id (KIP-1082), and may subscribe by a regular expression over whole topic names, which RE2 reads.
 * Who joins a living group of the classic protocol takes it over to the new one (group.consumer.migration.policy).
 */
import { assignmentOf } from '../../coordinator/group/consumer/assignment'
import { assignors } from '../../coordinator/group/consumer/assignors'
import {
  type HeartbeatAnswer,
  JOIN_EPOCH,
  LEAVE_EPOCH,
  LEAVE_FOR_A_WHILE_EPOCH,
  refusedHeartbeat,
} from '../../coordinator/group/consumer/consumer-groups'
import { topicPattern } from '../../coordinator/group/consumer/topic-pattern'
import { ErrorCode } from '../../wire/errors'
import { ConsumerGroupHeartbeat } from '../../wire/messages/68-consumer-group-heartbeat'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'
import { atGroup, clientHostOf, type GroupServices } from './group-requests'

type Request = RequestOf<typeof ConsumerGroupHeartbeat>
type Services = GroupServices & Pick<BrokerServices, 'metadata'>

const CLIENT_MADE_ID_VERSION = 1

export function consumerGroupHeartbeatHandler(services: Services): Handler<Request, ResponseOf<typeof ConsumerGroupHeartbeat>> {
  return {
    api: ConsumerGroupHeartbeat,
    minVersion: 0,
    maxVersion: 1,
    handle(context) {
      const { request, version, client } = context
      const answer = (answered: HeartbeatAnswer) => context.respond({ throttleTimeMs: 0, ...answered })
      const refusal = whyRefused(request, version)
      if (refusal !== null) {
        answer(refusedHeartbeat(refusal.errorCode, refusal.message))
        return
      }
      const { groupId, memberId, memberEpoch, topicPartitions, ...said } = request
      const heartbeat = {
        ...said,
        groupId,
        memberId,
        memberEpoch,
        clientId: client.clientId ?? '',
        clientHost: clientHostOf(client),
        owned: topicPartitions === null ? null : assignmentOf(topicPartitions),
        newMemberId: memberId === '' ? services.coordinators.uniqueId() : '',
      }
      // A broker that does not know of any topic yet would take all of them from everybody.
      services.metadata.whenReady(() =>
        atGroup<HeartbeatAnswer>(
          services,
          groupId,
          (shard, step, slot, at) => step.answer(slot, shard.consumerHeartbeat(heartbeat, step, at)),
          answer,
          (errorCode) => answer(refusedHeartbeat(errorCode)),
        ),
      )
    },
  }
}

/** What a request has to be like (GroupCoordinatorService.throwIfConsumerGroupHeartbeatRequestIsInvalid). */
function whyRefused(request: Request, version: number): { readonly errorCode: number; readonly message: string } | null {
  const { groupId, memberId, memberEpoch, instanceId, rackId, rebalanceTimeoutMs, serverAssignor, topicPartitions } = request
  const { subscribedTopicNames, subscribedTopicRegex } = request
  const invalid = (message: string) => ({ errorCode: ErrorCode.INVALID_REQUEST, message })
  if (groupId.trim() === '') return invalid("GroupId can't be empty.")
  if (instanceId !== null && instanceId.trim() === '') return invalid("InstanceId can't be empty.")
  if (rackId !== null && rackId.trim() === '') return invalid("RackId can't be empty.")
  if (memberId.trim() === '' && (memberEpoch !== JOIN_EPOCH || version >= CLIENT_MADE_ID_VERSION)) {
    return invalid("MemberId can't be empty.")
  }
  if (memberEpoch < LEAVE_FOR_A_WHILE_EPOCH) return invalid('MemberEpoch is invalid.')
  if (memberEpoch === LEAVE_FOR_A_WHILE_EPOCH && instanceId === null) return invalid("InstanceId can't be null.")
  if (memberEpoch === LEAVE_FOR_A_WHILE_EPOCH || memberEpoch === LEAVE_EPOCH) return null
  if (memberEpoch === JOIN_EPOCH) {
    if (rebalanceTimeoutMs === -1) return invalid('RebalanceTimeoutMs must be provided in first request.')
    if (topicPartitions === null || topicPartitions.length > 0) return invalid('TopicPartitions must be empty when (re-)joining.')
    const hasNames = subscribedTopicNames !== null && (version >= CLIENT_MADE_ID_VERSION || subscribedTopicNames.length > 0)
    if (!hasNames && subscribedTopicRegex === null) {
      return invalid('Either SubscribedTopicNames or SubscribedTopicRegex must be set in first request.')
    }
  }
  if (serverAssignor !== null && !assignors.has(serverAssignor)) {
    const message = `ServerAssignor ${serverAssignor} is not supported. Supported assignors: ${[...assignors.keys()].join(', ')}.`
    return { errorCode: ErrorCode.UNSUPPORTED_ASSIGNOR, message }
  }
  if (subscribedTopicRegex !== null && subscribedTopicRegex !== '' && topicPattern(subscribedTopicRegex) === null) {
    const message = `SubscribedTopicRegex ${subscribedTopicRegex} is not a valid regular expression.`
    return { errorCode: ErrorCode.INVALID_REGULAR_EXPRESSION, message }
  }
  return null
}
