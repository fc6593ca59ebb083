/** DeleteGroups (key 42), versions 0–2: groups without members, with all they have committed. Answered once that is on all in-sync replicas. */
import { DeleteGroups } from '../../wire/messages/42-delete-groups'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { GroupServices } from './group-requests'

export function deleteGroupsHandler({
  coordinators,
}: GroupServices): Handler<RequestOf<typeof DeleteGroups>, ResponseOf<typeof DeleteGroups>> {
  return {
    api: DeleteGroups,
    minVersion: 0,
    maxVersion: 2,
    async handle(context) {
      const { groups } = coordinators
      const results = await Promise.all(
        [...new Set(context.request.groupsNames)].map(async (groupId) => {
          const { errorCode, answer } = await groups.write(groups.partitionFor(groupId), (shard, step) =>
            shard.deleteGroup(groupId, step),
          )
          return { groupId, errorCode: answer ?? errorCode }
        }),
      )
      context.respond({ throttleTimeMs: 0, results })
    },
  }
}
