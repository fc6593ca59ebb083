/**
 * Tells the controller that logs of this broker have failed while it lives, as Kafka's brokers do (KIP-112): a sequential znode that names the broker.
 * Without it a replica that is offline would go on being the leader. One notice for all that fail in one turn.
 *
 * Nothing is repeated beyond the session: with the next one the broker registers anew, and the controller asks for all replicas by itself.
 */
import type { SteadyCoordination } from '../controller/coordination-port'
import { encodeLogDirEvent, LOG_DIR_EVENT_PREFIX, LOG_DIR_EVENTS } from '../controller/znodes'
import type { Clock, Logger } from '../platform'

export interface LogFailureNoticesOptions {
  readonly brokerId: number
  readonly clock: Pick<Clock, 'defer'>
  readonly logger: Logger
  coordination(): SteadyCoordination
}

export class LogFailureNotices {
  private isDue = false

  constructor(private readonly options: LogFailureNoticesOptions) {}

  onDidFail(): void {
    if (this.isDue) return
    this.isDue = true
    this.options.clock.defer(() => {
      this.isDue = false
      this.give()
    })
  }

  private give(): void {
    const { brokerId, logger } = this.options
    this.options
      .coordination()
      .create(`${LOG_DIR_EVENTS}/${LOG_DIR_EVENT_PREFIX}`, encodeLogDirEvent(brokerId), { sequential: true })
      .catch((error: unknown) => {
        logger.warn('The controller could not be told that a log has failed', { brokerId, error: String(error) })
      })
  }
}
