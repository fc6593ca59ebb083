/**
 * ControlledShutdown (key 7), versions 0–3, for the controller: a broker that is about to stop wants its leaderships taken away. The answer
 * names those that it still has, and it asks again.
 */
import { ErrorCode } from '../../wire/errors'
import { ControlledShutdown } from '../../wire/messages/07-controlled-shutdown'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

type Services = Pick<BrokerServices, 'controller'>

export function controlledShutdownHandler({
  controller,
}: Services): Handler<RequestOf<typeof ControlledShutdown>, ResponseOf<typeof ControlledShutdown>> {
  return {
    api: ControlledShutdown,
    minVersion: 0,
    maxVersion: 3,
    async handle(context) {
      const { brokerId, brokerEpoch } = context.request
      if (!controller.isActive) context.respond({ errorCode: ErrorCode.NOT_CONTROLLER, remainingPartitions: [] })
      else context.respond(await controller.controlledShutdown(brokerId, brokerEpoch))
    },
  }
}
