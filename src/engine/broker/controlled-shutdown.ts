/**
 * The stopping broker's side of a controlled shutdown: asks the controller to move its leaderships until none is left, a few times at most
 * (`controlled.shutdown.max.retries`). Where no controller answers, the cluster will find out by the end of the session.
 */
import type { Clock, Logger } from '../platform'
import { ErrorCode, errorName } from '../wire/errors'
import { ControlledShutdown } from '../wire/messages'
import type { ControllerLink } from './controller-link'

export interface ControlledShutdownOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly link: Pick<ControllerLink, 'request'>
  readonly brokerId: number
  readonly brokerEpoch: number
  readonly attemptsMax: number
  readonly backoffMs: number
}

/** A controller that takes longer will not answer: the person who waits for the stop would rather have it. */
const ATTEMPT_TIMEOUT_MS = 5_000

/** Answers how many leaderships are left; -1 where the controller could not be asked. */
export async function controlledShutdown(options: ControlledShutdownOptions): Promise<number> {
  const { clock, logger, link, brokerId, brokerEpoch, attemptsMax, backoffMs } = options
  let remaining = -1
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    try {
      const answer = await link.request(ControlledShutdown, { brokerId, brokerEpoch }, ATTEMPT_TIMEOUT_MS)
      if (answer.errorCode === ErrorCode.NONE) {
        remaining = answer.remainingPartitions.length
        if (remaining === 0) return 0
        // What has no other replica in sync cannot be handed to anybody; what can be is handed over in one go.
        logger.info('Leaderships are left after a controlled shutdown', { brokerId, attempt, remaining })
      } else {
        logger.warn('The controller refused a controlled shutdown', { brokerId, attempt, error: errorName(answer.errorCode) })
      }
    } catch (error) {
      logger.warn('The controller did not answer a controlled shutdown', { brokerId, attempt, reason: String(error) })
    }
    if (attempt < attemptsMax) await new Promise<void>((resolve) => clock.setTimer(backoffMs, resolve))
  }
  return remaining
}
