/**
 * A client of ZooKeeper's protocol for the brokers and the controller: typed operations over one session (client-session.ts), with watches that are set
 * again when the connection changes. Requests are pipelined and answered in order. An expired client is dead: its owner makes a new one.
 *
 * Promises settle, and watchers are called, in the order of the packets: a watcher that was set by a call is called after that call has settled, and
 * before any later call shows the change.
 */
import type { Codec } from '../jute/codec'
import { KeeperCode } from '../jute/error-codes'
import type { MultiRequestOp, MultiResult as WireMultiResult } from '../jute/multi'
import { MultiRequest, MultiResponse } from '../jute/multi'
import { CreateFlag, OpCode } from '../jute/op-codes'
import type { JuteReader } from '../jute/reader'
import type { Stat } from '../jute/records'
import {
  CreateRequest,
  GetChildren2Response,
  GetDataResponse,
  PathAndStatResponse,
  PathAndVersionRequest,
  PathAndWatchRequest,
  PathRequest,
  SetDataRequest,
  StatResponse,
} from '../jute/records'
import { OPEN_ACL } from './access'
import type { ClientSessionOptions, ClientState } from './client-session'
import { ClientSession } from './client-session'
import type { ClientWatchKind, Watcher } from './client-watches'
import { ClientWatches } from './client-watches'
import { CoordinationError } from './coordination-error'
import { parentOf, ROOT } from './paths'

export type { WatchEvent, Watcher } from './client-watches'
export type { Stat }
export { CoordinationError }

export type CoordinationClientOptions = ClientSessionOptions
export type CoordinationClientEvent = 'connected' | 'disconnected' | 'expired'

export interface CreateOptions {
  readonly ephemeral?: boolean
  readonly sequential?: boolean
}

export type MultiOp =
  | ({ readonly type: 'create'; readonly path: string; readonly data?: Uint8Array | string } & CreateOptions)
  | { readonly type: 'setData'; readonly path: string; readonly data: Uint8Array | string; readonly version?: number }
  | { readonly type: 'delete'; readonly path: string; readonly version?: number }
  | { readonly type: 'check'; readonly path: string; readonly version: number }

export type MultiResult =
  | { readonly type: 'create'; readonly path: string; readonly stat: Stat }
  | { readonly type: 'setData'; readonly stat: Stat }
  | { readonly type: 'delete' | 'check' }

const ANY_VERSION = -1

export class CoordinationClient {
  private readonly watches = new ClientWatches()
  private readonly session: ClientSession
  private readonly listeners: Record<CoordinationClientEvent, Set<() => void>> = {
    connected: new Set(),
    disconnected: new Set(),
    expired: new Set(),
  }

  constructor(options: CoordinationClientOptions) {
    this.session = new ClientSession(options, this.watches, {
      onConnected: () => this.emit('connected'),
      onDisconnected: () => this.emit('disconnected'),
      onExpired: () => this.emit('expired'),
      onEvent: (type, path) => this.dispatch(type, path),
    })
  }

  /** Begins to connect, and goes on trying. */
  connect(): void {
    this.session.start()
  }

  get state(): ClientState {
    return this.session.state
  }

  /** 0 before the first connection. */
  get sessionId(): bigint {
    return this.session.id
  }

  /** Answers a function that removes the listener. */
  on(event: CoordinationClientEvent, listener: () => void): () => void {
    this.listeners[event].add(listener)
    return () => this.listeners[event].delete(listener)
  }

  create(path: string, data: Uint8Array | string, options: CreateOptions = {}): Promise<{ path: string; stat: Stat }> {
    return this.call(OpCode.CREATE2, path, CreateRequest, createFields(path, data, options), (reader) =>
      PathAndStatResponse.read(reader),
    )
  }

  /** null, and no watch, where there is no znode: exists() can wait for one. */
  getData(path: string, watcher?: Watcher): Promise<{ data: Buffer; stat: Stat } | null> {
    return this.read(OpCode.GET_DATA, path, watcher, 'data', (reader) => {
      const { data, stat } = GetDataResponse.read(reader)
      return { data: Buffer.from(data ?? []), stat }
    })
  }

  exists(path: string, watcher?: Watcher): Promise<Stat | null> {
    return this.read(OpCode.EXISTS, path, watcher, 'data', (reader) => StatResponse.read(reader).stat, 'exist')
  }

  getChildren(path: string, watcher?: Watcher): Promise<{ children: string[]; stat: Stat } | null> {
    return this.read(OpCode.GET_CHILDREN2, path, watcher, 'child', (reader) => {
      const { children, stat } = GetChildren2Response.read(reader)
      return { children: [...children], stat }
    })
  }

  setData(path: string, data: Uint8Array | string, expectedVersion = ANY_VERSION): Promise<Stat> {
    const body = { path, data: bytesOf(data), version: expectedVersion }
    return this.call(OpCode.SET_DATA, path, SetDataRequest, body, (reader) => StatResponse.read(reader).stat)
  }

  delete(path: string, expectedVersion = ANY_VERSION): Promise<void> {
    return this.call(OpCode.DELETE, path, PathAndVersionRequest, { path, version: expectedVersion }, () => undefined)
  }

  /** All or nothing; rejects with the error of the operation that failed, and its index. */
  multi(ops: readonly MultiOp[]): Promise<MultiResult[]> {
    return new Promise((resolve, reject) => {
      this.session.request(
        OpCode.MULTI,
        (writer) => MultiRequest.write(writer, ops.map(toWireOp)),
        (err, body) => {
          if (body === null || err !== KeeperCode.OK) return reject(new CoordinationError(err))
          settle(reject, () => {
            const results = MultiResponse.read(body)
            const failedAt = results.findIndex((result) => result.type === OpCode.ERROR && result.err !== KeeperCode.OK)
            const failed = results[failedAt]
            if (failed?.type === OpCode.ERROR) reject(new CoordinationError(failed.err, ops[failedAt]?.path ?? null, failedAt))
            else resolve(results.map(fromWireResult))
          })
        },
      )
    })
  }

  /** Waits until this connection's server has all that had been committed before. */
  sync(path: string = ROOT): Promise<void> {
    return this.call(OpCode.SYNC, path, PathRequest, { path }, () => undefined)
  }

  /** Creates the znode and those above it that are missing, empty and persistent. */
  async ensurePath(path: string): Promise<void> {
    if (path === ROOT || (await this.exists(path)) !== null) return
    await this.ensurePath(parentOf(path))
    try {
      await this.create(path, '')
    } catch (error) {
      if (!(error instanceof CoordinationError && error.code === KeeperCode.NODEEXISTS)) throw error
    }
  }

  /** Ends the session, so that its ephemerals go at once; without a connection they go when it expires. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        this.session.close()
        resolve()
      }
      if (this.session.state !== 'connected') return finish()
      this.session.request(OpCode.CLOSE_SESSION, null, finish)
    })
  }

  /** Leaves the session to expire, as the death of the process would. */
  abandon(): void {
    this.session.close()
  }

  private call<B, T>(type: number, path: string, codec: Codec<B>, body: B, read: (reader: JuteReader) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.session.request(
        type,
        (writer) => codec.write(writer, body),
        (err, reader) => {
          if (reader === null || err !== KeeperCode.OK) return reject(new CoordinationError(err, path))
          settle(reject, () => resolve(read(reader)))
        },
      )
    })
  }

  private read<T>(
    type: number,
    path: string,
    watcher: Watcher | undefined,
    kind: ClientWatchKind,
    read: (reader: JuteReader) => T,
    kindIfMissing: ClientWatchKind | null = null,
  ): Promise<T | null> {
    return new Promise((resolve, reject) => {
      this.session.request(
        type,
        (writer) => PathAndWatchRequest.write(writer, { path, watch: watcher !== undefined }),
        (err, reader) => {
          if (err === KeeperCode.NONODE) {
            if (watcher !== undefined && kindIfMissing !== null) this.watches.add(kindIfMissing, path, watcher)
            return resolve(null)
          }
          if (reader === null || err !== KeeperCode.OK) return reject(new CoordinationError(err, path))
          settle(reject, () => {
            const value = read(reader)
            if (watcher !== undefined) this.watches.add(kind, path, watcher)
            resolve(value)
          })
        },
      )
    })
  }

  private emit(event: CoordinationClientEvent): void {
    for (const listener of [...this.listeners[event]]) listener()
  }

  /** In a microtask: replies before it in the same packet have settled promises whose followers come first. */
  private dispatch(type: number, path: string): void {
    const taken = this.watches.take(type, path)
    if (taken === null) return
    queueMicrotask(() => {
      for (const watcher of taken.watchers) watcher(taken.event)
    })
  }
}

/** A reply that cannot be read rejects its request, and then breaks the connection. */
function settle(reject: (error: unknown) => void, action: () => void): void {
  try {
    action()
  } catch (error) {
    reject(error)
    throw error
  }
}

function bytesOf(data: Uint8Array | string): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data, 'utf8') : data
}

function createFields(path: string, data: Uint8Array | string, { ephemeral = false, sequential = false }: CreateOptions) {
  const flags = (ephemeral ? CreateFlag.EPHEMERAL : 0) | (sequential ? CreateFlag.PERSISTENT_SEQUENTIAL : 0)
  return { path, data: bytesOf(data), acl: OPEN_ACL, flags }
}

function toWireOp(op: MultiOp): MultiRequestOp {
  switch (op.type) {
    case 'create':
      return { type: OpCode.CREATE2, ...createFields(op.path, op.data ?? '', op) }
    case 'setData':
      return { type: OpCode.SET_DATA, path: op.path, data: bytesOf(op.data), version: op.version ?? ANY_VERSION }
    case 'delete':
      return { type: OpCode.DELETE, path: op.path, version: op.version ?? ANY_VERSION }
    case 'check':
      return { type: OpCode.CHECK, path: op.path, version: op.version }
  }
}

function fromWireResult(result: WireMultiResult): MultiResult {
  switch (result.type) {
    case OpCode.CREATE2:
      return { type: 'create', path: result.path, stat: result.stat }
    case OpCode.SET_DATA:
      return { type: 'setData', stat: result.stat }
    case OpCode.CHECK:
      return { type: 'check' }
    default:
      return { type: 'delete' }
  }
}
