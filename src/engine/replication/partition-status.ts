/** What the statistics say of one replica. Reads the state, changes nothing. */
import { isUnderMinIsr } from './core/high-watermark'
import { isInFlight } from './core/isr'
import { type FollowerProgress, type LeaderEnvironment, NEVER_MS, NO_LEADER } from './core/types'
import type { FollowerStatus, PartitionStatus } from './outcomes'
import type { Replica } from './replica'

const NOBODY: readonly never[] = []

export function statusOf(replica: Replica, env: LeaderEnvironment, nowMs: number): PartitionStatus {
  const { log, state } = replica
  const isLeader = state.role === 'leader'
  return {
    topic: replica.topic,
    partition: replica.partition,
    topicId: replica.topicId,
    role: state.role,
    leaderId: isLeader ? state.localBrokerId : state.role === 'follower' ? state.leaderId : NO_LEADER,
    leaderEpoch: state.leaderEpoch,
    partitionEpoch: state.partitionEpoch,
    replicas: state.replicas,
    isr: isLeader ? state.isr.isr : NOBODY,
    isIsrChangePending: isLeader && isInFlight(state.isr),
    isUnderMinIsr: isLeader && isUnderMinIsr(state, env),
    logStartOffset: log.logStartOffset,
    highWatermark: replica.highWatermark,
    logEndOffset: log.logEndOffset,
    sizeInBytes: log.sizeInBytes,
    followers: isLeader
      ? Array.from(state.followers.values(), (follower) =>
          followerStatus(follower, log.logEndOffset, state.isr.isr.includes(follower.replicaId), nowMs),
        )
      : NOBODY,
    offlineReason: state.role === 'offline' ? state.reason : null,
  }
}

function followerStatus(follower: FollowerProgress, leaderEndOffset: number, isInSync: boolean, nowMs: number): FollowerStatus {
  const isAtEnd = follower.logEndOffset === leaderEndOffset
  return {
    replicaId: follower.replicaId,
    logEndOffset: follower.logEndOffset,
    lagMs: isAtEnd ? 0 : follower.lastCaughtUpTimeMs === NEVER_MS ? null : Math.max(0, nowMs - follower.lastCaughtUpTimeMs),
    isInSync,
  }
}
