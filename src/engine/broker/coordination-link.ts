/**
 * The broker's coordination session through its life: one client after another, for an expired session is dead. Says when a session is there,
 * the first and each later one, and when it has expired; what then has to be done anew is Broker's to know.
 */
import { type CoordinationSession, SteadyCoordination } from '../controller/coordination-port'
import type { Platform } from '../platform'

/** A session that can be begun and ended: CoordinationClient. */
export interface OwnedSession extends CoordinationSession {
  connect(): void
  close(): Promise<void>
  /** Leaves the session to expire. */
  abandon(): void
}

export interface CoordinationLinkOptions {
  readonly platform: Pick<Platform, 'clock' | 'logger'>
  makeSession(): OwnedSession
  /** The session has expired: everything that hung on it is gone. Called before the next one is begun. */
  onDidExpire(): void
  /** A session after the first one is connected. */
  onDidRenew(): void
}

export class CoordinationUnreachableError extends Error {
  override readonly name = 'CoordinationUnreachableError'
}

export class CoordinationLink {
  private current: OwnedSession
  private isClosed = false

  constructor(private readonly options: CoordinationLinkOptions) {
    this.current = this.begin()
  }

  /** The present session, connected or not. */
  get session(): CoordinationSession {
    return this.current
  }

  /** The same, for whoever wants requests repeated over lost connections. */
  get steady(): SteadyCoordination {
    return new SteadyCoordination(this.current)
  }

  get isConnected(): boolean {
    return this.current.state === 'connected'
  }

  /** Resolves at the first connection; rejects with {@link CoordinationUnreachableError} if there is none within `timeoutMs`. */
  untilConnected(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.current.state === 'connected') return resolve()
      const timer = this.options.platform.clock.setTimer(timeoutMs, () => {
        stop()
        reject(new CoordinationUnreachableError(`The coordination service was not reached within ${timeoutMs} ms.`))
      })
      const stop = this.current.on('connected', () => {
        stop()
        timer.cancel()
        resolve()
      })
      return undefined
    })
  }

  /** Ends the session, so that its ephemeral znodes go at once. */
  async close(): Promise<void> {
    this.isClosed = true
    await this.current.close()
  }

  /** As a killed process leaves it. */
  abandon(): void {
    this.isClosed = true
    this.current.abandon()
  }

  private begin(): OwnedSession {
    const session = this.options.makeSession()
    session.on('expired', () => this.onExpired(session))
    session.connect()
    return session
  }

  private onExpired(expired: OwnedSession): void {
    if (this.isClosed || this.current !== expired) return
    this.options.platform.logger.warn('The coordination session has expired; a new one is begun')
    this.options.onDidExpire()
    const session = this.begin()
    this.current = session
    const stop = session.on('connected', () => {
      stop()
      if (!this.isClosed && this.current === session) this.options.onDidRenew()
    })
  }
}
