/**
 * What the controller needs of a coordination session, and {@link SteadyCoordination}, which sits over a session and repeats what a
 * lost connection has interrupted, as Kafka's retryRequestUntilConnected does. CoordinationClient fits {@link CoordinationSession} as it is.
 *
 * A write whose connection was lost may have been carried out. It is repeated all the same; its caller must then take BADVERSION and
 * NODEEXISTS as "look at what is there", which every writer of this folder does.
 */

export interface ZnodeStat {
  readonly czxid: bigint
  readonly mzxid: bigint
  readonly ctime: number
  readonly version: number
  readonly ephemeralOwner: bigint
}

export type WatchEventType = 'created' | 'deleted' | 'dataChanged' | 'childrenChanged'
export type Watcher = (event: { readonly type: WatchEventType; readonly path: string }) => void

export type MultiOp =
  | {
      readonly type: 'create'
      readonly path: string
      readonly data: string
      readonly ephemeral?: boolean
      readonly sequential?: boolean
    }
  | { readonly type: 'setData'; readonly path: string; readonly data: string; readonly version: number }
  | { readonly type: 'delete'; readonly path: string; readonly version: number }
  | { readonly type: 'check'; readonly path: string; readonly version: number }

export interface MultiResult {
  readonly type?: string
  readonly stat?: ZnodeStat | undefined
}

export interface CreateOptions {
  readonly ephemeral?: boolean
  readonly sequential?: boolean
}

export interface CoordinationSession {
  readonly state: 'connecting' | 'connected' | 'expired' | 'closed'
  readonly sessionId: bigint
  on(event: 'connected' | 'disconnected' | 'expired', listener: () => void): () => void
  create(path: string, data: string, options?: CreateOptions): Promise<{ path: string; stat: ZnodeStat }>
  getData(path: string, watcher?: Watcher): Promise<{ data: Uint8Array; stat: ZnodeStat } | null>
  exists(path: string, watcher?: Watcher): Promise<ZnodeStat | null>
  getChildren(path: string, watcher?: Watcher): Promise<{ children: string[] } | null>
  setData(path: string, data: string, expectedVersion?: number): Promise<ZnodeStat>
  delete(path: string, expectedVersion?: number): Promise<void>
  /** Rejects with {@link CoordinationFailure}, `opIndex` telling which operation was at fault, and then nothing was done. */
  multi(ops: readonly MultiOp[]): Promise<unknown>
  ensurePath(path: string): Promise<void>
}

/** The shape of CoordinationError. */
export interface CoordinationFailure extends Error {
  readonly code: number
  readonly opIndex?: number | null | undefined
}

/** The failure's name if `error` is one, else null. */
export function failureName(error: unknown): string | null {
  return error instanceof Error && typeof (error as Partial<CoordinationFailure>).code === 'number' ? error.name : null
}

/** Which operation of a multi was at fault; -1 where that is not known. */
export function failedOperation(error: unknown): number {
  return (error as Partial<CoordinationFailure>).opIndex ?? -1
}

/** The session, less what a caller would have to do about lost connections. Everything else fails as the session does. */
export class SteadyCoordination {
  constructor(readonly session: CoordinationSession) {}

  get sessionId(): bigint {
    return this.session.sessionId
  }

  create(path: string, data: string, options?: CreateOptions): Promise<{ path: string; stat: ZnodeStat }> {
    return this.repeat(() => this.session.create(path, data, options))
  }

  getData(path: string, watcher?: Watcher): Promise<{ data: Uint8Array; stat: ZnodeStat } | null> {
    return this.repeat(() => this.session.getData(path, watcher))
  }

  exists(path: string, watcher?: Watcher): Promise<ZnodeStat | null> {
    return this.repeat(() => this.session.exists(path, watcher))
  }

  getChildren(path: string, watcher?: Watcher): Promise<string[]> {
    return this.repeat(async () => (await this.session.getChildren(path, watcher))?.children ?? [])
  }

  setData(path: string, data: string, expectedVersion?: number): Promise<ZnodeStat> {
    return this.repeat(() => this.session.setData(path, data, expectedVersion))
  }

  /** A znode that is gone already is no failure. */
  delete(path: string, expectedVersion?: number): Promise<void> {
    return this.repeat(() => this.session.delete(path, expectedVersion)).catch((error: unknown) => {
      if (failureName(error) !== 'NONODE') throw error
    })
  }

  async multi(ops: readonly MultiOp[]): Promise<void> {
    await this.repeat(() => this.session.multi(ops))
  }

  ensurePath(path: string): Promise<void> {
    return this.repeat(() => this.session.ensurePath(path))
  }

  private async repeat<T>(attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await attempt()
      } catch (error) {
        if (failureName(error) !== 'CONNECTIONLOSS') throw error
        await this.untilConnected(error)
      }
    }
  }

  /** Resolves at the next connection; rejects with `cause` once the session is over. */
  private untilConnected(cause: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.session.state === 'connected') return resolve()
      if (this.session.state !== 'connecting') return reject(cause)
      const stops = [
        this.session.on('connected', () => settle(resolve)),
        this.session.on('expired', () => settle(() => reject(cause))),
      ]
      const settle = (conclude: () => void) => {
        for (const stop of stops) stop()
        conclude()
      }
    })
  }
}
