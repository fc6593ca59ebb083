/**
 * SyncGroup (key 14), versions 0–5: answered when the leader's assignment is on all in-sync replicas.
 *
 * A coordinator that is loading has lost what was being agreed on: REBALANCE_IN_PROGRESS, which sends the member back to joining without looking for the
 * coordinator first, and which also old clients know.
 */
import type { SyncAnswer } from '../../coordinator/group/classic-member'
import { refusedSync } from '../../coordinator/group/classic-membership'
import { ErrorCode } from '../../wire/errors'
import { SyncGroup } from '../../wire/messages/14-sync-group'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import { atGroup, type GroupServices, isGroupIdForMembers, keep } from './group-requests'

export function syncGroupHandler(services: GroupServices): Handler<RequestOf<typeof SyncGroup>, ResponseOf<typeof SyncGroup>> {
  return {
    api: SyncGroup,
    minVersion: 0,
    maxVersion: 5,
    handle(context) {
      const { groupId, memberId, groupInstanceId, generationId, protocolType, protocolName, assignments } = context.request
      const refuse = (errorCode: number) => context.respond(refusedSync(errorCode))
      if (!isGroupIdForMembers(groupId)) {
        refuse(ErrorCode.INVALID_GROUP_ID)
        return
      }
      const sync = {
        groupId,
        memberId,
        groupInstanceId,
        generationId,
        protocolType,
        protocolName,
        assignments: new Map(assignments.map(({ memberId: to, assignment }) => [to, keep(assignment)])),
      }
      atGroup<SyncAnswer>(
        services,
        groupId,
        (shard, step, slot, at) => shard.sync(sync, slot, step, at),
        (answer) => context.respond(answer),
        (errorCode) => refuse(errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? ErrorCode.REBALANCE_IN_PROGRESS : errorCode),
      )
    },
  }
}
