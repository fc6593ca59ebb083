/** LeaveGroup (key 13), versions 0–5: one member up to 2, several from 3 on, each with an error of its own (KIP-345). */
import { ErrorCode } from '../../wire/errors'
import { LeaveGroup } from '../../wire/messages/13-leave-group'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import { atGroup, type GroupServices, isGroupIdForMembers } from './group-requests'

const BATCHED_VERSION = 3

export function leaveGroupHandler(services: GroupServices): Handler<RequestOf<typeof LeaveGroup>, ResponseOf<typeof LeaveGroup>> {
  return {
    api: LeaveGroup,
    minVersion: 0,
    maxVersion: 5,
    handle(context) {
      const { groupId, memberId, members } = context.request
      const isBatched = context.version >= BATCHED_VERSION
      const leaving = isBatched
        ? members.map((member) => ({ memberId: member.memberId, groupInstanceId: member.groupInstanceId }))
        : [{ memberId, groupInstanceId: null }]
      const refuse = (errorCode: number) => context.respond({ errorCode, members: [] })
      if (!isGroupIdForMembers(groupId)) {
        refuse(ErrorCode.INVALID_GROUP_ID)
        return
      }
      atGroup<readonly number[]>(
        services,
        groupId,
        (shard, step, slot, at) => step.answer(slot, shard.leave(groupId, leaving, step, at)),
        (codes) =>
          context.respond({
            errorCode: isBatched ? ErrorCode.NONE : codes[0]!,
            members: leaving.map((member, index) => ({ ...member, errorCode: codes[index]! })),
          }),
        refuse,
      )
    },
  }
}
