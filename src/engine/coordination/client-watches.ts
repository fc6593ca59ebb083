/**
 * The watches that a client holds: which callbacks wait for which path, in ZooKeeper's three kinds, so that they can be set again on a new connection.
 * Owned by CoordinationClient; pure.
 */
import { EventType } from '../jute/op-codes'
import type { SetWatches2 } from '../jute/records'

export interface WatchEvent {
  readonly type: 'created' | 'deleted' | 'dataChanged' | 'childrenChanged'
  readonly path: string
}

/** Called once, for the first change after the call that set it. */
export type Watcher = (event: WatchEvent) => void

/** data: getData, and exists on a znode that is there; exist: exists on one that is not; child: getChildren. */
export type ClientWatchKind = 'data' | 'exist' | 'child'

const eventTypes = new Map<number, { readonly type: WatchEvent['type']; readonly kinds: readonly ClientWatchKind[] }>([
  [EventType.NODE_CREATED, { type: 'created', kinds: ['data', 'exist'] }],
  [EventType.NODE_DELETED, { type: 'deleted', kinds: ['data', 'exist', 'child'] }],
  [EventType.NODE_DATA_CHANGED, { type: 'dataChanged', kinds: ['data', 'exist'] }],
  [EventType.NODE_CHILDREN_CHANGED, { type: 'childrenChanged', kinds: ['child'] }],
])

/** A packet of setWatches stays below this, and a reconnect sends several if it must. */
const PATH_BYTES_PER_PACKET = 128 * 1024

export class ClientWatches {
  private readonly watches: Readonly<Record<ClientWatchKind, Map<string, Set<Watcher>>>> = {
    data: new Map(),
    exist: new Map(),
    child: new Map(),
  }

  add(kind: ClientWatchKind, path: string, watcher: Watcher): void {
    const watchers = this.watches[kind].get(path)
    if (watchers === undefined) this.watches[kind].set(path, new Set([watcher]))
    else watchers.add(watcher)
  }

  /** Takes out whom the event is for; null for an event that a client does not know. */
  take(eventType: number, path: string): { event: WatchEvent; watchers: ReadonlySet<Watcher> } | null {
    const known = eventTypes.get(eventType)
    if (known === undefined) return null
    const watchers = new Set<Watcher>()
    for (const kind of known.kinds) {
      for (const watcher of this.watches[kind].get(path) ?? []) watchers.add(watcher)
      this.watches[kind].delete(path)
    }
    return { event: { type: known.type, path }, watchers }
  }

  clear(): void {
    for (const paths of Object.values(this.watches)) paths.clear()
  }

  /** What to send on a new connection so that all watches stand again, or fire if they missed their change. */
  toRestore(relativeZxid: bigint): Pick<SetWatches2, 'relativeZxid' | 'dataWatches' | 'existWatches' | 'childWatches'>[] {
    const packets: { relativeZxid: bigint; dataWatches: string[]; existWatches: string[]; childWatches: string[] }[] = []
    let bytes = Number.POSITIVE_INFINITY
    for (const kind of ['data', 'exist', 'child'] as const) {
      for (const path of this.watches[kind].keys()) {
        if (bytes + path.length > PATH_BYTES_PER_PACKET) {
          packets.push({ relativeZxid, dataWatches: [], existWatches: [], childWatches: [] })
          bytes = 0
        }
        bytes += path.length
        packets.at(-1)?.[`${kind}Watches`].push(path)
      }
    }
    return packets
  }
}
