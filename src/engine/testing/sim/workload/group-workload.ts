/**
 * The consumer groups of a simulated cluster: their members, the history of it, and at the end what each group has committed, asked of its coordinator.
 * Made by startWorkload. What the log of `__consumer_offsets` may lose by Kafka's rules, groups may.
 */
import { CONSUMER_OFFSETS } from '../../../broker/internal-topics'
import { ClientError } from '../../../client'
import { pause } from '../../../client/retry'
import { partitionFor } from '../../../coordinator'
import { ErrorCode } from '../../../wire/errors'
import { OffsetFetch } from '../../../wire/messages/09-offset-fetch'
import { FindCoordinator } from '../../../wire/messages/10-find-coordinator'
import { promises } from '../checkers'
import { viewOf } from '../checkers/cluster-view'
import { InvariantViolation, type World } from '../world'
import { GroupClaims } from './group-claims'
import { GroupHistory } from './group-history'
import { GroupMemberClient } from './group-member-client'
import type { WorkloadContext } from './workload-context'

const verifyAttempts = 30

interface Broken {
  readonly rule: string
  readonly group: string
  readonly message: string
  readonly promised: { readonly atMs: number; readonly offset: number } | null
}

export class GroupWorkload {
  readonly members: readonly GroupMemberClient[]
  readonly #history: GroupHistory
  /** By partition of the groups' topic: the newest leadership that was seen, and since when each broker has led, the last time. */
  readonly #leaders = new Map<number, { leaderEpoch: number; brokerId: number; readonly sinceMs: Map<number, number> }>()

  constructor(
    private readonly world: World,
    private readonly context: WorkloadContext,
  ) {
    const promised = promises(world)
    const options = {
      nowMs: () => world.nowMs,
      count: (name: string) => world.count(name),
      committedEnd: (group: string) => this.#committedEnd(group),
      excuse: ({ group, promised: was }: Broken) =>
        was === null ? null : promised.whyLost(CONSUMER_OFFSETS, this.#partitionOf(group), was.offset, was.atMs),
      violate: ({ rule, group, message }: Broken): never => {
        const violation = new InvariantViolation(rule, `${group}: ${message}`)
        world.failWith(violation)
        throw violation
      },
    }
    this.#history = new GroupHistory(options)
    const claims = new GroupClaims({
      ...options,
      ledSinceMs: (group, brokerId) => this.#leaders.get(this.#partitionOf(group))?.sinceMs.get(brokerId) ?? null,
    })
    if (world.config.groups.length > 0) this.#watchLeaders()
    const histories = {
      history: this.#history,
      claims,
      coordinatorId: (group: string) => this.#leaders.get(this.#partitionOf(group))?.brokerId ?? null,
    }
    this.members = world.config.groups.flatMap((plan) =>
      Array.from(
        { length: plan.members },
        (_, index) => new GroupMemberClient(context, histories, plan, `${plan.name}-member-${index + 1}`),
      ),
    )
  }

  /** The world is whole, nobody commits any more: what is there now is what there is. */
  async verify(): Promise<void> {
    const process = this.world.clientProcess('group-verifier')
    const client = this.context.newClient(process)
    const topics = new Map(this.world.config.groups.map(({ name, topic }) => [name, topic]))
    for (const { group: groupId, partition } of this.#history.partitions()) {
      for (let left = verifyAttempts; ; left--) {
        try {
          const { coordinators } = await client.askAny((connection) =>
            connection.request(FindCoordinator, { coordinatorKeys: [groupId] }),
          )
          const coordinator = coordinators[0]
          const before = this.#history.acknowledged(groupId, partition)
          const asked = { groupId, topics: [{ name: topics.get(groupId) ?? '', partitionIndexes: [partition] }] }
          const { groups } =
            coordinator?.errorCode === ErrorCode.NONE
              ? await client.connectionTo(coordinator).request(OffsetFetch, { groups: [asked] })
              : { groups: [] }
          const answer = groups[0]
          const fetched = answer?.topics[0]?.partitions[0]
          if (answer?.errorCode === ErrorCode.NONE && fetched !== undefined) {
            this.#history.onFetched(groupId, partition, Number(fetched.committedOffset), {
              acknowledgedBefore: before,
              who: 'the verifier',
            })
            break
          }
        } catch (error) {
          if (!(error instanceof ClientError)) throw error
        }
        if (left === 0) throw new Error(`the coordinator of ${groupId} does not answer in a healed cluster`)
        await pause(process.platform.clock, 300)
      }
    }
    client.close()
  }

  #watchLeaders(): void {
    viewOf(this.world).onDidChangeReplica(({ broker, history, before, now }) => {
      if (history.topic !== CONSUMER_OFFSETS || now.role !== 'leader') return
      if (before?.role === 'leader' && before.leaderEpoch === now.leaderEpoch) return
      const { partition } = history
      const known = this.#leaders.get(partition)
      const sinceMs = known?.sinceMs ?? new Map<number, number>()
      sinceMs.set(broker.id, this.world.nowMs)
      const newest =
        known !== undefined && known.leaderEpoch > now.leaderEpoch ? known : { leaderEpoch: now.leaderEpoch, brokerId: broker.id }
      this.#leaders.set(partition, { leaderEpoch: newest.leaderEpoch, brokerId: newest.brokerId, sinceMs })
    })
  }

  #partitionOf(group: string): number {
    return partitionFor(group, Number(this.world.config.brokerConfigs['offsets.topic.num.partitions'] ?? 50))
  }

  #committedEnd(group: string): number {
    const partition = this.#partitionOf(group)
    let end = 0
    for (const { broker } of this.world.brokers.values()) {
      for (const status of broker?.partitionStates() ?? []) {
        if (status.topic === CONSUMER_OFFSETS && status.partition === partition) end = Math.max(end, status.highWatermark)
      }
    }
    return end
  }
}
