/**
 * Which replica a consumer should read from (KIP-392), as the leader sees it. Pure; asked by Replica for consumers that say where they stand, in Fetch 11
 * and on. Followers are never asked: they serve who comes.
 */
import type { LeaderState } from './core/types'

export interface ReaderPlace {
  readonly rackId: string
  readonly fetchOffset: number
  /** Monotonic. */
  readonly nowMs: number
}

/**
 * The follower in the reader's rack that is furthest (RackAwareReplicaSelector); null: read here, as where the leader stands in that rack itself. Only
 * members of the ISR that have the offset count: the consumer of one that lags would fall behind with it, and be sent there again and again.
 */
export function preferredReadReplica(
  state: LeaderState,
  place: ReaderPlace,
  rackOf: (brokerId: number) => string | null,
): number | null {
  if (place.rackId === '' || rackOf(state.localBrokerId) === place.rackId) return null
  let best: { id: number; logEndOffset: number; lagMs: number } | null = null
  for (const follower of state.followers.values()) {
    const { replicaId: id, logEndOffset, logStartOffset } = follower
    if (!state.isr.isr.includes(id) || rackOf(id) !== place.rackId) continue
    if (logEndOffset < place.fetchOffset || logStartOffset > place.fetchOffset) continue
    const lagMs = place.nowMs - follower.lastCaughtUpTimeMs
    const isFurther =
      best === null ||
      logEndOffset > best.logEndOffset ||
      (logEndOffset === best.logEndOffset && (lagMs < best.lagMs || (lagMs === best.lagMs && id < best.id)))
    if (isFurther) best = { id, logEndOffset, lagMs }
  }
  return best?.id ?? null
}
