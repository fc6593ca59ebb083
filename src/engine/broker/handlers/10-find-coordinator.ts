/**
 * FindCoordinator (key 10), versions 0–6: where a consumer group or a transactional id is looked after.
 *
 * Deviation: this broker has no coordinators yet, and says so with a sentence where the version has room for one. For groups the code is
 * COORDINATOR_NOT_AVAILABLE: librdkafka looks for the coordinator of its group.id, which its consumer must have, also when it reads by
 * assignment, and hands any other error to the reader as a failure of its poll(). The price is that a member of a group waits without a word.
 * Nobody needs a transactional id without meaning it: there the code is UNSUPPORTED_VERSION, which is not tried again.
 */
import { ErrorCode } from '../../wire/errors'
import { FindCoordinator } from '../../wire/messages/10-find-coordinator'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'

const KINDS = [
  { what: 'Consumer groups are', errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE },
  { what: 'Transactions are', errorCode: ErrorCode.UNSUPPORTED_VERSION },
  { what: 'Share groups are', errorCode: ErrorCode.UNSUPPORTED_VERSION },
] as const
const BATCHED_VERSION = 4

export function findCoordinatorHandler(): Handler<RequestOf<typeof FindCoordinator>, ResponseOf<typeof FindCoordinator>> {
  return {
    api: FindCoordinator,
    minVersion: 0,
    maxVersion: 6,
    handle(context) {
      const { keyType, coordinatorKeys } = context.request
      const kind = KINDS[keyType]
      const answer = {
        errorCode: kind?.errorCode ?? ErrorCode.INVALID_REQUEST,
        errorMessage:
          kind === undefined ? `Unknown coordinator type ${keyType}` : `${kind.what} not served by this version of the broker.`,
        nodeId: -1,
        host: '',
        port: -1,
      }
      if (context.version < BATCHED_VERSION) context.respond(answer)
      else context.respond({ coordinators: coordinatorKeys.map((key) => ({ key, ...answer })) })
    },
  }
}
