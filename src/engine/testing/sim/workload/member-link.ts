/**
 * What a group member of either protocol has: a process, a client, a way to its group's coordinator, and the offsets of the group, read back and committed. All
 * of it is written into the histories here. Used by the members of both protocols (classic-member.ts, consumer-member.ts), which say when.
 */
import type { KafkaClient } from '../../../client'
import { ErrorCode } from '../../../wire/errors'
import { OffsetCommit } from '../../../wire/messages/08-offset-commit'
import { OffsetFetch } from '../../../wire/messages/09-offset-fetch'
import { FindCoordinator } from '../../../wire/messages/10-find-coordinator'
import type { Api, Encodable } from '../../../wire/schema'
import type { GroupPlan } from '../plan'
import type { SimProcess } from '../process'
import type { SeededRandom } from '../seeded-random'
import type { GroupClaims, Terms } from './group-claims'
import type { GroupHistory } from './group-history'
import type { WorkloadContext } from './workload-context'

export interface MemberHistories {
  readonly history: GroupHistory
  readonly claims: GroupClaims
  /** Which broker coordinates the group, as the most advanced broker knows it; null: none yet. */
  coordinatorId(group: string): number | null
}

/** Who commits and reads: of the new protocol the generation is the member's epoch. */
export interface Membership {
  readonly memberId: string
  readonly generationId: number
}

interface Coordinator {
  readonly id: number
  readonly host: string
  readonly port: number
}

/** Not written within its time is not: not written. */
export function isOutcomeUnknown(errorCode: number): boolean {
  return errorCode === ErrorCode.COORDINATOR_NOT_AVAILABLE || errorCode === ErrorCode.NOT_COORDINATOR
}

/** A coordinator has refused something. */
export class MemberError extends Error {
  constructor(readonly errorCode: number) {
    super(`error ${errorCode}`)
  }
}

export class MemberLink {
  readonly process: SimProcess
  readonly random: SeededRandom
  readonly client: KafkaClient
  isClosed = false
  #coordinator: Coordinator | null = null

  constructor(
    readonly context: WorkloadContext,
    readonly histories: MemberHistories,
    readonly plan: GroupPlan,
    readonly name: string,
  ) {
    this.process = context.world.clientProcess(name)
    this.random = context.random(name)
    this.client = context.newClient(this.process)
  }

  get nowMs(): number {
    return this.context.world.nowMs
  }

  note(text: () => string): void {
    this.context.note(this.name, text)
  }

  forgetCoordinator(): void {
    this.#coordinator = null
  }

  async ask<Req, Res>(api: Api<Req, Res>, body: Encodable<Req>, timeoutMs?: number): Promise<Res> {
    const connection = this.client.connectionTo(await this.findCoordinator())
    return await connection.request(api, body, timeoutMs === undefined ? {} : { timeoutMs })
  }

  /** -1: not known. */
  get coordinatorId(): number {
    return this.#coordinator?.id ?? -1
  }

  /** That much of a time-out has certainly not passed for a coordinator before so many milliseconds have, by clocks as fast as they come. */
  certain(timeoutMs: number): number {
    return timeoutMs * (1 - this.context.world.config.driftMax) - 5
  }

  /** A coordinator has just answered what was asked at `sentMs`: a membership of `timeoutMs` lasts from then at least. */
  terms(sentMs: number, timeoutMs: number): Terms {
    const spanMs = this.certain(timeoutMs)
    return { coordinatorId: this.coordinatorId, untilMs: sentMs + spanMs, spanMs }
  }

  check(errorCode: number): void {
    if (errorCode !== ErrorCode.NONE) throw new MemberError(errorCode)
  }

  /**
   * How far the group has come in each partition. `isSure`: whether the reader can still be who it takes itself for when it has the answer; one that was left
   * behind may have asked a coordinator that has been, too.
   */
  async readBack(
    partitions: readonly number[],
    who: Membership | null,
    isSure: (partition: number) => boolean,
  ): Promise<Map<number, number>> {
    const { name: groupId, topic } = this.plan
    const { history } = this.histories
    const before = new Map(partitions.map((partition) => [partition, history.acknowledged(groupId, partition)]))
    const member = who === null ? {} : { memberId: who.memberId, memberEpoch: who.generationId }
    const asked = { groupId, ...member, topics: [{ name: topic, partitionIndexes: [...partitions] }] }
    const answer = await this.ask(OffsetFetch, { groups: [asked] })
    const group = answer.groups[0]
    this.check(group?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR)
    const positions = new Map<number, number>()
    for (const { partitionIndex, committedOffset, errorCode } of group?.topics[0]?.partitions ?? []) {
      this.check(errorCode)
      const offset = Number(committedOffset)
      if (isSure(partitionIndex)) {
        history.onFetched(groupId, partitionIndex, offset, {
          acknowledgedBefore: before.get(partitionIndex) ?? -1,
          who: this.name,
        })
      }
      positions.set(partitionIndex, offset)
    }
    return positions
  }

  /** Moves `positions` on. `onUnknown`: it is not known what became of it, and it may be on its way yet. */
  async commit(
    { memberId, generationId }: Membership,
    partitions: readonly number[],
    positions: Map<number, number>,
    onUnknown: () => void,
  ): Promise<void> {
    if (partitions.length === 0) return
    const { name: groupId, topic } = this.plan
    const { history } = this.histories
    const committing = partitions.map((partition) => {
      const offset = (positions.get(partition) ?? -1) + this.random.between(1, 5)
      history.onCommitSent(groupId, partition, offset)
      return { partitionIndex: partition, committedOffset: BigInt(offset), committedMetadata: null }
    })
    const topics = [{ name: topic, partitions: committing }]
    const request = { groupId, generationIdOrMemberEpoch: generationId, memberId, topics }
    const answer = await this.ask(OffsetCommit, request).catch((error: unknown) => {
      onUnknown()
      throw error
    })
    for (const [index, { partitionIndex, errorCode }] of (answer.topics[0]?.partitions ?? []).entries()) {
      if (isOutcomeUnknown(errorCode)) onUnknown()
      this.check(errorCode)
      const offset = Number(committing[index]?.committedOffset ?? -1n)
      history.onCommitted(groupId, partitionIndex, offset)
      positions.set(partitionIndex, offset)
    }
  }

  /** Commits what is committed already, as somebody who has been left behind: nobody may take it. */
  async commitAsZombie(zombie: Membership, partition: number, position: number): Promise<void> {
    if (position < 0) return
    const { name: groupId, topic } = this.plan
    const partitions = [{ partitionIndex: partition, committedOffset: BigInt(position), committedMetadata: null }]
    const { memberId, generationId } = zombie
    this.note(() => `commits as ${memberId} of ${generationId}, which is over`)
    const request = { groupId, generationIdOrMemberEpoch: generationId, memberId, topics: [{ name: topic, partitions }] }
    const answer = await this.ask(OffsetCommit, request)
    const errorCode = answer.topics[0]?.partitions[0]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
    this.histories.history.onZombieAnswered(groupId, zombie, errorCode === ErrorCode.NONE)
  }

  /** Where it is known nobody is asked. */
  async findCoordinator(): Promise<Coordinator> {
    this.#coordinator ??= await this.#askForCoordinator()
    return this.#coordinator
  }

  async #askForCoordinator(): Promise<Coordinator> {
    const answer = await this.client.askAny((connection) =>
      connection.request(FindCoordinator, { coordinatorKeys: [this.plan.name] }),
    )
    const found = answer.coordinators[0]
    this.check(found?.errorCode ?? ErrorCode.COORDINATOR_NOT_AVAILABLE)
    return { id: found!.nodeId, host: found!.host, port: found!.port }
  }
}
