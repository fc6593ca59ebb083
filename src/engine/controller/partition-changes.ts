/**
 * What a partition's state becomes when brokers come and go: state + event -> new state, or null where nothing changes. Pure; the driver
 * writes the result with the old partition epoch as condition, and then tells the brokers.
 *
 * Invariants, held by tests over random histories:
 *  - the ISR is never empty, and a leader is always a member of it;
 *  - partitionEpoch rises by one with every change, leaderEpoch with a change of the leader, none included, and where a leader may have come back
 *    as another process; neither goes back;
 *  - a leader from outside the ISR appears only where unclean election is allowed.
 */
import { type ElectedLeader, electForControlledShutdown, electOffline, electPreferred, type IsOnline } from './elections'
import { INITIAL_LEADER_EPOCH, INITIAL_PARTITION_EPOCH, LeaderRecoveryState, NO_LEADER, type PartitionState } from './types'

/** The first state: the first online replica leads, all online ones are in sync, for all logs are empty. Null while no replica is online. */
export function initialState(replicas: readonly number[], isOnline: IsOnline): PartitionState | null {
  const isr = replicas.filter(isOnline)
  const leader = isr[0]
  if (leader === undefined) return null
  return {
    leader,
    leaderEpoch: INITIAL_LEADER_EPOCH,
    isr,
    leaderRecoveryState: LeaderRecoveryState.RECOVERED,
    partitionEpoch: INITIAL_PARTITION_EPOCH,
  }
}

export interface Availability {
  /** Can lead and be in sync: registered, not shutting down, its log readable. */
  readonly isOnline: IsOnline
  /** Online, or shutting down and still serving. */
  readonly isServing: IsOnline
}

/**
 * After brokers went away or came back. Where the leader is gone a new one is elected and the ISR loses who is offline; where there is none
 * to elect the partition goes offline. Where the leader serves only the ISR loses who is offline. A leader that is shutting down
 * gives way to any other in-sync replica that is online, and else stays until it is gone.
 */
export function afterAvailabilityChange(
  state: PartitionState,
  replicas: readonly number[],
  { isOnline, isServing }: Availability,
  isUncleanAllowed: boolean,
): PartitionState | null {
  const onlineIsr = state.isr.filter(isOnline)
  const hasServingLeader = state.leader !== NO_LEADER && isServing(state.leader)
  if (hasServingLeader && isOnline(state.leader)) return withIsr(state, onlineIsr)
  const elected = electOffline(replicas, state.isr, isOnline, isUncleanAllowed && !hasServingLeader)
  if (elected !== null) return withElected(state, elected, onlineIsr)
  if (hasServingLeader) return withIsr(state, state.isr.filter(isServing))
  return withLeader(state, NO_LEADER, lastMembersKept(state.isr, onlineIsr))
}

/**
 * As a controller takes office: `hasRestarted` says who has registered since the state was written. Such a broker may be another process, which has lost
 * with its machine's power what it had not synced. So it is taken out of the ISR as if it had been seen to go, as long as there is somebody better; and if
 * there is nobody, its leadership begins a new epoch. In the old one it would write other records at offsets that others hold already in the same
 * epoch, and no follower could tell the two histories apart.
 */
export function afterUnseenRestarts(
  state: PartitionState,
  replicas: readonly number[],
  { isOnline, isServing }: Availability,
  hasRestarted: IsOnline,
): PartitionState | null {
  if (!state.isr.some((id) => isServing(id) && hasRestarted(id))) return null
  const isSteady: Availability = {
    isOnline: (id) => isOnline(id) && !hasRestarted(id),
    isServing: (id) => isServing(id) && !hasRestarted(id),
  }
  if (state.isr.some(isSteady.isOnline)) return afterAvailabilityChange(state, replicas, isSteady, false)
  const keepsLeader = state.isr.includes(state.leader) && isOnline(state.leader)
  const leader = keepsLeader ? state.leader : electOffline(replicas, state.isr, isOnline, false)?.leader
  if (leader === undefined) return null
  const { leaderEpoch, partitionEpoch } = state
  return { ...state, leader, isr: state.isr.filter(isOnline), leaderEpoch: leaderEpoch + 1, partitionEpoch: partitionEpoch + 1 }
}

/** The leader by order of an unclean election (ElectLeaders): as above, but only if there is no leader online. */
export function afterUncleanElection(
  state: PartitionState,
  replicas: readonly number[],
  isOnline: IsOnline,
): PartitionState | null {
  if (state.leader !== NO_LEADER && isOnline(state.leader)) return null
  const elected = electOffline(replicas, state.isr, isOnline, true)
  return elected === null ? null : withElected(state, elected, state.isr.filter(isOnline))
}

/** The preferred replica takes over, the ISR stays. Null if it leads already or cannot. */
export function afterPreferredElection(
  state: PartitionState,
  replicas: readonly number[],
  isOnline: IsOnline,
): PartitionState | null {
  const preferred = electPreferred(replicas, state.isr, isOnline)
  return preferred === null || preferred === state.leader ? null : withLeader(state, preferred, state.isr)
}

/**
 * Before `brokerId` stops: another in-sync replica takes its leaderships, and it leaves the ISR. Null where it is in no list, or where it leads
 * and no other can: it then stays leader until it is gone. `isOnline` is false for brokers that are shutting down.
 */
export function afterControlledShutdown(
  state: PartitionState,
  replicas: readonly number[],
  brokerId: number,
  isOnline: IsOnline,
): PartitionState | null {
  if (state.leader !== brokerId) {
    return withIsr(
      state,
      lastMembersKept(
        state.isr,
        state.isr.filter((id) => id !== brokerId),
      ),
    )
  }
  const leader = electForControlledShutdown(replicas, state.isr, isOnline)
  return leader === null ? null : withLeader(state, leader, state.isr.filter(isOnline))
}

/** An ISR that the leader proposed and that was found valid (alter-partition.ts). */
export function afterIsrChange(
  state: PartitionState,
  isr: readonly number[],
  leaderRecoveryState: LeaderRecoveryState,
): PartitionState {
  return { ...state, isr, leaderRecoveryState, partitionEpoch: state.partitionEpoch + 1 }
}

function withElected(
  state: PartitionState,
  { leader, isUnclean }: ElectedLeader,
  onlineIsr: readonly number[],
): PartitionState | null {
  if (!isUnclean) return withLeader(state, leader, onlineIsr)
  // The other replicas will be truncated to this one's log, so only it is in sync.
  const changed = withLeader(state, leader, [leader])
  return changed === null ? null : { ...changed, leaderRecoveryState: LeaderRecoveryState.RECOVERING }
}

function withLeader(state: PartitionState, leader: number, isr: readonly number[]): PartitionState | null {
  if (leader === state.leader) return withIsr(state, isr)
  return { ...state, leader, isr, leaderEpoch: state.leaderEpoch + 1, partitionEpoch: state.partitionEpoch + 1 }
}

function withIsr(state: PartitionState, isr: readonly number[]): PartitionState | null {
  if (isr.length === state.isr.length) return null
  return { ...state, isr, partitionEpoch: state.partitionEpoch + 1 }
}

/** The ISR less those offline, but never empty: who left last, and all of those who left together, have everything that was acknowledged. */
function lastMembersKept(isr: readonly number[], onlineIsr: readonly number[]): readonly number[] {
  return onlineIsr.length === 0 ? isr : onlineIsr
}
