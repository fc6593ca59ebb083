/**
 * Who is the controller: the broker that has created the ephemeral /controller and raised /controller_epoch in the same multi. One for a coordination
 * session. Follows /controller by watch, and contends whenever it is free.
 */
import type { Clock, Logger } from '../platform'
import { failureName, type SteadyCoordination } from './coordination-port'
import { CONTROLLER, CONTROLLER_EPOCH, decodeController, decodeControllerEpoch, encodeController } from './znodes'

/** What a won election gives: the epoch that brokers see, and the znode version that fences every write. */
export interface Mandate {
  readonly epoch: number
  readonly epochVersion: number
}

export interface ElectionOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly brokerId: number
  readonly coordination: SteadyCoordination
  readonly onElected: (mandate: Mandate) => void
  /** Somebody else is the controller; null: nobody, for the moment. */
  readonly onOther: (controllerId: number | null, epoch: number) => void
  /** The office that was won is lost: the znode is gone or another's. */
  readonly onDeposed: () => void
}

const RETRY_AFTER_FAILURE_MS = 500

export class ControllerElection {
  private mandate: Mandate | null = null
  private isContending = false
  private mustLookAgain = false
  private isStopped = false

  constructor(private readonly options: ElectionOptions) {}

  /** Takes part from now on. */
  contend(): void {
    if (this.isStopped) return
    this.mustLookAgain = true
    if (!this.isContending) void this.run()
  }

  /** Gives the office up; who watches contends. This broker does too, unless it was stopped before. */
  async resign(): Promise<void> {
    const { mandate } = this
    this.mandate = null
    if (mandate === null) return
    try {
      await this.options.coordination.multi([
        { type: 'check', path: CONTROLLER_EPOCH, version: mandate.epochVersion },
        { type: 'delete', path: CONTROLLER, version: -1 },
      ])
    } catch (error) {
      // Gone already, or another's: what was wanted.
      if (failureName(error) === null) throw error
    }
  }

  stop(): void {
    this.isStopped = true
  }

  private async run(): Promise<void> {
    this.isContending = true
    try {
      while (this.mustLookAgain && !this.isStopped) {
        this.mustLookAgain = false
        await this.look()
      }
    } catch (error) {
      // After an expiry the broker makes a new session and a new election.
      if (this.isStopped || failureName(error) === 'SESSIONEXPIRED') return
      this.options.logger.warn('The controller election could not be followed and is tried again', { error: String(error) })
      this.options.clock.setTimer(RETRY_AFTER_FAILURE_MS, () => this.contend())
    } finally {
      this.isContending = false
    }
  }

  private async look(): Promise<void> {
    const { coordination } = this.options
    const stat = await coordination.exists(CONTROLLER, () => this.contend())
    if (this.isStopped) return
    const isOurs = stat !== null && stat.ephemeralOwner === coordination.sessionId
    if (this.mandate !== null) {
      if (isOurs) return
      this.mandate = null
      this.options.onDeposed()
    }
    if (stat === null) return this.stand()
    if (isOurs) {
      // Won by a multi whose answer was lost, or given up by a delete that was: an epoch that nobody has acted under yet is cleaner.
      await coordination.delete(CONTROLLER)
      this.mustLookAgain = true
      return
    }
    const [controller, epoch] = await Promise.all([coordination.getData(CONTROLLER), coordination.getData(CONTROLLER_EPOCH)])
    if (controller === null) this.mustLookAgain = true
    else if (!this.isStopped)
      this.options.onOther(decodeController(controller.data), epoch === null ? 0 : decodeControllerEpoch(epoch.data))
  }

  private async stand(): Promise<void> {
    const { coordination, brokerId, clock } = this.options
    const current = await this.readEpoch()
    const epoch = current.epoch + 1
    try {
      await coordination.multi([
        { type: 'create', path: CONTROLLER, data: encodeController(brokerId, clock.nowMs()), ephemeral: true },
        { type: 'setData', path: CONTROLLER_EPOCH, data: String(epoch), version: current.version },
      ])
    } catch (error) {
      const name = failureName(error)
      if (name !== 'NODEEXISTS' && name !== 'BADVERSION') throw error
      this.mustLookAgain = true
      return
    }
    if (this.isStopped) return
    this.mandate = { epoch, epochVersion: current.version + 1 }
    this.options.logger.info('This broker is the controller now', { brokerId, controllerEpoch: epoch })
    this.options.onElected(this.mandate)
  }

  private async readEpoch(): Promise<{ epoch: number; version: number }> {
    const { coordination } = this.options
    for (;;) {
      const found = await coordination.getData(CONTROLLER_EPOCH)
      if (found !== null) return { epoch: decodeControllerEpoch(found.data), version: found.stat.version }
      await coordination.create(CONTROLLER_EPOCH, '0').catch((error: unknown) => {
        if (failureName(error) !== 'NODEEXISTS') throw error
      })
    }
  }
}
