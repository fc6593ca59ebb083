/**
 * One member of a consumer group of the workload, which speaks the protocol that is its group's: it joins, commits, leaves, falls silent, and does about
 * an error what consumers do. What it says is in classic-member.ts and consumer-member.ts.
 */
import { ClientError } from '../../../client'
import { ErrorCode } from '../../../wire/errors'
import type { GroupPlan } from '../plan'
import { ClassicMember } from './classic-member'
import { ConsumerMember } from './consumer-member'
import { MemberError, type MemberHistories, MemberLink } from './member-link'
import { every, type WorkloadContext } from './workload-context'

const restPauseMs = 150

/** What a member does about an error. */
type Remedy = 'rejoin' | 'rejoin-as-new' | 'find-coordinator' | 'again'

export class GroupMemberClient {
  readonly #link: MemberLink
  readonly #classic: ClassicMember
  readonly #consumer: ConsumerMember
  #speaking: ClassicMember | ConsumerMember
  readonly #changesAfterMs: number
  #isBusy = false

  constructor(context: WorkloadContext, histories: MemberHistories, plan: GroupPlan, name: string) {
    this.#link = new MemberLink(context, histories, plan, name)
    // In a mixed group each changes at a time of its own.
    this.#changesAfterMs = plan.protocol === 'mixed' ? this.#link.random.within(0, 2 * plan.switchEveryMs) : 0
    const isToLeave = () => context.isStopped || this.#link.random.chance(plan.leaveChance) || this.#speaking !== this.#toSpeak()
    this.#classic = new ClassicMember(this.#link, isToLeave)
    this.#consumer = new ConsumerMember(this.#link, isToLeave)
    this.#speaking = this.#toSpeak()
  }

  get isIdle(): boolean {
    return !this.#isBusy
  }

  start(): void {
    const { process, random, context } = this.#link
    every(
      process.platform.clock,
      () => random.within(0, 2 * restPauseMs),
      async () => {
        if (this.#link.isClosed || context.isStopped) return false
        this.#isBusy = true
        this.#speaking = this.#toSpeak()
        await this.#speaking
          .live()
          .catch((error: unknown) => this.#onTrouble(error))
          .finally(() => {
            this.#isBusy = false
          })
        return true
      },
      context.onBug,
    )
  }

  close(): void {
    this.#link.isClosed = true
    this.#link.client.close()
  }

  /** Its group's protocol, or of one that changes it the one whose turn it is. */
  #toSpeak(): ClassicMember | ConsumerMember {
    const { protocol, switchEveryMs } = this.#link.plan
    const turn = Math.floor((this.#link.nowMs + this.#changesAfterMs) / switchEveryMs)
    const isConsumer = protocol === 'both' || protocol === 'mixed' ? turn % 2 === 1 : protocol === 'consumer'
    return isConsumer ? this.#consumer : this.#classic
  }

  #onTrouble(error: unknown): void {
    if (!(error instanceof MemberError) && !(error instanceof ClientError)) throw error
    const remedy = error instanceof MemberError ? remedyFor(error.errorCode) : 'find-coordinator'
    const { world } = this.#link.context
    this.#link.note(() => `has trouble (${remedy}): ${error.message}`)
    world.count('troubles of group members')
    if (remedy === 'rejoin') this.#consumer.beginAnew()
    if (error instanceof MemberError && error.errorCode === ErrorCode.ILLEGAL_GENERATION) this.#classic.lose()
    if (remedy === 'rejoin-as-new') this.#speaking.forget()
    if (remedy === 'find-coordinator') this.#link.forgetCoordinator()
  }
}

function remedyFor(errorCode: number): Remedy {
  switch (errorCode) {
    case ErrorCode.UNKNOWN_MEMBER_ID:
      return 'rejoin-as-new'
    case ErrorCode.ILLEGAL_GENERATION:
    case ErrorCode.REBALANCE_IN_PROGRESS:
    case ErrorCode.FENCED_MEMBER_EPOCH:
    case ErrorCode.GROUP_ID_NOT_FOUND:
      return 'rejoin'
    case ErrorCode.NOT_COORDINATOR:
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
      return 'find-coordinator'
    default:
      return 'again'
  }
}
