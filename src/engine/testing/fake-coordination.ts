/**
 * A coordination service in memory, for tests of who uses it: znodes with versions, ephemeral and sequential ones, multi, one-shot watches that are told
 * before the reply that would show the change, sessions that can be expired and connections that can be lost. No sockets, no time, no disk.
 * The real server is tested by itself; this one is for tests that must decide what happens when.
 */
import type {
  CoordinationSession,
  CreateOptions,
  MultiOp,
  WatchEventType,
  Watcher,
  ZnodeStat,
} from '../controller/coordination-port'

interface Znode {
  data: Buffer
  version: number
  readonly czxid: bigint
  mzxid: bigint
  readonly ctime: number
  readonly owner: bigint
  childrenCreated: number
}

type Failure = 'NONODE' | 'NODEEXISTS' | 'BADVERSION' | 'NOTEMPTY' | 'CONNECTIONLOSS' | 'SESSIONEXPIRED'

const CODES: Record<Failure, number> = {
  NONODE: -101,
  NODEEXISTS: -110,
  BADVERSION: -103,
  NOTEMPTY: -111,
  CONNECTIONLOSS: -4,
  SESSIONEXPIRED: -112,
}

export class FakeCoordinationError extends Error {
  readonly code: number
  constructor(
    override readonly name: Failure,
    path: string,
    readonly opIndex: number | null = null,
  ) {
    super(`${name} ${path}`)
    this.code = CODES[name]
  }
}

interface MultiResult {
  readonly stat: ZnodeStat
}

interface WatchEntry {
  readonly session: FakeSession
  readonly watcher: Watcher
}

export class FakeCoordination {
  private readonly znodes = new Map<string, Znode>([['/', newZnode(Buffer.alloc(0), 0n, 0, 0n)]])
  private readonly dataWatches = new Map<string, WatchEntry[]>()
  private readonly childWatches = new Map<string, WatchEntry[]>()
  private zxid = 0n
  private nextSessionId = 1n
  /** Every path written, for tests that ask how often. */
  readonly writes: string[] = []
  multiCount = 0

  /** `nowMs` gives znodes their ctime. */
  constructor(private readonly nowMs: () => number = () => 0) {}

  openSession(): FakeSession {
    return new FakeSession(this, this.nextSessionId++)
  }

  paths(): string[] {
    return [...this.znodes.keys()]
  }

  json(path: string): unknown {
    const found = this.znodes.get(path)
    return found === undefined ? null : JSON.parse(found.data.toString())
  }

  has(path: string): boolean {
    return this.znodes.has(path)
  }

  apply(session: FakeSession, ops: readonly MultiOp[]): MultiResult[] {
    const undo: (() => void)[] = []
    const events: (() => void)[] = []
    this.zxid++
    const results = ops.map((op, index) => {
      try {
        return this.applyOne(session, op, undo, events)
      } catch (error) {
        for (const step of undo.reverse()) step()
        throw error instanceof FakeCoordinationError ? new FakeCoordinationError(error.name, op.path, index) : error
      }
    })
    for (const event of events) event()
    return results
  }

  private applyOne(
    session: FakeSession,
    op: MultiOp,
    undo: (() => void)[],
    events: (() => void)[],
  ): MultiResult & { path?: string } {
    if (op.type === 'create') return this.create(session, op, undo, events)
    const znode = this.znodes.get(op.path)
    if (znode === undefined) throw new FakeCoordinationError('NONODE', op.path)
    if (op.version !== -1 && op.version !== znode.version) throw new FakeCoordinationError('BADVERSION', op.path)
    if (op.type === 'setData') {
      const before = { data: znode.data, version: znode.version, mzxid: znode.mzxid }
      znode.data = Buffer.from(op.data)
      znode.version++
      znode.mzxid = this.zxid
      this.writes.push(op.path)
      undo.push(() => Object.assign(znode, before))
      events.push(() => this.fire(this.dataWatches, op.path, 'dataChanged'))
    } else if (op.type === 'delete') {
      if (this.childrenOf(op.path).length > 0) throw new FakeCoordinationError('NOTEMPTY', op.path)
      this.znodes.delete(op.path)
      undo.push(() => this.znodes.set(op.path, znode))
      events.push(() => this.fireDeleted(op.path))
    }
    return { stat: statOf(znode) }
  }

  private create(
    session: FakeSession,
    op: MultiOp & { type: 'create' },
    undo: (() => void)[],
    events: (() => void)[],
  ): MultiResult & { path: string } {
    const parent = this.znodes.get(parentOf(op.path))
    if (parent === undefined) throw new FakeCoordinationError('NONODE', op.path)
    const path = op.sequential === true ? `${op.path}${String(parent.childrenCreated).padStart(10, '0')}` : op.path
    if (this.znodes.has(path)) throw new FakeCoordinationError('NODEEXISTS', path)
    const znode = newZnode(Buffer.from(op.data), this.zxid, this.nowMs(), op.ephemeral === true ? session.sessionId : 0n)
    this.znodes.set(path, znode)
    parent.childrenCreated++
    this.writes.push(path)
    undo.push(() => {
      this.znodes.delete(path)
      parent.childrenCreated--
    })
    events.push(() => {
      this.fire(this.dataWatches, path, 'created')
      this.fire(this.childWatches, parentOf(path), 'childrenChanged')
    })
    return { path, stat: statOf(znode) }
  }

  read(path: string): { data: Buffer; stat: ZnodeStat } | null {
    const znode = this.znodes.get(path)
    return znode === undefined ? null : { data: znode.data, stat: statOf(znode) }
  }

  childrenOf(path: string): string[] {
    const prefix = path === '/' ? '/' : `${path}/`
    return [...this.znodes.keys()].filter((key) => key !== '/' && parentOf(key) === path).map((key) => key.slice(prefix.length))
  }

  watch(kind: 'data' | 'children', path: string, entry: WatchEntry): void {
    const table = kind === 'data' ? this.dataWatches : this.childWatches
    table.set(path, [...(table.get(path) ?? []), entry])
  }

  /** What the end of a session does: its ephemerals go, and everybody's watches on them fire. */
  removeSession(session: FakeSession): void {
    for (const table of [this.dataWatches, this.childWatches]) {
      for (const [path, entries] of table)
        table.set(
          path,
          entries.filter((entry) => entry.session !== session),
        )
    }
    for (const [path, { owner }] of [...this.znodes]) {
      if (owner !== session.sessionId) continue
      this.znodes.delete(path)
      this.fireDeleted(path)
    }
  }

  private fireDeleted(path: string): void {
    this.fire(this.dataWatches, path, 'deleted')
    this.fire(this.childWatches, path, 'deleted')
    this.fire(this.childWatches, parentOf(path), 'childrenChanged')
  }

  private fire(table: Map<string, WatchEntry[]>, path: string, type: WatchEventType): void {
    const entries = table.get(path) ?? []
    table.delete(path)
    for (const { session, watcher } of entries) queueMicrotask(() => session.deliver(() => watcher({ type, path })))
  }
}

export class FakeSession implements CoordinationSession {
  state: 'connecting' | 'connected' | 'expired' | 'closed' = 'connected'
  private readonly listeners = {
    connected: new Set<() => void>(),
    disconnected: new Set<() => void>(),
    expired: new Set<() => void>(),
  }
  private undelivered: (() => void)[] = []
  private lossAfterNextWrite = false

  constructor(
    private readonly service: FakeCoordination,
    readonly sessionId: bigint,
  ) {}

  on(event: 'connected' | 'disconnected' | 'expired', listener: () => void): () => void {
    this.listeners[event].add(listener)
    return () => this.listeners[event].delete(listener)
  }

  /** As after a kill: the service ends the session, and this client hears of it. */
  expire(): void {
    this.state = 'expired'
    this.service.removeSession(this)
    for (const listener of [...this.listeners.expired]) listener()
  }

  disconnect(): void {
    this.state = 'connecting'
    for (const listener of [...this.listeners.disconnected]) listener()
  }

  reconnect(): void {
    this.state = 'connected'
    for (const event of this.undelivered.splice(0)) event()
    for (const listener of [...this.listeners.connected]) listener()
  }

  /** The next write is carried out, but its reply is lost with the connection. */
  loseNextReply(): void {
    this.lossAfterNextWrite = true
  }

  deliver(event: () => void): void {
    if (this.state === 'connected') event()
    else if (this.state === 'connecting') this.undelivered.push(event)
  }

  async create(path: string, data: string, options: CreateOptions = {}): Promise<{ path: string; stat: ZnodeStat }> {
    const [result] = this.write([{ type: 'create', path, data, ...options }])
    return result as { path: string; stat: ZnodeStat }
  }

  async getData(path: string, watcher?: Watcher): Promise<{ data: Uint8Array; stat: ZnodeStat } | null> {
    this.check(path)
    const found = this.service.read(path)
    if (found !== null && watcher !== undefined) this.service.watch('data', path, { session: this, watcher })
    return found
  }

  async exists(path: string, watcher?: Watcher): Promise<ZnodeStat | null> {
    this.check(path)
    if (watcher !== undefined) this.service.watch('data', path, { session: this, watcher })
    return this.service.read(path)?.stat ?? null
  }

  async getChildren(path: string, watcher?: Watcher): Promise<{ children: string[] } | null> {
    this.check(path)
    if (this.service.read(path) === null) return null
    if (watcher !== undefined) this.service.watch('children', path, { session: this, watcher })
    return { children: this.service.childrenOf(path) }
  }

  async setData(path: string, data: string, expectedVersion = -1): Promise<ZnodeStat> {
    const [result] = this.write([{ type: 'setData', path, data, version: expectedVersion }])
    return result!.stat
  }

  async delete(path: string, expectedVersion = -1): Promise<void> {
    this.write([{ type: 'delete', path, version: expectedVersion }])
  }

  async multi(ops: readonly MultiOp[]): Promise<readonly MultiResult[]> {
    this.service.multiCount++
    return this.write(ops)
  }

  async ensurePath(path: string): Promise<void> {
    const names = path.split('/').slice(1)
    for (let length = 1; length <= names.length; length++) {
      const ancestor = `/${names.slice(0, length).join('/')}`
      if (this.service.read(ancestor) === null) this.write([{ type: 'create', path: ancestor, data: '' }])
    }
  }

  private write(ops: readonly MultiOp[]): MultiResult[] {
    this.check(ops[0]?.path ?? '')
    const results = this.service.apply(this, ops)
    if (!this.lossAfterNextWrite) return results
    this.lossAfterNextWrite = false
    this.disconnect()
    queueMicrotask(() => this.reconnect())
    throw new FakeCoordinationError('CONNECTIONLOSS', ops[0]?.path ?? '')
  }

  private check(path: string): void {
    if (this.state === 'connecting') throw new FakeCoordinationError('CONNECTIONLOSS', path)
    if (this.state !== 'connected') throw new FakeCoordinationError('SESSIONEXPIRED', path)
  }
}

function newZnode(data: Buffer, czxid: bigint, ctime: number, owner: bigint): Znode {
  return { data, version: 0, czxid, mzxid: czxid, ctime, owner, childrenCreated: 0 }
}

function statOf({ czxid, mzxid, ctime, version, owner }: Znode): ZnodeStat {
  return { czxid, mzxid, ctime, version, ephemeralOwner: owner }
}

function parentOf(path: string): string {
  const index = path.lastIndexOf('/')
  return index <= 0 ? '/' : path.slice(0, index)
}
