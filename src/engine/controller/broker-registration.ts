/**
 * A broker's ephemeral znode under /brokers/ids, whose creation zxid is the broker's epoch. After a kill the old session's znode stands until that
 * session expires: the broker waits for that by watch, and then registers. Called by the broker, once for every coordination session.
 */
import type { Clock, Logger } from '../platform'
import { type CoordinationSession, failureName, SteadyCoordination } from './coordination-port'
import { addressesOf, type BrokerInfo } from './types'
import { brokerPath, decodeBroker, encodeBroker } from './znodes'

export interface RegistrationOptions {
  readonly session: CoordinationSession
  readonly clock: Clock
  readonly logger: Logger
  readonly broker: BrokerInfo
  /** How long to wait for a registration of this id at another address to go away: more than a session timeout. */
  readonly timeoutMs: number
}

/** Another broker with this id lives. */
export class BrokerIdTakenError extends Error {
  override readonly name = 'BrokerIdTakenError'
}

/** The session that was to register has itself expired: the next one has to. */
export class SessionLostError extends Error {
  override readonly name = 'SessionLostError'
}

/** Answers the broker's epoch. Rejects with {@link SessionLostError} where `session` expires while it waits. Rejects with {@link BrokerIdTakenError} if the id is another's for longer than `timeoutMs`. */
export async function registerBroker({ session, clock, logger, broker, timeoutMs }: RegistrationOptions): Promise<number> {
  const coordination = new SteadyCoordination(session)
  const path = brokerPath(broker.id)
  const deadlineMs = clock.monotonicMs() + timeoutMs
  const data = encodeBroker(broker, clock.nowMs())
  for (;;) {
    try {
      // As Kafka does it, so that watchers see a creation and then data.
      await coordination.multi([
        { type: 'create', path, data: '', ephemeral: true },
        { type: 'setData', path, data, version: 0 },
      ])
    } catch (error) {
      if (failureName(error) !== 'NODEEXISTS') throw error
    }
    const found = await coordination.getData(path)
    if (found === null) continue
    if (found.stat.ephemeralOwner === coordination.sessionId) {
      const registered = decodeBroker(broker.id, found.data)
      if (registered !== null && isSame(registered, broker)) {
        logger.info('The broker is registered', { brokerId: broker.id, brokerEpoch: Number(found.stat.czxid) })
        return Number(found.stat.czxid)
      }
      // This session's own, from before its address changed.
      await coordination.delete(path)
      continue
    }
    logger.info('The broker waits for the end of its own older session', { brokerId: broker.id })
    const holder = decodeBroker(broker.id, found.data)
    // Nobody else can be at the address that this broker listens on. Its older session may live long: each restart of the coordination service
    // gives it its whole time-out again.
    const isOwn = holder !== null && holder.host === broker.host && holder.port === broker.port
    const remainingMs = isOwn ? Number.POSITIVE_INFINITY : deadlineMs - clock.monotonicMs()
    await untilDeleted(coordination, clock, path, remainingMs, () => {
      const where = holder === null ? '' : ` (at ${holder.host}:${holder.port})`
      return new BrokerIdTakenError(
        `Broker id ${broker.id} is registered by another session${where}, which has not ended for ${timeoutMs} ms.`,
      )
    })
  }
}

/** Takes the registration back, so that the controller need not wait for the session to end. */
export async function unregisterBroker(session: CoordinationSession, brokerId: number): Promise<void> {
  await new SteadyCoordination(session).delete(brokerPath(brokerId))
}

function untilDeleted(
  coordination: SteadyCoordination,
  clock: Clock,
  path: string,
  remainingMs: number,
  late: () => Error,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = Number.isFinite(remainingMs) ? clock.setTimer(Math.max(0, remainingMs), () => reject(late())) : null
    const conclude = (settle: () => void) => {
      timer?.cancel()
      stop()
      settle()
    }
    // The watch ends with the session that has set it, and would never be heard.
    const stop = coordination.session.on('expired', () =>
      conclude(() => reject(new SessionLostError('The coordination session expired while the broker waited to register.'))),
    )
    coordination
      .exists(path, () => conclude(resolve))
      .then((stat) => {
        if (stat === null) conclude(resolve)
      })
      .catch((error: unknown) => conclude(() => reject(error)))
  })
}

function isSame(a: BrokerInfo, b: BrokerInfo): boolean {
  const isSameAddress = JSON.stringify(addressesOf(a)) === JSON.stringify(addressesOf(b))
  return a.host === b.host && a.port === b.port && a.rack === b.rack && isSameAddress
}
