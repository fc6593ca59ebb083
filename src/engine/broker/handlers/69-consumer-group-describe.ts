/** ConsumerGroupDescribe (key 69), version 0: groups of the new protocol, with what each member owns and is to own. Others are GROUP_ID_NOT_FOUND. */
import { type Assignment, topicsOf } from '../../coordinator/group/consumer/assignment'
import { ErrorCode } from '../../wire/errors'
import { ConsumerGroupDescribe } from '../../wire/messages/69-consumer-group-describe'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'
import { ALL_GROUP_OPERATIONS, type GroupServices, OPERATIONS_NOT_ASKED_FOR } from './group-requests'

type Services = GroupServices & Pick<BrokerServices, 'metadata'>

export function consumerGroupDescribeHandler(
  services: Services,
): Handler<RequestOf<typeof ConsumerGroupDescribe>, ResponseOf<typeof ConsumerGroupDescribe>> {
  return {
    api: ConsumerGroupDescribe,
    minVersion: 0,
    maxVersion: 0,
    async handle(context) {
      const { groupIds, includeAuthorizedOperations } = context.request
      const { metadata, coordinators } = services
      const named = (assignment: Assignment) => ({
        topicPartitions: topicsOf(assignment).map(({ topicId, partitions }) => ({
          topicId,
          topicName: metadata.topicName(topicId) ?? '',
          partitions,
        })),
      })
      const groups = await Promise.all(
        groupIds.map(async (groupId) => {
          const runtime = coordinators.groups
          const outcome = await runtime.read(runtime.partitionFor(groupId), (shard) => shard.describeConsumer(groupId))
          const group = outcome.answer
          if (group === null) {
            const isMissing = outcome.errorCode === ErrorCode.NONE
            return {
              errorCode: isMissing ? ErrorCode.GROUP_ID_NOT_FOUND : outcome.errorCode,
              errorMessage: isMissing ? `Group ${groupId} not found.` : null,
              groupId,
              groupState: '',
              groupEpoch: 0,
              assignmentEpoch: 0,
              assignorName: '',
              members: [],
            }
          }
          return {
            errorCode: ErrorCode.NONE,
            groupId,
            groupState: group.state,
            groupEpoch: group.epoch,
            assignmentEpoch: group.targetEpoch,
            assignorName: group.assignorName,
            members: group.members.map(({ current, target, subscribedTopicNames, ...member }) => ({
              memberId: member.memberId,
              instanceId: member.instanceId,
              rackId: member.rackId,
              memberEpoch: current.memberEpoch,
              clientId: member.clientId,
              clientHost: member.clientHost,
              subscribedTopicNames: [...subscribedTopicNames],
              subscribedTopicRegex: member.subscribedTopicRegex,
              assignment: named(current.assigned),
              targetAssignment: named(target),
            })),
            authorizedOperations: includeAuthorizedOperations ? ALL_GROUP_OPERATIONS : OPERATIONS_NOT_ASKED_FOR,
          }
        }),
      )
      context.respond({ throttleTimeMs: 0, groups })
    },
  }
}
