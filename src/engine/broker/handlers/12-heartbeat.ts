/**
 * Heartbeat (key 12), versions 0–4: the member lives. REBALANCE_IN_PROGRESS tells it to join again.
 *
 * A coordinator that is still loading says that all is well, as Kafka's does: the member has nothing to do about it.
 */
import { ErrorCode } from '../../wire/errors'
import { Heartbeat } from '../../wire/messages/12-heartbeat'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import { atGroup, type GroupServices, isGroupIdForMembers } from './group-requests'

export function heartbeatHandler(services: GroupServices): Handler<RequestOf<typeof Heartbeat>, ResponseOf<typeof Heartbeat>> {
  return {
    api: Heartbeat,
    minVersion: 0,
    maxVersion: 4,
    handle(context) {
      const { groupId, generationId, memberId, groupInstanceId } = context.request
      const answer = (errorCode: number) => context.respond({ errorCode })
      if (!isGroupIdForMembers(groupId)) {
        answer(ErrorCode.INVALID_GROUP_ID)
        return
      }
      atGroup<number>(
        services,
        groupId,
        (shard, step, slot) => step.answer(slot, shard.heartbeat(groupId, { memberId, groupInstanceId }, generationId)),
        answer,
        (errorCode) => answer(errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? ErrorCode.NONE : errorCode),
      )
    },
  }
}
