/**
 * One member of a consumer group of the workload: joins, takes what it is given, reads back how far the group has come, commits further, and now and then
 * leaves or falls silent. It speaks the classic protocol as consumers do: the leader of a generation deals all partitions out in turn.
 */
import { ClientError, type KafkaClient } from '../../../client'
import { pause } from '../../../client/retry'
import { ErrorCode } from '../../../wire/errors'
import { OffsetCommit } from '../../../wire/messages/08-offset-commit'
import { OffsetFetch } from '../../../wire/messages/09-offset-fetch'
import { FindCoordinator } from '../../../wire/messages/10-find-coordinator'
import { JoinGroup } from '../../../wire/messages/11-join-group'
import { Heartbeat } from '../../../wire/messages/12-heartbeat'
import { LeaveGroup } from '../../../wire/messages/13-leave-group'
import { SyncGroup } from '../../../wire/messages/14-sync-group'
import type { Api, Encodable, ResponseOf } from '../../../wire/schema'
import type { GroupPlan } from '../plan'
import type { SimProcess } from '../process'
import type { SeededRandom } from '../seeded-random'
import type { GroupHistory } from './group-history'
import { every, type WorkloadContext } from './workload-context'

const restPauseMs = 150
const rebalanceTimeoutMs = 2_500
/** A join waits for the others. */
const joinTimeoutMs = rebalanceTimeoutMs + 3_000

interface Generation {
  readonly memberId: string
  readonly generationId: number
  readonly partitions: readonly number[]
}

/** What a member does about an error. */
type Remedy = 'rejoin' | 'rejoin-as-new' | 'find-coordinator' | 'again'

export class GroupMemberClient {
  readonly #process: SimProcess
  readonly #random: SeededRandom
  readonly #client: KafkaClient
  #coordinator: { readonly host: string; readonly port: number } | null = null
  #memberId = ''
  #isBusy = false
  #isClosed = false

  constructor(
    private readonly context: WorkloadContext,
    private readonly history: GroupHistory,
    private readonly plan: GroupPlan,
    readonly name: string,
  ) {
    this.#process = context.world.clientProcess(name)
    this.#random = context.random(name)
    this.#client = context.newClient(this.#process)
  }

  get isIdle(): boolean {
    return !this.#isBusy
  }

  start(): void {
    every(
      this.#process.platform.clock,
      () => this.#random.within(0, 2 * restPauseMs),
      async () => {
        if (this.#isClosed || this.context.isStopped) return false
        this.#isBusy = true
        await this.#live()
          .catch((error: unknown) => this.#onTrouble(error))
          .finally(() => {
            this.#isBusy = false
          })
        return true
      },
      this.context.onBug,
    )
  }

  close(): void {
    this.#isClosed = true
    this.#client.close()
  }

  /** One generation, from joining to whatever ends it. */
  async #live(): Promise<void> {
    const generation = await this.#join()
    if (generation === null) return
    const { clock } = this.#process.platform
    const positions = await this.#readBack(generation)
    const commitEveryMs = this.plan.commitEveryMs
    for (;;) {
      await pause(clock, this.#random.within(0, 2 * commitEveryMs))
      if (this.#isClosed) return
      const { isStopped } = this.context
      if (!isStopped && this.#random.chance(this.plan.silenceChance)) {
        // Longer than its session, or nearly: the group goes on without it, and it comes back with what it thinks is its own.
        const silenceMs = this.plan.sessionTimeoutMs * this.#random.within(0.7, 1.8)
        this.context.note(this.name, () => `is silent for ${Math.round(silenceMs)} ms`)
        await pause(clock, silenceMs)
      }
      if (isStopped || this.#random.chance(this.plan.leaveChance)) {
        await this.#leave(generation)
        return
      }
      await this.#commit(generation, positions)
      const heartbeat = { groupId: this.plan.name, generationId: generation.generationId, memberId: generation.memberId }
      this.#check((await this.#ask(Heartbeat, heartbeat)).errorCode)
    }
  }

  async #join(): Promise<Generation | null> {
    const { name: groupId, topic, sessionTimeoutMs } = this.plan
    const protocols = [{ name: 'deal', metadata: Buffer.from('') }]
    const request = { groupId, sessionTimeoutMs, rebalanceTimeoutMs, protocolType: 'sim', protocols }
    let joined = await this.#ask(JoinGroup, { ...request, memberId: this.#memberId }, joinTimeoutMs)
    if (joined.errorCode === ErrorCode.MEMBER_ID_REQUIRED) {
      this.#memberId = joined.memberId
      joined = await this.#ask(JoinGroup, { ...request, memberId: this.#memberId }, joinTimeoutMs)
    }
    this.#check(joined.errorCode)
    this.#memberId = joined.memberId
    const { memberId, generationId } = joined
    const assignments = joined.leader === memberId ? await this.#deal(topic, joined.members) : []
    const sync = { groupId, generationId, memberId, assignments }
    const synced = await this.#ask(SyncGroup, sync, joinTimeoutMs)
    this.#check(synced.errorCode)
    const text = Buffer.from(synced.assignment).toString()
    const partitions = text === '' ? [] : text.split(',').map(Number)
    this.context.note(this.name, () => `is ${memberId} in generation ${generationId} with [${partitions}]`)
    this.history.onAssigned(groupId, generationId, memberId, partitions)
    return { memberId, generationId, partitions }
  }

  async #deal(topic: string, members: ResponseOf<typeof JoinGroup>['members']) {
    const { topics } = await this.#client.refresh()
    const count = topics.get(topic)?.partitions.length ?? 0
    const partitions = Array.from({ length: count }, (_, index) => index)
    return members.map(({ memberId }, index) => ({
      memberId,
      assignment: Buffer.from(partitions.filter((partition) => partition % members.length === index).join(',')),
    }))
  }

  async #readBack({ partitions, generationId }: Generation): Promise<Map<number, number>> {
    const { name: groupId, topic } = this.plan
    const before = new Map(partitions.map((partition) => [partition, this.history.acknowledged(groupId, partition)]))
    const answer = await this.#ask(OffsetFetch, {
      groups: [{ groupId, topics: [{ name: topic, partitionIndexes: [...partitions] }] }],
    })
    const group = answer.groups[0]
    this.#check(group?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR)
    const positions = new Map<number, number>()
    for (const { partitionIndex, committedOffset, errorCode } of group?.topics[0]?.partitions ?? []) {
      this.#check(errorCode)
      const offset = Number(committedOffset)
      this.history.onFetched(groupId, partitionIndex, offset, {
        acknowledgedBefore: before.get(partitionIndex) ?? -1,
        generationId,
        who: this.name,
      })
      positions.set(partitionIndex, offset)
    }
    return positions
  }

  async #commit({ memberId, generationId, partitions }: Generation, positions: Map<number, number>): Promise<void> {
    if (partitions.length === 0) return
    const { name: groupId, topic } = this.plan
    const committing = partitions.map((partition) => {
      const offset = (positions.get(partition) ?? -1) + this.#random.between(1, 5)
      this.history.onCommitSent(groupId, partition, offset)
      return { partitionIndex: partition, committedOffset: BigInt(offset), committedMetadata: null }
    })
    const request = {
      groupId,
      generationIdOrMemberEpoch: generationId,
      memberId,
      topics: [{ name: topic, partitions: committing }],
    }
    const answer = await this.#ask(OffsetCommit, request).catch((error: unknown) => {
      // It may be on its way yet, and must not arrive while this member goes on in the same generation.
      this.#memberId = ''
      throw error
    })
    for (const [index, { partitionIndex, errorCode }] of (answer.topics[0]?.partitions ?? []).entries()) {
      // Not written within its time is not: not written.
      if (errorCode === ErrorCode.COORDINATOR_NOT_AVAILABLE || errorCode === ErrorCode.NOT_COORDINATOR) this.#memberId = ''
      this.#check(errorCode)
      const offset = Number(committing[index]?.committedOffset ?? -1n)
      this.history.onCommitted(groupId, partitionIndex, offset)
      positions.set(partitionIndex, offset)
    }
  }

  async #leave({ memberId }: Generation): Promise<void> {
    this.context.note(this.name, () => 'leaves')
    this.#memberId = ''
    const left = await this.#ask(LeaveGroup, { groupId: this.plan.name, members: [{ memberId }] })
    this.#check(left.errorCode)
  }

  async #ask<Req, Res>(api: Api<Req, Res>, body: Encodable<Req>, timeoutMs?: number): Promise<Res> {
    this.#coordinator ??= await this.#findCoordinator()
    const connection = this.#client.connectionTo(this.#coordinator)
    return await connection.request(api, body, timeoutMs === undefined ? {} : { timeoutMs })
  }

  async #findCoordinator(): Promise<{ host: string; port: number }> {
    const answer = await this.#client.askAny((connection) =>
      connection.request(FindCoordinator, { coordinatorKeys: [this.plan.name] }),
    )
    const found = answer.coordinators[0]
    this.#check(found?.errorCode ?? ErrorCode.COORDINATOR_NOT_AVAILABLE)
    return { host: found!.host, port: found!.port }
  }

  #check(errorCode: number): void {
    if (errorCode !== ErrorCode.NONE) throw new MemberError(errorCode)
  }

  #onTrouble(error: unknown): void {
    if (!(error instanceof MemberError) && !(error instanceof ClientError)) throw error
    const remedy = error instanceof MemberError ? remedyFor(error.errorCode) : 'find-coordinator'
    this.context.note(this.name, () => `has trouble (${remedy}): ${error.message}`)
    this.context.world.count('troubles of group members')
    if (remedy === 'rejoin-as-new') this.#memberId = ''
    if (remedy === 'find-coordinator') this.#coordinator = null
  }
}

class MemberError extends Error {
  constructor(readonly errorCode: number) {
    super(`error ${errorCode}`)
  }
}

function remedyFor(errorCode: number): Remedy {
  switch (errorCode) {
    case ErrorCode.UNKNOWN_MEMBER_ID:
      return 'rejoin-as-new'
    case ErrorCode.ILLEGAL_GENERATION:
    case ErrorCode.REBALANCE_IN_PROGRESS:
      return 'rejoin'
    case ErrorCode.NOT_COORDINATOR:
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
      return 'find-coordinator'
    default:
      return 'again'
  }
}
