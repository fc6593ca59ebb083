/**
 * Who becomes leader: the algorithms of Kafka's PartitionLeaderElectionAlgorithms. Pure functions over the assignment, the ISR and who is
 * online; they say who, and partition-changes.ts says what the partition's state becomes. A replica outside the ISR is chosen only
 * where unclean election is allowed, for it may lack what was acknowledged.
 */

/** Whether a replica can lead now: its broker is registered, not shutting down, and its log is readable. */
export type IsOnline = (brokerId: number) => boolean

export interface ElectedLeader {
  readonly leader: number
  /** From outside the ISR: acknowledged messages may be lost. */
  readonly isUnclean: boolean
}

/** For a partition whose leader is gone: the first in assignment order that is online and in sync; else, if allowed, the first online. */
export function electOffline(
  replicas: readonly number[],
  isr: readonly number[],
  isOnline: IsOnline,
  isUncleanAllowed: boolean,
): ElectedLeader | null {
  const clean = replicas.find((id) => isOnline(id) && isr.includes(id))
  if (clean !== undefined) return { leader: clean, isUnclean: false }
  if (!isUncleanAllowed) return null
  const unclean = replicas.find(isOnline)
  return unclean === undefined ? null : { leader: unclean, isUnclean: true }
}

/** The preferred leader, the first of the assignment, if it is online and in sync. */
export function electPreferred(replicas: readonly number[], isr: readonly number[], isOnline: IsOnline): number | null {
  const preferred = replicas[0]
  return preferred !== undefined && isOnline(preferred) && isr.includes(preferred) ? preferred : null
}

/** For a partition whose leader shuts down: the first online member of the ISR. `isOnline` is false for every broker that is shutting down. */
export function electForControlledShutdown(
  replicas: readonly number[],
  isr: readonly number[],
  isOnline: IsOnline,
): number | null {
  return replicas.find((id) => isOnline(id) && isr.includes(id)) ?? null
}

/** For a partition that moves to `targetReplicas`: the first of them that is online and in sync. */
export function electForReassignment(
  targetReplicas: readonly number[],
  isr: readonly number[],
  isOnline: IsOnline,
): number | null {
  return targetReplicas.find((id) => isOnline(id) && isr.includes(id)) ?? null
}
