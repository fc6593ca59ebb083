/**
 * FindCoordinator (key 10), versions 0–6: where a consumer group or a transactional id is looked after.
 *
 * Deviation: this broker has no coordinators yet, and says so: UNSUPPORTED_VERSION, with a sentence where the version has room for one, for
 * each key. COORDINATOR_NOT_AVAILABLE would promise one for later: clients ask again for ever, and poll() returns nothing without a word.
 */
import { ErrorCode } from '../../wire/errors'
import { FindCoordinator } from '../../wire/messages/10-find-coordinator'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'

const KIND_BY_KEY_TYPE = ['Consumer groups are', 'Transactions are', 'Share groups are'] as const
const BATCHED_VERSION = 4

export function findCoordinatorHandler(): Handler<RequestOf<typeof FindCoordinator>, ResponseOf<typeof FindCoordinator>> {
  return {
    api: FindCoordinator,
    minVersion: 0,
    maxVersion: 6,
    handle(context) {
      const { keyType, coordinatorKeys } = context.request
      const kind = KIND_BY_KEY_TYPE[keyType]
      const answer = {
        errorCode: kind === undefined ? ErrorCode.INVALID_REQUEST : ErrorCode.UNSUPPORTED_VERSION,
        errorMessage:
          kind === undefined ? `Unknown coordinator type ${keyType}` : `${kind} not served by this version of the broker.`,
        nodeId: -1,
        host: '',
        port: -1,
      }
      if (context.version < BATCHED_VERSION) context.respond(answer)
      else context.respond({ coordinators: coordinatorKeys.map((key) => ({ key, ...answer })) })
    },
  }
}
