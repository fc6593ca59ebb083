/**
 * JoinGroup (key 11), versions 0–9: answered when the group's next generation begins, which may be long after.
 *
 * A member without an id is given one and asked to come again with it, from 4 on and unless it is static (KIP-394): older clients take that answer for a
 * failure. Versions 0 has no rebalance time-out of its own: the session's counts.
 */
import type { JoinAnswer } from '../../coordinator/group/classic-member'
import { refusedJoin } from '../../coordinator/group/classic-rebalance'
import { ErrorCode } from '../../wire/errors'
import { JoinGroup } from '../../wire/messages/11-join-group'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'
import { atGroup, clientHostOf, type GroupServices, isGroupIdForMembers, keep } from './group-requests'

const KNOWN_MEMBER_ID_VERSION = 4
const NULLABLE_PROTOCOL_VERSION = 7
const SKIP_ASSIGNMENT_VERSION = 9

type Services = GroupServices & Pick<BrokerServices, 'metadata'>

export function joinGroupHandler(services: Services): Handler<RequestOf<typeof JoinGroup>, ResponseOf<typeof JoinGroup>> {
  return {
    api: JoinGroup,
    minVersion: 0,
    maxVersion: 9,
    handle(context) {
      const { request, version, client } = context
      const { groupId, memberId, groupInstanceId, protocolType, protocols, sessionTimeoutMs, rebalanceTimeoutMs } = request
      const answer = ({ protocolName, ...joined }: JoinAnswer) =>
        context.respond({ ...joined, protocolName: version < NULLABLE_PROTOCOL_VERSION ? (protocolName ?? '') : protocolName })
      if (!isGroupIdForMembers(groupId)) {
        answer(refusedJoin(memberId, ErrorCode.INVALID_GROUP_ID))
        return
      }
      const join = {
        groupId,
        memberId,
        groupInstanceId,
        clientId: client.clientId ?? '',
        clientHost: clientHostOf(client),
        protocolType,
        protocols: protocols.map(({ name, metadata }) => ({ name, metadata: keep(metadata) })),
        sessionTimeoutMs,
        rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? sessionTimeoutMs : rebalanceTimeoutMs,
        requiresKnownMemberId: version >= KNOWN_MEMBER_ID_VERSION && groupInstanceId === null,
        supportsSkippingAssignment: version >= SKIP_ASSIGNMENT_VERSION,
        uniqueSuffix: memberId === '' ? services.coordinators.uniqueId() : '',
      }
      // Where the group is one of the new protocol the coordinator deals out. A broker that does not know of any topic yet would take all of them from everybody,
      // and not understand what the member says that it still owns.
      services.metadata.whenReady(() =>
        atGroup<JoinAnswer>(
          services,
          groupId,
          (shard, step, slot, at) => shard.join(join, slot, step, at),
          answer,
          (errorCode) => answer(refusedJoin(memberId, errorCode)),
        ),
      )
    },
  }
}
