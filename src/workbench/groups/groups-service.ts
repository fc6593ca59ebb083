/** Consumer groups for the window: listed and described through the protocol, as by anybody's admin client. */
import type { KafkaClient } from '../../engine/client'
import type { ClientHandlers } from '../rpc'
import type { Emit } from '../services'

type GroupCallName = Extract<keyof ClientHandlers, `groups.${string}`>

export function createGroupsService(_client: KafkaClient, _emit: Emit): Pick<ClientHandlers, GroupCallName> {
  return {
    'groups.list': async () => [],
  }
}
