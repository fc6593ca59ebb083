/**
 * ListGroups (key 16), versions 0–5: the groups that this broker coordinates; a client asks all brokers. Filters by state (4+, KIP-518) and by type
 * (5+, KIP-848) are compared without regard to case.
 */
import { ErrorCode } from '../../wire/errors'
import { ListGroups } from '../../wire/messages/16-list-groups'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { GroupServices } from './group-requests'

export function listGroupsHandler({
  coordinators,
}: GroupServices): Handler<RequestOf<typeof ListGroups>, ResponseOf<typeof ListGroups>> {
  return {
    api: ListGroups,
    minVersion: 0,
    maxVersion: 5,
    async handle(context) {
      const { statesFilter, typesFilter } = context.request
      const states = lowerCase(statesFilter)
      const types = lowerCase(typesFilter)
      const { answers, isLoading } = await coordinators.groups.readAll((shard) => shard.list())
      context.respond({
        errorCode: isLoading ? ErrorCode.COORDINATOR_LOAD_IN_PROGRESS : ErrorCode.NONE,
        groups: answers
          .filter(({ state, type }) => passes(states, state) && passes(types, type))
          .map(({ groupId, protocolType, state, type }) => ({ groupId, protocolType, groupState: state, groupType: type })),
      })
    },
  }
}

function lowerCase(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => name.toLowerCase()))
}

/** An empty filter lets everything pass. */
function passes(filter: ReadonlySet<string>, value: string): boolean {
  return filter.size === 0 || filter.has(value.toLowerCase())
}
