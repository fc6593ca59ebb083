/** What the fake cluster remembers of its brokers, topics and partitions. */
import type { BrokerState } from '../../../shared/model/cluster'
import type { FakeTopicSeed } from './fake-data'

export interface FakeBroker {
  id: number
  state: BrokerState
  stateSinceMs: number
  reason: string | null
  port: number
  isRegistered: boolean
  /** When its coordination session expires; null while it is renewed. */
  expiresAtMs: number | null
  causeId: number | null
}

export interface FakeReplica {
  brokerId: number
  logEndOffset: number
  caughtUpAtMs: number
}

export interface FakePartition {
  topic: FakeTopic
  partition: number
  leader: number | null
  leaderEpoch: number
  partitionEpoch: number
  replicas: FakeReplica[]
  isr: number[]
  logStartOffset: number
  leaderChangedAtMs: number | null
  previousLeader: number | null
  fraction: number
}

export interface FakeTopic {
  seed: FakeTopicSeed
  topicId: string
  partitions: FakePartition[]
}
