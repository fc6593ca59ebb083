/**
 * The sessions of one broker, `max.incremental.fetch.session.cache.slots` at the most. A newcomer to a full cache takes the place of one that was
 * silent for two minutes, or of one that is worth less, followers above consumers and many partitions above few, provided that it had two minutes
 * of its own; else it gets none, and fetches everything each time (Kafka's FetchSessionCache). Nobody but FetchContext calls it.
 */
import type { Random } from '../../platform/random'
import { FetchSession } from './fetch-session'

/** MIN_INCREMENTAL_FETCH_SESSION_EVICTION_MS. */
const EVICTION_MS = 120_000
const LARGEST_ID = 0x7fffffff

export class FetchSessionCache {
  /** The one that was used longest ago is the first. */
  private readonly sessions = new Map<number, FetchSession>()
  /** Since the start of the broker. */
  evictionCount = 0

  constructor(
    private readonly random: Random,
    /** Asked at each opening, so that a changed setting counts. */
    private readonly slots: () => number,
  ) {}

  get size(): number {
    return this.sessions.size
  }

  get partitionCount(): number {
    let count = 0
    for (const session of this.sessions.values()) count += session.size
    return count
  }

  find(id: number): FetchSession | undefined {
    return this.sessions.get(id)
  }

  /** Null where there is no place for it. */
  open(isPrivileged: boolean, usesTopicIds: boolean, partitionCount: number, nowMs: number): FetchSession | null {
    if (this.sessions.size >= this.slots() && !this.evictFor(isPrivileged, partitionCount, nowMs)) return null
    let id: number
    do id = 1 + this.random.below(LARGEST_ID)
    while (this.sessions.has(id))
    const session = new FetchSession(id, isPrivileged, usesTopicIds, nowMs)
    this.sessions.set(id, session)
    return session
  }

  touch(session: FetchSession, nowMs: number): void {
    session.lastUsedMs = nowMs
    this.sessions.delete(session.id)
    this.sessions.set(session.id, session)
  }

  close(id: number): void {
    this.sessions.delete(id)
  }

  private evictFor(isPrivileged: boolean, partitionCount: number, nowMs: number): boolean {
    const victim = this.stale(nowMs) ?? this.leastWorthy(isPrivileged, partitionCount, nowMs)
    if (victim === null) return false
    this.sessions.delete(victim.id)
    this.evictionCount++
    return true
  }

  private stale(nowMs: number): FetchSession | null {
    for (const session of this.sessions.values()) return nowMs - session.lastUsedMs > EVICTION_MS ? session : null
    return null
  }

  private leastWorthy(isPrivileged: boolean, partitionCount: number, nowMs: number): FetchSession | null {
    let least: FetchSession | null = null
    for (const session of this.sessions.values()) {
      // A consumer's session gives way to a follower's at once; among equals it is left its time.
      const isEvictable = nowMs - session.createdMs > EVICTION_MS || (isPrivileged && !session.isPrivileged)
      if (isEvictable && (least === null || worth(session.isPrivileged, session.size) < worth(least.isPrivileged, least.size)))
        least = session
    }
    return least !== null && worth(least.isPrivileged, least.size) < worth(isPrivileged, partitionCount) ? least : null
  }
}

function worth(isPrivileged: boolean, partitionCount: number): number {
  return partitionCount + (isPrivileged ? LARGEST_ID : 0)
}
