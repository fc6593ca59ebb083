/**
 * A consumer of the classic protocol as clients are ones, on a GroupKit: it joins, syncs, sends heartbeats, and deals the partitions of `orders` out where it
 * leads. An eager one gives everything up before it joins; a cooperative one keeps what it has, says so, and joins again when it has given something up. One call of
 * `step` is one request, or nothing while it waits for an answer. For tests of the group coordinator; imported by tests only.
 */
import type { JoinAnswer, SyncAnswer } from '../coordinator/group/classic-member'
import { readAssignment, readSubscription, writeAssignment, writeSubscription } from '../coordinator/group/consumer-protocol'
import { ErrorCode } from '../wire/errors'
import type { Asked, GroupKit } from './group-kit'

const TOPIC = 'orders'

export interface ClassicClientOptions {
  readonly isCooperative: boolean
  readonly groupInstanceId?: string | null
  readonly rebalanceTimeoutMs?: number
}

export class ClassicClient {
  memberId = ''
  generationId = -1
  owned: readonly number[] = []
  lastError: number = ErrorCode.NONE
  private joining: Asked<JoinAnswer> | null = null
  private syncing: Asked<SyncAnswer> | null = null
  private isMember = false

  constructor(
    private readonly kit: () => GroupKit,
    readonly options: ClassicClientOptions,
  ) {}

  /** It has its assignment. */
  get isStable(): boolean {
    return this.isMember && this.joining === null && this.syncing === null
  }

  step(): void {
    if (this.joining !== null) this.afterJoin(this.joining)
    else if (this.syncing !== null) this.afterSync(this.syncing)
    else if (this.isMember) this.heartbeat()
    else this.join()
  }

  leave(): void {
    if (this.memberId !== '') this.kit().leave(this.memberId)
    this.crash()
  }

  /** Nobody is told, and the next that it sends is by somebody new. */
  crash(): void {
    this.forget()
    this.memberId = ''
  }

  /** It has lost what it had, and knows its name. */
  forget(): void {
    this.owned = []
    this.joining = null
    this.syncing = null
    this.isMember = false
  }

  join(): void {
    const { isCooperative, groupInstanceId = null, rebalanceTimeoutMs = 20_000 } = this.options
    if (!isCooperative) this.owned = []
    const version = isCooperative ? 1 : 0
    const owned = this.owned.length === 0 ? [] : [{ topic: TOPIC, partitions: this.owned }]
    const metadata = Buffer.from(writeSubscription({ version, topics: [TOPIC], owned, rackId: null })).toString('latin1')
    this.isMember = false
    this.joining = this.kit().join({
      memberId: this.memberId,
      groupInstanceId,
      requiresKnownMemberId: groupInstanceId === null,
      protocols: { [isCooperative ? 'cooperative-sticky' : 'range']: metadata },
      rebalanceTimeoutMs,
    })
  }

  private afterJoin({ answer, errorCode }: Asked<JoinAnswer>): void {
    if (answer === null && errorCode === null) return
    this.joining = null
    if (answer === null) return
    if (answer.errorCode === ErrorCode.MEMBER_ID_REQUIRED) this.memberId = answer.memberId
    if (answer.errorCode !== ErrorCode.NONE) return this.onError(answer.errorCode)
    this.lastError = ErrorCode.NONE
    this.memberId = answer.memberId
    this.generationId = answer.generationId
    const { groupInstanceId = null } = this.options
    this.syncing = this.kit().sync(answer, answer.leader === answer.memberId ? this.deal(answer) : {}, groupInstanceId)
  }

  private afterSync({ answer, errorCode }: Asked<SyncAnswer>): void {
    if (answer === null && errorCode === null) return
    this.syncing = null
    if (answer === null) return
    if (answer.errorCode !== ErrorCode.NONE) return this.onError(answer.errorCode)
    const given = readAssignment(answer.assignment)!.partitions.flatMap(({ partitions }) => partitions)
    const hasGivenUp = this.owned.some((partition) => !given.includes(partition))
    this.owned = given
    this.isMember = !hasGivenUp
  }

  private heartbeat(): void {
    const { groupInstanceId = null } = this.options
    const errorCode = this.kit().heartbeat(this.memberId, this.generationId, groupInstanceId)
    if (errorCode !== ErrorCode.NONE) this.onError(errorCode)
  }

  private onError(errorCode: number): void {
    this.lastError = errorCode
    this.isMember = false
    if (errorCode === ErrorCode.REBALANCE_IN_PROGRESS || errorCode === ErrorCode.MEMBER_ID_REQUIRED) return
    this.forget()
    if (errorCode === ErrorCode.UNKNOWN_MEMBER_ID || errorCode === ErrorCode.FENCED_INSTANCE_ID) this.memberId = ''
  }

  /** In turn; nobody is given what another says that it owns. */
  private deal({ members }: JoinAnswer): Record<string, string> {
    const count = this.kit().topics.get(TOPIC)?.partitionCount ?? 0
    const owners = new Map<number, string>()
    for (const { memberId, metadata } of members) {
      for (const { partitions } of readSubscription(metadata)!.owned)
        for (const partition of partitions) if (!owners.has(partition)) owners.set(partition, memberId)
    }
    return Object.fromEntries(
      members.map(({ memberId, metadata }, index) => {
        const given = Array.from({ length: count }, (_, partition) => partition)
          .filter((partition) => partition % members.length === index)
          .filter((partition) => (owners.get(partition) ?? memberId) === memberId)
        const partitions = given.length === 0 ? [] : [{ topic: TOPIC, partitions: given }]
        const version = readSubscription(metadata)!.version
        return [memberId, Buffer.from(writeAssignment(partitions, version)).toString('latin1')]
      }),
    )
  }
}
