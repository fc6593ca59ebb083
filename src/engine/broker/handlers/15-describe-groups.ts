/**
 * DescribeGroups (key 15), versions 0–6: state, protocol, members with what they subscribe to and were assigned. A group that there is not, or that
 * is none of the classic protocol, is "Dead", and from 6 on GROUP_ID_NOT_FOUND as well (KIP-1043).
 *
 * Authorized operations (3+) are all that a group has, where they are asked for: there is nobody here who would forbid one.
 */
import { deadGroup } from '../../coordinator/group/group-descriptions'
import { ErrorCode } from '../../wire/errors'
import { DescribeGroups } from '../../wire/messages/15-describe-groups'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import { ALL_GROUP_OPERATIONS, type GroupServices, OPERATIONS_NOT_ASKED_FOR } from './group-requests'

/** From which clients tell a group that there is not from one that is empty by its error (KIP-1043). */
const NOT_FOUND_VERSION = 6

export function describeGroupsHandler({
  coordinators,
}: GroupServices): Handler<RequestOf<typeof DescribeGroups>, ResponseOf<typeof DescribeGroups>> {
  return {
    api: DescribeGroups,
    minVersion: 0,
    maxVersion: 6,
    async handle(context) {
      const { groups, includeAuthorizedOperations } = context.request
      const authorizedOperations = includeAuthorizedOperations ? ALL_GROUP_OPERATIONS : OPERATIONS_NOT_ASKED_FOR
      const described = await Promise.all(
        groups.map(async (groupId) => {
          const runtime = coordinators.groups
          const { errorCode, answer } = await runtime.read(runtime.partitionFor(groupId), (shard) => shard.describe(groupId))
          // What is not known is not the state of the group.
          const group = errorCode === ErrorCode.NONE ? (answer ?? deadGroup(groupId)) : { ...deadGroup(groupId), state: '' }
          const isMissing = errorCode === ErrorCode.NONE && answer === null && context.version >= NOT_FOUND_VERSION
          return {
            errorCode: isMissing ? ErrorCode.GROUP_ID_NOT_FOUND : errorCode,
            errorMessage: isMissing ? `Group ${groupId} not found.` : null,
            groupId,
            groupState: group.state,
            protocolType: group.protocolType,
            protocolData: group.protocolName,
            members: group.members.map(({ metadata, assignment, ...member }) => ({
              ...member,
              memberMetadata: metadata,
              memberAssignment: assignment,
            })),
            authorizedOperations,
          }
        }),
      )
      context.respond({ groups: described })
    },
  }
}
