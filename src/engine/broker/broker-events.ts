/** What a broker tells of itself, for the timeline and for tests: plain data, emitted after the fact. The controller's own events are among them. */
import type { ControllerEvent } from '../controller/events'

export type BrokerEvent =
  | { readonly type: 'broker-registered'; readonly brokerId: number; readonly brokerEpoch: number; readonly isAgain: boolean }
  /** Its coordination session is gone: to the cluster it is dead until it has registered again. */
  | { readonly type: 'session-expired'; readonly brokerId: number }
  | {
      readonly type: 'log-recovered'
      readonly topic: string
      readonly partition: number
      readonly truncatedBytes: number
      readonly message: string
    }
  | {
      readonly type: 'role-changed'
      readonly topic: string
      readonly partition: number
      readonly role: 'leader' | 'follower' | 'offline' | 'none'
    }
  /** As the leader, this broker, knows it: shrunk or expanded. */
  | { readonly type: 'isr-changed-here'; readonly topic: string; readonly partition: number; readonly isr: readonly number[] }
  /** Of a partition that this broker leads. */
  | { readonly type: 'segment-rolled'; readonly topic: string; readonly partition: number; readonly baseOffset: number }
  /** By retention, of a partition that this broker leads. */
  | { readonly type: 'segments-deleted'; readonly topic: string; readonly partition: number; readonly segmentCount: number }
  /** A group that this broker coordinates has a new generation (classic) or epoch (consumer), with so many members; 0: it is empty. */
  | {
      readonly type: 'group-rebalanced'
      readonly groupId: string
      readonly generation: number
      readonly memberCount: number
      readonly protocol: 'classic' | 'consumer'
    }
  | { readonly type: 'shutdown-begun'; readonly brokerId: number }
  /** Leaderships that could not be handed over before the time was up. */
  | { readonly type: 'shutdown-incomplete'; readonly brokerId: number; readonly remainingLeaderCount: number }
  /** A broken invariant or disk: the broker has stopped. */
  | { readonly type: 'broker-failed'; readonly brokerId: number; readonly reason: string }
  | ControllerEvent

export type BrokerListenerFunction = (event: BrokerEvent) => void
