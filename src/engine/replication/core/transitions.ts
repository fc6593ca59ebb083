/**
 * How a replica changes its role: every way from one union member to another is a function of this file.
 *
 * Called by the driver for each partition of a LeaderAndIsr, and when a log fails. Which commands are too old to be looked at all
 * (controller epoch, leader epoch) the driver has checked with `checkCommand`.
 */
import { assert } from '../../../shared/lang/assert'
import { maybeIncrementHighWatermark } from './high-watermark'
import { committedIsr } from './isr'
import { newFollowerProgress, resetProgress } from './progress'
import {
  type Effect,
  type FollowerProgress,
  type FollowerState,
  type LeaderEnvironment,
  type LeaderState,
  type LogView,
  NO_EFFECTS,
  NO_EPOCH,
  NO_LEADER,
  type OfflineState,
  type PartitionCommand,
  type ReplicaState,
  type ReplicationError,
  type Step,
} from './types'

/** A replica before the controller has said anything about it. `highWatermark` is the checkpoint's, see initialHighWatermark. */
export function newReplica(localBrokerId: number, highWatermark: number): FollowerState {
  return {
    role: 'follower',
    localBrokerId,
    leaderId: NO_LEADER,
    controllerEpoch: NO_EPOCH,
    leaderEpoch: NO_EPOCH,
    partitionEpoch: NO_EPOCH,
    replicas: [],
    highWatermark,
  }
}

/**
 * Whether a command may be obeyed. An equal leader epoch may: since KAFKA-15021 an ISR change alone does not raise it. But not for another leader, nor
 * an epoch that the log is past for its leader: no controller says so, but one can read it in a znode that was written by hand.
 */
export function checkCommand(state: ReplicaState, command: PartitionCommand, log: LogView): ReplicationError | null {
  if (state.role === 'offline') return 'KAFKA_STORAGE_ERROR'
  if (command.leaderEpoch < state.leaderEpoch) return 'STALE_CONTROLLER_EPOCH'
  if (command.leaderEpoch === state.leaderEpoch && command.leaderId !== leaderOf(state)) return 'STALE_CONTROLLER_EPOCH'
  if (command.leaderId === state.localBrokerId && command.leaderEpoch < log.latestEpoch) return 'STALE_CONTROLLER_EPOCH'
  if (!command.replicas.includes(state.localBrokerId)) return 'UNKNOWN_TOPIC_OR_PARTITION'
  return null
}

/**
 * Makes this replica the leader, or brings a leader's assignment and ISR up to date. Changes `state` in place where it already leads.
 *
 * A command with a partition epoch below the known one is skipped: the answer to an AlterPartition was quicker.
 */
export function becomeLeader(
  state: LeaderState | FollowerState,
  command: PartitionCommand,
  log: LogView,
  nowMs: number,
  env: LeaderEnvironment,
): Step<LeaderState | FollowerState> {
  assert(command.leaderId === state.localBrokerId, 'only the leader named by the controller leads')
  if (command.partitionEpoch < state.partitionEpoch) return { state, effects: NO_EFFECTS }
  checkEpochs(state, command)

  const wasLeader = state.role === 'leader'
  const epochBefore = state.leaderEpoch
  const isNewEpoch = command.leaderEpoch > epochBefore
  const effects: Effect[] = []
  const leader: LeaderState = wasLeader ? state : startLeading(state, command, log)

  // Said again, while a change to the very same partition epoch is in flight: the change may have been committed already, and forgetting
  // it would let the high watermark pass a member that the controller has let in. (Kafka forgets it; the window is small there too.)
  const isRepetition = wasLeader && !isNewEpoch && command.partitionEpoch === state.partitionEpoch
  leader.controllerEpoch = command.controllerEpoch
  leader.replicas = command.replicas
  leader.addingReplicas = command.addingReplicas
  leader.removingReplicas = command.removingReplicas
  leader.partitionEpoch = command.partitionEpoch
  if (!isRepetition) leader.isr = committedIsr(command.isr)
  updateFollowers(leader.followers, command)

  if (isNewEpoch || !wasLeader) {
    leader.leaderEpoch = command.leaderEpoch
    leader.leaderEpochStartOffset = log.logEndOffset
    // Where it led before, what it knows of its followers still holds if no other broker can have led since. Of an epoch that it was not told of
    // it does not know who led: followers may have truncated to that leader's history, and what they had of this one is gone. (Kafka's
    // Partition.makeLeader keeps what it knew in this case too, and could commit by it what no other member of the ISR has.)
    const isSuccession = wasLeader && command.leaderEpoch === epochBefore + 1
    for (const follower of leader.followers.values()) {
      resetProgress(follower, nowMs, log.logEndOffset, isSuccession, command.isr.includes(follower.replicaId))
    }
    // Before the first record of the epoch: a follower may come from a later epoch than any entry here, and has to be told where
    // its history left ours (KAFKA-8069's case of elections in quick succession).
    if (command.leaderEpoch > log.latestEpoch) {
      effects.push({ kind: 'assign-epoch-start', epoch: command.leaderEpoch, startOffset: log.logEndOffset })
    }
  }
  if (!wasLeader) effects.push({ kind: 'stop-fetching' }, { kind: 'role-changed' })
  if (!isRepetition) effects.push({ kind: 'isr-changed', isr: leader.isr.isr })
  // The ISR may be down to this broker alone.
  if (maybeIncrementHighWatermark(leader, log.logEndOffset, nowMs, env)) {
    effects.push({ kind: 'high-watermark-advanced', highWatermark: leader.highWatermark })
  }
  checkLeaderInvariants(leader, log)
  return { state: leader, effects }
}

/** Makes this replica a follower of `command.leaderId` (which may be NO_LEADER). Changes `state` in place where it already follows. */
export function becomeFollower(state: LeaderState | FollowerState, command: PartitionCommand): Step<LeaderState | FollowerState> {
  assert(command.leaderId !== state.localBrokerId, 'nobody follows itself')
  if (command.partitionEpoch < state.partitionEpoch) return { state, effects: NO_EFFECTS }
  checkEpochs(state, command)

  const isNewEpoch = command.leaderEpoch > state.leaderEpoch
  const wasFollower = state.role === 'follower'
  const isFirstCommand = state.leaderEpoch === NO_EPOCH
  const follower: FollowerState = wasFollower ? state : { ...newReplica(state.localBrokerId, state.highWatermark) }
  const leaderChanged = follower.leaderId !== command.leaderId
  follower.leaderId = command.leaderId
  follower.controllerEpoch = command.controllerEpoch
  follower.leaderEpoch = command.leaderEpoch
  follower.partitionEpoch = command.partitionEpoch
  follower.replicas = command.replicas

  const effects: Effect[] = []
  // The fetcher carries the leader epoch with each request, so it starts anew with each epoch, the same leader or not.
  if (isNewEpoch || !wasFollower || leaderChanged) {
    effects.push(
      command.leaderId === NO_LEADER
        ? { kind: 'stop-fetching' }
        : { kind: 'start-fetching', leaderId: command.leaderId, leaderEpoch: command.leaderEpoch },
    )
  }
  if (!wasFollower || isFirstCommand) effects.push({ kind: 'role-changed' })
  return { state: follower, effects }
}

/** The log failed. There is no way back but a restart of the broker, as in Kafka. */
export function goOffline(state: ReplicaState, reason: string): Step<OfflineState> {
  if (state.role === 'offline') return { state, effects: NO_EFFECTS }
  const { localBrokerId, controllerEpoch, leaderEpoch, partitionEpoch, replicas } = state
  return {
    state: { role: 'offline', localBrokerId, controllerEpoch, leaderEpoch, partitionEpoch, replicas, reason },
    effects: [{ kind: 'stop-fetching' }, { kind: 'role-changed' }],
  }
}

export function checkLeaderInvariants(state: LeaderState, log: LogView): void {
  assert(log.logStartOffset <= state.highWatermark, 'logStartOffset <= highWatermark <= logEndOffset')
  assert(state.highWatermark <= log.logEndOffset, 'logStartOffset <= highWatermark <= logEndOffset')
  assert(state.leaderEpochStartOffset <= log.logEndOffset, 'a leader never truncates its own log')
}

/** What checkCommand and the comparison of partition epochs have made sure of. */
function checkEpochs(state: LeaderState | FollowerState, command: PartitionCommand): void {
  assert(command.leaderEpoch >= state.leaderEpoch, 'leader epochs only grow')
  assert(command.partitionEpoch >= state.partitionEpoch, 'partition epochs only grow')
  assert(command.leaderEpoch > state.leaderEpoch || command.leaderId === leaderOf(state), 'one leader per leader epoch')
}

function leaderOf(state: LeaderState | FollowerState): number {
  return state.role === 'leader' ? state.localBrokerId : state.leaderId
}

function startLeading(state: FollowerState, command: PartitionCommand, log: LogView): LeaderState {
  return {
    role: 'leader',
    localBrokerId: state.localBrokerId,
    controllerEpoch: command.controllerEpoch,
    leaderEpoch: command.leaderEpoch,
    partitionEpoch: command.partitionEpoch,
    replicas: command.replicas,
    addingReplicas: command.addingReplicas,
    removingReplicas: command.removingReplicas,
    isr: committedIsr(command.isr),
    leadsSinceEpoch: command.leaderEpoch,
    leaderEpochStartOffset: log.logEndOffset,
    highWatermark: state.highWatermark,
    followers: new Map(),
  }
}

function updateFollowers(followers: Map<number, FollowerProgress>, command: PartitionCommand): void {
  for (const replicaId of command.replicas) {
    if (replicaId !== command.leaderId && !followers.has(replicaId)) followers.set(replicaId, newFollowerProgress(replicaId))
  }
  for (const replicaId of followers.keys()) {
    if (!command.replicas.includes(replicaId)) followers.delete(replicaId)
  }
}
