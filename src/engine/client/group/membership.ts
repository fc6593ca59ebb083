/** What the two kinds of membership of a group (classic-membership.ts, consumer-membership.ts) have in common: what they are told and what they tell. */
import { ErrorCode } from '../../wire/errors'
import type { ClientError } from '../errors'
import type { KafkaClient } from '../kafka-client'
import type { TopicPartition } from './topic-partitions'

export interface MembershipOptions {
  /** The member's own: a JoinGroup waits for all others, and what is asked behind it on the same connection waits with it. */
  readonly client: KafkaClient
  readonly groupId: string
  readonly topics: readonly string[]
  /** Static membership (KIP-345); null: a dynamic member. */
  readonly groupInstanceId: string | null
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly events: MembershipEvents
}

export type MembershipState = 'joining' | 'rebalancing' | 'stable'

export interface MembershipEvents {
  readonly onState: (state: MembershipState) => void
  /** They are to be given up, and are nobody else's until this resolves: work on them ends, and what was read is committed. */
  readonly onRevoked: (partitions: readonly TopicPartition[]) => Promise<void>
  readonly onAssigned: (added: readonly TopicPartition[]) => void
  /** All of them may be somebody else's by now: nothing can be committed any more. */
  readonly onLost: () => void
  /** A generation, or an epoch, has begun for this member, so long after it began to leave the one before. */
  readonly onRebalanced: (durationMs: number) => void
  /** It is tried again; null: it works again. */
  readonly onTrouble: (error: ClientError | null) => void
}

/** Who commits, in OffsetCommit's words: a classic generation, or the epoch of a member of the new protocol. */
export interface MemberIdentity {
  readonly memberId: string
  readonly generationIdOrMemberEpoch: number
  readonly groupInstanceId: string | null
}

export interface Membership {
  readonly identity: MemberIdentity
  /** Partitions that the member may read and commit now. */
  readonly owned: readonly TopicPartition[]
  /** Until it is ended. Rejects where the group will never take it: another kind of member, an assignor it does not know, an instance id taken over. */
  run(): Promise<void>
  /** Ends it: what is owned is given up with onRevoked, and the group is told. Takes a second at most where the coordinator does not answer. */
  leave(): Promise<void>
  /** Ends it without a word, as a death does: the group finds out when the session has timed out. */
  abandon(): void
}

/** Errors by which a coordinator says that another one is to be asked, or this one later; all others mean something to the member. */
const coordinatorCodes: ReadonlySet<number> = new Set([
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
])

/** For CoordinatorRequest.errorCodeOf: what is tried again at whoever is the coordinator then. */
export const coordinatorError = ({ errorCode }: { readonly errorCode: number }): number =>
  coordinatorCodes.has(errorCode) ? errorCode : ErrorCode.NONE

/** A pause that can be ended early, by whoever changed what it waited for. */
export class Nap {
  private wakeUp: (() => void) | null = null
  private isAwake = false

  constructor(private readonly client: KafkaClient) {}

  /** Once woken it never sleeps again until `reset`. */
  wait(delayMs: number): Promise<void> {
    if (this.isAwake) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.client.platform.clock.setTimer(delayMs, () => {
        this.wakeUp = null
        resolve()
      })
      this.wakeUp = () => {
        timer.cancel()
        this.wakeUp = null
        resolve()
      }
    })
  }

  wake(): void {
    this.isAwake = true
    this.wakeUp?.()
  }

  reset(): void {
    this.isAwake = false
  }
}
