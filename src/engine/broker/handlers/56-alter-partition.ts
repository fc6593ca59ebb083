/**
 * AlterPartition (key 56), versions 0–3, for the controller: a leader wants another ISR. The controller's rules decide; this only makes sure
 * that it is the controller who is asked.
 */
import { ErrorCode } from '../../wire/errors'
import { AlterPartition } from '../../wire/messages/56-alter-partition'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

export function alterPartitionHandler({
  controller,
}: Pick<BrokerServices, 'controller'>): Handler<RequestOf<typeof AlterPartition>, ResponseOf<typeof AlterPartition>> {
  return {
    api: AlterPartition,
    minVersion: 2,
    maxVersion: 3,
    async handle(context) {
      if (!controller.isActive) context.respond({ throttleTimeMs: 0, errorCode: ErrorCode.NOT_CONTROLLER, topics: [] })
      else context.respond(await controller.alterPartition(context.request))
    },
  }
}
