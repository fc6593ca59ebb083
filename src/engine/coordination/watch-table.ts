/**
 * Who watches which path, in ZooKeeper's two tables: data (getData, exists) and children (getChildren). One-shot watches go when they fire; persistent
 * ones stay; recursive ones see every created, deleted and changed znode below their path. Owned by the server; a watcher is a connection.
 */
import { EventType } from '../jute/op-codes'
import type { Acl } from '../jute/records'
import type { TreeChange } from './coordination-state'
import { parentOf, ROOT } from './paths'

export interface Watcher {
  /** `acl` is that of the znode at `path`: the event is only for who may read it. */
  onWatchEvent(type: EventType, path: string, acl: readonly Acl[]): void
}

const ONE_SHOT = 1
const PERSISTENT = 2
const RECURSIVE = 4
export const WatchMode = { ONE_SHOT, PERSISTENT, RECURSIVE } as const
export type WatchMode = (typeof WatchMode)[keyof typeof WatchMode]

export type WatchKind = 'data' | 'children'

/** One of the two tables. A watcher may watch a path in several modes at once: they are bits. */
class Table {
  readonly byPath = new Map<string, Map<Watcher, number>>()
  readonly byWatcher = new Map<Watcher, Set<string>>()
  recursiveCount = 0
  watchCount = 0

  add(path: string, watcher: Watcher, mode: WatchMode): void {
    const watchers = this.byPath.get(path) ?? new Map<Watcher, number>()
    this.byPath.set(path, watchers)
    this.setModes(path, watchers, watcher, (watchers.get(watcher) ?? 0) | mode)
  }

  remove(path: string, watcher: Watcher): boolean {
    const watchers = this.byPath.get(path)
    if (watchers?.has(watcher) !== true) return false
    this.setModes(path, watchers, watcher, 0)
    return true
  }

  removeWatcher(watcher: Watcher): void {
    for (const path of [...(this.byWatcher.get(watcher) ?? [])]) this.remove(path, watcher)
  }

  /** Watchers to be told of an event at `path`; their one-shot watches are gone afterwards. */
  trigger(path: string, type: EventType, acl: readonly Acl[], suppressed: ReadonlySet<Watcher> | null): Set<Watcher> {
    const told = new Set<Watcher>()
    const watchers = this.byPath.get(path)
    if (watchers !== undefined) {
      for (const [watcher, modes] of [...watchers]) {
        if ((modes & (ONE_SHOT | PERSISTENT)) !== 0) told.add(watcher)
        if ((modes & RECURSIVE) !== 0 && type !== EventType.NODE_CHILDREN_CHANGED) told.add(watcher)
        if ((modes & ONE_SHOT) !== 0) this.setModes(path, watchers, watcher, modes & ~ONE_SHOT)
      }
    }
    if (this.recursiveCount > 0 && type !== EventType.NODE_CHILDREN_CHANGED && path !== ROOT) this.collectRecursive(path, told)
    for (const watcher of told) if (suppressed?.has(watcher) !== true) watcher.onWatchEvent(type, path, acl)
    return told
  }

  private collectRecursive(path: string, told: Set<Watcher>): void {
    let ancestor = path
    do {
      ancestor = parentOf(ancestor)
      for (const [watcher, modes] of this.byPath.get(ancestor) ?? []) if ((modes & RECURSIVE) !== 0) told.add(watcher)
    } while (ancestor !== ROOT)
  }

  private setModes(path: string, watchers: Map<Watcher, number>, watcher: Watcher, modes: number): void {
    const before = watchers.get(watcher) ?? 0
    this.recursiveCount += ((modes & RECURSIVE) === 0 ? 0 : 1) - ((before & RECURSIVE) === 0 ? 0 : 1)
    this.watchCount += (modes === 0 ? 0 : 1) - (before === 0 ? 0 : 1)
    if (modes !== 0) {
      watchers.set(watcher, modes)
      const paths = this.byWatcher.get(watcher)
      if (paths === undefined) this.byWatcher.set(watcher, new Set([path]))
      else paths.add(path)
      return
    }
    watchers.delete(watcher)
    if (watchers.size === 0) this.byPath.delete(path)
    const paths = this.byWatcher.get(watcher)
    paths?.delete(path)
    if (paths?.size === 0) this.byWatcher.delete(watcher)
  }
}

export class WatchTable {
  private readonly data = new Table()
  private readonly children = new Table()

  get watchCount(): number {
    return this.data.watchCount + this.children.watchCount
  }

  add(kind: WatchKind, path: string, watcher: Watcher, mode: WatchMode = ONE_SHOT): void {
    this[kind].add(path, watcher, mode)
  }

  /** addWatch: a persistent watch stands in both tables, a recursive one sees children by their own events. */
  addPersistent(path: string, watcher: Watcher, mode: typeof PERSISTENT | typeof RECURSIVE): void {
    this.data.add(path, watcher, mode)
    if (mode === PERSISTENT) this.children.add(path, watcher, mode)
  }

  has(kind: WatchKind, path: string, watcher: Watcher): boolean {
    return this[kind].byPath.get(path)?.has(watcher) === true
  }

  remove(kind: WatchKind, path: string, watcher: Watcher): boolean {
    return this[kind].remove(path, watcher)
  }

  removeWatcher(watcher: Watcher): void {
    this.data.removeWatcher(watcher)
    this.children.removeWatcher(watcher)
  }

  /** Tells everybody who watches what a transaction changed. */
  fire(change: TreeChange): void {
    const { kind, path, acl, parentAcl } = change
    if (kind === 'dataChanged') {
      this.data.trigger(path, EventType.NODE_DATA_CHANGED, acl, null)
      return
    }
    if (kind === 'created') this.data.trigger(path, EventType.NODE_CREATED, acl, null)
    else {
      // A watcher of both tables is told once that the znode has gone.
      const told = this.data.trigger(path, EventType.NODE_DELETED, acl, null)
      this.children.trigger(path, EventType.NODE_DELETED, acl, told)
    }
    this.children.trigger(parentOf(path), EventType.NODE_CHILDREN_CHANGED, parentAcl, null)
  }

  /** The data table alone: it is what ZooKeeper's four-letter words show. */
  get dataWatchCount(): number {
    return this.data.watchCount
  }

  get dataPathsByWatcher(): ReadonlyMap<Watcher, ReadonlySet<string>> {
    return this.data.byWatcher
  }

  get dataWatchersByPath(): ReadonlyMap<string, ReadonlyMap<Watcher, number>> {
    return this.data.byPath
  }
}
