/** What the controller tells of itself, for the timeline and for tests: plain data, emitted after the fact. */

export type ControllerEvent =
  /** This broker has become the controller and has taken stock of the cluster. */
  | {
      readonly type: 'controller-elected'
      readonly controllerId: number
      readonly controllerEpoch: number
      readonly tookMs: number
    }
  | {
      readonly type: 'controller-resigned'
      readonly controllerId: number
      readonly controllerEpoch: number
      readonly reason: string
    }
  | { readonly type: 'broker-joined'; readonly brokerId: number; readonly brokerEpoch: number; readonly isRestart: boolean }
  | { readonly type: 'broker-left'; readonly brokerId: number; readonly wasShuttingDown: boolean }
  | {
      readonly type: 'broker-shutting-down'
      readonly brokerId: number
      readonly movedLeaderCount: number
      readonly remainingLeaderCount: number
    }
  /** Leaders changed; `tookMs` from the event that caused it to the requests being queued for the brokers. */
  | { readonly type: 'leaders-elected'; readonly changes: readonly LeaderChange[]; readonly tookMs: number }
  | { readonly type: 'partition-offline'; readonly partitions: readonly LeaderChange[] }
  | { readonly type: 'isr-changed'; readonly changes: readonly IsrChange[] }
  | { readonly type: 'preferred-election'; readonly trigger: 'automatic' | 'request'; readonly changes: readonly LeaderChange[] }
  | {
      readonly type: 'topic-created'
      readonly topic: string
      readonly topicId: string
      readonly partitionCount: number
      readonly replicationFactor: number
    }
  | { readonly type: 'partitions-added'; readonly topic: string; readonly from: number; readonly to: number }
  /** `replicas`: where each is to be; the old replicas are there until the new ones are in sync. */
  | { readonly type: 'reassignment-begun'; readonly partitions: readonly ReassignedPartition[] }
  /** Complete, or cancelled. */
  | { readonly type: 'reassignment-ended'; readonly partitions: readonly ReassignedPartition[] }
  | { readonly type: 'topic-deletion-started'; readonly topic: string }
  /** Some replicas are on brokers that are down: the topic is gone for clients, its files there are not. */
  | { readonly type: 'topic-deletion-waiting'; readonly topic: string; readonly brokerIds: readonly number[] }
  | { readonly type: 'topic-deleted'; readonly topic: string }
  | { readonly type: 'topic-config-changed'; readonly topic: string }

export interface LeaderChange {
  readonly topic: string
  readonly partition: number
  /** -1: none. */
  readonly previousLeader: number
  readonly leader: number
  readonly leaderEpoch: number
  readonly isr: readonly number[]
  readonly isUnclean: boolean
}

export interface ReassignedPartition {
  readonly topic: string
  readonly partition: number
  readonly replicas: readonly number[]
}

export interface IsrChange {
  readonly topic: string
  readonly partition: number
  readonly leader: number
  readonly previousIsr: readonly number[]
  readonly isr: readonly number[]
}

export type ControllerListener = (event: ControllerEvent) => void
